"""Opening hours of a record, by weekday, and whether a sentence contradicts them. For
`groundedness.records`.

Read are "open Monday to Friday from 9am to 5 pm", "11:00-21:00 on weekends", "closed on Sundays"
and their like. A sentence that is not understood contradicts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Span = tuple[int, int]
"""Minutes after midnight at which a place opens and closes."""
Hours = Mapping[int, Span | None]
"""Weekday (Monday is 0) to its hours; None where the record has an entry that is no range. A day
left out is closed.
"""

_RANGE = re.compile(r"(\d{1,2}):(\d{1,2})\s*-\s*(\d{1,2}):(\d{1,2})")
_TIME = r"(?:(\d{1,2})(?::(\d{2}))?\s*(a\.?m\b\.?|p\.?m\b\.?)?|(noon|midnight))"
_SAID = re.compile(rf"\b{_TIME}\s*(?:-|–|—|to|until|till|and)\s*{_TIME}", re.IGNORECASE)
_DAY = "|".join(f"{d[:3]}(?:{d[3:]})?s?" for d in DAYS)
_WHEN = re.compile(
    rf"\b(?:(?P<first>{_DAY})\s*(?:-|–|to|through|thru|until)\s*(?P<last>{_DAY})|(?P<one>{_DAY})"
    r"|(?P<week>weekdays?)|(?P<end>weekends?)|(?P<all>daily|every\s?day|seven days|7 days|all"
    r" week))\b",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"\b(?:extended|extends?|longer|later|earl\w*|except\w*|most|mainly|var\w+|until|generally)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\b(?:while|but|except|extended|longer)\b", re.IGNORECASE)
_SHUT: Final = (-1, -1)
"""The hours of a day that the record leaves out."""
_CLOSED = re.compile(r"\bclosed\b", re.IGNORECASE)


def find(record: Any) -> Hours | None:
    """The first object of a record whose keys are weekdays; None without one."""
    if not isinstance(record, dict):
        return None
    keys = [str(k).lower() for k in record]
    if keys and set(keys) <= set(DAYS):
        return {DAYS.index(str(k).lower()): _span(v) for k, v in record.items()}
    for inner in record.values():
        if (found := find(inner)) is not None:
            return found
    return None


def _span(value: Any) -> Span | None:
    match = _RANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    a, b, c, d = (int(g) for g in match.groups())
    return None if (a, b) == (c, d) else (60 * a + b, 60 * c + d)


def conflicts(sentence: str, hours: Hours) -> int:
    """How many of a sentence's statements about opening differ from the hours."""
    wrong = 0
    loose = bool(_LOOSE.search(sentence))
    for days, said in [stated for part in _PARTS.split(sentence) for stated in _statements(part)]:
        right = [h is None or _near(h, said) for d in sorted(days) for h in [hours.get(d, _SHUT)]]
        wrong += not (any(right) if loose else all(right))
    return wrong + _closed(sentence, hours)


def _statements(sentence: str) -> list[tuple[frozenset[int], Span]]:
    """Each span of time with the days it is said of: those before it, or where a span comes first,
    those after it.
    """
    groups: list[frozenset[int] | Span] = []
    for found in _events(sentence):
        last = groups[-1] if groups else None
        if isinstance(found, frozenset) and isinstance(last, frozenset):
            groups[-1] = last | found
        else:
            groups.append(found)
    if groups and isinstance(groups[0], frozenset) and isinstance(groups[-1], frozenset):
        groups = groups[1:]
    after = bool(groups) and isinstance(groups[0], tuple)
    stated = []
    for n, said in enumerate(groups):
        if isinstance(said, tuple):
            near = groups[n + 1 : n + 2] if after else groups[n - 1 : n]
            stated += [(days, said) for days in near if isinstance(days, frozenset)]
    return stated


def _closed(sentence: str, hours: Hours) -> int:
    """Days that a sentence calls closed and the record has hours for."""
    match = _CLOSED.search(sentence)
    if match is None:
        return 0
    after = [d for m in _WHEN.finditer(sentence, match.end(), match.end() + 40) for d in _days(m)]
    return int(any(hours.get(d) is not None for d in after))


def _near(known: Span, said: Span) -> bool:
    """The same span; a time without am or pm may be either half of the day, midnight is 0 or
    24.
    """
    return all((k - s) % 720 == 0 for k, s in zip(known, said, strict=True))


def _events(sentence: str) -> list[frozenset[int] | Span]:
    """Days and spans in their order; bare numbers without minutes or am and pm are no times."""
    found: list[tuple[int, frozenset[int] | Span]] = []
    for match in _SAID.finditer(sentence):
        if any(match.group(g) for g in (2, 3, 4, 6, 7, 8)):
            found.append((match.start(), (_minutes(match, 1), _minutes(match, 5))))
    found += [(m.start(), _days(m)) for m in _WHEN.finditer(sentence)]
    return [event for _, event in sorted(found, key=lambda f: f[0])]


def _minutes(match: re.Match[str], at: int) -> int:
    if match.group(at) is None:
        return 720 if match.group(at + 3).lower() == "noon" else 0
    return 60 * int(match.group(at)) + int(match.group(at + 1) or 0)


def _days(match: re.Match[str]) -> frozenset[int]:
    if match["first"]:
        first, last = _index(match["first"]), _index(match["last"])
        return frozenset(
            range(first, last + 1) if first <= last else (*range(first, 7), *range(last + 1))
        )
    if match["one"]:
        return frozenset({_index(match["one"])})
    return frozenset(range(5) if match["week"] else (5, 6) if match["end"] else range(7))


def _index(day: str) -> int:
    return next(i for i, d in enumerate(DAYS) if day.lower().startswith(d[:3]))


_OPEN = re.compile(r"\b(?:open(?:s|ed)?|opening|hours)\b", re.IGNORECASE)
_SHUT_WORD = re.compile(r"\b(?:closed|shut|except)\b", re.IGNORECASE)


def opened(sentence: str, question: str) -> bool | None:
    """Whether a sentence on opening says yes to a question about one day; None where either is no
    such.

    "Open Monday to Saturday" says no to "are you open on Sundays?", and so does "daily except
    Sundays".
    """
    asked = [m for m in _WHEN.finditer(question) if m["one"]]
    if len(asked) != 1 or not _OPEN.search(question):
        return None
    day = _days(asked[0])
    shut = _SHUT_WORD.search(sentence)
    if not (shut or _OPEN.search(sentence)):
        return None
    said = [(m.start(), day <= _days(m)) for m in _WHEN.finditer(sentence)]
    if shut and any(holds for at, holds in said if at > shut.start()):
        return False
    before = [holds for at, holds in said if not shut or at < shut.start()]
    return (any(before) and not (shut and shut[0] == "closed")) if before else None
