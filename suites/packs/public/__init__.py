"""Public sets as packs: medicine, finance, law, support, science, grounded answers, long tail,
truthfulness.

Their files are read where they are, or from the hub; none is part of this package.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final, cast

from evals.core.errors import DataError, EnvironmentProblem
from evals.core.identity import code_digest, file_digest, short
from evals.core.registry import load, unknown
from evals.core.schema import Item
from suites.packs.public.base import Loader, PublicSet, Row, data_folder
from suites.packs.writer import PackWriter, atomic_folder, made_once

SETS: Final = (
    "abcd",
    "bitext_support",
    "clapnq",
    "longtailqa",
    "medquad",
    "policyqa",
    "pubmedqa",
    "scifact",
    "squad2",
    "tatqa",
    "truthfulqa",
)
"""Names of all sets; the module of the same name defines each."""

FOLDERS: Final = {"squad2": "squad2_dev_half"}
"""Folder of a set below the data folder, where it is not its name."""


def public_set(name: str) -> PublicSet:
    """The set of that name. Raises UsageError with a suggestion where there is none."""
    if name not in SETS:
        raise unknown("public set", name, list(SETS))
    return cast(PublicSet, load(f"suites.packs.public.{name}:SET", f"public set {name!r}"))


def home(name: str, data: Path | None = None) -> Path:
    """The folder with a set's files: ``data`` itself where it holds them, else the set's folder
    below it.
    """
    base = data or data_folder()
    if all((base / file).exists() for file in public_set(name).files):
        return base
    return base / FOLDERS.get(name, name)


def import_set(
    name: str,
    target: Path,
    *,
    data: Path | None = None,
    loader: Loader | None = None,
    limit: int | None = None,
    replace: bool = False,
) -> Path:
    """Write a public set as a pack into ``target``, whole or not at all; ``limit`` caps its items.

    Raises DataError where its files are missing or not as expected, UsageError where ``target``
    exists.
    """
    found = public_set(name)
    rows = found.rows(None if loader else home(name, data), loader)
    try:
        with (
            atomic_folder(target, replace=replace) as partial_folder,
            PackWriter(partial_folder, found.settings()) as out,
        ):
            left = limit
            for record in found.records(_readable(name, rows)):
                if left is not None and isinstance(record, Item):
                    if left == 0:
                        continue
                    left -= 1
                out.add(record)
    except (KeyError, TypeError, ValueError, AttributeError, EOFError) as error:
        raise DataError(
            f"the files of {name} are not as expected: {type(error).__name__}: {error}",
            where=home(name, data),
            hint="compare their sha256 with those of the original",
        ) from error
    return target


def _readable(name: str, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows; a failure to read them is told apart from one to write the pack."""
    try:
        yield from rows
    except OSError as error:
        raise EnvironmentProblem(
            f"the files of {name} cannot be read: {error}",
            hint="fetch them again, or read another copy with --data",
        ) from error


def cached(name: str, cache: Path, seed: int = 0) -> Path:
    """The set as a pack in the cache, imported at first use. ``seed`` is not used: a public set is
    what it is.
    """
    found = public_set(name)
    folder = home(name)
    found.rows(folder)
    files = {file: file_digest(folder / file) for file in found.files}
    identity = {"files": files, "code": code_digest("suites.packs.public")}
    target = cache / "packs" / f"{name}-{short(identity)}"
    return made_once(target, lambda path: import_set(name, path, replace=True))


abcd = partial(cached, "abcd")
bitext_support = partial(cached, "bitext_support")
clapnq = partial(cached, "clapnq")
longtailqa = partial(cached, "longtailqa")
medquad = partial(cached, "medquad")
policyqa = partial(cached, "policyqa")
pubmedqa = partial(cached, "pubmedqa")
scifact = partial(cached, "scifact")
squad2 = partial(cached, "squad2")
tatqa = partial(cached, "tatqa")
truthfulqa = partial(cached, "truthfulqa")
