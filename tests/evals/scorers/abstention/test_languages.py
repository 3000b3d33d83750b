"""Refusals, polite answers that look like them, and hedged answers in every language that is read
or not.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evals.scorers.abstention.reader import read
from evals.text.language import EUROPEAN

FORMS = [
    line.split("\t")
    for line in Path(__file__).with_name("forms.tsv").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(("language", "state", "question", "answer"), FORMS)
def test_forms(language: str, state: str, question: str, answer: str) -> None:
    reading = read(answer, question)
    assert reading.state == state
    assert reading.evidence and reading.evidence in answer.replace("，", ",")
    assert reading.reason


def test_every_supported_language_has_its_forms() -> None:
    refused = Counter(language for language, state, *_ in FORMS if state == "abstained")
    polite = Counter(language for language, state, *_ in FORMS if state in ("answered", "partly"))
    for language in set(EUROPEAN) - {"en"}:
        assert refused[language] >= 15
        assert polite[language] >= 5


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Was passiert mit meinen Daten?", "Ihre Daten werden nicht an Dritte weitergegeben."),
        (
            "Que deviennent mes données ?",
            "Les données ne sont pas partagées avec des tiers sans votre accord.",
        ),
        ("¿Qué pasa con mis datos?", "Los datos no se venden a terceros."),
        ("Cosa succede ai miei dati?", "I suoi dati non vengono condivisi con terzi."),
        ("O que acontece aos meus dados?", "Os seus dados não são partilhados com terceiros."),
        ("Wat gebeurt er met mijn gegevens?", "Uw gegevens worden niet gedeeld met derden."),
    ],
)
def test_negative_rules_are_answers(question: str, answer: str) -> None:
    assert read(answer, question).kind == "answered"


@pytest.mark.parametrize(
    ("question", "answer", "state"),
    [
        ("Wer hat den Laden gegründet?", "I don't know.", "abstained"),
        ("Who founded the shop?", "Das weiß ich leider nicht.", "abstained"),
        ("Kto założył sklep?", "Nie mam takich danych tutaj.", "unread"),
        ("What is 'dialect' in Hindi?", "बोली", "unread"),
        ("Who founded the shop?", "Hans Meyer", "answered"),
    ],
)
def test_question_and_answer_may_differ_in_language(question: str, answer: str, state: str) -> None:
    assert read(answer, question).state == state
