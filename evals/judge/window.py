"""Work done a few at a time and handed back in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from evals.core.errors import AdaptbenchError

T = TypeVar("T")
R = TypeVar("R")


def in_order(work: Callable[[T], R], things: Iterable[T], workers: int) -> Iterator[R]:
    """``work`` of every thing, in their order, at most ``workers`` at a time and twice that
    waiting.

    What ``work`` raises is raised in its place. Where ``things`` itself breaks with an
    `AdaptbenchError`, what came before is handed back first. With one worker nothing leaves this
    thread.
    """
    if workers == 1:
        yield from map(work, things)
        return
    running: deque[Future[R]] = deque()
    broken: AdaptbenchError | None = None
    stream, more = iter(things), True
    pool = ThreadPoolExecutor(workers, thread_name_prefix="judge")
    try:
        while True:
            try:
                while more and len(running) < 2 * workers:
                    running.append(pool.submit(work, next(stream)))
            except StopIteration:
                more = False
            except AdaptbenchError as error:
                more, broken = False, error
            if not running:
                break
            yield running.popleft().result()
        if broken is not None:
            raise broken
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
