from __future__ import annotations

from pathlib import Path

import pytest

from evals.core.schema import Item, Passage, Response
from tests.evals.metrics.build import asked, item, metric, passages, said, slot

DAYS = asked("duration", "30 days", "How long?", stale=("90 days",))
FOUND = Item(**{f: getattr(DAYS, f) for f in DAYS.__struct_fields__} | {"documents": ("d0",)})
RECORD = item("Extract.", gold=(slot("json", '{"a": 1}'),))
ROUTE = item("Route.", gold=(slot("label", "billing"),), choices=("billing", "returns"))


@pytest.mark.parametrize(
    ("one", "response", "cause"),
    [
        (RECORD, said("here you go"), "malformed"),
        (ROUTE, said("no label at all"), "malformed"),
        (ROUTE, said("returns"), "invented"),
        (DAYS, said("I don't know."), "refused"),
        (DAYS, said("90 days"), "stale"),
        (FOUND, said("60 days", passages=(Passage("p", "other", 1.0, "text"),)), "retrieval_miss"),
        (FOUND, said("60 days", passages=passages("30 days")), "misread"),
        (DAYS, said("60 days"), "invented"),
        (item("The Zephyr?", answerable=False), said("60 days"), "invented"),
        (DAYS, said("30 days"), None),
        (ROUTE, said("billing"), None),
    ],
)
def test_one_cause_per_failure(
    one: Item, response: Response, cause: str | None, tmp_path: Path
) -> None:
    score = metric("failure").score(one, response)
    assert score.value == float(cause is not None)
    assert (score.detail or {}).get("cause") == cause


def test_self_knowledge() -> None:
    metric_ = metric("self_knowledge")
    assert metric_.score(DAYS, said("30 days", passages=passages("nothing"))).value == 1.0
    assert (
        metric_.score(DAYS, said("30 days", passages=passages("You have thirty days."))).value
        == 0.0
    )
    assert metric_.score(DAYS, said("60 days", passages=passages("nothing"))).value == 0.0
    assert metric_.score(DAYS, said("30 days")).unscored == "not_applicable"
