"""A verdict on one page: text, Markdown (GitHub step summary), JUnit XML, JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from evals.analysis.gate import Check, Precondition, Verdict
from evals.analysis.gate_axes import AxisTest
from evals.analysis.policy import GatedAxis
from evals.core.inert import escape, plain
from evals.report.text.figures import interval, number
from evals.report.text.leaderboard import say
from evals.report.text.markup import table
from evals.report.text.notes import words

if TYPE_CHECKING:
    from rich.console import Console

EXPLAINED = """\
What the gate asks, in order
  preconditions    both runs complete, unchanged since they finished, on the same questions; few
                   failed answers; latency from the latency pass of one class of machine; controls
                   score what they must; no test question among the training questions. A required
                   one that cannot be checked leaves the verdict open.
  limits           the candidate's own value is shown to lie above a floor or below a ceiling,
                   exactly where it is a share: 24 clean items show less than 12 %, 59 less than
                   5 %. Shown to lie beyond: REJECT.
  non-inferiority  on every axis: the candidate loses less than the margin, with all of its
                   interval. An interval wholly beyond it: REJECT. An interval across it: open. All
                   are required, so nothing is corrected. Answers that failed or could not be
                   scored count against the candidate.
  looks            every gate on one baseline and one set of questions is in a ledger; the first
                   has the whole level, look k has alpha/(k(k - 1)), so that all of them together
                   promote an equal candidate with at most alpha. `gate --final` asks questions
                   that were held out (`run --profile holdout`).
  superiority      on at least one axis marked for it, the candidate is better after Holm's
                   correction.
  judges           an axis that a model judges stays open unless the judge is calibrated (150
                   labels, kappa .6) and of another family than the systems under test.

What comes out
  PROMOTE       exit 0   everything above is shown
  REJECT        exit 10  something is shown to be worse than allowed
  INCONCLUSIVE  exit 20  neither is shown; the verdict names the items that would settle it
  (wrong usage 2, unusable or tampered runs 3, crash 1)

Comparing point estimates instead would pass a truly worse model about every second time; see
docs/statistics.md."""

_SHOWN: Final = {"ok": None, "FAIL": "failure", "open": "error", "-": "skipped"}
_CHECK: Final[dict[Check, str]] = {
    "sound_runs": "sound runs",
    "rescored": "rescored answers",
    "same_questions": "same questions",
    "two_runs": "two runs",
    "answers": "answers",
    "no_leak": "no train-test leak",
    "control": "control",
}
_COUNTED: Final = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
_MARK: Final = {"pass": "ok", "fail": "FAIL", "undecided": "open", "skipped": "-"}


def render(verdict: Verdict, console: Console) -> None:
    """Print the verdict for a release manager: outcome and reasons first, then every test."""
    say(console, f"{verdict.outcome}: {_title(verdict)}")
    for reason in reasons(verdict):
        say(console, f"  - {reason}")
    if verdict.outcome == "INCONCLUSIVE" and verdict.settling:
        say(console, f"  {_settles(verdict.settling)}")
    say(console, "", "Preconditions")
    for condition in verdict.preconditions:
        say(console, f"  {_state(condition):<5}{name(condition)}: {words(condition.found)}")
    say(console, "", "Axes (gain: positive is better)")
    for test in verdict.axes:
        marks = f"{_mark(test):<5}{test.axis.name}{' *' if test.superior else ''}"
        say(console, f"  {marks}")
        values = (
            ""
            if test.baseline is None
            else f"{number(test.baseline)} -> {number(test.candidate)}; "
        )
        say(console, f"       {values}{outcome(test)}; n = {test.n}")
    say(console, "", f"* better after Holm's correction. {_policy(verdict)}")
    for note in verdict.notes:
        say(console, f"note: {words(note)}")


def markdown(verdict: Verdict) -> str:
    """The same page for a pull request or a step summary."""
    why = "\n".join(f"- {escape(reason)}" for reason in reasons(verdict))
    settle = f"\n{_settles(verdict.settling)}\n" if verdict.settling else ""
    before = table(
        ["precondition", "", "found"],
        [[name(c), _state(c), words(c.found)] for c in verdict.preconditions],
    )
    head = ["axis", "", "baseline", "candidate", "gain", "interval", "margin", "could see", "n"]
    axes = table(head, [_cells(test) for test in verdict.axes])
    notes = "".join(f"\n- {escape(words(note))}" for note in verdict.notes)
    title = f"# {verdict.outcome}: {escape(_title(verdict))}"
    foot = f"\\* better after Holm's correction. {_policy(verdict)}"
    return "\n".join((title, "", why, settle, before, axes, foot, notes)) + "\n"


def junit(verdict: Verdict) -> str:
    """JUnit XML: a case per precondition and axis. Failed ones are failures, open ones errors, the
    rest skipped.
    """
    cases = [
        ("preconditions", name(c), _SHOWN[_state(c)], words(c.found)) for c in verdict.preconditions
    ]
    cases += [("axes", t.axis.name, _SHOWN[_mark(t)], outcome(t)) for t in verdict.axes]
    decided = {"PROMOTE": None, "REJECT": "failure", "INCONCLUSIVE": "error"}[verdict.outcome]
    cases.append(("gate", "verdict", decided, "; ".join(reasons(verdict))))
    counts = {count: str(sum(c[2] == kind for c in cases)) for count, kind in _COUNTED}
    label = f"adaptbench gate {plain(verdict.policy)}"
    suite = ElementTree.Element("testsuite", {"name": label, "tests": str(len(cases)), **counts})
    for group, title, shown, message in cases:
        attributes = {"name": plain(title), "classname": f"gate.{group}", "time": "0"}
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if shown is not None:
            ElementTree.SubElement(case, shown, {"message": plain(message)})
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        + ElementTree.tostring(suite, encoding="unicode")
        + "\n"
    )


def reasons(verdict: Verdict) -> list[str]:
    """Why the verdict is what it is, a sentence each."""
    found = []
    for reason in verdict.reasons:
        about: dict[str, str] = {}
        if reason.code == "check":
            condition = verdict.preconditions[reason.values["place"]]
            about = {"name": name(condition), "found": words(condition.found)}
        elif reason.code in ("axis", "axis_better"):
            test = verdict.axes[reason.values["place"]]
            about = {"name": test.axis.name, "found": outcome(test)}
        found.append(words(reason, **about))
    return found


def name(condition: Precondition) -> str:
    """What a precondition asks."""
    rule = condition.control
    return (
        _CHECK[condition.check]
        if rule is None
        else f"control {rule.system} ({rule.suite} {rule.metric})"
    )


def outcome(test: AxisTest) -> str:
    """What came out on one axis: its limit, where it has one, then the gain against its margin."""
    if test.untested is not None:
        return words(test.untested)
    parts = [] if test.bound == "skipped" else [_bound(test)]
    parts += [] if test.axis.margin is None else [_gain(test)]
    if test.assumed:
        parts.append(f"{test.assumed} missing values count against the candidate")
    return "; ".join(parts)


def _bound(test: AxisTest) -> str:
    axis = test.axis
    value, low, high = test.own
    own = f"{number(value)} {interval(low, high)}"
    kept = [
        f"{name} {limit:g}"
        for name, limit in (("floor", axis.floor), ("ceiling", axis.ceiling))
        if limit is not None
    ]
    if test.bound == "pass":
        return f"{own} keeps the {' and the '.join(kept)}"
    if test.limit is None:
        return f"{own} has no interval"
    limit = axis.floor if test.limit == "floor" else axis.ceiling
    if test.bound == "fail":
        side = "below" if test.limit == "floor" else "above"
        return f"{own} is {side} the {test.limit} {limit:g}"
    return f"{own} is not shown to keep the {test.limit} {limit:g}{_more(test)}"


def _margin(axis: GatedAxis) -> str:
    if axis.margin is None:
        return "-"
    if not axis.relative:
        return f"{axis.margin:g}"
    least = f", at least {axis.least:g}" if axis.least else ""
    return f"{axis.margin:.0%} of the baseline{least}"


def _more(test: AxisTest) -> str:
    return f"; about {test.settling:,} items would settle it" if test.settling else ""


def _gain(test: AxisTest) -> str:
    gain = test.gain
    if gain is None or test.gain_low is None:
        return "no interval could be computed"
    size = "no change" if gain == 0 else f"{number(abs(gain))} {'better' if gain > 0 else 'worse'}"
    found = interval(test.gain_low, test.gain_high)
    change = f"{size}, interval of the gain {found}, margin {_margin(test.axis)}"
    if test.non_inferiority == "fail":
        return f"worse than the margin: {change}"
    if test.non_inferiority == "undecided":
        return f"not shown to stay within the margin: {change}{_more(test)}"
    return change


def _cells(test: AxisTest) -> list[str]:
    return [
        f"{test.axis.name}{' *' if test.superior else ''}",
        _mark(test),
        number(test.baseline),
        number(test.candidate),
        number(test.gain),
        interval(test.gain_low, test.gain_high) or plain(outcome(test)),
        _margin(test.axis),
        number(test.detectable),
        str(test.n),
    ]


def _mark(test: AxisTest) -> str:
    """The worse of the two states of an axis."""
    states = (test.bound, test.non_inferiority)
    worst = next(s for s in ("fail", "undecided", "pass", "skipped") if s in states)
    return _MARK[worst]


def _state(condition: Precondition) -> str:
    if condition.passed is None:
        return "open" if condition.required else "-"
    return "ok" if condition.passed else "FAIL"


def _settles(items: int) -> str:
    return (
        f"If the truth is what was seen, about {items:,} scored items an axis would settle all open"
        " axes."
    )


def _title(verdict: Verdict) -> str:
    return (
        f"{verdict.candidate_system} ({verdict.candidate}) over {verdict.baseline_system}"
        f" ({verdict.baseline})"
    )


def _policy(verdict: Verdict) -> str:
    place = verdict.standing
    return (
        f"Policy {plain(verdict.policy)} {verdict.policy_hash[:12]}, alpha {verdict.alpha:g}. Look"
        f" {place.look} at this baseline on these questions ({place.candidates} candidates so far):"
        f" differences at a level of {place.level:.2g}."
    )
