"""Asks a judge over any OpenAI-compatible server: one prompt, one bounded reply, with its cost
whatever came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from evals.core.errors import SystemFailure
from evals.core.judge import JudgeSettings
from evals.http.chat import ChatClient, Completion, chat_body
from evals.http.retries import Retries
from evals.http.transport import Transport, Trouble
from evals.judge.settings import key

_CAUSES: Final = {
    "bad_answer": "garbage",
    "too_long": "garbage",
    "broken_stream": "unreachable",
    "rate_limited": "server_error",
}
"""Causes as in `ragas_metrics`, where they have another name than the transport's."""

_NO_REPLY: Final = {
    "length": (
        "cut_off",
        "the reply was cut off; raise the judge's max_tokens, or let it think less",
    ),
    "filtered": ("filtered", "a content filter ended the reply"),
    "tool_call": ("garbage", "the judge called a tool instead of replying"),
    "refused": ("declined", "the judge declined to reply"),
}
"""Ways to end that leave no whole reply."""


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
    """No usable reply, by ``cause`` as in `ragas_metrics`."""

    cause: str
    message: str


@dataclass
class JudgeClient:
    """A judge. Thread-safe; close it."""

    settings: JudgeSettings
    _chat: ChatClient = field(init=False)
    _retries: Retries = field(init=False)

    def __post_init__(self) -> None:
        s = self.settings
        secret = key()
        headers = {"authorization": f"Bearer {secret}"} if secret else {}
        transport = Transport(headers, connect=s.timeout, idle=s.timeout, deadline=s.timeout)
        self._chat = ChatClient(s.endpoint.url, transport)
        self._retries = Retries(tries=s.tries, reserve=0, share=s.tries, first=0.5)

    def close(self) -> None:
        """Close the connections."""
        self._chat.close()

    def ask(
        self, messages: list[dict[str, str]], cost: Cost, schema: Mapping[str, Any] | None = None
    ) -> str:
        """The text of the reply, without its thoughts; ``cost`` grows by what was used, also where
        this raises.

        ``schema`` is asked for where the server knows how to; the reply is still the caller's to
        check.

        Raises JudgeTrouble where no try within the bounds gives a whole reply, SystemFailure where
        none can: key, address or model refused.
        """
        more: dict[str, Any] = {"temperature": 0.0}
        if schema is not None:
            form = {"name": "verdict", "schema": schema}
            more["response_format"] = {"type": "json_schema", "json_schema": form}
        body = chat_body(
            self.settings.model, messages, max_tokens=self.settings.max_tokens, more=more
        )

        def attempt() -> Completion:
            return self._chat.complete(body, sending=lambda: cost.add(Cost(calls=1)))

        try:
            reply = self._retries.run(messages[-1]["content"], attempt)
        except Trouble as trouble:
            raise JudgeTrouble(
                _CAUSES.get(trouble.kind, trouble.kind), trouble.message
            ) from trouble
        except SystemFailure as failure:
            raise SystemFailure(
                "the judge refuses: key, address or model",
                where=failure.where,
                found=failure.found,
                hint="check --judge URL#model and the key in the environment",
            ) from failure
        if reply.usage is not None:
            cost.add(Cost(0, reply.usage.prompt, reply.usage.completion))
        if reply.finish in _NO_REPLY:
            raise JudgeTrouble(*_NO_REPLY[reply.finish])
        return reply.text
