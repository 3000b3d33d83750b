"""What docs/packs.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from suites.packs.commands import app
from suites.packs.public import SETS
from suites.packs.reader import FolderPack
from suites.packs.validate import validate
from suites.packs.validate.findings import WARNINGS

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "packs.md").read_text(encoding="utf-8")


def test_the_walk_through_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = DOCS / "examples" / "own"
    options = ["--questions", str(own / "questions.csv"), "--documents", str(own / "handbook")]
    result = CliRunner().invoke(app, ["import", "shop", *options, "--name", "Mill Bridge Cycles"])
    for line in result.stdout.splitlines()[:2]:
        assert line in TEXT
    found = validate(tmp_path / "shop")
    assert f"`{found.errors} errors, {found.warnings} warnings`" in TEXT


def test_every_kind_of_finding_is_listed_and_no_other() -> None:
    sources = "".join(
        p.read_text(encoding="utf-8") for p in (DOCS.parent / "suites/packs/validate").glob("*.py")
    )
    made = set(re.findall(r"(?:report|findings\.add)\(\s*\"(\w+)\"", sources))
    made |= set(re.findall(r"kind, message = \"(\w+)\"", sources)) | {
        "leak",
        "ngram_leak",
        "near_leak",
    }
    section = TEXT.split("## What the validator finds")[1].split("\\*")[0]
    listed = set(re.findall(r"`([a-z0-9_]+)`", section)) - {"adaptbench", "json"}
    assert made == listed
    assert set(re.findall(r"`(\w+)`\*", section)) == set(WARNINGS)


def test_every_public_set_is_listed() -> None:
    assert all(f"| {name} |" in TEXT for name in SETS)


def test_the_default_packs_figures(pack: FolderPack) -> None:
    facts = list(pack.facts())
    assert f"{round(len(facts), -2):,} facts" in TEXT
    assert f"{sum(1 for _ in pack.documents())} documents" in TEXT
    assert f"{round(sum(f.volatile for f in facts), -1)} may change" in TEXT
