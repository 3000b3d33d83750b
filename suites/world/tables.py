"""The texts that describe the world: TOML files of this package's ``texts`` folder."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any


@cache
def table(name: str) -> Mapping[str, Any]:
    """One file, by its name without the ending; read once."""
    text = (
        importlib.resources.files("suites.world")
        .joinpath("texts", f"{name}.toml")
        .read_text(encoding="utf-8")
    )
    return tomllib.loads(text)
