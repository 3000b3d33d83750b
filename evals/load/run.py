"""One load measurement: probes for the sustainable rate where asked, then the measurement itself, then the record."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from evals.errors import UsageError
from evals.identity import digest
from evals.load.energy import Energy, start_meter
from evals.load.goals import Goals
from evals.load.measure import Figures, measure
from evals.load.plan import LoadSpec, Question, planned
from evals.load.process import run_client
from evals.load.records import ClientReport, ClientSpec, Observed
from evals.load.sustain import Sustained, sustainable
from evals.run.machine import libraries, machine
from evals.schema import Record

STOP_SLOPE: Final = 0.2
"""Growth of latency (seconds a second) at which a probe is stopped early."""

ANSWERS: Final = 60
"""Fewest requests of a probe: a 95th percentile needs 59."""


class Target(Record, frozen=True, omit_defaults=False):
    """What was put under load: its name, its identity, and the pack that the questions are from."""

    system: str
    identity: dict[str, Any]
    pack: str = ""
    pack_identity: str = ""
    about: str = ""


class LoadResult(Record, frozen=True, omit_defaults=False):
    """Everything that one measurement found, with what it was told to do."""

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
        return f"{self.target.system}-load-{digest([self.target, self.spec, self.goals, self.started])[:12]}"

    @property
    def cached(self) -> float:
        """Share of prompt tokens that the server took from a prompt cache: above 0 the run is warm, not cold."""
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
    """Measure one server. With ``find_rate`` the rate of ``spec`` is where the search begins, and the measurement is
    made at the highest rate that holds. ``metered`` adds the machine's energy over the measurement.

    Raises SystemFailure where the server cannot be reached, UsageError where no rate holds or a trace is searched.
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
                way_out="wider goals (--goals FILE), or a faster machine",
            )
        spec = msgspec.structs.replace(spec, rate=sustained.rate)
    note(f"{spec.label}, after {spec.warm_up:g} s of warm-up")
    meter = start_meter() if metered else None
    seen, report = run_client(client, planned(spec, asked))
    energy = meter(len(seen)) if meter is not None else None
    figures = measure(seen, goals, start=spec.warm_up, end=spec.warm_up + spec.seconds, stopped=report.stopped)
    about = _machine(figures, goals, report)
    found = (figures, report, sustained, about, libraries(), started, command, energy)
    return LoadResult(target, spec, goals, *found), seen


def _search(
    spec: LoadSpec, goals: Goals, client: ClientSpec, asked: Sequence[Question], note: Callable[[str], None]
) -> Sustained:
    if spec.arrivals == "trace":
        raise UsageError("a trace has its own rate", way_out="--arrivals poisson with --sustainable")
    eager = msgspec.structs.replace(client, stop_slope=STOP_SLOPE, stop_after=spec.warm_up)

    def probe(rate: float) -> Figures:
        began = time.monotonic()
        seconds = max(spec.seconds, ANSWERS / rate)
        at = msgspec.structs.replace(spec, rate=rate, seconds=seconds)
        seen, report = run_client(eager, planned(at, asked))
        figures = measure(seen, goals, start=at.warm_up, end=at.warm_up + seconds, stopped=report.stopped)
        good = figures.goodput.value
        told = "nothing measured" if good is None else f"{good:.0%} within the goals"
        note(f"probe at {rate:.3g}/s: {told} ({time.monotonic() - began:.0f} s)")
        return figures

    return sustainable(probe, goals, spec.rate)


def _machine(figures: Figures, goals: Goals, report: ClientReport) -> dict[str, Any]:
    """The machine, and how the client fared on it: what `evals.decide` refuses latencies by."""
    late = figures.lag["p99"]
    lag = late.value if late.value is not None else late.observed
    client: Mapping[str, Any] = {
        "lag_p99": lag, "lag_bound": goals.max_lag, "stopped": report.stopped, "cpu": report.cpu, "wall": report.wall,
    }  # fmt: skip
    return {**machine(), "client": dict(client)}


def log_folder(results: Path) -> Path:
    """Where load measurements are kept: runs of their own, beside the runs that ask suites."""
    return results / "load"
