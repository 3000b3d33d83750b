"""Reads a table of questions and answers: CSV, TSV, JSON lines or Parquet, one row a question."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec

from evals.core import jsonl
from evals.core.errors import DataError, UsageError
from evals.core.schema import Message, SlotKind
from evals.text.units import DURATIONS

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "question": ("question", "query", "prompt", "q", "input"),
    "answer": ("answer", "answers", "expected", "reference", "references", "gold", "output", "a"),
    "document": ("document", "documents", "source", "file", "context_id"),
    "kind": ("kind", "type", "answer_type"),
    "choices": ("choices", "options"),
    "id": ("id", "item"),
    "cluster": ("cluster", "group", "topic"),
    "track": ("track", "category"),
    "user": ("user", "customer"),
    "time": ("time", "moment"),
    "answerable": ("answerable",),
}
"""What a row may hold, and the column names that stand for it, letter case aside."""

_LISTS: Final = ("question", "answer", "document", "choices")
"""What may be a list: of messages in the first, of texts in the others."""

SEPARATOR: Final = " | "
"""Between several answers, documents or choices in one cell."""

_COUNT: Final = r"(?:\d[\d.,]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_MONTH: Final = (
    r"(?i:jan|gen|ene|f[eé][bv]|m[aä]r|mrt|ma[aiyg]|mei|a[pvb]r|jun|jui|giu|jul|lug|a[ug][go]|ao[uû]|sep|set|o[cku]t"
    r"|ott|nov|d[eéi][cz])[^\W\d_]*\.?"
)
_DATE: Final = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}\. ?\d{1,2}\."
    r" ?(?:\d{4}|\d{2})|\d{1,2}([/-])\d{1,2}\1(?:\d{4}|\d{2})"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s+(?:(?:de|of)\s+)?{_MONTH},?\s+(?:de\s+)?\d{{4}}"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
)
_TWO_WAYS: Final = r"(?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|1[0-2])[/-]\d{2,4}"
_KINDS: Final[tuple[tuple[SlotKind, str], ...]] = (
    ("boolean", r"(?i)yes|no|true|false"),
    ("date", _DATE),
    ("time", r"(?i)([01]?\d|2[0-3]):[0-5]\d|(1[0-2]|0?[1-9])([:.][0-5]\d)?\s?[ap]\.?m\.?"),
    (
        "money",
        r"(?i)(?:US)?[$€£¥]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[€£]|USD|EUR|GBP|CHF|JPY|dollars?|euros?|pounds?)",
    ),
    ("percent", r"(?i)-?\d[\d.,]*\s?(?:%|percent)"),
    (
        "duration",
        rf"(?i){_COUNT}\s?(?:{'|'.join(map(re.escape, sorted(DURATIONS, key=len, reverse=True)))})",
    ),
    ("number", r"-?\d[\d.,]*(?:\s?[a-zA-Z°/]{1,4})?"),
    ("id", r"(?=[^\s]*\d)(?=[^\s]*[A-Z])[A-Z0-9][A-Z0-9_-]{3,}"),
)
_LEAD: Final = re.compile(
    r"(?i)(?:within|up to|at (?:most|least)|from|until|after|before|about|around)\s+(?=\S)"
)


@dataclass(frozen=True)
class Row:
    """One question as it stands in the table. ``line`` is its line (CSV, JSON lines) or row number
    (Parquet).
    """

    line: int
    question: str
    answers: tuple[str, ...]
    documents: tuple[str, ...]
    choices: tuple[str, ...]
    fields: Mapping[str, str]
    history: tuple[Message, ...] = ()

    @property
    def answerable(self) -> bool:
        """False where the table says so or gives no answer."""
        return self.fields.get("answerable", "").lower() not in ("no", "false", "0") and bool(
            self.answers
        )


def read_questions(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Row]:
    """Every row with a question. ``columns`` maps what a row holds to the table's own column name.

    Raises UsageError for an unknown file type or mapping, DataError for a table that cannot be read
    or has no question column.
    """
    for key in columns or {}:
        if key not in COLUMNS:
            raise UsageError(f"unknown column {key!r}", expected=", ".join(COLUMNS))
    reader = _TABLES.get(path.suffix.lower())
    if reader is None:
        raise UsageError("unknown kind of table", where=path, expected=", ".join(_TABLES))
    if not path.is_file():
        raise DataError("no such file of questions", where=path)
    present: set[str] = set()
    for line, record in reader(path):
        present.update(record)
        names = _names(path, record, columns or {})
        row = _row(path, line, {key: record.get(column) for key, column in names.items()})
        if row.question:
            yield row
    absent = [column for column in (columns or {}).values() if column not in present]
    if present and absent:
        raise DataError(
            f"no column is called {absent[0]!r}", where=path, found=", ".join(sorted(present))
        )


def inferred_kind(answer: str) -> SlotKind | None:
    """The type of a short answer by its form; None for free text."""
    return next((kind for kind, form in _KINDS if re.fullmatch(form, answer.strip())), None)


def reads_two_ways(answer: str) -> bool:
    """Whether a numeric date has its day or its month first, and nothing says which
    (03/04/2025).
    """
    numbers = re.split(r"[/-]", answer.strip())
    return re.fullmatch(_TWO_WAYS, answer.strip()) is not None and int(numbers[0]) != int(
        numbers[1]
    )


def bare(answer: str) -> str:
    """A typed answer without the words before it (``within 3 days`` is ``3 days``); any other
    answer as it is.
    """
    rest = _LEAD.sub("", answer, count=1) if _LEAD.match(answer) else answer
    return rest if inferred_kind(rest) else answer


def _names(path: Path, record: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, str]:
    present = {str(name).strip().lower(): str(name) for name in record}
    found = {
        key: present[n]
        for key, aliases in COLUMNS.items()
        if (n := next(filter(present.get, aliases), None))
    }
    found |= columns
    if "question" not in found:
        raise DataError(
            "no column holds the questions",
            where=path,
            found=", ".join(map(str, record)),
            expected=f"one of {', '.join(COLUMNS['question'])}",
            hint="name it: --column question=COLUMN",
        )
    return found


def _row(path: Path, line: int, values: Mapping[str, Any]) -> Row:
    for key, value in values.items():
        if isinstance(value, dict) or (isinstance(value, list | tuple) and key not in _LISTS):
            raise _nested(path, line, key, value)
    fields = {
        key: text for key, value in values.items() if key not in _LISTS and (text := _text(value))
    }
    history, question = _turns(path, line, values.get("question"))
    cells = {key: _several(path, line, key, values.get(key)) for key in _LISTS[1:]}
    return Row(
        line, " ".join(question.split()), cells["answer"], cells["document"], cells["choices"],
        fields, history,
    )  # fmt: skip


def _turns(path: Path, line: int, value: Any) -> tuple[tuple[Message, ...], str]:
    """The earlier turns and the question itself. A list of messages is a conversation whose last
    turn is the user's; a list of anything else is refused.
    """
    if not isinstance(value, list | tuple):
        return (), _text(value)
    try:
        turns = msgspec.convert(value, tuple[Message, ...])
    except msgspec.ValidationError:
        raise _nested(path, line, "question", value) from None
    spoken = [turn for turn in turns if turn.role != "system"]
    if not spoken or spoken[-1].role != "user":
        raise DataError(
            "the conversation does not end with a user's message",
            where=path,
            line=line,
            found=value,
            hint="put the expected reply into the column of answers",
        )
    return tuple(spoken[:-1]), spoken[-1].content


def _several(path: Path, line: int, key: str, value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list | tuple) else _text(value).split(SEPARATOR)
    if any(isinstance(part, dict | list | tuple) for part in parts):
        raise _nested(path, line, key, value)
    return tuple(text for part in parts if (text := _text(part)))


def _nested(path: Path, line: int, key: str, value: Any) -> DataError:
    return DataError(
        f"the column of {key}s holds a nested value",
        where=path,
        line=line,
        found=value,
        expected=(
            'text, or a list of messages {"role": ..., "content": ...}'
            if key == "question"
            else "text or a list of texts"
            if key in _LISTS
            else "text"
        ),
    )


def _text(value: Any) -> str:
    """The cell as text; nothing where it is empty or not a number. What UTF-8 cannot hold is
    replaced.
    """
    if value is None or value != value:  # noqa: PLR0124
        return ""
    return str(value).encode("utf-8", "replace").decode("utf-8").strip()


def _csv(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head = stream.readline(jsonl.MAX_LINE)
            stream.seek(0)
            delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;", key=head.count)
            reader = csv.DictReader(_bounded(path, stream), delimiter=delimiter, strict=True)
            for record in reader:
                if None in record:
                    raise DataError("more cells than columns", where=path, line=reader.line_num)
                if None in record.values():
                    raise DataError(
                        "fewer cells than columns",
                        where=path,
                        line=reader.line_num,
                        hint="end the row with an empty cell where a question has no answer",
                    )
                yield reader.line_num, record
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(
            f"not a readable table: {error}", where=path, expected="UTF-8, one row a question"
        ) from error


def _bounded(path: Path, stream: TextIO) -> Iterator[str]:
    number = 0
    while line := stream.readline(jsonl.MAX_LINE + 1):
        number += 1
        if len(line) > jsonl.MAX_LINE:
            raise DataError(
                "line too long",
                where=path,
                line=number,
                expected=f"at most {jsonl.MAX_LINE} characters",
            )
        yield line


def _jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in jsonl.lines(path):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"not one JSON object: {error}", where=path, line=number) from error
        if not isinstance(record, dict):
            raise DataError("not one JSON object", where=path, line=number, found=record)
        yield number, record


def _parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=1024):
            for record in batch.to_pylist():
                number += 1
                yield number, record
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"not a readable Parquet file: {error}", where=path) from error


_TABLES: Final = {
    ".csv": _csv, ".tsv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".parquet": _parquet,
}  # fmt: skip
