from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from evals.cli.main import build_app
from evals.core.errors import UsageError
from evals.core.interfaces import TextLikelihood, Token
from evals.core.registry import LIKELIHOODS, likelihood
from evals.metrics.groundedness import assess
from evals.scorers.groundedness import words as grounding_words
from evals.scorers.groundedness.context import prepare
from evals.scorers.groundedness.likelihood import MAX_ANSWER, ask, shown
from evals.scorers.groundedness.model import bundled_second
from evals.text.words import words
from scripts.research.grounding_evidence import evidence
from scripts.research.labelled import Judged
from tests.evals.metrics.build import item, metric, passages, said

CONTEXT = (
    "The Aurora lamp weighs 3 kg and costs $24.90. It was designed by Ana Ruiz in Lisbon.",
    "You may return it within 30 days. The workshop is closed on Mondays.",
)
QUESTION = "What of the Aurora lamp?"


class Parrot:
    """A word that the prompt holds is likely, any other is not; counts what it is asked."""

    identity = "parrot 1"

    def __init__(self) -> None:
        self.prompts: list[tuple[str, int]] = []

    def tokens(self, prompt: str, answers: Sequence[str]) -> list[tuple[Token, ...]]:
        self.prompts.append((prompt, len(answers)))
        known = set(words(prompt))
        return [
            tuple(
                Token(m.start(), m.end(), -0.2 if known.issuperset(words(m.group())) else -7.0)
                for m in re.finditer(r"\s*\S{1,6}|\s+$", answer)
            )
            for answer in answers
        ]


def parrot(reference: str) -> TextLikelihood:
    assert reference == ""
    return Parrot()


def test_what_the_contexts_hold_gains_and_what_they_lack_does_not() -> None:
    text = "It costs $24.90. Its shade is woven from seaweed."
    (with_evidence,) = ask(Parrot(), QUESTION, CONTEXT, [text])
    evidence = grounding_words.read(text, QUESTION, prepare(CONTEXT), with_evidence)
    gain = dict(
        zip(
            (text[int(s) :].split(maxsplit=1)[0].strip(".") for s in evidence.start),
            evidence.gain,
            strict=True,
        )
    )
    assert gain["costs"] == pytest.approx(6.8)
    assert gain["seaweed"] == 0
    assert evidence.content.sum() == 5


def test_two_prompts_are_asked_once_for_all_answers() -> None:
    model = Parrot()
    with_evidence = ask(model, QUESTION, CONTEXT, ["It costs $24.90.", "", "x" * 50_000])
    (with_contexts, n), (without, m) = model.prompts
    assert n == m == 3
    assert with_contexts.endswith(QUESTION)
    assert CONTEXT[1] in with_contexts
    assert without == QUESTION
    assert with_evidence[1] == ()
    assert with_evidence[2][-1].end == MAX_ANSWER


def test_rows_are_those_of_the_stored_stage() -> None:
    text = "It weighs 3 kg. It is red."
    (with_evidence,) = ask(Parrot(), QUESTION, CONTEXT, [text])
    found = grounding_words.row(QUESTION, text, CONTEXT, with_evidence)
    assert len(found) == len(grounding_words.WORD_NAMES)
    assert np.isfinite(found).all()
    assert bundled_second().features == ("plain", *grounding_words.WORD_NAMES)
    assert len(bundled_second().weights) == len(found) + 1


def test_the_model_is_asked_of_replies_to_no_question_too() -> None:
    parrot = Parrot()
    answer = "It weighs 3 kg and was designed by Ana Ruiz."
    assert assess(" ", answer, CONTEXT, likelihood=parrot) != assess(" ", answer, CONTEXT)
    assert parrot.prompts[1] == ("", 1)


def test_support_falls_with_inventions_that_the_model_finds_unlikely() -> None:
    copied = assess(
        QUESTION, "It weighs 3 kg and was designed by Ana Ruiz.", CONTEXT, likelihood=Parrot()
    )
    invented = assess(
        QUESTION, "Its shade is woven by retired Norwegian fishermen.", CONTEXT, likelihood=Parrot()
    )
    assert copied.value > invented.value


WORDY = st.lists(
    st.sampled_from(["Ana", "30", "days", "$5", "not", "Tokyo", "lamp", ".", "\n", "😀", "ß"]),
    max_size=20,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.one_of(st.text(max_size=80), WORDY.map(" ".join)))
def test_bounded_never_nan_and_deaf_to_surrounding_space(text: str) -> None:
    scored = metric("groundedness", likelihood=Parrot())
    found = scored.score(item(QUESTION), said(text, passages=passages(*CONTEXT)))
    again = scored.score(item(QUESTION), said(f" \n{text}\t ", passages=passages(*CONTEXT)))
    assert found.value == again.value
    if found.value is None:
        assert found.unscored == "unparseable"
        return
    assert math.isfinite(found.value)
    assert 0 <= found.value <= 1
    assert found.detail is not None
    assert found.detail["likelihood"] == "parrot 1"


def test_unscored_asks_no_model() -> None:
    model = Parrot()
    scored = metric("groundedness", likelihood=model)
    assert scored.score(item(), said("It costs $5.")).unscored == "not_applicable"
    assert scored.score(item(), said("It costs $5.", passages=())).unscored == "no_context"
    assert scored.score(item(), said(" … ", passages=passages(*CONTEXT))).unscored == "unparseable"
    assert not model.prompts


def judged(source: str, response: str) -> Judged:
    return Judged("set", source, QUESTION, response, 1.0, (CONTEXT[0], source))


def test_evidence_is_kept_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    cache, message = tmp_path / "deep" / "heard.jsonl", []
    asked = [
        judged("a", "It is red."),
        judged("b", "It costs $24.90."),
        judged("a", "It is from Lisbon."),
    ]
    first = Parrot()
    found = evidence(asked, first, cache, lambda done, of: message.append((done, of)))
    assert [n for _, n in first.prompts] == [2, 2, 1, 1]
    assert message == [(2, 3), (3, 3)]
    assert [h[-1].end for h in found] == [len(shown(j.response)) for j in asked]
    cache.write_bytes(cache.read_bytes()[:-30])
    second = Parrot()
    assert evidence(asked, second, cache) == found
    assert [n for _, n in second.prompts] == [1, 1]
    assert evidence([*asked, asked[0]], Parrot(), cache)[3] == found[0]


def test_a_provider_is_found_by_name() -> None:
    LIKELIHOODS.add("parrot", "tests.evals.scorers.groundedness.test_likelihood:parrot")
    assert likelihood("parrot").identity == "parrot 1"
    with pytest.raises(UsageError, match="unknown model"):
        likelihood("smollm3")


def test_the_command_line_lends_it(tmp_path: Path) -> None:
    LIKELIHOODS.add("parrot", "tests.evals.scorers.groundedness.test_likelihood:parrot")
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    record = {
        "id": 1,
        "question": QUESTION,
        "response": "It weighs 3 kg.",
        "contexts": list(CONTEXT),
    }
    source.write_text(json.dumps(record) + "\n")
    asked = ["--likelihood", "parrot", "--input", str(source), "--output", str(output)]
    assert CliRunner().invoke(build_app(), ["score", "groundedness", *asked]).exit_code == 0
    assert json.loads(output.read_text())["groundedness"]["likelihood"] == "parrot 1"
    refused = CliRunner().invoke(build_app(), ["score", "answer_match", *asked, "--restart"])
    assert isinstance(refused.exception, UsageError)
