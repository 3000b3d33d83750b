"""Scores answers that were produced elsewhere: production logs, another tool's output. One record
in, one record out.

A record has ``id``, ``question`` and ``response``, and where known ``contexts`` (texts),
``references``, ``answerable``, ``brand``, ``cluster`` and ``schema``. It becomes an item and a
response, so the very metrics of the runs apply. Streaming: one record in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from evals.core.errors import DataError
from evals.core.identity import source_digest
from evals.core.metric import Answer, Metric, MetricContext, Need, guarded
from evals.core.normalise import clean_json
from evals.core.reasoning import split_reasoning
from evals.core.records import canonical
from evals.core.registry import METRICS
from evals.core.schema import (
    Document,
    Example,
    Fact,
    Item,
    Passage,
    Response,
    Score,
    User,
    VoiceSample,
)

WHY: Final = {
    "no_gold": "no references",
    "no_context": "no contexts",
    "not_applicable": "does not apply to this record",
    "not_measured": "needs a measured run",
    "no_logprobs": "no token log-probabilities",
    "invalid_metric": "the metric failed its own validity check",
    "unparseable": "no words to read",
}
"""Reasons in words; the others print as they are."""

_NOT_GIVEN: Final[Mapping[Need, str]] = {
    "rules": "no house rules: name --pack or --rules",
    "voice": "no voice of this brand: name --pack or --voice",
}
"""Why a metric that needs one of these does not apply, where the record is not the cause."""


class Entry(msgspec.Struct, frozen=True):
    """One answer from anywhere. Keys not listed here are allowed and ignored."""

    id: str | int
    response: str
    question: str = ""
    contexts: tuple[str, ...] | None = None
    references: tuple[str, ...] = ()
    answerable: bool = True
    brand: str | None = None
    cluster: str | None = None
    schema: dict[str, Any] | None = None

    def item(self) -> Item:
        """The record as a question with its gold."""
        return Item(
            str(self.id),
            "external",
            "external",
            self.question,
            self.cluster or str(self.id),
            answerable=self.answerable,
            references=self.references,
            json_schema=self.schema,
            brand=self.brand,
        )

    def answer(self) -> Response:
        """The record as a response; contexts become passages in their order."""
        passages = None
        if self.contexts is not None:
            passages = tuple(
                Passage(str(n), str(n), 1 / (n + 1), text) for n, text in enumerate(self.contexts)
            )
        return Response(str(self.id), split_reasoning(self.response)[0], passages)


@dataclass(frozen=True)
class NoPack:
    """The pack of records that come without one: empty, so what needs a company's facts is not
    applicable.
    """

    root: Path = Path("/nonexistent")
    name: str = "none"
    brand: str = ""
    identity: str = "none"

    @property
    def company(self) -> Mapping[str, str]:
        return {}

    @property
    def times(self) -> Mapping[str, str]:
        return {}

    def documents(self, time: str | None = None) -> Iterator[Document]:
        yield from ()

    def items(self, suite: str | None = None) -> Iterator[Item]:
        yield from ()

    def examples(self) -> Iterator[Example]:
        yield from ()

    def facts(self) -> Iterator[Fact]:
        yield from ()

    def users(self) -> Iterator[User]:
        yield from ()

    def voices(self) -> Iterator[VoiceSample]:
        yield from ()


def read_entry(
    raw: bytes | Mapping[str, Any], where: str | Path | None = None, line: int | None = None
) -> Entry:
    """One record from a JSON line or a mapping, in our names or others' (`records.ALIASES`).

    Null is as if absent, and a record without an id is named by its line.

    Raises DataError with file and line where it is not one.
    """
    table: Any = raw
    try:
        if isinstance(raw, bytes):
            try:
                table = msgspec.json.decode(raw)
            except msgspec.DecodeError:  # perhaps for a broken character or a NaN alone
                table = clean_json(raw)
        named = {"id": f"line {line}"} if line else {}
        return msgspec.convert({**named, **canonical(dict(table))}, Entry)
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(
            f"not a record to score: {error}",
            where=where,
            line=line,
            expected=(
                "id, response, and where known question, contexts, references, answerable, brand,"
                " cluster, schema"
            ),
        ) from error


def metrics_named(names: Sequence[str], context: MetricContext | None = None) -> list[Metric]:
    """The metrics of those names. Raises UsageError for an unknown one, and where one needs a judge
    that is missing.
    """
    chosen = context if context is not None else MetricContext(NoPack())
    return [METRICS.get(name)(chosen) for name in names]


def code_of(name: str) -> str:
    """The digest of a metric's own code: its module, all that this can reach here, and their
    weights.

    Empty for a metric without a source file, such as one made in a notebook. Raises UsageError for
    an unknown name.
    """
    METRICS.get(name)
    try:
        return source_digest(METRICS.targets()[name].partition(":")[0], "evals")
    except FileNotFoundError:
        return ""


def score_entry(entry: Entry, metrics: Sequence[Metric]) -> dict[str, Any]:
    """``{"id": …, metric: {"value": …, detail …} or {"unscored": why, "reason": code}}``."""
    answer = Answer(entry.item(), entry.answer())
    return {"id": entry.id} | {
        m.name: _line(m, guarded(m.measure)(answer), answer) for m in metrics
    }


def _line(metric: Metric, score: Score, answer: Answer) -> dict[str, Any]:
    detail = score.detail or {}
    if score.value is not None:
        return {"value": score.value, **{k: v for k, v in detail.items() if k != "value"}}
    reason = str(score.unscored)
    why = _inapplicable(metric, answer) if reason == "not_applicable" else None
    return {"unscored": why or WHY.get(reason, reason), "reason": reason, **detail}


def _inapplicable(metric: Metric, answer: Answer) -> str | None:
    """Why a metric does not apply to a record, in words; None where no more is known."""
    if "contexts" in metric.needs and answer.response.passages is None:
        return WHY["no_context"]
    if answer.item.json_schema is None:
        for need, why in _NOT_GIVEN.items():
            if need in metric.needs:
                return why
    return metric.inapplicable or None


def score_records(
    records: Iterable[Mapping[str, Any]], names: Sequence[str], context: MetricContext | None = None
) -> Iterator[dict[str, Any]]:
    """Score an iterable of records lazily, in order. Raises UsageError for a metric, DataError for
    a record.
    """
    metrics = metrics_named(names, context)
    for number, record in enumerate(records, 1):
        yield score_entry(read_entry(record, where="records", line=number), metrics)
