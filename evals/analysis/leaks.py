"""Whether test questions stand among the training questions."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

from evals.analysis.selection import pack_identity
from evals.core.errors import AdaptbenchError
from evals.core.paths import cache_dir
from evals.core.registry import pack_behind
from evals.core.store import StoredRun

_SPLIT = re.compile(r"[\W_]+")


def leaked_questions(run: StoredRun, training: Iterable[str]) -> int:
    """How many of the run's items ask, word for word, what a training example asks.

    Case, accents, punctuation and spacing do not count; a paraphrase does not match. Memory: 16
    bytes a training question. Raises DataError where the run's items cannot be read.
    """
    known = {_key(text) for text in training}
    return sum(_key(item.question) in known for item in run.items())


def _key(text: str) -> bytes:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return hashlib.blake2b(" ".join(_SPLIT.split(folded)).strip().encode(), digest_size=16).digest()


def training_questions(run: StoredRun) -> Iterator[str] | None:
    """The training questions of the run's pack, where that is at hand unchanged; else None."""
    try:
        known = run.manifest
        pack = pack_behind(run.path, known.pack_source, known.pack, cache_dir())
        if pack.identity != pack_identity(run.manifest):
            return None
    except AdaptbenchError:
        return None
    return (m.content for example in pack.examples() for m in example.messages if m.role == "user")
