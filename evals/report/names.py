"""Many names held tightly: their text in one block, and the row of each found without a table of
all of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import overload

from evals.core.identity import hash64


class Names(Sequence[str]):
    """A growing list of strings that takes their bytes and eight more for each."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("q")

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        start = self._ends[place - 1] if place else 0
        return self._text[start : self._ends[place]].decode()

    def append(self, name: str) -> None:
        """Add a name at the end."""
        self._text += name.encode()
        self._ends.append(len(self._text))


class Rows:
    """Numbers names in order of first appearance, over several passes through about the same names.

    Passes that keep the order of the first one, as runs of one plan do, cost eight bytes a name;
    others a table.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._known: dict[int, int] | None = None
        self._next = 0
        self._first = True

    def again(self) -> None:
        """A new pass begins."""
        self._first = self._first and not self._hashes
        self._next = 0

    def row(self, name: str) -> int:
        """The number of a name, a new one where it has none. In the first pass every name must be
        new.
        """
        key = hash64(name)
        if self._next < len(self._hashes) and self._hashes[self._next] == key:
            row = self._next
        elif self._first:
            row = len(self._hashes)
        else:
            if self._known is None:
                self._known = {known: place for place, known in enumerate(self._hashes)}
            row = self._known.setdefault(key, len(self._hashes))
        if row == len(self._hashes):
            self._hashes.append(key)
        self._next = row + 1
        return row
