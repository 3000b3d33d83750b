"""What is asked when: questions go round, traces bring their lengths, impossible plans are
refused.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evals.core.errors import DataError, UsageError
from evals.load.plan import LoadSpec, Question, planned, questions, text_of
from tests.fakes import TinyPack

ASKED = [Question(f"q{n}", f"what is {n}?", "u1") for n in range(7)]


def test_questions_of_a_pack_are_shuffled_by_seed(fake_registry: None) -> None:
    one, two = (questions(TinyPack(), "fake_suite", "full", seed) for seed in (1, 2))
    assert one != two and sorted(one) == sorted(two)
    assert len(one) == 40 and one[0].text.startswith("What is")


def test_a_pack_without_questions(fake_registry: None) -> None:
    with pytest.raises(DataError, match="no item"):
        questions(TinyPack(count=0), "fake_suite", "full", 0)


def test_questions_go_round() -> None:
    plan = planned(LoadSpec(rate=10, seconds=7, warm_up=0, cool_down=0, arrivals="constant"), ASKED)
    assert len(plan) == 70 and len({p.id for p in plan}) == 70
    assert set(Counter(p.prompt for p in plan).values()) == {10}
    assert plan[0].user == "u1"
    assert (
        planned(LoadSpec(seed=4), ASKED)
        == planned(LoadSpec(seed=4), ASKED)
        != planned(LoadSpec(seed=5), ASKED)
    )


def test_a_trace_brings_its_times_and_lengths(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "time,tokens_in,tokens_out\n" + "".join(f"{100 + n},{10 + n},{n}\n" for n in range(50))
    )
    spec = LoadSpec(
        "trace", seconds=10, warm_up=0, cool_down=0, trace=str(path), speed=2.0, lengths=True
    )
    plan = planned(spec, [])
    assert [p.at for p in plan] == [n / 2 for n in range(20)]
    assert [p.max_tokens for p in plan] == [1, *range(1, 20)]
    assert [len(p.prompt.split()) for p in plan[5:]] == [11 + n - 4 for n in range(5, 20)]
    asked = planned(LoadSpec("trace", seconds=10, warm_up=0, cool_down=0, trace=str(path)), ASKED)
    assert [p.at for p in asked] == list(range(10)) and asked[0].prompt == "what is 0?"


def test_no_two_texts_share_a_prefix() -> None:
    assert len({text_of(50, seed).text[:9] for seed in range(100)}) == 100


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (LoadSpec(rate=0), "positive"),
        (LoadSpec(rate=1e6, seconds=1e3), "too many requests"),
        (LoadSpec(arrivals="constant", rate=1e-15, seconds=1e-3), "between warm-up and cool-down"),
        (LoadSpec(arrivals="trace"), "--trace"),
        (LoadSpec(lengths=True), "lengths come from a trace"),
    ],
)
def test_impossible_plans(spec: LoadSpec, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        planned(spec, ASKED)


def test_an_empty_trace(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("time,tokens_in,tokens_out\n")
    with pytest.raises(UsageError, match="between warm-up and cool-down"):
        planned(LoadSpec("trace", trace=str(path)), ASKED)
