"""Random access to the lines of a run's files by item id, also while the file is still growing."""

from __future__ import annotations

from array import array
from pathlib import Path

import msgspec
import numpy as np

from evals.decide.columns import hash64


class _Head(msgspec.Struct):
    """The id of a stored line under either of its names; the rest is skipped without being built."""

    item: str = ""
    id: str = ""


_HEAD = msgspec.json.Decoder(_Head)


class Lines:
    """Where each item's line stands in one JSON-lines file: 16 bytes a line, whatever its length.

    Only whole lines count: what a writer has not finished is seen at the next `update`. A missing file has no lines.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hashes = array("q")
        self._offsets = array("q")
        self._end = 0
        self._sorted: tuple[np.ndarray, np.ndarray] | None = None
        self.update()

    def __len__(self) -> int:
        return len(self._offsets)

    def update(self) -> int:
        """Read what was appended since the last time; return how many lines are new. Raises msgspec.DecodeError."""
        if not self.path.exists():
            return 0
        before = len(self)
        with self.path.open("rb") as stream:
            stream.seek(self._end)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                if line.strip():
                    head = _HEAD.decode(line)
                    self._hashes.append(hash64(head.item or head.id))
                    self._offsets.append(self._end)
                self._end += len(line)
        self._sorted = None if len(self) > before else self._sorted
        return len(self) - before

    def find(self, item: str) -> bytes | None:
        """The line of this item, or None."""
        if not len(self):
            return None
        if self._sorted is None:
            hashes = np.frombuffer(self._hashes, dtype=np.int64).copy()
            order = np.argsort(hashes, kind="stable")
            self._sorted = hashes[order], order
        hashes, order = self._sorted
        place = int(np.searchsorted(hashes, hash64(item)))
        if place == len(hashes) or hashes[place] != hash64(item):
            return None
        with self.path.open("rb") as stream:
            stream.seek(self._offsets[int(order[place])])
            return stream.readline()
