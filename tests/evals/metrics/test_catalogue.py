"""Properties that hold for every metric, whatever it measures."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from evals.core.metric import Answer, Metric, Need
from evals.core.registry import METRICS
from evals.core.schema import Failure, Item, Response, Timings, Usage, Warm, encode
from tests.evals.metrics.build import SmallPack, asked, item, metric, passages, said, slot

OURS = sorted(n for n, target in METRICS.targets().items() if target.startswith("evals.metrics."))
ESTIMATORS = {"mean", "sd", "p50", "p95", "p99", "sd_within", "macro_f1", "auroc", "aurc", "ece"}
BUILT: dict[str, Metric] = {}

ITEMS = [
    asked("duration", "30 days", "How long may I keep the Aurora lamp?", stale=("90 days",)),
    asked("name", "Ana Ruiz", "Who leads the store?"),
    asked("boolean", "yes", "May I return it?"),
    asked("label", "billing", "Route this."),
    item("Route this.", gold=(slot("label", "billing"),), choices=("billing", "returns")),
    item(
        "Extract.",
        gold=(slot("json", '{"a": 1}'),),
        json_schema={"type": "object", "required": ["a"]},
    ),
    item("How long for the Zephyr?", answerable=False, twin="other"),
    item("What is it?", references=("a lamp of oak",), documents=("d0",)),
    item("What did I buy?", user="u1", gold=(slot("id", "ORD-1"),)),
    item("Anything?"),
]
CRASHERS = [
    "",
    " \n\t ",
    "a" * 1_000_000,
    "1 " * 500_000,
    "no, " * 50_000,
    "I don't know whether " * 20_000,
    "(" * 100_000,
    "لا أعرف السعر ٣٠ يوما",
    "😀🎉👩‍👩‍👧‍👦 30 days 😀",
    "\x00\x01\x1b[31m30 days\x7f",
    "\ud83d",
    "{" * 50_000,
    '{"a": ' * 3000,
    "9" * 5_000,
    "½ a day, ② days, Ⅻ",
    "١٢ days",
]
PLAIN = st.text(max_size=120)
VOCABULARY = """I we don't know not 30 90 days $5 5 % yes no or the lamp Ana Ruiz sorry ORD-1
billing oak . ! ? , { }"""
WORDY = st.lists(st.sampled_from([*VOCABULARY.split(), "\n"]), max_size=25).map(" ".join)


def built(name: str) -> Metric:
    if name not in BUILT:
        BUILT[name] = metric(name)
    return BUILT[name]


def check(one: Metric, i: Item, r: Response) -> None:
    score = one.score(i, r)
    encode(score)
    if score.value is not None:
        assert math.isfinite(score.value)
        assert one.bounds[0] <= score.value <= one.bounds[1]


def full(text: str) -> Response:
    return said(
        text,
        passages=passages("The Aurora lamp may be kept for 30 days.", "Ana Ruiz leads the store."),
        usage=Usage(100, 20, 10),
        timings=Timings("latency", 0.1, 0.0, 0.2, 0.3, 0.6),
        logprobs=(-0.1, -0.5),
    )


@pytest.mark.parametrize("name", OURS)
def test_it_is_what_it_says(name: str) -> None:
    one = built(name)
    assert one.name == name
    assert one.estimator in ESTIMATORS
    assert one.about
    assert one.bounds[0] < one.bounds[1]


@pytest.mark.parametrize("name", OURS)
def test_a_failed_system_is_unscored(name: str) -> None:
    failed = Response(item="i", error=Failure("timeout", "too late"), finish="error")
    for i in ITEMS:
        assert built(name).score(i, failed).unscored == "system_error"


@pytest.mark.parametrize("name", OURS)
def test_crashing_inputs_give_a_score_or_a_reason(name: str) -> None:
    for i in ITEMS:
        for text in CRASHERS:
            check(built(name), i, full(text))


@pytest.mark.parametrize("name", OURS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.one_of(PLAIN, WORDY), which=st.sampled_from(range(len(ITEMS))))
def test_bounded_and_deaf_to_surrounding_space(name: str, text: str, which: int) -> None:
    one, i = built(name), ITEMS[which]
    check(one, i, full(text))
    assert one.score(i, full(text)).value == one.score(i, full(f" \n{text}\t ")).value


@pytest.mark.parametrize("name", [n for n in OURS if metric(n).over_run is not None])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(WORDY, min_size=1, max_size=12), seed=st.randoms(use_true_random=False))
def test_scores_over_a_run_do_not_depend_on_its_order(
    name: str, texts: list[str], seed: object
) -> None:
    run = [
        Answer(Item(f"i{n}", "s", "t", "What?", "c", twin=f"i{n ^ 1}"), said(t))
        for n, t in enumerate(texts)
    ]
    over = built(name).over_run
    assert over is not None
    forward = [over(iter(run))(answer).value for answer in run]
    backward = [over(reversed(run))(answer).value for answer in run]
    assert forward == backward


WITHOUT: dict[Need, Callable[[Item, Response], tuple[Item, Response]]] = {
    "contexts": lambda i, r: (i, replace(r, passages=None)),
    "logprobs": lambda i, r: (i, replace(r, logprobs=None)),
    "timings": lambda i, r: (i, replace(r, timings=None, warm=None)),
    "tokens": lambda i, r: (i, replace(r, usage=None)),
    "gold": lambda i, r: (replace(i, gold=(), references=(), documents=()), r),
}
"""How an answer or its item loses what a metric may need."""


@pytest.mark.parametrize("need", WITHOUT)
@pytest.mark.parametrize("name", OURS)
def test_it_needs_what_it_declares_and_nothing_else(name: str, need: Need) -> None:
    """Where a value is lost with the thing, the thing is needed; where none is lost, it is not."""
    one, response = built(name), full("The Aurora lamp may be kept for 30 days.")
    timings = Timings("cached", 0.1, 0.0, 0.2, 0.3, 0.6)
    response = replace(response, warm=Warm(timings, Usage(100, 20, 10)))
    answerable = [i for i in ITEMS if i.answerable]
    scored = [i for i in answerable if one.score(i, response).value is not None]
    lost = [i for i in scored if one.score(*WITHOUT[need](i, response)).value is None]
    if scored:
        assert bool(lost) == (need in one.needs), (name, need)


@pytest.mark.parametrize("name", OURS)
def test_what_the_context_gives_is_needed_as_declared(name: str) -> None:
    """A bare pack has no voice, rules and facts, and there is no detector."""
    bare = metric(name, SmallPack(voiced=False, identity="bare"))
    values = [bare.score(i, full("The Aurora lamp may be kept for 30 days.")).value for i in ITEMS]
    if bare.needs & {"voice", "rules", "facts", "detector"}:
        assert values == [None] * len(ITEMS) or (name == "on_brand_and_correct" and not any(values))
