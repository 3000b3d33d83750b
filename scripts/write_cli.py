"""Write docs/cli.md, the reference of the command line, from the commands themselves.

python scripts/write_cli.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from evals.cli.main import build_app
from evals.cli.shared.grouped import GROUPS
from evals.core.paths import write_atomic

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
HEAD = """# Command line

Written by `scripts/write_cli.py` from the commands. `adaptbench COMMAND --help` shows the same with
examples. `--json [FILE]` writes what a command found as JSON, to standard output without a file
(schemas: `docs/schemas/commands`). Completion: `adaptbench --install-completion`.

## adaptbench.toml

Defaults of options, read from the current folder; what is typed wins. `[defaults]` holds for every
command that has the option, a table named after a command for that command. A name that is no
option is an error.

```toml
[defaults]
results = "results"

[run]
pack = "pack"
profile = "full"
```
"""


def cell(text: str) -> str:
    """Text inside a table."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def section(name: str, command: Any) -> list[str]:
    """A command with its options; a group with its commands."""
    if hasattr(command, "commands"):
        return [
            line
            for child, inner in command.commands.items()
            for line in section(f"{name} {child}", inner)
        ]
    about = (command.help or "").split("\n\n")[0].replace("\n", " ").strip()
    lines = ["", f"### {name}", "", about, "", "| option | meaning |", "|---|---|"]
    for param in command.params:
        if param.name != "help" and not getattr(param, "hidden", False):
            names = ", ".join(f"`{opt}`" for opt in param.opts if opt.startswith("-"))
            shown = names or f"`{(param.metavar or param.name or '').upper()}`"
            lines.append(f"| {shown} | {cell(getattr(param, 'help', '') or '')} |")
    return lines


def page() -> str:
    """The whole page."""
    commands: Any = typer.main.get_command(build_app())
    lines = [HEAD]
    for title, names in GROUPS.items():
        lines += ["", f"## {title}"]
        for name in names:
            lines += section(name, commands.commands[name])
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write_atomic(PAGE, page())
