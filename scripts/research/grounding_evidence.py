"""A model's evidence for labelled answers, extracted once and kept: the slow part of fitting and
validating.

Answers that share a question and contexts are heard together. Every group is appended to a
JSON-lines file as soon as it is heard, under a digest of all that it depends on, so an interrupted
extraction goes on where it stopped and changed answers are heard again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from evals.core import registry
from evals.core.identity import digest
from evals.core.interfaces import TextLikelihood
from evals.core.jsonl import lines
from evals.core.log import Log
from evals.core.paths import cache_dir, ensure_dir
from evals.scorers.groundedness.likelihood import (
    MAX_ANSWER,
    MAX_CONTEXT,
    Evidence,
    TokenEvidence,
    ask,
    shown,
)
from scripts.research.labelled import Judged

MODEL: Final = "smollm2-135m"
"""The model whose evidence the stored coefficients are fit on: the default one."""

Labels = Callable[[int, int], None]
"""Told how many answers are heard, and of how many."""


def with_evidence(judged: Sequence[Judged], reference: str = MODEL) -> list[Evidence]:
    """The evidence of a model by name, kept under the cache folder, with a progress bar."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("hearing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("hearing", total=None)
        return evidence(
            judged,
            registry.likelihood(reference),
            cache_dir() / "grounding" / "evidence.jsonl",
            lambda done, of: progress.update(bar, completed=done, total=of),
        )


def evidence(
    judged: Sequence[Judged], provider: TextLikelihood, cache: Path, summary: Labels | None = None
) -> list[Evidence]:
    """The evidence of each answer, in order, from the cache where it holds it.

    Raises EnvironmentProblem where the cache cannot be written.
    """
    keys = [_key(one, provider) for one in judged]
    known = _known(cache)
    groups: dict[tuple[str, tuple[str, ...]], dict[str, Judged]] = {}
    for key, one in zip(keys, judged, strict=True):
        if key not in known:
            groups.setdefault((one.question, one.contexts), {})[key] = one
    done, missing = 0, sum(map(len, groups.values()))
    for (question, contexts), answers in groups.items():
        with_evidence = ask(
            provider, question, contexts, [one.response for one in answers.values()]
        )
        fresh = dict(zip(answers, with_evidence, strict=True))
        _append(cache, fresh)
        known |= fresh
        done += len(fresh)
        if summary is not None:
            summary(done, missing)
    return [known[key] for key in keys]


def _key(one: Judged, provider: TextLikelihood) -> str:
    return digest(
        [
            provider.identity,
            MAX_CONTEXT,
            MAX_ANSWER,
            one.question,
            list(one.contexts),
            shown(one.response),
        ]
    )


def _known(cache: Path) -> dict[str, Evidence]:
    if not cache.exists():
        return {}
    Log(cache).close()  # cuts off what a crash left half-written
    found: dict[str, Evidence] = {}
    for _, line in lines(cache):
        row: dict[str, Any] = msgspec.json.decode(line)
        found[row["key"]] = tuple(TokenEvidence(*token) for token in row["tokens"])
    return found


def _append(cache: Path, fresh: dict[str, Evidence]) -> None:
    ensure_dir(cache.parent)
    with Log(cache) as log:
        for key, with_evidence in fresh.items():
            tokens = [(h.start, h.end, round(h.given, 3), round(h.alone, 3)) for h in with_evidence]
            log.append({"key": key, "tokens": tokens})
