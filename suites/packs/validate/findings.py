"""What a validator has to say: findings with their file and line, and the limits beyond which sizes
are absurd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Literal

from evals.core.schema import Record

Severity = Literal["error", "warning"]

MAX_TEXT: Final = 1_000_000
"""Longest text of a document, characters."""
MAX_QUESTION: Final = 20_000
"""Longest question, answer or reference, characters."""
MAX_ID: Final = 200
"""Longest id, characters."""


class Finding(Record, frozen=True, omit_defaults=False):
    """One defect. ``kind`` is stable and machine-readable; ``line`` is None where the whole file is
    meant.
    """

    kind: str
    severity: Severity
    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.severity}: {self.message} [{self.kind}]"


Report = Callable[[str, str, int | None, str], None]
"""(kind, file, line, message)."""

WARNINGS: Final = frozenset(
    (
        "control_character",
        "duplicate_document",
        "duplicate_question",
        "few_clusters",
        "few_voices",
        "no_document",
        "stray_file",
        "superseded_gold",
        "trained_user",
        "twin_missing",
        "unbalanced_strata",
        "unknown_suite",
        "unseen_document",
        "near_leak",
        "voice_unparallel",
    )
)
"""Kinds that make a pack weaker but not wrong."""


class Findings:
    """Collects findings, at most ``limit`` of each kind, and counts the rest."""

    def __init__(self, limit: int = 20) -> None:
        self.limit = limit
        self.kept: list[Finding] = []
        self.counts: dict[str, int] = {}

    def add(self, kind: str, file: str, line: int | None, message: str) -> None:
        """Note one defect; control characters in the message are made visible."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= self.limit:
            severity: Severity = "warning" if kind in WARNINGS else "error"
            self.kept.append(Finding(kind, severity, file, line, visible(message)))

    @property
    def errors(self) -> int:
        """How many defects are errors, those beyond the limit included."""
        return sum(n for kind, n in self.counts.items() if kind not in WARNINGS)

    @property
    def warnings(self) -> int:
        """How many defects are warnings, those beyond the limit included."""
        return sum(n for kind, n in self.counts.items() if kind in WARNINGS)

    def sorted(self) -> list[Finding]:
        """Errors first, then by file and line."""
        return sorted(self.kept, key=lambda f: (f.severity, f.file, f.line or 0, f.kind))


def visible(text: str, limit: int = 300) -> str:
    """The text with control characters replaced, cut to ``limit`` characters."""
    clean = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: limit + 1]
    )
    return clean if len(clean) <= limit else f"{clean[:limit]}…"


def first(items: Iterable[str], count: int = 3) -> str:
    """The first few names, comma-separated."""
    names = list(items)
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more


def relative(path: Path, root: Path) -> str:
    """The path as findings name it."""
    return path.relative_to(root).as_posix()
