"""The promotion gate: may the candidate replace the baseline? Stored runs in, a verdict with its reasons out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec
import numpy as np

from evals.analysis.comparability import other_machines, require_comparable
from evals.analysis.gate_axes import AxisTest, gated
from evals.analysis.leaderboard import summarise
from evals.analysis.leaks import leaked_questions
from evals.analysis.pairing import ALL, Loaded, load
from evals.analysis.policy import ControlRule, Policy
from evals.analysis.selection import key_of, unsound
from evals.core.errors import AdaptbenchError
from evals.core.schema import Record
from evals.core.store import StoredRun
from evals.judge.calibration import Calibration
from evals.stats.holm import holm

Outcome = Literal["PROMOTE", "REJECT", "INCONCLUSIVE"]
EXIT: Final[dict[Outcome, int]] = {"PROMOTE": 0, "REJECT": 10, "INCONCLUSIVE": 20}


class Precondition(Record, frozen=True, omit_defaults=False):
    """Something that must hold before any number counts. ``passed`` is None where it could not be checked."""

    name: str
    passed: bool | None
    told: str
    required: bool = True


class Verdict(Record, frozen=True, omit_defaults=False):
    """The decision and everything it rests on. ``settling`` is the items that would settle what is undecided."""

    outcome: Outcome
    reasons: tuple[str, ...]
    candidate: str
    baseline: str
    candidate_system: str
    baseline_system: str
    policy: str
    policy_hash: str
    alpha: float
    preconditions: tuple[Precondition, ...]
    axes: tuple[AxisTest, ...]
    settling: int | None
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """PROMOTE 0, REJECT 10, INCONCLUSIVE 20."""
        return EXIT[self.outcome]


def gate(
    candidate: StoredRun,
    baseline: StoredRun,
    policy: Policy,
    controls: Sequence[StoredRun] = (),
    training: Iterable[str] | None = None,
    calibrations: Sequence[Calibration] = (),
) -> Verdict:
    """Test the candidate against the baseline under a policy.

    In order: preconditions; floors and ceilings on the candidate alone; non-inferiority on every axis, each at
    ``alpha``/2 and all required (an intersection–union test, so nothing is corrected: Berger 1982); superiority on at
    least one axis, Holm-corrected. REJECT where an axis is *shown* to be worse than its margin or beyond its floor, or
    too many answers failed; PROMOTE where all is shown; INCONCLUSIVE otherwise, never by default.

    ``controls`` are runs of control systems on the same questions, ``training`` the questions of the training examples,
    ``calibrations`` what was found out about judges after the runs were scored. Raises DataError for runs that are
    unsound, tampered with or not comparable.
    """
    sides = Sides(load(candidate), load(baseline))
    notes = require_comparable([sides.candidate, sides.baseline])
    before = _preconditions(sides, policy, controls, training)
    tests = [
        gated(sides.candidate, sides.baseline, axis, policy, _refusal(sides, axis.suite), calibrations)
        for axis in policy.axis
    ]
    tests = _superiority(tests, policy.alpha)
    outcome, reasons = _decide(before, tests, policy)
    return Verdict(
        outcome=outcome,
        reasons=tuple(reasons),
        candidate=candidate.name,
        baseline=baseline.name,
        candidate_system=candidate.manifest.system,
        baseline_system=baseline.manifest.system,
        policy=policy.name,
        policy_hash=policy.hash,
        alpha=policy.alpha,
        preconditions=tuple(before),
        axes=tuple(tests),
        settling=_settling(tests),
        notes=tuple(notes),
    )


class Sides(msgspec.Struct, frozen=True):
    """The two runs of a gate."""

    candidate: Loaded
    baseline: Loaded


def _refusal(sides: Sides, suite: str) -> str | None:
    """Why the suite's latencies may not be used, if they may not."""
    for side in (sides.candidate, sides.baseline):
        if suite in side.refused:
            return f"{side.run.name}: {side.refused[suite]}"
    note = sides.baseline.run.manifest.suites.get(suite)
    if note is not None and note.measured == "latency":
        return other_machines([sides.candidate, sides.baseline])
    return None


def _preconditions(
    sides: Sides, policy: Policy, controls: Sequence[StoredRun], training: Iterable[str] | None
) -> list[Precondition]:
    key = key_of(sides.candidate.run.manifest)
    found = [
        Precondition("sound runs", True, "both runs are complete and match the hashes taken when they finished"),
        Precondition("same questions", True, f"both on {key}"),
        Precondition("two runs", *_distinct(sides)),
        _failed(sides.candidate, policy),
    ]
    questions = leaked_questions(sides.candidate.run, training) if training is not None else None
    told = (
        "the training questions were not at hand"
        if questions is None
        else f"{questions} test questions were trained on"
    )
    found.append(
        Precondition(
            "no train-test leak", None if questions is None else questions == 0, told, policy.require_leak_check
        )
    )
    return found + [_control(rule, sides.candidate, controls, policy) for rule in policy.control]


def _distinct(sides: Sides) -> tuple[bool, str]:
    same = sides.candidate.run.path.resolve() == sides.baseline.run.path.resolve()
    return not same, "the candidate is the baseline itself" if same else "candidate and baseline are different runs"


def _failed(side: Loaded, policy: Policy) -> Precondition:
    failed = total = 0
    for suite, note in side.run.manifest.suites.items():
        chosen = side.slice(suite, ALL, note.headline)
        failed += chosen.unscored.get("system_error", 0)
        total += len(chosen.values) + sum(chosen.unscored.values())
    share = failed / total if total else 0.0
    told = f"{failed} of {total} answers failed, allowed {policy.max_failed:.1%}"
    return Precondition("answers", share <= policy.max_failed, told)


def _control(rule: ControlRule, candidate: Loaded, controls: Sequence[StoredRun], policy: Policy) -> Precondition:
    name = f"control {rule.system} ({rule.suite} {rule.metric})"
    key = key_of(candidate.run.manifest)
    fitting = [
        r for r in controls
        if r.manifest.system == rule.system and key_of(r.manifest) == key and rule.suite in r.manifest.suites
    ]  # fmt: skip
    if not fitting:
        return Precondition(name, None, "no run of it on these questions", policy.require_controls)
    run = max(fitting, key=lambda r: r.manifest.finished or "")
    if reason := unsound(run):
        return Precondition(name, None, f"{run.name}: {reason}", policy.require_controls)
    try:
        loaded = load(run)
        value = summarise(loaded.slice(rule.suite, ALL, rule.metric), loaded.note(rule.metric)).value
    except (AdaptbenchError, KeyError) as error:
        return Precondition(name, None, f"{run.name}: {error}", policy.require_controls)
    if value is None:
        return Precondition(name, None, f"{run.name} has no such figure", policy.require_controls)
    low = float("-inf") if rule.at_least is None else rule.at_least
    high = float("inf") if rule.at_most is None else rule.at_most
    expected = f"at most {high}" if rule.at_most is not None else f"at least {low}"
    return Precondition(name, bool(low <= value <= high), f"{value:.3f}, must be {expected}")


def _superiority(tests: list[AxisTest], alpha: float) -> list[AxisTest]:
    adjusted = holm([t.p_better for t in tests])
    return [
        msgspec.structs.replace(t, p_better_holm=p, superior=bool(p is not None and p < alpha and (t.gain or 0) > 0))
        for t, p in zip(tests, adjusted, strict=True)
    ]


def _decide(before: Sequence[Precondition], tests: Sequence[AxisTest], policy: Policy) -> tuple[Outcome, list[str]]:
    rejecting = [
        f"{p.name}: {p.told}" for p in before if p.passed is False and p.name in ("answers", "no train-test leak")
    ]
    rejecting += [f"{t.axis.name}: {t.told}" for t in tests if "fail" in (t.bound, t.non_inferiority)]
    if rejecting:
        return "REJECT", rejecting
    open_ = [f"{p.name}: {p.told}" for p in before if p.passed is False or (p.passed is None and p.required)]
    open_ += [f"{t.axis.name}: {t.told}" for t in tests if "undecided" in (t.bound, t.non_inferiority)]
    if all(t.non_inferiority == "skipped" for t in tests):
        open_.append("no gated axis could be tested")
    if open_:
        return "INCONCLUSIVE", open_
    winners = [t for t in tests if t.superior]
    if not winners:
        return "INCONCLUSIVE", ["not worse anywhere, but not shown to be better anywhere either"]
    if not policy.can_promote:
        return "INCONCLUSIVE", [f"nothing speaks against it, but the policy {policy.name} promotes nothing"]
    gains = [f"better: {t.axis.name}: {t.told}" for t in winners]
    tested = sum(t.non_inferiority != "skipped" for t in tests)
    return "PROMOTE", [f"not worse than the margin on all {tested} axes tested", *gains]


def _settling(tests: Sequence[AxisTest]) -> int | None:
    """Items that would settle every open axis; None where none is open or no number would do."""
    needed = [t.settling for t in tests if t.non_inferiority == "undecided"]
    return int(np.max([n for n in needed if n is not None])) if needed and None not in needed else None
