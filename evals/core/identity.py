"""What makes a run, a response, an index or an adapter the same one: content hashes over canonical
JSON.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.resources
import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec

_BLOCK = 1 << 20


def digest(value: object) -> str:
    """sha256 (hex) of the canonical JSON of ``value``: keys sorted, no spaces. Raises TypeError for
    non-JSON values.
    """
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def short(value: object, length: int = 12) -> str:
    """The first ``length`` characters of `digest`, for names of files and runs."""
    return digest(value)[:length]


def labelled(name: str, identity: str) -> str:
    """How a pack is named wherever people read it: ``default (a3892787)``."""
    return f"{name} ({identity[:8]})"


def hash64(text: str) -> int:
    """A stable signed 64-bit hash: among a million strings a collision has a chance of 3 in 100
    million.
    """
    return int.from_bytes(
        hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True
    )


def file_digest(path: Path) -> str:
    """sha256 (hex) of a file's bytes, read in blocks. Raises OSError."""
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            state.update(block)
    return state.hexdigest()


def tree_digest(root: Path, patterns: Iterable[str] = ("**/*",)) -> str:
    """sha256 (hex) over relative names and contents of the files below ``root`` that match any
    pattern.
    """
    files = {p for pattern in patterns for p in root.glob(pattern) if p.is_file()}
    return digest({p.relative_to(root).as_posix(): file_digest(p) for p in files})


@cache
def code_digest(*packages: str) -> str:
    """sha256 (hex) of the named importable packages' source and coefficients, without importing
    them.
    """
    kinds = ("**/*.py", "**/*.toml", "**/*.json")
    return digest(
        {p: tree_digest(Path(str(importlib.resources.files(p))), kinds) for p in packages}
    )


@cache
def source_digest(module: str, *also: str) -> str:
    """sha256 (hex) of a module's source and of every module that it reaches by imports within its
    own top-level package and the packages ``also``, with the files that each of these names in its
    ``DATA_FILES``.

    Imports inside functions count; sources are read, not run. What the module cannot reach may
    change without a difference. Raises FileNotFoundError where the module, or a file it names, does
    not exist.
    """
    tops = {module.partition(".")[0], *also}
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        source = _source(name) if name not in found and name.partition(".")[0] in tops else None
        if source is not None:
            found[name] = source.digest
            found |= {f"{name}/{file}": content for file, content in source.data.items()}
            waiting += source.imports
    if module not in found:
        raise FileNotFoundError(f"no source file of {module}")
    return digest(found)


@dataclass(frozen=True)
class _Source:
    """What identity needs of a source file: its digest, the modules it imports, the digests of the
    files it names.
    """

    digest: str
    imports: tuple[str, ...]
    data: Mapping[str, str]


def _source(name: str) -> _Source | None:
    """A module's source; None where the name is an attribute of one."""
    place = _folder_of(name.partition(".")[0]).joinpath(*name.split("."))
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            return _parsed(path, package, path.stat().st_mtime_ns)
    return None


@lru_cache(maxsize=1024)
def _parsed(path: Path, package: str, changed: int) -> _Source:
    """A source file as it was when it was last ``changed``: metrics share most of what they
    import.
    """
    tree = ast.parse(path.read_bytes())
    data = {file: file_digest(path.parent / file) for file in _data_files(tree)}
    return _Source(file_digest(path), tuple(dict.fromkeys(_imported(tree, package))), data)


@cache
def _folder_of(top: str) -> Path:
    """The folder in which a top-level package or module stands."""
    try:
        spec = importlib.util.find_spec(top)
    except ValueError:  # a module without a file: ``__main__`` of a notebook
        spec = None
    places = [] if spec is None else [*(spec.submodule_search_locations or ()), spec.origin or ""]
    if not places:
        raise FileNotFoundError(f"no module is named {top}")
    return Path(places[0]).parent


def _data_files(tree: ast.Module) -> tuple[str, ...]:
    """The file names that a module lists in ``DATA_FILES``, a tuple of strings at its top level."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        named = any(
            isinstance(target, ast.Name) and target.id == "DATA_FILES" for target in targets
        )
        if named and isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            return tuple(ast.literal_eval(node.value))
    return ()


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Every name that a module imports, packages on the way to it included."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:k]) for k in range(1, len(parts) + 1))


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Dotted names of the entries in which two identities differ, so that a message can say what
    changed.
    """
    names = []
    for key in sorted({*old, *new}):
        a, b = old.get(key), new.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            names += changed_keys(a, b, f"{prefix}{key}.")
        elif a != b:
            names.append(f"{prefix}{key}")
    return names
