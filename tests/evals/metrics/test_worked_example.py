"""The metric, the system and the suite that CONTRIBUTING.md adds work as they are written there, as
anybody's own package would bring them.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from evals.cli.main import build_app
from evals.core import registry
from evals.core.metric import MetricContext
from evals.core.registry import METRICS, SUITES, SystemConfig
from evals.core.schema import Item
from evals.metrics.scoring import NoPack, code_of
from evals.run.execute import RunSpec, execute
from tests.evals.metrics.build import item, said
from tests.evals.run.test_rescoring import suite
from tests.fakes import TinyPack

PAGE = Path(__file__).parents[3] / "CONTRIBUTING.md"
MODULES = ("shouting", "parrot", "tone_of_refusal")


def blocks(language: str) -> list[str]:
    """The page's code of one language, without its indentation."""
    found = re.findall(
        rf"^( *)```{language}\n(.*?)^ *```$", PAGE.read_text(), re.DOTALL | re.MULTILINE
    )
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in found]


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's files on the path, and their entry points installed."""
    for name, code in zip(MODULES, blocks("python"), strict=True):
        (tmp_path / f"{name}.py").write_text(code)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    groups: dict[str, dict[str, str]] = {}
    for text in blocks("toml"):
        groups |= tomllib.loads(text)["project"]["entry-points"]
    others = registry._entry_points
    points = {
        group: (*others(group), *(EntryPoint(name, value, group) for name, value in table.items()))
        for group, table in groups.items()
    }
    monkeypatch.setattr(
        registry, "_entry_points", lambda group: points[group] if group in points else others(group)
    )


class Asked(TinyPack):
    """A pack whose items belong to the page's suite."""

    def items(self, suite: str | None = None) -> Iterator[Item]:
        if suite in (None, "tone_of_refusal"):
            for one in super().items():
                yield msgspec.structs.replace(one, suite="tone_of_refusal")


@pytest.mark.usefixtures("added")
def test_the_page_s_system_runs_on_the_page_s_suite(tmp_path: Path) -> None:
    config = registry.system_config("parrot")
    run = execute(RunSpec(config, Asked(), tmp_path / "results", ("tone_of_refusal",)))
    assert all(response.text.startswith("What is ") for response in run.responses())
    values = [line.scores["shouting"].value for line in run.scores()]
    assert values
    assert all(value is not None and value < 0.2 for value in values)


@pytest.mark.usefixtures("added")
def test_it_scores_an_answer() -> None:
    one = METRICS.get("shouting")(MetricContext(NoPack()))
    assert (one.name, one.unit, one.bounds) == ("shouting", "share", (0.0, 1.0))
    score = one.score(item(), said("NO way"))
    assert (score.value, score.detail) == (0.4, {"letters": 5})
    assert one.score(item(), said("30 $")).unscored == "unparseable"
    assert code_of("shouting")


@pytest.mark.usefixtures("added")
def test_the_page_s_command_scores_by_it(tmp_path: Path) -> None:
    source, output = tmp_path / "answers.jsonl", tmp_path / "scores.jsonl"
    source.write_text(json.dumps({"id": 1, "response": "NO way"}) + "\n")
    (command,) = re.findall(r"`adaptbench (score shouting [^`]*)`", PAGE.read_text())
    named = {"answers.jsonl": str(source), "scores.jsonl": str(output)}
    done = CliRunner().invoke(build_app(), [named.get(word, word) for word in command.split()])
    assert done.exit_code == 0, done.output
    assert json.loads(output.read_text())["shouting"]["value"] == 0.4


@pytest.mark.usefixtures("added", "fake_registry")
def test_a_suite_that_names_it_scores_runs_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(monkeypatch, "shouting", "accuracy")
    assert SUITES.get("fake_suite").headline == "shouting"
    run = execute(RunSpec(SystemConfig("fake", "fake", {}), TinyPack(), tmp_path, ("fake_suite",)))
    assert run.manifest.metrics["shouting"].identity
    assert all(line.scores["shouting"].value is not None for line in run.scores())
