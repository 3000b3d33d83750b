"""Packs from Python."""

from __future__ import annotations

from pathlib import Path

from evals.core import interfaces, registry
from evals.core.paths import cache_dir


class Pack:
    """A company's documents, questions, examples and voice: `open` gives what `evaluate` and
    `score` read.
    """

    @staticmethod
    def open(reference: str | Path = "default") -> interfaces.Pack:
        """The pack behind a registered name (generated at first use) or a folder.

        Raises UsageError where neither exists, DataError where the folder is no sound pack.
        """
        return registry.open_pack(str(reference), cache_dir())
