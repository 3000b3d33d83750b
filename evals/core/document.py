"""The block of a document that a command writes: what stands between two markers, and nothing else
of the page.
"""

from __future__ import annotations

from pathlib import Path

from evals.core.errors import UsageError
from evals.core.paths import write_atomic


def with_block(path: Path, begin: str, end: str, text: str) -> str:
    """The document at ``path`` with ``text`` between the marker ``begin`` and the first ``end``
    after it.

    Raises UsageError where the document cannot be read or a marker is missing.
    """
    try:
        document = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the document cannot be read: {error}", where=path) from error
    head, found, rest = document.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise UsageError(
            "the document has no place for the figures", where=path, expected=f"{begin} and {end}"
        )
    return f"{head}{begin}\n{text.strip()}\n{end}{tail}"


def replace_block(path: Path, begin: str, end: str, text: str) -> None:
    """Put ``text`` between the two markers, the whole document or nothing. Raises as
    `with_block`.
    """
    write_atomic(path, with_block(path, begin, end, text))
