"""What may be compared with what, and the reasons where it may not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np

from evals.analysis.notes import Code, Note, listed, note
from evals.analysis.pairing import Loaded
from evals.analysis.selection import key_of
from evals.core.errors import DataError, UsageError
from evals.core.roles import factors_of
from evals.core.store import HOLDOUT, Manifest
from evals.judge.standing import judge_remarks

ALLOWANCES: Final = ("decode", "items")
"""What a person may allow to differ: decode settings; the items (then only shared ones are
compared).
"""

_ALLOWED_BY: Final[dict[Code, str]] = {"other_decode": "decode", "other_items": "items"}

_DECODE: Final = frozenset(
    {
        "decode",
        "decoding",
        "temperature",
        "top_p",
        "top_k",
        "greedy",
        "do_sample",
    }
)
_OWN: Final = frozenset({"max_new_tokens", "max_tokens", "stop", "stop_repeats", "calibrate"})
"""Where an answer ends and how a label is chosen is a part of a system, as its prompt is: each is
compared at its best.
"""


def require_comparable(
    sides: Sequence[Loaded], allow: Collection[str] = (), *, final: bool = False
) -> list[Note]:
    """Notes a reader needs; raises DataError with every reason where the runs cannot be compared.

    Never comparable: another pack or content of it, another profile or limit, scores by other
    metric code. Comparable only where allowed: other decode settings, other items. Raises
    UsageError for an unknown allowance, and for questions held out anywhere but in a final gate.
    """
    held = [side.run.name for side in sides if side.run.manifest.profile == HOLDOUT]
    if bool(held) != final:
        raise UsageError(
            "a final gate is on questions held out, and nothing else is",
            found=", ".join(held) or f"the profile {sides[0].run.manifest.profile}",
            expected=f"runs of --profile {HOLDOUT} with `adaptbench gate --final`",
        )
    for name in allow:
        if name not in ALLOWANCES:
            raise UsageError(f"unknown allowance {name!r}", expected=", ".join(ALLOWANCES))
    first, reasons, notes = sides[0], list[Note](), list[Note]()
    for other in [*(s for side in sides for s in side.seeds), *sides[1:]]:
        for reason in _reasons(first, other):
            allowed = _ALLOWED_BY.get(reason.code) in allow
            code: Code = "pair_allowed" if allowed else "pair_refused"
            pair = note(code, first=first.run.name, second=other.run.name, reason=reason)
            (notes if allowed else reasons).append(pair)
    if reasons:
        allowable = [a for a in ALLOWANCES if a not in allow]
        raise DataError(
            "these runs cannot be compared",
            found=listed(reasons),
            hint=(
                "run them on the same pack, profile and code; --allow may accept"
                f" {' or '.join(allowable)}"
            ),
        )
    for side in sides:
        notes += refused(side.run.name, side.refused)
    return notes + seeds_behind(sides)


def seeds_behind(sides: Sequence[Loaded]) -> list[Note]:
    """A note on each trained system: whether its figures speak of one adapter or of the method."""
    notes = []
    for side in sides:
        seeds = sorted({own.run.manifest.seed for own in (side, *side.seeds)})
        factors, system = factors_of(side.run.manifest), side.run.manifest.system
        if len(seeds) > 1:
            notes.append(note("seeds", system=system, seeds=seeds))
        elif factors is not None and factors.adapter:
            notes.append(note("this_adapter", system=system))
    return notes


def refused(run: str, suites: Mapping[str, Note]) -> list[Note]:
    """A note on each suite of a run whose latencies must not be shown."""
    return [
        note("suite_refused", run=run, suite=suite, reason=why)
        for suite, why in sorted(suites.items())
    ]


def remarks(manifest: Manifest) -> list[Note]:
    """A note on each judged metric of a run: who judges, and whether that was measured."""
    return [note("judge", text=text) for text in judge_remarks(manifest)]


def other_machines(sides: Sequence[Loaded]) -> Note | None:
    """Why the runs' latencies do not compare: they come from machines of different classes."""
    classes = sorted({str(side.run.manifest.machine.get("class", "unknown")) for side in sides})
    return None if len(classes) == 1 else note("other_machines", classes=classes)


def _reasons(a: Loaded, b: Loaded) -> list[Note]:
    first, second = a.run.manifest, b.run.manifest
    found: list[Note] = []
    if key_of(first) != key_of(second):
        found.append(note("other_questions", first=str(key_of(first)), second=str(key_of(second))))
    shared = [suite for suite in first.suites if suite in second.suites]
    held = [suite for suite in shared if suite in a.tables and suite in b.tables]
    if not shared:
        found.append(note("no_shared_suite"))
    if set(first.suites) == set(second.suites) and first.scoring != second.scoring:
        found.append(note("other_scoring"))
    changed = sorted(_changed_decode(first.identity, second.identity))
    if changed:
        found.append(note("other_decode", settings=changed))
    for suite in held:
        if not np.array_equal(_items(a, suite), _items(b, suite)):
            found.append(note("other_items", suite=suite))
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
            sampling = inner
            if isinstance(inner, dict):
                sampling = {name: each for name, each in inner.items() if name not in _OWN}
            found.append((f"{path}{key}", sampling))
        else:
            found += _decode(inner, f"{path}{key}.")
    return found


def _items(side: Loaded, suite: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    tables = side.tracks(suite)
    if not tables:
        return np.empty(0, dtype=np.int64)
    return np.sort(np.concatenate([np.frombuffer(t.items, dtype=np.int64) for t in tables]))
