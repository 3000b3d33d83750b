"""What makes a run, a response, an index or an adapter the same one: content hashes over canonical JSON."""

from __future__ import annotations

import hashlib
import importlib.resources
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

_BLOCK = 1 << 20


def digest(value: object) -> str:
    """sha256 (hex) of the canonical JSON of ``value``: keys sorted, no spaces. Raises TypeError for non-JSON values."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def short(value: object, length: int = 12) -> str:
    """The first ``length`` characters of `digest`, for names of files and runs."""
    return digest(value)[:length]


def file_digest(path: Path) -> str:
    """sha256 (hex) of a file's bytes, read in blocks. Raises OSError."""
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            state.update(block)
    return state.hexdigest()


def tree_digest(root: Path, patterns: Iterable[str] = ("**/*",)) -> str:
    """sha256 (hex) over relative names and contents of the files below ``root`` that match any pattern."""
    files = {p for pattern in patterns for p in root.glob(pattern) if p.is_file()}
    return digest({p.relative_to(root).as_posix(): file_digest(p) for p in files})


@cache
def code_digest(*packages: str) -> str:
    """sha256 (hex) of the source of the named importable packages (Python and TOML files), without importing them."""
    return digest({p: tree_digest(Path(str(importlib.resources.files(p))), ("**/*.py", "**/*.toml")) for p in packages})


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Dotted names of the entries in which two identities differ, so that a message can say what changed."""
    names = []
    for key in sorted({*old, *new}):
        a, b = old.get(key), new.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            names += changed_keys(a, b, f"{prefix}{key}.")
        elif a != b:
            names.append(f"{prefix}{key}")
    return names
