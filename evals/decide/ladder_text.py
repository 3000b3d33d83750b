"""The ladder in words a manager reads, true to the intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from evals.decide.figures import interval, number
from evals.decide.ladder import Ladder, LadderAxis, Step
from evals.decide.leaderboard_files import escape, table
from evals.decide.leaderboard_text import say
from evals.decide.pairing import ALL

if TYPE_CHECKING:
    from rich.console import Console

WHAT: Final = {
    ("base", "rag"): "retrieval",
    ("rag", "hybrid"): "fine-tuning on top of retrieval",
    ("base", "finetuned"): "fine-tuning",
    ("finetuned", "hybrid"): "retrieval on top of fine-tuning",
}
_VERDICT: Final = {
    "complementary": "The hybrid is worth it",
    "additive": "The two gains add up, without helping each other",
    "redundant": "The hybrid is not worth it here",
    "harmful": "The hybrid does harm here",
    "undecided": "Whether the hybrid is worth it stays open",
}


def render(ladder: Ladder, console: Console) -> None:
    """Print one paragraph per headline axis, whole suites first, then the notes."""
    for axis in ladder.axes:
        if axis.headline:
            say(console, f"\n{title(axis)}")
            for line in sentences(axis):
                say(console, f"  {line}")
    for note in ladder.notes:
        say(console, f"note: {note}")


def markdown(ladder: Ladder, plots: Sequence[str] = ()) -> str:
    """Words and tables: headlines first, then secondary axes, then notes. ``plots`` are file names to show."""
    runs = ", ".join(f"{family} `{escape(run)}`" for family, run in ladder.runs.items())
    parts = [f"## The ladder: prompt, retrieval, fine-tuning, both\n\nRuns: {runs}.\n"]
    parts += [f"![{escape(plot.rsplit('/', 1)[-1].split('.')[0].replace('_', ' '))}]({plot})\n" for plot in plots]
    for axis in ladder.axes:
        if axis.headline:
            lines = "\n".join(f"- {escape(line)}" for line in sentences(axis))
            parts.append(f"### {escape(title(axis))}\n\n{lines}\n\n{_tables(axis)}")
    rest = [axis for axis in ladder.axes if not axis.headline]
    if rest:
        head = ["axis", *(WHAT[key] for key in WHAT), "both"]
        body = [[title(a), *(_gain(s) for s in a.steps), verdict(a)] for a in rest]
        parts.append("### Other axes (gain: positive is better)\n\n" + table(head, body))
    if ladder.notes:
        parts.append("### Notes\n\n" + "\n".join(f"- {escape(note)}" for note in ladder.notes) + "\n")
    return "\n".join(parts)


def sentences(axis: LadderAxis) -> list[str]:
    """Each step in a sentence, then the verdict on the hybrid."""
    if axis.n == 0:
        return ["No item was scored by all four systems."]
    lines = [_sentence(axis, step) for step in axis.steps]
    inter = axis.interaction
    if not is_share(axis):
        return lines
    bounds = _bounds(axis, inter.low, inter.high)
    told = f"; interaction {points(axis, inter.value)} {bounds}" if bounds else ""
    return [*lines, f"{_VERDICT[inter.verdict]} ({inter.verdict}): {inter.why}{told}."]


def _sentence(axis: LadderAxis, step: Step) -> str:
    name = WHAT[step.start, step.end].capitalize()
    arrow = f"{step.start} → {step.end}"
    if step.gain is None or step.low is None:
        return f"{name} ({arrow}): cannot be judged, no interval from {axis.n} items."
    change = f"{points(axis, step.gain)} {_bounds(axis, step.low, step.high)}"
    if not step.shown:
        return f"{name} ({arrow}): no difference shown, {change}; could have seen {points(axis, step.detectable)}."
    verb = "buys" if step.gain > 0 else "loses"
    cost = "" if step.cost is None else f", at {signed_dollars(step.cost)} per 1,000 queries"
    unit = "a point" if is_share(axis) else "a percent of the base's value"
    each = "" if step.cost_per_point is None else f" ({signed_dollars(step.cost_per_point)} {unit})"
    return f"{name} ({arrow}) {verb} {change}{cost}{each}."


def points(axis: LadderAxis, value: float | None) -> str:
    """A change in points where the metric is a share, else in its own unit."""
    if value is None:
        return "n/a"
    if is_share(axis):
        return f"{100 * value:+.1f} pp"
    return f"{'+' if value >= 0 else ''}{number(value)}"


def is_share(axis: LadderAxis) -> bool:
    """Whether the axis is told in percentage points."""
    values = [level.value for level in axis.levels if level.value is not None]
    return axis.suite != "latency_cost" and all(-1 <= v <= 1 for v in values)


def signed_dollars(value: float) -> str:
    """Dollars with their sign."""
    return f"{'+' if value >= 0 else '−'}${number(abs(value))}"


def title(axis: LadderAxis) -> str:
    """The axis with its size."""
    track = "" if axis.track == ALL else f" / {axis.track}"
    return f"{axis.suite}{track}: {axis.metric} ({axis.better} is better, n = {axis.n} in {axis.clusters} clusters)"


def verdict(axis: LadderAxis) -> str:
    """The word on the hybrid; seconds and dollars have none, since there only the steps matter."""
    return axis.interaction.verdict if is_share(axis) else "–"


def _bounds(axis: LadderAxis, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"[{100 * low:+.1f}, {100 * high:+.1f}]" if is_share(axis) else interval(low, high)


def _gain(step: Step) -> str:
    return f"{number(step.gain)} {interval(step.low, step.high)}".strip()


def _tables(axis: LadderAxis) -> str:
    head = [level.family for level in axis.levels]
    return table(head, [[f"{number(x.value)} {interval(x.low, x.high)}".strip() for x in axis.levels]])
