"""The sentence of every note that the analyses leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from evals.analysis.notes import Code, Note

TEXTS: Final[dict[Code, str]] = {
    "unfinished": "not finished; the command that started it resumes it",
    "unsealed": "complete but without the hashes of its files",
    "tampered": "refused: {changes}",
    "broken": "{problem}",
    "unreadable": "{text}",
    "run_left_out": "run {run} left out: {reason}",
    "other_runs_left_out": "{count} run(s) of another kind left out: {key}",
    "newer_run": "there is a newer run of {system}",
    "future": "{run} is dated in the future: it counts as the oldest run",
    "held_out": "its questions are held out; only `adaptbench gate --final` reads it",
    "seeds": "{system}: intervals over items and the seeds {seeds}",
    "this_adapter": "{system}: this adapter, not the method (one seed of training)",
    "other_questions": "other questions: {first} and {second}",
    "no_shared_suite": "they share no suite",
    "other_scoring": "scored by other versions of the metrics; the same run command scores again",
    "other_decode": "other decode settings: {settings}",
    "failed_on_one_side": (
        "{suite}: {system} failed on {count} items that the other answered: counted as wrong"
    ),
    "other_items": "other items in {suite}",
    "pair_allowed": "{first} and {second}: {reason} (allowed)",
    "pair_refused": "{first} and {second}: {reason}",
    "suite_refused": "{run}: {suite} is refused: {reason}",
    "other_machines": "latency only compares within one class of machine, not {classes}",
    "other_machine": "measured on another class of machine: {own!r}, not {wanted!r}",
    "latency_left_out": "latency suites left out: {reason}",
    "load_stopped": "the load was stopped early: {reason}",
    "load_lag_unknown": "the load client's lag is unknown",
    "load_late": "the load client was late: {lag:.4f} s at the 99th percentile, bound {bound:g} s",
    "not_latency_pass": "only the latency pass may be reported, but the timings are: {counts}",
    "no_information": "{count} comparisons not tested, since nothing differed: {axes}",
    "suite_not_shown": "{count} tracks not tested, since their suite shows no difference: {axes}",
    "judge": "{text}",
    "load": "{text}",
    "both_sound": "both runs are complete and match the hashes taken when they finished",
    "same_questions": "both on {key}",
    "different_runs": "candidate and baseline are different runs",
    "same_run": "the candidate is the baseline itself",
    "failed_answers": "{failed} of {total} answers failed, allowed {allowed:.1%}",
    "no_training_questions": "the training questions were not at hand",
    "trained_on": "{count} test questions were trained on",
    "rescored": "the stored answers were scored once more, with the same scores",
    "not_rescored": "{run}: {reason}",
    "no_control_run": "no run of it on these questions",
    "control_unusable": "{run}: {reason}",
    "control_unscored": "{run} has no such figure",
    "control_at_most": "{value:.3f}, must be at most {limit}",
    "control_at_least": "{value:.3f}, must be at least {limit}",
    "latency_refused": "{run}: {reason}",
    "pack_has_none": "left out: the pack holds no item of {suite}",
    "not_in_both_runs": "not in both runs",
    "no_direction": "{metric} has no better direction, so it cannot be gated",
    "not_one_judge": "{metric} was not made by one and the same judge",
    "judge_cannot_gate": "{text}",
    "no_shared_items": "no item was scored in both runs",
    "few_clusters": "{clusters} clusters, the policy asks for {wanted}",
    "many_unpaired": "{unpaired} items were scored in one run only, allowed {allowed:.0%}",
    "check": "{name}: {found}",
    "axis": "{name}: {found}",
    "axis_better": "better: {name}: {found}",
    "nothing_tested": "no gated axis could be tested",
    "nothing_better": "not worse anywhere, but not shown to be better anywhere either",
    "cannot_promote": "nothing speaks against it, but the policy {policy} promotes nothing",
    "nothing_worse": "not worse than the margin on all {tested} axes tested",
}


_KIND: Final = {"prompt_cached": "with a prompt cache"}
"""Kinds of timings whose name is not their code."""


def words(note: Note, **more: str) -> str:
    """The sentence of a note; ``more`` are values that only the reader's side has in words."""
    return TEXTS[note.code].format(
        **{name: _value(value) for name, value in note.values.items()}, **more
    )


def sentences(notes: Iterable[Note]) -> list[str]:
    """The sentences of notes, each once."""
    return list(dict.fromkeys(words(note) for note in notes))


def _value(value: Any) -> Any:
    if isinstance(value, Note):
        return words(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {_KIND.get(kind, kind)}" for kind, count in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
