"""Ground floor: the frozen records that flow from pack to decision, and their JSON form.

Data flows one way: pack -> items -> responses -> scores -> decisions. Every arrow carries one of
these types. All are immutable `msgspec` structs: `encode` gives one JSON line, `decode` checks
types and refuses unknown keys. This module imports nothing of ours.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

from evals.core.secrets import hide_bytes

SlotKind = Literal[
    "number",
    "money",
    "date",
    "time",
    "duration",
    "percent",
    "name",
    "id",
    "boolean",
    "choice",
    "label",
    "text",
    "json",
]

Unscored = Literal[
    "not_applicable",  # the metric does not speak about this kind of item or system
    "no_gold",  # the item carries nothing to compare with
    "no_context",  # the response carries no retrieved passages
    "no_logprobs",  # the engine gave no token log-probabilities
    "no_price",  # no price is known for this system
    "system_error",  # the system failed to answer
    "not_measured",  # needs a pass that this run did not make
    "invalid_metric",  # the metric failed its own validity check on this pack
    "judge_failed",  # a judge timed out or answered garbage
    "unparseable",  # the input cannot be read by this metric
    "language",  # the input is in a language that this metric cannot read
]


Role = Literal[
    "contender",  # competes for being shipped
    "control",  # must lose in a known way
    "reference",  # must win: an upper bound that is shown something no contender sees
]


class Record(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all stored records: immutable, strict about keys, defaults left out of the JSON."""


# --------------------------------------------------------------------------------------------------
# pack


class Document(Record, frozen=True):
    """One document of the company as of ``date`` (ISO 8601). ``user`` marks a private record of
    that user.
    """

    id: str
    title: str
    text: str
    kind: str
    date: str
    user: str | None = None
    supersedes: str | None = None
    facts: tuple[str, ...] = ()


class Fact(Record, frozen=True):
    """One (entity, attribute) -> value of the world. ``before`` is the value at t0 where it changed
    by t1.
    """

    id: str
    entity: str
    attribute: str
    kind: SlotKind
    value: str
    before: str | None = None
    volatile: bool = False
    popularity: int = 1
    user: str | None = None


class Slot(Record, frozen=True):
    """A typed gold value of an item. ``value`` is canonical; ``stale`` lists superseded values of
    the same fact.
    """

    name: str
    kind: SlotKind
    value: str
    aliases: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


class User(Record, frozen=True):
    """A person who asks. Two users may share a ``name``; only ``id`` identifies."""

    id: str
    name: str
    segment: str = "customer"


class Message(Record, frozen=True):
    """One chat message, as every chat template and trl read it."""

    role: Literal["system", "user", "assistant"]
    content: str


class Item(Record, frozen=True):
    """One test question with its gold. What a system may see of it is `Request` alone.

    ``documents`` are needed to answer; ``also`` are further documents that state the same answer on
    their own. ``lookup`` says whether a system that retrieves looks for passages; None leaves that
    to the form of the question. ``history`` holds the earlier turns of a conversation, oldest
    first, of which ``question`` is the next one. ``group`` names what the question shares with
    questions of other clusters (its template), where outcomes may go by that.
    """

    id: str
    suite: str
    track: str
    question: str
    cluster: str
    answerable: bool = True
    gold: tuple[Slot, ...] = ()
    references: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None
    user: str | None = None
    time: str = "t1"
    brand: str | None = None
    stress: str | None = None
    twin: str | None = None
    hops: int = 1
    changed: bool | None = None
    popularity: int | None = None
    trap: str | None = None
    facts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    lookup: bool | None = None
    history: tuple[Message, ...] = ()
    group: str | None = None


class Example(Record, frozen=True):
    """One training example drawn at t0. ``messages`` is a plain question and answer that trl reads
    as it is.

    ``stratum`` says what the trainer does about context: ``closed_book`` never has any;
    ``oracle_present`` gets the gold ``documents`` among hard negatives; ``oracle_absent_stable``
    gets negatives only and answers from memory; ``oracle_absent_abstain`` gets negatives only and
    its target is an abstention. Where the oracle is absent, ``documents`` are the ones to keep out.
    ``choices`` and ``json_schema`` are laid out in the prompt just as those of a `Request` are.
    """

    id: str
    messages: tuple[Message, ...]
    stratum: Literal[
        "closed_book", "oracle_present", "oracle_absent_stable", "oracle_absent_abstain"
    ]
    documents: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    user: str | None = None
    task: str = "answer"
    choices: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None


class VoiceSample(Record, frozen=True):
    """One text in one voice. Samples with the same ``content`` say the same thing in different
    voices.
    """

    id: str
    content: str
    voice: str
    text: str
    split: Literal["fit", "held_out"] = "fit"
    masked: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------
# answering


class Factors(Record, frozen=True, omit_defaults=False):
    """What a system adds to prompting a base model: passages at answer time, weights trained for
    the company.
    """

    retrieval: bool
    adapter: bool


class Request(Record, frozen=True):
    """What a system sees of an item: the question, who asks and when. Never the gold.

    ``history`` holds the earlier turns of the conversation, oldest first. ``max_new_tokens`` is the
    most that a client of a served system wants; None leaves it to the system.
    """

    id: str
    question: str
    user: str | None = None
    time: str = "t1"
    choices: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None
    lookup: bool | None = None
    history: tuple[Message, ...] = ()
    max_new_tokens: int | None = None


class Passage(Record, frozen=True):
    """One retrieved chunk. ``document`` is the id of the document it was cut from; ``score`` orders
    within a list.
    """

    id: str
    document: str
    score: float
    text: str


class Usage(Record, frozen=True):
    """Real, unpadded token counts.

    ``cached`` counts the prompt tokens that were served from a prompt cache, ``reasoning`` the
    completion tokens that went into thoughts.
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0


class Timings(Record, frozen=True):
    """Seconds by stage. ``measured`` says how: only ``latency`` (batch 1, warmed up, no cache) may
    be reported; ``logged`` is what somebody's log says.
    """

    measured: Literal["latency", "throughput", "cached", "logged"]
    retrieve: float = 0.0
    queue: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0
    total: float = 0.0

    @property
    def ttft(self) -> float:
        """Time to first token, seconds: everything before the first token is out."""
        return self.retrieve + self.queue + self.prefill


class Warm(Record, frozen=True):
    """The same request asked once more with caches allowed: wall-clock seconds, ``measured`` =
    cached, and tokens.
    """

    timings: Timings
    usage: Usage | None = None


class Failure(Record, frozen=True):
    """Why there is no answer. ``kind`` is stable and machine-readable, ``message`` is for
    people.
    """

    kind: str
    message: str


Finish = Literal[
    "stop",  # by itself
    "length",  # the limit of tokens
    "filtered",  # a content filter
    "tool_call",  # the model called a tool
    "refused",  # the server says that the text is a refusal
    "empty",  # by itself, without text
    "error",  # there is no answer; see ``error``
]
"""How an answer ended."""


class Response(Record, frozen=True):
    """What a system gave for one request; the same record for every family, so everything
    downstream is shared.

    ``text`` is the answer alone; ``reasoning`` holds the thoughts that came with it, for people,
    and is never scored. ``logprobs`` are natural, one for each token of the text. An answer without
    text carries an ``error``. ``warm`` is set by the latency pass for some of the requests; all
    else is about the first, cold, answer.
    """

    item: str
    text: str = ""
    passages: tuple[Passage, ...] | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    logprobs: tuple[float, ...] | None = None
    finish: Finish = "stop"
    error: Failure | None = None
    warm: Warm | None = None
    reasoning: str | None = None


# --------------------------------------------------------------------------------------------------
# scoring


class Score(Record, frozen=True):
    """A value, or the typed reason why there is none. Exactly one of the two is set; never NaN."""

    value: float | None = None
    unscored: Unscored | None = None
    detail: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.unscored is None):
            raise ValueError(
                "a score is either a value or a typed reason, never both and never neither"
            )
        if self.value is not None and not -1e300 < self.value < 1e300:
            raise ValueError(
                f"a score is a finite number, not {self.value!r}; use a typed reason instead"
            )


class ScoreLine(Record, frozen=True):
    """All scores of one item, with what decisions need to know about it, so that they never read
    the pack.
    """

    item: str
    suite: str
    track: str
    cluster: str
    scores: dict[str, Score]
    stress: str | None = None
    changed: bool | None = None
    popularity: int | None = None
    hops: int | None = None
    group: str | None = None


class Row(Record, frozen=True, omit_defaults=False):
    """One leaderboard row: one system, suite, track and metric with its 95 % interval.

    ``value`` is None where nothing could be scored; ``n`` counts scored items, ``clusters`` their
    clusters, ``unscored`` the rest by reason. ``judge`` says whether the model behind the values
    was calibrated against people; empty: no model judges.
    """

    system: str
    suite: str
    track: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    unscored: dict[str, int]
    run: str
    clusters: int = 0
    better: Literal["higher", "lower", "none"] = "higher"
    headline: bool = False
    judge: Literal["", "calibrated", "uncalibrated"] = ""


# ------------------------------------------------------------------------------------------------
# JSON form

_encoder = msgspec.json.Encoder()


def encode(record: object) -> bytes:
    """One JSON line (without the newline) of a record; remembered secrets are hidden in it."""
    return hide_bytes(_encoder.encode(record))


def unscored(reason: Unscored, **detail: Any) -> Score:
    """A score without a value."""
    return Score(unscored=reason, detail=detail or None)


def scored(value: float | bool, **detail: Any) -> Score:
    """A score with a value; ``detail`` holds whatever explains it (a matched span, a canonical
    form).
    """
    return Score(value=float(value), detail=detail or None)
