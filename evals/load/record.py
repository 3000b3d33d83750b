"""Load measurements on disk: runs in the format of all runs, so that every table and comparison can
read them.

They live in ``results/load/runs``: ``load.json`` holds the figures, ``requests.jsonl`` what the
client saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from evals.analysis.selection import unsound
from evals.core.errors import DataError
from evals.core.identity import digest, file_digest
from evals.core.metric import UNBOUNDED
from evals.core.paths import ensure_dir, write_atomic
from evals.core.schema import Failure, Response, Score, ScoreLine, Timings, encode, scored, unscored
from evals.core.store import (
    RESPONSES,
    SCORES,
    Manifest,
    MetricNote,
    StoredRun,
    SuiteNote,
    open_run,
    seal,
    stored_runs,
    write_manifest,
)
from evals.load.goals import Goals
from evals.load.measure import block_codes
from evals.load.records import Observed
from evals.load.run import LoadResult, log_folder

FIGURES: Final = "load.json"
REQUESTS: Final = "requests.jsonl"
SUITE: Final = "load"

_METRICS: Final = {
    **{
        f"{what}_{share}": MetricNote(
            "lower", share, UNBOUNDED, f"seconds, {share} of {about}, open loop", unit="seconds"
        )
        for what, about in (
            ("ttft", "the first token"),
            ("itl", "the time between tokens"),
            ("e2e", "the whole answer"),
        )
        for share in ("p50", "p95", "p99")
    },
    "goodput": MetricNote(
        "higher", "mean", (0.0, 1.0), "share of requests that met the service goals", unit="share"
    ),
}


def write_load(results: Path, result: LoadResult, seen: Sequence[Observed]) -> StoredRun:
    """Store a measurement, sealed. A void one is stored too, and refused by whatever reads
    latencies.

    Raises EnvironmentProblem where the folder cannot be written.
    """
    folder = ensure_dir(log_folder(results) / "runs" / result.run)
    spec = result.spec
    kept = [o for o in seen if spec.warm_up <= o.scheduled < spec.warm_up + spec.seconds]
    write_atomic(folder / REQUESTS, b"".join(encode(o) + b"\n" for o in seen))
    write_atomic(folder / RESPONSES, b"".join(encode(_response(o)) + b"\n" for o in kept))
    blocks = block_codes(len(kept)).tolist()
    lines = [
        _line(o, block, result.goals, spec.arrivals) for o, block in zip(kept, blocks, strict=True)
    ]
    write_atomic(folder / SCORES, b"".join(encode(line) + b"\n" for line in lines))
    write_atomic(folder / FIGURES, msgspec.json.format(encode(result), indent=2) + b"\n")
    manifest = _manifest(result, len(kept))
    files = {name: file_digest(folder / name) for name in (RESPONSES, SCORES, FIGURES, REQUESTS)}
    manifest = msgspec.structs.replace(manifest, files=files)
    write_manifest(folder, msgspec.structs.replace(manifest, seal=seal(manifest)))
    return open_run(folder)


def read_load(run: StoredRun) -> LoadResult:
    """The figures of a stored measurement. Raises DataError where the run is none, is damaged or
    was changed.
    """
    if reason := unsound(run):
        raise DataError(f"this run cannot be used: {reason}", where=run.path)
    try:
        return msgspec.json.decode((run.path / FIGURES).read_bytes(), type=LoadResult)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"no load measurement: {error}", where=run.path / FIGURES) from error


def sustained_rates(results: Path) -> dict[str, LoadResult]:
    """The newest sound measurement of each system that found a sustainable rate."""
    found: dict[str, LoadResult] = {}
    for run in stored_runs(log_folder(results), complete_only=True):
        if unsound(run) is None:
            result = read_load(run)
            if result.sustained is not None and result.sustained.rate is not None:
                found[result.target.system] = result
    return found


def _response(o: Observed) -> Response:
    if o.error is not None or o.e2e is None:
        return Response(
            o.id, finish="error", error=Failure("load", o.error or "no answer"), usage=o.usage
        )
    measured: Literal["cached", "latency"] = (
        "cached" if o.usage is not None and o.usage.cached else "latency"
    )
    s = o.stages
    parts = (
        {}
        if s is None
        else {n: round(getattr(s, n), 6) for n in ("retrieve", "queue", "prefill", "decode")}
    )
    return Response(o.id, usage=o.usage, timings=Timings(measured, total=round(o.e2e, 6), **parts))


def _line(o: Observed, block: int, goals: Goals, track: str) -> ScoreLine:
    scores: dict[str, Score] = {"goodput": scored(goals.met(o))}
    for what in ("ttft", "itl", "e2e"):
        value = getattr(o, what)
        missing = unscored("system_error") if o.error is not None else unscored("not_applicable")
        for share in ("p50", "p95", "p99"):
            scores[f"{what}_{share}"] = missing if value is None else scored(value)
    return ScoreLine(o.id, SUITE, track, f"block{block}", scores)


def _manifest(result: LoadResult, count: int) -> Manifest:
    target, spec = result.target, result.spec
    identity = {
        "system": target.identity,
        "pack": {"name": target.pack, "identity": target.pack_identity},
        "items": digest([spec, target.pack_identity]),
        "load": {"spec": msgspec.to_builtins(spec), "goals": msgspec.to_builtins(result.goals)},
        "seed": spec.seed,
        "machine": result.machine["class"],
        "libraries": result.libraries,
        "started": result.started,
    }
    return Manifest(
        run=result.run,
        system=target.system,
        about=target.about,
        pack=target.pack,
        profile=spec.label,
        seed=spec.seed,
        identity=identity,
        suites={SUITE: SuiteNote("e2e_p95", tuple(_METRICS), (spec.arrivals,), "latency")},
        metrics=_METRICS,
        items=count,
        machine=result.machine,
        libraries=result.libraries,
        command=result.command,
        started=result.started,
        finished=result.started,
        status="complete",
        scoring="load",
        notes=result.figures.void,
    )
