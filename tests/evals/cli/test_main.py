"""The command line: help that is quick and complete, one message per problem, documented exit
codes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evals.cli.main import run
from evals.core.registry import COMMANDS

HEAVY = (
    "torch",
    "transformers",
    "faiss",
    "sentence_transformers",
    "peft",
    "trl",
    "pandas",
    "matplotlib",
    "scipy",
)


def test_every_command_is_in_the_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in COMMANDS.names():
        assert f"  {name} " in shown
        assert run([name, "--help"]) == 0
        message = capsys.readouterr().out
        assert "Examples:" in message or "Commands:" in message, f"`{name} --help` shows no example"


@pytest.mark.slow
def test_a_reader_who_stops_early_ends_the_text_and_not_the_work(tmp_path: Path) -> None:
    code = (
        "import sys; from evals.cli.shared.pipes import outlive_readers; outlive_readers();from"
        " rich.console import Console;[(Console(width=9999).print('x' * 5000), print('y' * 5000,"
        f" flush=True)) for _ in range(20)];open({str(tmp_path / 'file')!r}, 'w').write('done');"
        " sys.exit(20)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as done:
        assert done.stdout is not None and done.stderr is not None
        assert done.stdout.read(1) == b"x"
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode == 20
    assert (tmp_path / "file").read_text() == "done"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from evals.cli.main import run; run(['--help']);"
        f"loaded = [m for m in {HEAVY!r} if m in sys.modules]; sys.exit(', '.join(loaded) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_derived_tables_load_no_model_library(tmp_path: Path) -> None:
    made = abstain(tmp_path)
    assert made == 0
    code = (
        "import sys; from evals.cli.main import run;run(['leaderboard', '--results',"
        f" {str(tmp_path)!r}]);loaded = [m for m in ('torch', 'transformers', 'faiss') if m in"
        " sys.modules]; sys.exit(', '.join(loaded) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "hybird"], 2, "did you mean hybrid"),
        (["run", "always_abstain", "--suite", "halucination"], 2, "did you mean hallucination"),
        (["run", "always_abstain", "--profile", "quikc"], 2, "did you mean quick"),
        (["run", "always_abstain", "--pack", "no/such/folder"], 2, "no such pack"),
        (["run", "always_abstain", "--limit", "0"], 2, "limit"),
        (["run", "missing.toml"], 2, "no such system file"),
        (["rn"], 2, "Did you mean"),
        (["list", "sistems"], 2, "did you mean systems"),
        (["show", "nothing"], 2, "no run is named"),
        (["leaderboard"], 3, "no complete run"),
    ],
)
def test_problems_are_one_message_with_an_exit_code(
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == code
    message = capsys.readouterr().err
    assert said in message
    assert "Traceback" not in message
    assert not (tmp_path / "results").exists() or not list(
        (tmp_path / "results").rglob("*.json*")
    ), "left something behind"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('kind = "adaptd"', "did you mean adapted"),
        ('kind = "adapted"\n[retriever]\nkk = 3', "kk"),
        ('kind = "adapted"\nmodel = "no-such-model"', "no-such-model"),
        ("kind = [", "not a readable TOML"),
    ],
)
def test_bad_system_file_is_a_usage_error(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    assert run(["run", str(path), "--results", str(tmp_path / "results"), "--limit", "1"]) == 2
    assert said in capsys.readouterr().err


def abstain(results: Path, *more: str) -> int:
    arguments = [
        "run",
        "always_abstain",
        "--results",
        str(results),
        "--suite",
        "hallucination",
        "--suite",
        "domain_accuracy",
    ]
    return run([*arguments, "--limit", "8", *more])


def test_run_leaves_a_leaderboard_that_people_and_programs_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert abstain(tmp_path) == 0
    shown = capsys.readouterr().out
    assert "right_minus_wrong" in shown
    rows = json.loads((tmp_path / "leaderboard.json").read_text())
    assert {
        "system",
        "suite",
        "track",
        "metric",
        "value",
        "low",
        "high",
        "n",
        "unscored",
        "run",
    } <= set(rows[0])
    headline = [r for r in rows if r["metric"] == "truthful" and r["track"] == "all"]
    assert [r["value"] for r in headline] == [0.0], "always refusing must not look truthful"
    for name in ("leaderboard.csv", "leaderboard.md"):
        assert "always_abstain" in (tmp_path / name).read_text()


def test_show_reads_a_run_and_one_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert abstain(tmp_path) == 0
    capsys.readouterr()
    assert run(["show", "always_abstain", "--results", str(tmp_path)]) == 0
    overview = capsys.readouterr().out
    item = next(
        line.split()[0] for line in overview.splitlines() if line.startswith("hallucination-")
    )
    assert run(["show", "always_abstain", "--results", str(tmp_path), "--item", item]) == 0
    answer = capsys.readouterr().out
    for label in ("question", "answer", "score"):
        assert f"\n{label} " in f"\n{answer}"
    assert run(["show", "always_abstain", "--results", str(tmp_path), "--item", "none"]) == 2


@pytest.mark.parametrize("kind", ["systems", "suites", "metrics", "models", "packs"])
def test_list_names_what_there_is(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", kind]) == 0
    wanted = {
        "systems": "hybrid",
        "suites": "brand_tone",
        "metrics": "voice",
        "models": "smollm2-135m",
        "packs": "default",
    }
    assert wanted[kind] in capsys.readouterr().out


def test_untrusted_text_cannot_drive_the_terminal() -> None:
    from evals.core.inert import plain

    assert (
        plain("a\x1b[31mb\u202ec\nd")
        == "a\N{REPLACEMENT CHARACTER}[31mb\N{REPLACEMENT CHARACTER}c d"
    )
    assert plain("x" * 50, 10) == "x" * 9 + "…"
