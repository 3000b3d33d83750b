"""Any OpenAI-compatible server: vLLM, llama.cpp, Ollama, a cloud. Streams, paces itself, retries within a budget."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import islice
from typing import Any

import msgspec

from evals.core.errors import SystemFailure, UsageError
from evals.core.interfaces import Mode, Show
from evals.core.schema import Failure
from systems.engines.base import EngineSettings, Generation, Prompt
from systems.engines.exchange import Answer, body_of, read_answer
from systems.engines.pace import Gate, Losses, Retries
from systems.settings import Settings, parse
from systems.transport import Transport, Trouble, from_environment


class EndpointOptions(Settings, frozen=True):
    """``[engine.options]`` of the endpoint engine.

    ``url`` ends before ``/chat/completions`` (``http://127.0.0.1:8000/v1``). ``key_env`` names the environment variable
    that holds the key; a key never stands in a file. ``concurrency`` is where it begins, ``most`` how far it may rise.
    Times are seconds: ``connect``, ``idle`` (between two pieces) and ``deadline`` (one whole answer). ``tries`` is per
    request; all requests share a budget of ``retry_reserve`` plus ``retry_share`` per request. ``extra`` goes into
    every request's body as it is.
    """

    url: str = ""
    key_env: str = "OPENAI_API_KEY"
    key_required: bool = False
    concurrency: int = 4
    most: int = 32
    connect: float = 10.0
    idle: float = 60.0
    deadline: float = 180.0
    tries: int = 6
    retry_reserve: int = 20
    retry_share: float = 1.0
    stream: bool = True
    logprobs: bool = False
    extra: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= self.concurrency <= self.most or self.tries < 1 or min(self.connect, self.idle, self.deadline) <= 0:
            raise ValueError("1 <= concurrency <= most, tries >= 1 and times above 0 are needed")


class EndpointEngine:
    """Greedy chat completions from a server. Adapters are the server's business: name them as the model."""

    def __init__(self, model: str, settings: EngineSettings) -> None:
        self.model, self.settings = model, settings
        self.options = parse(settings.options, EndpointOptions, what="[engine.options]")
        if not self.options.url.startswith(("http://", "https://")):
            raise UsageError(
                "an endpoint needs its address",
                found=self.options.url or "no url",
                expected='url = "http://127.0.0.1:8000/v1" in [engine.options]',
            )
        self._url = f"{self.options.url.rstrip('/')}/chat/completions"
        self._transport: Transport | None = None
        self._retries = self._fresh_retries()
        self.gate = Gate(self.options.concurrency, self.options.most)
        self._losses = Losses(
            self.options.concurrency,
            where=self._url,
            way_out="start it, or raise idle, deadline and tries in [engine.options]; then run again to resume",
        )

    def identity(self) -> Mapping[str, Any]:
        decode = {"greedy": True, "max_new_tokens": self.settings.max_new_tokens}
        return {
            "kind": "endpoint",
            "url": self._url,
            "model": self.model,
            "decode": decode,
            "extra": self.options.extra,
        }

    def open(self) -> None:
        """Read the key and make the client. Raises UsageError where a required key is not set."""
        key = from_environment(self.options.key_env, required=self.options.key_required)
        o = self.options
        headers = {"authorization": f"Bearer {key}"} if key else {}
        keyless = None if key else f"export {o.key_env}=…, which is not set (key_env in [engine.options])"
        self._transport = Transport(headers, connect=o.connect, idle=o.idle, deadline=o.deadline, keyless=keyless)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = None

    def count(self, text: str) -> int:
        """A guess: four characters to a token."""
        return -(-len(text) // 4)

    def generate(self, prompts: Iterable[Prompt], mode: Mode) -> Iterator[Generation]:
        """As `Engine.generate`.

        Raises SystemFailure where no request can succeed, or where ``concurrency`` requests in a row came to nothing
        through the server's fault; none of these is yielded then, so that they are asked again when the run resumes.
        """
        return self._generations(prompts, mode, None)

    def stream(self, prompts: Iterable[Prompt], mode: Mode, show: Show) -> Iterator[Generation]:
        """As `StreamingEngine.stream`. What a broken try had shown already is not shown again."""
        return self._generations(prompts, mode, show)

    def _generations(self, prompts: Iterable[Prompt], mode: Mode, show: Show | None) -> Iterator[Generation]:
        if self._transport is None:
            raise SystemFailure("the engine was asked before it was opened", way_out="call open() first")
        if mode == "latency":
            for prompt in prompts:
                yield self._ask(prompt, show)
            return
        yield from self._losses.held(self._at_once(prompts, show), lambda generation: generation.key)

    def _at_once(self, prompts: Iterable[Prompt], show: Show | None) -> Iterator[Generation]:
        """As many requests at once as the gate allows; generations as they finish."""
        pool = ThreadPoolExecutor(self.options.most, thread_name_prefix="endpoint")
        running: set[Future[Generation]] = set()
        stream = iter(prompts)
        try:
            while True:
                room = 2 * int(self.gate.limit) - len(running)
                running |= {pool.submit(self._ask, prompt, show) for prompt in islice(stream, max(0, room))}
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _ask(self, prompt: Prompt, show: Show | None) -> Generation:
        """One prompt, with its retries. Raises SystemFailure where nothing has ever succeeded."""
        began = time.monotonic()
        shown = _Once(prompt.key, show)
        self._retries.begin()
        for turn in range(1, self.options.tries + 1):
            with self.gate.through():
                sent = time.monotonic()
                try:
                    answer = self._exchange(prompt, shown)
                except Trouble as trouble:
                    if trouble.kind in ("rate_limited", "timeout"):
                        self.gate.overloaded()
                    pause = self._retries.wait(prompt.key, turn, trouble.wait) if trouble.passing else None
                    last = trouble
                else:
                    self._losses.good(prompt.key)
                    self.gate.good(time.monotonic() - sent)
                    return _generation(prompt, answer, began, sent, time.monotonic())
            if pause is None:
                break
            time.sleep(pause)
        self._losses.bad(prompt.key, last)
        return Generation(prompt.key, finish="error", error=Failure(last.kind, last.message), usage=None)

    def _exchange(self, prompt: Prompt, shown: _Once) -> Answer:
        transport = self._transport
        if transport is None:
            raise SystemFailure("the engine was closed while it was answering")
        o = self.options
        body = body_of(prompt, self.model, logprobs=o.logprobs, stream=o.stream, extra=o.extra)
        with transport.post(self._url, body) as received:
            return read_answer(received, shown.start())

    def _fresh_retries(self) -> Retries:
        o = self.options
        return Retries(tries=o.tries, reserve=o.retry_reserve, share=o.retry_share)


class _Once:
    """Shows the pieces of an answer to one reader, without repeating what an earlier try has shown."""

    def __init__(self, key: str, show: Show | None) -> None:
        self._key, self._show, self._shown = key, show, ""

    def start(self) -> Any:
        """A function to show the pieces of a new try with; None where nobody watches."""
        return None if self._show is None else partial(self._piece, [""])

    def _piece(self, text: list[str], piece: str) -> None:
        text[0] += piece
        if self._show is not None and text[0].startswith(self._shown) and len(text[0]) > len(self._shown):
            self._show(self._key, text[0][len(self._shown) :])
            self._shown = text[0]


def _generation(prompt: Prompt, answer: Answer, began: float, sent: float, done: float) -> Generation:
    first = answer.first or done
    return Generation(
        key=prompt.key,
        text=pick_choice(answer.text, prompt.choices) if prompt.choices else answer.text,
        usage=answer.usage,
        logprobs=tuple(answer.logprobs) or None,
        finish=answer.finish or "stop",
        queue=sent - began,
        prefill=first - sent,
        decode=done - first,
    )


def pick_choice(text: str, choices: tuple[str, ...]) -> str:
    """The choice that a text names: the whole text, else the first one it mentions as a word, else the text itself."""
    plain = text.strip().strip(".\"'`*").lower()
    for choice in choices:
        if plain == choice.lower():
            return choice
    places = [
        (m.start(), -len(c), c) for c in choices if (m := re.search(rf"\b{re.escape(c.lower())}\b", text.lower()))
    ]
    return min(places)[2] if places else text
