"""Joins questions and documents into a pack: typed gold where an answer has a type, and the
documents that state it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast, get_args

import msgspec

from evals.core.errors import DataError
from evals.core.interfaces import Pack
from evals.core.schema import Document, Item, Slot, SlotKind, User
from suites.packs.layout import FORMAT, PackFile, PackTable
from suites.packs.own.documents import document_id, read_documents
from suites.packs.own.questions import Row, bare, inferred_kind, read_questions, reads_two_ways
from suites.packs.own.training import read_examples, read_voices
from suites.packs.text import plain
from suites.packs.writer import PackWriter, atomic_folder

SHORT: Final = 6
"""Answers of at most so many words that stand in a document are gold as they are; longer ones are
references.
"""
TIMES: Final = ("t0", "t1")
UNDATED: Final = "2020-01-01"
"""The date of documents where none says its own: the same on every day of import."""


@dataclass
class Summary:
    """What an import made of its sources: counts, the questions no document could be found for, and
    those whose date reads two ways."""

    documents: int = 0
    items: int = 0
    unanswerable: int = 0
    linked: int = 0
    examples: int = 0
    taught: int = 0
    """Of the examples, those that a document is shown with in training."""
    voices: dict[str, int] = field(default_factory=dict)
    decoys: bool = False
    """Whether the voices that are not the brand's are the company's own choice."""
    unlinked: list[str] = field(default_factory=list)
    two_ways: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Library:
    """The documents of one import, for looking up what an answer stands in."""

    documents: Sequence[Document]
    texts: Sequence[str]
    words: Sequence[frozenset[str]]
    spread: Mapping[str, int]
    """In how many documents a word stands."""

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Library:
        texts = [plain(f"{d.title} {d.text}") for d in documents]
        words = [_words(text) for text in texts]
        return cls(documents, texts, words, Counter(word for found in words for word in found))

    def named(self, name: str, where: Path, line: int) -> str:
        """The id of the document that a table calls ``name``: its id, path, file name or stem.
        Raises DataError.
        """
        wanted = document_id(name)
        fits = [d.id for d in self.documents if wanted in (d.id, Path(d.id).name, Path(d.id).stem)]
        if len(fits) != 1:
            raise DataError(
                "names no document" if not fits else "names several documents",
                where=where,
                line=line,
                found=name,
                expected="the path of one file below the folder of documents",
            )
        return fits[0]

    def stating(self, answers: Sequence[str], question: str, user: str | None) -> list[str]:
        """Ids of documents in which an answer stands, the one nearest to the question first.

        Near is who shares the question's words, rare ones above all; documents less than half as
        near are left out, as they hold the same words about something else.
        """
        forms = "|".join(re.escape(plain(answer)) for answer in answers)
        form = re.compile(rf"(?<!\w)(?<!\d[.,:])(?:{forms})(?!\w)(?![.,:]\d)")
        asked = _words(plain(question))
        near = {
            document.id: sum(1 / self.spread[word] for word in asked & words)
            for document, text, words in zip(self.documents, self.texts, self.words, strict=True)
            if document.user in (None, user) and form.search(text)
        }
        best = max(near.values(), default=0.0)
        return [
            name for name in sorted(near, key=lambda name: -near[name]) if near[name] * 2 >= best
        ]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w{3,}", text))


def import_own(
    target: Path,
    questions: Path,
    folder: Path,
    *,
    company: Mapping[str, str],
    brand: str = "",
    columns: Mapping[str, str] | None = None,
    day: str = "",
    taught: str = "",
    train: Path | None = None,
    voice: Path | None = None,
    stand_in: Callable[[], Pack] | None = None,
    replace: bool = False,
) -> Summary:
    """Write a pack from a table of questions and a folder of documents.

    ``day`` dates documents that do not say their own (default: as the oldest that does). Questions
    are asked at t1, the newest date; training may see what is dated up to ``taught`` (t0, default:
    everything). ``train`` is a file of chat lines (`read_examples`), ``voice`` texts of the brand
    (`read_voices`), beside which ``stand_in`` gives the voices that are none of its own; with them
    every answerable question is asked once more in the suite brand_tone.

    A question without an answer is unanswerable and is paired with a copy of an answerable one.
    Raises DataError with file and line for what cannot be read, UsageError where ``target`` exists.
    """
    library = Library.of(_dated(list(read_documents(folder, day))))
    if not library.documents:
        raise DataError(
            "no document could be read", where=folder, expected="Markdown, HTML, PDF or text files"
        )
    rows = list(read_questions(questions, columns))
    if not rows:
        raise DataError("no question could be read", where=questions)
    last = max(d.date for d in library.documents)
    settings = PackFile(
        PackTable(
            target.name,
            FORMAT,
            brand=brand,
            about=f"Imported from {questions.name} and {folder.name}.",
        ),
        dict(zip(TIMES, (min(taught or last, last), last), strict=True)),
        dict(company),
    )
    summary = Summary(documents=len(library.documents))
    with atomic_folder(target, replace=replace) as partial, PackWriter(partial, settings) as out:
        out.add_all(library.documents)
        items = [
            _item(row, number, library, questions, summary)
            for number, row in enumerate(rows, start=1)
        ]
        _check_names(rows, items, questions)
        out.add_all(_paired(items))
        if train is not None:
            for example in read_examples(train, library.stating):
                out.add(example)
                shown = example.id.endswith("-shown")
                summary.examples += not shown
                summary.taught += shown
        if voice is not None and stand_in is not None:
            samples, summary.decoys = read_voices(voice, brand, stand_in)
            summary.voices = dict(Counter(s.voice for s in samples))
            out.add_all(samples)
            out.add_all(_spoken(items, brand))
        users = {u for u in (*(i.user for i in items), *(d.user for d in library.documents)) if u}
        out.add_all(User(name, name) for name in sorted(users))
    summary.items = len(items)
    summary.unanswerable = sum(not i.answerable for i in items)
    return summary


def _dated(documents: list[Document]) -> list[Document]:
    """The documents, those without a date dated as the oldest of the others is."""
    day = min((d.date for d in documents if d.date), default=UNDATED)
    return [d if d.date else msgspec.structs.replace(d, date=day) for d in documents]


def _item(row: Row, number: int, library: Library, where: Path, summary: Summary) -> Item:
    fields = row.fields
    ident = fields.get("id") or f"q{number:04}"
    user = fields.get("user")
    found = [library.named(name, where, row.line) for name in row.documents]
    stated = row.answers if row.answerable and not _boolean(row.answers[0]) else ()
    linked = found or (library.stating(stated, row.question, user) if stated else [])
    if row.answerable:
        summary.linked += bool(linked)
        if not linked:
            summary.unlinked.append(ident)
    gold = _gold(row, linked, where) if row.answerable else ()
    if any(slot.kind == "date" and reads_two_ways(slot.value) for slot in gold):
        summary.two_ways.append(ident)
    return Item(
        id=ident,
        suite="domain_accuracy" if row.answerable else "hallucination",
        track=fields.get("track") or "own",
        question=row.question,
        cluster=fields.get("cluster") or ident,
        answerable=row.answerable,
        gold=gold,
        references=row.answers if row.answerable else (),
        choices=row.choices,
        user=user,
        documents=tuple(found or linked[:1]) if row.answerable else (),
        also=() if found else tuple(linked[1:]),
        time=fields.get("time") or "t1",
        lookup=True if row.choices else None,
        history=row.history,
    )


def _gold(row: Row, linked: list[str], where: Path) -> tuple[Slot, ...]:
    kind = _kind(row, bool(linked), where)
    if kind is None or (kind == "boolean" and not _boolean(row.answers[0])):
        return ()
    value = (
        row.answers[0].lower()
        if kind == "boolean"
        else row.answers[0]
        if row.choices
        else bare(row.answers[0])
    )
    return (
        Slot("answer", kind, value, tuple(a for a in row.answers if a.lower() != value.lower())),
    )


def _kind(row: Row, linked: bool, where: Path) -> SlotKind | None:
    """The kind the table names, ``choice`` where it offers choices, else what the answer looks
    like.
    """
    said, value = row.fields.get("kind"), row.answers[0]
    if said is not None and said not in get_args(SlotKind):
        raise DataError(
            "unknown kind of answer", where=where, line=row.line, found=said, expected=_kinds()
        )
    if said is not None:
        return cast(SlotKind, said)
    if row.choices:
        return "choice"
    return inferred_kind(bare(value)) or (
        "text" if linked and len(value.split()) <= SHORT else None
    )


def _check_names(rows: Sequence[Row], items: Sequence[Item], where: Path) -> None:
    """Ids are used once, and moments are those of the pack. Raises DataError with the line of the
    table.
    """
    seen: dict[str, int] = {}
    for row, item in zip(rows, items, strict=True):
        if item.id in seen:
            raise DataError(
                f"the id of line {seen[item.id]} again", where=where, line=row.line, found=item.id,
                expected="an id of its own for each question",
            )  # fmt: skip
        if item.time not in TIMES:
            raise DataError(
                "unknown moment",
                where=where,
                line=row.line,
                found=item.time,
                expected=" or ".join(TIMES),
            )
        seen[item.id] = row.line


def _spoken(items: Sequence[Item], brand: str) -> Iterator[Item]:
    """Every answerable question that is answered in prose, asked once more for its voice."""
    for item in items:
        if item.answerable and not item.choices:
            yield msgspec.structs.replace(
                item, id=f"{item.id}-voice", suite="brand_tone", track="plain", brand=brand
            )


def _boolean(value: str) -> bool:
    return value.lower() in ("yes", "no", "true", "false")


def _kinds() -> str:
    return ", ".join(get_args(SlotKind))


def _paired(items: list[Item]) -> Iterator[Item]:
    """All items, and beside each unanswerable one a copy of an answerable one as its twin."""
    answerable = [i for i in items if i.answerable and i.user is None] or [
        i for i in items if i.answerable
    ]
    turn = 0
    for item in items:
        if item.answerable or not answerable:
            yield item
            continue
        model = answerable[turn % len(answerable)]
        turn += 1
        twin = f"{item.id}-twin"
        yield msgspec.structs.replace(item, twin=twin)
        yield msgspec.structs.replace(
            model, id=twin, suite=item.suite, track=item.track, cluster=item.cluster, twin=item.id
        )
