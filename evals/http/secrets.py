"""Secrets kept out of messages, identities and stored records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from evals.core.errors import UsageError

MASK: Final = "***"

_SHORTEST: Final = 6
"""Shorter values are no secrets worth the name, and masking them would garble messages."""

_PLAIN: Final = frozenset(("accept", "accept-language", "content-type", "user-agent"))
_LOOKS_LIKE: Final = r"\bbearer\s+[\w.~+/=-]{6,}|\b(?:sk|pk|rk)-[\w-]{12,}"
_NAMED: Final = re.compile(
    r"(?i)(api|access|secret|private|auth)[_-]?key|passw(or)?d|secret|authorization|(^|[_-])token$"
)


def masker(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces known secrets, and what looks like a key, by `MASK`."""
    known = sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True)
    pattern = re.compile("|".join([*map(re.escape, known), _LOOKS_LIKE]), re.IGNORECASE)
    return lambda text: pattern.sub(MASK, text)


def secrets_of(headers: Mapping[str, str]) -> set[str]:
    """The values of headers that may be secret, whole and without their scheme (``Bearer``)."""
    values = {v for k, v in headers.items() if k.lower() not in _PLAIN}
    return values | {v.partition(" ")[2] for v in values if " " in v}


def masked(table: Any) -> Any:
    """A table of settings with the values of keys that are named like secrets masked, at any
    depth.
    """
    if isinstance(table, Mapping):
        return {k: MASK if _NAMED.search(str(k)) and v else masked(v) for k, v in table.items()}
    return [masked(v) for v in table] if isinstance(table, list | tuple) else table


def check_address(url: str, what: str, hint: str) -> str:
    """The address, without its last slash.

    Raises UsageError where it is not http(s) or holds a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"{what} needs its address",
            found=url or "no url",
            expected="http://… or https://…",
            hint=hint,
        )
    if parts.username or parts.password:
        raise UsageError(f"the address of {what} holds a secret", hint=hint)
    return url.rstrip("/")
