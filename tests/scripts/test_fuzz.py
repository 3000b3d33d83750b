"""What the fuzz campaign found, and that the campaign runs."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.analysis.policy import read_policy
from evals.core.errors import AdaptbenchError
from evals.core.registry import read_config
from evals.core.traces.reader import Reader
from evals.load.goals import read_goals
from evals.metrics.rule_pass import read_rules
from scripts.fuzz import mutated, readers, tried

TOML: dict[str, Callable[[Path], object]] = {
    "rules": read_rules,
    "policies": lambda path: read_policy(str(path)),
    "systems": read_config,
    "goals": lambda path: read_goals(str(path)),
    "mappings": lambda path: Reader(path, mapping=path),
}


@pytest.mark.parametrize("kind", TOML)
@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = [", "\x00"])
def test_toml_that_nests_deeply_is_refused(tmp_path: Path, kind: str, text: str) -> None:
    file = tmp_path / "file.toml"
    file.write_text(text)
    with pytest.raises(AdaptbenchError):
        TOML[kind](file)


@pytest.mark.slow
def test_every_reader_takes_its_own_valid_input_and_what_is_made_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    chance = random.Random(0)
    for name, (seeds, one) in readers(tmp_path).items():
        for seed in seeds:
            assert tried(one, seed) is None, name
            assert tried(one, mutated(seed, chance)) is None, name
