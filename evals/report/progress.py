"""How far runs under way have come: read from their files as they grow, nothing asked of the
process that writes.
"""

from __future__ import annotations

import time
from array import array
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from evals.analysis.units import unit
from evals.core.identity import hash64
from evals.core.schema import ScoreLine
from evals.core.store import RESPONSES, SCORES, Manifest, stored_runs
from evals.report.words import display_name, value
from evals.stats.clustered import clustered_mean

WINDOW: Final = 60.0
"""Seconds over which the rate is taken."""
_LINE: Final = msgspec.json.Decoder(ScoreLine)


@dataclass
class _Tail:
    """Reads what was appended to a file since the last time; a half-written last line is left for
    later.
    """

    path: Path
    offset: int = 0

    def lines(self) -> list[bytes]:
        if not self.path.exists():
            return []
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            whole, newline, _ = stream.read().rpartition(b"\n")
        self.offset += len(whole) + len(newline)
        return [line for line in whole.split(b"\n") if line.strip()] if newline else []


@dataclass
class _Watched:
    responses: _Tail
    scores: _Tail
    answered: int = 0
    seen: deque[tuple[float, int]] = field(default_factory=deque)
    headlines: dict[str, tuple[array[float], array[int]]] = field(default_factory=dict)


@dataclass
class Watcher:
    """Remembers what it has read, so that each look costs only what is new."""

    results: Path
    runs: dict[str, _Watched] = field(default_factory=dict)

    def look(self) -> list[dict[str, Any]]:
        """One entry per unfinished run, interrupted ones last: answered, rate (None at the first
        look), seconds left, first scores; for an interrupted one the command that resumes it.
        """
        runs = stored_runs(self.results)
        states = {run.name: run.state() for run in runs}
        unfinished = [run for run in runs if states[run.name] != "complete"]
        unfinished.sort(key=lambda run: states[run.name] == "interrupted")
        self.runs = {
            run.name: self.runs.get(run.name)
            or _Watched(_Tail(run.path / RESPONSES), _Tail(run.path / SCORES))
            for run in unfinished
        }
        return [_summary(run.manifest, self.runs[run.name], states[run.name]) for run in unfinished]


def _summary(manifest: Manifest, watched: _Watched, state: str) -> dict[str, Any]:
    watched.answered += len(watched.responses.lines())
    for line in watched.scores.lines():
        _add(watched, manifest, _LINE.decode(line))
    rate = _rate(watched)
    missing = manifest.items - watched.answered
    return {
        "run": manifest.run,
        "state": state,
        "resume": manifest.command if state == "interrupted" else "",
        "items": manifest.items,
        "answered": watched.answered,
        "rate": rate,
        "left": missing / rate if rate else None,
        "scores": [_score(manifest, suite, *found) for suite, found in watched.headlines.items()],
    }


def _rate(watched: _Watched) -> float | None:
    now = time.monotonic()
    watched.seen.append((now, watched.answered))
    while len(watched.seen) > 2 and now - watched.seen[0][0] > WINDOW:
        watched.seen.popleft()
    (since, before), (until, after) = watched.seen[0], watched.seen[-1]
    return (after - before) / (until - since) if until > since else None


def _add(watched: _Watched, manifest: Manifest, line: ScoreLine) -> None:
    score = line.scores.get(manifest.suites[line.suite].headline)
    if score is not None and score.value is not None:
        values, clusters = watched.headlines.setdefault(line.suite, (array("d"), array("q")))
        values.append(score.value)
        clusters.append(hash64(line.cluster))


def _score(manifest: Manifest, suite: str, values: array[float], clusters: array[int]) -> str:
    """The mean so far with its interval; no verdict, since the rest is not asked at random."""
    headline = manifest.suites[suite].headline
    note = manifest.metrics[headline]
    found = clustered_mean(np.array(values), np.array(clusters), note.bounds)
    kind = unit(note)
    mean = "n/a" if found.value is None else value(found.value, kind)
    ends = (
        ""
        if found.low is None or found.high is None
        else f" [{value(found.low, kind)}, {value(found.high, kind)}]"
    )
    return f"{display_name(suite)} {headline} {mean}{ends} so far, n = {found.n}"
