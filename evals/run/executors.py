"""Who makes the passes that call a system: this process, or workers elsewhere; found by name, as
systems are.

An executor decides where requests are answered and nothing else: the plan, the log of responses,
resuming and scoring stay with the process that was started, so a run looks the same whoever
answered, and one executor may go on where another stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from evals.core.errors import UsageError
from evals.core.interfaces import Mode, Setup, System
from evals.core.registry import Registry, SystemConfig
from evals.core.schema import Request, Response
from evals.run.machine import libraries


class Answerer(Protocol):
    """The part of a `System` that a pass needs once it is open."""

    name: str

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        """As `System.answer`."""


@dataclass(frozen=True)
class Work:
    """What is to be answered with: the system and all that is needed to make it again in another
    process.

    ``system`` is built and not opened. ``pack_source`` is the pack as the user named it, empty
    where it has no name. ``identity`` is `answering_identity` of this process.
    """

    config: SystemConfig
    pack_source: str
    system: System
    setup: Setup
    identity: Mapping[str, Any]


class Executor(Protocol):
    """Opens a system somewhere and lets it answer."""

    def serve(self, work: Work) -> AbstractContextManager[Answerer]:
        """The system, open; closed again when the block ends, however it ends.

        Raises EnvironmentProblem where what the executor needs is not there, SystemFailure where
        nobody is left to answer; what was answered until then is stored.
        """

    def for_mode(self, mode: Mode) -> Executor:
        """The executor that makes this kind of pass: itself, or one that measures soundly.

        Raises UsageError, with the reason, where the pass cannot be made soundly from here.
        """


ExecutorFactory = Callable[[Mapping[str, Any]], Executor]
"""Settings -> executor; raises UsageError for a setting that it does not know."""

EXECUTORS: Final = Registry[ExecutorFactory]("adaptbench.executors", "executor")


@dataclass(frozen=True)
class LocalExecutor:
    """Answers in this process."""

    @contextmanager
    def serve(self, work: Work) -> Iterator[Answerer]:
        """As `Executor.serve`: the system itself."""
        work.system.open(work.setup)
        try:
            yield work.system
        finally:
            work.system.close()

    def for_mode(self, mode: Mode) -> Executor:
        """As `Executor.for_mode`: every pass is made here."""
        return self


def local(settings: Mapping[str, Any]) -> LocalExecutor:
    """In this process, on this machine."""
    if settings:
        raise UsageError(
            "the local executor has no settings",
            found=", ".join(sorted(settings)),
            hint="add --executor ray",
        )
    return LocalExecutor()


def answering_identity(system: System, setup: Setup) -> dict[str, Any]:
    """The part of a run's identity that says what answers: system, pack and versions of libraries.

    It is the same in every process that may answer for the run, and on every machine: what the
    hardware may change (the last bits of a model's numbers, and speed) stands in the run's manifest
    as its machine.
    """
    return {
        "system": dict(system.identity(setup)),
        "pack": {"name": setup.pack.name, "identity": setup.pack.identity},
        "libraries": libraries(),
    }
