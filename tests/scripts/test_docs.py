"""The documentation: pages of a readable size, links that lead somewhere, generated pages up to
date, and commands that run.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from evals.cli.main import build_app
from scripts import write_cli

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
SIZE = 15_000
OVER = {"metrics.md", "cli.md", "security.md", "reliability.md"}
"""Still above the size for prose (metrics), generated (cli), or with owners of their own."""


def prose(page: Path) -> str:
    """A page without code blocks, tables and what a script writes."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return "\n".join(line for line in text.splitlines() if not line.startswith(("|", "    ")))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_no_page_is_longer_than_a_reader_reads(page: Path) -> None:
    assert page.name in OVER or len(prose(page).encode()) <= SIZE


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_no_table_has_more_than_forty_rows(page: Path) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", page.read_text(encoding="utf-8"), flags=re.M)
    assert max((table.count("\n") for table in tables), default=0) <= 42


def slug(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return kept.strip().replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        if anchor and there.suffix == ".md":
            heads = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), flags=re.M)
            assert anchor in map(slug, heads), target


def test_the_reference_of_the_command_line_is_up_to_date() -> None:
    assert write_cli.PAGE.read_text() == write_cli.page(), "run python scripts/write_cli.py"


def test_the_site_lists_every_page() -> None:
    nav = (ROOT / "mkdocs.yml").read_text().partition("nav:")[2]
    listed = set(re.findall(r"([\w-]+\.md)", nav))
    assert listed - {p.name for p in DOCS.glob("*.md")} == set()
    assert yaml.safe_load("nav:" + nav)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_of_the_docs_exist_with_their_options(page: Path) -> None:
    root = typer.main.get_command(build_app())
    for line in re.findall(r"^(?:\$ | {4})?(adaptbench [^\n#|&`]*)", page.read_text(), flags=re.M):
        words = shlex.split(re.split(r" {2,}|\\\\", line)[0], posix=False)[1:]
        command = root
        while hasattr(command, "commands") and words and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        known = {opt for param in command.params for opt in param.opts}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= known | {"--help"}, line


@pytest.mark.slow
def test_the_tutorial_runs_as_it_stands(tmp_path: Path) -> None:
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    for language, name in (("python", "bot.py"), ("toml", "bot.toml")):
        (code,) = re.findall(rf"```{language}\n# {name}\n(.*?)```", text, flags=re.S)
        (tmp_path / name).write_text(code)
    (tmp_path / "docs").symlink_to(DOCS)
    script = "set -e\n" + "".join(re.findall(r"```bash\n(.*?)```", text, flags=re.S))
    done = subprocess.run(
        ["bash", "-c", f'PATH="{Path(sys.executable).parent}:$PATH"\n{script}'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = re.findall(r"```text\n(.*?)```", text, flags=re.S)
    for line in "".join(shown).splitlines():
        if "e2e" not in line and "few_clusters" not in line and "headline" not in line:
            assert " ".join(line.split()) in " ".join(done.stdout.split()), line
