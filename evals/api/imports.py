"""Answers of production, read from a log, as a run like any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from evals.api.evaluate import evaluate
from evals.core import registry
from evals.core.errors import UsageError
from evals.core.interfaces import Pack
from evals.core.log import Log
from evals.core.normalise import normalised
from evals.core.paths import cache_dir, ensure_dir
from evals.core.registry import SUITES, SystemConfig, named
from evals.core.schema import Item, Message
from evals.core.traces import Reader, Trace, check_found
from evals.report.frames import Runs

Key = tuple[str, tuple[Message, ...]]


@dataclass(frozen=True)
class Imported:
    """A run made of a log: how many entries answered which part of the pack.

    ``dropped`` counts what could not be read, ``repeated`` further answers to a question that had
    one (the first is kept), ``strange`` answers to questions that the pack does not have.
    """

    runs: Runs
    matched: int
    asked: int
    repeated: int
    strange: int
    dropped: dict[str, int]


def import_traces(
    path: str | Path,
    name: str,
    pack: str | Path | Pack,
    *,
    form: str = "auto",
    mapping: str | Path | None = None,
    results: str | Path = "results",
) -> Imported:
    """Make a run of the answers in a log; it is scored as any other.

    A logged answer belongs to the item of ``pack`` that its ``item`` names, else to the one with
    the same question (letter case and spacing aside) after the same earlier turns. ``form`` is
    auto, openai, opentelemetry, langfuse, promptfoo or plain; ``mapping`` a TOML file that says
    where the fields of another form stand. Only questions that the log answers are in the run, and
    no latency is compared: what the log says of time was not measured here.

    Raises UsageError where no entry answers a question of the pack, DataError for a file that
    cannot be read.
    """
    named(name, where="--as")
    opened = pack if isinstance(pack, Pack) else registry.open_pack(str(pack), cache_dir())
    reader = Reader(Path(path), form, None if mapping is None else Path(mapping))
    folder = ensure_dir(Path(results) / "imports" / name)
    answers = folder / "answers.jsonl"
    found = _matched(reader, opened, answers)
    config = SystemConfig(
        name, "recorded", {"answers": str(answers)}, about=f"answers logged in {Path(path).name}"
    )
    runs = evaluate(
        config,
        cast(Pack, _Answered(opened, found.ids)),
        suites=sorted({item.suite for item in opened.items() if item.id in found.ids}),
        profile="full",
        results=results,
        command=f"adaptbench import traces {Path(path).name} --as {name}",
    )
    return Imported(
        runs, len(found.ids), found.asked, found.repeated, found.strange, dict(reader.dropped)
    )


@dataclass
class _Found:
    ids: set[str]
    asked: int
    repeated: int = 0
    strange: int = 0


def _matched(reader: Reader, pack: Pack, answers: Path) -> _Found:
    """Write the answers to the pack's questions, by item; memory grows with the pack alone."""
    ids, by_question = set[str](), dict[Key, list[str]]()
    for item in _askable(pack):
        ids.add(item.id)
        by_question.setdefault(_key(item.question, item.history), []).append(item.id)
    found, seen = _Found(set(), len(ids)), 0
    with Log(answers, restart=True) as log:
        for trace in reader:
            seen += 1
            of = _items(trace, ids, by_question)
            new = [one for one in of if one not in found.ids]
            found.strange += not of
            found.repeated += bool(of) and not new
            for one in new:
                log.append(normalised(trace.response(one)))
                found.ids.add(one)
    check_found(reader, seen)
    if not found.ids:
        raise UsageError(
            "the log answers none of the pack's questions",
            where=reader.path,
            found=f"{seen} answers to other questions",
            expected=f"questions of the pack {pack.name!r}, or their ids as `item`",
            hint=f"`adaptbench import questions {reader.path} --out questions.csv` samples them",
        )
    return found


def _items(trace: Trace, ids: set[str], by_question: dict[Key, list[str]]) -> list[str]:
    if trace.item in ids:
        return [trace.item]
    return by_question.get(_key(trace.question, trace.history), [])


def _key(question: str, history: tuple[Message, ...]) -> Key:
    plain = tuple(_compared(turn) for turn in history if turn.role == "user")
    return " ".join(question.casefold().split()), plain


def _compared(turn: Message) -> Message:
    return Message(turn.role, " ".join(turn.content.casefold().split()))


def _askable(pack: Pack) -> Iterator[Item]:
    """Items of suites whose answers a log can give: all but those that measure latency."""
    for item in pack.items():
        if item.suite in SUITES.names() and SUITES.get(item.suite).measured != "latency":
            yield item


class _Answered:
    """A pack that asks only what the log answered; all else is the pack's."""

    def __init__(self, pack: Pack, ids: set[str]) -> None:
        self._pack, self._ids = pack, ids

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pack, name)

    def items(self, suite: str | None = None) -> Iterator[Item]:
        return (item for item in self._pack.items(suite) if item.id in self._ids)
