"""ragas 0.4.3 metrics with a judge model behind any OpenAI-compatible endpoint.

Computed by ragas itself, in a process of its own (`worker`), since it needs old versions of its
neighbours. Every value lies in [0, 1], higher is better; `ragas_rubric` is (grade − 1)/4. The
detail holds the judge and what judging cost: calls, prompt_tokens, completion_tokens. Unscored:
``judge_failed`` with its cause (timeout, unreachable, rejected, server_error, cut_off, garbage,
nan, crash) and cost, ``no_gold`` without a reference, ``not_applicable`` without retrieval,
``no_context`` where it came back empty, ``unparseable`` for an empty question or answer. A key,
address or model that is refused raises SystemFailure. Texts are shown up to `MAX_TEXT` characters.
Source: Es et al. 2024 (arXiv 2309.15217) and ragas 0.4.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from evals.core.errors import SystemFailure, UsageError
from evals.core.judge import JudgeSettings
from evals.core.metric import Answer, Metric, MetricContext, Need
from evals.core.schema import Item, Score, Unscored, scored, unscored
from evals.judge.settings import ENDPOINT, shown
from evals.judge.standing import standing
from evals.judge.worker import shared

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "faithfulness": ("user_input", "response", "retrieved_contexts"),
    "answer_relevancy": ("user_input", "response"),
    "context_precision": ("user_input", "reference", "retrieved_contexts"),
    "context_recall": ("user_input", "reference", "retrieved_contexts"),
    "factual_correctness": ("response", "reference"),
    "rubric": ("user_input", "response"),
}
"""What each metric is shown, by ragas's names."""

_READ: Final[Mapping[str, Need]] = {"retrieved_contexts": "contexts", "reference": "gold"}


@dataclass(frozen=True)
class Missing:
    """What a record lacks."""

    reason: Unscored


def sample(metric: str, answer: Answer) -> dict[str, Any] | Missing:
    """What ragas is shown of a record; `Missing` where it lacks something the metric needs."""
    item, response = answer.item, answer.response
    found: dict[str, Any] = {}
    for need in NEEDS[metric]:
        if need == "retrieved_contexts":
            if response.passages is None:
                return Missing("not_applicable")
            texts = [shown(p.text) for p in response.passages if p.text.strip()]
            if not texts:
                return Missing("no_context")
            found[need] = texts
            continue
        text = {
            "user_input": item.question,
            "response": response.text,
            "reference": _reference(item),
        }[need]
        if not text.strip():
            return Missing("no_gold" if need == "reference" else "unparseable")
        found[need] = shown(text)
    return found


def _reference(item: Item) -> str:
    return next((r for r in item.references if r.strip()), "")


def _score(metric: str, settings: JudgeSettings, answer: Answer) -> Score:
    given = sample(metric, answer)
    if isinstance(given, Missing):
        return unscored(given.reason)
    task = metric
    if metric == "rubric" and (reference := _reference(answer.item)):
        task, given = "rubric_with_reference", given | {"reference": shown(reference)}
    reply = shared(settings).ask(task, given)
    cost = {
        name: int(reply.get(name, 0)) for name in ("calls", "prompt_tokens", "completion_tokens")
    }
    used = {"judge": settings.model, **cost}
    if "value" not in reply:
        return _failed(reply, settings, used)
    value = float(reply["value"])
    if metric != "rubric":
        return scored(min(1.0, max(0.0, value)), **used)
    if not 1 <= value <= 5:
        return unscored(
            "judge_failed", cause="garbage", message=f"grade {value:g} is not 1 to 5", **used
        )
    return scored((value - 1) / 4, grade=value, **used)


def _failed(reply: Mapping[str, Any], settings: JudgeSettings, used: Mapping[str, Any]) -> Score:
    cause, message = str(reply.get("cause", "crash")), shown(str(reply.get("message", "")))[:300]
    if cause == "refused":
        raise SystemFailure(
            "the judge refuses: key, address or model",
            where=settings.endpoint.url,
            found=message,
            hint="check --judge URL#model (and --judge-embedder) and the key in the environment",
        )
    return unscored("judge_failed", cause=cause, message=message, **used)


def _build(metric: str, about: str, settings: JudgeSettings | None) -> Metric:
    name = f"ragas_{metric}"
    if settings is None:
        raise UsageError(
            "no judge is named", hint=f"--judge URL#model, or set {ENDPOINT}=URL#model"
        )
    if metric == "rubric" and settings.rubric and settings.grades() is None:
        raise UsageError(
            "not a rubric of grades", expected="five lines: what the grades 1, 2, 3, 4 and 5 mean"
        )
    note = standing(settings, name)
    read = {_READ[part] for part in NEEDS[metric] if part in _READ}
    return Metric(
        name,
        "higher",
        partial(_score, metric, settings),
        f"{about}; {note.summary}",
        needs=frozenset({"judge", *read}),
        uses=frozenset({"gold"}) if metric == "rubric" else frozenset(),
        workers=settings.concurrency,
        settings=settings.identity(),
        judge=note,
    )


def faithfulness(context: MetricContext) -> Metric:
    """Judge: share of the answer's statements that the contexts support (ragas)."""
    return _build(
        "faithfulness", "share of the answer's statements that the contexts support", context.judge
    )


def answer_relevancy(context: MetricContext) -> Metric:
    """Judge and embedder: similarity of the question to questions made from the answer; 0 for
    evasion (ragas).
    """
    return _build(
        "answer_relevancy",
        "similarity of the question to questions made from the answer",
        context.judge,
    )


def context_precision(context: MetricContext) -> Metric:
    """Judge: average precision of the contexts' order, useful meaning useful for the reference
    (ragas).
    """
    return _build("context_precision", "average precision of the contexts' order", context.judge)


def context_recall(context: MetricContext) -> Metric:
    """Judge: share of the reference's statements found in the contexts (ragas)."""
    return _build(
        "context_recall", "share of the reference's statements found in the contexts", context.judge
    )


def factual_correctness(context: MetricContext) -> Metric:
    """Judge: F1 of claims between answer and reference (ragas)."""
    return _build("factual_correctness", "F1 of claims between answer and reference", context.judge)


def rubric(context: MetricContext) -> Metric:
    """Judge: grade 1 to 5 by a rubric, as (grade − 1)/4; with the reference where there is one
    (ragas).
    """
    return _build("rubric", "grade 1 to 5 by a rubric, as (grade − 1)/4", context.judge)
