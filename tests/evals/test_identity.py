"""Same content, same hash; any change shows."""

from __future__ import annotations

from pathlib import Path

from evals.identity import changed_keys, code_digest, digest, tree_digest


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
    assert code_digest("evals.stats") != code_digest("evals.metrics")


def test_changed_keys_are_dotted() -> None:
    assert changed_keys({"a": {"b": 1, "c": 2}, "d": 1}, {"a": {"b": 1, "c": 3}, "e": 1}) == ["a.c", "d", "e"]
