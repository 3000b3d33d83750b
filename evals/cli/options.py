"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Results = Annotated[Path, typer.Option("--results", metavar="DIR", help="Folder of stored runs and leaderboards.")]
PackName = Annotated[str, typer.Option("--pack", metavar="DIR", help="A pack's folder or a registered pack's name.")]

DEFAULT_RESULTS = Path("results")
