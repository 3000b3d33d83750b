"""A load measurement as text: what was asked, percentiles with intervals, goodput, what is void."""

from __future__ import annotations

from evals.load.measure import SHARES, Percentile
from evals.load.run import LoadResult
from evals.report.text.figures import interval, number

ABOUT = {
    "ttft": "first token",
    "itl": "between tokens",
    "e2e": "whole answer",
    "queue": "server: queue",
    "retrieve": "server: retrieve",
    "prefill": "server: prefill",
    "decode": "server: decode",
}


def render(result: LoadResult) -> str:
    """Markdown. Milliseconds with 95 % intervals; n/a where a percentile has no finite upper
    bound.
    """
    f, g = result.figures, result.goals
    good = "n/a"
    if f.goodput.value is not None:
        good = f"{f.goodput.value:.1%} {_percent(f.goodput.low, f.goodput.high)}".strip()
    lines = [
        f"{result.target.system}: {result.spec.label} on {result.machine['class']}",
        (
            f"requests {f.requests}, failed {f.failed}, offered {f.offered:.3g}/s, completed"
            f" {f.completed:.3g}/s"
        ),
        f"goodput {good} of requests within {g.summary} (wanted {g.share:.0%})",
        f"tokens {f.prompt_tokens} in, {f.completion_tokens} out; prompt cache {_cache(result)}",
        (
            f"client: lag p99 {_one(f.lag['p99'])}, bound {g.max_lag * 1000:g} ms; {_busy(result)}"
            " of one core"
        ),
    ]
    if (e := result.energy) is not None:
        message = "ESTIMATE, modelled" if e.estimated else "measured"
        lines.append(
            f"energy {e.per_1k:.4g} kWh per 1,000 requests, idle included ({message}: {e.method};"
            " by codecarbon)"
        )
    if result.sustained is not None:
        lines += _sustained(result)
    lines += [f"error ({count}): {what}" for what, count in f.errors.items()]
    lines += [f"VOID: {reason}" for reason in f.void]
    return "\n".join([*lines, "", *_table(result)]) + "\n"


def _table(result: LoadResult) -> list[str]:
    head = ["ms", *SHARES, "n"]
    rows = [head, ["---"] * len(head)]
    for name, found in result.figures.latency.items():
        rows.append([ABOUT[name], *(_one(found[share]) for share in SHARES), str(found["p50"].n)])
    return [f"| {' | '.join(row)} |" for row in rows]


def _one(p: Percentile) -> str:
    if p.value is None:
        return "n/a" if p.observed is None else f"n/a (observed {number(p.observed * 1000)})"
    low, high = (None if v is None else v * 1000 for v in (p.low, p.high))
    return f"{number(p.value * 1000)} {interval(low, high)}".strip()


def _sustained(result: LoadResult) -> list[str]:
    found = result.sustained
    if found is None or found.rate is None:
        return []
    steps = [f"  {s.rate:.3g}/s {'held' if s.held else s.why}" for s in found.steps]
    above = "no failing rate was found" if found.above is None else f"{found.above:.3g}/s did not"
    return [f"sustainable rate {found.rate:.3g}/s held, {above}", *steps]


def _cache(result: LoadResult) -> str:
    if not result.figures.prompt_tokens:
        return "unknown (the server counts no tokens)"
    return f"warm, {result.cached:.1%} of prompt tokens" if result.cached else "cold"


def _busy(result: LoadResult) -> str:
    return f"{result.client.cpu / max(result.client.wall, 1e-9):.0%}"


def _percent(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"[{low:.1%}, {high:.1%}]"
