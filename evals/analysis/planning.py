"""What a policy can decide on a pack, before any model runs: the gate played through on drawn data.

Every axis is drawn as the runs would be, with the items that the pack has, and the gate's own rules
are applied to all axes at once. What is not known beforehand is assumed, and can be given: how
often two systems disagree (`Assumed.discordance`), how much values vary, how alike the runs are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, log
from typing import Final

import numpy as np

from evals.analysis.columns import Slice
from evals.analysis.gate import Outcome, decide, superiority
from evals.analysis.gate_axes import AxisTest, compared, limited
from evals.analysis.pairing import Aligned
from evals.analysis.policy import GatedAxis, Policy
from evals.core.identity import hash64
from evals.core.schema import Record
from evals.core.store import MetricNote
from evals.stats.estimate import Floats
from evals.stats.estimators import QUANTILES, Sample
from evals.stats.power import POWER, settling
from evals.stats.quantile import needed as quantile_needed
from evals.stats.wilson import NO_BOUND

STUDIES: Final = 400
MOST: Final = 1_000_000

Size = tuple[int, int]
"""Items and clusters."""


@dataclass(frozen=True)
class Assumed:
    """What is assumed of two runs before there are any.

    ``discordance`` is the share of items on which right and wrong differ between them, beyond what
    the effect brings; ``spread`` the standard deviation of differences of graded scores; ``times``
    that of logarithms of seconds, ``alike`` the correlation of seconds and tokens between the runs.
    """

    discordance: float = 0.10
    spread: float = 0.25
    times: float = 0.3
    alike: float = 0.9
    baseline: float = 0.6


class AxisPlan(Record, frozen=True, omit_defaults=False):
    """One axis: the items at hand, the power at this size, and the items that would do.

    ``power`` is the chance that this axis passes where the candidate is better by the effect (an
    axis without superiority: where it is the same). ``needed`` items give a chance of 80 %; None
    where no number does. ``impossible``: the pack's items cannot decide this axis at all.
    """

    axis: GatedAxis
    items: int
    clusters: int
    power: float
    needed: int | None
    impossible: bool


class PolicyPlan(Record, frozen=True, omit_defaults=False):
    """Chances of the verdicts for a candidate that is better by ``effect`` on every axis of
    superiority, for one that is the same, and for one that is worse by ``effect`` on one of them.
    """

    policy: str
    policy_hash: str
    effect: float
    axes: tuple[AxisPlan, ...]
    better: dict[Outcome, float]
    same: dict[Outcome, float]
    worse: dict[Outcome, float]

    @property
    def undecidable(self) -> list[GatedAxis]:
        """Axes that keep the verdict open whatever the candidate does."""
        return [plan.axis for plan in self.axes if plan.impossible]


def plan(
    policy: Policy,
    notes: Mapping[str, MetricNote],
    sizes: Mapping[tuple[str, str, str], Size],
    effect: float,
    assumed: Assumed = Assumed(),
    studies: int = STUDIES,
) -> PolicyPlan:
    """Play the policy through. ``sizes`` has the items of (suite, track, metric); an axis that is
    not there, or has none, is left out if the policy lets it be, else it stays open. Deterministic.
    """
    axes = [a for a in policy.axis if sizes.get(_key(a), (0, 0))[0] or not a.optional]
    gaining = [a for a in axes if a.superiority]
    game = _Game(policy, axes, notes, sizes, assumed, studies)
    better = game.play(dict.fromkeys(gaining, effect))
    same = game.play({})
    worse = game.play({**dict.fromkeys(gaining, effect), **dict.fromkeys(gaining[:1], -effect)})
    return PolicyPlan(
        policy=policy.name,
        policy_hash=policy.hash,
        effect=effect,
        axes=tuple(_axis(a, game, better, same, effect if a.superiority else 0.0) for a in axes),
        better=better.shares(),
        same=same.shares(),
        worse=worse.shares(),
    )


def _key(axis: GatedAxis) -> tuple[str, str, str]:
    return axis.suite, axis.track, axis.metric


@dataclass
class _Played:
    outcomes: list[Outcome]
    passed: dict[GatedAxis, float]
    examples: dict[GatedAxis, AxisTest]

    def shares(self) -> dict[Outcome, float]:
        kinds: Sequence[Outcome] = ("PROMOTE", "REJECT", "INCONCLUSIVE")
        return {kind: self.outcomes.count(kind) / len(self.outcomes) for kind in kinds}


@dataclass(frozen=True)
class _Game:
    policy: Policy
    axes: Sequence[GatedAxis]
    notes: Mapping[str, MetricNote]
    sizes: Mapping[tuple[str, str, str], Size]
    assumed: Assumed
    studies: int
    made: dict[tuple[GatedAxis, float], list[AxisTest]] = field(default_factory=dict)

    def play(self, effects: Mapping[GatedAxis, float]) -> _Played:
        outcomes: list[Outcome] = []
        passed = dict.fromkeys(self.axes, 0)
        examples: dict[GatedAxis, AxisTest] = {}
        drawn = [self.tests(axis, effects.get(axis, 0.0)) for axis in self.axes]
        for together in zip(*drawn, strict=True):
            tests = superiority(list(together), self.policy.alpha)
            outcomes.append(decide((), tests, self.policy)[0])
            for test in tests:
                examples[test.axis] = test
                passed[test.axis] += not {"undecided", "fail"} & {test.bound, test.non_inferiority}
        return _Played(
            outcomes, {axis: count / self.studies for axis, count in passed.items()}, examples
        )

    def tests(self, axis: GatedAxis, effect: float) -> list[AxisTest]:
        """The axis in every study; the same for the same effect."""
        known = self.made.get((axis, effect))
        if known is None:
            rng = np.random.default_rng([hash64(axis.name) & 0xFFFF, self.studies])
            known = [self.test(rng, axis, effect) for _ in range(self.studies)]
            self.made[axis, effect] = known
        return known

    def test(self, rng: np.random.Generator, axis: GatedAxis, effect: float) -> AxisTest:
        note = self.notes[axis.metric]
        n, clusters = self.sizes.get(_key(axis), (0, 0))
        code = np.arange(n) % max(1, clusters)
        if n == 0 or (axis.margin is not None and clusters < self.policy.min_clusters):
            return AxisTest(axis, "skipped", "undecided", n=n, clusters=clusters)
        ours, theirs = self.pair(rng, axis, note, effect, code)
        if axis.margin is None:
            ours = np.full(n, 0.0 if axis.floor is None else 1.0)
        own = Slice(np.stack([code, code, code]), ours, {}, {}, _NONE, _NONE)
        found = limited([own], axis, note, self.policy.alpha)
        if axis.margin is None:
            return found
        samples = tuple(Sample(values, code, {}, note.bounds) for values in (ours, theirs))
        return compared(found, self.policy.alpha, note, Aligned(samples, code, 0, (0, 0)))

    def pair(
        self,
        rng: np.random.Generator,
        axis: GatedAxis,
        note: MetricNote,
        effect: float,
        code: np.ndarray[tuple[int], np.dtype[np.int64]],
    ) -> tuple[Floats, Floats]:
        """Candidate's and baseline's values, shape (n,): seconds and dollars as correlated
        log-normals, shares as draws that differ where they are discordant.
        """
        n, known = len(code), self.assumed
        gain = -effect if note.better == "lower" else effect
        low, high = note.bounds
        if not high - low < NO_BOUND:
            shared, own, other = rng.standard_normal((3, n))
            mix = known.times * np.sqrt(1 - known.alike)
            common = known.times * np.sqrt(known.alike) * shared
            return np.exp(common + mix * own + log(1 + gain)), np.exp(common + mix * other)
        if axis.metric in GRADED:
            theirs = np.full(n, known.baseline)
            return theirs + gain + known.spread * rng.standard_normal(n), theirs
        theirs = (rng.random(n) < known.baseline).astype(np.float64)
        draw, ours = rng.random(n), theirs.copy()
        up, down = (
            (known.discordance + abs(gain) + gain) / 2,
            (known.discordance + abs(gain) - gain) / 2,
        )
        wrong, right = theirs == 0, theirs == 1
        ours[wrong & (draw < up / (1 - known.baseline))] = 1.0
        ours[right & (draw < down / known.baseline)] = 0.0
        return ours, theirs


GRADED: Final = frozenset({"voice"})
"""Gated metrics whose values are graded between their bounds."""

_NONE: Final = np.empty((3, 0), dtype=np.int64)


def _axis(axis: GatedAxis, game: _Game, better: _Played, same: _Played, effect: float) -> AxisPlan:
    n, clusters = game.sizes.get(_key(axis), (0, 0))
    played = better if axis.superiority else same
    power = played.passed[axis]
    return AxisPlan(axis, n, clusters, power, *_needed(axis, game, played, power, effect, n))


def _needed(
    axis: GatedAxis, game: _Game, played: _Played, power: float, effect: float, n: int
) -> tuple[int | None, bool]:
    """The items for a power of 80 % on this axis, and whether those at hand can never do."""
    example = played.examples[axis]
    if axis.margin is None:
        wanted = example.settling if example.bound == "undecided" else n
        return wanted, example.bound == "undecided"
    least = game.policy.min_clusters
    if axis.metric in game.notes and game.notes[axis.metric].estimator in QUANTILES:
        least = max(least, quantile_needed(QUANTILES[game.notes[axis.metric].estimator]))
    if n < least:
        return least, True
    if power >= POWER:
        return n, False
    error = None if example.detectable is None else example.detectable / _REACH
    slack = axis.margin + effect
    wanted = None if error is None or axis.relative else settling(n, error, slack)
    return (None if wanted is None else max(wanted, ceil(n * 1.1))), False


_REACH: Final = 2.8015852
"""z_.975 + z_.8: what `power.detectable` multiplies a standard error with."""
