"""Every shortcut loses on every headline, and the oracle wins: on a company that nothing was chosen
on.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import adaptbench
from evals.core.registry import SystemConfig, system_config
from suites.packs.reader import open_pack

HEADLINES = {
    "domain_accuracy": "precise_accuracy",
    "hallucination": "right_minus_wrong",
    "brand_tone": "on_brand_and_correct",
}
COPY: dict[str, tuple[float, float]] = {
    "domain_accuracy": (0.0, 0.10),
    "hallucination": (-1.0, -0.3),
    "brand_tone": (0.0, 0.05),
}
PREDICTED: dict[str, dict[str, tuple[float, float]]] = {
    "always_abstain": dict.fromkeys(HEADLINES, (0.0, 0.0)),
    "constant_decline": {**dict.fromkeys(HEADLINES, (0.0, 0.0)), "domain_accuracy": (0.0, 0.05)},
    "copy_top_passage": COPY,
    "copy_top3": COPY,
    "copy_greeting": COPY,
    "extractive": {**COPY, "domain_accuracy": (0.0, 0.25), "brand_tone": (0.0, 0.15)},
    "oracle": {**dict.fromkeys(HEADLINES, (0.99, 1.0)), "brand_tone": (0.9, 1.0)},
}
"""Where each control stands: a decline is worth nothing, a copy is neither brief nor ever silent,
and a picked sentence is right now and then but speaks in nobody's voice.
"""


@pytest.mark.parametrize("control", PREDICTED)
def test_controls_stand_where_predicted(control: str, other: Path, tmp_path: Path) -> None:
    found = adaptbench.evaluate(
        with_bm25(control), open_pack(other), suites=list(HEADLINES), profile="standard",
        results=tmp_path,
    )  # fmt: skip
    frame = found.leaderboard()
    for suite, metric in HEADLINES.items():
        rows = frame[(frame.suite == suite) & (frame.metric == metric) & (frame.track == "all")]
        (value,) = rows.value
        low, high = PREDICTED[control][suite]
        assert low <= value <= high, (suite, value)


def with_bm25(control: str) -> SystemConfig:
    """The control without an embedder to load: its retriever ranks by words alone."""
    config = system_config(control)
    if not control.startswith(("copy", "extract")):
        return config
    retriever = {**config.settings.get("retriever", {"k": 1, "user_k": 0}), "kind": "bm25"}
    return config.with_settings(retriever=retriever)
