"""What a text wears rather than is: marks, contractions, emoji, a greeting. Voice does not read it.

Each of these can be put on or taken off without a word of the voice changing, so a scorer that
reads them calls every cheerful text on brand. `plain` takes them off before features are made, and
`SWAPS` puts them on or off to see that the verdict stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

_SHORT: Final = (
    (r"\bcan['’]?t\b", "cannot"),
    (r"\bwon['’]t\b", "will not"),
    (r"\bshan['’]t\b", "shall not"),
    (r"n['’]t\b", " not"),
    (r"['’]re\b", " are"),
    (r"['’]ve\b", " have"),
    (r"['’]ll\b", " will"),
    (r"['’]m\b", " am"),
    (r"\b(let)['’]s\b", r"\1 us"),
    (r"\b(it|that|what|there|here|he|she|who|where|how)['’]s\b", r"\1 is"),
    (r"\b(i|you|we|they|he|she|it)['’]d\b", r"\1 would"),
)
_EXPANSIONS: Final = tuple((re.compile(form, re.IGNORECASE), full) for form, full in _SHORT)
_LONG: Final = tuple(
    (re.compile(rf"\b{full}\b", re.IGNORECASE), short)
    for full, short in (
        ("cannot", "can't"), ("will not", "won't"), ("do not", "don't"), ("does not", "doesn't"),
        ("did not", "didn't"), ("is not", "isn't"), ("are not", "aren't"), ("I am", "I'm"),
        ("we are", "we're"), ("you are", "you're"), ("they are", "they're"), ("it is", "it's"),
        ("that is", "that's"), ("we have", "we've"), ("I have", "I've"), ("you will", "you'll"),
        ("we will", "we'll"), ("I will", "I'll"), ("there is", "there's"),
    )
)  # fmt: skip
_HELLO: Final = re.compile(
    r"^\W*(?:(?:hi|hello|hey|hiya|howdy|greetings|welcome|dear|good"
    r" (?:morning|afternoon|evening|day)|"
    r"oh|wow|great|sure|of course|certainly|absolutely|thanks?(?: you)?|thank you)\b)"
    r"[^.?!,:;]{0,40}[.!,:;]+\s+(?=\w)",
    re.IGNORECASE,
)
_GREETINGS: Final = 2
"""Greetings that are taken off the front of a text ("Hi there! Thanks for asking! ...")."""


def plain(text: str) -> str:
    """The text without exclamation marks, emoji, contractions, decorative repeats and a greeting in
    front; a text that is nothing but a greeting stays as it is.
    """
    text = "".join(c for c in text if not _decorative(c))
    for form, full in _EXPANSIONS:
        text = form.sub(full, text)
    text = re.sub(r"[!¡]+(?=\?)|(?<=\?)[!¡]+", "", text)
    text = re.sub(r"\s*[!¡…]+|\.{2,}", ".", text)
    text = re.sub(r"(?:\s*[.]){2,}", ".", text)
    for _ in range(_GREETINGS):
        rest = _HELLO.sub("", text, count=1)
        if not re.search(r"\w", rest):
            break
        text = rest
    return text.strip()


def _decorative(c: str) -> bool:
    return ord(c) > 0x2190 and unicodedata.category(c) in ("So", "Sk", "Cf", "Mn")


def _calm(text: str) -> str:
    return text.replace("!", ".")


def _excited(text: str) -> str:
    return re.sub(r"\.(?=\s|$)", "!", text)


def _contracted(text: str) -> str:
    for full, short in _LONG:
        text = full.sub(short, text)
    return text


def _expanded(text: str) -> str:
    for form, full in _EXPANSIONS:
        text = form.sub(full, text)
    return text


def _greeted(text: str) -> str:
    return f"Hi there! {text}"


def _with_emoji(text: str) -> str:
    return f"{text} 🎉"


SWAPS: Final[Mapping[str, Callable[[str], str]]] = {
    "'.' becomes '!'": _excited,
    "'!' becomes '.'": _calm,
    "contracted": _contracted,
    "written out": _expanded,
    "a greeting in front": _greeted,
    "an emoji behind": _with_emoji,
}
"""Changes of the surface under which a verdict on voice has to stay."""
