"""The passes that call a system: answers are appended as they finish, so a crash loses at most what
is in flight.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Final

import msgspec

from evals.core.errors import SystemFailure
from evals.core.interfaces import Mode
from evals.core.log import Log
from evals.core.normalise import normalised
from evals.core.schema import Failure, Item, Request, Response, Timings, Warm
from evals.run.executors import Answerer
from evals.run.plan import request_of

WARM_UP: Final = 2
"""Requests answered and thrown away before the latency pass starts its clock."""

WARM_EVERY: Final = 5
"""Of so many requests of the latency pass, one is asked again with caches allowed."""


_MODES: Final[tuple[Mode, ...]] = ("latency", "throughput")


def answer_all(
    system: Answerer,
    items: Iterable[Item],
    mode: Mode,
    log: Log,
    *,
    done: Container[str],
    tick: Callable[[], None],
) -> int:
    """Answer the items that are not in ``done``, append each response to ``log``, and return how
    many were answered.

    Raises SystemFailure where the system breaks the contract: an answer to something that was not
    asked, or a second answer to the same request.
    """
    pending = ((place, item) for place, item in enumerate(items) if item.id not in done)
    asked: set[str] = set()
    answers = (_measured if mode == "latency" else _streamed)(system, pending, asked)
    count = 0
    with _exits_refused(system):
        for response in map(normalised, answers):
            if response.item not in asked:
                raise SystemFailure(
                    f"{system.name} answered something that was not asked, or twice",
                    found=response.item,
                )
            asked.discard(response.item)
            log.append(response)
            count += 1
            tick()
    for missing in sorted(asked):
        failure = Failure("no_response", "the system ended without answering this request")
        log.append(Response(item=missing, finish="error", error=failure))
        tick()
    return count + len(asked)


@contextmanager
def _exits_refused(system: Answerer) -> Iterator[None]:
    """`sys.exit` in a system's code is that system's failure: it must not end a run as if it were
    complete.
    """
    try:
        yield
    except SystemExit as error:
        raise SystemFailure(
            f"{system.name} called sys.exit({error.code!r})",
            hint="mend it; the same command resumes",
        ) from error


def _streamed(
    system: Answerer, pending: Iterator[tuple[int, Item]], asked: set[str]
) -> Iterator[Response]:
    def requests() -> Iterator[Request]:
        for _, item in pending:
            asked.add(item.id)
            yield request_of(item)

    return system.answer(requests(), "throughput")


def _measured(
    system: Answerer, pending: Iterator[tuple[int, Item]], asked: set[str]
) -> Iterator[Response]:
    """One request at a time after a warm-up; by their place in the plan, some a second time with
    caches allowed.

    A system that reports no timings is timed from outside.
    """
    head = list(islice(pending, WARM_UP))
    for _, item in head:
        for mode in _MODES:
            for _ in system.answer([request_of(item)], mode):
                pass
    for place, item in chain(head, pending):
        asked.add(item.id)
        start = time.perf_counter()
        for response in system.answer([request_of(item)], "latency"):
            total = time.perf_counter() - start
            timings = response.timings
            if timings is None and response.error is None:
                timings = Timings(measured="latency", prefill=total, total=total)
            again = response.error is None and place % WARM_EVERY == 0
            warm = _warm(system, item) if again else None
            yield msgspec.structs.replace(response, timings=timings, warm=warm)


def _warm(system: Answerer, item: Item) -> Warm | None:
    """The request alone once more, in the mode in which a system may use what it keeps; None where
    that fails.

    Stages are the system's own account, the total is taken from outside.
    """
    start = time.perf_counter()
    found = list(system.answer([request_of(item)], "throughput"))
    total = time.perf_counter() - start
    if len(found) != 1 or found[0].error is not None:
        return None
    message = found[0].timings or Timings(measured="cached", prefill=total)
    timings = msgspec.structs.replace(message, measured="cached", total=round(total, 6))
    return Warm(timings, found[0].usage)
