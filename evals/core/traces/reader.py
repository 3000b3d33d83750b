"""Logs of production, in the forms that tools export, read as a stream of `Trace`.

Only what a `Trace` holds is taken from an entry; headers, keys and everything else stay behind.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from evals.core.errors import DataError, UsageError
from evals.core.jsonl import lines
from evals.core.normalise import clean_json
from evals.core.registry import unknown
from evals.core.traces.forms import FORMS, Form, recognised
from evals.core.traces.record import Trace, number, passages_of, text_of, usage_of

MAX_WHOLE: Final = 256 << 20
"""Largest JSON document, bytes, that is read in one piece; JSON lines have no such bound."""

MAX_FIELD: Final = 4 << 20

_DEFAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "question": ("question", "query", "prompt", "input", "user_input"),
    "answer": ("answer", "response", "output", "completion"),
    "item": ("item", "id"),
    "passages": ("passages", "contexts", "retrieved_contexts", "documents"),
    "user": ("user", "user_id"),
    "conversation": ("conversation", "conversation_id", "session_id"),
    "model": ("model",),
    "usage": ("usage",),
    "seconds": ("seconds", "latency"),
    "error": ("error",),
}


class Mapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the fields of a trace stand in an entry: dotted paths (``data.reply.text``)."""

    question: str
    answer: str = ""
    item: str = ""
    passages: str = ""
    user: str = ""
    conversation: str = ""
    model: str = ""
    usage: str = ""
    seconds: str = ""
    error: str = ""


class Reader:
    """Streams the traces of a file and counts what it leaves out, by reason."""

    def __init__(self, path: Path, form: str = "auto", mapping: Path | None = None) -> None:
        """``form`` is auto, plain or one of `FORMS`; ``mapping`` is a TOML file with [fields].

        Raises UsageError for another form, DataError for a mapping that cannot be read.
        """
        if form not in ("auto", "plain", *FORMS):
            raise unknown("form of log", form, ["auto", "plain", *FORMS])
        self.path, self.dropped = path, Counter[str]()
        self._form = None if form == "auto" else plain if form == "plain" else FORMS[form]
        if mapping is not None:
            self._form = _mapper(mapping)

    def __iter__(self) -> Iterator[Trace]:
        for entry in _entries(self.path, self.dropped):
            form = self._form or self._recognised(entry)
            try:
                found = list(form(entry))
            except (AttributeError, TypeError, KeyError, IndexError, RecursionError):
                self.dropped["another shape than its form has"] += 1
                continue
            if not found:
                self.dropped["no question"] += 1
            for trace in found:
                if trace.answer is None and trace.error is None:
                    self.dropped["no answer"] += 1
                else:
                    yield trace

    def _recognised(self, entry: Mapping[str, Any]) -> Form:
        """The form of this entry; a file may mix them."""
        return FORMS.get(recognised(entry) or "", plain)


def plain(entry: Mapping[str, Any]) -> Iterator[Trace]:
    """One answer a line under the usual names (question, answer, contexts, ...)."""
    found = {
        field: next((entry[name] for name in names if entry.get(name) not in (None, "")), None)
        for field, names in _DEFAULTS.items()
    }
    yield from _trace(found)


def _mapper(path: Path) -> Form:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        fields = msgspec.convert(table.get("fields", {}), Mapped)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=path) from error
    except (
        tomllib.TOMLDecodeError,
        UnicodeDecodeError,
        msgspec.ValidationError,
        RecursionError,
    ) as error:
        raise DataError(
            f"not a mapping of fields: {error}",
            where=path,
            expected="[fields] with question, answer, item, passages, user, ... = dotted paths",
        ) from error
    paths = {name: path for name, path in msgspec.structs.asdict(fields).items() if path}

    def form(entry: Mapping[str, Any]) -> Iterator[Trace]:
        yield from _trace({name: _dig(entry, place) for name, place in paths.items()})

    return form


def _dig(entry: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(entry, list) and step.isdecimal() and int(step) < len(entry):
            entry = entry[int(step)]
        elif isinstance(entry, Mapping):
            entry = entry.get(step)
        else:
            return None
    return entry


def _trace(found: Mapping[str, Any]) -> Iterator[Trace]:
    question = text_of(found.get("question"))
    if question is None:
        return

    def named(name: str) -> str | None:
        value = found.get(name)
        return None if value in (None, "") else str(value)

    yield Trace(
        question,
        text_of(found.get("answer")),
        passages=passages_of(_listed(found.get("passages"))),
        usage=usage_of(found.get("usage")),
        seconds=number(found.get("seconds")),
        item=named("item"),
        user=named("user"),
        conversation=named("conversation"),
        model=named("model"),
        error=named("error"),
    )


def _listed(value: Any) -> Any:
    """A list that a table's cell holds as JSON, read; one text is a list of one."""
    if not isinstance(value, str):
        return value
    try:
        read = json.loads(value)
    except ValueError:
        read = value
    return read if isinstance(read, list) else [value]


def _entries(path: Path, dropped: Counter[str]) -> Iterator[Mapping[str, Any]]:
    if path.suffix.lower() in (".csv", ".tsv"):
        yield from _rows(path, dropped)
        return
    first = next(lines(path, max_line=MAX_WHOLE), None) if _is_whole(path) else None
    if first is not None:
        yield from _whole(path)
        return
    for _, line in lines(path, max_line=MAX_WHOLE):
        try:
            entry = clean_json(line)
        except (ValueError, RecursionError):
            dropped["not JSON"] += 1
            continue
        if isinstance(entry, Mapping):
            yield entry
        else:
            dropped["not a JSON object"] += 1


def _is_whole(path: Path) -> bool:
    """Whether a file is one JSON document over several lines, or an array, and not JSON lines."""
    try:
        with path.open("rb") as stream:
            head = stream.readline(1 << 16).removeprefix(b"\xef\xbb\xbf").strip()
    except FileNotFoundError:
        raise DataError("no such file", where=path) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=path) from error
    return head[:1] == b"[" or head in (b"{", b"") or path.suffix.lower() == ".json"


def _whole(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.stat().st_size > MAX_WHOLE:
        raise DataError(
            "the JSON document is too large to be read in one piece",
            where=path,
            found=f"{path.stat().st_size >> 20} MB",
            expected=f"at most {MAX_WHOLE >> 20} MB",
            hint="export it as JSON lines",
        )
    try:
        document = clean_json(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DataError(f"not a JSON document: {error}", where=path) from error
    for key in ("results", "data", "traces"):
        while isinstance(document, Mapping) and isinstance(document.get(key), list | Mapping):
            document = document[key]
    for entry in document if isinstance(document, list) else [document]:
        if isinstance(entry, Mapping):
            yield entry


def _rows(path: Path, dropped: Counter[str]) -> Iterator[Mapping[str, Any]]:
    csv.field_size_limit(MAX_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            table = csv.DictReader(stream, delimiter="\t" if path.suffix == ".tsv" else ",")
            for row in table:
                if None in row or None in row.values():
                    dropped["a row with other columns than the header"] += 1
                else:
                    yield row
    except FileNotFoundError:
        raise DataError("no such file", where=path) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot be read: {error}", where=path) from error


def check_found(reader: Reader, count: int) -> None:
    """Raise UsageError where a file held no answer at all, with what was left out and why."""
    if not count:
        reasons = ", ".join(f"{n} × {reason}" for reason, n in reader.dropped.most_common())
        raise UsageError(
            "the log holds no answer",
            where=reader.path,
            found=reasons or "no entry",
            hint="--form names its form, --map says where question and answer stand",
        )
