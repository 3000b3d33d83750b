"""How often a failed exchange is tried again, and after how long."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from evals.http.transport import Trouble

T = TypeVar("T")

LONGEST_ASKED: Final = 120.0
"""Seconds of a server's ``Retry-After`` that are followed at most."""


class Retries:
    """Waits between tries (exponential, with jitter), within a budget shared by all requests.

    The budget starts at ``reserve`` tries and grows by ``share`` with every request, so that a
    server in trouble is not buried under repetitions.
    """

    def __init__(
        self, *, tries: int, reserve: int, share: float, first: float = 0.25, longest: float = 20.0
    ) -> None:
        self.tries, self.share, self.first, self.longest = tries, share, first, longest
        self._left = float(reserve)
        self._lock = threading.Lock()

    def run(self, key: str, attempt: Callable[[], T]) -> T:
        """What ``attempt`` returns, tried again after passing troubles. Raises the last Trouble."""
        with self._lock:
            self._left += self.share
        turn = 1
        while True:
            try:
                return attempt()
            except Trouble as trouble:
                pause = self.wait(key, turn, trouble.wait) if trouble.passing else None
                if pause is None:
                    raise
            time.sleep(pause)
            turn += 1

    def wait(self, key: str, turn: int, asked: float | None) -> float | None:
        """Seconds to wait before try ``turn`` + 1 of a request; None where it must not be tried
        again.

        ``asked`` is what the server asked for; it is followed up to `LONGEST_ASKED`.
        """
        if turn >= self.tries:
            return None
        with self._lock:
            if self._left < 1:
                return None
            self._left -= 1
        jitter: float = random.Random(f"{key}/{turn}").uniform(0.5, 1.0)
        own = min(self.longest, self.first * float(2 ** (turn - 1)) * jitter)
        return max(own, min(asked or 0.0, LONGEST_ASKED))
