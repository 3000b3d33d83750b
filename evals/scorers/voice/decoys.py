"""Voices that no brand of ours has: rude, apologising, cheerful at any price, news, legal.

A scorer that has met only the brand and a few polite rivals takes everything else for the brand
that it resembles most. These sentences stand for everything else: they are combined from openings
and facts, and the facts are the same in every voice, so that content decides nothing.
"""

from __future__ import annotations

from typing import Final

from evals.core.schema import VoiceSample

PREFIX: Final = "decoy:"
"""Begins the name of each of these voices."""

_FACTS: Final = (
    "it costs {n} euros", "it takes {n} days", "the store opens at {n}", "it was made in {n}",
    "you get {n} of them", "the offer ends on the {n}th", "it weighs {n} grams", "we have {n} left",
)  # fmt: skip

_FRAMES: Final = {
    "rude": (
        "You idiot. Obviously {f}.",
        "How stupid are you? Read the page: {f}. Now go away.",
        "Are you serious? {f}. Everybody knows that.",
        "Not my problem. {f}, so deal with it.",
        "I told you already, {f}. Stop asking.",
        "Whatever. {f}. Happy now?",
        "What a dumb question. {f}, you fool.",
        "Ugh. {f}. Look it up yourself next time.",
    ),
    "apologising": (
        "I am so sorry, we apologise for the trouble. {f}.",
        "Please accept our apologies. We are deeply sorry, {f}.",
        "We regret the inconvenience this has caused you. {f}.",
        "Sorry, sorry, I really feel terrible about this. {f}, I am afraid.",
        "I apologise for any confusion. As far as I can see, {f}.",
        "We are very sorry to hear that. Unfortunately {f}.",
        "My sincere apologies for the wait. {f}. Again, I am sorry.",
        "Sorry about that. I should have said that {f}.",
    ),
    "cheerful": (
        "Yay. So cool. {f}. Love it, love it, love it.",
        "Wow, amazing news: {f}. Woohoo.",
        "OMG yes. {f}. This is just the best thing ever.",
        "Super exciting stuff. {f}. Yippee.",
        "You rock. {f}. High five.",
        "Best day ever. Guess what, {f}. So much fun.",
        "Awesome sauce. {f}. Party time.",
        "Boom. {f}. How fantastic is that?",
    ),
    "news": (
        "The company said on Tuesday that {f}, according to a statement.",
        "Officials confirmed that {f}, a spokesman told reporters.",
        "Shares rose after the firm announced that {f}.",
        "Residents were informed on Monday that {f}, the agency reported.",
        "In a report published this week, analysts found that {f}.",
        "The minister declined to comment. Sources said that {f}.",
        "Police are investigating after claims that {f}.",
        "Figures released by the bureau show that {f}, up from a year earlier.",
    ),
    "legal": (
        "The parties agree that {f}, subject to the provisions of section {n}.",
        "Notwithstanding the foregoing, {f}, and the licensee shall not be entitled to damages.",
        "The undersigned hereby acknowledges that {f} pursuant to this agreement.",
        "Except as required by applicable law, {f} and no warranty is given, express or implied.",
        "For the purposes of this clause, {f}. The supplier shall not be liable therefor.",
        "Any dispute arising hereunder shall be settled by arbitration; {f}.",
        "It is understood that {f}, without prejudice to the rights of third parties.",
        "We may collect and disclose personal information where {f}, as set out in this policy.",
    ),
}

KINDS: Final = tuple(_FRAMES)


def decoys(kinds: tuple[str, ...] = KINDS) -> list[VoiceSample]:
    """Every frame with every other fact, in the fit split; a fact is a content of all voices."""
    found = []
    for kind in kinds:
        for place, frame in enumerate(_FRAMES[kind]):
            for k in range(place % 2, len(_FACTS), 2):
                fact = _FACTS[k].format(n=2 + 7 * k)
                said = frame.format(f=fact, n=k + 1)
                text = ". ".join(part[:1].upper() + part[1:] for part in said.split(". "))
                name = f"{PREFIX}{kind}"
                found.append(VoiceSample(f"{name}-{place}-{k}", f"{PREFIX}{k}", name, text))
    return found
