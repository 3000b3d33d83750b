"""Planted runs, and a page made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.report.build import choose_runs, write_report
from tests.evals.report.planted import plant


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of seven systems on four suites."""
    folder = tmp_path_factory.mktemp("planted")
    plant(folder)
    return folder


@pytest.fixture(scope="session")
def report(results: Path) -> Path:
    """The page of the planted runs."""
    return write_report(choose_runs(results, (), None, None), results / "report.html").path
