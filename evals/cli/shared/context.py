"""The context that the options of `adaptbench score` make for its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evals.core.inert import say

if TYPE_CHECKING:
    from evals.core.interfaces import Pack
    from evals.core.judge import JudgeSettings
    from evals.core.metric import Metric, MetricContext, Need
    from evals.metrics.rule_pass import Rules
    from evals.scorers.voice.model import VoiceModel

_HINTS: Final[Mapping[str, str]] = {
    "detector": (
        "--detector KRLabsOrg/lettucedect-base-modernbert-en-v1 (a hub id or a local folder), "
        "or the metric groundedness, which needs none"
    )
}


def built_metrics(
    names: Sequence[str],
    pack: Pack | None,
    voice: Path | None,
    rules: Path | None,
    models: Mapping[Need, str | None],
    judge: JudgeSettings | None,
) -> tuple[list[Metric], dict[str, str | None]]:
    """The named metrics, with the voice, rules and ``models`` (likelihood, detector) that the
    options name.

    Also what makes each of these the same one, None for what is not named. Raises UsageError where
    none of the metrics reads what is named or one lacks what it needs, and whatever reading the
    files and finding the models raise.
    """
    from evals.core.metric import MetricContext
    from evals.core.registry import detector, likelihood
    from evals.metrics.scoring import NoPack, metrics_named

    context = MetricContext(
        NoPack() if pack is None else pack, _voice(voice), _rules(rules), judge=judge
    )
    metrics = metrics_named(names, context)
    _check(metrics, {"voice": voice, "rules": rules, **models}, models)
    if any(models.values()):
        asked, found = models.get("likelihood"), models.get("detector")
        context = replace(
            context,
            likelihood=None if asked is None else likelihood(asked),
            detector=None if found is None else detector(found),
        )
        metrics = metrics_named(names, context)
    return metrics, {"voice": _content(voice), "rules": _content(rules), **_identities(context)}


def _check(
    metrics: Sequence[Metric], given: Mapping[Need, object], required: Mapping[Need, object]
) -> None:
    """Refuse an option that no metric reads, and a metric that needs an option which is missing."""
    from evals.core.errors import UsageError

    names = ", ".join(m.name for m in metrics)
    for need, value in given.items():
        if value is not None and not any(need in m.needs | m.uses for m in metrics):
            raise UsageError(f"--{need} is read by none of the metrics", found=names)
    for need, value in required.items():
        lacking = next((m.name for m in metrics if need in m.needs), None)
        if value is None and lacking is not None:
            raise UsageError(
                f"the metric {lacking} needs a {need}", hint=_HINTS.get(need, f"--{need} MODEL")
            )


def _identities(context: MetricContext) -> dict[str, str | None]:
    return {
        "likelihood": None if context.likelihood is None else context.likelihood.identity,
        "detector": None if context.detector is None else context.detector.identity,
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
        say(f"{path}: INVALID: {problem}", err=True)
    return model


def _rules(path: Path | None) -> Rules | None:
    from evals.metrics.rule_pass import read_rules

    return None if path is None else read_rules(path)
