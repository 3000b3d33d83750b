"""Every code has its sentence, and every place that leaves a note gives what the sentence names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from evals.analysis.notes import Code, note
from evals.report.text.notes import TEXTS, sentences, words

EVALS = Path(__file__).parents[4] / "evals"
BY_READER = {
    "check": {"name", "found"},
    "axis": {"name", "found"},
    "axis_better": {"name", "found"},
}
"""What a verdict's own records add to the place that a reason names."""


def calls() -> Iterator[tuple[str, str, set[str]]]:
    """Every ``note("code", …)`` of the harness: where it stands, its code and the values it
    names.
    """
    for path in sorted(EVALS.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "evals.analysis.notes import" in text else ():
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "note"
            ):
                names = {str(keyword.arg) for keyword in node.keywords}
                for code in (
                    n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)
                ):
                    yield f"{path.name}:{node.lineno}", str(code), names


CALLS = list(calls())


def test_every_code_has_a_sentence_and_is_used() -> None:
    assert set(TEXTS) == set(get_args(Code))
    dynamic = {"pair_allowed", "pair_refused"}
    assert {code for _, code, _ in CALLS} | dynamic == set(TEXTS)


@pytest.mark.parametrize(
    ("place", "code", "given"), CALLS, ids=[f"{place} {code}" for place, code, _ in CALLS]
)
def test_a_note_gives_what_its_sentence_names(place: str, code: str, given: set[str]) -> None:
    named = {name for _, name, _, _ in Formatter().parse(TEXTS[code]) if name}  # type: ignore[index]
    assert named - BY_READER.get(code, set()) <= given, place


def test_notes_in_notes_and_lists_are_written_out() -> None:
    inner = note("tampered", changes=["a: missing", "b: edited"])
    outer = note("run_left_out", run="rag-1", reason=inner)
    assert words(outer) == "run rag-1 left out: refused: a: missing, b: edited"
    assert sentences([outer, outer]) == [words(outer)]
    assert (
        str(outer) == "run left out (run: rag-1, reason: tampered (changes: a: missing, b: edited))"
    )
