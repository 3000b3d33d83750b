from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from evals.core.errors import EnvironmentProblem
from suites.packs.layout import FILES
from suites.packs.reader import FolderPack, open_pack
from suites.packs.validate import validate
from suites.world.generate import default_pack, generate
from suites.world.size import Size


def test_same_seed_gives_the_same_bytes(pack: FolderPack, tmp_path: Path) -> None:
    again = generate(tmp_path / "again")
    for name in (*FILES, "pack.toml"):
        assert (again / name).read_bytes() == (pack.root / name).read_bytes(), name


def test_the_default_pack_is_frozen(pack: FolderPack) -> None:
    """Adapters are trained on these very bytes: a change here means training again."""
    assert pack.identity == "94a8ae60676ca11a6c317da8a163bbbbaf7c2fe2098d972ecf0940358c140673"


def test_another_seed_shares_no_fact_beyond_chance(pack: FolderPack, other: Path) -> None:
    ours = {(f.entity, f.attribute, f.value) for f in pack.facts() if f.entity not in _COMMON}
    theirs = {
        (f.entity, f.attribute, f.value)
        for f in open_pack(other).facts()
        if f.entity not in _COMMON
    }
    assert len(ours & theirs) <= 2
    assert len(ours) > 1000


_COMMON = {"your account"}


def test_another_seed_shares_no_question(pack: FolderPack, other: Path) -> None:
    known = {i.question for i in pack.items()}
    shared = [
        i for i in open_pack(other).items() if i.question in known and i.track != "personalization"
    ]
    assert not [
        i for i in shared if i.facts and "the " in i.question and "policy" not in i.question
    ]


@pytest.mark.parametrize("factor", [0.25, 2.0])
def test_other_sizes_are_sound_packs(tmp_path: Path, factor: float) -> None:
    sized = open_pack(generate(tmp_path / "sized", seed=5, size=Size().scaled(factor)))
    count = sum(1 for _ in sized.documents())
    assert 822 * factor * 0.5 < count < 822 * factor * 1.5


def test_names_do_not_depend_on_size(tmp_path: Path, pack: FolderPack) -> None:
    large = {
        f.id: f for f in open_pack(generate(tmp_path / "large", size=Size().scaled(1.5))).facts()
    }
    weights = [f for f in pack.facts() if f.attribute == "weight" and f.id.startswith("product")]
    assert weights
    assert all(large[f.id] == f for f in weights)


def test_paraphrases_add_items_and_no_cluster(tmp_path: Path, pack: FolderPack) -> None:
    more = open_pack(generate(tmp_path / "more", size=Size(paraphrases=4)))
    items = {i.id: i for i in more.items()}
    assert {i.cluster for i in items.values()} == {i.cluster for i in pack.items()}
    assert all(items[i.id] == i for i in pack.items())
    freshness = [i for i in items.values() if i.track == "freshness"]
    assert len(freshness) == 4 * 72 == len({i.question for i in freshness})
    assert validate(more.root).errors == 0


def test_default_pack_is_cached_and_made_whole(tmp_path: Path) -> None:
    first = default_pack(tmp_path)
    stamp = (first / "items.jsonl").stat().st_mtime_ns
    assert default_pack(tmp_path) == first
    assert (first / "items.jsonl").stat().st_mtime_ns == stamp
    assert default_pack(tmp_path, seed=7) != first
    assert not [p for p in first.parent.iterdir() if p.name.endswith(".partial")]


def test_a_folder_without_pack_toml_is_made_again(tmp_path: Path) -> None:
    first = default_pack(tmp_path)
    (first / "pack.toml").unlink()
    (first / "items.jsonl").write_text("half")
    assert open_pack(default_pack(tmp_path)).name == "default"


def test_a_cache_that_is_a_file_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(EnvironmentProblem):
        default_pack(tmp_path / "cache")


def test_documents_are_ordered_in_time(pack: FolderPack) -> None:
    documents = {d.id: d for d in pack.documents()}
    replaced = [(documents[d.supersedes], d) for d in documents.values() if d.supersedes]
    assert len(replaced) >= 50
    assert all(old.date <= pack.times["t0"] < new.date <= pack.times["t1"] for old, new in replaced)
    assert sum(1 for _ in pack.documents("t0")) == len(documents) - len(replaced)
    assert all("Updated " in d.text for d in documents.values())
    assert all(a != b for a, b in pairwise(d.text for d in documents.values()))
