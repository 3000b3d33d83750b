"""Checks of pairs: every unanswerable item of the suite hallucination beside an answerable one of
its own cluster.
"""

from __future__ import annotations

from typing import Final

from evals.core.schema import Item
from suites.packs.validate.scan import Scan

PAIRED: Final = "hallucination"


def check_twins(scan: Scan, items: dict[str, tuple[int, Item]], known: set[str]) -> None:
    """Pairs are complete, mutual, opposite and of one cluster.

    ``items`` maps the id of every item that has or needs a twin to (line, item); ``known`` holds
    the ids of all items.
    """
    for line, item in items.values():
        if item.twin is None:
            if item.suite == PAIRED and not item.answerable:
                message = "has no answerable twin, so that always refusing goes unpunished here"
                scan.report("twin_missing", "items.jsonl", line, message)
            continue
        found = items.get(item.twin)
        if found is None:
            if item.twin in known:
                scan.report(
                    "twin_not_mutual",
                    "items.jsonl",
                    line,
                    f"its twin {item.twin!r} names no twin in return",
                )
            else:
                scan.report(
                    "dangling_twin", "items.jsonl", line, f"names the unknown twin {item.twin!r}"
                )
            continue
        twin = found[1]
        if twin.twin != item.id:
            scan.report(
                "twin_not_mutual",
                "items.jsonl",
                line,
                f"its twin {twin.id!r} names {twin.twin!r} in return",
            )
        if twin.answerable == item.answerable:
            scan.report(
                "twin_alike",
                "items.jsonl",
                line,
                f"is answerable just as its twin {twin.id!r} is, or neither",
            )
        if (twin.suite, twin.track, twin.cluster) != (item.suite, item.track, item.cluster):
            message = f"its twin {twin.id!r} stands in another suite, track or cluster"
            scan.report("twin_apart", "items.jsonl", line, message)
