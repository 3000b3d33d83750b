from __future__ import annotations

from collections import Counter

from suites.packs.reader import FolderPack
from suites.world.attributes import attributes, surface
from suites.world.tables import table


def test_about_thirty_percent_of_volatile_facts_change(pack: FolderPack) -> None:
    volatile = [f for f in pack.facts() if f.volatile]
    share = sum(f.before is not None for f in volatile) / len(volatile)
    assert 0.24 < share < 0.36
    assert all(f.before != f.value for f in volatile)
    assert not [f for f in pack.facts() if f.before is not None and not f.volatile]


def test_popularity_counts_the_documents_that_state_the_fact(pack: FolderPack) -> None:
    stated = Counter(f for d in pack.documents() for f in d.facts)
    stable = [
        f
        for f in pack.facts()
        if not f.volatile and f.user is None and f.id.split("-")[0] != "policy"
    ]
    counts = Counter(f.popularity for f in stable)
    assert counts[20] >= 10
    assert counts[5] >= 40
    popular = [f for f in stable if f.popularity > 1]
    assert all(stated[f.id] == f.popularity for f in popular)


def test_documents_state_what_they_claim(pack: FolderPack) -> None:
    facts = {f.id: f for f in pack.facts()}
    for document in pack.documents():
        for name in document.facts:
            fact = facts[name]
            values = [surface(fact.kind, v) for v in (fact.value, fact.before) if v is not None]
            assert any(v in document.text for v in values), (document.id, name)


def test_users_share_names_and_have_0_5_or_50_records(pack: FolderPack) -> None:
    records = Counter(d.user for d in pack.documents() if d.user and d.kind in ("order", "repair"))
    users = list(pack.users())
    assert {records[u.id] for u in users} >= {0, 5, 50}
    names = Counter(u.name for u in users)
    assert sum(1 for n in names.values() if n > 1) >= 8


def test_every_attribute_has_apart_phrasings() -> None:
    for owner in table("attributes"):
        for spec in attributes(owner).values():
            assert len(set(spec.says)) == 3
            assert len({*spec.train, *spec.test}) == len(spec.train) + len(spec.test) == 8
            assert all("{v}" in text for text in spec.says)
