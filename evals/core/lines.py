"""Random access to the lines of a run's files by item id, also while the file is still growing."""

from __future__ import annotations

from array import array
from pathlib import Path

import msgspec
import numpy as np

from evals.core.identity import hash64


class _Head(msgspec.Struct):
    """The id of a stored line under either of its names; the rest is skipped without being
    built.
    """

    item: str = ""
    id: str = ""


_HEAD = msgspec.json.Decoder(_Head)


class Lines:
    """Where each item's line stands in one JSON-lines file: 16 bytes a line, whatever its length.

    Only whole lines count: what a writer has not finished is seen at the next `update`. A missing
    file has no lines.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hashes = self._offsets = np.empty(0, dtype=np.int64)
        self._new = array("q"), array("q")
        self._end = 0
        self.update()

    def __len__(self) -> int:
        return len(self._hashes) + len(self._new[0])

    def update(self) -> int:
        """Read what was appended since the last time; return how many lines are new. Raises
        msgspec.DecodeError.
        """
        if not self.path.exists():
            return 0
        before = len(self)
        hashes, offsets = self._new
        with self.path.open("rb") as stream:
            stream.seek(self._end)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                if line.strip():
                    head = _HEAD.decode(line)
                    hashes.append(hash64(head.item or head.id))
                    offsets.append(self._end)
                self._end += len(line)
        return len(self) - before

    def offset(self, item: str) -> int | None:
        """Where this item's line begins, the first where there are several; None where there is
        none.
        """
        if len(self._new[0]):
            self._sort()
        key = hash64(item)
        place = int(np.searchsorted(self._hashes, key))
        return (
            int(self._offsets[place])
            if place < len(self._hashes) and self._hashes[place] == key
            else None
        )

    def find(self, item: str) -> bytes | None:
        """The line of this item, or None."""
        offset = self.offset(item)
        if offset is None:
            return None
        with self.path.open("rb") as stream:
            stream.seek(offset)
            return stream.readline()

    def _sort(self) -> None:
        """Put what is new among what is known, in the order of the hashes."""
        hashes = np.concatenate([self._hashes, np.frombuffer(self._new[0], dtype=np.int64)])
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._offsets = np.concatenate(
            [self._offsets, np.frombuffer(self._new[1], dtype=np.int64)]
        )[order]
        self._new = array("q"), array("q")
