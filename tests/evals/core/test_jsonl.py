"""Streams with file and line in every error."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.core import jsonl
from evals.core.errors import DataError
from evals.core.schema import Response


def test_broken_line_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"item": "a"}\n\n{"item": 5}\n')
    with pytest.raises(DataError, match=r"r\.jsonl:3: .*Expected `str`, got `int`"):
        list(jsonl.read(path, Response))


def test_unknown_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"item": "a", "txet": "b"}\n')
    with pytest.raises(DataError, match="txet"):
        list(jsonl.read(path, Response))


@pytest.mark.parametrize(
    "line", [b"\xff\xfe\n", b"[" * 100_000 + b"\n", b'{"item": "\xff"}\n', b"null\n"]
)
def test_hostile_lines(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(line)
    with pytest.raises(DataError, match=r"r\.jsonl:1"):
        list(jsonl.read(path, Response))


def test_oversized_line_is_refused_before_parsing(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"item": "a"}\n{"item": "' + b"x" * 1000 + b'"}\n')
    with pytest.raises(DataError, match=r"r\.jsonl:2: line too long"):
        list(jsonl.read(path, Response, max_line=100))
