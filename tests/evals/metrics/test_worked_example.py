"""The metric that CONTRIBUTING.md adds works as it is written there, as anybody's own package would
bring it.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.cli.main import build_app
from evals.core import registry
from evals.core.metric import MetricContext
from evals.core.registry import METRICS, SUITES, SystemConfig
from evals.metrics.scoring import NoPack, code_of
from evals.run.execute import RunSpec, execute
from tests.evals.metrics.build import item, said
from tests.evals.run.test_rescoring import suite
from tests.fakes import TinyPack

PAGE = Path(__file__).parents[3] / "CONTRIBUTING.md"
GROUP = "adaptbench.metrics"


def blocks(language: str) -> list[str]:
    """The page's code of one language, without its indentation."""
    found = re.findall(
        rf"^( *)```{language}\n(.*?)^ *```$", PAGE.read_text(), re.DOTALL | re.MULTILINE
    )
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in found]


@pytest.fixture
def shouting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's file on the path, and its entry point installed."""
    (code,) = blocks("python")
    (table,) = (tomllib.loads(text)["project"]["entry-points"][GROUP] for text in blocks("toml"))
    (tmp_path / "shouting.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shouting", raising=False)
    others = registry._entry_points
    installed = others(GROUP)
    points = (*installed, *(EntryPoint(name, value, GROUP) for name, value in table.items()))
    monkeypatch.setattr(
        registry, "_entry_points", lambda group: points if group == GROUP else others(group)
    )


@pytest.mark.usefixtures("shouting")
def test_it_scores_an_answer() -> None:
    one = METRICS.get("shouting")(MetricContext(NoPack()))
    assert (one.name, one.unit, one.bounds) == ("shouting", "share", (0.0, 1.0))
    score = one.score(item(), said("NO way"))
    assert (score.value, score.detail) == (0.4, {"letters": 5})
    assert one.score(item(), said("30 $")).unscored == "unparseable"
    assert code_of("shouting")


@pytest.mark.usefixtures("shouting")
def test_the_page_s_command_scores_by_it(tmp_path: Path) -> None:
    source, output = tmp_path / "answers.jsonl", tmp_path / "scores.jsonl"
    source.write_text(json.dumps({"id": 1, "response": "NO way"}) + "\n")
    (command,) = re.findall(r"`adaptbench (score shouting [^`]*)`", PAGE.read_text())
    named = {"answers.jsonl": str(source), "scores.jsonl": str(output)}
    done = CliRunner().invoke(build_app(), [named.get(word, word) for word in command.split()])
    assert done.exit_code == 0, done.output
    assert json.loads(output.read_text())["shouting"]["value"] == 0.4


@pytest.mark.usefixtures("shouting", "fake_registry")
def test_a_suite_that_names_it_scores_runs_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(monkeypatch, "shouting", "accuracy")
    assert SUITES.get("fake_suite").headline == "shouting"
    run = execute(RunSpec(SystemConfig("fake", "fake", {}), TinyPack(), tmp_path, ("fake_suite",)))
    assert run.manifest.metrics["shouting"].identity
    assert all(line.scores["shouting"].value is not None for line in run.scores())
