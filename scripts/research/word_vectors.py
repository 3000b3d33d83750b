"""A vector for each of many words: what a language model reads of a word before it reads any text.

Scripts that fit metrics use them so that words without a labelled example take their weight from their like.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evals.core.errors import DataError
from systems import models

Floats = NDArray[np.float64]


def word_vectors(words: Sequence[str], reference: str = models.DEFAULT_LM) -> dict[str, Floats]:
    """The mean input embedding of each word's tokens, of length one and less the mean over the words; shape (width,).

    The word is read as inside a sentence, after a blank. Raises DataError for a model without input embeddings, and as
    `models.ready`.
    """
    from safetensors import safe_open
    from tokenizers import Tokenizer

    folder = models.ready(reference)
    read = Tokenizer.from_file(str(folder / "tokenizer.json"))
    with safe_open(str(folder / "model.safetensors"), framework="pt") as weights:
        names = [name for name in weights.keys() if name.endswith("embed_tokens.weight")]  # noqa: SIM118
        if not names:
            raise DataError(
                "a model without input embeddings", where=str(folder), way_out="name a causal language model"
            )
        table = weights.get_tensor(names[0]).double().numpy()
    table = (table - table.mean(axis=0)) / table.std()
    tokens = {word: read.encode(f" {word}", add_special_tokens=False).ids for word in words}
    found = {word: table[ids].mean(axis=0) for word, ids in tokens.items()}
    unit = {word: vector / max(float(np.linalg.norm(vector)), 1e-9) for word, vector in found.items()}
    centre = np.mean(list(unit.values()), axis=0) if unit else 0.0
    return {word: vector - centre for word, vector in unit.items()}
