"""What a company runs already: a Python callable, or a chatbot behind HTTP, evaluated as it is."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from evals.core.errors import SystemFailure, UsageError
from evals.core.identity import code_digest, digest, source_digest
from evals.core.interfaces import Mode, Setup
from evals.core.registry import load
from evals.core.schema import Failure, Passage, Request, Response, Timings
from evals.core.secrets import masked
from evals.http.retries import Retries
from evals.http.secrets import check_address
from evals.http.transport import Transport, Trouble, from_environment
from systems.engines.pace import Losses
from systems.settings import Settings, as_table, parse
from systems.template import dig, fill

Ask = Callable[[Request], "str | Mapping[str, Any] | Response"]
"""What a callable system does: a request in; the answer's text, a table with ``text`` and
``passages``, or a record.

The request's ``time`` is the pack's date of its moment (``2025-06-01``), as for a chatbot behind
HTTP.
"""


class PythonSettings(Settings, frozen=True):
    """A system of kind ``python``. ``target`` is ``module:attribute`` of type `Ask`, installed or
    in this folder.

    With ``factory = true`` the target is called once with ``options`` and returns what answers.
    ``version`` is part of the identity: raise it when the callable changes in a way that its own
    code does not show.
    """

    name: str = "python"
    target: str = ""
    factory: bool = False
    options: dict[str, Any] = msgspec.field(default_factory=dict)
    version: str = ""


class HttpSettings(Settings, frozen=True):
    """A system of kind ``http``: how a chatbot is asked, and where its answer stands in what it
    returns.

    ``body`` is a JSON template; ``{question}``, ``{user}``, ``{time}`` and ``{id}`` in its strings
    are filled in; ``{time}`` is the pack's date of the request's moment (``2025-06-01``),
    ``{user}`` is empty where nobody is named. A string that is ``{history}`` or ``{messages}``
    becomes the list of earlier turns, or of all turns with the question, as tables of ``role`` and
    ``content``. ``answer`` and ``passages`` are dotted paths (``choices.0.message.content``); each
    passage is a string or a table of which ``passage_id`` and ``passage_text`` are paths.
    ``headers`` are sent as they are, and ``secret_headers`` maps a header to the environment
    variable that holds it. Times are seconds.
    """

    name: str = "http"
    url: str = ""
    method: Literal["POST", "PUT"] = "POST"
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    secret_headers: dict[str, str] = msgspec.field(default_factory=dict)
    body: dict[str, Any] = msgspec.field(default_factory=lambda: {"question": "{question}"})
    answer: str = "answer"
    passages: str | None = None
    passage_id: str = "id"
    passage_text: str = "text"
    concurrency: int = 4
    connect: float = 10.0
    idle: float = 60.0
    deadline: float = 180.0
    tries: int = 4

    def __post_init__(self) -> None:
        if (
            self.concurrency < 1
            or self.tries < 1
            or min(self.connect, self.idle, self.deadline) <= 0
        ):
            raise ValueError("concurrency >= 1, tries >= 1 and times above 0 are needed")


def python_callable(settings: Mapping[str, Any]) -> PythonSystem:
    """A system that calls ``target`` for every request. Raises UsageError where it cannot be
    imported, or Python code is forbidden (``--no-python``).

    From Python the target may be the callable itself.
    """
    target = settings.get("target")
    if not callable(target):
        if os.environ.get("ADAPTBENCH_NO_PYTHON", "") not in ("", "0"):
            raise UsageError(
                "this system's file names Python code to run, which is forbidden here",
                found=target,
                hint="read that code; then leave --no-python (ADAPTBENCH_NO_PYTHON) out",
            )
        return PythonSystem(parse(settings, PythonSettings, what="a python system"))
    named = getattr(target, "__qualname__", type(target).__qualname__)
    place = f"{getattr(target, '__module__', '')}:{named}"
    return PythonSystem(
        parse({**settings, "target": place}, PythonSettings, what="a python system"), target
    )


def http_chatbot(settings: Mapping[str, Any]) -> HttpSystem:
    """A system that asks a chatbot over HTTP. Raises UsageError where the settings are wrong."""
    return HttpSystem(parse(settings, HttpSettings, what="an http system"))


class PythonSystem:
    """Calls a function in this process, one request at a time. What it raises is that request's
    failure.
    """

    privileged = False

    def __init__(self, settings: PythonSettings, target: Ask | None = None) -> None:
        self.name, self.settings, self._given = settings.name, settings, target
        with _importable(Path.cwd()):
            self._target = target or load(settings.target, f"the target of {settings.name!r}")
        if not callable(self._target):
            raise UsageError(
                f"the target of {settings.name!r} cannot be called", found=settings.target
            )
        self._ask: Ask | None = None
        self._times: Mapping[str, str] = {}

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        module = self.settings.target.partition(":")[0].partition(".")[0]
        return {
            "kind": "python",
            **masked(as_table(self.settings)),
            "code": source_digest(__name__),
            "theirs": _source(module) if self._given is None else _own_source(self._given),
        }

    def open(self, setup: Setup) -> None:
        """Call the factory, where there is one. What it raises ends the run as a SystemFailure."""
        target = cast(Any, self._target)
        self._times = setup.pack.times
        if not self.settings.factory:
            self._ask = target
            return
        try:
            self._ask = target(**self.settings.options)
        except (Exception, SystemExit) as error:
            raise SystemFailure(
                f"{self.name} cannot be set up: {type(error).__name__}: {error}",
                found=self.settings.target,
            ) from error

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        if self._ask is None:
            raise SystemFailure(
                f"{self.name} was asked before it was opened", hint="call open() first"
            )
        for request in requests:
            yield self._answer(request, mode, self._ask)

    def _answer(self, request: Request, mode: Mode, ask: Ask) -> Response:
        began = time.perf_counter()
        try:
            given = ask(_dated(request, self._times))
            return _record(request, given, mode, time.perf_counter() - began)
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001  somebody else's code: sys.exit() is its failure too, not our end
            failure = Failure("exception", f"{type(error).__name__}: {error}"[:500])
            return Response(item=request.id, finish="error", error=failure)

    def close(self) -> None:
        self._ask = None


class HttpSystem:
    """Asks a chatbot over HTTP, a few requests at once."""

    privileged = False

    def __init__(self, settings: HttpSettings) -> None:
        check_address(
            settings.url,
            "an http system",
            "url = …, and the key in a variable that secret_headers names",
        )
        self.name, self.settings = settings.name, settings
        _filled(settings.body, Request("probe", "probe"))
        self._transport: Transport | None = None
        self._times: Mapping[str, str] = {}
        self._retries = Retries(tries=settings.tries, reserve=20, share=1.0)
        self._losses = Losses(
            settings.concurrency,
            where=settings.url,
            noun="the chatbot",
            hint="start it, or raise idle, deadline and tries; then run again to resume",
        )

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        shaping = (
            "url",
            "method",
            "headers",
            "body",
            "answer",
            "passages",
            "passage_id",
            "passage_text",
        )
        table = as_table(self.settings)
        settings, code = digest({k: table[k] for k in shaping}), source_digest(__name__)
        return {
            "kind": "http",
            "settings": settings,
            "code": code,
            "client": code_digest("evals.http")[:16],
        }

    def open(self, setup: Setup) -> None:
        """Read the secret headers from the environment. Raises UsageError where one is not set."""
        s = self.settings
        secret = {
            name: str(from_environment(v, required=True)) for name, v in s.secret_headers.items()
        }
        self._times = setup.pack.times
        headers = {**s.headers, **secret}
        keyless = (
            None
            if headers
            else "name the header and the environment variable that holds it in secret_headers"
        )
        self._transport = Transport(
            headers, connect=s.connect, idle=s.idle, deadline=s.deadline, keyless=keyless
        )

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        """As `System.answer`. Raises SystemFailure where no request can succeed, or the chatbot
        stops answering.
        """
        if mode == "latency":
            return self._answers(requests, mode)
        return self._losses.held(self._answers(requests, mode), lambda response: response.item)

    def _answers(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        size = 1 if mode == "latency" else self.settings.concurrency
        stream = iter(requests)
        with ThreadPoolExecutor(size, thread_name_prefix="http") as pool:
            while window := list(islice(stream, 1 if mode == "latency" else 8 * size)):
                yield from pool.map(lambda request: self._ask(request, mode), window)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = None

    def _ask(self, request: Request, mode: Mode) -> Response:
        if self._transport is None:
            raise SystemFailure(
                f"{self.name} was asked before it was opened", hint="call open() first"
            )
        body = _filled(self.settings.body, _dated(request, self._times))
        transport = self._transport

        def attempt() -> Response:
            began = time.perf_counter()
            with transport.post(self.settings.url, body, self.settings.method) as received:
                reply = received.json()
            return _record(request, self._read(reply), mode, time.perf_counter() - began)

        try:
            response = self._retries.run(request.id, attempt)
        except Trouble as trouble:
            self._losses.bad(request.id, trouble)
            return Response(
                item=request.id, finish="error", error=Failure(trouble.kind, trouble.message)
            )
        self._losses.good(request.id)
        return response

    def _read(self, reply: Any) -> dict[str, Any]:
        text = dig(reply, self.settings.answer)
        if not isinstance(text, str):
            raise Trouble("bad_answer", f"no text at {self.settings.answer!r}", passing=False)
        if self.settings.passages is None:
            return {"text": text}
        found = dig(reply, self.settings.passages)
        if not isinstance(found, list):
            raise Trouble("bad_answer", f"no list at {self.settings.passages!r}", passing=False)
        return {"text": text, "passages": [self._passage(p, i) for i, p in enumerate(found)]}

    def _passage(self, found: Any, place: int) -> dict[str, Any]:
        if isinstance(found, str):
            return {"id": str(place), "text": found}
        ident, text = dig(found, self.settings.passage_id), dig(found, self.settings.passage_text)
        return {
            "id": str(place if ident is None else ident),
            "text": "" if text is None else str(text),
        }


def _dated(request: Request, times: Mapping[str, str]) -> Request:
    """The request with the date of its moment in the place of the moment's name, which only the
    pack knows.
    """
    return msgspec.structs.replace(request, time=times.get(request.time, request.time))


def _filled(template: Any, request: Request) -> Any:
    """The body of a request: turns where a string asks for them, values in all other strings."""
    turns = [{"role": turn.role, "content": turn.content} for turn in request.history]
    asked = [*turns, {"role": "user", "content": request.question}]
    lists = {"{history}": turns, "{messages}": asked}

    def expanded(value: Any) -> Any:
        if isinstance(value, str):
            return lists[value] if value in lists else fill(value, _fields(request))
        if isinstance(value, Mapping):
            return {key: expanded(inner) for key, inner in value.items()}
        return [expanded(inner) for inner in value] if isinstance(value, list) else value

    return expanded(template)


def _fields(request: Request) -> dict[str, str]:
    return {
        "id": request.id,
        "question": request.question,
        "user": request.user or "",
        "time": request.time,
    }


def _record(
    request: Request, given: str | Mapping[str, Any] | Response, mode: Mode, seconds: float
) -> Response:
    """The frozen record of what a foreign system gave. Raises TypeError where it is none of what
    `Ask` allows.
    """
    if isinstance(given, Response):
        return msgspec.structs.replace(given, item=request.id)
    if isinstance(given, str):
        given = {"text": given}
    if not isinstance(given, Mapping) or not isinstance(given.get("text"), str):
        raise TypeError(f"an answer is a string or a table with 'text', not {type(given).__name__}")
    found = given.get("passages")
    passages = (
        None if found is None else tuple(_passage(p, len(found) - i) for i, p in enumerate(found))
    )
    timings = Timings(measured=mode, prefill=round(seconds, 6), total=round(seconds, 6))
    return Response(item=request.id, text=given["text"], passages=passages, timings=timings)


def _passage(given: Any, rank: int) -> Passage:
    if not isinstance(given, Mapping):
        raise TypeError(f"a passage is a table with 'id' and 'text', not {type(given).__name__}")
    ident = str(given.get("id", given.get("document", "")))
    score = float(given.get("score", rank))
    return Passage(ident, str(given.get("document", ident)), score, str(given.get("text", "")))


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let modules of a folder be imported within the block, as `python -m` does for the current
    one.
    """
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _source(module: str) -> str:
    """The digest of a user's own code, a whole package or one file; empty where no source can be
    read.
    """
    try:
        whole = getattr(sys.modules[module], "__path__", None) is not None
        return code_digest(module) if whole else source_digest(module)
    except (FileNotFoundError, SyntaxError, TypeError, ValueError):
        return ""


def _own_source(target: Ask) -> str:
    """The digest of a callable's own source; empty where none can be read, as for a function typed
    at a prompt.
    """
    function = inspect.unwrap(target)
    try:
        return digest(
            inspect.getsource(function if inspect.isroutine(function) else type(function))
        )
    except (OSError, TypeError):
        return ""
