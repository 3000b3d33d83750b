"""The real small model tells how likely answers are."""

from __future__ import annotations

import pytest

from evals.core.registry import likelihood
from systems.engines.base import EngineSettings
from systems.engines.choose import Fork
from systems.engines.choose import score as scored
from systems.engines.likelihood import LocalLikelihood
from systems.models import DEFAULT_LM

PROMPT = (
    "The lamp was designed by Ana Ruiz in Lisbon and weighs three kilograms.\n\nWho designed the"
    " lamp?"
)
ANSWERS = ("Ana Ruiz designed it.", "", "Tom Hale designed it, in Oslo.")


@pytest.mark.real
def test_a_supported_name_is_likelier_and_answers_do_not_disturb_each_other() -> None:
    model = LocalLikelihood(DEFAULT_LM, EngineSettings(dtype="float32"))
    together = model.tokens(PROMPT, ANSWERS)
    assert together[1] == ()
    for answer, tokens in zip(ANSWERS, together, strict=True):
        (alone,) = model.tokens(PROMPT, [answer])
        assert [t[:2] for t in tokens] == [t[:2] for t in alone]
        assert [t.logprob for t in tokens] == pytest.approx([t.logprob for t in alone], abs=1e-3)
        assert "".join(answer[t.start : t.end] for t in tokens) == answer
    first, _, other = together
    assert sum(t.logprob for t in first[:2]) > sum(t.logprob for t in other[:2]) + 3


@pytest.mark.real
def test_what_is_too_long_is_cut_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("systems.engines.likelihood.MAX_PROMPT", 64)
    seen: list[Fork] = []
    monkeypatch.setattr(
        "systems.engines.likelihood.score",
        lambda w, forks, *_, **k: seen.extend(scored(w, forks, *_, **k)),
    )
    (tokens,) = likelihood(DEFAULT_LM).tokens("Count. " + "word " * 400, ["30 days"])
    assert 48 < len(seen[0].context) <= 64
    assert tokens[-1].end == len("30 days")
