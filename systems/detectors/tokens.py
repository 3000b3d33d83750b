"""Detectors that label each token of an answer, as LettuceDetect does (Kovács and Recski 2025,
arXiv 2502.17125).

The model reads its training prompt around the contexts, then the answer. Contexts that are too long
for it are read in windows of whole passages where these fit; a token's risk is the least over the
windows, for one that supports it is enough. (LettuceDetect's own code takes the largest: there, a
fact of one passage is unsupported by the others.)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

from evals.core.interfaces import Risk, Source
from systems.detectors.network import Network, Row
from systems.detectors.windows import windows

_ASKED: Final = (
    "Briefly answer the following question:\n{question}\nBear in mind that your response should be"
    " strictly based on the following {count} passages:\n{passages}\nIn case the passages do not"
    ' contain the necessary information to answer the question, please reply with: "Unable to'
    ' answer based on given passages."\noutput:'
)
_UNASKED: Final = "Summarize the following text:\n{passages}\noutput:"

_ROOM: Final = 8
"""Tokens left for special tokens, and for what joining texts adds; for each passage's number too.
"""


class TokenDetector:
    """Risks of tokens; ``label`` is the class of what is not supported."""

    def __init__(self, network: Network, label: int) -> None:
        self._network, self._label = network, label

    def risks(
        self,
        question: str,
        contexts: Sequence[Source],
        answer: str,
        sentences: Sequence[tuple[int, int]],
    ) -> list[Risk]:
        """As `evals.core.interfaces.Detector.risks`: one a token, white space left out."""
        import torch

        network = self._network
        read = network.plain(answer)
        parts = [(a, read[a:b]) for a, b in network.cut(read, network.window // 2)]
        asked = network.plain(question)
        asked = next((asked[a:b] for a, b in network.cut(asked, network.window // 8)), "")
        texts = [network.plain(source.text) for source in contexts]
        longest = max(network.count([part for _, part in parts]), default=0)
        prompts = self._prompts(asked, texts, network.window - longest - _ROOM)
        rows, places = self._rows(prompts, parts)
        label = self._label
        outputs = network.outputs(rows, lambda logits: torch.softmax(logits, -1)[..., label])
        least: dict[tuple[int, int], float] = {}
        for values, own_places in zip(outputs, places, strict=True):
            for n, start, end in own_places:
                least[start, end] = min(values[n], least.get((start, end), 1.0))
        return [
            risk
            for (start, end), value in sorted(least.items())
            for risk in _visible(read, start, end, value)
        ]

    def _rows(
        self, prompts: Sequence[str], parts: Sequence[tuple[int, str]]
    ) -> tuple[list[Row], list[list[tuple[int, int, int]]]]:
        """Every part of the answer behind every prompt, and (number, start, end) of the answer's
        tokens in each row.
        """
        rows: list[Row] = []
        places: list[list[tuple[int, int, int]]] = []
        network = self._network
        for (first, part), shown in product(parts, prompts):
            found = network.tokenizer(
                shown,
                part,
                truncation="only_first",
                max_length=network.window,
                return_offsets_mapping=True,
            )
            offsets = found.pop("offset_mapping")
            own = [n for n, side in enumerate(found.sequence_ids(0)) if side == 1]
            rows.append(dict(found))
            places.append([(n, first + offsets[n][0], first + offsets[n][1]) for n in own])
        return rows, places

    def _prompts(self, question: str, passages: Sequence[str], most: int) -> list[str]:
        """The prompts, of at most ``most`` tokens each, that show every passage."""
        whole = prompt(question, passages)
        if self._network.count([whole])[0] <= most:
            return [whole]
        room = max(16, most - self._network.count([prompt(question, [""])])[0])
        pieces = [p[a:b] for p in passages for a, b in self._network.cut(p, room - _ROOM)]
        lengths = [n + _ROOM for n in self._network.count(pieces)]
        return [prompt(question, pieces[a:b]) for a, b in windows(lengths, room)]


def prompt(question: str, passages: Sequence[str]) -> str:
    """What stands before the answer: LettuceDetect's prompt for questions, or for texts where
    nothing is asked.
    """
    if not question.strip():
        return _UNASKED.format(passages="\n".join(passages))
    listed = "\n".join(f"passage {n}: {text}" for n, text in enumerate(passages, 1))
    return _ASKED.format(question=question, count=len(passages), passages=listed)


def _visible(text: str, start: int, end: int, risk: float) -> list[Risk]:
    """The token without the white space around it; nothing where it is only that."""
    piece = text[start:end]
    kept = piece.strip()
    first = start + len(piece) - len(piece.lstrip())
    return [Risk(first, first + len(kept), risk)] if kept else []
