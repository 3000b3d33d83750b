"""One thread feeds one system: whoever waits when the system asks is answered together."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from evals.core.interfaces import Mode, Streaming, System
from evals.core.normalise import normalised
from evals.core.schema import Request, Response

LOG: Final = logging.getLogger("adaptbench.serve")

Event = str | Response | Exception
"""A piece of text; the finished answer; or why there will be none."""


@dataclass(eq=False)
class Ticket:
    """One request on its way. ``tell`` is called from the scheduler's thread; times are
    `time.monotonic` seconds.
    """

    request: Request
    tell: Callable[[Event], None]
    arrived: float = field(default_factory=time.monotonic)
    pulled: float | None = None
    first: float | None = None
    done: float | None = None
    cancelled: bool = False

    def stages(self, response: Response) -> dict[str, float]:
        """Wall seconds by stage, from arrival to the last token; ``prefill`` holds all up to the
        first token.

        Where nothing was streamed the first token is placed by the system's own account of its
        decoding.
        """
        timings, done = response.timings, self.done or time.monotonic()
        pulled = self.pulled or self.arrived
        retrieve = min(timings.retrieve if timings else 0.0, done - pulled)
        first = self.first or max(pulled + retrieve, done - (timings.decode if timings else 0.0))
        parts = {"queue": pulled - self.arrived, "retrieve": retrieve}
        parts |= {"prefill": max(0.0, first - pulled - retrieve), "decode": max(0.0, done - first)}
        return {name: round(seconds, 6) for name, seconds in parts.items()}


class Full(Exception):
    """More requests wait than are allowed to."""


class Abandoned(Exception):
    """Every client in flight has gone."""


class Scheduler:
    """Owns the system's thread. `submit` may be called from any thread."""

    def __init__(self, system: System, mode: Mode, capacity: int) -> None:
        self.system, self.mode, self.capacity = system, mode, capacity
        self._waiting: deque[Ticket] = deque()
        self._flying: dict[str, Ticket] = {}
        self._change = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="adaptbench-system", daemon=True)

    def start(self) -> None:
        """Begin to serve; the system is open already."""
        self._thread.start()

    def submit(self, ticket: Ticket) -> None:
        """Queue a request. Raises Full where ``capacity`` requests wait already."""
        with self._change:
            if len(self._waiting) >= self.capacity or self._closing:
                raise Full
            self._waiting.append(ticket)
            self._change.notify()

    def cancel(self, ticket: Ticket) -> None:
        """Its client has gone: a waiting request is dropped, the answer of one in flight is thrown
        away.
        """
        with self._change:
            ticket.cancelled = True
            if ticket in self._waiting:
                self._waiting.remove(ticket)

    def close(self, timeout: float = 10.0) -> None:
        """Take no more, answer what is in flight, stop the thread."""
        with self._change:
            self._closing = True
            self._change.notify()
        self._thread.join(timeout)

    @property
    def load(self) -> tuple[int, int]:
        """How many requests wait, and how many are in flight."""
        return len(self._waiting), len(self._flying)

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._waiting and not self._closing:
                    self._change.wait()
                if not self._waiting:
                    return
            try:
                for response in self._answers():
                    self._finish(normalised(response))
                self._fail(RuntimeError("the system ended without answering this request"))
            except Abandoned:
                self._flying = {}
            except (
                Exception,
                SystemExit,
            ) as error:  # every client in flight is informed, and the next batch begins afresh
                LOG.exception("the system failed with %d requests in flight", len(self._flying))
                self._fail(
                    error
                    if isinstance(error, Exception)
                    else RuntimeError("the system called sys.exit")
                )

    def _answers(self) -> Iterator[Response]:
        if isinstance(self.system, Streaming):
            return self.system.stream(self._pull(), self.mode, self._show)
        return self.system.answer(self._pull(), self.mode)

    def _pull(self) -> Iterator[Request]:
        """Whoever waits now. Ends when nobody does, so that a system which collects a window does
        not wait for one.
        """
        while True:
            with self._change:
                if not self._waiting:
                    return
                ticket = self._waiting.popleft()
                ticket.pulled = time.monotonic()
                self._flying[ticket.request.id] = ticket
            yield ticket.request

    def _show(self, item: str, text: str) -> None:
        """Pass a piece on. Raises Abandoned where nobody in flight is listening any more: what the
        system would go on writing keeps the next client waiting.
        """
        ticket = self._flying.get(item)
        if self._flying and all(one.cancelled for one in self._flying.values()):
            raise Abandoned
        if ticket is not None:
            ticket.first = ticket.first or time.monotonic()
            if not ticket.cancelled:
                ticket.tell(text)

    def _finish(self, response: Response) -> None:
        ticket = self._flying.pop(response.item, None)
        if ticket is not None:
            ticket.done = time.monotonic()
            if not ticket.cancelled:
                ticket.tell(response)

    def _fail(self, error: Exception) -> None:
        flying, self._flying = list(self._flying.values()), {}
        for ticket in flying:
            ticket.tell(error)
