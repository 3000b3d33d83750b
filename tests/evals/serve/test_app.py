"""The endpoints over a system in this process: hosts, models, stops, other forms, counts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from evals.serve.app import make_app
from evals.serve.scheduler import Scheduler
from tests.evals.serve.talker import Talker

ASKED = {"model": "talker", "messages": [{"role": "user", "content": "one two three"}]}


@pytest.fixture
def client() -> Iterator[TestClient]:
    scheduler = Scheduler(Talker(delay=0.001), "throughput", 16)
    scheduler.start()
    yield TestClient(make_app(scheduler, "talker", local=True), base_url="http://127.0.0.1:8000")
    scheduler.close()


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000"])
def test_this_machine_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", ""]
)
@pytest.mark.parametrize("path", ["/health", "/v1/models", "/metrics"])
def test_another_host_is_refused(client: TestClient, host: str, path: str) -> None:
    reply = client.get(path, headers={"host": host})
    assert reply.status_code == 421 and "localhost" in reply.json()["error"]["message"]


def test_one_model_is_described(client: TestClient) -> None:
    assert client.get("/v1/models/talker").json()["id"] == "talker"
    assert client.get("/v1/models/other").status_code == 404


def test_a_stop_sequence_ends_the_answer_whole_and_streamed(client: TestClient) -> None:
    whole = client.post("/v1/chat/completions", json={**ASKED, "stop": ["three"]}).json()
    assert whole["choices"][0]["message"]["content"] == "one two "
    with client.stream(
        "POST", "/v1/chat/completions", json={**ASKED, "stop": "three", "stream": True}
    ) as reply:
        events = [line.removeprefix("data: ") for line in reply.iter_lines() if line]
    assert events[-1] == "[DONE]"
    pieces = [json.loads(event)["choices"][0] for event in events[:-1]]
    assert "".join(piece["delta"].get("content", "") for piece in pieces) == "one two "
    assert pieces[-1]["finish_reason"] == "stop"


def test_the_responses_api_answers(client: TestClient) -> None:
    reply = client.post("/v1/responses", json={"model": "talker", "input": "hello there"}).json()
    assert reply["object"] == "response" and reply["status"] == "completed"
    assert reply["output"][0]["content"][0]["text"].startswith("hello there asked by")


def test_unknown_parameters_are_named(client: TestClient) -> None:
    reply = client.post("/v1/chat/completions", json={**ASKED, "mirostat": 2, "seed": 1})
    assert reply.headers["x-adaptbench-ignored"] == "mirostat, seed"


def test_requests_are_counted_by_status(client: TestClient) -> None:
    client.post("/v1/chat/completions", json=ASKED)
    client.post("/v1/chat/completions", json={**ASKED, "model": "other"})
    shown = client.get("/metrics").text
    assert 'adaptbench_requests_total{status="200"} 1' in shown
    assert 'adaptbench_requests_total{status="404"} 1' in shown
    assert "adaptbench_in_flight 0" in shown
