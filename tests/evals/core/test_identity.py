"""Same content, same hash; any change shows."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from evals.core.identity import changed_keys, code_digest, digest, source_digest, tree_digest


def test_key_order_does_not_matter() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.5})


def test_tree_digest_sees_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    first = tree_digest(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    second = tree_digest(tmp_path)
    (tmp_path / "b").write_text("y")
    assert len({first, second, tree_digest(tmp_path)}) == 3


def test_code_digest_names_packages() -> None:
    assert code_digest("evals.stats") != code_digest("evals.metrics", "evals.scorers", "evals.text")


def test_code_digest_sees_stored_coefficients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, {"weighing/__init__.py": "", "weighing/model.json": "[1]"})
    monkeypatch.syspath_prepend(tmp_path)
    before = code_digest("weighing")
    code_digest.cache_clear()
    (tmp_path / "weighing" / "model.json").write_text("[2]")
    assert code_digest("weighing") != before


def test_changed_keys_are_dotted() -> None:
    assert changed_keys({"a": {"b": 1, "c": 2}, "d": 1}, {"a": {"b": 1, "c": 3}, "e": 1}) == [
        "a.c",
        "d",
        "e",
    ]


def package(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    source_digest.cache_clear()


def test_source_digest_follows_what_a_module_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit that a system cannot reach leaves its runs what they are; any other makes new
    ones.
    """
    monkeypatch.syspath_prepend(tmp_path)
    package(
        tmp_path / "reached",
        {
            "__init__.py": "",
            "system.py": "from reached.engine import run\nimport json\n",
            "engine/__init__.py": "def run():\n    from .late import slow\n",
            "engine/late.py": "from ..helper import VALUE as slow\n",
            "helper.py": "VALUE = 1\n",
            "other.py": "from reached import system\n",
        },
    )
    first = source_digest("reached.system")
    package(
        tmp_path / "reached",
        {"other.py": "import this\n", "engine/unused.py": "raise ValueError\n"},
    )
    assert source_digest("reached.system") == first
    for name in ("system.py", "engine/__init__.py", "engine/late.py", "helper.py", "__init__.py"):
        file = tmp_path / "reached" / name
        before = file.read_text()
        package(tmp_path / "reached", {name: before + "# edited\n"})
        assert source_digest("reached.system") != first, name
        package(tmp_path / "reached", {name: before})
    assert source_digest("reached.system") == first
    monkeypatch.setitem(sys.modules, "notebook", ModuleType("notebook"))
    for nothing in ("reached.nothing", "no_such_package", "notebook"):
        with pytest.raises(FileNotFoundError):
            source_digest(nothing)


def test_source_digest_of_a_single_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "lone.py").write_text("def answer(request): return 'yes'\n")
    first = source_digest("lone")
    (tmp_path / "lone.py").write_text("def answer(request): return 'no'\n")
    source_digest.cache_clear()
    assert source_digest("lone") != first


def test_an_edit_of_one_engine_makes_no_control_another() -> None:
    """The controls hold retrieval, not the engines."""
    assert (
        source_digest("systems.controls")
        != source_digest("systems.adapted")
        != source_digest("systems.external")
    )


def test_source_digest_sees_the_files_a_module_names_and_the_packages_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package(
        tmp_path,
        {
            "weighed/__init__.py": "",
            "weighed/metric.py": (
                "from weighed.model import bundled\nfrom helping.text import words\n"
            ),
            "weighed/model.py": 'DATA_FILES: tuple[str, ...] = ("weights.npz",)\n',
            "weighed/weights.npz": "1",
            "weighed/other.npz": "1",
            "helping/__init__.py": "",
            "helping/text.py": "",
        },
    )
    alone, both = source_digest("weighed.metric"), source_digest("weighed.metric", "helping")
    package(tmp_path, {"weighed/other.npz": "22", "helping/text.py": "# edited\n"})
    assert source_digest("weighed.metric") == alone
    assert source_digest("weighed.metric", "helping") != both
    package(
        tmp_path,
        {"weighed/weights.npz": "22", "weighed/model.py": 'DATA_FILES = ("weights.npz",)\n'},
    )
    assert source_digest("weighed.metric") != alone
    package(tmp_path, {"weighed/model.py": 'DATA_FILES = ("lost.npz",)\n'})
    with pytest.raises(FileNotFoundError, match=r"lost\.npz"):
        source_digest("weighed.metric")
