"""The public API: a callable is a system, runs are stored and compared as by the command line."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import adaptbench
from adaptbench import Request, Response
from evals.analysis.compare import Comparison
from evals.api.systems import CallableSystem
from evals.cli.main import run as command
from evals.core.errors import AdaptbenchError, DataError, UsageError
from evals.core.registry import SystemConfig
from evals.core.roles import role_of
from tests.evals.report.planted import plant
from tests.fakes import TinyPack

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.usefixtures("fake_registry")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    plant(folder, count=16)
    return folder


def question(text: str) -> str:
    return f"about {text}"


def request(asked: Request) -> str:
    return f"{asked.id} at {asked.time}"


def record(asked: Request) -> Response:
    return Response("", text=asked.question)


def passages(text: str) -> Mapping[str, Any]:
    return {"text": text, "passages": [{"id": "p1", "text": "one"}]}


def failing(text: str) -> str:
    raise RuntimeError("no answer today")


class Bot:
    """An instance answers as well as a function."""

    def __call__(self, text: str) -> str:
        return "yes"


def asked(given: Any, results: Path, **options: Any) -> adaptbench.Runs:
    return adaptbench.evaluate(
        given, TinyPack(8), suites=["fake_suite"], results=results, **options
    )


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (question, "about What is 0?"),
        (request, "item0000 at 2025-06-01"),
        (record, "What is 0?"),
        (passages, "What is 0?"),
        (Bot(), "yes"),
    ],
)
def test_a_callable_is_a_system(tmp_path: Path, function: Callable[..., Any], text: str) -> None:
    runs = asked(function, tmp_path)
    answers = runs.responses().set_index("item")
    assert len(answers) == 8 and answers.loc["item0000"].text == text and answers.error.isna().all()
    assert (
        set(runs.scores().metric) == {"fake_metric", "fake_time"} and len(runs.leaderboard()) == 6
    )


def test_what_a_callable_raises_is_its_answers_failure(tmp_path: Path) -> None:
    assert set(asked(failing, tmp_path).responses().error) == {"exception"}


def test_the_decorator_keeps_the_function_and_takes_declarations(tmp_path: Path) -> None:
    @adaptbench.system(name="echo-1", role="control", about="says it again", takes="request")
    def echo(asked):  # type: ignore[no-untyped-def]
        return asked.question

    assert isinstance(echo, CallableSystem)
    assert echo(Request("i", "hello")) == "hello"
    (stored,) = asked(echo, tmp_path).stored
    assert (stored.manifest.system, role_of(stored.manifest)) == ("echo-1", "control")
    assert stored.manifest.about == "says it again"


def test_the_same_run_is_found_again_and_another_version_is_another_run(tmp_path: Path) -> None:
    names = [
        asked(adaptbench.system(question, version=v), tmp_path).stored[0].name
        for v in ("1", "1", "2")
    ]
    assert names[0] == names[1] != names[2]


def test_another_source_is_another_system(tmp_path: Path) -> None:
    def bot(text: str) -> str:
        return "one"

    first = asked(bot, tmp_path).stored[0].name

    def bot(text: str) -> str:  # type: ignore[no-redef]
        return "two"

    assert asked(bot, tmp_path).stored[0].name != first


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: adaptbench.system(lambda text: text), "a system name is letters"),
        (lambda: adaptbench.system(5), "made of a callable"),  # type: ignore[call-overload]
        (lambda: adaptbench.evaluate("hybird"), "did you mean hybrid"),
        (lambda: adaptbench.evaluate("hybrid", "no such pack"), "no such pack"),
        (lambda: adaptbench.score([{"id": 1}], ["answer_match"]), "not a record"),
        (lambda: adaptbench.score([], ["answer_macht"]), "did you mean answer_match"),
    ],
)
def test_mistakes_are_named(make: Callable[[], object], problem: str) -> None:
    with pytest.raises(AdaptbenchError, match=problem):
        make()


def test_a_registered_system_and_a_configuration_run(tmp_path: Path) -> None:
    config = SystemConfig("fake", "fake", {"window": 2})
    assert len(asked(config, tmp_path).responses()) == 8


def test_records_are_scored_one_row_a_metric() -> None:
    def records() -> Iterator[dict[str, Any]]:
        yield {"id": 1, "question": "When?", "response": "At 9.", "contexts": ["We open at 9."]}
        yield {"id": 2, "question": "When?", "response": "At 9."}

    found = adaptbench.score(records(), ["k_precision", "unsupported"]).set_index(["id", "metric"])
    assert len(found) == 4
    assert found.loc[(1, "k_precision")].value is not None
    assert found.loc[(2, "unsupported")].unscored == "not_applicable"


def test_runs_are_compared_and_reported_in_words(results: Path) -> None:
    (found,) = adaptbench.compare("rag", adaptbench.load_runs(results, ["hybrid"]), results=results)
    assert isinstance(found, Comparison) and found.candidate_system == "hybrid"
    assert adaptbench.markdown(found) == adaptbench.markdown([found])
    ladder = adaptbench.ladder(results=results)
    assert list(ladder.runs) == ["base", "rag", "finetuned", "hybrid"]
    verdict = adaptbench.gate("hybrid", "rag", results=results)
    assert verdict.outcome in adaptbench.markdown(
        verdict
    ) and "## The ladder" in adaptbench.markdown(ladder)


def test_the_ladder_finds_families_by_what_systems_declare(results: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one system of the family hybrid") as caught:
        plant_without_hybrid(tmp_path)
    assert "--hybrid RUN" in str(caught.value.hint)
    runs = adaptbench.load_runs(results, ["hybrid"])
    ladder = adaptbench.ladder({"hybrid": runs}, results=results)
    assert ladder.runs["hybrid"] == runs.stored[0].name


def plant_without_hybrid(folder: Path) -> None:
    from tests.evals.report.planted import FAMILY

    plant(folder, [system for system in FAMILY if system.name != "hybrid"], 16)
    adaptbench.ladder(results=folder)


def test_the_command_line_says_the_same(results: Path, tmp_path: Path) -> None:
    out = tmp_path / "compare.md"
    assert (
        command(["compare", "rag", "hybrid", "--results", str(results), "--markdown", str(out)])
        == 0
    )
    assert out.read_text() == adaptbench.markdown(
        adaptbench.compare("rag", "hybrid", results=results)
    )


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no complete run"):
        adaptbench.load_runs(tmp_path)


def test_everything_public_is_there_and_documented() -> None:
    for name in adaptbench.__all__:
        assert getattr(adaptbench, name).__doc__, name
    assert set(adaptbench.__all__) <= set(dir(adaptbench))
    with pytest.raises(AttributeError):
        adaptbench.nothing  # noqa: B018


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = "('numpy', 'pandas', 'torch')"
    code = (
        f"import sys, adaptbench; adaptbench.system; print([m for m in {heavy} if m in"
        " sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def example() -> str:
    """The README's Python example."""
    (found,) = re.findall(r"## From Python\n\n```python\n(.*?)```", README, flags=re.DOTALL)
    return str(found)


@pytest.mark.slow
def test_the_example_of_the_readme_runs(tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(example())
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert "hallucination" in done.stdout and "answer_match" in done.stdout
    assert [path.name for path in (tmp_path / "results" / "runs").glob("shop_bot-*")]
