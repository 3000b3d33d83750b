"""`detector`: the probability that an answer is supported by its contexts, by a hallucination
detector of your choice.

The detector is any `evals.core.interfaces.Detector` in the context (`adaptbench score --detector
MODEL`). It gives the parts of an answer (tokens, sentences, or all of it) risks; an answer is
supported only if every part is, so

    value = 1 − max over parts of the risk,

the upper (Fréchet) bound of the probability that all parts are supported. A mean would grade an
answer with one invention among ten true sentences as good. Nothing is fit. Risky parts (risk ≥
`RISKY`) are named in the detail, those of one sentence that follow each other as one span.

Unscored: ``not_applicable`` for a closed-book system, ``no_context`` where retrieval came back
empty, ``unparseable`` for an answer without a word, ``not_measured`` without a detector.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from evals.core.interfaces import Detector, Risk, Source
from evals.core.metric import Answer, Metric, MetricContext
from evals.core.schema import Score, scored, unscored
from evals.scorers.groundedness.context import readable
from evals.scorers.groundedness.likelihood import shown
from evals.text.words import MAX_CHARS, clean, spans, words

MAX_CONTEXT: Final = MAX_CHARS
"""Characters of the contexts that are read in all; of an answer, `likelihood.MAX_ANSWER`."""

RISKY: Final = 0.5
"""Risk from which a part is named."""

Places = list[tuple[int, int]]


@dataclass(frozen=True)
class Detected:
    """``value`` is the probability of support; ``spans`` are the risky parts; both speak of
    ``text``.
    """

    value: float
    spans: tuple[Risk, ...]
    text: str


def detect(
    detector: Detector, question: str, contexts: Sequence[Source], answer: str
) -> Detected | None:
    """Judge an answer against its contexts; None where the detector finds no part to judge."""
    text = _sendable(shown(answer))
    places = sentences(text)
    risks = detector.risks(_sendable(clean(question)), contexts, text, places)
    if not risks:
        return None
    return Detected(min(1.0, max(0.0, 1 - max(r.risk for r in risks))), merged(risks, places), text)


def sentences(text: str) -> Places:
    """Places of a text's sentences; a bare list number and a line that ends in a colon are joined
    to what follows.
    """
    found: Places = []
    begun: int | None = None
    for start, end in spans(text):
        first = start if begun is None else begun
        if any(c.isalpha() for c in text[start:end]) and not text[start:end].endswith(":"):
            found.append((first, end))
            begun = None
        else:
            begun = first
    if begun is not None:
        found.append((found.pop()[0] if found else begun, len(text)))
    return found


def sources(contexts: Sequence[str]) -> list[Source]:
    """The contexts with their sentences, `MAX_CONTEXT` characters in all."""
    found, left = [], MAX_CONTEXT
    for context in contexts:
        said = _sendable(clean(readable(context)[:left]))
        found.append(
            Source(_sendable(context[:left]), tuple(said[a:b].strip() for a, b in spans(said)))
        )
        left = max(0, left - len(context))
    return [source for source in found if source.text.strip()]


def merged(risks: Sequence[Risk], places: Places) -> tuple[Risk, ...]:
    """The risky parts; neighbours in one sentence become one span with the highest of their
    risks.
    """
    starts = [start for start, _ in places]
    found: list[Risk] = []
    last: tuple[int, int] | None = None
    for number, part in enumerate(risks):
        if part.risk < RISKY:
            continue
        sentence = bisect_right(starts, part.start)
        if last == (number - 1, sentence):
            before = found.pop()
            found.append(Risk(before.start, part.end, max(before.risk, part.risk)))
        else:
            found.append(part)
        last = (number, sentence)
    return tuple(found)


def _sendable(text: str) -> str:
    """The text with characters that no tokenizer takes (lone surrogates) as question marks, in
    their places.
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def score(answer: Answer, detector: Detector | None) -> Score:
    """The probability over all retrieved passages together."""
    response = answer.response
    if response.passages is None:
        return unscored("not_applicable")
    contexts = sources([p.text for p in response.passages])
    if not contexts:
        return unscored("no_context")
    if not words(response.text[:MAX_CHARS]):
        return unscored("unparseable")
    if detector is None:
        return unscored("not_measured", cause="no detector is given")
    found = detect(detector, answer.item.question, contexts, response.text)
    if found is None:
        return unscored("unparseable")
    named = [
        {"start": a, "end": b, "risk": round(risk, 4), "text": found.text[a:b]}
        for a, b, risk in found.spans[:20]
    ]
    return scored(found.value, unsupported=named, detector=detector.identity)


def build(context: MetricContext) -> Metric:
    """Asks the context's detector, if any."""
    about = "probability that the answer is supported by its context, by a detector of your choice"
    detector = context.detector
    return Metric(
        "detector",
        "higher",
        partial(score, detector=detector),
        about,
        needs=frozenset({"contexts", "detector"}),
        settings={} if detector is None else {"detector": detector.identity},
    )
