"""`adaptbench cost` on planted runs: the text, the files, the block of a document, and wrong
usage.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from typer.testing import CliRunner

from evals.cli.cost import cost
from evals.core.errors import AdaptbenchError, UsageError
from evals.core.store import open_run
from evals.load.goals import Goals
from evals.load.measure import measure
from evals.load.plan import LoadSpec
from evals.load.record import write_load
from evals.load.records import ClientReport, Observed
from evals.load.run import LoadResult, Target
from evals.load.sustain import Sustained
from evals.report.text.cost import BEGIN, END
from tests.evals.load.cost.planted import planted


def run(*arguments: str) -> str:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(cost)
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, AdaptbenchError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def results(tmp_path: Path) -> Path:
    planted(tmp_path, "finetuned", prompt=120)
    planted(tmp_path, "hybrid", prompt=900, seconds=2.0)
    planted(tmp_path, "rag", prompt=900, seconds=2.0)
    return tmp_path


def test_everything_that_is_assumed_is_printed(results: Path) -> None:
    message = run(
        "finetuned",
        "hybrid",
        "--compare",
        "gpt-4o-mini",
        "--price",
        "ours=0.5/1.5",
        "--api-tokens",
        "rag",
        "--utilisation",
        "0.2",
        "--training-hours",
        "3",
        "--queries",
        "50000",
        "--date",
        "2026-01-01",
        "--results",
        str(results),
        "--parameters",
        "134515008",
    )
    for part in (
        "20% of its capacity used",
        "cloud-2vcpu",
        "c6i.large",
        "$0.085 an hour",
        "spread over 50,000 queries",
        "gpt-4o-mini: $0.15 in",
        "ours: $0.5 in",
        "given by hand",
        "2.000 requests/s",
        "batch pass, no service goal checked",
        "tokenizer",
        "train the adapter again",
        "domain_accuracy slot_accuracy",
        "break-even utilisation",
    ):
        assert part in message, part


def test_files_and_document(results: Path, tmp_path: Path) -> None:
    page, data, figure = tmp_path / "cost.md", tmp_path / "cost.json", tmp_path / "cost.svg"
    page.write_text(f"# Cost\n\nbefore\n{BEGIN}\nold\n{END}\nafter\n")
    fixed = (
        "finetuned",
        "--results",
        str(results),
        "--date",
        "2026-01-01",
        "--document",
        str(page),
    )
    message = run(*fixed, "--json", str(data), "--plot", str(figure))
    once = page.read_text()
    assert once == f"# Cost\n\nbefore\n{BEGIN}\n{message.strip()}\n{END}\nafter\n"
    run(*fixed)
    assert page.read_text() == once
    rows = json.loads(data.read_text())["rows"]
    assert rows[0]["profile"]["system"] == "finetuned" and rows[0]["comparisons"][0]["ratio"] > 0
    assert ElementTree.parse(figure).getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (("--machine", "moon"), "no such machine"),
        (("--cached", "some"), "cached share"),
        (("--cached", "2"), "cached share"),
        (("--utilisation", "0"), "utilisation in"),
        (("--rate", "0"), "not a rate"),
        (("--rate", "rag=1"), "not a rate"),
        (("--compare", "no-such-model"), "no price is known"),
        (("--queries", "0", "--training-hours", "1"), "positive number of queries"),
        (("--document", "none.md"), "cannot be read"),
    ],
)
def test_wrong_usage(results: Path, extra: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run("finetuned", "--results", str(results), *extra)


def test_a_format_is_reported_before_the_runs_are_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pictures are SVG"):
        run("nobody", "--plot", str(tmp_path / "cost.bmp"), "--results", str(tmp_path))


def test_unknown_or_doubled_run(results: Path) -> None:
    with pytest.raises(UsageError, match="no run is named"):
        run("nobody", "--results", str(results))
    with pytest.raises(UsageError, match="twice"):
        run("finetuned", "finetuned-0", "--results", str(results))


def test_a_document_without_a_place(results: Path, tmp_path: Path) -> None:
    page = tmp_path / "cost.md"
    page.write_text("nothing here")
    with pytest.raises(UsageError, match="no place"):
        run("finetuned", "--results", str(results), "--document", str(page))
    assert page.read_text() == "nothing here"


def test_a_load_measurement_gives_the_rate(results: Path) -> None:
    seen = [
        Observed(f"r{n}", n / 10, n / 10, n / 10 + 0.1, n / 10 + 0.2, n / 10 + 0.2, 200, 3)
        for n in range(100)
    ]
    spec, goals = LoadSpec(rate=10.0, seconds=10.0, warm_up=0.0, cool_down=0.0), Goals(e2e=1.0)
    stored = open_run(results / "runs" / "finetuned-0123456789ab").manifest
    target = Target(
        "finetuned", stored.identity["system"], stored.pack, stored.identity["pack"]["identity"]
    )
    found = LoadResult(
        target,
        spec,
        goals,
        measure(seen, goals, start=0, end=10),
        ClientReport(100, 100, 10.0, 0.1),
        Sustained(7.5, 8.0, ()),
        stored.machine,
        {},
        "2026-01-01T00:00:00+00:00",
        "",
    )
    write_load(results, found, seen)
    message = run("finetuned", "--results", str(results), "--date", "2026-01-01")
    assert (
        f"finetuned: 7.500 requests/s: load run {found.run}: 95% within e2e <= 1000 ms" in message
    )
    by_hand = run("finetuned", "--results", str(results), "--rate", "3", "--date", "2026-01-01")
    assert "finetuned: 3.000 requests/s: given by hand" in by_hand


def test_the_command_that_makes_the_documents_table(results: Path, tmp_path: Path) -> None:
    """`make cost`, as the Makefile has it, on planted runs and a copy of the document."""
    planted(results, "base", prompt=300)
    root = Path(__file__).parents[4]
    recipe = (root / "Makefile").read_text().partition("\ncost:")[2].partition("\n\n")[0]
    words = shlex.split(recipe.partition("adaptbench cost ")[2].replace("\\\n", " "))
    page, figure = tmp_path / "cost.md", tmp_path / "cost.svg"
    page.write_text((root / "docs" / "cost.md").read_text())
    places = {"results/reference": results, "docs/cost.md": page, "docs/cost.svg": figure}
    run(*(str(places.get(word, word)) for word in words))
    text = page.read_text()
    assert text.count("| finetuned |") > 4 and "anthropic:claude-opus-5-5" in text
    assert "tests the claim that a small adapted model costs 10 to 50 times less" in text
    assert text.partition(BEGIN)[0] == (root / "docs" / "cost.md").read_text().partition(BEGIN)[0]
    assert figure.stat().st_size > 1000
