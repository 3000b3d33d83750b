"""Frames hold what is stored, missing stays missing, and the example notebook runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import adaptbench
from evals.analysis.leaderboard import build
from evals.core.errors import DataError, UsageError
from tests.evals.report.planted import plant

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames")
    plant(folder, count=16)
    return folder


def test_every_frame_has_what_is_stored(results: Path) -> None:
    runs = adaptbench.load_runs(results)
    assert len(runs.manifests()) == 7
    assert len(runs.items()) == 64
    assert len(runs.responses()) == 7 * 64
    assert set(runs.passages().system) == {"rag", "hybrid", "copy_top_passage", "oracle"}
    assert len(runs.leaderboard()) == len(build(runs.stored).rows)


def test_a_missing_score_is_missing_with_its_reason(results: Path) -> None:
    scores = adaptbench.load_runs(results, ["base"]).scores()
    recall = scores[scores.metric == "recall_at_k"]
    assert recall.value.isna().all()
    assert set(recall.unscored) == {"no_context"}


def test_names_that_fit_nothing(results: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run is named"):
        adaptbench.load_runs(results, ["nobody"])
    with pytest.raises(DataError, match="no complete run"):
        adaptbench.load_runs(tmp_path)


@pytest.mark.slow
def test_the_example_notebook_runs(results: Path, tmp_path: Path) -> None:
    source = ROOT / "docs" / "notebooks" / "stored_runs.ipynb"
    assert all(not cell.get("outputs") for cell in nbformat.read(source, 4).cells)
    copy = tmp_path / "notebook.ipynb"
    copy.write_bytes(source.read_bytes())
    command = [str(Path(sys.executable).with_name("jupyter-execute")), "--inplace", str(copy)]
    done = subprocess.run(
        command,
        env={**os.environ, "ADAPTBENCH_RESULTS": str(results), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    cells = [cell for cell in nbformat.read(copy, 4).cells if cell.cell_type == "code"]
    assert all(cell.outputs for cell in cells)


@pytest.mark.slow
def test_frames_load_no_model_library(results: Path) -> None:
    code = (
        f"import sys, adaptbench; adaptbench.load_runs({str(results)!r}).leaderboard(); "
        "assert not {'torch', 'transformers', 'faiss'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
