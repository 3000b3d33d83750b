from __future__ import annotations

import pytest
from statsmodels.stats.proportion import proportion_confint

from evals.stats.wilson import bounded, t_critical, wilson


@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 50), (49, 50), (50, 50), (7, 13), (1234, 2000)])
def test_agrees_with_statsmodels(k: int, n: int) -> None:
    assert wilson(k, n) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-9)


def test_never_collapses() -> None:
    low, high = wilson(50, 50)
    assert low < 0.95 and high == 1.0
    assert wilson(0, 50)[0] == 0.0 < wilson(0, 50)[1]


@pytest.mark.parametrize(("k", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_nonsense_is_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="proportion"):
        wilson(k, n)


def test_bounded_is_wilson_for_a_proportion_and_t_in_the_middle() -> None:
    error = (0.8 * 0.2 / 200) ** 0.5
    assert bounded(0.8, error, 200, 1.959963984540054, (0, 1)) == pytest.approx(
        wilson(160, 200), abs=1e-12
    )
    low, high = bounded(0.5, 0.001, 400, t_critical(399), (0, 1)) or (0, 0)
    assert (low, high) == pytest.approx(
        (0.5 - 0.001 * t_critical(399), 0.5 + 0.001 * t_critical(399)), abs=1e-5
    )


def test_what_never_varied_is_still_uncertain() -> None:
    assert bounded(1.0, 0.0, 50, 1.959963984540054, (0, 1)) == pytest.approx(wilson(50, 50))
    low, high = bounded(0.4, 0.0, 50, 2.0, (0, 1)) or (0, 0)
    assert low < 0.4 < high
