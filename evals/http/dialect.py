"""What a server takes of a chat request, learned from what it refuses.

Reasoning models want ``max_completion_tokens`` and no temperature, old servers know ``max_tokens``
alone, some refuse a seed, stop words, log-probabilities or a reply's schema. A refusal (HTTP 400 or
422) that names a key of ours settles it for all later requests; the request is then sent in its
other form.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Collection, Mapping
from typing import Any, Final

LIMITS: Final = ("max_tokens", "max_completion_tokens")
OPTIONAL: Final = ("temperature", "seed", "stop", "stream_options", "logprobs", "response_format")
MOST: Final = len(OPTIONAL) + len(LIMITS)
"""Refusals after which nothing is left to give up."""

_WORDS: Final = {
    **{name: re.compile(rf"\b{name}\b") for name in (*LIMITS, *OPTIONAL)},
    "response_format": re.compile(r"response_format|json_schema|\bschema\b|\bgrammar\b"),
}
_TOO_LONG: Final = re.compile(
    r"(?i)context[ _](length|window)|maximum context|too (long|large|many tokens)|exceeds?\b"
)
"""The request's own fault: another form of the same request would be refused again."""


class Dialect:
    """The form in which requests are sent to one server. Thread-safe."""

    def __init__(self) -> None:
        self._renamed = False
        self._left_out: set[str] = set()
        self._lock = threading.Lock()

    def adapt(self, body: Mapping[str, Any], fixed: Collection[str] = ()) -> dict[str, Any]:
        """The body as this server takes it; keys in ``fixed`` are the user's own and stay."""
        found = {}
        for key, value in body.items():
            if key in fixed:
                found[key] = value
            elif key in LIMITS:
                name = LIMITS[1] if self._renamed else key
                if name not in self._left_out:
                    found[name] = value
            elif key not in self._left_out:
                found[key] = value
        return found

    def learn(self, sent: Mapping[str, Any], refusal: str, fixed: Collection[str] = ()) -> bool:
        """Give up what a refusal of ``sent`` names; False where it names nothing that could be
        given up.
        """
        name = _named(refusal, [k for k in (*LIMITS, *OPTIONAL) if k in sent and k not in fixed])
        if name is None:
            return False
        with self._lock:
            if name == LIMITS[0]:
                self._renamed = True
            else:
                self._left_out.add(name)
        return True

    def settled(self) -> dict[str, Any] | None:
        """What was learned, for the manifest: the name of the limit, and what is left out.

        None where nothing was.
        """
        with self._lock:
            if not self._renamed and not self._left_out:
                return None
            limit = (
                None if LIMITS[1] in self._left_out else LIMITS[1] if self._renamed else LIMITS[0]
            )
            return {"limit": limit, "left_out": sorted(self._left_out - set(LIMITS))}


def _named(refusal: str, ours: list[str]) -> str | None:
    """The key of ours that a refusal is about: its ``param``, else the first that its text
    mentions.
    """
    start = refusal.find("{")
    try:
        error = json.loads(refusal[start:]).get("error") if start >= 0 else None
        param = error.get("param") if isinstance(error, dict) else None
    except (ValueError, AttributeError, RecursionError):
        param = None
    if _TOO_LONG.search(refusal):
        return None
    if isinstance(param, str) and param.partition(".")[0] in ours:
        return param.partition(".")[0]
    found = {name: m.start() for name in ours if (m := _WORDS[name].search(refusal))}
    return min(found, key=found.__getitem__) if found else None
