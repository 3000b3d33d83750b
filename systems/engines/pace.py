"""How many requests are under way at once, and when to stop asking.

The limit follows additive increase, multiplicative decrease (as TCP does): a refusal for load
halves it, a run of good answers raises it by one, and answers that become much slower than the
fastest ones lower it by one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from evals.core.errors import SystemFailure
from evals.http.transport import Trouble

T = TypeVar("T")

SLOW = 4.0
"""An answer this many times slower than the usual one counts as a sign of overload."""


class Gate:
    """Lets at most ``limit`` requests through at once; ``limit`` moves between 1 and ``most``."""

    def __init__(self, start: int, most: int) -> None:
        self.limit, self.most = float(min(start, most)), most
        self.peak = 0
        self._open = 0
        self._usual: float | None = None
        self._lowered = 0.0
        self._change = threading.Condition()

    @contextmanager
    def through(self) -> Iterator[float]:
        """Wait for a place, hold it for the block; the value is how many seconds the wait took."""
        began = time.monotonic()
        with self._change:
            self._change.wait_for(lambda: self._open < int(self.limit))
            self._open += 1
            self.peak = max(self.peak, self._open)
        try:
            yield time.monotonic() - began
        finally:
            with self._change:
                self._open -= 1
                self._change.notify_all()

    def good(self, seconds: float) -> None:
        """An answer came after so many seconds."""
        with self._change:
            usual = self._usual = (
                seconds
                if self._usual is None
                else 0.9 * self._usual + 0.1 * min(seconds, self._usual * SLOW)
            )
            if seconds > SLOW * usual:
                self._lower(self.limit - 1)
            else:
                self.limit = min(self.most, self.limit + 1 / self.limit)
            self._change.notify_all()

    def overloaded(self) -> None:
        """The server refused a request for load. Refusals of one moment count once."""
        with self._change:
            self._lower(self.limit / 2)

    def _lower(self, limit: float) -> None:
        now = time.monotonic()
        if now - self._lowered > (self._usual or 0.05):
            self.limit, self._lowered = max(1.0, limit), now


_WAYS_OUT: Final = {
    "bad_answer": "check the address: what stands there answers, but not as it should",
    "server_error": "look into the server's own log; then run again to resume",
}
"""What to do where a server is up and its answers are no use; else it is to be started or given
time.
"""


class Losses:
    """Requests in a row that came to nothing through the server's fault: ``most`` of them end the
    run.
    """

    def __init__(self, most: int, *, where: str, noun: str = "the server", hint: str) -> None:
        self.most, self.where, self.noun, self.hint = most, where, noun, hint
        self._answered = False
        self._lost: dict[str, Trouble] = {}
        self._row = 0
        self._lock = threading.Lock()

    def good(self, key: str) -> None:
        """A request was answered."""
        with self._lock:
            self._answered, self._row = True, 0
            self._lost.pop(key, None)

    def bad(self, key: str, trouble: Trouble) -> None:
        """A request has failed for good. Raises SystemFailure where too many have, or nobody is
        there.
        """
        if not trouble.passing:
            return
        with self._lock:
            self._lost[key] = trouble
            self._row += 1
            hopeless = trouble.kind == "unreachable" or self._row >= self.most
        if hopeless:
            raise self._failure(trouble)

    def held(self, results: Iterable[T], key: Callable[[T], str]) -> Iterator[T]:
        """The results, those lost through the server's fault only behind one that is not.

        So a run that ends in between has not stored them and asks them again. Raises SystemFailure
        where nothing has ever been answered.
        """
        waiting: list[T] = []
        for result in results:
            if key(result) in self._lost:
                waiting.append(result)
                continue
            yield result
            yield from waiting
            waiting.clear()
        if waiting and not self._answered:
            raise self._failure(self._lost[key(waiting[-1])])
        yield from waiting

    def _failure(self, trouble: Trouble) -> SystemFailure:
        if trouble.kind == "unreachable":
            message = "does not answer"
        else:
            message = "has stopped answering" if self._answered else "has answered nothing so far"
        hint = _WAYS_OUT.get(trouble.kind, self.hint)
        return SystemFailure(
            f"{self.noun} {message}", where=self.where, found=str(trouble), hint=hint
        )
