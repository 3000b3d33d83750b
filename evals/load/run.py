"""One load measurement: probes for the sustainable rate where asked, then the measurement itself,
then the record.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from evals.core.errors import SystemFailure, UsageError
from evals.core.identity import digest
from evals.core.schema import Record
from evals.load.energy import Energy, start_meter
from evals.load.goals import Goals
from evals.load.measure import Figures, measure
from evals.load.plan import LoadSpec, Question, planned
from evals.load.process import run_client
from evals.load.records import ClientReport, ClientSpec, Observed, Planned, Stop
from evals.load.sustain import Sustained, sustainable, verdict
from evals.run.machine import libraries, machine

STOP_SLOPE: Final = 0.2
"""Growth of latency (seconds a second) at which a probe is stopped early."""

ANSWERS: Final = 60
"""Fewest requests of a probe: a 95th percentile needs 59."""

MEASURED: Final = 80
"""Requests expected of the measurement after a search: Poisson arrivals then hardly ever bring
fewer than 59.
"""

ALONE: Final = 3
"""Requests asked one by one before a search: where none meets the goals, no rate can hold them."""


class Target(Record, frozen=True, omit_defaults=False):
    """What was put under load: its name, its identity, and the pack that the questions are from."""

    system: str
    identity: dict[str, Any]
    pack: str = ""
    pack_identity: str = ""
    about: str = ""


class LoadResult(Record, frozen=True, omit_defaults=False):
    """Everything that one measurement found, with what it was asked to do."""

    target: Target
    spec: LoadSpec
    goals: Goals
    figures: Figures
    client: ClientReport
    sustained: Sustained | None
    machine: dict[str, Any]
    libraries: dict[str, str]
    started: str
    command: str
    energy: Energy | None = None

    @property
    def run(self) -> str:
        """The name of its folder: a second measurement of the same thing is another run."""
        asked = [self.target, self.spec, self.goals, self.started]
        return f"{self.target.system}-load-{digest(asked)[:12]}"

    @property
    def cached(self) -> float:
        """Share of prompt tokens that the server took from a prompt cache: above 0 the run is warm,
        not cold.
        """
        return self.figures.cached_tokens / max(1, self.figures.prompt_tokens)


def run_load(
    target: Target,
    spec: LoadSpec,
    goals: Goals,
    client: ClientSpec,
    asked: Sequence[Question],
    *,
    find_rate: bool = False,
    metered: bool = False,
    command: str = "",
    note: Callable[[str], None] = lambda message: None,
) -> tuple[LoadResult, list[Observed]]:
    """Measure one server. With ``find_rate`` the rate of ``spec`` is where the search begins, and
    the measurement is made anew at the highest rate that holds, long enough for a 95th percentile.
    ``metered`` adds the machine's energy over the measurement.

    Raises SystemFailure where the server cannot be reached, UsageError where no rate holds or a
    trace is searched.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    sustained = None
    if find_rate:
        sustained = _search(spec, goals, client, asked, note)
        if sustained.rate is None:
            worst = sustained.steps[-1] if sustained.steps else None
            raise UsageError(
                "no rate holds the service goals",
                found=f"{worst.rate:.3g}/s: {worst.why}" if worst else "no probe",
                hint="wider goals (--goals FILE), or a faster machine",
            )
        seconds = max(spec.seconds, round(MEASURED / sustained.rate, 1))
        spec = msgspec.structs.replace(spec, rate=sustained.rate, seconds=seconds)
    note(f"{spec.label}, after {spec.warm_up:g} s of warm-up ({spec.total:.0f} s in all)")
    meter = start_meter() if metered else None
    seen, report = run_client(client, planned(spec, asked))
    energy = meter(len(seen)) if meter is not None else None
    figures = measure(
        seen, goals, start=spec.warm_up, end=spec.warm_up + spec.seconds, stopped=report.stopped
    )
    about = _machine(figures, goals, report)
    found = (figures, report, sustained, about, libraries(), started, command, energy)
    return LoadResult(target, spec, goals, *found), seen


def _search(
    spec: LoadSpec,
    goals: Goals,
    client: ClientSpec,
    asked: Sequence[Question],
    note: Callable[[str], None],
) -> Sustained:
    if spec.arrivals == "trace":
        raise UsageError("a trace has its own rate", hint="--arrivals poisson with --sustainable")
    _require_possible(goals, client, asked, note)

    def probe(rate: float) -> Figures:
        began = time.monotonic()
        seconds = max(spec.seconds, ANSWERS / rate)
        at = msgspec.structs.replace(spec, rate=rate, seconds=seconds)
        plan, end = planned(at, asked), at.warm_up + seconds
        count = sum(at.warm_up <= request.at < end for request in plan)
        stop = Stop(STOP_SLOPE, goals, int((1 - goals.share) * count + 1e-9), at.warm_up, end)
        seen, report = run_client(msgspec.structs.replace(client, stop=stop), plan)
        figures = measure(seen, goals, start=at.warm_up, end=end, stopped=report.stopped)
        held = verdict(figures, goals) or f"held, {figures.goodput.value or 0:.0%} within the goals"
        note(f"probe at {rate:.3g}/s: {held} ({time.monotonic() - began:.0f} s)")
        return figures

    return sustainable(probe, goals, spec.rate)


def _require_possible(
    goals: Goals, client: ClientSpec, asked: Sequence[Question], note: Callable[[str], None]
) -> None:
    """Raise UsageError where requests that have the server to themselves miss the goals,
    SystemFailure where all fail.

    Without this a search for what cannot be found halves its rate, and doubles its length, again
    and again.
    """
    seen = []
    for question in asked[:ALONE]:
        [one], _ = run_client(
            client, [Planned(question.item, 0.0, question.text, None, question.user)]
        )
        seen.append(one)
        if goals.met(one):
            note(f"alone: whole answer in {one.e2e:.3g} s")
            return
    worst = seen[-1]
    if worst.error is not None:
        raise SystemFailure(f"every request fails: {worst.error}", where=client.url)
    times = {"first token": worst.ttft, "between tokens": worst.itl, "whole answer": worst.e2e}
    raise UsageError(
        "a request that has the server to itself misses the service goals, so no rate can hold"
        " them",
        found=", ".join(
            f"{name} {value:.3g} s" for name, value in times.items() if value is not None
        ),
        expected=goals.summary,
        hint="wider goals (--goals FILE), or a faster machine",
    )


def _machine(figures: Figures, goals: Goals, report: ClientReport) -> dict[str, Any]:
    """The machine, and how the client fared on it: what `evals.analysis` refuses latencies by."""
    late = figures.lag["p99"]
    lag = late.value if late.value is not None else late.observed
    client: Mapping[str, Any] = {
        "lag_p99": lag,
        "lag_bound": goals.max_lag,
        "stopped": report.stopped,
        "cpu": report.cpu,
        "wall": report.wall,
    }
    return {**machine(), "client": dict(client)}


def log_folder(results: Path) -> Path:
    """Where load measurements are kept: runs of their own, beside the runs that ask suites."""
    return results / "load"
