"""What may be compared with what, and the reasons where it may not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np

from evals.analysis.pairing import Loaded
from evals.analysis.selection import key_of
from evals.core.errors import DataError, UsageError

ALLOWANCES: Final = ("decode", "items")
"""What a person may allow to differ: decode settings; the items (then only shared ones are compared)."""

_DECODE: Final = frozenset(
    {
        "decode",
        "decoding",
        "temperature",
        "top_p",
        "top_k",
        "max_new_tokens",
        "max_tokens",
        "greedy",
        "do_sample",
        "stop",
    }
)


def require_comparable(sides: Sequence[Loaded], allow: Collection[str] = ()) -> list[str]:
    """Notes a reader needs; raises DataError with every reason where the runs cannot be compared.

    Never comparable: another pack or content of it, another profile or limit, scores by other metric code. Comparable
    only where allowed: other decode settings, other items. Raises UsageError for an unknown allowance.
    """
    for name in allow:
        if name not in ALLOWANCES:
            raise UsageError(f"unknown allowance {name!r}", expected=", ".join(ALLOWANCES))
    first, reasons, notes = sides[0], [], []
    for other in sides[1:]:
        found = _reasons(first, other)
        pair = f"{first.run.name} and {other.run.name}"
        reasons += [f"{pair}: {why}" for kind, why in found if kind not in allow]
        notes += [f"{pair}: {why} (allowed)" for kind, why in found if kind in allow]
    if reasons:
        allowable = [a for a in ALLOWANCES if a not in allow]
        raise DataError(
            "these runs cannot be compared",
            found="; ".join(reasons),
            way_out=f"run them on the same pack, profile and code; --allow may accept {' or '.join(allowable)}",
        )
    for side in sides:
        notes += [f"{side.run.name}: {suite} is refused: {why}" for suite, why in sorted(side.refused.items())]
    return notes


def other_machines(sides: Sequence[Loaded]) -> str | None:
    """Why the runs' latencies do not compare: they come from machines of different classes."""
    classes = sorted({str(side.run.manifest.machine.get("class", "unknown")) for side in sides})
    return (
        None
        if len(classes) == 1
        else f"latency only compares within one class of machine, not {' with '.join(classes)}"
    )


def _reasons(a: Loaded, b: Loaded) -> list[tuple[str, str]]:
    first, second = a.run.manifest, b.run.manifest
    found: list[tuple[str, str]] = []
    if key_of(first) != key_of(second):
        found.append(("pack", f"other questions: {key_of(first)} and {key_of(second)}"))
    shared = [suite for suite in first.suites if suite in second.suites]
    if not shared:
        found.append(("suites", "they share no suite"))
    if set(first.suites) == set(second.suites) and first.scoring != second.scoring:
        found.append(("scoring", "scored by other versions of the metrics; the same run command scores again"))
    changed = sorted(_changed_decode(first.identity, second.identity))
    if changed:
        found.append(("decode", f"other decode settings: {', '.join(changed)}"))
    for suite in shared:
        if not np.array_equal(_items(a, suite), _items(b, suite)):
            found.append(("items", f"other items in {suite}"))
    return found


def _changed_decode(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    one, two = dict(_decode(first.get("system"))), dict(_decode(second.get("system")))
    return [name for name in one.keys() & two.keys() if one[name] != two[name]]


def _decode(value: object, path: str = "") -> list[tuple[str, object]]:
    if not isinstance(value, dict):
        return []
    found: list[tuple[str, object]] = []
    for key, inner in value.items():
        if key in _DECODE:
            found.append((f"{path}{key}", inner))
        else:
            found += _decode(inner, f"{path}{key}.")
    return found


def _items(side: Loaded, suite: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    tables = side.tracks(suite)
    if not tables:
        return np.empty(0, dtype=np.int64)
    return np.sort(np.concatenate([np.frombuffer(t.items, dtype=np.int64) for t in tables]))
