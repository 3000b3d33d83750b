"""What a page holds besides text: data that cannot end its block, and our own scripts, counted."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

import msgspec
from markupsafe import Markup


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
