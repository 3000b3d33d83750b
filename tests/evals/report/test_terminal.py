"""What the terminal shows: within 80 columns where it is a table, without colour, the same when
piped.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ADAPTBENCH = str(Path(sys.executable).with_name("adaptbench"))


def summary(*arguments: str, cwd: Path) -> str:
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    done = subprocess.run(
        [ADAPTBENCH, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("leaderboard",),
        ("show", "hybrid"),
        ("show", "hybrid", "--item", "hallucination/00003"),
        ("compare", "rag", "hybrid"),
    ],
    ids=" ".join,
)
def test_no_escape_codes_and_no_stray_control_characters(
    results: Path, arguments: tuple[str, ...]
) -> None:
    text = summary(*arguments, "--results", str(results), cwd=results)
    assert text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_the_leaderboard_fits_80_columns(results: Path) -> None:
    text = summary("leaderboard", "--results", str(results), cwd=results)
    assert (
        max(len(line) for line in text.splitlines() if not line.startswith("leaderboard: ")) <= 80
    )


def test_show_names_every_answer_on_a_line_that_fits(results: Path) -> None:
    text = summary("show", "hybrid", "--results", str(results), cwd=results)
    lines = [line for line in text.splitlines() if line.startswith("domain_accuracy/")]
    assert len(lines) == 64
    assert max(map(len, lines)) <= 100


def test_report_prints_its_verdict_and_where_it_is(results: Path, tmp_path: Path) -> None:
    text = summary("report", "--results", str(results), "--out", "r.html", cwd=tmp_path)
    assert "is ahead of" in text
    assert "report: r.html" in text
    assert (tmp_path / "r.html").stat().st_size > 100_000


def test_report_without_runs_is_one_message(tmp_path: Path) -> None:
    done = subprocess.run(
        [ADAPTBENCH, "report"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert "no complete run is stored here" in done.stderr


def test_report_loads_no_model_library(results: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from evals.cli.main import run; "
        f"assert run(['report', '--results', {str(results)!r}, '--out', 'r.html']) == 0; "
        "assert not {'torch', 'transformers', 'faiss', 'sentence_transformers'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=tmp_path, env=environment, capture_output=True
    )
