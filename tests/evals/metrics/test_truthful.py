from __future__ import annotations

from evals.core.metric import Answer, guarded
from evals.core.schema import Failure, Item, Response
from tests.evals.metrics.build import asked, item, metric, said


def pairs(*answers: str) -> list[tuple[Item, Response]]:
    known = asked("duration", "30 days")
    gap = item("And the Zephyr?", answerable=False)
    twins = [
        Item(**{f: getattr(known, f) for f in known.__struct_fields__} | {"id": "a", "twin": "b"}),
        Item(**{f: getattr(gap, f) for f in gap.__struct_fields__} | {"id": "b"}),
    ]
    return list(zip(twins, [said(a) for a in answers], strict=True))


def values(run: list[tuple[Item, Response]]) -> list[float | None]:
    truthful = metric("truthful")
    assert truthful.over_run is not None
    answers = [Answer(i, r) for i, r in run]
    measure = guarded(truthful.over_run(iter(answers)))
    return [measure(answer).value for answer in answers]


def test_always_refusing_and_never_refusing_both_score_nothing() -> None:
    assert values(pairs("I don't know.", "I don't know.")) == [0.0, 0.0]
    assert values(pairs("30 days", "30 days")) == [0.0, 0.0]


def test_both_right_scores_both() -> None:
    assert values(pairs("30 days", "I don't know.")) == [1.0, 1.0]


def test_a_failed_twin_leaves_the_pair_unscored() -> None:
    run = pairs("30 days", "I don't know.")
    run[1] = (run[1][0], Response(item="b", error=Failure("timeout", "too late")))
    assert values(run) == [None, None]


def test_alone_it_is_not_measured() -> None:
    first, _ = pairs("30 days", "x")[0]
    assert metric("truthful").score(first, said("30 days")).unscored == "not_measured"
    assert metric("truthful").score(item(), said("30 days")).unscored == "not_applicable"
