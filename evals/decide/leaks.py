"""Whether test questions stand among the training questions."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from evals.store import StoredRun

_SPLIT = re.compile(r"[\W_]+")


def leaked_questions(run: StoredRun, training: Iterable[str]) -> int:
    """How many of the run's items ask, word for word, what a training example asks.

    Case, accents, punctuation and spacing do not count; a paraphrase does not match. Memory: 16 bytes a training
    question. Raises DataError where the run's items cannot be read.
    """
    known = {_key(text) for text in training}
    return sum(_key(item.question) in known for item in run.items())


def _key(text: str) -> bytes:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return hashlib.blake2b(" ".join(_SPLIT.split(folded)).strip().encode(), digest_size=16).digest()
