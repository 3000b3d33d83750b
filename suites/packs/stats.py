"""Counts over a pack, in one pass over each file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from evals.core.identity import labelled
from suites.packs.reader import FolderPack


def stats(pack: FolderPack) -> dict[str, Any]:
    """Documents by kind, items by suite and track with their clusters, training by stratum and
    task, facts, voices.
    """
    return {
        "pack": labelled(pack.name, pack.identity),
        "brand": pack.brand,
        "times": dict(pack.times),
        "documents": _documents(pack),
        "items": _items(pack),
        "training": _counted(f"{e.stratum} / {e.task}" for e in pack.examples()),
        "facts": _facts(pack),
        "users": sum(1 for _ in pack.users()),
        "voices": _counted(f"{v.voice} / {v.split}" for v in pack.voices()),
    }


def _documents(pack: FolderPack) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    words = private = superseding = 0
    for document in pack.documents():
        kinds[document.kind] += 1
        words += len(document.text.split())
        private += document.user is not None
        superseding += document.supersedes is not None
    total = kinds.total()
    return {
        "total": total,
        "private": private,
        "superseding": superseding,
        "mean_words": round(words / total, 1) if total else 0.0,
        "by_kind": dict(sorted(kinds.items())),
    }


def _items(pack: FolderPack) -> dict[str, dict[str, dict[str, int]]]:
    clusters: dict[tuple[str, str], set[str]] = defaultdict(set)
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for item in pack.items():
        key = (item.suite, item.track)
        clusters[key].add(item.cluster)
        counts[key]["items"] += 1
        counts[key]["unanswerable"] += not item.answerable
        counts[key]["changed"] += item.changed is True
        counts[key]["personal"] += item.user is not None
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for (suite, track), count in sorted(counts.items()):
        found[suite][track] = {"clusters": len(clusters[suite, track]), **count}
    return dict(found)


def _facts(pack: FolderPack) -> dict[str, int]:
    found: Counter[str] = Counter()
    for fact in pack.facts():
        found["total"] += 1
        found["volatile"] += fact.volatile
        found["changed"] += fact.before is not None
        found["private"] += fact.user is not None
    return dict(found)


def _counted(names: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
