"""The verdict in plain words, written from the leaderboard's intervals and never stronger than they
allow.

A system is *ahead* of another only where their 95 % intervals do not touch, and the sentence says
so. A *step* is judged by the paired differences of the same items, Holm-corrected over all steps as
in `adaptbench ladder`, where there are any; else by intervals too. Missing figures are named as
missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from evals.analysis.compare import Axis, Finding
from evals.analysis.correction import Kind as TestFamily
from evals.analysis.correction import kind
from evals.analysis.leaderboard import ALL, Leaderboard
from evals.core.roles import STEPS, Family, Step
from evals.core.schema import Role, Row
from evals.core.store import MetricNote
from evals.judge.standing import judge_of
from evals.report.text.figures import number
from evals.report.text.ladder import WHAT
from evals.report.text.tests import FAMILY
from evals.report.words import Standing, display_name, listed, standing, summary

Pair = tuple[str, str, str, str]
"""Run before, run after, suite, track."""
Kind = Literal["standing", "step", "cost", "missing", "warning"]

UNPAIRED: Final = "ahead: intervals that do not touch, unpaired"
TRACKED: Final = "domain_accuracy"
"""The suite whose tracks are listed one by one."""


_FOUND: Final[Mapping[Finding, Standing]] = {
    "better": "better",
    "worse": "worse",
    "not_significant": "overlap",
    "undecided": "unknown",
}


@dataclass(frozen=True)
class Sentence:
    """One sentence and what it is about."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Facts:
    """What sentences are made from.

    ``metrics`` are the runs' own notes; ``roles`` by label (a contender where none is
    given); ``paired`` are the corrected differences of
    the steps, empty where runs cannot be paired.
    """

    board: Leaderboard
    metrics: Mapping[str, MetricNote]
    families: Mapping[Family, str]
    roles: Mapping[str, Role] = field(default_factory=dict)
    latency: frozenset[str] = frozenset()
    paired: Mapping[Pair, Axis] = field(default_factory=dict)

    def role(self, system: str) -> Role:
        """The role of a label."""
        return self.roles.get(system, "contender")

    def heads(self, suite: str, track: str = ALL) -> list[Row]:
        """The headline rows of all contenders."""
        return [r for r in self._headline(suite, track) if self.role(r.system) == "contender"]

    def control_heads(self, suite: str) -> list[Row]:
        """The headline rows of the controls."""
        return [r for r in self._headline(suite, ALL) if self.role(r.system) == "control"]

    def _headline(self, suite: str, track: str) -> list[Row]:
        return [r for r in self.board.rows if r.suite == suite and r.track == track and r.headline]

    @property
    def suites(self) -> list[str]:
        """Quality suites first."""
        names = list(dict.fromkeys(r.suite for r in self.board.rows))
        return sorted(names, key=lambda s: (s in self.latency, s != TRACKED, names.index(s)))

    def summary(self, row: Row) -> str:
        return summary(row, self.metrics.get(row.metric))


def verdict(facts: Facts) -> list[Sentence]:
    """All sentences: where each suite stands, what each step changes, what it costs, and what is
    not known.
    """
    if not _contenders(facts):
        return [
            Sentence(
                "missing",
                "No contender is stored, only controls and references: there is nothing to judge.",
            )
        ]
    sentences = [s for suite in facts.suites for s in _standing(facts, suite)]
    sentences += [s for step in STEPS for s in _step(facts, step)]
    return [*sentences, *_costs(facts), *_controls(facts)]


def _standing(facts: Facts, suite: str) -> list[Sentence]:
    rows = facts.heads(suite)
    missing = [r for r in rows if r.value is None]
    found = [
        Sentence("missing", f"{r.system} was {facts.summary(r)} on {display_name(suite)}.")
        for r in missing
    ]
    measured = best_first([r for r in rows if r.value is not None])
    if not measured:
        return found
    return [Sentence("standing", _placed(facts, suite, measured)), *found]


def _placed(facts: Facts, suite: str, measured: Sequence[Row]) -> str:
    best, rest = measured[0], measured[1:]
    judge = judge_of(facts.metrics.get(best.metric))
    by = "" if judge is None else f", {judge.summary}"
    opening = (
        f"{display_name(suite).capitalize()} ({best.metric}, {_better(best)}, n = {best.n}{by})"
    )
    if not rest:
        return f"{opening}: {best.system} {facts.summary(best)}; nothing to compare it with."
    behind = [r for r in rest if standing(best, r) == "better"]
    level = [r for r in rest if r not in behind]
    against = [f"{r.system} {facts.summary(r)}" for r in behind]
    beside = [f"{r.system} {facts.summary(r)}" for r in level]
    if not behind:
        everyone = ", ".join([f"{best.system} {facts.summary(best)}", *beside])
        return f"{opening}: nobody is shown to be ahead; {everyone} ({UNPAIRED})."
    text = f"{opening}: {best.system} {facts.summary(best)} is ahead of {listed(against)}"
    further = f"; not shown to be ahead of {listed(beside)}" if beside else ""
    return f"{text}{further} ({UNPAIRED})."


def _step(facts: Facts, step: Step) -> list[Sentence]:
    before, after = facts.families.get(step[0]), facts.families.get(step[1])
    if before is None or after is None:
        return []
    words: dict[str, list[str]] = {"better": [], "worse": [], "overlap": [], "unknown": []}
    tests: dict[TestFamily, int] = {}
    for suite, track in _axes(facts):
        pair = {r.system: r for r in facts.heads(suite, track)}
        old, new = pair.get(before), pair.get(after)
        if old is None or new is None:
            continue
        axis = display_name(suite if track == ALL else track)
        found = facts.paired.get((old.run, new.run, suite, track))
        change = standing(new, old) if found is None else _FOUND[found.finding]
        if found is not None and found.p is not None:
            tests[kind(track, headline=True)] = found.tests
        clear = change in ("better", "worse")
        words[change].append(
            f"{axis} ({facts.summary(old)} to {facts.summary(new)})" if clear else axis
        )
    parts = [
        f"{verb} {listed(words[change])}"
        for change, verb in (("better", "improves"), ("worse", "worsens"))
        if words[change]
    ]
    if words["overlap"]:
        parts.append(f"shows no clear difference on {listed(words['overlap'])}")
    if words["unknown"]:
        parts.append(f"cannot be judged on {listed(words['unknown'])}")
    return (
        [
            Sentence(
                "step",
                f"{WHAT[step].capitalize()} ({before} → {after}) {'; '.join(parts)}"
                f" ({_rule(tests)}).",
            )
        ]
        if parts
        else []
    )


def _rule(tests: Mapping[TestFamily, int]) -> str:
    """How a step was judged, and over how many comparisons of each family."""
    if not tests:
        return "clear: intervals that do not touch, unpaired"
    counts = " and ".join(
        f"{count} comparisons of {FAMILY[family]}" for family, count in tests.items()
    )
    return f"the same questions paired; p < .05 after Holm over {counts}"


def _axes(facts: Facts) -> list[tuple[str, str]]:
    quality = [s for s in facts.suites if s not in facts.latency]
    tracks = dict.fromkeys(
        r.track for r in facts.board.rows if r.suite == TRACKED and r.track != ALL
    )
    return [*((suite, ALL) for suite in quality), *((TRACKED, track) for track in tracks)]


def _costs(facts: Facts) -> list[Sentence]:
    sentences = []
    for metric, words in (
        ("cost_per_1k", "1,000 queries cost"),
        ("cost_per_correct", "A correct answer costs"),
    ):
        rows = [
            r
            for r in facts.board.rows
            if r.metric == metric and r.track == ALL and facts.role(r.system) == "contender"
        ]
        measured = [
            f"{r.system} {facts.summary(r)}"
            for r in best_first([r for r in rows if r.value is not None])
        ]
        if measured:
            note = facts.metrics.get(metric)
            basis = f" ({note.about})" if note is not None and note.about else ""
            sentences.append(Sentence("cost", f"{words}{basis}: {', '.join(measured)}."))
    priced = [text for label in _contenders(facts) if (text := _per_correct(facts, label))]
    if priced and not any(r.metric == "cost_per_correct" for r in facts.board.rows):
        basis = (
            "1,000 right answers cost (price over share of right answers, both intervals' far ends"
            " taken)"
        )
        sentences.append(Sentence("cost", f"{basis}: {', '.join(priced)}."))
    return sentences


def _per_correct(facts: Facts, label: str) -> str | None:
    """Cost of 1,000 right answers with the range that the two intervals span; unbounded where none
    may be right.
    """
    cost = next(
        (
            r
            for r in facts.board.rows
            if (r.system, r.metric, r.track) == (label, "cost_per_1k", ALL)
        ),
        None,
    )
    share = next((r for r in facts.heads(TRACKED) if r.system == label), None)
    if cost is None or share is None or cost.value is None or share.value is None:
        return None
    cheap, dear = (
        cost.low if cost.low is not None else cost.value,
        cost.high if cost.high is not None else cost.value,
    )
    if share.low is None or share.high is None or share.high <= 0:
        return None
    if share.value <= 0:
        return f"{label} more than ${number(cheap / share.high)} (no right answer seen)"
    top = f"{number(dear / share.low)}" if share.low > 0 else "∞"
    return f"{label} ${number(cost.value / share.value)} [{number(cheap / share.high)}, {top}]"


def _controls(facts: Facts) -> list[Sentence]:
    """A warning where the best contender is not shown to be ahead of a control that answers without
    a model.
    """
    sentences = []
    for suite in facts.suites:
        best = next(iter(best_first([r for r in facts.heads(suite) if r.value is not None])), None)
        if best is None or suite in facts.latency:
            continue
        for row in facts.control_heads(suite):
            if standing(best, row) != "better":
                text = (
                    f"{display_name(suite).capitalize()}: not even the best contender "
                    f"({best.system} {facts.summary(best)}) is shown "
                    f"to be ahead of the control {row.system} ({facts.summary(row)})."
                )
                sentences.append(Sentence("warning", text))
    return sentences


def _contenders(facts: Facts) -> list[str]:
    return list(
        dict.fromkeys(r.system for r in facts.board.rows if facts.role(r.system) == "contender")
    )


def best_first(rows: Sequence[Row]) -> list[Row]:
    """Rows of one metric, the best value first."""
    sign = 1 if rows and rows[0].better == "lower" else -1
    return sorted(rows, key=lambda r: (sign * (r.value or 0.0), r.system))


def _better(row: Row) -> str:
    return f"{row.better} is better" if row.better != "none" else "no better or worse"
