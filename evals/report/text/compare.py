"""A comparison in words: text for a terminal, Markdown for a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from evals.analysis.compare import Axis, Comparison, Finding, Flips
from evals.analysis.pairing import ALL
from evals.core.inert import escape
from evals.report.text.causes import CAUSES
from evals.report.text.figures import interval, number
from evals.report.text.leaderboard import say
from evals.report.text.markup import notes_section, table
from evals.report.text.notes import sentences, words
from evals.report.text.tests import corrected_p

if TYPE_CHECKING:
    from rich.console import Console

FINDING: Final[dict[Finding, str]] = {
    "better": "better",
    "worse": "worse",
    "not_significant": "no difference shown",
    "undecided": "undecided",
}
HEAD = (
    "baseline",
    "candidate",
    "difference",
    "95 % interval",
    "p (Holm)",
    "could see",
    "n",
    "finding",
)


def render(comparison: Comparison, console: Console, *, full: bool = False) -> None:
    """Print whole suites' headlines (all axes where ``full``), then what flipped and why."""
    say(console, _title(comparison))
    for shown in chosen(comparison.axes, full):
        say(console, "", _name(shown))
        say(console, f"  {number(shown.baseline)} -> {number(shown.candidate)}: {sentence(shown)}")
    for flips in comparison.flips:
        for line in flip_lines(flips):
            say(console, line)
    for note in comparison.notes:
        say(console, f"note: {words(note)}")


def markdown(comparison: Comparison) -> str:
    """Headlines, all other axes, flips with examples, notes."""
    parts = [f"# {escape(_title(comparison))}\n"]
    for title, shown in (
        ("Headlines", chosen(comparison.axes, False)),
        ("Everything else (for finding out, not for deciding)", _others(comparison.axes)),
    ):
        parts.append(
            f"## {title}\n\n" + table(["axis", *HEAD], [[_name(a), *cells(a)] for a in shown])
        )
    for flips in comparison.flips:
        parts.append(f"## What flipped in {escape(flips.suite)}\n")
        parts.append("\n".join(f"- {escape(line.strip())}" for line in flip_lines(flips)) + "\n")
        rows = [
            [f.item, f.track, "fixed" if f.gained else "broken", CAUSES[f.cause].name]
            for f in flips.examples
        ]
        parts.append(table(["item", "track", "", "error before or now"], rows) if rows else "")
    if comparison.notes:
        parts.append(notes_section(sentences(comparison.notes)))
    return "\n".join(parts)


def chosen(axes: Sequence[Axis], full: bool) -> list[Axis]:
    """The headline of every whole suite, or everything."""
    return [a for a in axes if full or (a.headline and a.track == ALL)]


def _others(axes: Sequence[Axis]) -> list[Axis]:
    return [a for a in axes if not (a.headline and a.track == ALL)]


def sentence(a: Axis) -> str:
    """What the data say about one axis, with what they could have seen where they show nothing."""
    if a.finding == "undecided":
        return f"undecided: no interval from {a.n} shared items in {a.clusters} clusters"
    change = f"{signed(a.difference)} {interval(a.low, a.high)}{_seeds(a)}"
    rule = corrected_p(a.p_holm, a.tests)
    if a.finding in ("better", "worse"):
        return f"{change}, {a.finding} ({rule}, n = {a.n})"
    needed = (
        f"; {a.settling:,} items would show {signed(a.difference)}"
        if a.settling and a.settling > a.n
        else ""
    )
    return (
        f"{change}, no difference shown ({rule}; n = {a.n} could see"
        f" {number(a.detectable)}{needed})"
    )


def _seeds(a: Axis) -> str:
    """The values of each seed, where a side has several."""
    if max(len(a.baseline_seeds), len(a.candidate_seeds)) < 2:
        return ""
    before, after = (
        " ".join(map(number, seeds)) for seeds in (a.baseline_seeds, a.candidate_seeds)
    )
    return f" (by seed: {before} -> {after})"


def cells(a: Axis) -> list[str]:
    """The figures of one axis, in the order of `HEAD`."""
    bounds = interval(a.low, a.high) or "n/a"
    figures = [
        number(a.baseline),
        number(a.candidate),
        signed(a.difference),
        bounds,
        number(a.p_holm),
    ]
    return [*figures, number(a.detectable), str(a.n), FINDING[a.finding]]


def flip_lines(flips: Flips) -> list[str]:
    """What the candidate fixed, by the baseline's error, and what it broke, by its own error."""
    fixed, broken = sum(flips.gained.values()), sum(flips.lost.values())
    lines = [f"\n{flips.suite}: {fixed} fixed, {broken} broken"]
    for text, causes in (
        (f"fixed: {fixed} that were wrong", flips.gained),
        (f"broken: {broken} now wrong", flips.lost),
    ):
        if causes:
            lines.append(
                f"  {text}"
                f" ({', '.join(f'{count} {CAUSES[name].name}' for name, count in causes.items())})"
            )
    return lines


def signed(value: float | None) -> str:
    """A difference with its sign."""
    return number(value) if value is None or value < 0 else f"+{number(value)}"


def _name(a: Axis) -> str:
    track = "" if a.track == ALL else f" / {a.track}"
    return f"{a.suite}{track}: {a.metric}" + (
        f" ({a.better} is better)" if a.better != "none" else ""
    )


def _title(c: Comparison) -> str:
    return f"{c.candidate_system} ({c.candidate}) against {c.baseline_system} ({c.baseline})"
