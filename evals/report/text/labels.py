"""What people's labels say, in words."""

from __future__ import annotations

from evals.label.summary import BOUND, Figure, Labelled, MetricLabels


def render(found: Labelled) -> str:
    """A few lines for the terminal."""
    if not found.marks:
        return f"no labels of {found.run} yet; `adaptbench label {found.run}` serves the page"
    lines = [
        f"{found.run}: {found.marks} labels ({_counts(found.raters)}); {_counts(found.verdicts)}"
    ]
    if found.outdated:
        lines.append(f"{found.outdated} more are about texts that this run does not hold")
    for pair in found.agreement:
        lines.append(
            f"{pair.first} and {pair.second} agree on {pair.same:.0%} of {pair.n} answers, "
            f"kappa {_figure(pair.kappa, '.2f')}"
        )
    lines += [_metric(metric) for metric in found.metrics]
    return "\n".join(lines)


def _metric(found: MetricLabels) -> str:
    text = (
        f"{found.suite} / {found.metric}: {found.metric_mean:.3f} over {found.n} answers; "
        f"people {_figure(found.human_mean, '.3f')} from {found.labels} labels; "
        f"metric less people {_figure(found.error, '+.3f')}"
    )
    if found.disagrees:
        text += f"\n  this metric differs from your people by more than {BOUND}: read it with care"
    elif found.next:
        text += f"\n  {found.next} more labels would halve that interval"
    return text


def _figure(found: Figure, form: str) -> str:
    if found.value is None:
        return "unknown"
    if found.low is None or found.high is None:
        return f"{found.value:{form}} (no interval yet)"
    return f"{found.value:{form}} [{found.low:{form}}, {found.high:{form}}]"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
