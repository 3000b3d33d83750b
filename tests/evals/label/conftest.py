"""Two planted runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.core.store import StoredRun
from tests.evals.report.planted import FAMILY, plant


@pytest.fixture
def runs(tmp_path: Path) -> list[StoredRun]:
    """Two planted runs below ``tmp_path``."""
    return plant(tmp_path, FAMILY[:2], count=64)
