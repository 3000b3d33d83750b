"""A fitted voice as a JSON file: weights and words as numbers and strings, nothing that runs when
it is read.

The scorer that is read is made of the same parts as the one that was fit (`voice.model.Learned`),
so scores are equal to the last bit under the same version of scikit-learn.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from evals.core.errors import DataError
from evals.core.paths import write_atomic
from evals.scorers.voice.model import (
    Learned,
    Repertoire,
    Scale,
    VoiceModel,
    blank_regression,
    blank_vectorizers,
)
from evals.scorers.voice.trust import Trust

FORMAT: Final = 2
MAX_BYTES: Final = 64 << 20


class Grams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The n-grams of one vectorizer in the order of their columns, with their inverse document
    frequencies.
    """

    terms: list[str]
    idf: list[float]


class VoiceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. ``weights`` has one number a feature: the grams of each vectorizer, then the
    style marks.
    """

    format: int
    brand: str
    trust: Trust
    scale: Scale
    platt: tuple[float, float]
    intercept: float
    weights: list[float]
    grams: list[Grams]
    visible: list[str]

    def model(self) -> VoiceModel:
        """The scorer. Raises ValueError where the parts do not fit together."""
        vectorizers = blank_vectorizers()
        if len(self.grams) != len(vectorizers):
            raise ValueError(f"{len(self.grams)} sets of n-grams, not {len(vectorizers)}")
        for vectorizer, grams in zip(vectorizers, self.grams, strict=True):
            vectorizer.vocabulary = {term: column for column, term in enumerate(grams.terms)}
            vectorizer.idf_ = np.array(grams.idf)
        classifier = blank_regression()
        classifier.classes_ = np.array([False, True])
        classifier.coef_ = np.array([self.weights])
        classifier.intercept_ = np.array([self.intercept])
        classifier.n_features_in_ = len(self.weights)
        learned = Learned(
            self.brand, Repertoire(frozenset(self.visible)), vectorizers, classifier, self.platt
        )
        learned.raw(["A first text tells whether all parts fit."])
        return VoiceModel(learned, self.scale)


def write(path: Path, model: VoiceModel, trust: Trust) -> None:
    """Write the file whole or not at all. Raises EnvironmentProblem."""
    learned = model.learned
    file = VoiceFile(
        FORMAT,
        model.brand,
        trust,
        model.scale,
        learned.platt,
        float(learned.classifier.intercept_[0]),
        learned.classifier.coef_[0].tolist(),
        [Grams(v.get_feature_names_out().tolist(), v.idf_.tolist()) for v in learned.vectorizers],
        sorted(learned.repertoire.kept),
    )
    write_atomic(path, msgspec.json.format(msgspec.json.encode(file), indent=1))


def read(path: Path) -> tuple[VoiceModel, Trust]:
    """The scorer of a file and what is known about it. Raises DataError where it is none, or of
    another format.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(
                "too large for a voice", where=path, expected=f"at most {MAX_BYTES} bytes"
            )
        raw: Any = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        raise DataError(
            "no such file", where=path, hint="`adaptbench voice fit` makes one"
        ) from None
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise DataError(f"cannot be read: {error}", where=path) from error
    if isinstance(raw, dict) and raw.get("format", FORMAT) != FORMAT:
        raise DataError(
            "of another format",
            where=path,
            found=raw["format"],
            expected=FORMAT,
            hint="fit it again",
        )
    try:
        file = msgspec.convert(raw, VoiceFile)
        return file.model(), file.trust
    except (msgspec.ValidationError, ValueError) as error:
        raise DataError(
            f"not a fitted voice: {error}", where=path, hint="`adaptbench voice fit` makes one"
        ) from error
