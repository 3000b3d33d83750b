"""The examples of docs/systems.md are systems as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evals.core.registry import read_config

DOCS = Path(__file__).parents[2] / "docs" / "systems.md"
BLOCKS = {
    name: text
    for _, name, text in re.findall(
        r"```(python|toml)\n# (\S+)\n(.*?)```", DOCS.read_text(), flags=re.DOTALL
    )
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the files of the page in it."""
    for name, text in BLOCKS.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", [name for name in BLOCKS if name.endswith(".toml")])
def test_each_file_describes_a_system(name: str) -> None:
    config = read_config(Path(name))
    assert config.build().name == config.name


def test_the_page_shows_all_three_kinds() -> None:
    assert {read_config(Path(name)).kind for name in BLOCKS if name.endswith(".toml")} == {
        "python",
        "http",
        "adapted",
    }
