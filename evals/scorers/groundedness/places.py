"""Does a claim stand where the contexts tell of the same thing? Features of a sentence, for
`groundedness`.

A wrong answer is often made of right values: another product's price, the other branch's hours.
What the sentence says besides its claims picks the context sentence it is about; a claim is
*displaced* where the contexts hold it but neither that sentence nor one beside it does, and
*swapped* where that sentence holds another value of its kind instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evals.scorers.groundedness.context import Context, overlap
from evals.text.claims import Claim
from evals.text.values import comparable, same
from evals.text.words import content_stems


class Misplaced(NamedTuple):
    """How many claims of a sentence stand elsewhere in the contexts, and how many another value
    stands for.
    """

    displaced: int = 0
    swapped: int = 0


def misplaced(said: Sequence[str], made: Sequence[Claim], context: Context) -> Misplaced:
    """Of a sentence with content stems ``said`` and claims ``made``; none where nothing but claims
    is said.
    """
    own = {c: content_stems(c.text) for c in made}
    rest = [w for w in said if not any(w in words for words in own.values())]
    at = about(rest, context)
    if at < 0:
        return Misplaced()
    near = range(max(0, at - 1), min(len(context.sentences), at + 2))
    displaced = swapped = 0
    for claim, words in own.items():
        if claim.mention is None:
            gone = context.stems.issuperset(words) and not any(
                context.sentences[n].issuperset(words) for n in near
            )
            displaced += bool(words) and gone
            continue
        value = claim.mention.value
        if any(same(value, v) or same(v, value) for n in near for v in context.held[n]):
            continue
        displaced += any(same(value, v) or same(v, value) for v in context.written)
        swapped += any(comparable(v, value) for v in context.held[at])
    return Misplaced(displaced, swapped)


def about(said: Sequence[str], context: Context) -> int:
    """The context sentence that holds most of the words' weight, at least a third of it; -1 where
    none does.
    """
    weights, scores = overlap(said, context)
    best = max(scores, key=lambda n: scores[n], default=-1)
    return best if best >= 0 and scores[best] >= sum(weights.values()) / 3 else -1
