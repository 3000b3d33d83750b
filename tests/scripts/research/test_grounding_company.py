"""The generated answers that `groundedness` is fit on: twins that differ in one value, whose right
one is in sight.
"""

from __future__ import annotations

import pytest

from evals.core.registry import open_pack
from evals.text.words import clean
from scripts.research import grounding_company, grounding_fit
from scripts.research.labelled import Judged
from suites.world.generate import generate
from suites.world.size import Size


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    folder = generate(tmp_path_factory.mktemp("company") / "pack", 31, Size().scaled(0.3))
    pack = open_pack(str(folder), folder)
    found = list(grounding_company.answers(pack, 31))
    assert found == list(grounding_company.answers(pack, 31))
    return found


def test_twins_differ_in_one_value_that_the_contexts_tell(judged: list[Judged]) -> None:
    assert len(judged) > 100
    message = 0
    for right, wrong in zip(judged[::2], judged[1::2], strict=True):
        assert (right.label, wrong.label) == (1.0, 0.0)
        assert right.response != wrong.response
        assert (right.group, right.question, right.contexts) == (
            wrong.group,
            wrong.question,
            wrong.contexts,
        )
        head = len(_common(right.response, wrong.response))
        tail = len(_common(right.response[::-1], wrong.response[::-1]))
        value = right.response[head : len(right.response) - tail]
        message += any(value in clean(context) for context in right.contexts)
    assert message > 0.95 * len(judged) / 2
    assert {one.system for one in judged} == set(grounding_company.FORMS)


def test_all_forms_are_one_set_that_weighs_two_fifths(judged: list[Judged]) -> None:
    people = [
        Judged("ragtruth_qa", str(n), "Who?", "Ada.", n % 2, ("Ada came.",)) for n in range(40)
    ]
    data = grounding_fit.table([*judged[:20], *people])
    assert set(data.group.tolist()) == {"company", "ragtruth_qa"}
    weights = grounding_fit.weights(data.part)
    assert weights.mean() == pytest.approx(1)
    assert weights[:20].sum() == pytest.approx(weights[20:].sum() * 0.4)


def _common(a: str, b: str) -> str:
    """The longest common beginning."""
    return a[
        : next(
            (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
        )
    ]
