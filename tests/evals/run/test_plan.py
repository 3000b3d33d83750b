"""Selection by whole clusters, the same for every system."""

from __future__ import annotations

from collections import Counter

import pytest

from evals.core.errors import DataError, UsageError
from evals.run.plan import make_plan, request_of
from tests.fakes import TinyPack

pytestmark = pytest.mark.usefixtures("fake_registry")


def test_profiles_take_whole_clusters_evenly_over_tracks() -> None:
    pack = TinyPack(80)
    plan = make_plan(pack, ["fake_suite"], "quick")
    items = list(plan.stream(pack))
    assert plan.items == len(items) == 20
    assert Counter(i.track for i in items) == {"track0": 10, "track1": 10}
    assert set(Counter(i.cluster for i in items).values()) == {2}


def test_larger_profile_contains_the_smaller() -> None:
    pack = TinyPack(80)
    quick = {i.id for i in make_plan(pack, ["fake_suite"], "quick").stream(pack)}
    standard = {i.id for i in make_plan(pack, ["fake_suite"], "standard").stream(pack)}
    assert quick < standard


def test_limit_never_cuts_a_cluster() -> None:
    pack = TinyPack(80)
    plan = make_plan(pack, ["fake_suite"], "full", limit=5)
    assert plan.items == 4
    assert set(Counter(i.cluster for i in plan.stream(pack)).values()) == {2}


def test_replayed_items_carry_the_suite_and_where_they_are_from() -> None:
    pack = TinyPack(80)
    plan = make_plan(pack, ["fake_latency"], "quick")
    items = list(plan.stream(pack, "latency"))
    assert len(items) == 3
    assert {(i.suite, i.track) for i in items} == {("fake_latency", "fake_suite")}
    assert all(i.id.startswith("fake_latency/") for i in items)


def test_digest_follows_the_questions() -> None:
    pack = TinyPack(80)
    assert (
        make_plan(pack, ["fake_suite"], "quick").digest
        == make_plan(pack, ["fake_suite"], "quick").digest
    )
    assert (
        make_plan(pack, ["fake_suite"], "quick").digest
        != make_plan(pack, ["fake_suite"], "quick", 4).digest
    )


def test_without_names_only_suites_that_the_pack_asks() -> None:
    assert [s.suite.name for s in make_plan(TinyPack(), [], "quick").suites] == [
        "fake_suite",
        "fake_latency",
    ]
    with pytest.raises(DataError, match="no item for any suite"):
        make_plan(TinyPack(0), [], "quick")


def test_request_shows_no_gold() -> None:
    item = next(iter(TinyPack().items()))
    fields = set(request_of(item).__struct_fields__)
    assert fields.isdisjoint(
        {"gold", "references", "documents", "answerable", "cluster", "twin", "trap"}
    )


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean fake_suite"):
        make_plan(TinyPack(), ["fake_suit"], "quick")
    with pytest.raises(UsageError, match="did you mean quick"):
        make_plan(TinyPack(), ["fake_suite"], "quik")
    with pytest.raises(DataError, match="no item for the suite"):
        make_plan(TinyPack(0), ["fake_suite"], "quick")
