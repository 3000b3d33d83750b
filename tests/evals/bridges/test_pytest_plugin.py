from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.evals.analysis.families import run


def test_the_fixture_passes_and_fails(
    tmp_path: Path, assert_promotable: Callable[..., object]
) -> None:
    run(tmp_path, "old")
    run(tmp_path, "new", {"accuracy": 0.93})
    run(tmp_path, "bad", {"accuracy": 0.7})
    assert_promotable("new", "old", results=tmp_path)
    with pytest.raises(pytest.fail.Exception, match="REJECT"):
        assert_promotable("bad", "old", "default", results=tmp_path)
    assert_promotable("new", "old", "screen", results=tmp_path)
