"""Ranking against trec_eval's definitions, latency, tokens, cost, confidence, leaks."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

from evals.core.errors import UsageError
from evals.core.schema import Document, Fact, Passage, Timings, Usage, User, Warm
from evals.metrics.cost import prices
from tests.evals.metrics.build import SmallPack, asked, item, metric, passages, said, slot

MEASURED = Timings("latency", retrieve=0.1, queue=0.0, prefill=0.2, decode=0.9, total=1.2)


def test_ranking() -> None:
    gold = item(documents=("d1", "d9"))
    response = said("x", passages=passages("a", "b", "c"))
    assert metric("recall_at_k").score(gold, response).value == 0.5
    assert metric("mrr").score(gold, response).value == 0.5
    ideal = 1 + 1 / math.log2(3)
    assert metric("ndcg").score(gold, response).value == pytest.approx(
        (1 / math.log2(3)) / ideal, abs=1e-4
    )
    assert metric("mrr").score(gold, said("x")).unscored == "no_context"
    assert metric("mrr").score(item(), response).unscored == "no_gold"
    assert metric("mrr").score(gold, said("x", passages=())).value == 0.0


def test_list_order_is_the_ranking_and_chunks_count_once() -> None:
    twice = (Passage("p0", "a", 0.1, ""), Passage("p1", "a", 0.9, ""), Passage("p2", "b", 0.9, ""))
    assert metric("mrr").score(item(documents=("b",)), said("x", passages=twice)).value == 0.5


def test_latency_is_read_off_the_latency_pass_only() -> None:
    response = said("x", timings=MEASURED, usage=Usage(100, 10), passages=())
    wanted = {"ttft": 0.3, "itl": 0.1, "e2e": 1.2, "e2e_p95": 1.2, "retrieve_s": 0.1}
    for name, seconds in wanted.items():
        assert metric(name).score(item(), response).value == pytest.approx(seconds)
        other = said("x", timings=Timings("throughput", total=1.0), usage=Usage(100, 10))
        assert metric(name).score(item(), other).unscored == "not_measured"
    one = said("x", timings=MEASURED, usage=Usage(100, 1))
    assert metric("itl").score(item(), one).unscored == "not_applicable"


def test_a_warm_answer_has_metrics_of_its_own() -> None:
    warm = Warm(Timings("cached", prefill=0.05, decode=0.9, total=1.0), Usage(100, 10, cached=80))
    response = said("x", timings=MEASURED, usage=Usage(100, 10), warm=warm)
    wanted = {"ttft": 0.3, "e2e": 1.2, "ttft_warm": 0.05, "e2e_warm": 1.0, "cached_share": 0.8}
    for name, value in wanted.items():
        assert metric(name).score(item(), response).value == pytest.approx(value), name
    for name in ("ttft_warm", "e2e_warm", "cached_share"):
        assert metric(name).score(item(), said("x", timings=MEASURED)).unscored == "not_measured"
    unmentioned = said("x", timings=MEASURED, warm=Warm(warm.timings))
    assert metric("cached_share").score(item(), unmentioned).unscored == "not_applicable"


def test_every_price_of_a_machine_can_be_looked_up() -> None:
    for machine in prices().machines:
        assert machine.address.startswith("https://"), machine.name
        date.fromisoformat(machine.date)
        assert machine.date in machine.about and machine.address in machine.about


def test_cost() -> None:
    response = said("x", timings=MEASURED, usage=Usage(prompt=1000, completion=100, cached=400))
    dollars = 1000 * prices().machine.usd_per_hour / 3600 * 1.2
    assert metric("cost_per_1k").score(item(), response).value == pytest.approx(dollars)
    bought = metric("api_cost_per_1k").score(item(), response).value
    fresh = metric("api_cost_per_1k").score(item(), said("x", usage=Usage(1000, 100))).value
    assert bought is not None
    assert fresh is not None
    assert 0 < bought < fresh


def test_a_broken_price_table_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "prices.toml"
    table.write_text("charged = 3\n")
    monkeypatch.setenv("ADAPTBENCH_PRICES", str(table))
    with pytest.raises(UsageError, match="not valid"):
        metric("cost_per_1k")


def test_confidence() -> None:
    gold = asked("money", "$5")
    score = metric("auroc").score(gold, said("It costs $5.", logprobs=(-0.5, -1.5)))
    assert score.detail == {"confidence": pytest.approx(math.exp(-1)), "correct": 1.0}
    assert metric("ece").score(gold, said("x")).unscored == "no_logprobs"


def test_structured() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    record = item("Extract.", gold=(slot("json", '{"a": 1, "b": "Two"}'),), json_schema=schema)
    values = {
        '{"a": 1, "b": " two "}': (1.0, 1.0, 1.0),
        '```json\n{"b": "two", "a": 1.0}\n```': (1.0, 1.0, 1.0),
        '```json {"a": 1, "b": "two"} ```': (1.0, 1.0, 1.0),
        '```{"a": 1, "b": "two"}```': (1.0, 1.0, 1.0),
        '{"a": 1}': (1.0, 2 / 3, 0.0),
        '{"a": "x", "b": "two"}': (0.0, 0.5, 0.0),
        'Sure! {"a": 1, "b": "two"}': (0.0, 0.0, 0.0),
    }
    for text, (valid, fields, right) in values.items():
        got = [
            metric(n).score(record, said(text)).value
            for n in ("schema_valid", "field_f1", "accuracy")
        ]
        assert got == [valid, pytest.approx(fields), right], text


def test_labels() -> None:
    route = item("Route.", gold=(slot("label", "lost_card"),), choices=("lost_card", "card_fee"))
    for text, said_label in {
        "lost_card": "lost_card",
        "Lost card.": "lost_card",
        "card_fee": "card_fee",
        "hm": "",
    }.items():
        score = metric("macro_f1").score(route, said(text))
        assert score.detail == {"gold": "lost_card", "predicted": said_label}


def test_leak() -> None:
    pack = SmallPack(
        users_=(User("u1", "Ana Ruiz"), User("u2", "Ana Ruiz"), User("u3", "Tom Hale")),
        facts_=(
            Fact("f1", "u1", "points", "number", "120", user="u1"),
            Fact("f2", "u2", "points", "number", "250", user="u2"),
            Fact("f3", "u3", "member", "id", "M-77777", user="u3"),
            Fact("f4", "u3", "points", "number", "999", user="u3"),
        ),
        documents_=(Document("d0", "t", "x", "profile", "2025-01-01", user="u3"),),
    )
    leak = metric("leak", pack)
    question = item("How many points?", user="u1", gold=(slot("number", "120"),), facts=("f1",))
    values = {
        "You have 120 points.": 0.0,
        "You have 250 points.": 1.0,
        "Your number is M-77777.": 1.0,
        "999": 0.0,
    }
    for text, value in values.items():
        assert leak.score(question, said(text)).value == value, text
    assert leak.score(question, said("999 points", passages=passages("999 points"))).value == 1.0
    assert leak.score(item(), said("250")).unscored == "not_applicable"
