"""Energy is metered over the load, says how, and needs its extra."""

from __future__ import annotations

import sys
import time

import pytest

from evals.core.errors import EnvironmentProblem
from evals.load.energy import MEASURED, Energy, start_meter

pytestmark = pytest.mark.slow


def test_energy_over_a_second() -> None:
    stop = start_meter()
    time.sleep(1.2)
    found = stop(4)
    assert found.kwh > 0 and found.requests == 4 and found.seconds > 1
    assert found.per_1k == pytest.approx(250 * found.kwh)
    assert found.estimated == (not set(found.method.split(", ")) <= MEASURED)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "codecarbon", None)
    with pytest.raises(EnvironmentProblem, match="needs codecarbon"):
        start_meter()


def test_nothing_served() -> None:
    assert Energy(0.5, 0, 1.0, "cpu_load", True).per_1k == 500
