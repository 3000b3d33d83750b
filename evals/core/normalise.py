"""The one place where answers are made fit to be stored, so that they can be read again.

Nothing that was paid for may make a run unreadable, and nothing unreadable may pass for an answer.
Broken characters are replaced, thoughts are moved out of the answer, numbers that cannot be true
are dropped, and an answer without text becomes its request's failure, by kind:

- ``bad_answer``: the text, or the whole record, is of another type
- ``too_long``: the record does not fit a line (`jsonl.MAX_LINE`)
- ``filtered``, ``tool_call``: the server ended it so; what text there is, is no answer
- ``cut_off``: the length ran out before any text, as where all tokens went into reasoning
- ``empty``: it ended by itself without text
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Final, get_args

from evals.core.jsonl import MAX_LINE
from evals.core.reasoning import split_reasoning
from evals.core.schema import Failure, Finish, Passage, Response, Timings, Usage, Warm, encode

MAX_TOKENS: Final = 1 << 30
"""No believable request has more tokens."""

MAX_REASONING: Final = 1 << 18
"""Characters of thoughts that are kept: they are read by people, never scored."""

_FINISHES: Final = frozenset(get_args(Finish))
_MESSAGES: Final = {
    "filtered": "a content filter ended the answer",
    "tool_call": "the model called a tool instead of answering",
    "cut_off": "the length ran out before the answer began; raise max_new_tokens",
    "empty": "the answer holds no text",
}
_LONGEST_ESCAPE: Final = 6
"""Bytes that one character may take in JSON."""

NO_TEXT: Final = frozenset(_MESSAGES)
"""Kinds of failure where the system worked and gave no answer; ``finish`` says the same."""

_STAGES: Final = ("retrieve", "queue", "prefill", "decode", "total")


def normalised(response: Response) -> Response:
    """The answer as it is stored. Never raises; see the module for what changes."""
    item = clean(response.item) if isinstance(response.item, str) else str(response.item)
    try:
        found = _record(item, response)
        if _characters(found) * _LONGEST_ESCAPE >= MAX_LINE and len(encode(found)) >= MAX_LINE:
            return _failed(item, "too_long", f"the record is longer than {MAX_LINE} bytes")
    except (TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        return _failed(item, "bad_answer", f"{type(error).__name__}: {error}"[:500])
    return found


def clean(text: str) -> str:
    """The text with lone surrogates replaced; halves that stand together become one character."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean_json(raw: bytes) -> Any:
    """The value of a JSON text with lone surrogates replaced; NaN and infinities are None.

    Raises ValueError or RecursionError where it is no JSON at all.
    """
    return _clean_value(json.loads(raw, parse_constant=lambda name: None))


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_clean_value(v) for v in value]
    if isinstance(value, dict):
        return {clean(k): _clean_value(v) for k, v in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def believable(
    prompt: object, completion: object, cached: object = 0, reasoning: object = 0
) -> Usage | None:
    """Token counts as a server gave them; None where they cannot be true.

    A None for a part is zero. Some servers count reasoning beside the completion instead of within
    it; it is added.
    """
    counts = [0 if n is None else n for n in (prompt, completion, cached, reasoning)]
    if not all(isinstance(n, int | float) and 0 <= n <= MAX_TOKENS and n == int(n) for n in counts):
        return None
    whole, written, kept, thought = (int(n) for n in counts)  # type: ignore[call-overload]
    if kept > whole:
        return None
    return Usage(whole, written if thought <= written else written + thought, kept, thought)


def _characters(r: Response) -> int:
    """About how long a record is, without encoding it (100: a passage's score and keys)."""
    own = len(r.text) + len(r.reasoning or "") + 4 * len(r.logprobs or ())
    return own + sum(len(p.text) + len(p.id) + len(p.document) + 100 for p in r.passages or ())


def _record(item: str, r: Response) -> Response:
    error = (
        None
        if r.error is None
        else Failure(clean(str(r.error.kind)), clean(str(r.error.message))[:2000])
    )
    if error is None and not isinstance(r.text, str):
        raise TypeError(f"the answer's text is {type(r.text).__name__}, not a string")
    text, thoughts = split_reasoning(clean(r.text)) if isinstance(r.text, str) else ("", "")
    given = clean(r.reasoning) if isinstance(r.reasoning, str) else ""
    reasoning = "\n".join(t for t in (given, thoughts) if t.strip())[:MAX_REASONING] or None
    finish: Finish = r.finish if r.finish in _FINISHES else "stop"
    if error is None:
        error, finish = _no_answer(text, finish)
    return Response(
        item=item,
        text=text,
        passages=None if r.passages is None else _passages(r.passages),
        usage=_usage(r.usage),
        timings=_timings(r.timings),
        # a server's list covers its thoughts too, and does not say where they end
        logprobs=None if reasoning else _logprobs(r.logprobs),
        finish="error" if error is not None and finish == "stop" else finish,
        error=error,
        warm=_warm(r.warm),
        reasoning=reasoning,
    )


def _no_answer(text: str, finish: Finish) -> tuple[Failure | None, Finish]:
    """The failure that stands for an answer that is none, and how it ended."""
    if finish in ("filtered", "tool_call"):
        return Failure(finish, _MESSAGES[finish]), finish
    if text.strip():
        return None, finish
    kind = "cut_off" if finish == "length" else "empty"
    return Failure(kind, _MESSAGES[kind]), "length" if finish == "length" else "empty"


def _failed(item: str, kind: str, message: str) -> Response:
    return Response(item=item, finish="error", error=Failure(kind, clean(message)))


def _passages(given: Sequence[Passage]) -> tuple[Passage, ...]:
    """Passages in order; where a score is no number, the order gives all scores (n, n - 1, …)."""
    scores = [p.score for p in given]
    if not all(_finite(s) for s in scores):
        scores = [float(len(given) - n) for n in range(len(given))]
    return tuple(
        Passage(
            clean(str(p.id)),
            clean(str(p.document)),
            float(s),
            clean("" if p.text is None else str(p.text)),
        )
        for p, s in zip(given, scores, strict=True)
    )


def _usage(given: Usage | None) -> Usage | None:
    return (
        None
        if given is None
        else believable(given.prompt, given.completion, given.cached, given.reasoning)
    )


def _timings(given: Timings | None) -> Timings | None:
    if given is None:
        return None
    stages = {name: getattr(given, name) for name in _STAGES}
    if given.measured not in ("latency", "throughput", "cached", "logged"):
        return None
    sound = all(_finite(s) and s >= 0 for s in stages.values())
    return (
        Timings(given.measured, **{name: float(s) for name, s in stages.items()}) if sound else None
    )


def _warm(given: Warm | None) -> Warm | None:
    timings = None if given is None else _timings(given.timings)
    return None if given is None or timings is None else Warm(timings, _usage(given.usage))


def _logprobs(given: Sequence[float] | None) -> tuple[float, ...] | None:
    """All, or none where one is no number: a mean of the others would look too sure."""
    try:
        return tuple(map(float, given)) if given and math.isfinite(math.fsum(given)) else None
    except (TypeError, ValueError, OverflowError):
        return None


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
