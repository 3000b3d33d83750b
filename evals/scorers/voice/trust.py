"""How far a voice fit from own texts can be trusted: measured on held-out texts, and stated in
plain words.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from evals.scorers.voice.fit import LEAST_TEXTS, Competing, HeldOut
from evals.scorers.voice.model import MOST_FLIPS, VALID, VoiceModel
from evals.stats.clustered import clustered_mean
from evals.stats.estimate import Estimate
from evals.text.corpus import JOINED
from evals.text.words import words

ENOUGH: Final = 50
"""Texts of the brand below which the statement says that they are few."""
MANY: Final = 0.2
"""Share of a voice's texts that may pass for the brand before the statement names that voice."""
NEAR_LENGTH: Final = 0.05
"""Where length alone is as accurate as this close to the voice, the statement says so."""

Floats = NDArray[np.float64]


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A share in [0, 1] with its 95 % interval (contents kept whole); None where nothing could be
    counted.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    def summary(self) -> str:
        if self.value is None:
            return "not known"
        interval = (
            ""
            if self.low is None or self.high is None
            else f" ({100 * self.low:.0f} to {100 * self.high:.0f} %)"
        )
        return f"{100 * self.value:.0f} %{interval}"


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known about a fitted voice. All shares are of held-out texts, folds of whole
    contents.

    ``accuracy`` is balanced: the brand's texts and all others weigh alike, ½ is chance;
    ``recognised`` and ``kept_out`` are its halves. ``length_only``: the same by the number of words
    alone; ``same_length``: other voices kept out at the brand's median length. ``taken``: by voice,
    the share of its texts taken for the brand; ``strangers``: the same by a scorer that never met
    that voice. ``lengths``: 5 %, 50 % and 95 % quantile of the words of a brand's text. ``hidden``:
    share of the brand's words that the content mask hides. ``competing`` and ``transplanted``:
    share of content-competing pairs won, as they are and made by transplanting content; their ``n``
    counts texts of the brand, ``pairs`` the pairs of both kinds. ``joined``: texts of other voices
    were put together to the brand's length. ``flips``: the largest share of verdicts that a mark of
    the surface turns. ``decoys``: texts of other voices were given; without, nothing is VALID.
    """

    texts: int
    contents: int
    others: dict[str, int]
    lengths: tuple[int, int, int]
    accuracy: Share
    recognised: Share
    kept_out: Share
    length_only: Share
    same_length: Share
    competing: Share
    transplanted: Share
    pairs: tuple[int, int]
    joined: bool
    taken: dict[str, float]
    strangers: dict[str, float]
    hidden: float
    flips: float
    decoys: bool


def measure(model: VoiceModel, held: HeldOut, decoys: bool) -> Trust:
    """The figures of a fit; ``decoys`` says whether texts of other voices were given for it."""
    contents = np.array([s.content for s in held.samples])
    own = held.own
    size = [len(words(s.text)) for s, mine in zip(held.samples, own, strict=True) if mine]
    right = (held.score >= 0.5) == own
    voices = np.array([s.voice for s in held.samples])
    met = {v: held.stranger[voices == v] for v in sorted(set(voices[~own].tolist()))}
    low, middle, high = (int(q) for q in np.quantile(size, (0.05, 0.5, 0.95)))
    return Trust(
        texts=int(own.sum()),
        contents=len(set(contents[own].tolist())),
        others=dict(sorted(Counter(voices[~own].tolist()).items())),
        lengths=(low, middle, high),
        accuracy=_share(clustered_mean(_balanced(right, own), contents, (0.0, 1.0))),
        recognised=_share(clustered_mean(right[own].astype(float), contents[own])),
        kept_out=_share(clustered_mean(right[~own].astype(float), contents[~own])),
        length_only=_share(
            clustered_mean(_balanced((held.length >= 0.5) == own, own), contents, (0.0, 1.0))
        ),
        same_length=_share(
            clustered_mean((held.resized < 0.5).astype(float), np.arange(len(held.resized)))
        ),
        competing=_won(held.found),
        transplanted=_won(held.made),
        pairs=(held.found.pairs, held.made.pairs),
        joined=any(s.id.startswith(JOINED) for s in held.samples),
        taken={v: float((held.score[voices == v] >= 0.5).mean()) for v in met},
        strangers={v: float((x >= 0.5).mean()) for v, x in met.items() if not np.isnan(x).any()},
        hidden=_hidden(model, held),
        flips=model.scale.flips,
        decoys=decoys,
    )


def _balanced(right: NDArray[np.bool_], own: NDArray[np.bool_]) -> Floats:
    """Values whose mean is the balanced accuracy and whose spread is its influence function, shape
    (n,).
    """
    hit = right.astype(float)
    mine, rest = float(hit[own].mean()), float(hit[~own].mean())
    moved = np.where(own, (hit - mine) / (2 * own.mean()), (hit - rest) / (2 * (~own).mean()))
    values: Floats = (mine + rest) / 2 + moved
    return values


def _share(found: Estimate) -> Share:
    return Share(found.value, found.low, found.high, found.n)


def _won(kind: Competing) -> Share:
    return _share(clustered_mean(kind.won[kind.tried], kind.contents[kind.tried], (0.0, 1.0)))


def _hidden(model: VoiceModel, held: HeldOut) -> float:
    """Share of the brand's words that stand as a placeholder in the masked text."""
    shown = total = 0
    for sample, mine in zip(held.samples, held.own, strict=True):
        if mine:
            total += len(words(sample.text))
            shown += sum(
                token[0].isalpha()
                for token in model.repertoire.mask(sample.text, sample.masked).split()
            )
    return max(0.0, 1 - shown / max(1, total))


def problems(model: VoiceModel, trust: Trust) -> list[str]:
    """Why the voice is INVALID; empty where it is not."""
    most = max(trust.competing.n, trust.transplanted.n)
    if most < LEAST_TEXTS:
        return [
            f"content competed for only {most} of the {trust.texts} texts ({LEAST_TEXTS} are"
            " needed), so voice and topic cannot be told apart: give --neutral or --decoys on the"
            " same topics"
        ]
    found = []
    if model.validity < VALID:
        found.append(
            f"with content competing the voice wins {100 * model.validity:.0f} % of the pairs; "
            f"{100 * VALID:.0f} % are needed"
        )
    if trust.flips > MOST_FLIPS:
        found.append(
            "a mark of the surface (exclamation, contraction, emoji, greeting) turns "
            f"{100 * trust.flips:.0f} % of the verdicts; at most {100 * MOST_FLIPS:.0f} % may turn"
        )
    if not model.scale.own > model.scale.neutral:
        found.append("held-out texts of the brand score no higher than neutral ones")
    return found


def cautions(trust: Trust) -> list[str]:
    """What weakens a valid voice, in words."""
    found = []
    if trust.texts < ENOUGH:
        found.append(
            f"{trust.texts} texts are few; intervals are wide, and rare habits are not learned"
        )
    voice, length, sized = trust.accuracy.value, trust.length_only.value, trust.same_length.value
    if voice is not None and length is not None and length > voice - NEAR_LENGTH:
        found.append(
            f"length alone does as well ({100 * length:.0f} %): these texts do not show that voice"
            " was learned"
        )
    if sized is not None and sized < 1 - MANY:
        found.append(
            f"{100 - 100 * sized:.0f} % of other voices' texts pass for the brand when they are as"
            " long as its texts"
        )
    found += [
        f"{100 * x:.0f} % of {voice}'s texts pass for the brand"
        for voice, x in trust.taken.items()
        if x > MANY
    ]
    found += [
        f"{100 * share:.0f} % of {voice}'s texts would pass for the brand if {voice} were not among"
        " the decoys"
        for voice, share in trust.strangers.items()
        if share > MANY >= trust.taken[voice]
    ]
    if trust.competing.n < LEAST_TEXTS:
        found.append(
            "the other voices speak of other things, so content competed in made-up sentences only"
        )
    if trust.joined:
        found.append(
            "sentences of the pack's voices were put together to the length of the brand's texts"
        )
    if not trust.strangers:
        found.append("one other voice only: how it treats a voice that it has not met is not known")
    return found


def statement(model: VoiceModel, trust: Trust) -> str:
    """The whole statement, some fifteen lines of plain text."""
    wrong = problems(model, trust)
    low, middle, high = trust.lengths
    others = ", ".join(f"{name} {count}" for name, count in trust.others.items())
    met = (
        ", ".join(f"{name} {100 * share:.0f} %" for name, share in trust.strangers.items())
        or "not known"
    )
    verdict = "INVALID" if wrong else "VALID" if trust.decoys else "NOT VALIDATED"
    if verdict == "NOT VALIDATED":
        wrong = [
            "no text of another voice in your field was given (--decoys): what else would pass for "
            "the brand is not known"
        ]
    lines = [
        f"{model.brand}: {verdict}",
        *(f"  {problem}" for problem in wrong),
        (
            f"Learned from {trust.texts} texts of {trust.contents} contents, {low} to {high} words"
            f" (median {middle}), against {sum(trust.others.values())} texts of other voices:"
            f" {others}."
        ),
        "On texts whose content it had not seen (95 % intervals):",
        (
            f"  accuracy, ½ is chance        {trust.accuracy.summary()}; by length alone"
            f" {trust.length_only.summary()}"
        ),
        f"  the brand's texts recognised {trust.recognised.summary()} of {trust.recognised.n}",
        f"  other texts kept out         {trust.kept_out.summary()} of {trust.kept_out.n}",
        f"  kept out at equal length     {trust.same_length.summary()} of {trust.same_length.n}",
        (
            f"  pairs with content competing {trust.competing.summary()} of {trust.pairs[0]} won by"
            " the brand's text"
        ),
        f"  with content transplanted    {trust.transplanted.summary()} of {trust.pairs[1]}",
        f"  a voice never met, accepted  {met}",
        f"  turned by marks, emoji, ...  {100 * trust.flips:.0f} % at most",
        *(f"Caution: {caution}." for caution in cautions(trust)),
        (
            "It would not notice: whether an answer is true, complete or allowed; the choice of"
            f" rare words (hidden from it are {100 * trust.hidden:.0f} % of the brand's words, and"
            " every name and value); irony; how a style differs"
        ),
        (
            f"that it never met. It knows nothing of texts much shorter than {low} or longer than"
            f" {high} words."
        ),
    ]
    return "\n".join(lines)
