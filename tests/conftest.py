"""Fixtures that all tests share."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from evals.core.processor import settle_threads, usable_cores
from tests import fakes

WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if WORKERS > 1:
    settle_threads(max(1, usable_cores() // WORKERS))  # workers share the machine

# no test depends on an idle machine: hypothesis would fail one that takes longer than 0.2 s now and
# then
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # read when it is first imported


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave whole files of real models out where they are deselected: they import torch."""
    if "not real" not in str(config.option.markexpr) or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    return True if re.search(r"^pytestmark = pytest\.mark\.real$", text, re.MULTILINE) else None


@pytest.fixture
def fake_registry() -> None:
    """The fake suites, metrics and system, known by name."""
    fakes.register()
