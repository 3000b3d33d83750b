"""A metric's identity is its own: its module, what that imports, and the files that these read."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

import evals
from evals.core import identity
from evals.core.registry import METRICS
from evals.metrics.scoring import code_of

pytestmark = pytest.mark.slow

HOUSE = Path(evals.__file__).parent
MODULES: dict[str, set[str]] = defaultdict(set)
for _name, _target in METRICS.targets().items():
    if _target.startswith("evals."):
        MODULES[_target.partition(":")[0]].add(_name)

SHARED = {
    "evals.metrics.labels",
    "evals.metrics.structured",
    "evals.metrics.voice",
    "evals.metrics.on_brand_and_correct",
}
"""Families from which others are put together; an edit of any other is its own family's alone."""

Stale = Callable[[str, str], set[str]]


@pytest.fixture
def stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stale:
    """Adds text to a file in a copy of the sources; returns the metrics whose code is then
    another.
    """
    shutil.copytree(
        HOUSE, tmp_path / "evals", ignore=shutil.ignore_patterns("__pycache__", "report", "load")
    )
    monkeypatch.setattr(identity, "_folder_of", lambda top: tmp_path)
    digest = identity.source_digest.__wrapped__

    def codes() -> dict[str, str]:
        identity._parsed.cache_clear()
        return {
            name: digest(module, "evals") for module, names in MODULES.items() for name in names
        }

    def edit(file: str, text: str) -> set[str]:
        before = codes()
        with (tmp_path / file).open("a") as stream:
            stream.write(text)
        after = codes()
        return {name for name in before if before[name] != after[name]}

    return edit


@pytest.mark.parametrize("module", sorted(set(MODULES) - SHARED))
def test_a_comment_in_one_family_makes_only_that_family_stale(stale: Stale, module: str) -> None:
    assert stale(f"{module.replace('.', '/')}.py", "# edited\n") == MODULES[module]


def test_a_family_that_others_are_made_of_makes_these_stale_too(stale: Stale) -> None:
    assert stale("evals/metrics/voice.py", "# edited\n") == MODULES["evals.metrics.voice"] | {
        "on_brand_and_correct",
        "failure",
    }


@pytest.mark.parametrize(
    "file", ["evals/metrics/scoring.py", "evals/run/scoring.py", "evals/stats/bootstrap.py"]
)
def test_what_no_metric_imports_makes_nothing_stale(stale: Stale, file: str) -> None:
    assert stale(file, "# edited\n") == set()


@pytest.mark.parametrize(
    ("file", "some", "others"),
    [
        (
            "evals/scorers/groundedness/weights.json",
            {"groundedness"},
            {"accuracy", "voice", "unsupported"},
        ),
        ("evals/metrics/prices.toml", {"cost_per_1k", "api_cost_per_1k"}, {"e2e", "accuracy"}),
        ("evals/judge/ragas_worker.py", {"ragas_rubric"}, {"accuracy", "groundedness"}),
    ],
)
def test_weights_and_tables_belong_to_those_who_read_them(
    stale: Stale, file: str, some: set[str], others: set[str]
) -> None:
    found = stale(file, "\n")
    assert some <= found
    assert not others & found


@pytest.mark.parametrize("room", ["metrics", "scorers", "text"])
def test_every_file_that_a_metric_can_read_is_declared_beside_its_reader(room: str) -> None:
    files = {
        p
        for p in (HOUSE / room).rglob("*")
        if p.is_file() and p.suffix not in (".py", ".pyc", ".typed")
    }
    declared = set()
    for source in (HOUSE / room).rglob("*.py"):
        module = ".".join(source.relative_to(HOUSE.parent).with_suffix("").parts)
        found = identity._source(module)
        declared |= {source.parent / name for name in (found.data if found else ())}
    assert files == declared


def test_a_metric_without_a_source_has_no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.metrics.scoring.source_digest", _no_source)
    assert code_of("accuracy") == ""


def _no_source(*_: str) -> str:
    raise FileNotFoundError
