"""Detectors that judge pairs of a premise from the contexts and a claim of the answer.

The claims are the answer's sentences (for ``answer``, all of it); the premises are windows of
context sentences. The support of a claim is the largest over the premises, its risk 1 − support.
That is SummaC-ZS (Laban 2022) with windows for premises, as an answer's sentence often joins what
several sentences say; the metric, which asks whether everything is supported, then takes the least
supported claim where SummaC takes the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from evals.core.interfaces import Risk, Source
from systems.detectors.kinds import Kind
from systems.detectors.network import Network, Row
from systems.detectors.windows import windows

if TYPE_CHECKING:
    import torch

_ROOM: Final = 12
"""Tokens left for special tokens and an instruction, and for what joining texts adds."""


class Reading(NamedTuple):
    """How a kind reads: the tokens of a premise at most (None: as many as fit), whether premises
    overlap by half, and whether the claim is the whole answer."""

    premise: int | None
    overlap: bool
    whole: bool = False


READINGS: Final = {
    "entailment": Reading(128, overlap=True),  # the premises of NLI sets are a few sentences long
    "claims": Reading(400, overlap=False),  # MiniCheck's own chunks
    "answer": Reading(None, overlap=True, whole=True),
    "generated": Reading(400, overlap=False),
}


class PairDetector:
    """Risks of sentences, or of the whole answer."""

    def __init__(self, network: Network, kind: Kind) -> None:
        self._network, self._kind, self._reading = network, kind, READINGS[kind.name]

    def risks(
        self,
        question: str,
        contexts: Sequence[Source],
        answer: str,
        sentences: Sequence[tuple[int, int]],
    ) -> list[Risk]:
        """As `Detector.risks`: one a sentence, or one for all that fits into half of the window."""
        text = self._network.plain(answer)
        claims = self._claims(text, sentences)
        longest = max(self._network.count([text[a:b] for a, b in claims]), default=0)
        premises = self._premises(contexts, self._network.window - longest - _ROOM)
        rows = [self._row(premise, text[a:b]) for a, b in claims for premise in premises]
        support = self._support(rows)
        width = len(premises)
        return [
            Risk(a, b, 1 - max(support[n * width : (n + 1) * width]))
            for n, (a, b) in enumerate(claims)
            if width
        ]

    def _claims(self, text: str, sentences: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Places of the claims, none of them longer than half of the window."""
        most = self._network.window // 2
        parts = [
            (a + x, a + y) for a, b in sentences for x, y in self._network.cut(text[a:b], most)
        ]
        if not self._reading.whole:
            return parts
        lengths = self._network.count([text[a:b] for a, b in parts])
        return [(parts[x][0], parts[y - 1][1]) for x, y in windows(lengths, most)]

    def _premises(self, contexts: Sequence[Source], room: int) -> list[str]:
        most = max(16, min(room, self._reading.premise or room))
        said = [self._network.plain(s) for source in contexts for s in source.sentences]
        pieces = [s[a:b].strip() for s in said for a, b in self._network.cut(s, most - 1)]
        ended = [p if p.endswith((".", "!", "?")) else f"{p}." for p in pieces if p]
        runs = windows(self._network.count(ended), most, overlap=self._reading.overlap)
        return [" ".join(ended[a:b]) for a, b in runs]

    def _row(self, premise: str, claim: str) -> Row:
        """The encoded pair; MiniCheck's models read one text, parted by the token that ends a
        text.
        """
        tokenizer, most = self._network.tokenizer, self._network.window
        if self._kind.name in ("entailment", "answer"):
            return dict(tokenizer(premise, claim, truncation="only_first", max_length=most))
        asked = "predict: " if self._kind.name == "generated" else ""
        end = tokenizer.eos_token or tokenizer.sep_token
        return dict(tokenizer(f"{asked}{premise}{end}{claim}", truncation=True, max_length=most))

    def _support(self, rows: Sequence[Row]) -> list[float]:
        """The probability of support of each pair."""
        network, name = self._network, self._kind.name
        if name == "generated":
            start = network.model.config.decoder_start_token_id
            found = network.outputs(rows, self._generated(), decoder_input_ids=start)
        else:
            found = network.outputs(rows, self._classified())
        return [float(value[0]) for value in found]

    def _classified(self) -> Callable[[torch.Tensor], torch.Tensor]:
        import torch

        label = self._kind.label
        if self._kind.name == "answer":
            return torch.sigmoid
        return lambda logits: torch.softmax(logits, -1)[:, label : label + 1]

    def _generated(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """The probability of "1" against "0" as the first token that is said."""
        import torch

        said: list[Any] = [
            self._network.tokenizer(d, add_special_tokens=False)["input_ids"][0] for d in "01"
        ]
        return lambda logits: torch.softmax(logits[:, 0, said], -1)[:, 1:]
