"""Any OpenAI-compatible server: vLLM, llama.cpp, Ollama, a cloud. Streams, paces itself, retries
within a budget.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any

import msgspec

from evals.core.errors import SystemFailure
from evals.core.identity import code_digest
from evals.core.interfaces import Mode, Show
from evals.core.schema import Failure
from evals.core.secrets import masked
from evals.http.chat import ChatClient, Completion, chat_body
from evals.http.retries import Retries
from evals.http.secrets import check_address
from evals.http.transport import Transport, Trouble, from_environment
from systems.engines.base import EngineSettings, Generation, Prompt
from systems.engines.pace import Gate, Losses
from systems.settings import Settings, parse


class EndpointOptions(Settings, frozen=True):
    """``[engine.options]`` of the endpoint engine.

    ``url`` ends before ``/chat/completions`` (``http://127.0.0.1:8000/v1``). ``key_env`` names the
    environment variable that holds the key; a key never stands in a file. ``concurrency`` is where
    it begins, ``most`` how far it may rise. Times are seconds: ``connect``, ``idle`` (between two
    pieces) and ``deadline`` (one whole answer). ``tries`` is per request; all requests share a
    budget of ``retry_reserve`` plus ``retry_share`` per request. ``temperature``, ``stop`` and the
    run's seed are left out where the server refuses them, and the limit of tokens takes the name
    that it knows; what was settled stands in the manifest. ``extra`` goes into every request's body
    as it is.
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
    temperature: float = 0.0
    stop: tuple[str, ...] = ()
    extra: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if (
            not 1 <= self.concurrency <= self.most
            or self.tries < 1
            or min(self.connect, self.idle, self.deadline) <= 0
        ):
            raise ValueError("1 <= concurrency <= most, tries >= 1 and times above 0 are needed")


class EndpointEngine:
    """Greedy chat completions from a server. Adapters are the server's business: name them as the
    model.
    """

    def __init__(self, model: str, settings: EngineSettings, seed: int = 0) -> None:
        self.model, self.settings, self.seed = model, settings, seed
        self.options = o = parse(settings.options, EndpointOptions, what="[engine.options]")
        hint = (
            'url = "http://127.0.0.1:8000/v1" in [engine.options], the key in the variable that'
            " key_env names"
        )
        self._url = check_address(o.url, "an endpoint", hint)
        self._chat: ChatClient | None = None
        self._retries = Retries(tries=o.tries, reserve=o.retry_reserve, share=o.retry_share)
        self.gate = Gate(o.concurrency, o.most)
        self._losses = Losses(
            o.concurrency,
            where=self._url,
            hint=(
                "start it, or raise idle, deadline and tries in [engine.options]; then run again to"
                " resume"
            ),
        )

    def identity(self) -> Mapping[str, Any]:
        o = self.options
        decode: dict[str, Any] = {
            "greedy": o.temperature == 0,
            "max_new_tokens": self.settings.max_new_tokens,
        }
        if o.temperature:
            decode["temperature"] = o.temperature
        if o.stop:
            decode["stop"] = list(o.stop)
        return {
            "kind": "endpoint",
            "url": f"{self._url}/chat/completions",
            "model": self.model,
            "decode": decode,
            "extra": masked(o.extra),
            "client": code_digest("evals.http")[:16],
        }

    def open(self) -> None:
        """Read the key and make the client. Raises UsageError where a required key is not set."""
        key = from_environment(self.options.key_env, required=self.options.key_required)
        o = self.options
        headers = {"authorization": f"Bearer {key}"} if key else {}
        keyless = (
            None if key else f"export {o.key_env}=…, which is not set (key_env in [engine.options])"
        )
        transport = Transport(
            headers, connect=o.connect, idle=o.idle, deadline=o.deadline, keyless=keyless
        )
        self._chat = ChatClient(self._url, transport, tuple(o.extra))

    def placement(self) -> Mapping[str, Any] | None:
        """As `Placed.placement`: the form of request that the server was found to take, where it
        refused another.
        """
        settled = None if self._chat is None else self._chat.dialect.settled()
        return None if settled is None else {"request": settled}

    def close(self) -> None:
        if self._chat is not None:
            self._chat.close()
        self._chat = None

    def count(self, text: str) -> int:
        """A guess: four characters to a token."""
        return -(-len(text) // 4)

    def generate(self, prompts: Iterable[Prompt], mode: Mode) -> Iterator[Generation]:
        """As `Engine.generate`.

        Raises SystemFailure where no request can succeed, or where ``concurrency`` requests in a
        row came to nothing through the server's fault; none of these is yielded then, so that they
        are asked again when the run resumes.
        """
        return self._generations(prompts, mode, None)

    def stream(self, prompts: Iterable[Prompt], mode: Mode, show: Show) -> Iterator[Generation]:
        """As `StreamingEngine.stream`. What a broken try had shown already is not shown again."""
        return self._generations(prompts, mode, show)

    def _generations(
        self, prompts: Iterable[Prompt], mode: Mode, show: Show | None
    ) -> Iterator[Generation]:
        if self._chat is None:
            raise SystemFailure(
                "the engine was asked before it was opened", hint="call open() first"
            )
        if mode == "latency":
            for prompt in prompts:
                yield self._ask(prompt, show)
            return
        yield from self._losses.held(
            self._at_once(prompts, show), lambda generation: generation.key
        )

    def _at_once(self, prompts: Iterable[Prompt], show: Show | None) -> Iterator[Generation]:
        """As many requests at once as the gate allows; generations as they finish."""
        pool = ThreadPoolExecutor(self.options.most, thread_name_prefix="endpoint")
        running: set[Future[Generation]] = set()
        stream = iter(prompts)
        try:
            while True:
                room = 2 * int(self.gate.limit) - len(running)
                running |= {
                    pool.submit(self._ask, prompt, show) for prompt in islice(stream, max(0, room))
                }
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
        watch = None if show is None else _Once(prompt.key, show)

        def attempt() -> Generation:
            with self.gate.through():
                sent = time.monotonic()
                try:
                    answer = self._exchange(prompt, watch)
                except Trouble as trouble:
                    if trouble.kind in ("rate_limited", "timeout"):
                        self.gate.overloaded()
                    raise
                done = time.monotonic()
                self.gate.good(done - sent)
                return _generation(prompt, answer, began, sent, done)

        try:
            generation = self._retries.run(prompt.key, attempt)
        except Trouble as trouble:
            self._losses.bad(prompt.key, trouble)
            failure = Failure(trouble.kind, trouble.message)
            return Generation(prompt.key, finish="error", error=failure, usage=None)
        self._losses.good(prompt.key)
        return generation

    def _exchange(self, prompt: Prompt, watch: _Once | None) -> Completion:
        if self._chat is None:
            raise SystemFailure("the engine was closed while it was answering")
        o = self.options
        more: dict[str, Any] = {"temperature": o.temperature, "seed": self.seed}
        if o.stop:
            more["stop"] = list(o.stop)
        if o.logprobs:
            more["logprobs"] = True
        body = chat_body(
            self.model,
            [{"role": m.role, "content": m.content} for m in prompt.messages],
            max_tokens=prompt.max_new_tokens,
            stream=o.stream,
            more=more | o.extra,
        )
        return self._chat.complete(body, watch)


class _Once:
    """Shows a growing answer to one reader, without repeating what an earlier try has shown."""

    def __init__(self, key: str, show: Show) -> None:
        self._key, self._show, self._shown = key, show, ""

    def __call__(self, text: str) -> None:
        if len(text) > len(self._shown) and text.startswith(self._shown):
            self._show(self._key, text[len(self._shown) :])
            self._shown = text


def _generation(
    prompt: Prompt, answer: Completion, began: float, sent: float, done: float
) -> Generation:
    first = answer.first or done
    return Generation(
        key=prompt.key,
        text=pick_choice(answer.text, prompt.choices) if prompt.choices else answer.text,
        usage=answer.usage,
        logprobs=answer.logprobs,
        finish=answer.finish,
        queue=sent - began,
        prefill=first - sent,
        decode=done - first,
        reasoning=answer.reasoning or None,
    )


def pick_choice(text: str, choices: tuple[str, ...]) -> str:
    """The choice that a text names: the whole text, else the first one it mentions as a word, else
    the text itself.
    """
    plain = text.strip().strip(".\"'`*").lower()
    for choice in choices:
        if plain == choice.lower():
            return choice
    places = [
        (m.start(), -len(c), c)
        for c in choices
        if (m := re.search(rf"\b{re.escape(c.lower())}\b", text.lower()))
    ]
    return min(places)[2] if places else text
