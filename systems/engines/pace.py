"""How many requests are under way at once, and how often one may be tried again.

The limit follows additive increase, multiplicative decrease (as TCP does): a refusal for load halves it, a run of good
answers raises it by one, and answers that become much slower than the fastest ones lower it by one.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
                seconds if self._usual is None else 0.9 * self._usual + 0.1 * min(seconds, self._usual * SLOW)
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


class Retries:
    """Waits between tries (exponential, with jitter), within a budget shared by all requests.

    The budget starts at ``reserve`` tries and grows by ``share`` with every request, so that a server in trouble is
    not buried under repetitions.
    """

    def __init__(self, *, tries: int, reserve: int, share: float, first: float = 0.25, longest: float = 20.0) -> None:
        self.tries, self.share, self.first, self.longest = tries, share, first, longest
        self._left = float(reserve)
        self._lock = threading.Lock()

    def begin(self) -> None:
        """A new request: the budget grows."""
        with self._lock:
            self._left += self.share

    def wait(self, key: str, turn: int, told: float | None) -> float | None:
        """Seconds to wait before try ``turn`` + 1 of a request; None where it must not be tried again.

        ``told`` is what the server asked for; it is followed up to the longest wait.
        """
        if turn >= self.tries:
            return None
        with self._lock:
            if self._left < 1:
                return None
            self._left -= 1
        jitter: float = random.Random(f"{key}/{turn}").uniform(0.5, 1.0)
        return min(self.longest, max(told or 0.0, self.first * float(2 ** (turn - 1)) * jitter))
