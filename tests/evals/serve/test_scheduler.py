"""Batching, order, failures and shutdown of the thread that feeds a system; no sockets."""

from __future__ import annotations

import queue
import threading

import pytest

from evals.core.schema import Request, Response
from evals.serve.scheduler import Event, Full, Scheduler, Ticket
from tests.evals.serve.talker import Talker
from tests.fakes import FakeSystem


def _ask(scheduler: Scheduler, question: str, number: int = 0) -> tuple[Ticket, queue.Queue[Event]]:
    events: queue.Queue[Event] = queue.Queue()
    ticket = Ticket(Request(f"{question}-{number}", question), events.put)
    scheduler.submit(ticket)
    return ticket, events


def _all(events: queue.Queue[Event]) -> list[Event]:
    found = [events.get(timeout=60)]
    while isinstance(found[-1], str):
        found.append(events.get(timeout=60))
    return found


@pytest.fixture
def talking() -> Scheduler:
    return Scheduler(Talker(), "throughput", 16)


def test_who_waits_together_is_answered_together(talking: Scheduler) -> None:
    asked = [_ask(talking, "hi", n) for n in range(7)]
    talking.start()
    for ticket, events in asked:
        *pieces, answer = _all(events)
        assert isinstance(answer, Response) and answer.text.endswith("among 7")
        assert "".join(str(p) for p in pieces) == answer.text
        stages = ticket.stages(answer)
        assert ticket.done is not None
        assert sum(stages.values()) == pytest.approx(ticket.done - ticket.arrived, abs=1e-4)
        assert stages["decode"] > 0.05 and stages["queue"] >= 0
    talking.close()


def test_a_request_that_comes_later_waits_for_the_next_batch(talking: Scheduler) -> None:
    talking.start()
    _, first = _ask(talking, "one")
    assert isinstance(first.get(timeout=60), str)
    ticket, second = _ask(talking, "two")
    assert isinstance(_all(first)[-1], Response)
    answer = _all(second)[-1]
    assert isinstance(answer, Response) and answer.text.endswith("among 1")
    assert ticket.stages(answer)["queue"] > 0.02
    talking.close()


def test_a_system_that_does_not_stream_gives_one_answer() -> None:
    scheduler = Scheduler(FakeSystem(delay=0.05), "throughput", 16)
    ticket, events = _ask(scheduler, "hi")
    scheduler.start()
    answer = events.get(timeout=60)
    assert isinstance(answer, Response)
    assert ticket.stages(answer)["decode"] == pytest.approx(
        0.02, abs=0.005
    )  # its own account: no token was seen
    scheduler.close()


def test_a_crash_is_reported_to_all_and_survived(talking: Scheduler) -> None:
    asked = [_ask(talking, question) for question in ("hi", "crash")]
    talking.start()
    assert all(isinstance(_all(events)[-1], RuntimeError) for _, events in asked)
    assert isinstance(_all(_ask(talking, "again")[1])[-1], Response)
    talking.close()


def test_a_missing_answer_is_reported(talking: Scheduler) -> None:
    asked = [_ask(talking, question) for question in ("silence", "hi")]
    talking.start()
    ends = [_all(events)[-1] for _, events in asked]
    assert isinstance(ends[0], RuntimeError) and isinstance(ends[1], Response)
    talking.close()


def test_capacity_and_cancelling(talking: Scheduler) -> None:
    asked = [_ask(talking, "hi", n) for n in range(16)]
    with pytest.raises(Full):
        _ask(talking, "one too many")
    talking.cancel(asked[0][0])
    ticket, events = _ask(talking, "fits now")
    talking.start()
    answer = _all(events)[-1]
    assert isinstance(answer, Response) and answer.text.endswith("among 16")
    assert asked[0][1].empty()
    assert ticket.first is not None
    talking.close()


def test_close_answers_what_waits_and_stops_the_thread(talking: Scheduler) -> None:
    before = threading.active_count()
    talking.start()
    _, events = _ask(talking, "hi")
    talking.close()
    assert isinstance(_all(events)[-1], Response)
    assert threading.active_count() == before
    with pytest.raises(Full):
        _ask(talking, "too late")


def test_a_system_stops_writing_once_nobody_listens() -> None:
    """The next client does not wait for the end of an answer whose client has left."""
    slow = Talker(delay=0.1)
    scheduler = Scheduler(slow, "throughput", 16)
    scheduler.start()
    gone, first = _ask(scheduler, "long story")
    assert isinstance(first.get(timeout=60), str)
    scheduler.cancel(gone)
    _, second = _ask(scheduler, "short")
    answer = _all(second)[-1]
    assert isinstance(answer, Response) and answer.text.startswith("short")
    assert first.empty()  # neither a piece nor an answer came after the client had gone
    assert slow.batches == [1, 1]
    scheduler.close()
