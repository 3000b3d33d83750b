"""Defaults of options from `adaptbench.toml` in the current folder.

A table ``[defaults]`` holds for every command that has the option, a table named after a command
for that command alone; what is typed wins. Nested commands are nested tables (``[pack.stats]``).
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from evals.core.errors import UsageError
from evals.core.registry import COMMANDS

FILE: Final = "adaptbench.toml"
SHARED: Final = "defaults"
OWN: Final = "(own)"
"""Beside a command's values: which of them its own table names, so that each must be an option."""


def defaults(folder: Path) -> dict[str, Any]:
    """Values by command and parameter, as the command-line library takes them; empty without a
    file.

    Raises UsageError for a file that is no TOML, and for a table that names no command.
    """
    path = folder / FILE
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"not a readable TOML file: {error}", where=path) from error
    names = COMMANDS.names()
    for name, table in tables.items():
        if name not in (SHARED, *names) or not isinstance(table, dict):
            near = difflib.get_close_matches(name, [SHARED, *names], n=1)
            raise UsageError(
                "no table of a command",
                where=path,
                found=name,
                expected=f"[{SHARED}] or the name of a command",
                hint=f"did you mean [{near[0]}]?" if near else "`adaptbench --help` names them",
            )
    shared = _parameters(tables.pop(SHARED, {}))
    own = {name: _parameters(tables.get(name, {})) for name in names}
    return {name: {**shared, **own[name], OWN: tuple(own[name])} for name in names}


def _parameters(table: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they are typed (``train-minutes``) under the names of their parameters."""
    return {
        key.replace("-", "_"): _parameters(value) if isinstance(value, dict) else value
        for key, value in table.items()
    }
