"""A Ray cluster of two machines on loopback, and systems that die on it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.core.errors import SystemFailure
from evals.core.interfaces import Mode, Setup
from evals.core.schema import Request, Response
from tests.fakes import FakeSystem

QUICK_TO_NOTICE = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_failure_threshold": 3,
}


def patiently(start: Callable[[], Any], tries: int = 6) -> Any:
    """Ray gives its processes half a minute to start, which a busy machine may not manage: try
    again.
    """
    for _ in range(tries - 1):
        try:
            return start()
        except Exception as error:
            if "timed out during startup" not in str(error):
                raise
    return start()


class TwoMachines:
    """Two raylets with one core each; `kill` ends the second as a power cut does."""

    def __init__(self) -> None:
        os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
        from ray._private import ray_constants
        from ray.cluster_utils import Cluster

        ray_constants.ENABLE_RAY_CLUSTER = (
            False  # all on loopback, even where ray was imported before
        )
        node = {"num_cpus": 1, "object_store_memory": 80 << 20, "node_ip_address": "127.0.0.1"}
        head = {**node, "include_dashboard": False, "_system_config": QUICK_TO_NOTICE}
        self._cluster: Any = patiently(lambda: Cluster(initialize_head=True, head_node_args=head))
        self._second: Any = patiently(lambda: self._cluster.add_node(**node))
        self.address: str = self._cluster.address

    def kill(self) -> None:
        """kill -9 the second machine's raylet; its workers go with it."""
        self._cluster.remove_node(self._second, allow_graceful=False)

    def close(self) -> None:
        self._cluster.shutdown()


class After:
    """A `Progress` that calls ``then`` once, when ``count`` items have been answered, and keeps the
    notes.
    """

    def __init__(self, count: int, then: Callable[[], object]) -> None:
        self.count = count
        self.then = then
        self.notes: list[str] = []

    def stage(
        self, label: str, total: int, done: int = 0
    ) -> AbstractContextManager[Callable[[], None]]:
        return self._stage(label)

    @contextmanager
    def _stage(self, label: str) -> Iterator[Callable[[], None]]:
        def tick() -> None:
            if label == "answering":
                self.count -= 1
                if self.count == 0:
                    self.then()

        yield tick

    def note(self, message: str) -> None:
        self.notes.append(message)


@dataclass
class Mortal(FakeSystem):
    """Takes its process down at the item ``deadly``, as a fault in a driver does, while the file
    ``trap`` is there.

    It waits for the trap to be sprung (to have content), so that the earlier answers have left the
    process by then.
    """

    deadly: str = ""
    trap: str = ""
    alien: bool = False
    refused: str = ""

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        place = os.getpid() if self.alien else 0
        return {"kind": "mortal", "weights": place}

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        for response in super().answer(requests, mode):
            if response.item == self.deadly and Path(self.trap).exists():
                wait_for(Path(self.trap).read_text)
                os.kill(os.getpid(), signal.SIGKILL)
            if response.item == self.refused:
                raise SystemFailure("the key is wrong", where="the server", hint="mend it")
            yield response


def wait_for(happened: Callable[[], object], seconds: float = 60.0) -> None:
    """Return once ``happened()`` is true. Raises TimeoutError after ``seconds``."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError(f"did not happen within {seconds:.0f} s")
        time.sleep(0.02)


def mortal(settings: Mapping[str, Any]) -> Mortal:
    """Factory as the registry wants it."""
    return Mortal(**settings)
