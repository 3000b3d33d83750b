"""The forms of logs: each turns one entry of a file into the traces that it holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from evals.core.traces.record import (
    Trace,
    messages_of,
    number,
    passages_of,
    text_of,
    usage_of,
)

Form = Callable[[Mapping[str, Any]], Iterator[Trace]]


def openai(entry: Mapping[str, Any]) -> Iterator[Trace]:
    """Chat completions as their API writes them: a request and its response side by side (also
    under ``body``, as batch files have them), a stored completion, or a conversation in
    ``messages`` whose every assistant turn is an answer.
    """
    request, response = (_body(entry.get(key)) for key in ("request", "response"))
    request = request or _body(entry) or entry
    response = response or entry
    turns = messages_of(request.get("messages") or request.get("input"))
    choices = response.get("choices")
    if not choices:
        for place, turn in enumerate(turns):
            if turn.role == "assistant" and place and turns[place - 1].role == "user":
                yield _turn(
                    entry, request, turns[: place - 1], turns[place - 1].content, turn.content
                )
        return
    if not turns or turns[-1].role != "user":
        return
    first = choices[0] if isinstance(choices, list) and isinstance(choices[0], Mapping) else {}
    message = first.get("message")
    yield _turn(
        entry,
        request,
        turns[:-1],
        turns[-1].content,
        text_of(message.get("content")) if isinstance(message, Mapping) else None,
        model=_text(response.get("model")),
        usage=usage_of(response.get("usage")),
    )


def _body(value: Any) -> Mapping[str, Any]:
    """A request or response, unwrapped of the envelope that batch files put around it."""
    if not isinstance(value, Mapping):
        return {}
    inner = value.get("body")
    return inner if isinstance(inner, Mapping) else value if "body" not in value else {}


def _turn(
    entry: Mapping[str, Any],
    request: Mapping[str, Any],
    history: tuple[Any, ...],
    question: str,
    answer: str | None,
    **more: Any,
) -> Trace:
    named = entry.get("metadata") or request.get("metadata")
    known: Mapping[str, Any] = named if isinstance(named, Mapping) else {}
    more["model"] = more.get("model") or _text(request.get("model"))
    return Trace(
        question,
        answer,
        item=_text(entry.get("item") or known.get("item") or entry.get("custom_id")),
        history=history,
        user=_text(request.get("user") or known.get("user") or known.get("user_id")),
        conversation=_text(known.get("conversation") or known.get("session_id")),
        passages=passages_of(entry.get("passages") or entry.get("contexts")),
        seconds=number(entry.get("latency") or entry.get("seconds")),
        **more,
    )


def opentelemetry(entry: Mapping[str, Any]) -> Iterator[Trace]:
    """OTLP in JSON: spans whose attributes follow the ``gen_ai`` conventions, in the older form
    (``gen_ai.prompt.0.content``), the newer one (``gen_ai.input.messages``), or as events.
    """
    for span in _spans(entry):
        known = _attributes(span.get("attributes"))
        if not any(key.startswith("gen_ai.") for key in known):
            continue
        asked = _loaded(known.get("gen_ai.input.messages")) or _numbered(known, "gen_ai.prompt")
        given = _loaded(known.get("gen_ai.output.messages")) or _numbered(
            known, "gen_ai.completion"
        )
        for event in span.get("events") or ():
            _event(event, asked, given)
        turns = messages_of(asked)
        if not turns or turns[-1].role != "user":
            continue
        status = span.get("status") or {}
        failed = status.get("code") in (2, "STATUS_CODE_ERROR")
        yield Trace(
            turns[-1].content,
            text_of(given),
            item=_text(known.get("adaptbench.item")),
            history=turns[:-1],
            passages=passages_of(_loaded(known.get("gen_ai.retrieval.documents"))),
            user=_text(known.get("user.id") or known.get("enduser.id")),
            conversation=_text(known.get("gen_ai.conversation.id") or known.get("session.id")),
            model=_text(known.get("gen_ai.response.model") or known.get("gen_ai.request.model")),
            usage=usage_of(_tokens(known)),
            seconds=_elapsed(span),
            error=(_text(status.get("message")) or "error") if failed else None,
        )


def _spans(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "attributes" in entry:
        yield entry
    for resource in entry.get("resourceSpans") or ():
        for scope in resource.get("scopeSpans") or ():
            yield from scope.get("spans") or ()


def _attributes(value: Any) -> dict[str, Any]:
    """Attributes as a table; OTLP writes them as a list of keys with typed values."""
    if isinstance(value, Mapping):
        return dict(value)
    return {
        str(pair["key"]): next(iter(pair["value"].values()), None)
        for pair in value or ()
        if isinstance(pair, Mapping) and isinstance(pair.get("value"), Mapping) and "key" in pair
    }


def _numbered(known: Mapping[str, Any], stem: str) -> list[Any]:
    found: list[Any] = []
    while (text := known.get(f"{stem}.{len(found)}.content")) is not None:
        role = known.get(f"{stem}.{len(found)}.role", "user" if stem.endswith("prompt") else "")
        found.append({"role": role, "content": text})
    return found


def _event(event: Any, asked: list[Any], given: list[Any]) -> None:
    """Add the message of an event (``gen_ai.user.message``, ``gen_ai.choice``) to its side."""
    if not isinstance(event, Mapping):
        return
    kind, known = str(event.get("name", "")), _attributes(event.get("attributes"))
    text = text_of(known.get("content")) or text_of(_loaded(known.get("message")))
    if text is None:
        return
    if kind == "gen_ai.choice":
        given.append({"content": text})
    elif kind in ("gen_ai.user.message", "gen_ai.assistant.message"):
        asked.append({"role": kind.split(".")[1], "content": text})


def _tokens(known: Mapping[str, Any]) -> dict[str, Any]:
    stem = "gen_ai.usage."
    return {key.removeprefix(stem): v for key, v in known.items() if key.startswith(stem)}


def _elapsed(span: Mapping[str, Any]) -> float | None:
    began, ended = (number(span.get(f"{edge}TimeUnixNano")) for edge in ("start", "end"))
    return None if began is None or ended is None or ended < began else (ended - began) / 1e9


def langfuse(entry: Mapping[str, Any]) -> Iterator[Trace]:
    """A trace of Langfuse's export: ``input`` and ``output``, with the model, tokens and passages
    of its observations.
    """
    asked, given = _loaded(entry.get("input")), _loaded(entry.get("output"))
    turns = messages_of(asked.get("messages") if isinstance(asked, Mapping) else asked)
    question = turns[-1].content if turns else text_of(asked)
    if question is None:
        return
    model, usage, passages = None, None, None
    for seen in entry.get("observations") or ():
        if not isinstance(seen, Mapping):
            continue
        if seen.get("type") == "GENERATION":
            model = _text(seen.get("model")) or model
            usage = usage_of(seen.get("usageDetails") or seen.get("usage")) or usage
        elif seen.get("type") in ("RETRIEVER", "SPAN"):
            passages = passages_of(_loaded(seen.get("output"))) or passages
    known = entry.get("metadata")
    yield Trace(
        question,
        text_of(given),
        item=_text(known.get("item")) if isinstance(known, Mapping) else None,
        history=turns[:-1],
        passages=passages,
        user=_text(entry.get("userId")),
        conversation=_text(entry.get("sessionId")),
        model=model,
        usage=usage,
        seconds=number(entry.get("latency")),
        error=_text(entry.get("statusMessage")) if entry.get("level") == "ERROR" else None,
    )


def promptfoo(entry: Mapping[str, Any]) -> Iterator[Trace]:
    """A result of promptfoo's export: the question among its ``vars``, else its whole prompt."""
    variables = entry.get("vars")
    response = entry.get("response")
    response = response if isinstance(response, Mapping) else {}
    question = text_of(variables) if isinstance(variables, Mapping) else None
    if question is None and isinstance(variables, Mapping) and len(variables) == 1:
        question = text_of(next(iter(variables.values())))
    if question is None:
        question = text_of((entry.get("prompt") or {}).get("raw"))
    if question is None:
        return
    provider = entry.get("provider")
    elapsed = number(entry.get("latencyMs"))
    known = variables if isinstance(variables, Mapping) else {}
    yield Trace(
        question,
        text_of(response.get("output")),
        item=_text(known.get("item") or (entry.get("metadata") or {}).get("item")),
        passages=passages_of(known.get("context") or known.get("contexts")),
        model=_text(provider.get("id") if isinstance(provider, Mapping) else provider),
        usage=usage_of(response.get("tokenUsage")),
        seconds=None if elapsed is None else elapsed / 1000,
        error=_text(response.get("error") or entry.get("error"))
        if not response.get("output")
        else None,
    )


FORMS: Final[Mapping[str, Form]] = {
    "openai": openai,
    "opentelemetry": opentelemetry,
    "langfuse": langfuse,
    "promptfoo": promptfoo,
}


def recognised(entry: Mapping[str, Any]) -> str | None:
    """The form that an entry has, by the keys that no other has; None where there is none."""
    if "resourceSpans" in entry or "startTimeUnixNano" in entry:
        return "opentelemetry"
    if "vars" in entry and "response" in entry:
        return "promptfoo"
    if "messages" in entry or "choices" in entry or "custom_id" in entry:
        return "openai"
    if "body" in entry or isinstance(entry.get("request"), Mapping):
        return "openai"
    if "observations" in entry or ("input" in entry and "sessionId" in entry):
        return "langfuse"
    return None


def _loaded(value: Any) -> Any:
    """JSON that a tracer put into a string, read; anything else as it is."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return [] if value is None else value


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, str | int) and value != "" else None
