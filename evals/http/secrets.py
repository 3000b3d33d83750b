"""Secrets kept out of messages, and addresses that hold none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from evals.core.errors import UsageError
from evals.core.secrets import MASK, in_address, masked

_SHORTEST: Final = 6
"""As for `evals.core.secrets`."""

_PLAIN: Final = frozenset(("accept", "accept-language", "content-type", "user-agent"))
_LOOKS_LIKE: Final = r"\bbearer\s+[\w.~+/=-]{6,}|\b(?:sk|pk|rk)-[\w-]{12,}"


def masker(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces known secrets, and what looks like a key, by `MASK`."""
    known = sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True)
    pattern = re.compile("|".join([*map(re.escape, known), _LOOKS_LIKE]), re.IGNORECASE)
    return lambda text: pattern.sub(MASK, text)


def secrets_of(headers: Mapping[str, str]) -> set[str]:
    """The values of headers that may be secret, whole and without their scheme (``Bearer``).

    Those with a secret's name are remembered: they are hidden in answers, too.
    """
    masked(headers)
    values = {v for k, v in headers.items() if k.lower() not in _PLAIN}
    return values | {v.partition(" ")[2] for v in values if " " in v}


def is_address(url: str) -> bool:
    """Whether a text is an http(s) address with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a broken host or port
        return False


def check_address(url: str, what: str, hint: str) -> str:
    """The address, without its last slash.

    Raises UsageError where it is not http(s) or holds a password.
    """
    if not is_address(url):
        raise UsageError(
            f"{what} needs its address",
            found=in_address(url) or "no url",
            expected="http://… or https://…",
            hint=hint,
        )
    if in_address(url) != url:
        raise UsageError(f"the address of {what} holds a secret", hint=hint)
    return url.rstrip("/")
