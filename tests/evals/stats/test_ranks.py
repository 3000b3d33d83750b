from __future__ import annotations

from evals.stats.ranks import Pair, RankInterval, all_pairs, rank_intervals


def test_clear_differences_give_ranks_and_unclear_ones_intervals() -> None:
    pairs = [Pair(0, 1, 0.2, 1e-6), Pair(0, 2, 0.3, 1e-6), Pair(1, 2, 0.1, 0.4)]
    assert rank_intervals(3, pairs) == [RankInterval(1, 1), RankInterval(2, 3), RankInterval(2, 3)]
    assert [str(r) for r in rank_intervals(3, pairs)] == ["1", "2–3", "2–3"]


def test_holm_runs_over_all_pairs() -> None:
    pairs = [Pair(i, j, 0.1, 0.03) for i, j in all_pairs(4)]
    assert rank_intervals(4, pairs) == [RankInterval(1, 4)] * 4


def test_what_was_not_compared_stays_open() -> None:
    assert rank_intervals(2, [Pair(0, 1, 0.5, None)]) == [RankInterval(1, 2)] * 2
    assert rank_intervals(1, []) == [RankInterval(1, 1)]
