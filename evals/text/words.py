"""Plain-text groundwork of all metrics: folding, words, sentences. Linear in the length of its
input, never raises.

Everything here reads at most `MAX_CHARS` characters: an answer longer than that is scored on its
beginning, so that one runaway answer can neither stall a run nor exhaust memory.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import Stemmer

MAX_CHARS: Final = 20_000
"""Longest answer that is read, characters (about 4,000 words)."""

_MARKS_OF_LETTERS: Final = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    r"\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u0f71-\u0f84\u102b-\u103e\u1056-\u1099"
    r"\u17b4-\u17d3"
)
"""Combining marks, such as vowel signs of Hindi, that ``\\w`` leaves out: with another one it is
another word.
"""
_LETTER: Final = rf"(?:[^\W_]|[{_MARKS_OF_LETTERS}])"
WORD = re.compile(rf"{_LETTER}+(?:['’]{_LETTER}+)*")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
"""What `WORD` finds in lower-cased ASCII, at half of its time."""
_BY_CHARACTER = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
"""Kana, Chinese characters and Hangul: without spaces between words, or with endings glued to them.
"""
_SENTENCE = re.compile(r"(?<=[.!?…。؟])[\"'”’)\]]*\s+|\n+|(?<=[;])\s+")
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|st|no|vs|prof|inc|ltd|e\.g|i\.e|approx|jr|sr|[a-z])\.$", re.IGNORECASE
)
_MARKUP = re.compile(r"\*\*|`|(?<!\w)[*_]+(?=\w)|(?<=\w)[*_]+(?!\w)|^\s*(?:#+|>)\s+", re.MULTILINE)
_MARKS: Final = "*_`#>"
"""Characters without which `_MARKUP` finds nothing."""
_TRANSLATION: Final = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "“": '"',
        "”": '"',
        "‐": "-",
        "‑": "-",
        "−": "-",
        "…": "...",
        "\u00ad": None,
    }
    | {
        chr(c): None
        for c in (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
    }
    | {chr(c): " " for c in (*range(9), 11, 12, *range(14, 32), *range(127, 160))}
)
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_ONE_CASE: Final = {0x130: "i", 0x131: "i", 0x17F: "s", 0x212A: "k"}
"""Letters beyond ASCII that a pattern takes for an ASCII letter where case is ignored."""
_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT = re.compile(
    r"(?P<times>(?<=\d)\s?[×·x*]\s?10|(?<![\w.,$€£¥₹])10(?=⁻|[²³⁴-⁹]))(?P<power>⁻?[⁰¹²³⁴-⁹]+)"
    r"|(?<=[\d%€£¥₹).,])[⁰¹²³⁴-⁹]+"
)
"""A power of ten, or else the mark of a footnote behind a number; m² is neither."""
_VULGAR = re.compile(r"(?P<whole>\d\s?)?(?P<part>[¼-¾⅐-⅞])")
_stemmer = Stemmer.Stemmer("english")


def word_set(listing: str) -> frozenset[str]:
    """The words of a listing separated by white space."""
    return frozenset(listing.split())


STOP_WORDS: Final = word_set(
    "a an the and or but if then than so of in on at by for to from with without into onto over"
    " under about as is am are was were be been being do does did done have has had having will"
    " would shall should can could may might must i me my mine we us our ours you your yours he him"
    " his she her hers it its they them their theirs this that these those there here who whom"
    " whose which what when where why how not no nor too very just also only own same such both"
    " each any all some more most other s t ll re ve d m don't it's that's"
)


@lru_cache(maxsize=2048)
def clean(text: str) -> str:
    """NFKC, straight quotes, no zero-width or control characters, markdown and footnote marks
    dropped, ``1½`` as ``1 1/2`` and ``3×10⁶`` as ``3e6``; at most `MAX_CHARS`."""
    read = text[:MAX_CHARS]
    if not (read.isascii() and read.isprintable()):
        read = _VULGAR.sub(_fraction, _SUPERSCRIPT.sub(_power, read))
        read = unicodedata.normalize("NFKC", read).translate(_TRANSLATION)
    if any(mark in read for mark in _MARKS):
        read = _MARKUP.sub("", read)
    return read.strip()


def _power(match: re.Match[str]) -> str:
    if match["times"] is None:
        return ""
    return ("1" if match["times"] == "10" else "") + "e" + match["power"].translate(_RAISED)


def _fraction(match: re.Match[str]) -> str:
    part = unicodedata.normalize("NFKC", match["part"]).replace("\u2044", "/")
    return part if match["whole"] is None else f"{match['whole'].strip()} {part}"


def fold(text: str) -> str:
    """`clean`, case-folded, accents removed, runs of white space made one space.

    Marks that make another letter (vowel signs, voicing marks) stay.
    """
    folded = clean(text).casefold()
    if not text.isascii():
        folded = _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
        folded = unicodedata.normalize("NFC", folded)
    return " ".join(folded.split())


def lowered(text: str) -> str:
    """Lower case, letter for letter: where a pattern of ASCII letters ignores case, it finds the
    same places here.

    Searching lower case takes a quarter of the time of ignoring case.
    """
    return (text if text.isascii() else text.translate(_ONE_CASE)).lower()


@lru_cache(maxsize=2048)
def words(text: str) -> tuple[str, ...]:
    """Folded words in order: runs of letters and digits, inner apostrophes kept, possessive 's
    dropped.

    Chinese, Japanese and Korean characters are words of their own.
    """
    folded = fold(text)
    if folded.isascii():
        found = _ASCII_WORD.findall(folded)
    else:
        spread = _BY_CHARACTER.sub(r" \g<0> ", folded)
        found = WORD.findall(spread)
    if "'s" not in folded:
        return tuple(found)
    return tuple(w[:-2] if w.endswith("'s") and len(w) > 3 else w for w in found)


@lru_cache(maxsize=2048)
def content_stems(text: str) -> tuple[str, ...]:
    """Stems (Snowball English) of the words that are not stop words, in order, repeats kept."""
    return tuple(_stemmer.stemWords([w for w in words(text) if w not in STOP_WORDS]))


def stems(tokens: tuple[str, ...]) -> list[str]:
    """Snowball stems of folded words."""
    return list(_stemmer.stemWords(list(tokens)))


@lru_cache(maxsize=2048)
def spans(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of each sentence of a cleaned text; line breaks and semicolons end one too."""
    found, start = [], 0
    for match in _SENTENCE.finditer(text):
        end = match.start()
        if text[end - 1 : end] == "." and _ABBREVIATION.search(text[max(start, end - 8) : end]):
            continue
        if text[start:end].strip():
            found.append((start, end))
        start = match.end()
    if text[start:].strip():
        found.append((start, len(text)))
    return tuple(found)


def sentences(text: str) -> list[str]:
    """The sentences of a text, cleaned and stripped."""
    cleaned = clean(text)
    return [cleaned[a:b].strip() for a, b in spans(cleaned)]


def contains_phrase(tokens: tuple[str, ...], phrase: tuple[str, ...]) -> int:
    """Index at which the words of ``phrase`` stand in ``tokens`` in a row, or -1. An empty phrase
    is nowhere.
    """
    n, at = len(phrase), -1
    for _ in range(tokens.count(phrase[0]) if phrase else 0):
        at = tokens.index(phrase[0], at + 1)
        if tokens[at : at + n] == phrase:
            return at
    return -1
