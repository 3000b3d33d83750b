"""A planted run whose metric errs in a known way, and the browser of the report's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.core.store import StoredRun
from tests.evals.report.conftest import axe, chromium, online
from tests.evals.report.planted import FAMILY, plant

__all__ = ["axe", "chromium", "online"]


@pytest.fixture
def runs(tmp_path: Path) -> list[StoredRun]:
    """Two planted runs below ``tmp_path``."""
    return plant(tmp_path, FAMILY[:2], count=64)
