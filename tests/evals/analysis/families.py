"""Synthetic runs of the four families on all four suites, and candidates damaged on one axis."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from evals.core.schema import Score, ScoreLine
from evals.core.store import MetricNote, StoredRun, SuiteNote
from tests.evals.analysis.synthetic import line, store

WIDE = (0.0, 1e12)
METRICS = {
    "accuracy": MetricNote("higher", "mean"),
    "leak": MetricNote("lower", "mean"),
    "recall_at_k": MetricNote("higher", "mean"),
    "stale": MetricNote("lower", "mean"),
    "truthful": MetricNote("higher", "mean"),
    "fabrication": MetricNote("lower", "mean"),
    "on_brand_and_correct": MetricNote("higher", "mean"),
    "voice": MetricNote("higher", "mean", (-1.0, 2.0)),
    "e2e": MetricNote("lower", "mean", WIDE),
    "e2e_p95": MetricNote("lower", "p95", WIDE),
    "cost_per_1k": MetricNote("lower", "mean", WIDE),
    "api_cost_per_1k": MetricNote("lower", "mean", WIDE),
}
SUITES = {
    "domain_accuracy": SuiteNote(
        "accuracy", ("accuracy", "leak", "recall_at_k", "stale"), ("closed_book", "freshness")
    ),
    "hallucination": SuiteNote("truthful", ("truthful", "fabrication"), ("false_premise",)),
    "brand_tone": SuiteNote("on_brand_and_correct", ("on_brand_and_correct", "voice"), ("plain",)),
    "latency_cost": SuiteNote(
        "e2e", ("e2e", "e2e_p95", "cost_per_1k", "api_cost_per_1k"), ("domain_accuracy",), "latency"
    ),
}
GOOD = {
    "accuracy": 0.85,
    "leak": 0.0,
    "truthful": 0.8,
    "fabrication": 0.06,
    "on_brand_and_correct": 0.7,
    "voice": 0.8,
    "e2e": 1.0,
    "cost_per_1k": 2.0,
    "api_cost_per_1k": 0.5,
}


def lines(
    shares: Mapping[str, Any], *, clusters: int = 250, size: int = 4, seed: int = 0
) -> list[ScoreLine]:
    """All suites' lines. Outcomes come from the same random numbers whatever the shares, so that
    runs are paired.
    """
    found: list[ScoreLine] = []
    rng = np.random.default_rng(12345)
    noise = np.random.default_rng(seed)
    for suite, note in SUITES.items():
        for k in range(clusters * size):
            track = note.tracks[k % len(note.tracks)]
            place = {
                "suite": suite,
                "track": track,
                "cluster": f"{suite}-{track}-{k // (size * len(note.tracks))}",
            }
            draw = {metric: rng.random() for metric in note.metrics}
            swap = noise.random() < 0.03
            scores = {}
            for metric in note.metrics:
                u = noise.random() if swap else draw[metric]
                share = shares.get(f"{metric}@{track}", shares.get(metric, 0.5))
                scores[metric] = _score(metric, share, u, shares)
            found.append(line(f"{suite}-{k}", scores, **place))
    return found


def _score(metric: str, share: float, u: float, shares: Mapping[str, Any]) -> Score:
    if metric in ("e2e", "e2e_p95"):
        seconds = shares.get("e2e", 1.0) * (0.7 + 0.6 * u)
        tail = shares.get("tail", 1.0) if u > 0.9 else 1.0
        return Score(value=seconds * (tail if metric == "e2e_p95" else 1.0))
    if metric in ("cost_per_1k", "api_cost_per_1k"):
        return Score(value=share * (0.8 + 0.4 * u))
    if metric == "voice":
        return Score(value=share + 0.4 * (u - 0.5))
    return Score(value=float(u < share))


def run(
    root: Path, system: str, shares: Mapping[str, Any] | None = None, **options: Any
) -> StoredRun:
    """A stored run with the given shares on top of `GOOD`."""
    size = {k: options.pop(k) for k in ("clusters", "size", "seed") if k in options}
    made = lines({**GOOD, **(shares or {})}, **size)
    return store(
        root,
        system,
        made,
        suites=SUITES,
        metrics=METRICS,
        name=options.pop("name", system),
        seed=size.get("seed", 0),
        **options,
    )
