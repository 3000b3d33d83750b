from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from importlib import import_module

import pytest

from evals.core.interfaces import Suite
from evals.core.schema import Item
from suites.packs.reader import FolderPack
from suites.world.items_domain import labels

SUITES = ("domain_accuracy", "hallucination", "brand_tone")


@pytest.fixture(scope="module")
def items(pack: FolderPack) -> list[Item]:
    return list(pack.items())


def suite_of(name: str) -> Suite:
    found = import_module(f"suites.{name}").SUITE
    assert isinstance(found, Suite)
    return found


@pytest.mark.parametrize("name", SUITES)
def test_every_suite_has_250_clusters_on_all_its_tracks(items: list[Item], name: str) -> None:
    own = [i for i in items if i.suite == name]
    assert len({i.cluster for i in own}) >= 250
    assert {i.track for i in own} == set(suite_of(name).tracks)


@pytest.mark.parametrize("name", SUITES)
@pytest.mark.parametrize(("profile", "least"), [("quick", 40), ("standard", 120)])
def test_profiles_ask_enough(items: list[Item], name: str, profile: str, least: int) -> None:
    suite = suite_of(name)
    per_track: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        if item.suite == name:
            per_track[item.track][item.cluster] += 1
    wanted = suite.clusters[profile]
    assert wanted is not None
    asked = sum(sum(list(clusters.values())[:wanted]) for clusters in per_track.values())
    assert asked >= least
    assert suite.clusters["full"] is None
    assert suite.headline in suite.metrics


def test_latency_replays_enough() -> None:
    suite = suite_of("latency_cost")
    assert set(suite.replays) == set(SUITES)
    assert (suite.clusters["quick"] or 0) * 3 >= 40
    assert (suite.clusters["standard"] or 0) * 3 >= 75
    assert suite.measured == "latency"


def test_every_gold_value_is_in_its_gold_documents(pack: FolderPack, items: list[Item]) -> None:
    texts = {d.id: d.text for d in pack.documents()}
    for item in items:
        for slot in item.gold:
            if slot.kind in ("label", "json"):
                continue
            values = (slot.value, *slot.aliases)
            assert any(v in " ".join(texts[d] for d in item.documents) for v in values), item.id
            assert all(any(v in texts[d] for v in values) for d in item.also), item.id
            assert any(v in item.references[0] for v in values), item.id


def test_gold_documents_are_valid_at_their_time(pack: FolderPack, items: list[Item]) -> None:
    documents = {d.id: d for d in pack.documents()}
    replaced = {d.supersedes for d in documents.values() if d.supersedes}
    for item in items:
        assert all(documents[d].date <= pack.times[item.time] for d in item.documents)
        assert not replaced & set(item.documents)
        assert all(documents[d].user in (None, item.user) for d in (*item.documents, *item.also))


def test_changed_facts_keep_their_old_document_as_a_distractor(
    pack: FolderPack, items: list[Item]
) -> None:
    documents = {d.id: d for d in pack.documents()}
    changed = [i for i in items if i.track == "freshness" and i.changed]
    assert (
        len(changed) == sum(1 for i in items if i.track == "freshness" and i.changed is False) == 36
    )
    for item in changed:
        old = documents[item.documents[0]].supersedes
        assert old is not None
        assert item.gold[0].stale
        assert documents[old].date <= pack.times["t0"]


def test_unanswerable_items_have_no_gold_and_no_document(items: list[Item]) -> None:
    for item in items:
        if not item.answerable:
            assert not (item.gold or item.documents or item.facts), item.id
            assert item.references


def test_what_is_asked_in_vain_is_documented_nowhere(pack: FolderPack, items: list[Item]) -> None:
    facts = {f.id: f for f in pack.facts()}
    known = {(f.user, f.entity, f.attribute) for f in facts.values()}
    entities = sorted({f.entity for f in facts.values() if f.user is None}, key=len, reverse=True)
    by_id = {i.id: i for i in items}
    for item in items:
        if item.answerable or item.suite != "hallucination" or item.twin is None:
            continue
        asked = facts[by_id[item.twin].facts[0]]
        named = next((e for e in entities if e in item.question.replace("The ", "the ")), None)
        if item.track == "nonexistent_entity":
            assert named is None, item.id
        elif item.track == "wrong_user":
            kind = asked.id.split("-")[2]
            held = {f.entity for f in facts.values() if f.user == item.user and f"-{kind}-" in f.id}
            assert asked.entity not in held, item.id
        else:
            assert named is not None
            assert (None, named, asked.attribute) not in known, item.id


def test_invented_names_occur_in_no_document(pack: FolderPack, items: list[Item]) -> None:
    words = set(re.findall(r"\w+", " ".join(d.text for d in pack.documents())))
    for item in items:
        if item.track == "nonexistent_entity" and not item.answerable:
            names = [w for w in re.findall(r"\b[A-Z]\w+", item.question) if w not in words]
            assert names, item.question


def test_twins_are_complete_and_alike(items: list[Item]) -> None:
    by_id = {i.id: i for i in items}
    pairs = [i for i in items if i.suite == "hallucination"]
    assert pairs
    for item in pairs:
        assert item.twin is not None
        twin = by_id[item.twin]
        assert twin.twin == item.id
        assert twin.answerable is not item.answerable
        assert (twin.track, twin.cluster) == (item.track, item.cluster)


def test_stress_conditions_ask_the_same_facts_in_two_phrasings(items: list[Item]) -> None:
    asked: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for item in items:
        if item.suite == "brand_tone":
            assert item.stress == item.track
            assert item.brand == "fernbank"
            asked[item.track][item.cluster].add(item.question)
    assert all(len(questions) == 2 for track in asked.values() for questions in track.values())
    facts = {
        t: {f for i in items if i.suite == "brand_tone" and i.track == t for f in i.facts}
        for t in asked
    }
    assert facts["plain"] == facts["angry_customer"] == facts["very_short"] == facts["very_long"]


def test_breadth_covers_hops_sweep_and_counterfactuals(pack: FolderPack, items: list[Item]) -> None:
    breadth = [i for i in items if i.track == "breadth"]
    assert {i.hops for i in breadth} == {1}
    assert {i.hops for i in items if i.track == "multi_hop"} == {2, 3}
    assert all(len(set(i.documents)) == i.hops for i in breadth if i.hops > 1)
    sweep = {i.trap for i in breadth if i.trap and i.trap.startswith("distractors:")}
    assert sweep == {f"distractors:{k}" for k in (1, 2, 3, 5, 8, 10)}
    documents = {d.id: d for d in pack.documents()}
    contested = [i for i in breadth if i.trap and i.trap.startswith("counterfactual:")]
    assert len(contested) == 12
    for item in contested:
        rumour = documents[(item.trap or "").split(":")[1]]
        assert rumour.kind == "forum"
        assert item.gold[0].value not in rumour.text


def test_structured_items_carry_their_choices_or_schema(items: list[Item]) -> None:
    structured = [i for i in items if i.track == "structured"]
    assert Counter(i.trap for i in structured) == {"intent": 36, "json": 24}
    for item in structured:
        if item.trap == "intent":
            assert item.choices == labels()
            assert item.gold[0].value in item.choices
        else:
            form = json.loads(item.gold[0].value)
            assert item.json_schema is not None
            assert set(form) == set(item.json_schema["required"])
            assert all(str(form[k]) in item.question for k in ("order", "product", "quantity"))


def test_personal_items_cover_every_number_of_records_and_namesakes(items: list[Item]) -> None:
    traps = Counter(i.trap for i in items if i.track == "personalization")
    assert {t.split(",")[0] for t in traps if t} == {"records:0", "records:5", "records:50"}
    assert sum(n for t, n in traps.items() if t and t.endswith("namesake")) >= 10


def test_nobody_is_asked_the_same_twice_on_a_track(items: list[Item]) -> None:
    asked = Counter((i.track, i.question, i.user) for i in items)
    assert [k for k, n in asked.items() if n > 1] == []
