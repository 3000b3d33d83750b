"""Cost rows as Markdown, every assumption above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from evals.core.inert import escape
from evals.load.cost.estimate import CLAIM, Assumptions, CostRow
from evals.load.cost.model import self_hosted
from evals.load.cost.monthly import Finance, Month
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
            c.bounds,
            f"{number(c.ratio_full)}x",
            _share(c.break_even)
            if c.break_even_most == c.break_even
            else f"{_share(c.break_even)}, at most {_most(c.break_even_most)}",
            c.verdict,
        )
        for row in rows
        for c in row.comparisons
    ]
    tested = (
        f"The last column tests the claim that a small adapted model costs {CLAIM[0]:g} to"
        f" {CLAIM[1]:g} times less than an API model, by what is known of the ratio at"
        f" {assumed.utilisation:.0%} of the machine's capacity: refuted where it is at most less"
        f" than {CLAIM[0]:g}, holds where it is at least that, exceeded where it is at least more"
        f" than {CLAIM[1]:g}, else open. One request at a time is a floor of the rate and bounds"
        " the ratio from below; the batch pass checks no service goal and bounds it from above."
    )
    title = "Beside API models. A ratio above 1 means that the own machine is cheaper."
    return f"{title}\n\n{table(head, body)}\n\n{tested}"


def render_months(months: Sequence[Month], finance: Finance) -> str:
    """The months beside each other, and the assumptions above them."""
    given = ", ".join(f"{k} = {v}" for k, v in msgspec.structs.asdict(finance).items())
    head = ["system", "machines", "running", "wrong answers", "total a month"]
    names = list(months[0].api) if months else []
    body = [
        [
            m.system,
            _range(*m.machines, "{:,.0f}"),
            f"${m.running:,.0f}",
            "n/a" if m.wrong is None else f"${m.wrong:,.0f}",
            _range(*m.total, "${:,.0f}"),
            *(f"${m.api[n]:,.0f}; own: {m.verdict(n)}" for n in names),
        ]
        for m in months
    ]
    months_table = table([*head, *(escape(n) for n in names)], body)
    return f"A month ({given}); APIs on the system's own tokens.\n\n{months_table}\n"


def _range(low: float | None, high: float, form: str) -> str:
    if low is None:
        return f"at most {form.format(high)}"
    return form.format(high) if low == high else f"{form.format(low)} to {form.format(high)}"


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


def _most(value: float | None) -> str:
    return "never" if value is None else f"{value:.1%}"
