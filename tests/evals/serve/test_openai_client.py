"""The official client, unchanged, against a served system."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest
from openai import OpenAI

from tests.evals.serve.conftest import Served, start

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def client(talker: Served) -> OpenAI:
    return OpenAI(base_url=talker.url, api_key="unused", max_retries=0, timeout=20)


def _ask(client: OpenAI, question: str, **more: Any) -> Any:
    return client.chat.completions.create(
        model="talker", messages=[{"role": "user", "content": question}], **more
    )


def test_a_whole_answer(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="talker", messages=[{"role": "user", "content": "hello"}], user="u7", temperature=0
    )
    assert raw.headers["x-adaptbench-ignored"] == "temperature"
    answer = raw.parse()
    assert answer.choices[0].message.content == "hello asked by u7 among 1"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None and answer.usage.total_tokens == 17
    assert (
        answer.usage.prompt_tokens_details is not None
        and answer.usage.prompt_tokens_details.cached_tokens == 4
    )
    extra = answer.model_extra or {}
    assert extra["passages"] == [{"id": "p1", "document": "doc1", "score": 1.5}]
    assert set(extra["timings"]) == {"queue", "retrieve", "prefill", "decode"}


def test_a_streamed_answer(client: OpenAI) -> None:
    chunks = list(_ask(client, "hello", stream=True, stream_options={"include_usage": True}))
    pieces = [
        c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content
    ]
    assert "".join(pieces) == "hello asked by None among 1" and len(pieces) == 5
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.completion_tokens == 5
    assert len({c.id for c in chunks}) == 1


def test_models(client: OpenAI) -> None:
    assert [m.id for m in client.models.list()] == ["talker"]


def test_errors_are_the_protocols_own(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "x"}])
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as many:
        _ask(client, "x", n=3)
    assert many.value.param == "n"
    with pytest.raises(openai.BadRequestError) as long:
        _ask(client, "too long")
    assert long.value.code == "context_length_exceeded"
    with pytest.raises(openai.InternalServerError) as broken:
        _ask(client, "broken")
    assert broken.value.code == "out_of_luck"
    with pytest.raises(openai.InternalServerError) as crash:
        _ask(client, "crash")
    assert "secret" not in str(crash.value)
    with pytest.raises(openai.InternalServerError):
        _ask(client, "silence")
    with pytest.raises(openai.APIError, match="it is broken"):
        list(_ask(client, "broken", stream=True))
    assert _ask(client, "hello").choices[0].message.content


def test_concurrent_clients_are_batched(client: OpenAI) -> None:
    with ThreadPoolExecutor(12) as pool:
        texts = [
            r.choices[0].message.content or ""
            for r in pool.map(lambda n: _ask(client, f"q{n}"), range(12))
        ]
    assert [t.split()[0] for t in texts] == [f"q{n}" for n in range(12)]
    assert max(int(t.rsplit(" ", 1)[1]) for t in texts) >= 4


def test_a_key_is_asked_for() -> None:
    with start("s3cret") as served:
        for key in ("wrong", "s3cret"):
            client = OpenAI(base_url=served.url, api_key=key, max_retries=0)
            if key == "wrong":
                with pytest.raises(openai.AuthenticationError):
                    _ask(client, "hello")
            else:
                assert _ask(client, "hello").choices[0].message.content
