"""The real small model: answers do not depend on what else is in the batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.core.errors import EnvironmentProblem, SystemFailure, UsageError
from evals.core.schema import Message
from systems.engines.base import EngineSettings, Generation, Prompt
from systems.engines.decode import shared_prefix
from systems.engines.local import LocalEngine
from systems.models import DEFAULT_LM

SYSTEM = (
    "You are the assistant of Hearthly, a shop for lamps and kettles. Answer in one short sentence."
)
QUESTIONS = (
    "What is the capital of France?",
    "How many legs has a spider?",
    "Name a colour.",
    "Who wrote Hamlet? " + "Please think about it for a while. " * 6,
    "What is two plus two? " + "Take your time. " * 3,
    "Where do penguins live?",
)


def prompts(new: int = 12) -> list[Prompt]:
    asked = [f"{q}{' Thanks.' * turn}" for turn in range(3) for q in QUESTIONS]
    return [
        Prompt(str(i), (Message("system", SYSTEM), Message("user", q)), new)
        for i, q in enumerate(asked)
    ]


def by_key(generations: Iterator[Generation]) -> dict[str, Generation]:
    return {g.key: g for g in generations}


def test_shared_prefix_leaves_every_row_a_token_of_its_own() -> None:
    same = list(range(20))
    assert shared_prefix([[*same, 1], [*same, 2, 3]]) == 20
    assert shared_prefix([same, same]) == 19
    assert shared_prefix([[1, 2, 3], [1, 2, 4]]) == 0
    assert shared_prefix([same]) == 0


@pytest.fixture(scope="module")
def one_by_one() -> dict[str, Generation]:
    engine = LocalEngine(DEFAULT_LM, EngineSettings())
    engine.open()
    return by_key(engine.generate(prompts(), "latency"))


@pytest.mark.real
@pytest.mark.parametrize("rows", [32, 5])
def test_greedy_answers_do_not_depend_on_the_batch(
    one_by_one: dict[str, Generation], rows: int
) -> None:
    engine = LocalEngine(DEFAULT_LM, EngineSettings(rows=rows, prefill_tokens=600))
    engine.open()
    batched = by_key(engine.generate(reversed(prompts()), "throughput"))
    assert batched.keys() == one_by_one.keys()
    for key, alone in one_by_one.items():
        together = batched[key]
        assert together.text == alone.text
        assert together.logprobs == pytest.approx(alone.logprobs, abs=1e-3)
        assert together.usage is not None
        assert alone.usage is not None
        assert (together.usage.prompt, together.usage.completion) == (
            alone.usage.prompt,
            alone.usage.completion,
        )
        assert together.usage.cached > 0
        assert alone.usage.cached == 0
        assert alone.prefill > 0


@pytest.mark.real
def test_a_prompt_is_read_on_from_where_it_leaves_the_last_one(
    one_by_one: dict[str, Generation],
) -> None:
    engine = LocalEngine(DEFAULT_LM, EngineSettings())
    engine.open()
    alone = {p.key: next(iter(engine.generate([p], "throughput"))) for p in prompts()}
    shared = shared_prefix([[*ids, -1] for ids in _ids()])
    assert [g.usage.cached > 0 for g in alone.values() if g.usage is not None] == [False] + [
        True
    ] * (len(alone) - 1)
    assert (
        min(g.usage.cached for key, g in alone.items() if g.usage is not None and key != "0")
        == shared
        > 16
    )
    for key, cold in one_by_one.items():
        assert alone[key].text == cold.text
        assert alone[key].logprobs == pytest.approx(cold.logprobs, abs=1e-3)
    again = next(iter(engine.generate(prompts()[-1:], "throughput")))
    assert again.usage is not None and again.usage.cached == again.usage.prompt - 1, (
        "one token is always its own"
    )
    cold = next(iter(engine.generate(prompts()[-1:], "latency")))
    assert cold.usage is not None and cold.usage.cached == 0 and cold.text == again.text
    assert again.prefill < cold.prefill


def _ids() -> list[list[int]]:
    from systems.engines.weights import shared

    return [
        shared(DEFAULT_LM, device="cpu", dtype="float32").encode_chat(p.messages) for p in prompts()
    ]


@pytest.mark.real
def test_answers_are_those_of_the_library(one_by_one: dict[str, Generation]) -> None:
    import torch

    from systems.engines.weights import shared

    weights = shared(DEFAULT_LM, device="cpu", dtype="float32")
    for prompt in prompts()[:4]:
        ids = torch.tensor([weights.encode_chat(prompt.messages)])
        made = weights.model.generate(
            ids, max_new_tokens=12, do_sample=False, attention_mask=torch.ones_like(ids)
        )
        text = weights.tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True).strip()
        assert one_by_one[prompt.key].text == text


@pytest.mark.real
def test_choices_score_as_full_passes_do() -> None:
    import torch

    from systems.engines.choose import Fork, score
    from systems.engines.weights import shared

    weights = shared(DEFAULT_LM, device="cpu", dtype="float32")
    contexts = [weights.encode_chat(p.messages) for p in prompts()[:4]]
    options = [
        weights.encode(t)
        for t in ("Paris", "eight legs", "a dark shade of blue", "William Shakespeare")
    ]
    prefix = shared_prefix(contexts)
    assert prefix > 0
    for shared_tokens in (0, prefix):
        forks = [Fork(c, options) for c in contexts]
        for fork in score(weights, forks, EngineSettings(prefill_tokens=300), prefix=shared_tokens):
            for option, found in zip(options, fork.scores or [], strict=True):
                ids = torch.tensor([[*fork.context, *option]])
                logprobs = weights.model(ids).logits[0].log_softmax(-1)
                start = len(fork.context) - 1
                wanted = [logprobs[start + i, t].item() for i, t in enumerate(option)]
                assert found == pytest.approx(wanted, abs=1e-3)


@pytest.mark.real
def test_the_likeliest_choice_is_the_answer() -> None:
    engine = LocalEngine(DEFAULT_LM, EngineSettings())
    engine.open()
    prompt = Prompt(
        "x",
        (Message("user", "What is the capital of France?"),),
        choices=("Paris is.", "The capital of France is Paris."),
    )
    for mode in ("throughput", "latency"):
        (answer,) = engine.generate([prompt], mode)
        assert answer.text == "The capital of France is Paris."
        assert answer.logprobs


@pytest.mark.real
def test_too_long_prompts_fail_alone() -> None:
    engine = LocalEngine(DEFAULT_LM, EngineSettings())
    engine.open()
    long = Prompt("long", (Message("user", "word " * 9000),), 4)
    found = by_key(engine.generate([long, prompts(4)[0]], "throughput"))
    assert found["long"].error is not None
    assert found["long"].error.kind == "prompt_too_long"
    assert found["0"].error is None


def test_asking_a_closed_engine_is_reported() -> None:
    with pytest.raises(SystemFailure, match="before it was opened"):
        list(LocalEngine(DEFAULT_LM, EngineSettings()).generate(prompts(), "throughput"))


def test_unknown_options_and_devices_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown setting"):
        LocalEngine(DEFAULT_LM, EngineSettings(options={"speed": 9}))
    with pytest.raises(UsageError, match="device"):
        LocalEngine(DEFAULT_LM, EngineSettings(device="warp:9")).open()


def test_folder_of_a_model_that_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_text("no tensors")
    with pytest.raises(EnvironmentProblem, match="cannot be loaded"):
        LocalEngine(str(tmp_path), EngineSettings(device="cpu")).open()


@pytest.mark.real
def test_calibration_takes_away_what_a_choice_has_anyway() -> None:
    """After prompts that say the same, no choice gains anything; after others, the question
    decides.
    """
    choices = ("yes", "delivery", "zebra")
    asked = (Message("user", "Which animal has stripes?"),)
    other = (Message("user", "What do vans do all day?"),)
    found = {}
    for neutral in ((), (asked,), (other,)):
        engine = LocalEngine(DEFAULT_LM, EngineSettings(options={"calibrate": True}))
        engine.open()
        prompt = Prompt("a", asked, 4, choices, neutral=neutral)
        (found[neutral],) = engine.generate([prompt], "throughput")
        (again,) = engine.generate([prompt], "latency")
        assert again.text == found[neutral].text
    assert found[asked,].text == "yes"  # all gains are 0: the first of equals
    assert found[other,].text == "zebra"
