"""What a judge of one slot returns."""

from __future__ import annotations

from typing import Literal

import msgspec

Reason = Literal["right", "absent", "negated", "stale", "alternative", "contradicted", "listed"]


class Verdict(msgspec.Struct, frozen=True):
    """``right`` or why not; ``said`` is the text that decided, ``stale`` whether a superseded value was asserted."""

    right: bool
    reason: Reason
    said: str = ""
    stale: bool = False
