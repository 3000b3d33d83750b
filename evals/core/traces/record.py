"""What a log says of one answer, whatever form the log has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from evals.core.schema import Failure, Message, Passage, Record, Response, Timings, Usage


class Trace(Record, frozen=True):
    """One question and what production answered.

    ``item`` is the id of the pack's item, where the log carries it. ``history`` holds the earlier
    turns of ``conversation``; ``seconds`` is the wall-clock time of the answer. What the log does
    not say is None.
    """

    question: str
    answer: str | None = None
    item: str | None = None
    history: tuple[Message, ...] = ()
    passages: tuple[Passage, ...] | None = None
    user: str | None = None
    conversation: str | None = None
    model: str | None = None
    usage: Usage | None = None
    seconds: float | None = None
    error: str | None = None

    def response(self, item: str) -> Response:
        """The answer as a system's response to the question ``item``; not yet normalised."""
        failure = Failure("logged", self.error[:500]) if self.error else None
        timings = None if self.seconds is None else Timings("logged", total=self.seconds)
        return Response(
            item=item,
            text=self.answer or "",
            passages=self.passages,
            usage=self.usage,
            timings=timings,
            finish="error" if failure else "stop",
            error=failure,
        )


def text_of(value: Any) -> str | None:
    """The text of a message's content: a string, a list of parts, or a table that holds either."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Mapping):
        for key in ("content", "text", "answer", "output", "response", "question", "input"):
            if (found := text_of(value.get(key))) is not None:
                return found
        return text_of(value.get("parts"))
    if isinstance(value, list):
        parts = [text_of(part) for part in value if _readable(part)]
        return "\n".join(part for part in parts if part) or None
    return None


def _readable(part: Any) -> bool:
    """Whether a part of a message is text, and neither a thought, a picture nor a tool's."""
    kind = part.get("type", "text") if isinstance(part, Mapping) else "text"
    return kind in ("text", "input_text", "output_text")


def messages_of(value: Any) -> tuple[Message, ...]:
    """The turns of a conversation in chat form; what is no text of a user or an assistant goes."""
    if not isinstance(value, list):
        return ()
    found = []
    for message in value:
        if isinstance(message, Mapping) and message.get("role") in ("user", "assistant"):
            text = text_of(message.get("content", message.get("parts")))
            if text is not None:
                found.append(Message(message["role"], text))
    return tuple(found)


def passages_of(value: Any) -> tuple[Passage, ...] | None:
    """Retrieved passages: texts, or tables with a text and perhaps an id and a score."""
    if not isinstance(value, list):
        return None
    found = []
    for place, entry in enumerate(value):
        table = entry if isinstance(entry, Mapping) else {"text": entry}
        text = text_of(table.get("page_content", table.get("text", table.get("content"))))
        if text is None:
            continue
        inner = table.get("metadata")
        known = {**(inner if isinstance(inner, Mapping) else {}), **table}
        named = known.get("id") or known.get("document") or known.get("source") or _digest(text)
        score = number(known.get("score"))
        found.append(Passage(str(named), str(named), -place if score is None else score, text))
    return tuple(found)


def usage_of(value: Any) -> Usage | None:
    """Token counts under any of the names that servers and tracers give them."""
    if not isinstance(value, Mapping):
        return None
    prompt = _count(value, "prompt_tokens", "input_tokens", "promptTokens", "input", "prompt")
    completion = _count(
        value, "completion_tokens", "output_tokens", "completionTokens", "output", "completion"
    )
    if prompt is None and completion is None:
        return None
    details = value.get("prompt_tokens_details")
    cached = _count(details, "cached_tokens") if isinstance(details, Mapping) else None
    return Usage(prompt or 0, completion or 0, cached=cached or 0)


def number(value: Any) -> float | None:
    """A finite number, also where it is written as a string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < 1e300 else None


def _count(table: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        if (found := number(table.get(name))) is not None and found >= 0:
            return int(found)
    return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
