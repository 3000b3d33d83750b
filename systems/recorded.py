"""Answers that were given elsewhere, as a system: each request gets what a file holds for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from evals.core.errors import SystemFailure, UsageError
from evals.core.identity import file_digest, source_digest
from evals.core.interfaces import Mode, Setup
from evals.core.lines import Lines
from evals.core.schema import Failure, Request, Response
from systems.settings import Settings, parse


class RecordedSettings(Settings, frozen=True):
    """A system of kind ``recorded``. ``answers`` is a JSON-lines file of responses, by item."""

    name: str = "recorded"
    answers: str = ""


def recorded(settings: Mapping[str, Any]) -> Recorded:
    """A system that answers from a file. Raises UsageError where there is none."""
    found = parse(settings, RecordedSettings, what="a recorded system")
    if not Path(found.answers).is_file():
        raise UsageError("there are no recorded answers", found=found.answers, expected="a file")
    return Recorded(found)


class Recorded:
    """Looks answers up by item. One that the file does not hold is that request's failure."""

    privileged = False

    def __init__(self, settings: RecordedSettings) -> None:
        self.name, self._path = settings.name, Path(settings.answers)
        self._lines: Lines | None = None

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        return {
            "kind": "recorded",
            "answers": file_digest(self._path),
            "code": source_digest(__name__),
        }

    def open(self, setup: Setup) -> None:
        self._lines = Lines(self._path)

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        if self._lines is None:
            raise SystemFailure(f"{self.name} was asked before it was opened", hint="open() first")
        if mode == "latency":
            raise SystemFailure(
                "recorded answers have no latency of this machine",
                hint="leave latency_cost out with --suite",
            )
        for request in requests:
            line = self._lines.find(request.id)
            yield _missing(request) if line is None else msgspec.json.decode(line, type=Response)

    def close(self) -> None:
        self._lines = None


def _missing(request: Request) -> Response:
    failure = Failure("not_recorded", "the log holds no answer to this question")
    return Response(item=request.id, finish="error", error=failure)
