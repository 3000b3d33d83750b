from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.scorers.linear import Linear
from evals.scorers.voice import model as voice_model
from tests.evals.metrics.build import SmallPack


@pytest.fixture(scope="module")
def learned() -> voice_model.Learned:
    model = voice_model.fit(SmallPack().voices(), "brand")
    assert model is not None
    return model.learned


@settings(deadline=None, max_examples=50)
@given(
    words=st.lists(
        st.sampled_from(
            ["Hi", "friend", "!", "The", "lamp", "costs", "20", "’s", "Zibbo", "\n", "Enjoy"]
        )
    )
)
def test_log_odds_are_those_of_the_arrays(learned: voice_model.Learned, words: list[str]) -> None:
    text = " ".join(words)
    masked = learned.repertoire.mask(text)
    features = voice_model._features(learned.vectorizers, [text], [masked])
    expected = learned.classifier.decision_function(features)[0]
    assert learned._linear.log_odds(masked, voice_model.style_marks(text)) == pytest.approx(
        expected, abs=1e-12
    )


def test_too_few_weights_are_refused(learned: voice_model.Learned) -> None:
    short = voice_model.blank_regression()
    short.coef_, short.intercept_ = np.ones((1, 3)), np.zeros(1)
    with pytest.raises(ValueError, match="3 weights"):
        Linear(learned.vectorizers, short)


@given(st.text("aAiIsSkKİıſ\u212a□ 5$.é"), st.text("aAiIsSkK5$. é", min_size=1).filter(str.strip))
def test_a_hidden_phrase_is_found_in_any_case(text: str, phrase: str) -> None:
    expected = [m.span() for m in re.finditer(re.escape(phrase), text, re.IGNORECASE)]
    assert [cut[:2] for cut in voice_model._hidden([phrase], text)] == expected


def test_a_value_that_is_hidden_stays_a_value(learned: voice_model.Learned) -> None:
    mask = learned.repertoire.mask
    assert mask("It costs $20 now", ["$20"]) == mask("It costs $20 now")
    assert mask("The Lamp 3000 is here", ["Lamp 3000", "Lamp"]) == mask(
        "The Zibbo is here", ["Zibbo"]
    )
    assert mask("Costs 20 a month", ["s 20 a"]) == "◇ □"
