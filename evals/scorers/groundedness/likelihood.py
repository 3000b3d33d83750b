"""How likely a model finds each word of an answer with its contexts and without them: evidence for
`groundedness`.

A word that is likely only with the contexts comes from them; one that they make no likelier is the
answer's own. The model is any `evals.core.interfaces.TextLikelihood`; what it is asked is the same
for every model: the contexts (records as statements, at most `MAX_CONTEXT` characters) and the
question, and then the question alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from evals.core.interfaces import TextLikelihood
from evals.scorers.groundedness.context import readable
from evals.text.words import MAX_CHARS, clean

MAX_CONTEXT: Final = 12_000
"""Characters of the contexts that the model reads (about 3,000 tokens)."""

MAX_ANSWER: Final = 4_000
"""Characters of an answer that the model reads."""


class TokenEvidence(NamedTuple):
    """A token of a cleaned answer: its characters, its log-probability given contexts and question,
    and without the contexts."""

    start: int
    end: int
    given: float
    alone: float


Evidence = tuple[TokenEvidence, ...]


def shown(answer: str) -> str:
    """What the model reads of an answer: cleaned, so that places are those of
    `groundedness.features.pieces`.
    """
    return clean(answer[:MAX_CHARS])[:MAX_ANSWER]


def ask(
    provider: TextLikelihood, question: str, contexts: Sequence[str], answers: Sequence[str]
) -> list[Evidence]:
    """The evidence for answers that share a question and contexts, which are read once for all of
    them.
    """
    texts = [shown(a) for a in answers]
    context = "\n\n".join(readable(c) for c in contexts)[:MAX_CONTEXT]
    asked = question.strip()
    given = provider.tokens(f"{context}\n\n{asked}".strip(), texts)
    alone = provider.tokens(asked, texts)
    return [
        tuple(
            TokenEvidence(g.start, g.end, g.logprob, a.logprob) for g, a in zip(*both, strict=False)
        )
        for both in zip(given, alone, strict=True)
    ]
