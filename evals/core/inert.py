"""Untrusted text made harmless, one function per form of output.

`plain` for a terminal, `escape` for Markdown (and what GitHub makes of it), `visible` for HTML,
where escaping is the template's, and `json_line` for JSON on a terminal. Names of packs, tracks,
items, systems and models, questions, answers and error messages are all untrusted.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Final

from evals.core.schema import encode
from evals.core.secrets import hide

_HIDDEN: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_MARKDOWN: Final = re.compile(
    r"[\\&<>|`]|(?<=\])[(\[:]|:(?=//)|(?<=www)\.|[@#](?=\w)", re.IGNORECASE
)
_WORKFLOW: Final = re.compile(r":(?=:[a-z-]+(?: [^:]*)?::)|#(?=#\[)")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", ".": "&#46;", ":": "&#58;"}
_APART: Final = "&#8203;"
"""A space without width: GitHub looks for mentions and issues after it has read the entities."""


def plain(text: object, limit: int | None = None) -> str:
    """One line that a terminal obeys in nothing: no escapes, directions or line breaks;
    without the secrets that are remembered.

    White space becomes a space, other characters that do not print U+FFFD; cut at ``limit``. What
    GitHub obeys at the start of a line in a log (``::error::``) gets a space, for a table may break
    its lines there.
    """
    whole = hide(text if isinstance(text, str) else str(text))
    cut = whole if limit is None or len(whole) <= limit else whole[: limit - 1] + "…"
    shown = cut if cut.isprintable() else "".join(map(_shown, cut))
    return _WORKFLOW.sub(r"\g<0> ", shown)


def _shown(char: str) -> str:
    return char if char.isprintable() else " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"


def say(*lines: object, err: bool = False) -> None:
    """Print each argument as one line, as `plain` makes it."""
    stream = sys.stderr if err else sys.stdout
    text = "\n".join(map(plain, lines))
    print(
        text.encode(stream.encoding or "utf-8", "replace").decode(stream.encoding or "utf-8"),
        file=stream,
        flush=True,
    )


def json_line(value: object) -> str:
    """A record as one line of JSON in which what does not print is escaped; it decodes to the
    same.
    """
    text = encode(value).decode()
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def escape(text: str) -> str:
    """One line of Markdown that shows the text: no HTML, link, image, code, mention of a person or
    an issue, or further cell of a table.

    Square brackets stay as they are, but nothing that makes a link of them can follow.
    """
    return _MARKDOWN.sub(_harmless, plain(text))


def _harmless(found: re.Match[str]) -> str:
    char = found[0]
    if char in "@#":
        return char + _APART
    return _ENTITIES.get(char) or f"\\{char}"


def visible(text: object) -> str:
    """The text with control, bidirectional and zero-width characters spelled out. Escaping is the
    template's.
    """
    return _HIDDEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", str(text))
