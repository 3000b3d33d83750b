"""Runs that differ only in their seed are one system everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from adaptbench import compare, gate
from evals.analysis.leaderboard import build
from evals.analysis.selection import method_of
from evals.api.decide import system_run
from evals.core.store import StoredRun, seal, stored_runs, write_manifest
from evals.report.text.compare import sentence
from evals.report.text.notes import sentences
from tests.evals.analysis.families import run
from tests.evals.analysis.synthetic import rates, store


def trained(root: Path, system: str, level: float, seed: int, **more: Any) -> StoredRun:
    rng = np.random.default_rng([seed, int(100 * level)])
    lines = rates([float(v) for v in rng.random(200) < level])
    return store(root, system, lines, seed=seed, name=f"{system}-{seed}", **more)


def adapter(run: StoredRun, **from_: Any) -> StoredRun:
    """The run with an adapter in its identity, sealed again."""
    system = {**run.manifest.identity["system"], "adapter": {"hash": run.name, "from": from_}}
    manifest = msgspec.structs.replace(
        run.manifest, identity={**run.manifest.identity, "system": system}
    )
    write_manifest(run.path, msgspec.structs.replace(manifest, seal=seal(manifest)))
    return StoredRun(run.path, manifest)


def test_a_rerun_with_another_seed_joins_the_system(tmp_path: Path) -> None:
    runs = [trained(tmp_path, "finetuned", 0.5 + seed / 10, seed) for seed in range(3)]
    board = build(runs)
    row = board.find("finetuned", "qa", "accuracy")
    each = [build([run]).find("finetuned", "qa", "accuracy") for run in runs]
    values = [r.value for r in each if r is not None and r.value is not None]
    assert row is not None and row.value is not None
    assert row.value == pytest.approx(np.mean(values)) and len(values) == 3
    alone = each[0]
    assert alone is not None and None not in (row.low, row.high, alone.low, alone.high)
    assert row.high - row.low > alone.high - alone.low  # type: ignore[operator]
    assert "intervals over items and the seeds 0, 1, 2" in " ".join(sentences(board.notes))


def test_one_seed_of_a_trained_system_speaks_of_this_adapter(tmp_path: Path) -> None:
    runs = [trained(tmp_path, "finetuned", 0.5, 0), trained(tmp_path, "base", 0.4, 0)]
    notes = sentences(build(runs).notes)
    assert [note.startswith("finetuned: this adapter") for note in notes] == [True]


def test_other_settings_are_another_system_and_the_older_one_is_named(tmp_path: Path) -> None:
    first = trained(tmp_path, "finetuned", 0.5, 0, finished="2026-01-01T00:00:00+00:00")
    trained(tmp_path, "finetuned", 0.5, 1, decode="sampled")
    board = build(stored_runs(tmp_path))
    assert f"run {first.name} left out: there is a newer run of finetuned" in sentences(board.notes)


def test_the_method_is_everything_but_the_seed_and_what_it_trained(tmp_path: Path) -> None:
    one = adapter(trained(tmp_path, "finetuned", 0.5, 0), data="d", seed=0, init="a")
    two = adapter(trained(tmp_path, "finetuned", 0.5, 1), data="d", seed=1, init="b")
    other = adapter(trained(tmp_path, "finetuned", 0.5, 2), data="e", seed=2, init="b")
    assert method_of(one.manifest) == method_of(two.manifest) != method_of(other.manifest)


def test_a_systems_name_stands_for_all_its_seeds_and_a_runs_name_for_itself(
    tmp_path: Path,
) -> None:
    for seed in range(3):
        trained(tmp_path, "new", 0.8, seed)
    old = trained(tmp_path, "old", 0.4, 0)
    assert [run.manifest.seed for run in system_run(tmp_path, "new").seeds] == [0, 1]
    (found,) = compare(old, "new", results=tmp_path)
    (alone,) = compare(old, "new-0", results=tmp_path)
    axis = next(a for a in found.axes if a.track == "all")
    assert len(axis.candidate_seeds) == 3 and len(axis.baseline_seeds) == 1
    assert axis.candidate == pytest.approx(np.mean(axis.candidate_seeds))
    assert "by seed" in sentence(axis)
    assert all(len(a.candidate_seeds) == 1 for a in alone.axes)


def test_a_gate_tests_the_method_where_it_is_named(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        'name = "p"\nabout = "x"\n[[axis]]\nsuite = "domain_accuracy"\nmetric = "accuracy"\n'
        "margin = 0.05\nsuperiority = true\n",
        encoding="utf-8",
    )
    for seed, level in enumerate((0.9, 0.7, 0.95)):
        run(tmp_path, "new", {"accuracy": level}, seed=seed, name=f"new-{seed}")
    old = run(tmp_path, "old", {"accuracy": 0.7})
    found = gate("new", old, policy, results=tmp_path)
    alone = gate("new-2", old, policy, results=tmp_path)
    assert alone.outcome == "PROMOTE"
    assert found.outcome == "INCONCLUSIVE"
