"""A pack as a folder: opened with its references checked, then streamed line by line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from evals.core import jsonl
from evals.core.errors import DataError
from evals.core.identity import digest, file_digest
from evals.core.json_schemas import BadSchema
from evals.core.json_schemas import check as check_schema
from evals.core.schema import Document, Example, Fact, Item, Record, User, VoiceSample
from suites.packs.layout import FILES, FORMAT, PACK_FILE, REQUIRED, PackFile

R = TypeVar("R", bound=Record)


def open_pack(path: Path) -> FolderPack:
    """The pack in a folder, with pack.toml read and every reference between its files checked.

    Raises DataError (file, line) for a missing file, a broken line, a duplicate id or a name of
    nothing.
    """
    pack = FolderPack(path, read_pack_file(path))
    for name in FILES:
        check_plain(path / name)
    check_references(pack)
    return pack


@dataclass(frozen=True)
class FolderPack:
    """A pack folder; implements `evals.core.interfaces.Pack`. Iterators stream and raise DataError
    at a broken line.
    """

    root: Path
    settings: PackFile

    @property
    def name(self) -> str:
        return self.settings.pack.name

    @property
    def brand(self) -> str:
        return self.settings.pack.brand

    @property
    def company(self) -> Mapping[str, str]:
        return self.settings.company

    @property
    def times(self) -> Mapping[str, str]:
        return self.settings.times

    @property
    def voice_guides(self) -> Mapping[str, str]:
        """Voice -> its description, from ``[voices]``."""
        return self.settings.voices

    @cached_property
    def identity(self) -> str:
        """Content hash (sha256, hex) of pack.toml and every JSON-lines file of the format; other
        files do not count.
        """
        names = [n for n in (PACK_FILE, *FILES) if (self.root / n).exists()]
        return digest({n: file_digest(self.root / n) for n in names})

    def documents(self, time: str | None = None) -> Iterator[Document]:
        """Documents dated no later than the moment ``time`` (None: all), superseded ones included.

        Raises DataError for a moment that pack.toml does not name.
        """
        limit = None if time is None else self._moment(time)
        for document in self._stream("documents.jsonl", Document):
            if limit is None or document.date <= limit:
                yield document

    def items(self, suite: str | None = None) -> Iterator[Item]:
        """Items of one suite (None: all), in the file's order."""
        for item in self._stream("items.jsonl", Item):
            if suite is None or item.suite == suite:
                yield item

    def examples(self) -> Iterator[Example]:
        return self._stream("train.jsonl", Example)

    def facts(self) -> Iterator[Fact]:
        return self._stream("facts.jsonl", Fact)

    def users(self) -> Iterator[User]:
        return self._stream("users.jsonl", User)

    def voices(self) -> Iterator[VoiceSample]:
        return self._stream("voices.jsonl", VoiceSample)

    def _moment(self, time: str) -> str:
        found = self.times.get(time)
        if found is None:
            raise DataError(
                f"unknown moment {time!r}",
                where=self.root / PACK_FILE,
                expected=", ".join(self.times) or "t0, t1",
            )
        return found

    def _stream(self, name: str, kind: type[R]) -> Iterator[R]:
        path = self.root / name
        if name not in REQUIRED and not path.exists():
            return iter(())
        return jsonl.read(path, kind)


def read_pack_file(root: Path) -> PackFile:
    """pack.toml of the folder. Raises DataError where it is missing, not TOML, incomplete, or of a
    newer format.
    """
    path = root / PACK_FILE
    check_plain(path)
    try:
        if path.stat().st_size > jsonl.MAX_LINE:
            raise DataError(
                "this file is too large", where=path, expected=f"at most {jsonl.MAX_LINE} bytes"
            )
        settings = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), PackFile)
    except FileNotFoundError:
        raise DataError(
            "not a pack: it has no pack.toml", where=root, hint="`adaptbench pack new DIR`"
        ) from None
    except (
        tomllib.TOMLDecodeError,
        UnicodeDecodeError,
        msgspec.ValidationError,
        RecursionError,
        OSError,
    ) as error:
        raise DataError(
            f"not a sound pack.toml: {error}",
            where=path,
            expected="the tables [pack], [times] and [company]",
        ) from error
    if settings.pack.format > FORMAT:
        raise DataError(
            "this pack has a newer format",
            where=path,
            found=settings.pack.format,
            expected=f"at most {FORMAT}",
            hint="update adaptbench",
        )
    for moment, day in settings.times.items():
        check_date(day, path, None, f"[times] {moment}")
    return settings


def check_plain(path: Path) -> None:
    """Raise DataError where the file of a pack is a pipe, a device, a folder, or a link out of the
    pack.
    """
    if not inside(path, path.parent):
        raise DataError(
            "this link leads out of the pack, or in a circle",
            where=path,
            hint="copy the file into it",
        )
    if path.exists() and not path.is_file():
        raise DataError(
            "no plain file",
            where=path,
            expected="a file that can be read from its beginning to its end",
        )


def inside(path: Path, folder: Path) -> bool:
    """Whether a path is no link, or one to a place below ``folder``."""
    try:
        return not path.is_symlink() or path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def check_date(text: str, where: Path, line: int | None, what: str) -> None:
    """Raise DataError unless ``text`` is an ISO 8601 calendar date."""
    try:
        good = date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if not good:
        raise DataError(
            f"{what} is no date", where=where, line=line, found=text, expected="YYYY-MM-DD"
        )


def check_references(pack: FolderPack) -> None:
    """One pass over the files: no duplicate id, no name of a missing document, user, fact, twin or
    moment, no JSON Schema that cannot be used.

    Raises DataError at the first problem. Keeps only ids in memory.
    """
    root = pack.root
    users = _ids(root, "users.jsonl", User)
    facts = _ids(root, "facts.jsonl", Fact)
    documents = _ids(root, "documents.jsonl", Document)
    items = _ids(root, "items.jsonl", Item)
    for document, line in _numbered(root, "documents.jsonl", Document):
        place = (root / "documents.jsonl", line)
        check_date(document.date, *place, f"the date of document {document.id!r}")
        _known(document.supersedes, documents, "document", *place)
        _known(document.user, users, "user", *place)
    for item, line in _numbered(root, "items.jsonl", Item):
        place = (root / "items.jsonl", line)
        for name in (*item.documents, *item.also):
            _known(name, documents, "document", *place)
        for fact in item.facts:
            _known(fact, facts, "fact", *place)
        _known(item.user, users, "user", *place)
        _known(item.twin, items, "item", *place)
        _known(item.time, pack.times, "moment", *place)
        _usable(item.json_schema, *place)
    for example, line in _numbered(root, "train.jsonl", Example):
        for name in example.documents:
            _known(name, documents, "document", root / "train.jsonl", line)
        _known(example.user, users, "user", root / "train.jsonl", line)
        _usable(example.json_schema, root / "train.jsonl", line)
    _ids(root, "train.jsonl", Example)
    _ids(root, "voices.jsonl", VoiceSample)


def _numbered(root: Path, name: str, kind: type[R]) -> Iterator[tuple[R, int]]:
    if name in REQUIRED or (root / name).exists():
        yield from jsonl.read_numbered(root / name, kind)


def _ids(
    root: Path, name: str, kind: type[Document | Example | Fact | Item | User | VoiceSample]
) -> set[str]:
    found: set[str] = set()
    for record, line in _numbered(root, name, kind):
        if record.id in found:
            raise DataError("this id is used twice", where=root / name, line=line, found=record.id)
        found.add(record.id)
    return found


def _usable(schema: dict[str, Any] | None, where: Path, line: int) -> None:
    if schema is not None:
        try:
            check_schema(schema)
        except BadSchema as error:
            raise DataError(
                f"the JSON Schema cannot be used: {error}", where=where, line=line
            ) from error


def _known(
    name: str | None, known: set[str] | Mapping[str, str], noun: str, where: Path, line: int
) -> None:
    if name is not None and name not in known:
        raise DataError(
            f"names a {noun} that does not exist", where=where, line=line, found=name,
            expected=f"the id of a {noun} of this pack",
        )  # fmt: skip
