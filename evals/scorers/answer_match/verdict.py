"""What a judge of an answer returns."""

from __future__ import annotations

from typing import Literal

import msgspec

Reason = Literal[
    "right",
    "absent",
    "negated",
    "stale",
    "alternative",
    "contradicted",
    "listed",
    "declined",
    "likely",
    "unlikely",
]


MOST_EVIDENCE = 200
"""Characters of a clause that are kept."""


class Verdict(msgspec.Struct, frozen=True):
    """``right`` or why not; ``said`` is the text that decided and ``expected`` the gold it was
    compared with, ``clause`` the sentence it stands in; ``stale`` says whether a superseded value
    was asserted.

    ``likely`` and ``unlikely`` are the model's verdicts, the others are those of rules.
    """

    right: bool
    reason: Reason
    said: str = ""
    stale: bool = False
    expected: str = ""
    clause: str = ""
