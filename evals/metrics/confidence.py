"""`auroc`, `aurc`, `ece`: does the model's own confidence tell its right answers from its wrong
ones?

Confidence = exp(mean token log-probability) of the answer, the inverse perplexity, in [0, 1]. The
per-item value is that confidence; the estimators of the same names read ``confidence`` and
``correct`` (0 or 1) from the details. Abstentions on answerable items count as not correct.
Unscored: ``no_logprobs``, ``no_gold``.
"""

from __future__ import annotations

import math

from evals.core.metric import Answer, Better, Metric, MetricContext
from evals.core.schema import Score, scored, unscored
from evals.metrics.outcome import outcome


def score(answer: Answer) -> Score:
    """The confidence, with ``confidence`` and ``correct`` in the detail."""
    logprobs = answer.response.logprobs
    if not logprobs:
        return unscored("no_logprobs")
    result = outcome(answer)
    if result is None:
        return unscored("no_gold")
    mean = math.fsum(logprobs) / len(logprobs)
    if math.isnan(mean):
        return unscored("unparseable")
    value = math.exp(min(mean, 0.0))
    return scored(value, confidence=value, correct=float(result.correct))


def _summary(name: str, about: str, better: Better) -> Metric:
    return Metric(name, better, score, about, estimator=name, needs=frozenset({"logprobs", "gold"}))


def auroc(context: MetricContext) -> Metric:
    """Probability that a right answer is more confident than a wrong one."""
    return _summary("auroc", "right answers are the more confident ones", "higher")


def aurc(context: MetricContext) -> Metric:
    """Area under the risk-coverage curve."""
    return _summary("aurc", "error rate averaged over coverage", "lower")


def ece(context: MetricContext) -> Metric:
    """Expected calibration error."""
    return _summary("ece", "gap between confidence and accuracy", "lower")
