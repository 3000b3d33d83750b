"""A model's thoughts separated from its answer, where both came as one text.

Servers without a reasoning parser, and local models, hand over thoughts between marks:
``<think>…</think>`` and its relatives, a closing mark alone (the chat template had opened it), or
the channels of gpt-oss.
"""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = "think|thinking|thoughts?|reasoning|reflection|scratchpad|seed:think"
_QUOTED: Final = "`'\""
"""A mark in quotes is mentioned, not used."""

_OPEN: Final = re.compile(rf"(?<![{_QUOTED}])([<\[◁])({_NAME})[>\]▷]", re.I)
_CLOSE: Final = re.compile(rf"(?<![{_QUOTED}])[<\[◁]/({_NAME})[>\]▷](?![{_QUOTED}])", re.I)
_FINAL: Final = re.compile(
    r"<\|channel\|>final(?:<\|constrain\|>\w+)?<\|message\|>|(?<=\S)assistantfinal"
)
_CHANNELS: Final = re.compile(
    r"\s*(?:<\|start\|>assistant)?<\|channel\|>(?:analysis|commentary)|\s*analysis(?=.*assistantfinal)",
    re.S,
)
_SPECIAL: Final = re.compile(
    r"<\|start\|>assistant|<\|(?:start|end|channel|message|return|call)\|>"
)
_MARK_LENGTH: Final = 16
"""No opening mark is longer, characters."""


def split_reasoning(text: str) -> tuple[str, str]:
    """(answer, thoughts).

    Without marks the whole text is the answer, unchanged, and there are no thoughts.

    Thoughts that never end leave no answer: the model was cut off within them. Linear in the text's
    length.
    """
    if channels := _CHANNELS.match(text):
        return _channels(text, channels.end())
    if "/" not in text and not _OPEN.match(text.lstrip()):
        return text, ""
    return _marks(text)


def answer_so_far(text: str) -> str:
    """The part of a growing text that is surely answer: nothing while it may be, or is, within
    opening thoughts.
    """
    start = text.lstrip()
    if not start or (
        start[0] in "<[◁" and len(start) < _MARK_LENGTH and not re.search(r"[>\]▷]", start)
    ):
        return ""
    return split_reasoning(text)[0] if start[0] in "<[◁" else text


def _channels(text: str, start: int) -> tuple[str, str]:
    final = _FINAL.search(text, start)
    if final is None:
        return "", _SPECIAL.sub(" ", text[start:]).strip()
    thoughts = _SPECIAL.sub(" ", text[start : final.start()]).strip()
    return _SPECIAL.split(text[final.end() :])[0].strip(), thoughts


def _marks(text: str) -> tuple[str, str]:
    answer: list[str] = []
    thoughts: list[str] = []
    place = 0
    while (opened := _OPEN.search(text, place)) is not None:
        closed = _CLOSE.search(text, opened.end())
        before = text[place : opened.start()]
        if closed is None:
            if "".join((*answer, before)).strip():
                break  # a mark that nothing closes, after words of the answer: a part of it
            thoughts.append(text[opened.end() :])
            return "", _joined(thoughts)
        answer.append(before)
        thoughts.append(text[opened.end() : closed.start()])
        place = closed.end()
    rest = text[place:]
    end = 0
    for closed in _CLOSE.finditer(rest):  # opened in the prompt: what stands before it is thought
        end = closed.end()
    if end:
        thoughts.append(_CLOSE.sub(" ", "".join((*answer, rest[:end]))))
        answer, rest = [], rest[end:]
    return ("".join((*answer, rest)).strip(), _joined(thoughts)) if thoughts else (text, "")


def _joined(thoughts: list[str]) -> str:
    return "\n".join(t.strip() for t in thoughts if t.strip())
