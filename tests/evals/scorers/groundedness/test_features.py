from __future__ import annotations

import json

import numpy as np
import pytest

from evals.metrics.groundedness import assess
from evals.scorers.groundedness.context import readable
from evals.scorers.groundedness.features import NAMES, PIECE_NAMES, features
from evals.scorers.groundedness.model import bundled
from evals.text.claims import claims, supported
from scripts.research.labelled import begin, data_dir
from tests.evals.metrics.build import item, metric, passages, said

CONTEXT = (
    "The Aurora lamp weighs 3 kg and costs $24.90. It was designed by Ana Ruiz in Lisbon.",
    "You may return it within 30 days. The workshop is closed on Mondays.",
)


def value(answer: str, question: str = "") -> float:
    return assess(question, answer, CONTEXT).value


def test_support_falls_with_every_invention() -> None:
    copied = value("The Aurora lamp weighs 3 kg and was designed by Ana Ruiz.")
    changed = value("The Aurora lamp weighs 7 kg and was designed by Tom Hale.")
    invented = value("Its shade is woven from Norwegian seaweed by retired fishermen.")
    assert copied > changed > invented


def test_unsupported_sentences_and_claims_are_named() -> None:
    found = assess(
        "",
        "The lamp weighs 3 kg. Its shade is woven from Norwegian seaweed by fishermen for $999.",
        CONTEXT,
    )
    assert "$999" in found.claims
    assert "3 kg" not in found.claims
    assert max(found.spans, key=lambda span: span[2])[0] > 0


def test_records_are_read_as_statements() -> None:
    record = json.dumps({"OutdoorSeating": False, "hours": {"Monday": "11:0-21:0"}, "stars": 4.5})
    assert readable(record).splitlines() == [
        "Outdoor Seating: no",
        "hours Monday: 11:00-21:00",
        "stars: 4.5",
    ]
    assert readable("{broken") == "{broken"


def test_shapes_are_those_of_the_model() -> None:
    vector, pieces = features("How heavy?", "It weighs 3 kg. It is red.", CONTEXT)
    assert len(vector) == len(NAMES) == len(bundled().answer.logistic.features)
    assert all(len(p.vector()) == len(PIECE_NAMES) for p in pieces)
    assert np.isfinite(vector).all()


def test_claims_are_typed_values_and_names_beyond_the_question() -> None:
    found = [
        c.text
        for c in claims(
            "The Aurora lamp was made by Ana Ruiz for $5 in 30 days.", "What of the Aurora lamp?"
        )
    ]
    assert found == ["Ana Ruiz", "$5", "30 days"]
    context = ["Ana Ruiz asks five dollars."]
    assert [supported(c, context) for c in claims("It was Ana Ruiz for $5, not $6.")] == [
        True,
        True,
        False,
    ]


def test_closed_book_is_not_applicable_and_nothing_retrieved_is_no_context() -> None:
    for name in ("groundedness", "unsupported", "k_precision"):
        assert metric(name).score(item(), said("It costs $5.")).unscored == "not_applicable"
        assert (
            metric(name).score(item(), said("It costs $5.", passages=())).unscored == "no_context"
        )


def test_unsupported_share() -> None:
    score = metric("unsupported").score(
        item(), said("It weighs 3 kg and costs $99.", passages=passages(*CONTEXT))
    )
    assert score.value == 0.5
    assert score.detail is not None
    assert score.detail["unsupported"] == ["$99"]


@pytest.mark.skipif(
    data_dir() is None, reason="the public labelled sets are absent (ADAPTBENCH_DATA)"
)
def test_it_ranks_begin_as_people_do() -> None:
    from sklearn.metrics import roc_auc_score

    data = data_dir()
    assert data is not None
    sample = list(begin(data))[::40]
    scores = [assess(j.question, j.response, j.contexts).value for j in sample]
    assert roc_auc_score([j.label for j in sample], scores) > 0.9
