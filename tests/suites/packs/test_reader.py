from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.core.errors import DataError
from evals.core.interfaces import Pack
from suites.packs.reader import FolderPack, open_pack


@pytest.fixture
def copy(pack: FolderPack, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pack.root, tmp_path / "pack"))


def _append(path: Path, data: bytes) -> int:
    """Append a line and return its number."""
    before = path.read_bytes()
    path.write_bytes(before + data + b"\n")
    return before.count(b"\n") + 1


def test_a_pack_is_a_pack(pack: FolderPack) -> None:
    assert isinstance(pack, Pack)
    assert pack.name == "default"
    assert pack.times["t0"] < pack.times["t1"]
    assert {"name", "description", "voice_guide", "policy_summary"} <= set(pack.company)
    assert 3 <= len(pack.company["voice_guide"].splitlines()) <= 6


def test_identity_is_the_content(pack: FolderPack, copy: Path) -> None:
    assert open_pack(copy).identity == pack.identity
    (copy / "notes.txt").write_text("not part of the format")
    assert open_pack(copy).identity == pack.identity
    _append(copy / "users.jsonl", b'{"id":"user-new","name":"New"}')
    assert open_pack(copy).identity != pack.identity


LINES = {
    "broken": ("documents.jsonl", b'{"id": "x", "title": '),
    "wrong type": ("items.jsonl", b'{"id": 3}'),
    "unknown key": ("users.jsonl", b'{"id":"u","name":"n","colour":"red"}'),
    "not utf-8": (
        "documents.jsonl",
        b'{"id":"x","title":"\xff\xfe","text":"t","kind":"k","date":"2025-01-01"}',
    ),
    "duplicate id": ("users.jsonl", b'{"id":"user-00000","name":"n"}'),
    "dangling document": (
        "items.jsonl",
        b'{"id":"x","suite":"s","track":"t","question":"q","cluster":"c","documents":["nowhere"]}',
    ),
    "dangling fact": (
        "items.jsonl",
        b'{"id":"x","suite":"s","track":"t","question":"q","cluster":"c","facts":["no"]}',
    ),
    "dangling user": (
        "items.jsonl",
        b'{"id":"x","suite":"s","track":"t","question":"q","cluster":"c","user":"no"}',
    ),
    "dangling twin": (
        "items.jsonl",
        b'{"id":"x","suite":"s","track":"t","question":"q","cluster":"c","twin":"no"}',
    ),
    "unknown moment": (
        "items.jsonl",
        b'{"id":"x","suite":"s","track":"t","question":"q","cluster":"c","time":"t9"}',
    ),
    "bad date": ("documents.jsonl", b'{"id":"x","title":"a","text":"t","kind":"k","date":"1 May"}'),
    "dangling predecessor": (
        "documents.jsonl",
        b'{"id":"x","title":"a","text":"t","kind":"k","date":"2025-01-01","supersedes":"no"}',
    ),
    "deep nesting": (
        "items.jsonl",
        b'{"json_schema":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    ),
    "long line": ("documents.jsonl", b'{"id":"' + b"x" * (5 << 20) + b'"}'),
}


@pytest.mark.parametrize("kind", LINES)
def test_a_bad_line_is_named_with_file_and_number(copy: Path, kind: str) -> None:
    name, line = LINES[kind]
    number = _append(copy / name, line)
    with pytest.raises(DataError) as caught:
        open_pack(copy)
    assert caught.value.where == copy / name
    assert caught.value.line == number


def _without(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).unlink()


def _settings(old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / "pack.toml"
        path.write_text(path.read_text().replace(old, new))

    return change


@pytest.mark.parametrize(
    "change",
    [
        _without("pack.toml"),
        _without("documents.jsonl"),
        _without("items.jsonl"),
        _settings("[pack]", "[pack"),
        _settings("format = 1", "format = 99"),
        _settings("format = 1", "format = 1\nsurprise = true"),
        _settings('t0 = "2025-09-01"', 't0 = "soon"'),
        _settings("[company]", "[firm]"),
    ],
)
def test_a_damaged_folder_is_one_message(copy: Path, change: Callable[[Path], None]) -> None:
    change(copy)
    with pytest.raises(DataError):
        open_pack(copy)


def test_optional_files_may_be_left_out(copy: Path) -> None:
    for name in ("train.jsonl", "voices.jsonl"):
        (copy / name).unlink()
    assert list(open_pack(copy).examples()) == []


def test_an_unknown_moment_is_refused(pack: FolderPack) -> None:
    with pytest.raises(DataError, match="t7"):
        list(pack.documents("t7"))
