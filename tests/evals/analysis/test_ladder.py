from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from rich.console import Console

from evals.analysis.ladder import LadderAxis, climb
from evals.core.errors import UsageError
from evals.core.store import StoredRun
from evals.report.charts.ladder import draw
from evals.report.text import ladder as ladder_text
from evals.stats.holm import holm
from tests.evals.analysis.families import run

_BASE = {
    "accuracy@closed_book": 0.1,
    "accuracy@freshness": 0.1,
    "on_brand_and_correct": 0.1,
    "truthful": 0.2,
}
_TUNED = {"accuracy@closed_book": 0.5, "on_brand_and_correct": 0.6}
_RAG = {"accuracy@closed_book": 0.5, "accuracy@freshness": 0.8, "truthful": 0.7, "cost_per_1k": 4.0}
_BOTH = {"accuracy@closed_book": 0.9, "on_brand_and_correct": 0.9, "truthful": 0.5}
SHARES: dict[str, dict[str, float]] = {
    "base": _BASE,
    "rag": _BASE | _RAG,
    "finetuned": _BASE | _TUNED,
    "hybrid": _BASE | _RAG | _BOTH,
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, StoredRun]:
    root = tmp_path_factory.mktemp("ladder")
    return {f: run(root, f, shares, seed=k) for k, (f, shares) in enumerate(SHARES.items())}


@pytest.fixture(scope="module")
def axes(runs: dict[str, StoredRun]) -> dict[tuple[str, str], LadderAxis]:
    return {(a.track, a.metric): a for a in climb(runs).axes}


def test_verdicts_on_the_hybrid(axes: dict[tuple[str, str], LadderAxis]) -> None:
    assert axes["closed_book", "accuracy"].interaction.verdict == "complementary"
    assert axes["freshness", "accuracy"].interaction.verdict == "redundant"
    assert axes["all", "truthful"].interaction.verdict == "harmful"
    assert axes["all", "on_brand_and_correct"].interaction.verdict == "complementary"


def test_steps_carry_gains_and_costs(axes: dict[tuple[str, str], LadderAxis]) -> None:
    step = axes["freshness", "accuracy"].steps[0]
    assert step.shown and step.gain == pytest.approx(0.7, abs=0.08)
    assert step.cost == pytest.approx(2.0, abs=0.1)
    assert step.cost_per_point == pytest.approx(step.cost / (100 * step.gain))  # type: ignore[operator]
    cheap = axes["all", "cost_per_1k"].steps[0]
    assert cheap.gain is not None and cheap.gain < 0


def test_words_and_plots(runs: dict[str, StoredRun], tmp_path: Path) -> None:
    ladder = climb(runs)
    out = io.StringIO()
    ladder_text.render(ladder, Console(file=out, width=80))
    assert "Retrieval (base → rag) buys " in out.getvalue()
    files = draw(ladder, tmp_path / "plots")
    assert [f.name for f in files] == [
        "ladder_values.svg",
        "ladder_gains.svg",
        "ladder_interaction.svg",
    ]
    first = files[0].read_bytes()
    draw(ladder, tmp_path / "plots")
    assert files[0].read_bytes() == first
    assert all(ElementTree.parse(file).getroot().tag.endswith("svg") for file in files)
    assert "domain_accuracy: complementary" in files[2].read_text()
    page = ladder_text.markdown(ladder, ["plots/ladder_values.svg"])
    assert "![" in page and "complementary" in page
    assert msgspec.json.decode(msgspec.json.encode(ladder))["axes"]


def test_steps_are_shown_by_holm_over_their_family(axes: dict[tuple[str, str], LadderAxis]) -> None:
    whole = [s for a in axes.values() if a.headline and a.track == "all" for s in a.steps]
    assert [s.p_holm for s in whole] == holm([s.p for s in whole])
    assert {s.tests for s in whole} == {sum(s.p is not None for s in whole)}
    assert all(
        s.shown == (s.p_holm is not None and s.p_holm < 0.05) for s in whole if s.low is not None
    )


def test_a_difference_that_does_not_survive_is_only_hinted_at(
    axes: dict[tuple[str, str], LadderAxis],
) -> None:
    axis = axes["freshness", "accuracy"]
    first = msgspec.structs.replace(axis.steps[0], shown=False, p=0.01, p_holm=0.2, tests=20)
    said = ladder_text.sentences(msgspec.structs.replace(axis, steps=(first, *axis.steps[1:])))[0]
    assert (
        "hints at +" in said
        and "not shown: p = 0.010 alone, p = 0.200 after Holm over 20 comparisons" in said
    )


def test_losses_and_seconds_are_reported_without_signs(
    axes: dict[tuple[str, str], LadderAxis],
) -> None:
    axis = axes["freshness", "accuracy"]
    loss = msgspec.structs.replace(
        axis.steps[0], gain=-0.4, low=-0.637, high=-0.09, shown=True, cost=None
    )
    steps = (loss, *axis.steps[1:])
    assert (
        "loses 40.0 pp [9.0, 63.7] (p"
        in ladder_text.sentences(msgspec.structs.replace(axis, steps=steps))[0]
    )
    slow = msgspec.structs.replace(loss, gain=-2.0, low=-2.5, high=-1.5, cost=0.05)
    levels = tuple(msgspec.structs.replace(level, value=3.0) for level in axis.levels)
    timed = msgspec.structs.replace(
        axis, unit="seconds", better="lower", levels=levels, steps=(slow, *axis.steps[1:])
    )
    assert (
        "is 2.000 s slower [1.500, 2.500] and adds $0.050 per 1,000 queries (p"
        in ladder_text.sentences(timed)[0]
    )


def test_the_summary_names_the_rule_and_stays_short(runs: dict[str, StoredRun]) -> None:
    ladder = climb(runs)
    lines = ladder_text.summary(ladder)
    heads = [a for a in ladder.axes if a.headline and a.track == "all"]
    assert len(lines) == 1 + len(heads) and "after Holm's correction over the" in lines[0]
    assert any(line.startswith("hallucination: better with retrieval (+") for line in lines)
    many = ladder_text.summary(msgspec.structs.replace(ladder, axes=ladder.axes * 5))
    assert len(many) == ladder_text.LINES and many[-1].endswith("more suites stand below.")


def test_one_run_cannot_stand_for_two_families(runs: dict[str, StoredRun]) -> None:
    with pytest.raises(UsageError, match="four different runs"):
        climb(runs | {"rag": runs["hybrid"]})


def test_a_missing_family_is_named(runs: dict[str, StoredRun]) -> None:
    with pytest.raises(UsageError, match="hybrid"):
        climb({k: v for k, v in runs.items() if k != "hybrid"})
