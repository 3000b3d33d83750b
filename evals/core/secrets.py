"""Values that must not reach a file, a log or a terminal: remembered where they are read, hidden
wherever records are encoded and text is printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

MASK: Final = "***"

_SHORTEST: Final = 6
"""Shorter values are no secrets worth the name, and masking them would garble texts."""

_NAMED: Final = re.compile(
    r"(?i)(api|access|secret|private|auth)[_-]?key|passw(or)?d|passphrase|secret|credential"
    r"|authorization|^cookie$|(^|[_-])token$"
)
_IN_ADDRESS: Final = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_QUERY: Final = re.compile(
    r"(?i)(?<=[?&])((?:\w*[_-])?(?:key|token|sig|signature|secret))=[^&#\s]+"
)
_known: set[str] = set()


def remember(*values: str) -> None:
    """Hide these values from now on, in the forms that text and JSON have them."""
    for value in (v for v in values if len(v) >= _SHORTEST):
        escaped = json.dumps(value, ensure_ascii=False)[1:-1]
        _known.update((value, escaped, json.dumps(value)[1:-1]))


def hide(text: str) -> str:
    """The text without the values that are remembered."""
    for value in sorted(_known, key=len, reverse=True) if _known else ():
        text = text.replace(value, MASK)
    return text


def hide_bytes(line: bytes) -> bytes:
    """A line of JSON without the values that are remembered."""
    return hide(line.decode("utf-8")).encode("utf-8") if _known else line


def masked(settings: Any) -> Any:
    """Settings with the values of keys that are named like secrets masked, at any depth, and
    passwords and keys within addresses; all of them are remembered.
    """
    if isinstance(settings, Mapping):
        return {k: _mask(v) if _NAMED.search(str(k)) else masked(v) for k, v in settings.items()}
    if isinstance(settings, list | tuple):
        return [masked(v) for v in settings]
    return in_address(settings) if isinstance(settings, str) else settings


def in_address(text: str) -> str:
    """An address without the password or key that it holds; both are remembered."""
    for found in _IN_ADDRESS.findall(text):
        remember(found, found.partition(":")[2])
    remember(*(found[0].partition("=")[2] for found in _QUERY.finditer(text)))
    return _QUERY.sub(rf"\1={MASK}", _IN_ADDRESS.sub(MASK, text))


def _mask(value: Any) -> Any:
    """A secret of any shape: names stay, values go."""
    if isinstance(value, Mapping):
        return {k: _mask(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_mask(v) for v in value]
    if isinstance(value, str):
        remember(value, value.partition(" ")[2])
    return MASK if value else value
