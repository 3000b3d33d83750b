"""Asks a judge over any OpenAI-compatible server: one prompt, one bounded reply, with its cost whatever came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from evals.core.errors import SystemFailure
from evals.core.judge import JudgeSettings
from evals.judge.settings import key

MAX_BODY: Final = 1 << 20
"""Longest reply that is read, bytes."""

_PASSING: Final = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
_REFUSED: Final = frozenset((401, 403, 404))
_PAUSE: Final = 0.5


@dataclass
class Cost:
    """What judging used: calls made (failed ones too) and the tokens the server counted."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def add(self, other: Cost) -> None:
        """Add another cost to this one."""
        self.calls += other.calls
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens


@dataclass
class JudgeTrouble(Exception):
    """One exchange without a usable reply. ``cause`` as in `ragas_metrics`; ``passing`` ones are worth another try."""

    cause: str
    message: str
    passing: bool = True


@dataclass
class JudgeClient:
    """A judge. Thread-safe; close it."""

    settings: JudgeSettings
    _client: httpx2.Client = field(init=False)
    _limits: dict[str, Any] = field(init=False)
    _schemas: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        s = self.settings
        secret = key()
        self._client = httpx2.Client(
            headers={"authorization": f"Bearer {secret}"} if secret else {},
            timeout=httpx2.Timeout(s.timeout),
            follow_redirects=False,
        )
        self._limits = {"max_tokens": s.max_tokens, "temperature": 0.0}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(self, messages: list[dict[str, str]], cost: Cost, schema: Mapping[str, Any] | None = None) -> str:
        """The text of the reply; ``cost`` grows by what was used, also where this raises.

        ``schema`` is asked for where the server knows how to; the reply is still the caller's to check.

        Raises JudgeTrouble where no try within the bounds succeeds, SystemFailure where none can: key, address or model
        refused.
        """
        last = JudgeTrouble("crash", "never tried")
        turn = simpler = 0
        while turn < self.settings.tries:
            try:
                return self._exchange(messages, cost, schema if self._schemas else None)
            except JudgeTrouble as trouble:
                last = trouble
                if not trouble.passing:
                    simpler += 1
                    if simpler > 2 or not self._simpler(trouble.message):
                        break
                    continue
            turn += 1
            if turn < self.settings.tries:
                time.sleep(_PAUSE * 2 ** (turn - 1))
        raise last

    def _simpler(self, told: str) -> bool:
        """Leave out what the server says it does not take; False where that was nothing of ours."""
        if "max_tokens" in told or "temperature" in told:
            self._limits = {"max_completion_tokens": self.settings.max_tokens}  # what reasoning models want
        elif any(word in told for word in ("response_format", "schema", "grammar")):
            self._schemas = False
        else:
            return False
        return True

    def _exchange(self, messages: list[dict[str, str]], cost: Cost, schema: Mapping[str, Any] | None) -> str:
        url = f"{self.settings.endpoint.url}/chat/completions"
        body = {"model": self.settings.model, "messages": messages, **self._limits}
        if schema is not None:
            form = {"name": "verdict", "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        cost.calls += 1
        ends = time.monotonic() + self.settings.timeout
        try:
            with self._client.stream("POST", url, json=body) as reply:
                raw = b""
                for block in reply.iter_bytes():
                    raw += block
                    if len(raw) > MAX_BODY:
                        raise JudgeTrouble("garbage", f"a reply longer than {MAX_BODY} bytes")
                    if time.monotonic() > ends:
                        raise JudgeTrouble("timeout", f"no whole reply within {self.settings.timeout:g} s")
        except httpx2.TimeoutException as error:
            raise JudgeTrouble("timeout", f"{type(error).__name__} at {url}") from error
        except httpx2.HTTPError as error:
            raise JudgeTrouble("unreachable", f"{type(error).__name__}: {error}") from error
        told = raw[:300].decode("utf-8", "replace")
        if reply.status_code in _REFUSED:
            raise SystemFailure(
                "the judge refuses: key, address or model",
                where=url,
                found=f"HTTP {reply.status_code}: {told}",
                way_out="check --judge URL#model and the key in the environment",
            )
        if reply.status_code != 200:
            passing = reply.status_code in _PASSING
            raise JudgeTrouble("server_error" if passing else "rejected", f"HTTP {reply.status_code}: {told}", passing)
        return _text(raw, cost)


def _text(raw: bytes, cost: Cost) -> str:
    try:
        table = json.loads(raw)
        usage = table.get("usage") or {}
        cost.prompt_tokens += int(usage.get("prompt_tokens") or 0)
        cost.completion_tokens += int(usage.get("completion_tokens") or 0)
        return str(table["choices"][0]["message"]["content"] or "")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise JudgeTrouble("garbage", f"not a chat completion: {type(error).__name__}: {error}") from error
