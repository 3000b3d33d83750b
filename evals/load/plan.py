"""What is asked and when: questions of a pack or texts of given lengths, laid on a schedule."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import chain, cycle, islice
from pathlib import Path
from typing import Final, NamedTuple

from evals.core.errors import DataError, UsageError
from evals.core.interfaces import Pack
from evals.core.schema import Record
from evals.load.records import Planned
from evals.load.schedule import Kind, constant, poisson, replay
from evals.load.trace import Arrival, read_trace
from evals.run.plan import make_plan

MOST: Final = 1_000_000
"""Most requests of one measurement."""

_FILLER: Final = (
    "the order was packed and sent on the next day by the usual carrier with a note for the"
    " customer "
)


class LoadSpec(Record, frozen=True, omit_defaults=False):
    """One measurement: arrivals, and how long. Seconds; ``rate`` is requests a second.

    Load begins with ``warm_up`` and ends with ``cool_down`` seconds that are not measured. A trace
    is replayed ``speed`` times as fast, and its rate is what it is.
    """

    arrivals: Kind = "poisson"
    rate: float = 1.0
    seconds: float = 60.0
    warm_up: float = 10.0
    cool_down: float = 5.0
    seed: int = 0
    trace: str | None = None
    speed: float = 1.0
    lengths: bool = False
    max_tokens: int | None = None

    @property
    def total(self) -> float:
        return self.warm_up + self.seconds + self.cool_down

    @property
    def label(self) -> str:
        """What the measurement is called in tables."""
        what = (
            f"trace x{self.speed:g}"
            if self.arrivals == "trace"
            else f"{self.arrivals} {self.rate:.4g}/s"
        )
        return f"load {what} {self.seconds:g} s"


class Question(NamedTuple):
    """A text to ask, of which item of the pack, and who asks."""

    item: str
    text: str
    user: str | None = None


def questions(pack: Pack, suite: str, profile: str, seed: int) -> list[Question]:
    """The questions of a suite that need no choices and no schema, shuffled. Raises DataError where
    there are none.
    """
    plan = make_plan(pack, [suite], profile, None)
    found = [
        Question(item.id, item.question, item.user)
        for item in plan.stream(pack)
        if not item.choices and item.json_schema is None
    ]
    if not found:
        raise DataError(f"suite {suite!r} has no plain questions to ask", where=pack.root)
    random.Random(seed).shuffle(found)
    return found


def text_of(tokens: int, seed: int) -> Question:
    """A text of about ``tokens`` tokens (a word each) that begins with a number, so that no two
    share a prefix.
    """
    words = cycle(_FILLER.split())
    body = " ".join(next(words) for _ in range(max(1, tokens - 4)))
    return Question(f"length-{tokens}", f"{random.Random(seed).getrandbits(32)}: {body}")


def planned(spec: LoadSpec, asked: Sequence[Question]) -> list[Planned]:
    """The requests of one measurement; the questions go round, each asked as often as the others.

    With ``lengths`` (traces only) the texts have the trace's lengths instead. Raises UsageError for
    settings that do not fit together, make more than `MOST` requests, or none between warm-up and
    cool-down.
    """
    if spec.arrivals == "trace":
        if spec.trace is None:
            raise UsageError("a trace is replayed from a file", hint="--trace FILE")
        arrivals = list(_head(read_trace(Path(spec.trace)), spec))
        times = list(replay((a.time for a in arrivals), spec.total, spec.speed))
    elif spec.lengths:
        raise UsageError("lengths come from a trace", hint="--arrivals trace --trace FILE")
    else:
        make = constant(spec.rate, spec.total)
        if spec.arrivals == "poisson":
            make = poisson(spec.rate, spec.total, spec.seed)
        times, arrivals = list(islice(make, MOST + 1)), []
    _check_times(times, spec)
    if spec.lengths:
        texts = [text_of(a.tokens_in, spec.seed + n) for n, a in enumerate(arrivals[: len(times)])]
        limits: list[int | None] = [max(1, a.tokens_out) for a in arrivals]
    else:
        source = cycle(asked)
        texts, limits = [next(source) for _ in times], [spec.max_tokens] * len(times)
    return [
        Planned(f"{n:06}/{q.item}", at, q.text, limit, q.user)
        for n, (at, q, limit) in enumerate(zip(times, texts, limits, strict=False))
    ]


def _head(rows: Iterator[Arrival], spec: LoadSpec) -> Iterator[Arrival]:
    """The arrivals that the replay needs, and one more, which ends it."""
    first = next(rows, None)
    if first is None:
        return
    for row in chain([first], rows):
        yield row
        if row.time - first.time > spec.total * spec.speed:
            return


def _check_times(times: Sequence[float], spec: LoadSpec) -> None:
    if len(times) > MOST:
        raise UsageError(
            "too many requests for one measurement", found="more", expected=f"at most {MOST}"
        )
    end = spec.warm_up + spec.seconds
    if not any(spec.warm_up <= at < end for at in times):
        last = f", the last after {times[-1]:.0f} s" if times else ""
        raise UsageError(
            "no request is scheduled between warm-up and cool-down",
            found=f"{len(times)} requests{last}",
            expected=f"some between {spec.warm_up:g} and {end:g} s",
            hint="a higher --rate or --speed, more --seconds, or less --warm-up",
        )
