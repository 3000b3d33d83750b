"""Names are found lazily, collisions and typos are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.cli.main import run
from evals.core.errors import UsageError
from evals.core.registry import (
    LISTED,
    Registry,
    load,
    open_pack,
    read_config,
    system_config,
    unknown,
)


def test_unknown_name_suggests(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean hybrid"):
        system_config("hybird")


def test_collision_is_refused() -> None:
    registry: Registry[object] = Registry("adaptbench.test", "thing")
    registry.add("a", "json:loads")
    registry.add("a", "json:loads")
    with pytest.raises(UsageError, match="registered twice"):
        registry.add("a", "json:dumps")


@pytest.mark.parametrize(
    "target", ["json", "json:", ":loads", "json:nothing", "no_such_module_here:x"]
)
def test_bad_target(target: str) -> None:
    with pytest.raises(UsageError):
        load(target, "thing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind = ", "not a readable TOML"),
        ("name = 'x'", "names its kind"),
        ("kind = 'adapted'\nname = '../up'", "letters, digits"),
        ("kind = 'adapted'\nabout = 5", "are strings"),
    ],
)
def test_bad_system_file(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(Exception, match=said):
        read_config(path)


def test_missing_system_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such system file"):
        system_config(str(tmp_path / "none.toml"))


def test_missing_pack(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such pack"):
        open_pack(str(tmp_path / "none"), tmp_path)


def test_a_wrong_setting_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    for text in ('kind = "adapted"\n[retriever]\nkind = "elastic"', 'kind = "no_such_kind"'):
        path.write_text(text)
        with pytest.raises(UsageError) as message:
            read_config(path).build()
        assert str(message.value).startswith(f"{path}: ")


def test_the_hint_is_a_command_that_lists_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    for noun in LISTED:
        message = unknown(noun, "qqqqqq", ["a"]).hint
        assert message is not None
        assert run(message.split("`")[1].split()[1:]) == 0
        assert capsys.readouterr().out
    assert unknown("profile", "qqqqqq", ["a"]).hint is None
