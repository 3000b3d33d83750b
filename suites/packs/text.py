"""How texts of a pack are compared: letter case, blanks and thousands separators aside."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """Lower case, single spaces, digit groups joined (``1,234`` is ``1234``)."""
    return re.sub(r"(?<=\d),(?=\d{3})", "", " ".join(text.lower().split()))
