"""A picture with its title, what it says in words, and its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Figure:
    """``picture`` is None where the table itself is the picture (a heat map, whose cells then carry
    a level 0..9).

    ``folded`` tables open on demand; those of pictures always do.
    """

    id: str
    title: str
    caption: str
    head: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    picture: Markup | None = None
    levels: Sequence[Sequence[int | None]] = ()
    folded: bool = False
