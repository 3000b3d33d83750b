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


def test_a_bad_policy_or_run_is_one_message(
    tmp_path: Path, assert_promotable: Callable[..., object]
) -> None:
    run(tmp_path, "old")
    policy = tmp_path / "mine.toml"
    policy.write_text('name = "mine"\n[[gate]]\nsuite = "domain_acuracy"\nmetric = "accuracy"\n')
    for given in (("old", "old", str(policy)), ("none", "old"), ("old", "old", "defualt")):
        with pytest.raises(pytest.fail.Exception) as failed:
            assert_promotable(*given, results=tmp_path)
        assert failed.value.pytrace is False
        assert "Traceback" not in str(failed.value)
