"""Reads every file of a pack line by line, reports what cannot be read, and keeps what the other
checks look up.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import msgspec

from evals.core import jsonl
from evals.core.errors import DataError
from evals.core.schema import Document, Fact, Record
from suites.packs.layout import FILES, REQUIRED, PackFile
from suites.packs.reader import check_plain, read_pack_file
from suites.packs.validate.findings import MAX_ID, MAX_QUESTION, MAX_TEXT, Findings

R = TypeVar("R", bound=Record)

_BAD_ID: Final = frozenset("\\\0\n\r\t")


@dataclass(frozen=True)
class DocumentNote:
    """What is kept of a document: where it stands in the file, not its text."""

    line: int
    offset: int
    date: str
    user: str | None
    supersedes: str | None


@dataclass
class Scan:
    """A pack folder with tables of its ids; texts stay on disk."""

    root: Path
    settings: PackFile
    findings: Findings
    documents: dict[str, DocumentNote] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    replaced_by: dict[str, str] = field(default_factory=dict)
    _stream: BinaryIO | None = None

    def __post_init__(self) -> None:
        self._cached = lru_cache(maxsize=512)(self._text)

    def records(self, name: str, kind: type[R]) -> Iterator[tuple[int, R]]:
        """(line, record) of every sound line of a file; broken ones were reported by `read_all`."""
        for number, _, record in read_lines(self.root / name, kind, None):
            yield number, record

    def report(self, kind: str, file: str, line: int | None, message: str) -> None:
        """Note one defect."""
        self.findings.add(kind, file, line, message)

    def text(self, document: str) -> str:
        """Title and text of a document, read from its place in the file; empty for an unknown
        one.
        """
        note = self.documents.get(document)
        return "" if note is None else self._cached(note.offset)

    def _text(self, offset: int) -> str:
        if self._stream is None:
            self._stream = (self.root / "documents.jsonl").open("rb")
        self._stream.seek(offset)
        found = msgspec.json.decode(self._stream.readline(), type=Document)
        return f"{found.title}\n{found.text}"

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()


def scan(root: Path, findings: Findings) -> Scan | None:
    """Read the whole pack once. None where there is no pack.toml to start from."""
    try:
        settings = read_pack_file(root)
    except DataError as error:
        findings.add("settings", "pack.toml", None, error.problem)
        return None
    found = Scan(root, settings, findings)
    for name, kind in FILES.items():
        path = root / name
        try:
            check_plain(path)
        except DataError as error:
            findings.add("missing_file", name, None, error.problem)
            return None
        if path.exists():
            _read_all(found, name, kind)
        elif name in REQUIRED:
            findings.add("missing_file", name, None, "this file is required")
    return found


def _read_all(found: Scan, name: str, kind: type[Record]) -> None:
    seen: dict[str, int] = {}
    for number, offset, record in read_lines(found.root / name, kind, found.findings):
        ident = str(getattr(record, "id", ""))
        if ident in seen:
            found.report(
                "duplicate_id",
                name,
                number,
                f"the id {ident!r} is used on line {seen[ident]} already",
            )
            continue
        seen[ident] = number
        _check_id(found, name, number, ident)
        _check_sizes(found, name, number, record)
        if isinstance(record, Document):
            found.documents[ident] = DocumentNote(
                number, offset, record.date, record.user, record.supersedes
            )
            if record.supersedes:
                found.replaced_by[record.supersedes] = ident
        elif isinstance(record, Fact):
            found.facts[ident] = record
        elif name == "users.jsonl":
            found.users[ident] = str(getattr(record, "name", ""))


def read_lines(
    path: Path, kind: type[R], findings: Findings | None
) -> Iterator[tuple[int, int, R]]:
    """(line, byte offset, record) of every sound line; the others are reported where ``findings``
    is given.
    """
    decoder = msgspec.json.Decoder(kind)
    with path.open("rb") as stream:
        number = offset = 0
        while line := stream.readline(jsonl.MAX_LINE + 1):
            number += 1
            start, offset = offset, offset + len(line)
            if number == 1 and line.startswith(BOM_UTF8):
                start, line = len(BOM_UTF8), line.removeprefix(BOM_UTF8)
            if len(line) > jsonl.MAX_LINE:
                if findings is not None:
                    message = (
                        f"line longer than {jsonl.MAX_LINE} bytes; the rest of the file was not"
                        " read"
                    )
                    findings.add("oversized_line", path.name, number, message)
                return
            stripped = line.strip()
            if not stripped:
                continue
            record = _decode(stripped, decoder, path.name, number, findings)
            if record is not None:
                yield number, start, record


def _decode(
    line: bytes, decoder: msgspec.json.Decoder[R], file: str, number: int, findings: Findings | None
) -> R | None:
    try:
        line.decode("utf-8")
        return decoder.decode(line)
    except UnicodeDecodeError as error:
        kind, message = "not_utf8", f"not UTF-8: {error.reason} at byte {error.start}"
    except msgspec.ValidationError as error:
        kind, message = "wrong_type", str(error)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        kind, message = "broken_line", f"not one JSON object: {error}"
    if findings is not None:
        findings.add(kind, file, number, message)
    return None


def _check_id(found: Scan, name: str, line: int, ident: str) -> None:
    parts = ident.replace("\\", "/").split("/")
    if not ident.strip() or len(ident) > MAX_ID:
        found.report("bad_id", name, line, f"an id has 1 to {MAX_ID} characters, not {len(ident)}")
    elif ".." in parts or ident.startswith(("/", "~")) or _BAD_ID & set(ident) or ":/" in ident:
        found.report(
            "path_escape", name, line, f"the id {ident!r} reads like a path out of the pack"
        )


def _check_sizes(found: Scan, name: str, line: int, record: Record) -> None:
    for key in ("text", "question", "title"):
        value = getattr(record, key, None)
        if not isinstance(value, str):
            continue
        limit = MAX_TEXT if name == "documents.jsonl" else MAX_QUESTION
        if len(value) > limit:
            found.report(
                "oversized_text",
                name,
                line,
                f"{key} has {len(value)} characters, at most {limit} make sense",
            )
        if not value.strip() and key != "title":
            found.report("empty_text", name, line, f"{key} is empty")
        if any(ord(c) < 32 and c not in "\n\t\r" for c in value) or "\x7f" in value:
            found.report("control_character", name, line, f"{key} holds a control character")
