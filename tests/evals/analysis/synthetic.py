"""Runs on disk made by hand: the real format, sealed, without any system behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

import msgspec
import numpy as np

from evals.core.identity import file_digest
from evals.core.roles import FACTORS
from evals.core.schema import Factors, Response, Score, ScoreLine, Timings, Usage, encode
from evals.core.store import (
    RESPONSES,
    SCORES,
    Manifest,
    MetricNote,
    StoredRun,
    SuiteNote,
    open_run,
    seal,
    write_manifest,
)

RATE = MetricNote("higher", "mean", (0.0, 1.0), "share of right answers")
SECONDS = MetricNote("lower", "mean", (0.0, 1e6), "seconds")
QUALITY = SuiteNote("accuracy", ("accuracy",), ("facts", "freshness"))
SPEED = SuiteNote("e2e_p95", ("e2e_p95",), ("facts",), "latency")


def line(
    item: str,
    scores: Mapping[str, Score],
    *,
    track: str = "facts",
    suite: str = "qa",
    cluster: str = "",
) -> ScoreLine:
    return ScoreLine(
        item=item, suite=suite, track=track, cluster=cluster or item, scores=dict(scores)
    )


def rates(
    values: Iterable[float], *, metric: str = "accuracy", size: int = 1, **place: str
) -> list[ScoreLine]:
    """One line per value, ``size`` neighbours in a cluster."""
    prefix = f"{place.get('suite', 'qa')}-{place.get('track', 'facts')}"
    return [
        line(
            f"{prefix}-{k}",
            {metric: Score(value=float(v))},
            cluster=f"{prefix}-c{k // size}",
            **place,
        )
        for k, v in enumerate(values)
    ]


def flips(n: int, share: float, seed: int = 0) -> list[float]:
    """``n`` draws of 0 or 1."""
    return [float(v) for v in np.random.default_rng(seed).random(n) < share]


def store(
    root: Path,
    system: str,
    lines: Sequence[ScoreLine],
    *,
    suites: Mapping[str, SuiteNote] | None = None,
    metrics: Mapping[str, MetricNote] | None = None,
    pack: str = "shop",
    pack_identity: str = "pack-1",
    profile: str = "quick",
    limit: int | None = None,
    seed: int = 0,
    finished: str = "2026-01-02T03:04:05+00:00",
    name: str | None = None,
    machine: str = "laptop, 2 cores",
    decode: str = "greedy",
    timings: Callable[[ScoreLine], Timings | None] | None = None,
    respond: Callable[[ScoreLine], Response] | None = None,
    status: str = "complete",
) -> StoredRun:
    """Write a complete, sealed run below ``root/runs`` and open it."""
    folder = root / "runs" / (name or f"{system}-{len(lines)}")
    folder.mkdir(parents=True)
    used = {li.suite for li in lines}
    notes = {"qa": QUALITY, "speed": SPEED} if suites is None else dict(suites)
    timed = timings or (lambda li: Timings("latency", prefill=0.1, total=0.2))
    answer = respond or (
        lambda li: Response(li.item, text="yes", usage=Usage(100, 10), timings=timed(li))
    )
    (folder / RESPONSES).write_bytes(b"".join(encode(answer(li)) + b"\n" for li in lines))
    (folder / SCORES).write_bytes(b"".join(encode(li) + b"\n" for li in lines))
    manifest = Manifest(
        run=folder.name,
        system=system,
        pack=pack,
        profile=profile,
        limit=limit,
        seed=seed,
        identity={
            "system": {"name": system, "decode": decode},
            "pack": {"name": pack, "identity": pack_identity},
            "items": f"{len(lines)}",
            "machine": machine,
        },
        suites={k: v for k, v in notes.items() if k in used or not used},
        metrics={"accuracy": RATE, "e2e_p95": SECONDS} if metrics is None else dict(metrics),
        items=len(lines),
        machine={"class": machine},
        libraries={},
        command=f"adaptbench run {system}",
        started=finished,
        scoring="s",
        role="contender",
        factors=cast(dict[str, Factors], FACTORS).get(system),
    )
    if status == "complete":
        files = {f: file_digest(folder / f) for f in (RESPONSES, SCORES)}
        manifest = msgspec.structs.replace(
            manifest, status="complete", finished=finished, files=files
        )
        manifest = msgspec.structs.replace(manifest, seal=seal(manifest))
    write_manifest(folder, manifest)
    return open_run(folder)
