"""How the command line itself looks: commands in groups, and ``--json`` with or without a file."""

from __future__ import annotations

import difflib
from typing import Any, Final

from typer.core import TyperCommand, TyperGroup

from evals.cli.shared.defaults import FILE, OWN
from evals.cli.shared.outputs import STDOUT
from evals.core.errors import UsageError

GROUPS: Final = {
    "Evaluate": ("run", "rescore", "score", "import", "retention", "show"),
    "Decide": ("leaderboard", "compare", "ladder", "gate", "plan", "report", "view"),
    "Serve": ("serve", "load", "cost"),
    "Data and people": ("pack", "label", "judge", "voice"),
    "Models": ("models", "train"),
    "Set-up": ("init", "doctor", "list"),
}
OTHER: Final = "More"
"""Commands of other packages."""


class Command(TyperCommand):
    """A command whose ``--json`` may stand alone: it then means standard output."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        takes_file = any(
            "--json" in param.opts and not getattr(param, "is_flag", False) for param in self.params
        )
        self._check_defaults(ctx)
        return super().parse_args(ctx, with_stdout(args) if takes_file else args)

    def _check_defaults(self, ctx: Any) -> None:
        """Raise UsageError where this command's table in adaptbench.toml names no option of it."""
        known = [param.name for param in self.params if param.name is not None]
        for name in (ctx.default_map or {}).pop(OWN, ()):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                raise UsageError(
                    f"`{self.name}` has no such option",
                    where=FILE,
                    found=name,
                    hint=f"did you mean {near[0]}?" if near else None,
                )


def with_stdout(args: list[str]) -> list[str]:
    """The arguments with ``-`` after every ``--json`` that no file follows."""
    found: list[str] = []
    for argument, after in zip(args, [*args[1:], "--"], strict=False):
        found.append(argument)
        if argument == "--json" and after != STDOUT and after.startswith("-"):
            found.append(STDOUT)
    return found


class Group(TyperGroup):
    """The root of the command line: its help lists the commands by what they are for."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        known = {name for names in GROUPS.values() for name in names}
        others = tuple(name for name in self.list_commands(ctx) if name not in known)
        for title, names in {**GROUPS, OTHER: others}.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            limit = 74 - max(map(len, names), default=0)
            rows = [(name, c.get_short_help_str(limit)) for name, c in found if c is not None]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
