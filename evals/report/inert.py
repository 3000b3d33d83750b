"""Untrusted text made visible and harmless before it meets a template, and our own scripts made
countable.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import Final

import msgspec
from markupsafe import Markup

_HIDDEN: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: object) -> str:
    """The text with control, bidirectional and zero-width characters spelled out. Escaping is the
    template's.
    """
    return _HIDDEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", str(text))


def data_json(value: object) -> Markup:
    """JSON for a data block: no character in it can end the block."""
    text = msgspec.json.encode(value).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704  nothing is left that HTML could read


def asset(*names: str) -> Markup:
    """Our own style sheet or scripts, one after the other."""
    folder = files("evals.report").joinpath("assets")
    return Markup("\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names))  # noqa: S704  own files


def policy(style: str, script: str, *, served: bool) -> str:
    """The Content-Security-Policy: exactly this style and this script, no network (only itself
    where served).
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "connect-src 'self'" if served else "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
