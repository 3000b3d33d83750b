"""What the options of `adaptbench score` lend to the metrics that are built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from evals.core.interfaces import Detector, TextLikelihood
    from evals.metrics.rule_pass import Rules
    from evals.scorers.voice.model import VoiceModel


@contextmanager
def lending(
    names: Sequence[str], voice: Path | None, rules: Path | None, likelihood: str | None, detector: str | None
) -> Iterator[dict[str, str | None]]:
    """Metrics that are built inside the block are lent a voice, house rules, a likelihood and a detector, where given.

    Yields what makes each of them the same one, None for what is not lent.

    Raises UsageError where none of the named metrics reads what is lent or one lacks what it needs, and whatever
    reading the files and finding the models raise.
    """
    from evals.metrics import detector as detectors
    from evals.metrics import rule_pass
    from evals.metrics import voice as voices
    from evals.scorers.groundedness import likelihood as likelihoods

    heard, found = _likelihood(likelihood, names), _detector(detector, names)
    with (
        voices.lending(_voice(voice)),
        rule_pass.lending(_rules(rules)),
        likelihoods.lending(heard),
        detectors.lending(found),
    ):
        yield {
            "voice": _content(voice),
            "rules": _content(rules),
            "likelihood": None if heard is None else heard.identity,
            "detector": None if found is None else found.identity,
        }


def _content(path: Path | None) -> str | None:
    from evals.core.identity import file_digest

    return None if path is None else file_digest(path)[:16]


def _voice(path: Path | None) -> VoiceModel | None:
    """The voice of a file; says so where it is INVALID, for then nothing is scored by it."""
    from evals.scorers.voice import file, trust

    if path is None:
        return None
    model, measured = file.read(path)
    for problem in trust.problems(model, measured):
        typer.echo(f"{path}: INVALID: {problem}", err=True)
    return model


def _rules(path: Path | None) -> Rules | None:
    from evals.metrics.rule_pass import read_rules

    return None if path is None else read_rules(path)


def _likelihood(reference: str | None, names: Sequence[str]) -> TextLikelihood | None:
    from evals.core.errors import UsageError
    from evals.core.registry import likelihood

    if reference is None:
        return None
    if "groundedness" not in names:
        raise UsageError(
            "none of the metrics reads a likelihood", found=", ".join(names), expected="groundedness among them"
        )
    return likelihood(reference)


def _detector(reference: str | None, names: Sequence[str]) -> Detector | None:
    from evals.core.errors import UsageError
    from evals.core.registry import detector

    if reference is None and "detector" in names:
        raise UsageError(
            "the metric detector needs a model",
            expected="--detector MODEL: a hub id or a local folder",
            way_out="--detector KRLabsOrg/lettucedect-base-modernbert-en-v1, or `groundedness`, which needs none",
        )
    if reference is not None and "detector" not in names:
        raise UsageError("none of the metrics asks a detector", found=", ".join(names), expected="detector among them")
    return None if reference is None else detector(reference)
