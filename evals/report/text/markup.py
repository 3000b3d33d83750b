"""Markdown from untrusted names."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every cell is escaped."""
    lines: list[Sequence[str]] = [head, ["---"] * len(head), *body]
    return (
        "\n".join("| " + " | ".join(escape(cell) for cell in line) + " |" for line in lines) + "\n"
    )


def escape(text: str) -> str:
    """Untrusted names made harmless in Markdown and in the HTML it becomes."""
    flat = "".join(c if c.isprintable() else " " for c in text)
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("`", "\\`")):
        flat = flat.replace(char, entity)
    return flat


def notes_section(sentences: Sequence[str], heading: str = "## Notes") -> str:
    """A list of notes under its heading."""
    return f"{heading}\n\n" + "\n".join(f"- {escape(sentence)}" for sentence in sentences) + "\n"
