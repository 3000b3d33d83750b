"""One question and its answers as plain JSON for the page: everything that is known, long texts cut
and said so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from evals.core.schema import Item, Passage, Response, ScoreLine
from evals.core.store import Manifest
from evals.report.outcomes import cause, disagreement, marked, outcome
from evals.report.text.causes import CAUSES

MAX_TEXT: Final = 20_000
"""Characters of one text that the page carries; the run on disk keeps all."""

Plain = dict[str, Any]


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """A text of at most ``limit`` characters, its cut stated at the end."""
    return (
        text
        if len(text) <= limit
        else f"{text[:limit]} […cut here: {len(text):,} characters in the stored run]"
    )


def item_plain(line: ScoreLine, item: Item | None) -> Plain:
    """The question with its gold; without the stored question only what the score line says."""
    base: Plain = {
        "id": line.item,
        "suite": line.suite,
        "track": line.track,
        "cluster": line.cluster,
    }
    if item is None:
        return base
    fields = {
        "question": cut(item.question),
        "answerable": item.answerable,
        "gold": [[slot.name, cut(slot.value, 2000), list(slot.stale)] for slot in item.gold],
        "references": [cut(text, 2000) for text in item.references[:5]],
        "documents": list(item.documents),
        "also": list(item.also),
        "choices": list(item.choices),
        "user": item.user,
        "time": item.time,
        "stress": item.stress,
        "trap": item.trap,
        "twin": item.twin,
        "hops": item.hops,
        "changed": item.changed,
        "popularity": item.popularity,
    }
    return {**base, **{key: value for key, value in fields.items() if value not in (None, [])}}


def answer_plain(
    response: Response, line: ScoreLine | None, manifest: Manifest, intern: Callable[[Passage], int]
) -> Plain:
    """One system's answer with passages (by number, given by ``intern``), tokens, timings, scores
    and its outcome.
    """
    found: Plain = {"text": cut(response.text)}
    if response.passages is not None:
        found["passages"] = [[intern(p), round(p.score, 4)] for p in response.passages]
    if response.usage is not None:
        found["usage"] = [response.usage.prompt, response.usage.cached, response.usage.completion]
    if response.timings is not None:
        t = response.timings
        stages = (t.retrieve, t.queue, t.prefill, t.decode, t.total)
        found["timings"] = [t.measured, *(round(s, 5) for s in stages)]
    if response.logprobs:
        found["logprob"] = round(sum(response.logprobs) / len(response.logprobs), 4)
    if response.finish != "stop":
        found["finish"] = response.finish
    if response.error is not None:
        found["error"] = [response.error.kind, cut(response.error.message, 2000)]
    if line is not None:
        found |= _scored(response, line, manifest)
    return found


def _scored(response: Response, line: ScoreLine, manifest: Manifest) -> Plain:
    become = outcome(line, manifest, response.error)
    found: Plain = {
        "outcome": become,
        "scores": {name: _score(score) for name, score in line.scores.items()},
    }
    why = cause(line, become, manifest.suites[line.suite].headline)
    if why is not None:
        found["cause"] = CAUSES[why].name
    if differs := disagreement(line.scores):
        found["differs"] = differs
    if spans := marked(line.scores):
        found["marked"] = [cut(span, 500) for span in spans[:50]]
    return found


def _score(score: Any) -> list[Any]:
    """``[value, reason, detail as text]``, shortened from the right."""
    value = None if score.value is None else float(f"{score.value:.6g}")
    detail = cut(msgspec.json.encode(score.detail).decode(), 600) if score.detail else None
    full = [value, score.unscored, detail]
    while len(full) > 1 and full[-1] is None:
        full.pop()
    return full
