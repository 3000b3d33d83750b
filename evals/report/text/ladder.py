"""The ladder in words a manager reads, true to the intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from evals.analysis.correction import ALPHA, kind
from evals.analysis.ladder import Factor, Ladder, LadderAxis, LadderStep
from evals.analysis.pairing import ALL
from evals.core.inert import escape
from evals.core.roles import Step
from evals.report.text.figures import interval, number
from evals.report.text.leaderboard import say
from evals.report.text.markup import notes_section, table
from evals.report.text.notes import sentences as sentences_of
from evals.report.text.notes import words
from evals.report.text.tests import FAMILY, corrected_p

if TYPE_CHECKING:
    from rich.console import Console

WHAT: Final[dict[Step, str]] = {
    ("base", "rag"): "retrieval",
    ("rag", "hybrid"): "fine-tuning on top of retrieval",
    ("base", "finetuned"): "fine-tuning",
    ("finetuned", "hybrid"): "retrieval on top of fine-tuning",
}
LINES: Final = 8
"""Lines that the summary has at most."""
_VERDICT: Final = {
    "complementary": "The hybrid is worth it",
    "additive": "The two gains add up, without helping each other",
    "redundant": "The hybrid is not worth it here",
    "harmful": "The hybrid does harm here",
    "undecided": "Whether the hybrid is worth it stays open",
}


def render(ladder: Ladder, console: Console) -> None:
    """Print the summary, one paragraph per headline axis, then the notes."""
    for line in summary(ladder):
        say(console, line)
    for axis in ladder.axes:
        if axis.headline:
            say(console, "", title(axis))
            for line in sentences(axis):
                say(console, f"  {line}")
    for note in ladder.notes:
        say(console, f"note: {words(note)}")


def markdown(ladder: Ladder, plots: Sequence[str] = ()) -> str:
    """Words and tables: headlines first, then secondary axes, then notes. ``plots`` are file names
    to show.
    """
    runs = ", ".join(f"{family} `{escape(run)}`" for family, run in ladder.runs.items())
    parts = [f"## The ladder: prompt, retrieval, fine-tuning, both\n\nRuns: {runs}.\n"]
    parts.append("\n".join(f"- {escape(line)}" for line in summary(ladder)) + "\n")
    parts += [
        f"![{escape(plot.rsplit('/', 1)[-1].split('.')[0].replace('_', ' '))}]({plot})\n"
        for plot in plots
    ]
    for axis in ladder.axes:
        if axis.headline:
            lines = "\n".join(f"- {escape(line)}" for line in sentences(axis))
            parts.append(f"### {escape(title(axis))}\n\n{lines}\n\n{_tables(axis)}")
    rest = [axis for axis in ladder.axes if not axis.headline]
    if rest:
        head = ["axis", *(WHAT[key] for key in WHAT), "both"]
        body = [[title(a), *(_gain(s) for s in a.steps), verdict(a)] for a in rest]
        parts.append(
            f"### Other axes (gain: positive is better)\n\n{rule_of(rest)}\n\n" + table(head, body)
        )
    if ladder.notes:
        parts.append(notes_section(sentences_of(ladder.notes), "### Notes"))
    return "\n".join(parts)


def summary(ladder: Ladder) -> list[str]:
    """The rule, then a line per whole suite: which steps are shown to help or to harm, and whether
    the hybrid pays.
    """
    heads = [axis for axis in ladder.axes if axis.headline and axis.track == ALL]
    listed = heads if len(heads) < LINES else heads[: LINES - 2]
    lines = [
        rule_of([axis for axis in ladder.axes if axis.headline]),
        *(_summed(axis) for axis in listed),
    ]
    return (
        lines
        if len(listed) == len(heads)
        else [*lines, f"{len(heads) - len(listed)} more suites stand below."]
    )


def rule_of(axes: Sequence[LadderAxis]) -> str:
    """What *shown* means, and over how many comparisons of each family."""
    families = {
        kind(a.track, headline=a.headline): s.tests
        for a in axes
        for s in a.steps
        if s.p is not None
    }
    counts = " and ".join(
        f"the {tests} comparisons of {FAMILY[family]}" for family, tests in families.items()
    )
    over = f" over {counts}" if counts else ""
    return (
        f"A difference is shown where p < .05 after Holm's correction{over}; intervals are not"
        " corrected."
    )


def _summed(axis: LadderAxis) -> str:
    shown = [
        (f"{WHAT[s.start, s.end]} ({_brief(axis, s.gain)})", s.gain > 0)
        for s in axis.steps
        if s.shown and s.gain
    ]
    sides = (("better with", True), ("worse with", False))
    parts = [
        f"{word} {', '.join(steps)}"
        for word, up in sides
        if (steps := [t for t, gains in shown if gains is up])
    ]
    word = f" {_VERDICT[axis.interaction.verdict]}." if is_share(axis) and axis.n else ""
    return f"{axis.suite}: {'; '.join(parts) or 'no step is shown to change it'}.{word}"


def _brief(axis: LadderAxis, gain: float) -> str:
    """``+16.7 pp``, ``2.058 s slower``."""
    turn = _turn(axis, gain)
    return f"{_size(axis, gain)} {turn}" if turn else points(axis, gain)


def _turn(axis: LadderAxis, gain: float) -> str:
    """The direction in a word where the unit has one."""
    turns = {"seconds": ("faster", "slower"), "dollars": ("cheaper", "dearer")}.get(axis.unit)
    return "" if turns is None or axis.better != "lower" else turns[gain < 0]


def sentences(axis: LadderAxis) -> list[str]:
    """Each step in a sentence, then the verdict on the hybrid."""
    if axis.n == 0:
        return ["No item was scored by all four systems."]
    lines = [_sentence(axis, step) for step in axis.steps]
    inter = axis.interaction
    if not is_share(axis):
        return lines
    bounds = _bounds(axis, inter.low, inter.high)
    message = f"; interaction {points(axis, inter.value)} {bounds}" if bounds else ""
    return [*lines, f"{_VERDICT[inter.verdict]} ({inter.verdict}): {why(axis)}{message}."]


_FACTOR: Final[dict[Factor, str]] = {"retrieval": "retrieval", "adapter": "fine-tuning"}


def why(axis: LadderAxis) -> str:
    """What the verdict on the hybrid rests on."""
    found = axis.interaction
    alone = "" if found.over is None else f"{_FACTOR[found.over]} alone"
    if found.verdict == "undecided":
        known = all(step.low is not None for step in axis.steps if step.end == "hybrid")
        return "the data allow more than one answer" if known else "no interval could be computed"
    return {
        "harmful": f"both together are worse than {alone}",
        "complementary": "both together are better than either alone",
        "redundant": f"both together gain less than {found.margin:.3g} over {alone}",
        "additive": "the two gains add up",
    }[found.verdict]


def _sentence(axis: LadderAxis, step: LadderStep) -> str:
    name = WHAT[step.start, step.end].capitalize()
    arrow = f"{step.start} → {step.end}"
    if step.gain is None or step.low is None:
        return f"{name} ({arrow}): cannot be judged, no interval from {axis.n} items."
    rule = corrected_p(step.p_holm, step.tests)
    if not step.shown:
        change = f"{points(axis, step.gain)} {_bounds(axis, step.low, step.high)}"
        seen = f"could have seen {_size(axis, step.detectable)}"
        if step.p is not None and step.p < ALPHA:
            return (
                f"{name} ({arrow}) hints at {change}, not shown: p = {number(step.p)} alone,"
                f" {rule}; {seen}."
            )
        return f"{name} ({arrow}): no difference shown, {change}, {rule}; {seen}."
    return f"{name} ({arrow}) {_shown(axis, step)}{_price(axis, step)} ({rule})."


def _shown(axis: LadderAxis, step: LadderStep) -> str:
    """``buys 16.7 pp [9.1, 23.7]``: the size of the change, its direction in the verb."""
    gain, low, high = step.gain or 0.0, step.low, step.high
    ends = (low, high) if gain > 0 or low is None or high is None else (-high, -low)
    size, bounds = _size(axis, gain), _bounds(axis, *ends).replace("+", "")
    if turn := _turn(axis, gain):
        return f"is {size} {turn} {bounds}"
    return f"{'buys' if gain > 0 else 'loses'} {size} {bounds}"


def _price(axis: LadderAxis, step: LadderStep) -> str:
    if step.cost is None:
        return ""
    each = step.cost_per_point if is_share(axis) and step.cost > 0 else None
    point = "" if each is None else f", ${number(each)} a point"
    return (
        f" and {'adds' if step.cost > 0 else 'saves'} ${number(abs(step.cost))} per 1,000"
        f" queries{point}"
    )


def points(axis: LadderAxis, value: float | None) -> str:
    """A gain with its sign: in points where the metric is a share, else in its own unit."""
    if value is None:
        return "n/a"
    return f"{'-' if value < 0 else '+'}{_size(axis, value)}"


def _size(axis: LadderAxis, value: float | None) -> str:
    """The size of a change with its unit, without its sign."""
    if value is None:
        return "n/a"
    if is_share(axis):
        return f"{100 * abs(value):.1f} pp"
    if axis.unit == "dollars":
        return f"${number(abs(value))}"
    return number(abs(value)) + (" s" if axis.unit == "seconds" else "")


def is_share(axis: LadderAxis) -> bool:
    """Whether the axis is shown in percentage points."""
    values = [level.value for level in axis.levels if level.value is not None]
    return axis.measured != "latency" and all(-1 <= v <= 1 for v in values)


def signed_dollars(value: float) -> str:
    """Dollars with their sign."""
    return f"{'+' if value >= 0 else '−'}${number(abs(value))}"


def title(axis: LadderAxis) -> str:
    """The axis with its size."""
    track = "" if axis.track == ALL else f" / {axis.track}"
    return (
        f"{axis.suite}{track}: {axis.metric} ({axis.better} is better, n = {axis.n} in"
        f" {axis.clusters} clusters)"
    )


def verdict(axis: LadderAxis) -> str:
    """The word on the hybrid; seconds and dollars have none, since there only the steps matter."""
    return axis.interaction.verdict if is_share(axis) else "–"


def _bounds(axis: LadderAxis, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"[{100 * low:+.1f}, {100 * high:+.1f}]" if is_share(axis) else interval(low, high)


def _gain(step: LadderStep) -> str:
    shown = "" if step.shown else " (not shown)"
    return f"{number(step.gain)} {interval(step.low, step.high)}".strip() + shown


def _tables(axis: LadderAxis) -> str:
    head = [level.family for level in axis.levels]
    return table(
        head, [[f"{number(x.value)} {interval(x.low, x.high)}".strip() for x in axis.levels]]
    )
