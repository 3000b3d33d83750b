"""A system that streams words in batches and misbehaves on request, and the process that serves it.

python -m tests.evals.serve.talker [key]     prints its URL, serves until its input ends
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.core.interfaces import Mode, Setup, Show
from evals.core.schema import Failure, Passage, Request, Response, Timings, Usage
from evals.serve.server import serve
from tests.fakes import TinyPack

WORDS = 5


@dataclass
class Talker:
    """Says each question back with the size of the batch it was in, ``delay`` seconds a word for
    the whole batch.
    """

    name: str = "talker"
    privileged: bool = False
    delay: float = 0.02
    opened: int = 0
    closed: int = 0
    batches: list[int] = field(default_factory=list)

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        return {"kind": "talker"}

    def open(self, setup: Setup) -> None:
        self.opened += 1

    def close(self) -> None:
        self.closed += 1

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        return self.stream(requests, mode, lambda item, text: None)

    def stream(self, requests: Iterable[Request], mode: Mode, show: Show) -> Iterator[Response]:
        batch = list(requests)
        self.batches.append(len(batch))
        if any(r.question == "crash" for r in batch):
            raise RuntimeError("secret detail")
        texts = {r.id: f"{r.question[:40]} asked by {r.user} among {len(batch)}" for r in batch}
        begun: dict[str, str] = {}
        for step in range(WORDS):
            time.sleep(self.delay)
            for item, text in texts.items():
                piece = text[step * len(text) // WORDS : (step + 1) * len(text) // WORDS]
                show(item, piece)
                begun[item] = begun.get(item, "") + piece
        for r in batch:
            if r.question == "silence":
                continue
            if r.question in ("too long", "broken"):
                kind = "prompt_too_long" if r.question == "too long" else "out_of_luck"
                yield Response(r.id, finish="error", error=Failure(kind, f"it is {r.question}"))
            else:
                timings = Timings("throughput", retrieve=0.001, decode=0.01, total=0.02)
                found = (Passage("p1", "doc1", 1.5, "text"),)
                yield Response(r.id, texts[r.id], found, Usage(12, WORDS, 4), timings)


def main(key: str | None) -> None:
    setup = Setup(TinyPack(), Path("unused"))
    serve(
        Talker(),
        setup,
        port=0,
        key=key,
        capacity=64,
        ready=lambda url: print(url, flush=True),
        with_parent=True,
    )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
