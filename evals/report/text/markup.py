"""Markdown from untrusted names."""

from __future__ import annotations

from collections.abc import Sequence

from evals.core.inert import escape


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every cell is escaped."""
    lines: list[Sequence[str]] = [head, ["---"] * len(head), *body]
    return (
        "\n".join("| " + " | ".join(escape(cell) for cell in line) + " |" for line in lines) + "\n"
    )


def notes_section(sentences: Sequence[str], heading: str = "## Notes") -> str:
    """A list of notes under its heading."""
    return f"{heading}\n\n" + "\n".join(f"- {escape(sentence)}" for sentence in sentences) + "\n"
