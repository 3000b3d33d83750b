"""Fixtures that all tests share."""

from __future__ import annotations

import pytest

from tests import fakes


@pytest.fixture
def fake_registry() -> None:
    """The fake suites, metrics and system, known by name."""
    fakes.register()
