"""Arrivals are what they say, the same for the same seed, and traces are read with care."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from statistics import mean, stdev

import pytest

from evals.core.errors import DataError, UsageError
from evals.load.schedule import constant, poisson, replay
from evals.load.trace import read_trace


def test_constant_is_even() -> None:
    times = list(constant(4, 2.5))
    assert len(times) == 10
    assert {round(b - a, 9) for a, b in pairwise(times)} == {0.25}


def test_poisson_gaps_are_exponential_and_seeded() -> None:
    times = list(poisson(50, 200, 7))
    gaps = [b - a for a, b in pairwise(times)]
    assert times == list(poisson(50, 200, 7)) != list(poisson(50, 200, 8))
    assert mean(gaps) == pytest.approx(1 / 50, rel=4 / math.sqrt(len(gaps)))
    assert stdev(gaps) == pytest.approx(1 / 50, rel=0.05)
    assert all(0 <= t < 200 for t in times)


def test_replay_keeps_the_pattern() -> None:
    assert list(replay([100.0, 101.0, 104.0, 110.0], seconds=3, speed=2)) == [0.0, 0.5, 2.0]


@pytest.mark.parametrize(
    ("rate", "seconds"), [(0, 1), (-1, 1), (1, 0), (math.inf, 1), (math.nan, 1)]
)
def test_a_rate_and_a_duration_are_positive(rate: float, seconds: float) -> None:
    for times in (constant(rate, seconds), poisson(rate, seconds, 0), replay([0], seconds, rate)):
        with pytest.raises(UsageError, match="positive"):
            next(times)


def test_azure_form_and_plain_seconds(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n\n"
    )
    (one,) = read_trace(path)
    assert (one.tokens_in, one.tokens_out) == (374, 44)
    path.write_bytes(b"\xef\xbb\xbftokens_out,Time,tokens_in\r\n3,0.5,12\r\n4,0.75,13\r\n")
    assert [tuple(a) for a in read_trace(path)] == [(0.5, 12, 3), (0.75, 13, 4)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs a column for time"),
        ("time,tokens_in\n1,2\n", "needs a column for tokens_out"),
        ("time,tokens_in,tokens_out\n1,2\n", r":2: not an arrival"),
        ("time,tokens_in,tokens_out\n1,2,3\n2,x,3\n", r":3: not an arrival"),
        ("time,tokens_in,tokens_out\nnan,2,3\n", r":2: not an arrival"),
        ("time,tokens_in,tokens_out\ninf,2,3\n", r":2: not an arrival"),
        ("time,tokens_in,tokens_out\n1,-2,3\n", r":2: not an arrival"),
        ("time,tokens_in,tokens_out\n2,2,3\n1,2,3\n", r":3: time goes back"),
    ],
)
def test_broken_traces(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        list(read_trace(path))


def test_missing_or_binary_trace(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        list(read_trace(tmp_path / "none.csv"))
    (tmp_path / "b.csv").write_bytes(b"time,\xff\xfe\n")
    with pytest.raises(DataError, match="not a readable CSV"):
        list(read_trace(tmp_path / "b.csv"))


def test_the_public_trace(public_data: Path) -> None:
    arrivals = list(read_trace(public_data / "azure_llm_trace" / "AzureLLMInferenceTrace_conv.csv"))
    assert len(arrivals) == 19_366
    assert sorted(a.tokens_in for a in arrivals)[len(arrivals) // 2] == pytest.approx(1020, abs=1)
    assert sorted(a.tokens_out for a in arrivals)[len(arrivals) // 2] == pytest.approx(129, abs=1)
    assert 3500 < arrivals[-1].time - arrivals[0].time < 3600
