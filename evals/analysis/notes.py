"""Why something was left out, refused or stays open: a code and its values.
`evals.report.text.notes` has the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from evals.core.schema import Record

Code = Literal[
    # a run that cannot be used
    "unfinished",
    "unsealed",
    "tampered",
    "broken",
    "unreadable",
    # runs that a table leaves out
    "run_left_out",
    "other_runs_left_out",
    "newer_run",
    "future",
    "held_out",
    # how many adapters figures speak of
    "seeds",
    "this_adapter",
    # runs that do not compare
    "other_questions",
    "no_shared_suite",
    "other_scoring",
    "other_decode",
    "failed_on_one_side",
    "other_items",
    "pair_allowed",
    "pair_refused",
    # latencies that must not be shown
    "suite_refused",
    "other_machines",
    "other_machine",
    "latency_left_out",
    "load_stopped",
    "load_lag_unknown",
    "load_late",
    "not_latency_pass",
    # comparisons that were no tests
    "no_information",
    "suite_not_shown",
    # what judges and load measurements say of themselves
    "judge",
    "load",
    # what a gate checks before it tests
    "both_sound",
    "same_questions",
    "different_runs",
    "same_run",
    "failed_answers",
    "no_training_questions",
    "trained_on",
    "rescored",
    "not_rescored",
    "no_control_run",
    "control_unusable",
    "control_unscored",
    "control_at_most",
    "control_at_least",
    # why an axis of a gate was not tested
    "latency_refused",
    "pack_has_none",
    "not_in_both_runs",
    "no_direction",
    "not_one_judge",
    "judge_cannot_gate",
    "no_shared_items",
    "few_clusters",
    "many_unpaired",
    # what a gate decides on
    "check",
    "axis",
    "axis_better",
    "nothing_tested",
    "nothing_better",
    "cannot_promote",
    "nothing_worse",
]


class Note(Record, frozen=True, omit_defaults=False):
    """One code with the values that its sentence names: numbers, names, lists of names, further
    notes.
    """

    code: Code
    values: dict[str, Any]

    def __str__(self) -> str:
        """The code and its values as plain text, for error messages."""
        name = self.code.replace("_", " ")
        values = ", ".join(f"{key}: {_plain(value)}" for key, value in self.values.items())
        return f"{name} ({values})" if values else name


def note(code: Code, **values: Any) -> Note:
    """A note."""
    return Note(code, values)


def distinct(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Each note once, in order of first appearance."""
    found: list[Note] = []
    for one in notes:
        if one not in found:
            found.append(one)
    return tuple(found)


def listed(notes: Iterable[Note]) -> str:
    """Notes as plain text, for error messages."""
    return "; ".join(map(str, notes))


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
