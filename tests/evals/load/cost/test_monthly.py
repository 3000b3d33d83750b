from __future__ import annotations

from pathlib import Path

import pytest

from evals.core.errors import UsageError
from evals.load.cost.estimate import Assumptions, Rate, cost_rows
from evals.load.cost.model import TokenPrice
from evals.load.cost.monthly import HOURS, Finance, Month, month, read_finance
from evals.load.cost.prices import ApiQuote
from evals.load.cost.profile import profile
from evals.report.text.cost import render_months
from tests.evals.load.cost.planted import planted

API = ApiQuote("big", TokenPrice(2.0, 0.5, 10.0), "test")
EXAMPLE = Path(__file__).parents[4] / "docs" / "finance.toml"
HOURLY = 0.72


def planned(root: Path, rate: Rate, *, trained: bool = False, **more: float) -> Month:
    given = {"queries": HOURS * 3600.0, "hourly": HOURLY, "peak": 3.0, "load": 0.5, "spare": 1.0}
    finance = Finance(**{**given, **more})  # type: ignore[arg-type]
    (row,) = cost_rows(
        [profile(planted(root, "s"))], [API], Assumptions(HOURLY, "a box"), rates={"s": rate}
    )
    found = month(row, [API], finance, trained=trained)
    assert found is not None
    return found


def test_machines_are_whole_and_made_for_the_peak(tmp_path: Path) -> None:
    """One query a second in the mean, three at the peak; two a second on a machine used half."""
    found = planned(tmp_path, Rate(2.0, "load", 2.0, 2.9))
    assert found.machines == (4, 4)
    assert found.total == pytest.approx((4 * HOURS * HOURLY,) * 2)
    assert found.api["big"] == pytest.approx(HOURS * 3.6 * 0.6)


def test_a_floor_of_the_rate_bounds_the_total_from_above_alone(tmp_path: Path) -> None:
    found = planned(tmp_path, Rate(0.05, "latency pass", floor=True))
    assert found.machines == (None, 121) and found.total[0] is None
    assert found.verdict("big").startswith("open: dearer by at most")
    cheap = planned(tmp_path / "b", Rate(2000.0, "latency pass", floor=True), spare=0)
    assert cheap.verdict("big").startswith("cheaper by at least")


@pytest.mark.parametrize(
    ("more", "own", "api"),
    [
        ({"reserved": 1.0, "reserved_discount": 0.25}, -0.25 * 4 * HOURS * HOURLY, 0.0),
        ({"labelling": 100.0}, 100.0, 0.0),
        ({"evaluation": 100.0}, 100.0, 100.0),
        ({"trainings": 2.0, "training_hours": 5.0}, 2 * 5 * HOURLY, 0.0),
        ({"kwh_per_1k": 0.1, "kwh_price": 0.5}, HOURS * 3.6 * 0.05, 0.0),
        ({"retrieval": 0.2}, 0.0, HOURS * 3.6 * 0.2),
        ({"api_batch": 0.5, "batch_discount": 0.5}, 0.0, -0.25 * HOURS * 3.6 * 0.6),
        ({"cached": 0.5}, 0.0, -HOURS * 3.6 * 0.15),
        ({"wrong": 0.1}, 0.025 * HOURS * 3600, 0.025 * HOURS * 3600),
        ({"wrong": 0.1, "api_correct": 1.0}, 0.025 * HOURS * 3600, 0.0),
    ],
)
def test_every_assumption_moves_what_it_says(
    tmp_path: Path, more: dict[str, float], own: float, api: float
) -> None:
    rate = Rate(2.0, "load", 2.0, 2.0)
    plain = planned(tmp_path / "a", rate, trained=True)
    found = planned(tmp_path / "b", rate, trained=True, **more)
    assert found.total[1] - plain.total[1] == pytest.approx(own)
    assert found.api["big"] - plain.api["big"] == pytest.approx(api)


def test_the_example_is_read_and_shown(tmp_path: Path) -> None:
    finance = read_finance(EXAMPLE)
    text = render_months([planned(tmp_path, Rate(2.0, "load", 1.0, 4.0))], finance)
    assert "queries = 500000.0" in text and "| s | 3 to 7 |" in text


@pytest.mark.parametrize("line", ["reserved = 2", "peak = 0.5", "quarries = 3", "queries = 0", "x"])
def test_impossible_assumptions_are_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "finance.toml"
    path.write_text(f"hourly = 1\n{'' if 'queries' in line else 'queries = 5'}\n{line}\n")
    with pytest.raises(UsageError):
        read_finance(path)
