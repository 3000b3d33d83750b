"""The endpoint engine against llama.cpp's server with the same small model, over loopback HTTP."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from evals.core.errors import EXIT_SYSTEM, SystemFailure
from evals.core.schema import Message
from systems.engines.base import EngineSettings, Generation, Prompt
from systems.engines.endpoint import EndpointEngine
from systems.engines.weights import shared
from systems.models import DEFAULT_LM
from tests.systems.llama import Llama, serving_llama

pytestmark = [pytest.mark.real, pytest.mark.enable_socket]

KEY = "open-sesame"
STORY = "There was a small lamp in a shop by the harbour, and nobody knew who had made it. " * 3
SYSTEM = Message("system", "You are a helpful assistant.")
QUESTIONS = (
    "What is the capital of France?",
    "Name three colours.",
    f"{STORY}What was in the shop?",
    "Count to ten.",
)


@pytest.fixture(scope="module")
def llama() -> Iterator[Llama]:
    with serving_llama(KEY) as server:
        yield server


def ask(url: str, mode: Any = "throughput", **options: Any) -> dict[str, Generation]:
    settings = EngineSettings(
        kind="endpoint", options={"url": url, "key_env": "LLAMA_KEY", "concurrency": 2, **options}
    )
    engine = EndpointEngine("smollm2", settings)
    engine.open()
    prompts = [Prompt(str(i), (SYSTEM, Message("user", q)), 12) for i, q in enumerate(QUESTIONS)]
    try:
        return {g.key: g for g in engine.generate(prompts, mode)}
    finally:
        engine.close()


def test_streamed_answers_times_and_logprobs(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_KEY", KEY)
    weights = shared(DEFAULT_LM, device="cpu", dtype="float32")
    streamed = ask(llama.url, "latency", logprobs=True)
    whole = ask(llama.url, "latency", logprobs=True, stream=False)
    assert "Paris" in streamed["0"].text
    for key, one in streamed.items():
        assert one.error is None
        assert one.usage is not None
        assert one.usage.prompt == len(
            weights.encode_chat((SYSTEM, Message("user", QUESTIONS[int(key)])))
        )
        assert 0 < one.usage.completion <= 12
        assert 0 < one.prefill < one.prefill + one.decode, (
            "the first token comes before the last one"
        )
        assert one.logprobs is not None
        assert all(value <= 0 and math.isfinite(value) for value in one.logprobs)
        assert abs(len(one.logprobs) - one.usage.completion) <= 1
        assert one.text == whole[key].text
        assert whole[key].decode < 0.01, "what is not streamed comes all at once"


def test_usage_is_what_the_server_itself_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_KEY", KEY)
    with serving_llama(KEY) as server:
        usages = [g.usage for g in ask(server.url).values() if g.usage is not None]
        usages += [g.usage for g in ask(server.url, "latency").values() if g.usage is not None]
    assert len(usages) == 2 * len(QUESTIONS)
    counted = server.counted
    assert sum(u.completion for u in usages) == pytest.approx(
        counted["tokens_predicted_total"], rel=0.02
    )
    assert sum(u.prompt - u.cached for u in usages) == pytest.approx(
        counted["prompt_tokens_total"], rel=0.02
    )
    assert sum(u.cached for u in usages) == pytest.approx(
        counted["prompt_tokens_cached_total"], rel=0.02
    )
    assert sum(u.cached for u in usages) > 0, "the second time, the server has seen the prompts"


def test_a_wrong_key_is_one_message(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_KEY", "guess-work")
    with pytest.raises(SystemFailure, match="refuses the key") as caught:
        ask(llama.url)
    assert caught.value.exit_code == EXIT_SYSTEM
    assert "guess-work" not in str(caught.value)


def test_a_server_that_is_too_slow_ends_the_run(
    llama: Llama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMA_KEY", KEY)
    with pytest.raises(SystemFailure, match="answered nothing so far"):
        ask(llama.url, idle=0.001, tries=1)


def test_an_unknown_path_is_one_message(llama: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_KEY", KEY)
    with pytest.raises(SystemFailure, match="no such address or model"):
        ask(llama.url.replace("/v1", "/v9"))
