"""What runs on a Ray cluster's workers: one system, held open, that answers the chunks it is
given.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from evals.core.errors import EnvironmentProblem
from evals.core.identity import changed_keys
from evals.core.interfaces import Pack, Setup, System
from evals.core.normalise import normalised
from evals.core.registry import PACKS, SYSTEM_KINDS, SystemConfig, open_pack
from evals.core.schema import Item, Request, encode
from evals.run.executors import Work, answering_identity
from evals.run.machine import machine


@dataclass(frozen=True)
class Order:
    """A `Work` that can travel: what a worker needs to make the same system again.

    ``pack`` is the name of a registered pack, which each worker opens itself, or the pack.
    ``target`` is what the system's kind stands for where the run was started, ``identity`` the
    run's with the processor it was started on.
    """

    config: SystemConfig
    target: str
    pack: str | Pack
    folder: Path
    cache: Path
    seed: int
    gold: Mapping[str, Item] | None
    identity: Mapping[str, Any]

    @classmethod
    def of(cls, work: Work) -> Order:
        setup, config = work.setup, work.config
        target = SYSTEM_KINDS.targets().get(config.kind, "")
        pack = work.pack_source if work.pack_source in PACKS.targets() else setup.pack
        return cls(
            config,
            target,
            pack,
            Path.cwd(),
            setup.cache,
            setup.seed,
            setup.gold,
            _located(work.identity),
        )

    def build(self) -> tuple[System, Setup]:
        """The system and its set-up, in this process. Raises as building it where the run was
        started does.
        """
        if self.folder.is_dir():
            os.chdir(self.folder)
        SYSTEM_KINDS.add(self.config.kind, self.target)
        pack = open_pack(self.pack, self.cache) if isinstance(self.pack, str) else self.pack
        return self.config.build(), Setup(
            pack=pack, cache=self.cache, seed=self.seed, gold=self.gold
        )


class Worker:
    """The actor. It answers only when it is what the run's identity says."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._system: System | None = None

    def hello(self) -> str:
        """The name of this worker's machine: the sign that the process is up."""
        return platform.node()

    def start(self) -> None:
        """Open the system. Raises EnvironmentProblem where it is not the run's: other code, weights
        or machine.
        """
        system, setup = self._order.build()
        expected, found = dict(self._order.identity), _located(answering_identity(system, setup))
        if changed := changed_keys(expected, found):
            raise EnvironmentProblem(
                "this worker would answer as another system than the run's",
                where=platform.node(),
                found="; ".join(f"{key}: {_at(found, key)}" for key in changed),
                expected="; ".join(f"{key}: {_at(expected, key)}" for key in changed),
                hint=(
                    "give all machines the same packages, files and hardware, and start the run on"
                    " one of them"
                ),
            )
        system.open(setup)
        self._system = system

    def answer(self, chunk: Sequence[bytes]) -> Iterator[bytes]:
        """Answer encoded requests; yield each encoded response as it finishes."""
        if self._system is None:
            raise RuntimeError("start() comes first")
        decoder = msgspec.json.Decoder(Request)
        for response in self._system.answer(map(decoder.decode, chunk), "throughput"):
            yield encode(normalised(response))

    def close(self) -> None:
        """Close the system."""
        if self._system is not None:
            self._system.close()
        self._system = None


def _located(identity: Mapping[str, Any]) -> dict[str, Any]:
    """An identity with this machine's processor: workers of one run compute alike."""
    about = machine()
    return {
        **identity,
        "machine": {key: about[key] for key in ("processor", "extensions", "native_bfloat16")},
    }


def _at(identity: Mapping[str, Any], dotted: str) -> object:
    value: object = identity
    for key in dotted.split("."):
        value = value.get(key, "nothing") if isinstance(value, Mapping) else "nothing"
    return value
