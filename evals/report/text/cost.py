"""Cost rows as Markdown, every assumption above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from evals.core.inert import escape
from evals.load.cost.estimate import CLAIM, Assumptions, CostRow
from evals.load.cost.model import self_hosted
from evals.load.cost.prices import ApiQuote
from evals.load.cost.profile import Mean
from evals.report.text.figures import interval, number
from evals.report.text.markup import table
from evals.report.text.notes import words

BEGIN: Final = "<!-- cost:begin -->"
END: Final = "<!-- cost:end -->"


def render(rows: Sequence[CostRow], quotes: Sequence[ApiQuote], assumed: Assumptions) -> str:
    """The whole text: assumptions, what was measured, what it costs, the comparisons, the cost of
    an update.
    """
    parts = [_assumptions(rows, quotes, assumed), _measured(rows), _own(rows, assumed)]
    if any(row.comparisons for row in rows):
        parts.append(_comparisons(rows, assumed))
    parts += [_update(assumed)] if assumed.training or assumed.reindex else []
    notes = [
        f"- {escape(f'{row.profile.run}: latency of {suite} refused: {words(why)}')}"
        for row in rows
        for suite, why in row.profile.refused.items()
    ]
    return "\n\n".join([*parts, *(["\n".join(notes)] if notes else [])]) + "\n"


def _assumptions(rows: Sequence[CostRow], quotes: Sequence[ApiQuote], assumed: Assumptions) -> str:
    share = (
        "as measured in the runs"
        if assumed.cached is None
        else f"{assumed.cached:.0%} of prompt tokens"
    )
    machines = " and ".join(sorted({row.profile.machine for row in rows}))
    lines = [
        (
            f"own machine: {assumed.machine}, ${assumed.hourly:g} an hour,"
            f" {assumed.utilisation:.0%} of its capacity used"
        ),
        f"what was measured on {escape(machines)} stands for that machine",
        (
            f"API prompt cache: {share}; retrieval beside the API: ${assumed.retrieval:g} per 1,000"
            " queries"
        ),
        (
            "tokens are counted by each run's own tokenizer; an API's tokenizer may count a tenth"
            " more or fewer"
        ),
    ]
    if assumed.training:
        lines.append(
            f"training: ${assumed.training:.4g}, spread over {assumed.queries:,.0f} queries"
        )
    for q in quotes:
        price = (
            f"${q.price.prompt:g} in, ${q.price.cached:g} cached, ${q.price.completion:g} out per"
            " million tokens"
        )
        lines.append(f"{escape(q.model)}: {price} ({q.source})")
    for row in rows:
        message = (
            "no rate is known"
            if row.rate is None
            else f"{number(row.rate.value)} requests/s: {row.rate.source}"
        )
        lines.append(f"{row.profile.system}: {message}")
    return "Assumed:\n\n" + "\n".join(f"- {line}" for line in lines)


def _measured(rows: Sequence[CostRow]) -> str:
    head = (
        "system",
        "run",
        "machine",
        "prompt tokens",
        "answer tokens",
        "alone, s",
        "correct",
        "GFLOP per query",
    )
    body = [
        (
            row.profile.system,
            row.profile.run,
            row.profile.machine,
            number(row.profile.prompt.value),
            number(row.profile.completion.value),
            _mean(row.profile.alone),
            _mean(row.profile.correct),
            number(None if row.flops is None else row.flops / 1e9),
        )
        for row in rows
    ]
    metrics = sorted({row.profile.correct_metric for row in rows if row.profile.correct_metric})
    message = f" Correct: {', '.join(metrics)}." if metrics else ""
    return f"Measured, means per query with 95 % intervals.{message}\n\n{table(head, body)}"


def _own(rows: Sequence[CostRow], assumed: Assumptions) -> str:
    head = (
        "system",
        "$ per 1,000 queries",
        "at full use",
        "of it training",
        "$ per 1,000 correct answers",
    )
    body = []
    for row in rows:
        full = (
            None
            if row.rate is None
            else self_hosted(assumed.hourly, row.rate.value, 1.0) + row.training
        )
        right = None if row.own_per_correct is None else 1000 * row.own_per_correct
        cells = (_mean(row.own), number(full), number(row.training), number(right))
        body.append((row.profile.system, *cells))
    return (
        f"On a machine of one's own, at {assumed.utilisation:.0%} of its"
        f" capacity.\n\n{table(head, body)}"
    )


def _comparisons(rows: Sequence[CostRow], assumed: Assumptions) -> str:
    head = (
        "system",
        "API model",
        "priced on the tokens of",
        "API $ per 1,000",
        f"API / own at {assumed.utilisation:.0%}",
        "API / own at full use",
        "break-even utilisation",
        f"{CLAIM[0]:g}-{CLAIM[1]:g}x cheaper?",
    )
    body = [
        (
            row.profile.system,
            escape(c.model),
            c.tokens_of,
            number(c.per_1k),
            f"{number(c.ratio)}x",
            f"{number(c.ratio_full)}x",
            _share(c.break_even),
            c.verdict,
        )
        for row in rows
        for c in row.comparisons
    ]
    tested = (
        f"The last column tests the claim that a small adapted model costs {CLAIM[0]:g} to"
        f" {CLAIM[1]:g} times less than an API model, by the ratio at {assumed.utilisation:.0%} of"
        f" the machine's capacity as it stands, without an interval: below {CLAIM[0]:g} it is"
        f" refuted, up to {CLAIM[1]:g} it holds, beyond it is exceeded."
    )
    title = "Beside API models. A ratio above 1 means that the own machine is cheaper."
    return f"{title}\n\n{table(head, body)}\n\n{tested}"


def _update(assumed: Assumptions) -> str:
    body = [
        ("build the index again", f"${number(assumed.reindex)}" if assumed.reindex else "n/a"),
        ("train the adapter again", f"${number(assumed.training)}" if assumed.training else "n/a"),
    ]
    return f"One update of the knowledge.\n\n{table(('what', 'cost'), body)}"


def _mean(mean: Mean) -> str:
    return (
        number(mean.value)
        if mean.value is None
        else f"{number(mean.value)} {interval(mean.low, mean.high)}".strip()
    )


def _share(value: float | None) -> str:
    if value is None:
        return "never"
    return f"{value:.1%}" if value <= 1 else f"never ({value:.0%})"
