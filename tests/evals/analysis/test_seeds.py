from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.analysis.seeds import compare_seeds
from evals.cli.main import run
from evals.core.errors import DataError
from evals.core.store import StoredRun
from evals.report.text.seeds import markdown
from tests.evals.analysis.synthetic import rates, store


def trained(root: Path, system: str, level: float, seed: int) -> StoredRun:
    rng = np.random.default_rng([seed, int(100 * level)])
    lines = rates([float(v) for v in rng.random(200) < level])
    return store(root, system, lines, seed=seed, name=f"{system}-{seed}")


def test_runs_are_paired_by_seed_and_the_spread_is_reported(tmp_path: Path) -> None:
    runs = [
        trained(tmp_path, name, p, seed)
        for seed in (0, 1, 2)
        for name, p in (("new", 0.8), ("old", 0.4))
    ]
    found = compare_seeds([*runs, trained(tmp_path, "new", 0.8, 7)], "new", "old")
    axis = found.axes[0]
    assert found.seeds == (0, 1, 2)
    assert (axis.suite, axis.track) == ("qa", "all")
    assert axis.differences == pytest.approx(
        [c - b for c, b in zip(axis.candidate, axis.baseline, strict=True)]
    )
    assert axis.difference == pytest.approx(np.mean(axis.differences))
    assert axis.deviation == pytest.approx(np.std(axis.differences, ddof=1))
    assert axis.low is not None and axis.low > 0
    assert "Seeds 0, 1, 2" in markdown(found)


def test_one_common_seed_is_refused_with_the_hint(tmp_path: Path) -> None:
    runs = [
        trained(tmp_path, "new", 0.8, 0),
        trained(tmp_path, "new", 0.8, 1),
        trained(tmp_path, "old", 0.4, 0),
    ]
    with pytest.raises(DataError, match="same two seeds"):
        compare_seeds(runs, "new", "old")


def test_the_command_prints_the_table_and_writes_both_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (0, 1):
        trained(tmp_path, "new", 0.8, seed)
        trained(tmp_path, "old", 0.4, seed)
    page, data = tmp_path / "seeds.md", tmp_path / "seeds.json"
    folders = ["--results", str(tmp_path), "--markdown", str(page), "--json", str(data)]
    assert run(["seeds", "new", "old", *folders]) == 0
    assert page.read_text(encoding="utf-8").strip() == capsys.readouterr().out.strip()
    assert '"seeds": [' in data.read_text(encoding="utf-8")
