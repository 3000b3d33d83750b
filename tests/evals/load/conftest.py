"""Where the public data sets are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def public_data() -> Path:
    """``$ADAPTBENCH_DATA``, else the folder beside the checkout; skips where there is none."""
    default = Path(__file__).parents[4] / "shared" / "data"
    folder = Path(os.environ.get("ADAPTBENCH_DATA", default))
    if not folder.is_dir():
        pytest.skip("no public data: set ADAPTBENCH_DATA")
    return folder
