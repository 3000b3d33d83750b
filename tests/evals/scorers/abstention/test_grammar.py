from __future__ import annotations

import re
from pathlib import Path

import pytest

from evals.scorers.abstention.clauses import clauses
from evals.scorers.abstention.grammar import grammars, parse
from evals.text.language import EUROPEAN, SUPPORTED
from evals.text.words import clean

SET = Path(__file__).parents[4] / "scripts" / "research" / "data" / "abstention.tsv"


@pytest.mark.parametrize("language", SUPPORTED)
def test_every_language_has_a_grammar(language: str) -> None:
    (grammar,) = grammars(language)
    assert grammar.declines.pattern and grammar.cue.pattern


def test_short_texts_are_read_by_all_european_grammars() -> None:
    assert grammars(None) == tuple(grammars(name)[0] for name in EUROPEAN)


def test_parts_fill_alternatives_and_lines_go_on() -> None:
    grammar = parse(
        "# comment\nNOT = no\n  |never\n\n[cue]\n{NOT}\n[declines]\nx{2}\n(?:{NOT})"
        " y\n[contrast]\n[ ]but[ ]\n"
    )
    assert grammar.declines.pattern == "x{2}|(?:no|never) y"
    assert grammar.silent.search("anything") is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("no part", ValueError),
        ("[cue]\n{NONE}", KeyError),
        ("[cue]\n(", re.error),
        ("[cues]\nx", TypeError),
    ],
)
def test_a_malformed_file_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(text)


def test_what_declines_carries_a_cue() -> None:
    """The cue is what tells an answer without further reading: it must stand in whatever
    declines.
    """
    (english,) = grammars("en")
    uncued = english._replace(cue=re.compile(""))
    texts = [clean(line.split("\t")[2]) for line in SET.read_text("utf-8").splitlines()]
    assert [t for t in texts if clauses(t, (english,)) != clauses(t, (uncued,))] == []
