"""The promotion gate: may the candidate replace the baseline? Stored runs in, a verdict with its
reasons out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Final, Literal

import msgspec
import numpy as np

from evals.analysis.comparability import other_machines, require_comparable
from evals.analysis.gate_axes import AxisTest, gated
from evals.analysis.leaderboard import summarise
from evals.analysis.leaks import leaked_questions
from evals.analysis.ledger import Evidence, Look, Standing, evidence, standing
from evals.analysis.notes import Note, note
from evals.analysis.pairing import ALL, Loaded, load
from evals.analysis.policy import ControlRule, Policy
from evals.analysis.selection import key_of, unsound
from evals.core.errors import AdaptbenchError
from evals.core.schema import Record
from evals.core.store import StoredRun, newness
from evals.judge.calibration import Calibration
from evals.stats.holm import holm

Outcome = Literal["PROMOTE", "REJECT", "INCONCLUSIVE"]
EXIT: Final[dict[Outcome, int]] = {"PROMOTE": 0, "REJECT": 10, "INCONCLUSIVE": 20}


Check = Literal[
    "sound_runs", "rescored", "same_questions", "two_runs", "answers", "no_leak", "control"
]


class Precondition(Record, frozen=True, omit_defaults=False):
    """Something that must hold before any number counts. ``passed`` is None where it could not be
    checked.

    ``control`` is the rule behind a check of a control's score.
    """

    check: Check
    passed: bool | None
    found: Note
    required: bool = True
    control: ControlRule | None = None


class Verdict(Record, frozen=True, omit_defaults=False):
    """The decision and everything it rests on: ``evidence`` of candidate and baseline, the place
    among the looks at this baseline (``standing``). ``settling`` is the items that would settle
    what is undecided.

    A reason of the code ``check`` names a place in ``preconditions``, one of ``axis`` or
    ``axis_better`` in ``axes``.
    """

    outcome: Outcome
    reasons: tuple[Note, ...]
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
    notes: tuple[Note, ...]
    evidence: tuple[Evidence, Evidence]
    standing: Standing
    version: str

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
    *,
    looks: Sequence[Look] = (),
    rescored: Mapping[str, str] | None = None,
    final: bool = False,
) -> Verdict:
    """Test the candidate against the baseline under a policy.

    In order: preconditions; floors and ceilings on the candidate alone; non-inferiority on every
    axis, each at ``alpha``/2 and all required (an intersection–union test, so nothing is corrected:
    Berger 1982); superiority on at least one axis, Holm-corrected. REJECT where an axis is *shown*
    to be worse than its margin or beyond its floor, or too many answers failed; PROMOTE where all
    is shown; INCONCLUSIVE otherwise, never by default.

    Margins and superiority are tested at the level that is left after the ``looks`` of the ledger
    (`ledger.standing`), floors and ceilings at the policy's own.

    ``controls`` are runs of control systems on the same questions, ``training`` the questions of
    the training examples, ``calibrations`` what was found out about judges after the runs were
    scored. ``rescored`` says of each run that was scored once more why that was not possible, empty
    where the scores are the same. Raises DataError for runs that are unsound, tampered with or not
    comparable.
    """
    sides = Sides(load(candidate), load(baseline))
    notes = require_comparable([sides.candidate, sides.baseline], final=final)
    shown = evidence(candidate, controls), evidence(baseline, controls)
    place = standing(*shown, policy.hash, policy.alpha, looks)
    before = _preconditions(sides, policy, controls, training, rescored)
    tests = [
        gated(
            sides.candidate,
            sides.baseline,
            axis,
            policy,
            _refusal(sides, axis.suite),
            calibrations,
            place.level,
        )
        for axis in policy.axis
    ]
    tests = superiority(tests, place.level)
    outcome, reasons = decide(before, tests, policy)
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
        evidence=shown,
        standing=place,
        version=version("adaptbench"),
    )


class Sides(msgspec.Struct, frozen=True):
    """The two runs of a gate."""

    candidate: Loaded
    baseline: Loaded


def _refusal(sides: Sides, suite: str) -> Note | None:
    """Why the suite's latencies may not be used, if they may not."""
    for side in (sides.candidate, sides.baseline):
        if suite in side.refused:
            return note("latency_refused", run=side.run.name, reason=side.refused[suite])
    about = sides.baseline.run.manifest.suites.get(suite)
    if about is not None and about.measured == "latency":
        return other_machines([sides.candidate, sides.baseline])
    return None


def _preconditions(
    sides: Sides,
    policy: Policy,
    controls: Sequence[StoredRun],
    training: Iterable[str] | None,
    rescored: Mapping[str, str] | None,
) -> list[Precondition]:
    key = key_of(sides.candidate.run.manifest)
    found = [
        Precondition("sound_runs", True, note("both_sound")),
        _rescored(rescored, policy),
        Precondition("same_questions", True, note("same_questions", key=str(key))),
        _distinct(sides),
        _failed(sides.candidate, policy),
    ]
    questions = leaked_questions(sides.candidate.run, training) if training is not None else None
    about = (
        note("no_training_questions") if questions is None else note("trained_on", count=questions)
    )
    clean = None if questions is None else questions == 0
    found.append(Precondition("no_leak", clean, about, policy.require_leak_check))
    return found + [_control(rule, sides.candidate, controls, policy) for rule in policy.control]


def _rescored(rescored: Mapping[str, str] | None, policy: Policy) -> Precondition:
    if rescored is None:
        rescored = {"both runs": "not asked for"}
    open_ = [(run, why) for run, why in rescored.items() if why]
    found = note("not_rescored", run=open_[0][0], reason=open_[0][1]) if open_ else note("rescored")
    return Precondition("rescored", None if open_ else True, found, policy.require_rescoring)


def _distinct(sides: Sides) -> Precondition:
    same = sides.candidate.run.path.resolve() == sides.baseline.run.path.resolve()
    return Precondition("two_runs", not same, note("same_run" if same else "different_runs"))


def _failed(side: Loaded, policy: Policy) -> Precondition:
    failed = total = 0
    for suite, about in side.run.manifest.suites.items():
        for chosen in side.slices(suite, ALL, about.headline):
            failed += chosen.unscored.get("system_error", 0)
            total += len(chosen.values) + sum(chosen.unscored.values())
    share = failed / total if total else 0.0
    found = note("failed_answers", failed=failed, total=total, allowed=policy.max_failed)
    return Precondition("answers", share <= policy.max_failed, found)


def _control(
    rule: ControlRule, candidate: Loaded, controls: Sequence[StoredRun], policy: Policy
) -> Precondition:
    passed, found = _controlled(rule, candidate, controls)
    return Precondition(
        "control", passed, found, passed is not None or policy.require_controls, rule
    )


def _controlled(
    rule: ControlRule, candidate: Loaded, controls: Sequence[StoredRun]
) -> tuple[bool | None, Note]:
    """Whether a control scores what it must, None where that could not be checked, and what was
    found.
    """
    key = key_of(candidate.run.manifest)
    fitting = [
        r
        for r in controls
        if r.manifest.system == rule.system
        and key_of(r.manifest) == key
        and rule.suite in r.manifest.suites
    ]
    if not fitting:
        return None, note("no_control_run")
    run = max(fitting, key=newness)
    if reason := unsound(run):
        return None, note("control_unusable", run=run.name, reason=reason)
    try:
        loaded = load(run)
        value = summarise(
            loaded.slices(rule.suite, ALL, rule.metric), loaded.note(rule.metric)
        ).value
    except (AdaptbenchError, KeyError) as error:
        return None, note("control_unusable", run=run.name, reason=str(error))
    if value is None:
        return None, note("control_unscored", run=run.name)
    low = float("-inf") if rule.at_least is None else rule.at_least
    high = float("inf") if rule.at_most is None else rule.at_most
    if rule.at_most is not None:
        return bool(low <= value <= high), note("control_at_most", value=value, limit=high)
    return bool(low <= value), note("control_at_least", value=value, limit=low)


def superiority(tests: list[AxisTest], alpha: float) -> list[AxisTest]:
    """The tests with their p-values corrected over all axes (Holm), and which show a gain."""
    adjusted = holm([t.p_better for t in tests])
    return [
        msgspec.structs.replace(
            t, p_better_holm=p, superior=bool(p is not None and p < alpha and (t.gain or 0) > 0)
        )
        for t, p in zip(tests, adjusted, strict=True)
    ]


def decide(
    before: Sequence[Precondition], tests: Sequence[AxisTest], policy: Policy
) -> tuple[Outcome, list[Note]]:
    """What preconditions and tests of the axes come to, and why."""
    checks, axes = list(enumerate(before)), list(enumerate(tests))
    rejecting = [
        note("check", place=k)
        for k, p in checks
        if p.passed is False and p.check in ("answers", "no_leak")
    ]
    rejecting += [note("axis", place=k) for k, t in axes if "fail" in (t.bound, t.non_inferiority)]
    if rejecting:
        return "REJECT", rejecting
    open_ = [
        note("check", place=k)
        for k, p in checks
        if p.passed is False or (p.passed is None and p.required)
    ]
    open_ += [note("axis", place=k) for k, t in axes if "undecided" in (t.bound, t.non_inferiority)]
    if all(t.bound == t.non_inferiority == "skipped" for t in tests):
        open_.append(note("nothing_tested"))
    if open_:
        return "INCONCLUSIVE", open_
    winners = [note("axis_better", place=k) for k, t in axes if t.superior]
    if not winners:
        return "INCONCLUSIVE", [note("nothing_better")]
    if not policy.can_promote:
        return "INCONCLUSIVE", [note("cannot_promote", policy=policy.name)]
    tested = sum({t.bound, t.non_inferiority} != {"skipped"} for t in tests)
    return "PROMOTE", [note("nothing_worse", tested=tested), *winners]


def _settling(tests: Sequence[AxisTest]) -> int | None:
    """Items that would settle every open axis; None where none is open or no number would do."""
    needed = [t.settling for t in tests if "undecided" in (t.bound, t.non_inferiority)]
    return (
        int(np.max([n for n in needed if n is not None])) if needed and None not in needed else None
    )
