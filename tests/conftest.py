"""Fixtures that all tests share."""

from __future__ import annotations

import os

import pytest

from tests import fakes

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # read when it is first imported


@pytest.fixture
def fake_registry() -> None:
    """The fake suites, metrics and system, known by name."""
    fakes.register()
