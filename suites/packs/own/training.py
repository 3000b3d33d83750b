"""Chat lines as training examples, and a company's own texts as voice samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from evals.core import jsonl
from evals.core.errors import DataError, UsageError
from evals.core.interfaces import Pack
from evals.core.schema import Example, Message, VoiceSample
from evals.text import corpus
from evals.text.mentions import mentions

HELD_OUT: Final = 3
"""Every third topic of the voice samples checks what the others teach."""

State = Callable[[Sequence[str], str, str | None], list[str]]
"""Answers, a question and a user -> ids of the documents that state one of the answers."""


class ChatLine(msgspec.Struct, frozen=True):
    """One line of a training file, in the forms that trl and the OpenAI API read; ``id`` and the
    fields of `Example` may stand beside it. Other keys are ignored.
    """

    messages: tuple[Message, ...] = ()
    prompt: str = ""
    completion: str = ""
    id: str = ""
    stratum: str = ""
    documents: tuple[str, ...] = ()
    user: str | None = None
    task: str = "answer"
    choices: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None


def read_examples(path: Path, stating: State) -> Iterator[Example]:
    """The training examples of a file of chat lines.

    Where a line does not name a stratum, its example is learnt by heart (``closed_book``); one
    whose answer has typed values that stand in one of the documents is shown it in training as well
    (``oracle_present``, id with ``-shown``). Raises DataError (file, line) for a line that holds no
    question with its answer.
    """
    for number, line in jsonl.lines(path):
        try:
            chat = msgspec.json.decode(line, type=ChatLine)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _wrong(path, number, str(error)) from error
        yield from _examples(path, number, chat, stating)


def _examples(path: Path, number: int, chat: ChatLine, stating: State) -> Iterator[Example]:
    messages = chat.messages or _pair(chat)
    spoken = [m for m in messages if m.role != "system"]
    if [m.role for m in spoken[-2:]] != ["user", "assistant"] or not all(
        m.content.strip() for m in spoken[-2:]
    ):
        raise _wrong(path, number, "no question with its answer at the end")
    question, answer = spoken[-2].content, spoken[-1].content
    documents = chat.documents
    if not documents and not chat.choices and chat.json_schema is None and not chat.stratum:
        values = [answer[m.start : m.end] for m in mentions(answer)]
        documents = tuple(stating(values, question, chat.user)[:1]) if values else ()
    fields = {
        "id": chat.id or f"t{number:05}",
        "messages": spoken[-2:],
        "stratum": chat.stratum or "closed_book",
        "user": chat.user,
        "task": chat.task,
        "choices": chat.choices,
        "json_schema": chat.json_schema,
    }
    shown = {**fields, "id": f"{fields['id']}-shown", "stratum": "oracle_present"}
    try:
        if chat.stratum:
            yield msgspec.convert({**fields, "documents": documents}, Example, from_attributes=True)
            return
        yield msgspec.convert(fields, Example, from_attributes=True)
        if documents:
            yield msgspec.convert({**shown, "documents": documents}, Example, from_attributes=True)
    except msgspec.ValidationError as error:
        raise _wrong(path, number, str(error)) from error


def _pair(chat: ChatLine) -> tuple[Message, ...]:
    return (Message("user", chat.prompt), Message("assistant", chat.completion))


def _wrong(path: Path, number: int, why: str) -> DataError:
    return DataError(
        f"not a training example: {why}",
        where=path,
        line=number,
        expected='{"messages": [{"role": "user", "content": ...}, {"role": "assistant", ...}]}',
    )


def read_voices(
    path: Path, brand: str, stand_in: Callable[[], Pack]
) -> tuple[list[VoiceSample], bool]:
    """Voice samples of a file, or of a folder with a file or folder a voice; and whether voices
    other than the brand's are among them, without which none is validated.

    In a folder the voice that is named ``brand`` is the company's own, ``neutral`` is plain prose,
    and all others are voices that are not the brand's; where none is named ``brand``, everything
    below the folder is. What is not given stands in from another pack. Raises DataError for fewer
    than 20 texts of the brand.
    """
    if brand == corpus.NEUTRAL:
        raise UsageError("this name is taken by plain prose", found=brand)
    found = {p.stem: p for p in sorted(path.iterdir())} if path.is_dir() else {}
    if brand not in found:
        found = {brand: path}
    texts = {
        voice: corpus.read_texts(place)
        for voice, place in found.items()
        if place.is_dir() or place.suffix in corpus.SUFFIXES
    }
    own, plain = texts.pop(brand), texts.pop(corpus.NEUTRAL, [])
    pack = None if plain and texts else stand_in()
    return list(_split(corpus.samples(brand, own, plain, texts, pack))), bool(texts)


def _split(samples: Sequence[VoiceSample]) -> Iterator[VoiceSample]:
    topics = {topic: n for n, topic in enumerate(dict.fromkeys(s.content for s in samples))}
    for sample in samples:
        split = cast(Any, "fit" if topics[sample.content] % HELD_OUT else "held_out")
        yield msgspec.structs.replace(sample, split=split)
