"""How texts of a pack are compared: letter case, blanks, thousands separators and blanks in ``50
%`` aside.
"""

from __future__ import annotations

import re
from typing import Final

_JOINED: Final = re.compile(r"(?<=\d),(?=\d{3})|(?<=\d) (?=%)|(?<=[$€£¥]) (?=\d)")


def plain(text: str) -> str:
    """Lower case, single spaces, digit groups joined (``1,234`` is ``1234``), none before ``%`` or
    after a currency.
    """
    return _JOINED.sub("", " ".join(text.lower().split()))
