"""Reads a folder of Markdown, HTML, PDF and text files into documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from evals.core.errors import DataError
from evals.core.schema import Document
from suites.packs.reader import check_date
from suites.packs.validate.findings import MAX_TEXT

MAX_BYTES: Final = 50 << 20
"""Largest file that is read."""
MAX_TITLE: Final = 120
_FRONT: Final = re.compile(r"\A---\s*\n(.*?)\n---\s*\n", re.DOTALL)
_KEPT: Final = "\n\t\u200c\u200d"
_KEYS: Final = ("title", "date", "user", "supersedes", "kind")


def read_documents(folder: Path, day: str = "") -> Iterator[Document]:
    """Every readable file below ``folder``, by path; ``day`` dates those that do not say their own.

    A document's id is its path below the folder. A Markdown or text file may begin with ``key:
    value`` lines between two lines of ``---``: title, date, user, supersedes, kind. Hidden files,
    links out of the folder and other types are passed over. Raises DataError for a file that cannot
    be read, is too large or holds no text.
    """
    if not folder.is_dir():
        raise DataError("no such folder of documents", where=folder)
    base = folder.resolve()
    seen: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        reader = READERS.get(path.suffix.lower())
        name = path.relative_to(folder)
        if reader is None or not path.is_file() or any(part.startswith(".") for part in name.parts):
            continue
        if not path.resolve().is_relative_to(base):
            continue
        ident = document_id(name.as_posix())
        if ident in seen:
            raise DataError(
                "two files would have one id",
                where=path,
                found=f"{ident}, as {seen[ident].name!r} has",
                hint="rename one of them",
            )
        seen[ident] = path
        yield _document(path, ident, reader, day)


def document_id(name: str) -> str:
    """A file's path below its folder as an id: blanks become ``_``, what UTF-8 cannot hold
    ``?``.
    """
    return re.sub(r"\s", "_", name.encode("utf-8", "replace").decode("utf-8"))


def _document(
    path: Path, ident: str, reader: Callable[[Path], tuple[str, str]], day: str
) -> Document:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DataError(
            "this file is too large",
            where=path,
            found=f"{size} bytes",
            expected=f"at most {MAX_BYTES}",
        )
    title, text = reader(path)
    notes: dict[str, str] = {}
    front = _FRONT.match(text)
    if front:
        pairs = (line.partition(":") for line in front[1].splitlines())
        notes = {key.strip().lower(): value.strip().strip("\"'") for key, _, value in pairs}
        text = text[front.end() :]
    text = _tidy(text)
    if not text:
        raise DataError(
            "no text in this file", where=path, hint="a scanned PDF needs text recognition first"
        )
    if len(text) > MAX_TEXT:
        raise DataError(
            "this document is too long",
            where=path,
            found=f"{len(text)} characters",
            expected=f"at most {MAX_TEXT}",
            hint="split it",
        )
    known = {key: notes[key] for key in _KEYS if notes.get(key)}
    dated = known.get("date", day)
    if dated:
        check_date(dated, path, None, "the date in the front matter")
    named = known.get("title") or title or _heading(text)
    return Document(
        id=ident, title=" ".join(_tidy(named).split())[:MAX_TITLE] or ident, text=text,
        kind=known.get("kind", path.suffix.lower().lstrip(".")), date=dated, user=known.get("user"),
        supersedes=document_id(known["supersedes"]) if "supersedes" in known else None,
    )  # fmt: skip


def _text(path: Path) -> tuple[str, str]:
    try:
        return "", path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"not UTF-8: {error.reason} at byte {error.start}",
            where=path,
            hint="save the file as UTF-8",
        ) from error


def _html(path: Path) -> tuple[str, str]:
    from bs4 import BeautifulSoup

    try:
        page = BeautifulSoup(path.read_bytes(), "html.parser")
        for tag in page(["script", "style", "template", "noscript", "nav", "footer"]):
            tag.decompose()
        title = page.title.get_text(" ", strip=True) if page.title else ""
        return title, (page.body or page).get_text("\n", strip=True)
    except (RecursionError, ValueError, AssertionError) as error:
        raise DataError(
            f"not readable HTML: {type(error).__name__}: {error}", where=path
        ) from error


def _pdf(path: Path) -> tuple[str, str]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    broken = (
        PyPdfError,
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    )
    try:
        reader = PdfReader(path)
        title = str((reader.metadata.title if reader.metadata else None) or "")
        return title, "\n".join(page.extract_text() for page in reader.pages)
    except broken as error:
        raise DataError(
            f"not a readable PDF: {type(error).__name__}: {error}", where=path
        ) from error


READERS: Final[dict[str, Callable[[Path], tuple[str, str]]]] = {
    ".md": _text, ".markdown": _text, ".txt": _text, ".html": _html, ".htm": _html, ".pdf": _pdf,
}  # fmt: skip
"""File ending -> (path) -> (title, text)."""


def _heading(text: str) -> str:
    """The first Markdown heading, else the first line."""
    found = re.search(r"^#+\s+(.+)$", text, re.MULTILINE)
    return found[1] if found else text.splitlines()[0]


def _tidy(text: str) -> str:
    """Odd blanks as plain ones, control characters out, at most one empty line in a row."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        c if c.isprintable() or c in _KEPT else " " if c.isspace() else "" for c in lines
    )
    return re.sub(r"\n{3,}", "\n\n", kept).strip()
