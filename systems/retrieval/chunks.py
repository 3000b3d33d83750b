"""Cut documents into passages: a short document stays whole, a long one is split where its text
allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evals.core.schema import Document


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document. ``user`` marks it as private to that user."""

    id: str
    document: str
    user: str | None
    text: str

    @property
    def key(self) -> tuple[str, str | None, str]:
        """What the index depends on."""
        return self.id, self.user, self.text


def cut(documents: Iterable[Document], size: int, overlap: int = 0) -> Iterator[Chunk]:
    """Chunks of at most ``size`` characters of text each, in document order, headed by title and
    date.

    The first chunk of a document that is cut is ``<document>#0``; a whole document keeps its id.
    """
    from semantic_text_splitter import TextSplitter

    splitter = TextSplitter(size, overlap=overlap)
    for document in documents:
        if len(document.text) <= size:
            yield Chunk(document.id, document.id, document.user, headed(document, document.text))
            continue
        for number, piece in enumerate(splitter.chunks(document.text)):
            yield Chunk(
                f"{document.id}#{number}", document.id, document.user, headed(document, piece)
            )


def headed(document: Document, text: str) -> str:
    """A passage as indexed, shown to the model and stored: the date, the title unless the text
    begins with it, text.
    """
    if text.startswith(document.title):
        return f"[{document.date}] {text}"
    return f"[{document.date}] {document.title}\n{text}"
