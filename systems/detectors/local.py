"""The default provider of detectors: a model by name, hub id or folder, held in this process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from evals.core.identity import short
from evals.core.interfaces import Detector, Risk, Source
from systems import models
from systems.detectors.kinds import Kind, kind_of
from systems.detectors.network import Network
from systems.detectors.pairs import PairDetector
from systems.detectors.tokens import TokenDetector
from systems.runtime import prepare

_LOADERS = {
    "tokens": "AutoModelForTokenClassification",
    "entailment": "AutoModelForSequenceClassification",
    "claims": "AutoModelForSequenceClassification",
    "answer": "AutoModelForSequenceClassification",
    "generated": "AutoModelForSeq2SeqLM",
}


class LocalDetector:
    """A model's detector. Its weights are loaded when first asked."""

    def __init__(self, reference: str, folder: Path, kind: Kind) -> None:
        self._reference, self._folder, self._kind = reference, folder, kind
        self._detector: TokenDetector | PairDetector | None = None
        self._loading = threading.Lock()

    @property
    def identity(self) -> str:
        """Its name (of a folder, the last part) and a digest of its files."""
        spec = models.describe(self._reference, "detector")
        name = self._reference if spec.folder is None else Path(spec.folder).name
        return f"{name} {short(models.folder_files(self._folder))}"

    def risks(
        self,
        question: str,
        contexts: Sequence[Source],
        answer: str,
        sentences: Sequence[tuple[int, int]],
    ) -> list[Risk]:
        """As `evals.core.interfaces.Detector.risks`. Raises EnvironmentProblem where the weights
        cannot be loaded.
        """
        with self._loading:
            self._detector = self._detector or self._load()
        return self._detector.risks(question, contexts, answer, sentences)

    def _load(self) -> TokenDetector | PairDetector:
        offline = models.describe(self._reference, "detector").hub is None
        network = Network(self._folder, _LOADERS[self._kind.name], offline=offline)
        if self._kind.name == "tokens":
            return TokenDetector(network, self._kind.label)
        return PairDetector(network, self._kind)


def build(reference: str) -> Detector:
    """The default provider: has the files ready and tells the kind, loads no weights.

    Raises UsageError for a model nobody knows or that is no detector, EnvironmentProblem where it
    cannot be had.
    """
    prepare(offline=models.describe(reference, "detector").hub is None)
    folder = models.ready(reference, "detector")
    return LocalDetector(reference, folder, kind_of(folder, reference))
