"""A few items with their gold, for a person to read."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator

from evals.core.errors import UsageError
from evals.core.schema import Document, Item
from suites.packs.reader import FolderPack


def sample(
    pack: FolderPack,
    count: int,
    *,
    suite: str | None = None,
    track: str | None = None,
    seed: int = 0,
) -> Iterator[tuple[Item, list[Document]]]:
    """``count`` items (fewer where there are no more) chosen by hash, each with its gold documents.

    Streams the pack twice and holds the chosen items alone. Raises UsageError where nothing fits.
    """
    fits = (i for i in pack.items(suite) if track in (None, i.track))
    chosen = heapq.nsmallest(
        count, fits, key=lambda i: hashlib.sha256(f"{seed}\0{i.id}".encode()).digest()
    )
    if not chosen:
        raise UsageError("no item fits", found=f"suite {suite or 'any'}, track {track or 'any'}")
    wanted = {name for item in chosen for name in item.documents}
    documents = {d.id: d for d in pack.documents() if d.id in wanted}
    for item in chosen:
        yield item, [documents[name] for name in item.documents if name in documents]


def shown(item: Item, documents: list[Document]) -> list[str]:
    """The item as a few lines of text."""
    gold = "; ".join(
        f"{s.name}: {s.value}{f' (was {s.stale[0]})' if s.stale else ''}" for s in item.gold
    )
    lines = [
        (
            f"{item.id}  [{item.suite} /"
            f" {item.track}]{'' if item.user is None else f'  asked by {item.user}'}"
        ),
        f"  question   {item.question}",
        (
            "  gold      "
            f" {gold or (item.references[0] if item.answerable and item.references else 'none')}"
        ),
    ]
    for document in documents:
        lines.append(
            f"  document   {document.id} ({document.date}): {' '.join(document.text.split())[:160]}"
        )
    return lines
