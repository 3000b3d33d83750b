"""Which kind of detector a model is: known from its configuration alone, before any weights are
read.

- ``tokens``: a token classifier of two labels (LettuceDetect, Kovács and Recski 2025, arXiv
2502.17125).
- ``entailment``: a sequence classifier with a label for entailment, read as SummaC does (Laban
2022, arXiv 2111.09525).
- ``claims``: a sequence classifier of the labels no and yes (MiniCheck, Tang 2024, arXiv
2404.10774).
- ``answer``: a cross-encoder with one output (HHEM-1.0-open).
- ``generated``: a T5 that says 0 or 1 (MiniCheck-Flan-T5).

Outputs without names (LABEL_0, LABEL_1) and any T5 look alike whatever they were trained for: there
the user's word is taken for it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from evals.core.errors import EnvironmentProblem, UsageError

Name = Literal["tokens", "entailment", "claims", "answer", "generated"]

_EXPECTED: Final = (
    "*ForTokenClassification with 2 labels (LettuceDetect), *ForSequenceClassification with a label"
    " for entailment (NLI), 2 labels (MiniCheck) or 1 (HHEM-1.0), or T5ForConditionalGeneration"
    " (MiniCheck-Flan-T5)"
)
_NAMELESS: Final = re.compile(r"label_\d+")
_NEGATED: Final = ("no", "un", "dis", "contra")


class Kind(NamedTuple):
    """A kind, and the output that stands for support (for ``tokens``: for no support)."""

    name: Name
    label: int


def kind_of(folder: Path, reference: str) -> Kind:
    """The kind of the model in a folder.

    Raises UsageError where it is none of them, EnvironmentProblem where its configuration cannot be
    read.
    """
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            f"the configuration cannot be read: {error}", where=folder / "config.json"
        ) from error
    architecture = str((config.get("architectures") or ["none"])[0])
    labels = [
        str(v).lower()
        for _, v in sorted((config.get("id2label") or {0: "label_0", 1: "label_1"}).items())
    ]
    kind = _kind(architecture, labels) if _native(architecture) else None
    if kind is None:
        raise UsageError(
            f"{reference} is no detector that can be read",
            found=f"{architecture}, labels {', '.join(labels)}",
            expected=_EXPECTED,
            hint=(
                "name a model of these kinds (code of a model's own is not run), or add a provider"
                " of your own"
            ),
        )
    return kind


def _native(architecture: str) -> bool:
    """Whether transformers itself holds the architecture, so that no code of the model's own is
    needed.
    """
    import transformers

    return hasattr(transformers, architecture)


def _kind(architecture: str, labels: list[str]) -> Kind | None:
    if architecture.endswith("ForTokenClassification"):
        return _named("tokens", labels, ("halluc", "unsupported"), most=2)
    if architecture.endswith("ForSequenceClassification"):
        if len(labels) == 1:
            return Kind("answer", 0)
        return _named("entailment", labels, ("entail",), most=3) or _named(
            "claims", labels, ("support",), most=2
        )
    return Kind("generated", 1) if architecture == "T5ForConditionalGeneration" else None


def _named(name: Name, labels: list[str], stems: tuple[str, ...], most: int) -> Kind | None:
    """The label whose name holds one of the stems unless negated; the second of two that have no
    names.
    """
    if (
        len(labels) == 2
        and name != "entailment"
        and all(_NAMELESS.fullmatch(label) for label in labels)
    ):
        return Kind(name, 1)
    hits = [
        n
        for n, label in enumerate(labels)
        if any(
            s in label and not (label.startswith(_NEGATED) and not label.startswith(s))
            for s in stems
        )
    ]
    return Kind(name, hits[0]) if len(hits) == 1 and 2 <= len(labels) <= most else None
