"""The endpoint engine against a server that misbehaves on purpose, on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any

import pytest

from evals.core.errors import SystemFailure, UsageError
from evals.core.normalise import normalised
from evals.core.schema import Message
from evals.http.transport import Trouble
from systems.adapted import build, response
from systems.engines.base import EngineSettings, Generation, Prompt
from systems.engines.endpoint import EndpointEngine, pick_choice
from systems.engines.pace import Gate, Losses
from tests.systems.faults import serving

pytestmark = pytest.mark.enable_socket
FAST = {"idle": 1.0, "deadline": 6.0, "connect": 5.0}


def engine(url: str, **options: Any) -> EndpointEngine:
    made = EndpointEngine(
        "tiny", EngineSettings(kind="endpoint", options={"url": url, **FAST, **options})
    )
    made.open()
    return made


def prompts(count: int) -> list[Prompt]:
    return [Prompt(f"k{i}", (Message("user", f"q{i}"),), 8) for i in range(count)]


def ask(
    asked: Iterable[Prompt], made: EndpointEngine, mode: Any = "throughput"
) -> list[Generation]:
    try:
        return list(made.generate(asked, mode))
    finally:
        made.close()


@pytest.mark.parametrize("mode", ["throughput", "latency"])
def test_answers_usage_logprobs_and_times(mode: str) -> None:
    with serving() as server:
        found = {g.key: g for g in ask(prompts(9), engine(server.url, logprobs=True), mode)}
    assert {k: g.text for k, g in found.items()} == {f"k{i}": f"echo q{i}" for i in range(9)}
    one = found["k0"]
    assert one.usage is not None
    assert (one.usage.prompt, one.usage.completion, one.usage.cached) == (11, 3, 4)
    assert one.logprobs == (-0.25,) * 3
    assert one.prefill > 0
    assert server.bodies[0]["temperature"] == 0
    assert server.bodies[0]["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    "fault",
    ["429", "500", "503", "hang", "cut", "broken json", "wrong type", "endless", "close", "no end"],
)
def test_a_passing_fault_is_overcome(fault: str) -> None:
    with serving(plan=(fault,)) as server:
        (found,) = ask(prompts(1), engine(server.url))
    assert found.error is None
    assert found.text == "echo q0"
    assert server.seen["q0"] >= 2


@pytest.mark.slow
def test_a_fifth_of_faults_over_eight_connections_answers_each_exactly_once() -> None:
    with serving(share=0.2) as server:
        found = ask(prompts(120), engine(server.url, concurrency=8, most=8, tries=8))
    assert sorted(g.key for g in found) == sorted(f"k{i}" for i in range(120))
    assert [g.error for g in found if g.error] == []
    assert all(g.text == f"echo q{g.key[1:]}" for g in found)
    assert sum(g.usage.prompt for g in found if g.usage) == 120 * 11, "cost is counted once"


def test_lasting_faults_fail_their_request_alone() -> None:
    with serving(plan=("",) + ("500",) * 3) as server:
        first, second = ask(prompts(2), engine(server.url, tries=3), "latency")
    assert first.error is None
    assert second.error is not None
    assert second.error.kind == "server_error"


def test_a_request_that_is_refused_is_not_repeated() -> None:
    with serving(plan=("", "400")) as server:
        _, second = ask(prompts(2), engine(server.url), "latency")
    assert second.error is not None
    assert second.error.kind == "rejected"
    assert server.seen["q1"] == 1


@pytest.mark.parametrize(
    ("status", "message"),
    [("401", "refuses the key"), ("403", "refuses the key"), ("404", "no such address or model")],
)
def test_dead_ends_end_the_run(status: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "guess-work")
    with (
        serving(share=1.0, faults=(status,)) as server,
        pytest.raises(SystemFailure, match=message),
    ):
        ask(prompts(20), engine(server.url))


def test_a_server_that_is_down_or_too_slow_ends_the_run() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(SystemFailure, match="does not answer"):
        ask(prompts(3), engine(url, tries=2))
    with (
        serving(share=1.0, faults=("hang",)) as server,
        pytest.raises(SystemFailure, match="answered nothing so far"),
    ):
        ask(prompts(8), engine(server.url, tries=1, idle=0.2, concurrency=2))


@pytest.mark.slow
def test_concurrency_adapts_to_refusals() -> None:
    with serving() as server:
        server.refuse_above, server.delay = 4, 0.02
        made = engine(server.url, concurrency=16, most=16, tries=12, retry_reserve=500)
        found = ask(prompts(150), made)
    assert all(g.error is None for g in found)
    assert made.gate.limit <= 10
    with serving() as easy:
        easy.delay = 0.02
        made = engine(easy.url, concurrency=1, most=8)
        ask(prompts(100), made)
    assert easy.most > 3


def test_keys_come_from_the_environment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sesame")
    with serving() as server:
        made = engine(server.url, key_env="MY_KEY")
        ask(prompts(1), made)
    assert server.headers[0]["authorization"] == "Bearer sesame"
    assert "sesame" not in str(made.identity())
    monkeypatch.delenv("MY_KEY")
    with pytest.raises(UsageError, match="MY_KEY is not set"):
        engine(server.url, key_env="MY_KEY", key_required=True)
    with pytest.raises(UsageError, match="unknown setting 'api_key'"):
        engine(server.url, api_key="sesame")


@pytest.mark.parametrize(
    ("refuses", "limit", "left_out"),
    [
        (("max_tokens",), "max_completion_tokens", []),
        (("max_tokens", "temperature", "seed"), "max_completion_tokens", ["seed", "temperature"]),
        (
            ("stop", "stream_options", "logprobs"),
            "max_tokens",
            ["logprobs", "stop", "stream_options"],
        ),
        (("max_tokens", "max_completion_tokens"), None, []),
    ],
)
def test_a_server_that_refuses_a_key_is_asked_without_it(
    refuses: tuple[str, ...], limit: str | None, left_out: list[str]
) -> None:
    with serving() as server:
        server.refuses = refuses
        made = engine(server.url, logprobs=True, stop=["\n\n"])
        assert made.placement() is None
        found = [*made.generate(prompts(20), "throughput")]
        settled = made.placement()
        made.close()
    assert all(g.text == f"echo q{g.key[1:]}" for g in found)
    assert settled == {"request": {"limit": limit, "left_out": left_out}}
    assert sum(server.seen.values()) <= 20 + 8 * (len(refuses) + 1), (
        "settled once, not for every request"
    )


def test_what_the_user_adds_is_not_left_out() -> None:
    with serving() as server:
        server.refuses = ("temperature",)
        (found,) = ask(prompts(1), engine(server.url, extra={"temperature": 1}))
    assert found.error is not None
    assert found.error.kind == "rejected"


def test_the_seed_of_the_run_is_sent() -> None:
    with serving() as server:
        made = EndpointEngine(
            "tiny", EngineSettings(kind="endpoint", options={"url": server.url, **FAST}), seed=7
        )
        made.open()
        ask(prompts(1), made)
    assert server.bodies[0]["seed"] == 7


@pytest.mark.parametrize(
    ("message", "finish", "kind"),
    [
        ({"content": ""}, "length", "cut_off"),
        ({"content": "<think>is it 7, or"}, "length", "cut_off"),
        ({"content": None, "reasoning_content": "is it 7, or"}, "length", "cut_off"),
        ({"content": ""}, "content_filter", "filtered"),
        (
            {"content": None, "tool_calls": [{"function": {"name": "search"}}]},
            "tool_calls",
            "tool_call",
        ),
        ({"content": None}, "stop", "empty"),
        ({"content": "9 euros " * 700_000}, "stop", "too_long"),
    ],
)
def test_an_answer_without_text_fails_by_its_kind_and_is_not_asked_again(
    message: dict[str, Any], finish: str, kind: str
) -> None:
    with serving() as server:
        server.message, server.finish = message, finish
        (found,) = ask(prompts(1), engine(server.url))
    stored = normalised(response(found, None, "throughput"))
    assert stored.error is not None
    assert stored.error.kind == kind
    assert len(server.bodies) == 1


def test_streams_pieces_once_even_where_a_try_breaks_off() -> None:
    shown: list[str] = []
    with serving(plan=("cut",)) as server:
        made = engine(server.url)
        list(made.stream(prompts(1), "latency", lambda key, piece: shown.append(piece)))
        made.close()
    assert "".join(shown) == "echo q0"


def test_whole_system_over_the_wire(setup: Any) -> None:
    with serving() as server:
        options = {"url": server.url, **FAST}
        system = build({"model": "tiny", "engine": {"kind": "endpoint", "options": options}})
        system.open(setup)
        from evals.core.schema import Request

        (answer,) = system.answer([Request("r", "Why?", choices=("delivery", "why"))], "latency")
        system.close()
    assert answer.text == "why"
    assert answer.timings is not None
    assert answer.timings.measured == "latency"


def test_wrong_settings_are_reported() -> None:
    with pytest.raises(UsageError, match="needs its address"):
        EndpointEngine("m", EngineSettings(kind="endpoint"))
    with pytest.raises(UsageError, match="adapters are its own business"):
        build(
            {
                "adapter": "hybrid",
                "engine": {"kind": "endpoint", "options": {"url": "http://127.0.0.1:1/v1"}},
            }
        )


def test_choice_that_a_text_names() -> None:
    assert pick_choice("Billing.", ("delivery", "billing")) == "billing"
    assert pick_choice("It goes to billing, not delivery", ("delivery", "billing")) == "billing"
    assert pick_choice("no idea", ("delivery", "billing")) == "no idea"
    assert pick_choice("rebilling", ("billing",)) == "rebilling"


def test_gate_halves_on_overload_and_recovers() -> None:
    gate = Gate(8, 16)
    gate.overloaded()
    assert gate.limit == 4
    for _ in range(40):
        gate.good(0.01)
    assert gate.limit > 8
    before = gate.limit
    gate._lowered = 0.0
    gate.good(10.0)
    assert gate.limit < before


def test_lost_requests_are_held_back_until_the_server_has_answered_again() -> None:
    def results() -> Iterable[str]:
        yield "a"
        for key in ("b", "c"):
            losses.bad(key, Trouble("timeout", "too slow"))
            yield key
        losses.bad("own fault", Trouble("rejected", "HTTP 400", passing=False))
        yield "own fault"
        losses.good("d")
        yield "d"
        for key in ("e", "f", "g"):
            losses.bad(key, Trouble("timeout", "too slow"))
            yield key

    losses = Losses(3, where="here", hint="wait")
    losses.good("a")
    seen: list[str] = []
    with pytest.raises(SystemFailure, match="has stopped answering"):
        seen.extend(losses.held(results(), str))
    assert seen == ["a", "own fault", "b", "c", "d"]
