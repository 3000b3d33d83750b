"""Style of a text without its content: a short vector of marks, and how alike two differences of
style are.

Used to compare texts of voices nobody has fit (STEL's test: which of two sentences goes with which
anchor). Each mark is a rate on a fixed scale: contraction, apostrophes, digits inside words,
emoticons and emoji, letter case, punctuation, word length, word rarity, sentence length. No content
word is read but for its length and frequency.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evals.scorers.groundedness.features import rarity
from evals.text.words import MAX_CHARS, STOP_WORDS

Floats = NDArray[np.float64]

_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_EMOTICON = re.compile(r"[:;=8xX][\-o*']?[)\](\[dDpP/\\:}{@|3]+|<3|[)(]:|\bx[dD]\b|\^_?\^")
_LEET = re.compile(
    r"\b(?=\w*\d)(?=\w*[A-Za-z])\w+\b|[$@](?=[A-Za-z])|(?<=[A-Za-z])[$@0-9!](?=[A-Za-z])|<3"
)
_CONTRACTION = re.compile(
    r"(?i)\b\w+(?:n['’]t|['’](?:ll|re|ve|d|m|s))\b|\b(?:gonna|wanna|gotta|dont|cant|im|ive)\b"
)
_LONG_FORM = re.compile(
    r"(?i)\b(?:(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|must)\s*not|(?:it|that|he|she|there|what)"
    r"\s+(?:is|has|will|would|had)|(?:i|you|we|they)\s+(?:am|are|have|will|would|had)|cannot)\b"
)
_SLANG = re.compile(
    r"(?i)\b(?:u|ur|r|lol|omg|plz|pls|thx|cuz|coz|ya|yea|yeah|nah|hey|ok|okay|wat|dont|kinda|sorta)\b|(.)\1{2,}"
)

WEIGHTS = np.array([3.0, 2.0, 3.0, 4.0, 4.0, 1.5, 1.5, 1.0, 1.0, 1.0, 2.0, 3.0, 1.0, 2.0, 0.6])
"""Weight of each mark of `style_vector`: marks that are rare in plain text weigh more when they
occur.
"""


def style_vector(text: str) -> Floats:
    """Marks of style, shape (15,), each a rate or a logarithm on a scale of about one."""
    read = text[:MAX_CHARS]
    tokens, found = _TOKEN.findall(read), _WORD.findall(read)
    n, words = max(1, len(tokens)), found or [""]
    letters = max(1, sum(c.isalpha() for c in read))
    content = [w.lower() for w in words if w.lower() not in STOP_WORDS] or [""]
    return np.array(
        [
            len(_CONTRACTION.findall(read)) / n,
            len(_LONG_FORM.findall(read)) / n,
            len(_LEET.findall(read)) / n,
            len(_EMOTICON.findall(read)) / n,
            sum(ord(c) >= 0x2600 for c in read) / n,
            sum(c.isupper() for c in read) / letters,
            float(read[:1].islower()),
            sum(c in "!?" for c in read) / n,
            sum(c in ",;:()—-\"" for c in read) / n,
            float(not read.rstrip().endswith((".", "!", "?"))),
            sum(len(w) for w in words) / len(words) / 6,
            sum(rarity(w) for w in content[:200]) / len(content[:200]),
            sum(w.lower() in STOP_WORDS for w in words) / len(words),
            sum(1 for _ in _SLANG.finditer(read)) / n,
            float(np.log1p(len(tokens))),
        ]
    )  # fmt: skip


def alignment(anchors: Sequence[str], others: Sequence[str]) -> float:
    """How much the pair ``others`` differs in the direction in which ``anchors`` differ, in [-1,
    1].

    Above zero: others[0] goes with anchors[0]. Zero where either pair does not differ in any mark.
    """
    a = WEIGHTS * (style_vector(anchors[0]) - style_vector(anchors[1]))
    b = WEIGHTS * (style_vector(others[0]) - style_vector(others[1]))
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norm if norm else 0.0


def distance(a: str, b: str) -> float:
    """Weighted distance of two texts in style."""
    return float(np.linalg.norm(WEIGHTS * (style_vector(a) - style_vector(b))))
