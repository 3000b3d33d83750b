"""Spreads requests over Ray actors that each hold the system, and gathers their responses as they
finish.

Requests go out in chunks that shrink towards the end: a worker that becomes free takes
1/(2·workers) of the requests in sight (guided self-scheduling, Polychronopoulos & Kuck 1987), so
that engines get full batches and all end together. Each response travels back alone, so a worker
that dies loses only what it had not answered; that goes back to the front of the queue, and the
dead worker is never listened to again, so nothing is answered twice.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Literal

import msgspec

from evals.core.errors import AdaptbenchError, EnvironmentProblem, SystemFailure
from evals.core.interfaces import Mode
from evals.core.schema import Request, Response, encode

LOOKAHEAD: Final = 512
"""Requests in sight per worker; a chunk is at most half of that."""

START_S: Final = 120.0
"""Seconds until the first worker process must be up."""

_POLL_S: Final = 2.0
_CLOSE_S: Final = 5.0


class Backlog:
    """Requests that nobody is answering now: those given back first, then the stream."""

    def __init__(self, requests: Iterable[Request], lookahead: int) -> None:
        self._stream = iter(requests)
        self._seen: deque[Request] = deque()
        self._lookahead = lookahead

    def __bool__(self) -> bool:
        self._look()
        return bool(self._seen)

    def take(self, workers: int) -> list[Request]:
        """The next chunk for one of ``workers``; empty where nothing is left."""
        self._look()
        size = -(-len(self._seen) // (2 * workers))
        return [self._seen.popleft() for _ in range(size)]

    def give_back(self, requests: Sequence[Request]) -> None:
        """Put unanswered requests in front."""
        self._seen.extendleft(reversed(requests))

    def _look(self) -> None:
        self._seen.extend(islice(self._stream, max(0, self._lookahead - len(self._seen))))


@dataclass(eq=False)
class _Worker:
    actor: Any
    stage: Literal["called", "starting", "idle", "answering"] = "called"
    machine: str = "a worker"
    pending: dict[str, Request] = field(default_factory=dict)


class Pool:
    """Implements `evals.run.executors.Answerer` over actors of `evals.run.ray_worker.Worker`, just
    created.
    """

    def __init__(self, name: str, actors: Sequence[Any], note: Callable[[str], None]) -> None:
        self.name = name
        self._note = note
        self._decoder = msgspec.json.Decoder(Response)
        self._workers = [_Worker(actor) for actor in actors]
        self._waits: dict[Any, _Worker] = {
            worker.actor.hello.remote(): worker for worker in self._workers
        }
        self._size = len(actors)
        self._deadline = time.monotonic() + START_S
        self._last: Exception | None = None

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        """As `System.answer`. Raises SystemFailure where all workers are lost, EnvironmentProblem
        where none came up.

        A problem that the system itself raises on a worker is raised here as it is; where every
        worker fails to start with such a problem, the last one is.
        """
        backlog = Backlog(requests, LOOKAHEAD * self._size)
        while True:
            self._hand_out(backlog)
            if not any(worker.pending or worker.stage == "answering" for worker in self._workers):
                if not backlog:
                    return
                if not self._workers:
                    raise self._nobody_left()
            yield from self._next(backlog)

    def close(self) -> None:
        """End every worker; those at rest close their system first."""
        import ray

        resting = [
            worker.actor.close.remote() for worker in self._workers if worker.stage == "idle"
        ]
        if resting:
            ray.wait(resting, num_returns=len(resting), timeout=_CLOSE_S)
        for worker in self._workers:
            ray.kill(worker.actor, no_restart=True)
        self._workers, self._waits = [], {}

    def _hand_out(self, backlog: Backlog) -> None:
        for worker in self._workers:
            if worker.stage == "idle" and (chunk := backlog.take(len(self._workers))):
                worker.pending = {request.id: request for request in chunk}
                answer = worker.actor.answer.options(
                    num_returns="streaming"
                )  # each response as soon as it is there
                self._expect(worker, "answering", answer.remote([encode(r) for r in chunk]))

    def _expect(self, worker: _Worker, stage: Literal["starting", "answering"], reply: Any) -> None:
        worker.stage = stage
        self._waits[reply] = worker

    def _next(self, backlog: Backlog) -> Iterator[Response]:
        """Wait for one thing to happen on any worker; yield a response where it is one."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        ready, _ = ray.wait(list(self._waits), num_returns=1, timeout=_POLL_S)
        if not ready:
            self._check_start()
            return
        (reply,) = ready
        worker = self._waits[reply]
        try:
            if worker.stage == "answering":
                response = self._decoder.decode(ray.get(next(reply)))
                self._received(worker, response)
                yield response
                return
            message = ray.get(reply)
        except StopIteration:
            worker.pending.clear()  # whoever asked reports what was left out
            worker.stage = "idle"
        except RayTaskError as error:
            problem = error.cause if isinstance(error.cause, AdaptbenchError) else error
            if worker.stage == "answering":
                raise problem from None
            self._lose(worker, backlog, "cannot start", problem)
        except RayError as error:
            self._lose(worker, backlog, "died", error)
        else:
            self._advance(worker, message)
        del self._waits[reply]

    def _advance(self, worker: _Worker, message: object) -> None:
        if worker.stage == "called":
            worker.machine = str(message)
            self._expect(worker, "starting", worker.actor.start.remote())
        else:
            worker.stage = "idle"

    def _received(self, worker: _Worker, response: Response) -> None:
        if worker.pending.pop(response.item, None) is None:
            raise SystemFailure(
                f"{self.name} answered something that was not asked, or twice",
                where=worker.machine,
                found=response.item,
            )

    def _lose(self, worker: _Worker, backlog: Backlog, what: str, error: Exception) -> None:
        """Forget a worker; its unanswered requests go to others."""
        import ray

        ray.kill(worker.actor, no_restart=True)
        self._workers.remove(worker)
        self._last = error
        backlog.give_back(list(worker.pending.values()))
        going_on = (
            f"{len(worker.pending)} items in flight go to others, "
            f"{len(self._workers)} of {self._size} workers left"
        )
        self._note(f"the worker on {worker.machine} {what}: {_one_line(error)} ({going_on})")

    def _check_start(self) -> None:
        if time.monotonic() > self._deadline and all(
            worker.stage == "called" for worker in self._workers
        ):
            raise EnvironmentProblem(
                f"no worker has come up within {START_S:.0f} s",
                found=f"{self._size} workers wanted",
                hint="`ray status` shows whether the cluster is busy; ask for fewer with --workers",
            )

    def _nobody_left(self) -> Exception:
        if isinstance(self._last, AdaptbenchError):
            return self._last
        return SystemFailure(
            f"all {self._size} workers are lost",
            found=None if self._last is None else _one_line(self._last),
            hint="what was answered is kept; the same command goes on where it stopped",
        )


def _one_line(error: Exception, limit: int = 300) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= limit else f"…{text[-limit:]}"
