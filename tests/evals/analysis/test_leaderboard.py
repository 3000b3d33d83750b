from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from evals.analysis.leaderboard import build
from evals.core.errors import DataError
from evals.core.judge import JudgeNote
from evals.core.schema import Score, Timings
from evals.core.store import SCORES, MetricNote, SuiteNote
from evals.report import leaderboard_files
from evals.report.text import leaderboard as leaderboard_text
from evals.report.text.notes import sentences
from evals.stats.clustered import clustered_mean
from tests.evals.analysis.synthetic import flips, line, rates, store


def test_rows_carry_value_interval_and_counts(tmp_path: Path) -> None:
    lines = rates(flips(80, 0.7), size=4) + rates(flips(20, 0.4), track="freshness")
    board = build([store(tmp_path, "rag", lines)])
    row = board.find("rag", "qa", "accuracy", "freshness")
    assert row is not None
    assert (row.n, row.clusters, row.headline, row.better) == (20, 20, True, "higher")
    assert row.low is not None and row.value is not None and row.high is not None
    assert row.low < row.value < row.high


def test_the_track_all_is_computed_from_the_items_not_from_the_tracks(tmp_path: Path) -> None:
    """lm-eval took a group's stderr as the mean of its subtasks' and pooled it for unweighted
    groups.
    """
    a, b = flips(80, 0.7), flips(20, 0.4)
    board = build([store(tmp_path, "rag", rates(a, size=4) + rates(b, track="freshness"))])
    clusters = np.array([f"a{k // 4}" for k in range(80)] + [f"b{k}" for k in range(20)])
    expected = clustered_mean(np.array(a + b), clusters, (0.0, 1.0))
    row = board.find("rag", "qa", "accuracy")
    assert row is not None
    assert (row.value, row.low, row.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )
    parts = [board.find("rag", "qa", "accuracy", t) for t in ("facts", "freshness")]
    width = row.high - row.low  # type: ignore[operator]
    assert abs(width - np.mean([p.high - p.low for p in parts if p])) > 0.01  # type: ignore[operator]


def test_unscored_items_are_counted_and_change_no_value(tmp_path: Path) -> None:
    lines = rates([1.0, 1.0, 0.0])
    lines += [
        line("x", {"accuracy": Score(unscored="system_error")}),
        line("y", {"accuracy": Score(unscored="no_gold")}),
    ]
    row = build([store(tmp_path, "rag", lines)]).find("rag", "qa", "accuracy")
    assert row is not None
    assert row.value == pytest.approx(2 / 3)
    assert (row.n, row.unscored) == (3, {"no_gold": 1, "system_error": 1})


def test_nothing_scored_is_null_not_zero(tmp_path: Path) -> None:
    lines = [line(f"x{k}", {"accuracy": Score(unscored="no_context")}) for k in range(5)]
    board = build([store(tmp_path, "rag", lines)])
    row = board.find("rag", "qa", "accuracy")
    assert row is not None
    assert (row.value, row.low, row.high, row.n) == (None, None, None, 0)
    leaderboard_files.write(board, tmp_path)
    loaded = json.loads((tmp_path / "leaderboard.json").read_text())
    assert loaded[0]["value"] is None and loaded[0]["unscored"] == {"no_context": 5}


@pytest.mark.parametrize("kind", ["cached", "throughput"])
def test_latency_that_was_not_measured_is_refused(tmp_path: Path, kind: str) -> None:
    lines = rates([0.2] * 70, metric="e2e_p95", suite="speed")
    timings = Timings(kind, total=0.2)  # type: ignore[arg-type]
    board = build(
        [
            store(
                tmp_path,
                "rag",
                lines,
                timings=lambda li: timings if li.item.endswith("-3") else Timings("latency"),
            )
        ]
    )
    row = board.find("rag", "speed", "e2e_p95")
    assert row is not None
    assert row.value is None and row.unscored == {"not_measured": 70}
    assert any("refused" in note and kind in note for note in sentences(board.notes))


def test_measured_latency_is_shown(tmp_path: Path) -> None:
    lines = rates(np.linspace(0.1, 0.4, 70), metric="e2e_p95", suite="speed")
    metrics = {"e2e_p95": MetricNote("lower", "p95")}
    row = build([store(tmp_path, "rag", lines, metrics=metrics)]).find("rag", "speed", "e2e_p95")
    assert row is not None and row.value is not None and row.high is not None


def test_tampered_runs_are_left_out_and_named(tmp_path: Path) -> None:
    good = store(tmp_path, "rag", rates([1.0, 0.0, 1.0]))
    bad = store(tmp_path, "base", rates([0.0, 0.0, 0.0]))
    file = bad.path / SCORES
    file.write_bytes(file.read_bytes().replace(b'"value":0.0', b'"value":1.0'))
    board = build([good, bad])
    assert {r.system for r in board.rows} == {"rag"}
    assert any("base" in note and "edited" in note for note in sentences(board.notes))
    with pytest.raises(DataError, match="edited"):
        build([bad])


def test_the_newest_run_of_each_system_and_suite_stands(tmp_path: Path) -> None:
    old = store(tmp_path, "rag", rates([0.0] * 9), finished="2026-01-01", name="rag-old")
    new = store(tmp_path, "rag", rates([1.0] * 9), finished="2026-01-03", name="rag-new")
    other = store(
        tmp_path,
        "rag",
        rates([0.2] * 70, metric="e2e_p95", suite="speed"),
        finished="2026-01-04",
        name="rag-s",
    )
    board = build([new, other, old])
    found = {(r.suite, r.run) for r in board.rows}
    assert found == {("qa", "rag-new"), ("speed", "rag-s")}
    assert any("rag-old" in note for note in sentences(board.notes))


def test_packs_and_profiles_are_never_mixed(tmp_path: Path) -> None:
    a = store(
        tmp_path, "rag", rates([1.0] * 9), pack_identity="one", finished="2026-01-01", name="a"
    )
    b = store(
        tmp_path, "base", rates([1.0] * 9), pack_identity="two", finished="2026-01-02", name="b"
    )
    c = store(
        tmp_path,
        "hybrid",
        rates([1.0] * 9),
        pack_identity="two",
        profile="full",
        finished="2026-01-01",
        name="c",
    )
    board = build([a, b, c])
    assert {r.run for r in board.rows} == {"b"}
    assert sum("another kind" in note for note in sentences(board.notes)) == 2
    assert {r.run for r in build([a, b, c], profile="full").rows} == {"c"}
    assert {r.run for r in build([a, b, c], pack="one").rows} == {"a"}
    with pytest.raises(DataError, match="no run can be shown"):
        build([a, b, c], pack="three")


def test_an_item_scored_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="twice"):
        build([store(tmp_path, "rag", [*rates([1.0, 0.0]), *rates([1.0])])])


def test_estimators_get_their_details(tmp_path: Path) -> None:
    labels = [("a", "a"), ("b", "a"), ("b", "b"), ("a", "b"), ("c", "c")] * 10
    lines = [
        line(f"i{k}", {"f1": Score(value=float(g == p), detail={"gold": g, "predicted": p})})
        for k, (g, p) in enumerate(labels)
    ]
    lines.append(line("odd", {"f1": Score(value=1.0)}))
    run = store(
        tmp_path,
        "rag",
        lines,
        suites={"qa": SuiteNote("f1", ("f1",), ("facts",))},
        metrics={"f1": MetricNote("higher", "macro_f1")},
    )
    row = build([run]).find("rag", "qa", "f1")
    assert row is not None and row.value is not None
    assert row.value == pytest.approx((0.5 + 0.5 + 1) / 3)
    assert row.unscored == {"unparseable": 1}


def test_files_hold_the_same_figures(tmp_path: Path) -> None:
    runs = [
        store(tmp_path, s, rates(flips(60, p), size=3)) for s, p in (("rag", 0.8), ("=cmd|x", 0.3))
    ]
    board = build(runs)
    files = leaderboard_files.write(board, tmp_path)
    assert [f.name for f in files] == [
        "leaderboard.json",
        "leaderboard.csv",
        "leaderboard.md",
        "leaderboard.parquet",
    ]
    rows = json.loads(files[0].read_text())
    keys = {"system", "suite", "track", "metric", "value", "low", "high", "n", "unscored", "run"}
    assert all(keys <= set(r) for r in rows)
    table = list(csv.DictReader(io.StringIO(files[1].read_text())))
    assert [float(r["value"]) for r in table] == [r["value"] for r in rows]
    assert any(r["system"] == "'=cmd|x" for r in table)
    text = files[2].read_text()
    assert "=cmd\\|x" in text and "[" in text


def test_the_terminal_table_fits_80_columns_piped_and_without_colour(tmp_path: Path) -> None:
    runs = [
        store(tmp_path, f"{'long-' * 6}{s}", rates(flips(60, p)))
        for s, p in (("rag", 0.8), ("base", 0.3))
    ]
    out = io.StringIO()
    leaderboard_text.render(build(runs), Console(file=out, width=80))
    text = out.getvalue()
    assert "\x1b" not in text
    assert max(len(row) for row in text.splitlines() if not row.startswith(("note", "pack"))) <= 80
    assert text.index("rag") < text.index("base")
    assert "[0." in text


@pytest.mark.parametrize("calibrated", [True, False])
def test_the_standing_of_a_judge_stands_beside_its_figures_everywhere(
    tmp_path: Path, calibrated: bool
) -> None:
    """A reader of one file alone, without the notes, must see that nobody checked the judge."""
    judge = JudgeNote(
        "gpt-9", calibrated, "" if calibrated else "never measured against people", 0.8, 200
    )
    judged = store(
        tmp_path,
        "rag",
        rates(flips(40, 0.7), metric="rubric"),
        suites={"qa": SuiteNote("rubric", ("rubric",), ("facts",))},
        metrics={"rubric": MetricNote("higher", "mean", judge=judge)},
    )
    board = build([judged])
    standing = "calibrated" if calibrated else "uncalibrated"
    assert {row.judge for row in board.rows} == {standing}
    leaderboard_files.write(board, tmp_path)
    with (tmp_path / "leaderboard.csv").open() as stream:
        assert {row["judge"] for row in csv.DictReader(stream)} == {standing}
    assert {row["judge"] for row in json.loads((tmp_path / "leaderboard.json").read_text())} == {
        standing
    }
    assert set(pq.read_table(tmp_path / "leaderboard.parquet")["judge"].to_pylist()) == {standing}
    assert (tmp_path / "leaderboard.md").read_text().count(f"rubric ({standing} judge) ↑") == 2
    console = Console(file=io.StringIO(), width=100)
    leaderboard_text.render(board, console)
    assert f"rubric ({standing} judge)" in console.file.getvalue()  # type: ignore[attr-defined]
    plain = build([store(tmp_path, "base", rates(flips(40, 0.7)))])
    assert {row.judge for row in plain.rows} == {""}


def test_a_run_dated_in_the_future_wins_over_none(tmp_path: Path) -> None:
    """A clock that was wrong, or a hand, must not decide for good which run speaks."""
    now = store(tmp_path, "rag", rates([1, 1, 0, 1]))
    later = store(
        tmp_path, "rag", rates([0, 0, 0, 0]), name="rag-later", finished="2999-01-01T00:00:00+00:00"
    )
    board = build([now, later])
    assert {row.run for row in board.rows} == {now.name}
    assert f"{later.name} is dated in the future: it counts as the oldest run" in sentences(
        board.notes
    )
