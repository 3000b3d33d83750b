"""What a judge of one slot returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal["right", "absent", "negated", "stale", "alternative", "contradicted", "listed"]


@dataclass(frozen=True)
class Verdict:
    """``right`` or why not; ``said`` is the text that decided, ``stale`` whether a superseded value was asserted."""

    right: bool
    reason: Reason
    said: str = ""
    stale: bool = False
