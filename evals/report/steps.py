"""The ladder and the comparisons of its steps, as pictures and tables of what `evals.analysis`
derives.
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.analysis.compare import Axis, Comparison, compare, corrected
from evals.analysis.correction import kind
from evals.analysis.ladder import Ladder, LadderAxis, LadderStep, climb
from evals.analysis.pairing import ALL
from evals.core.errors import AdaptbenchError
from evals.core.roles import FAMILIES, STEPS, Family
from evals.core.store import StoredRun
from evals.report.charts.figure import Figure
from evals.report.charts.plots import Dot, intervals
from evals.report.gather import Gathered
from evals.report.source import families
from evals.report.text.compare import HEAD, cells
from evals.report.text.figures import interval, number
from evals.report.text.ladder import WHAT, is_share, points, rule_of, sentences, signed_dollars, why
from evals.report.text.notes import sentences as note_sentences
from evals.report.text.tests import FAMILY
from evals.report.verdict import Pair
from evals.report.words import display_name

Compared = Sequence[tuple[str, str, Comparison]]
"""(label before, label after, what changed)."""


def single_runs(gathered: Gathered) -> tuple[dict[Family, StoredRun], list[str]]:
    """The one run of each family, and which families have several (their suites come from different
    runs).
    """
    found: dict[Family, StoredRun] = {}
    notes = []
    for family, label in families(gathered.sources).items():
        runs = {source.run.name: source.run for source in gathered.sources if source.label == label}
        if len(runs) == 1:
            (found[family],) = runs.values()
        else:
            notes.append(
                f"{label} is not compared item by item: its suites come from {len(runs)} runs"
            )
    return found, notes


def compare_steps(runs: dict[Family, StoredRun]) -> tuple[Compared, list[str]]:
    """The paired comparison of every step whose two families are there, and why others cannot be
    compared.

    P-values are corrected over all of these steps together, as the ladder's are.
    """
    found: list[tuple[str, str, Comparison]] = []
    notes = []
    for start, end in STEPS:
        if start in runs and end in runs:
            before, after = runs[start], runs[end]
            try:
                (result,) = compare([before, after])
            except AdaptbenchError as error:
                notes.append(
                    f"{start} → {end} is not compared item by item: {error.problem} ({error.found})"
                )
            else:
                found.append((before.manifest.system, after.manifest.system, result))
    together = corrected([result for _, _, result in found])
    return [
        (start, end, result) for (start, end, _), result in zip(found, together, strict=True)
    ], notes


def paired(compared: Compared) -> dict[Pair, Axis]:
    """The headline differences of the compared steps, by the two runs, suite and track."""
    return {
        (comparison.baseline, comparison.candidate, axis.suite, axis.track): axis
        for _, _, comparison in compared
        for axis in comparison.axes
        if axis.headline
    }


def climb_all(runs: dict[Family, StoredRun]) -> tuple[Ladder | None, list[str]]:
    """The ladder where all four families are there and comparable."""
    if any(family not in runs for family in FAMILIES):
        return None, []
    try:
        return climb({str(family): run for family, run in runs.items()}), []
    except AdaptbenchError as error:
        return None, [f"no ladder: {error.problem} ({error.found})"]


def ladder_figures(ladder: Ladder | None) -> list[Figure]:
    """One picture per suite whose headline is a share: the gain of every step, on the suite and on
    its tracks.
    """
    if ladder is None:
        return []
    heads = [axis for axis in ladder.axes if axis.headline and is_share(axis)]
    suites = dict.fromkeys(axis.suite for axis in heads)
    return [_suite([axis for axis in heads if axis.suite == suite]) for suite in suites]


def _suite(axes: Sequence[LadderAxis]) -> Figure:
    first = axes[0]
    names = [f"{start} → {end}" for start, end in WHAT]
    groups = [
        (_name(axis), [dot for k, step in enumerate(axis.steps) for dot in _dot(k, axis, step)])
        for axis in axes
    ]
    title = f"The ladder: {display_name(first.suite)}"
    picture = intervals(
        f"{title}, gain of each step",
        groups,
        f"gain in {first.metric}, percentage points (right is better)",
        lambda v: f"{100 * v:+.0f}",
        names,
        reference=0.0,
    )
    rows = [row for axis in axes for row in _rows(axis)]
    caption = (
        f"{sentences(first)[-1]} Paired on the {first.n} questions that all four answered; 95 %"
        f" intervals. {rule_of(axes)} The dashed line is no change."
    )
    head = (
        "step",
        "gain",
        "95 % interval",
        "p (Holm)",
        "could see",
        "added cost per 1,000",
        "cost of a point",
    )
    return Figure(f"ladder-{first.suite}", title, caption, head, rows, picture)


def _dot(series: int, axis: LadderAxis, step: LadderStep) -> list[Dot]:
    if step.gain is None:
        return []
    message = f"{step.start} → {step.end}, {_name(axis)}: {points(axis, step.gain)}"
    return [Dot(series, step.gain, step.low, step.high, message)]


def _rows(axis: LadderAxis) -> list[list[str]]:
    rows = []
    for step in axis.steps:
        ends = (
            "n/a"
            if step.low is None or step.high is None
            else f"[{100 * step.low:+.1f}, {100 * step.high:+.1f}]"
        )
        cost = "–" if step.cost is None else signed_dollars(step.cost)
        each = "–" if step.cost_per_point is None else signed_dollars(step.cost_per_point)
        name = f"{_name(axis)}: {WHAT[step.start, step.end]} ({step.start} → {step.end})"
        rows.append(
            [
                name,
                points(axis, step.gain),
                ends,
                number(step.p_holm),
                points(axis, step.detectable),
                cost,
                each,
            ]
        )
    both = axis.interaction
    ends = interval(both.low, both.high) or "n/a"
    name = f"{_name(axis)}: interaction, {both.verdict} ({why(axis)})"
    return [*rows, [name, points(axis, both.value), ends, "–", "–", "–", "–"]]


def _name(axis: LadderAxis) -> str:
    return display_name(axis.suite if axis.track == ALL else axis.track)


def _counts(axes: Sequence[Axis]) -> str:
    tests = {kind(a.track, headline=a.headline): a.tests for a in axes if a.p is not None}
    return (
        ", ".join(f"{count} comparisons of {FAMILY[family]}" for family, count in tests.items())
        or "no comparison"
    )


def tables(compared: Compared) -> list[Figure]:
    """Every axis of every step as a table to open, headlines of whole suites first."""
    found = []
    for before, after, comparison in compared:
        axes = sorted(comparison.axes, key=lambda a: not (a.headline and a.track == ALL))
        rows = [
            [f"{display_name(a.suite)} / {display_name(a.track)} / {a.metric}", *cells(a)]
            for a in axes
        ]
        caption = (
            f"{len(axes)} axes, paired on the questions both were asked; p-values after Holm's"
            f" correction over all steps shown ({_counts(axes)}). “Could see” is the smallest true"
            f" difference found four times in five. {' '.join(note_sentences(comparison.notes))}"
        )
        found.append(
            Figure(
                f"pair-{before}-{after}",
                f"{before} → {after}",
                caption,
                ("axis", *HEAD),
                rows,
                folded=True,
            )
        )
    return found
