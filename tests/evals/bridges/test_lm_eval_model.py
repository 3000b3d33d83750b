"""Our systems as models of lm-eval, beside lm-eval's own HF backend on the same weights, item by
item.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import systems
from evals.core.errors import UsageError
from tests import fakes
from tests.evals.bridges.benchmark import NAMES, write_tasks

CONTEXTS = (
    "The capital of France is",
    "Question: how many legs has a spider?\nAnswer:",
    "Question: what colour is the sky on a clear day? " + "Take your time. " * 8 + "\nAnswer: ",
    "",
)
CHOICES = (
    " Paris",
    " eight legs and no wings",
    " blue, as everyone knows",
    " a small town by the river",
)
TEXTS = ("Once upon a time there was a lamp.", "A kettle boils water. " * 12, "Short")


@pytest.fixture(scope="module")
def theirs() -> Any:
    from lm_eval.models.huggingface import HFLM

    from systems.engines.weights import shared
    from systems.models import DEFAULT_LM

    weights = shared(DEFAULT_LM, device="cpu", dtype="float32")
    weights.switch(None)
    return HFLM(
        pretrained=weights.model,
        tokenizer=weights.tokenizer,
        batch_size=4,
        device="cpu",
        max_length=96,
    )


@pytest.fixture(scope="module", autouse=True)
def tiny_pack() -> Iterator[None]:
    """No company is needed to score bare text."""
    from evals.bridges import lm_eval_model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lm_eval_model, "open_pack", lambda *_: fakes.TinyPack())
        yield


@pytest.fixture(scope="module")
def ours() -> Iterator[Any]:
    from evals.bridges.lm_eval_model import AdaptbenchLM

    model = AdaptbenchLM(system="base", max_length=96, device="cpu")
    yield model
    model.close()


def asked(kind: str, *arguments: tuple[Any, ...]) -> list[Any]:
    from lm_eval.api.instance import Instance

    return [Instance(kind, {}, pair, i) for i, pair in enumerate(arguments)]


@pytest.mark.real
def test_choices_and_likelihoods_are_those_of_the_hf_backend(ours: Any, theirs: Any) -> None:
    long = "word " * 120
    pairs = [(c, o) for c in (*CONTEXTS, long) for o in CHOICES]
    found = ours.loglikelihood(asked("loglikelihood", *pairs))
    wanted = theirs.loglikelihood(asked("loglikelihood", *pairs), disable_tqdm=True)
    assert [f[0] for f in found] == pytest.approx([w[0] for w in wanted], abs=1e-3)
    assert [f[1] for f in found] == [w[1] for w in wanted]
    assert any(f[1] for f in found), "a greedy continuation is among them"
    for start in range(0, len(pairs), len(CHOICES)):
        mine, other = found[start : start + 4], wanted[start : start + 4]
        assert mine.index(max(mine)) == other.index(max(other))


@pytest.mark.real
def test_rolling_likelihoods_are_those_of_the_hf_backend(ours: Any, theirs: Any) -> None:
    texts = asked("loglikelihood_rolling", *((t,) for t in (*TEXTS, "word after word " * 90)))
    found = ours.loglikelihood_rolling(texts)
    assert found == pytest.approx(theirs.loglikelihood_rolling(texts, disable_tqdm=True), abs=1e-3)


@pytest.mark.real
def test_greedy_texts_are_those_of_the_hf_backend(ours: Any, theirs: Any) -> None:
    how = [
        {"until": ["\n", "."], "max_gen_toks": 12},
        {"until": [], "max_gen_toks": 10, "do_sample": False},
    ]
    contexts = (CONTEXTS[0], TEXTS[1], "Once upon a time", "The sky is blue. The grass is")
    requests = asked("generate_until", *((c, dict(h)) for c in contexts for h in how))
    found = ours.generate_until(requests)
    assert found == theirs.generate_until(requests, disable_tqdm=True)
    assert sum(map(len, found)) > 100, "texts, not ends of text"


@pytest.mark.real
def test_chat_template_is_that_of_the_hf_backend(ours: Any, theirs: Any) -> None:
    turns = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Good"}]
    assert ours.apply_chat_template(turns[:1]) == theirs.apply_chat_template(turns[:1])
    assert ours.apply_chat_template(turns, False) == theirs.apply_chat_template(turns, False)


@pytest.mark.real
def test_the_adapter_is_on_and_off_again(ours: Any, tmp_path: Path) -> None:
    from evals.bridges.lm_eval_model import AdaptbenchLM

    folder = Path(systems.__file__).parent / "adapters" / "finetuned"
    (tmp_path / "mine.toml").write_text(f'kind = "adapted"\nadapter = "{folder}"\n')

    pair = asked("loglikelihood", (CONTEXTS[0], CHOICES[0]))
    before = ours.loglikelihood(pair)
    adapted = AdaptbenchLM(system=str(tmp_path / "mine.toml"), device="cpu")
    changed = adapted.loglikelihood(pair)
    assert changed[0][0] != pytest.approx(before[0][0], abs=1e-3)
    assert ours.loglikelihood(pair) == before
    assert adapted.loglikelihood(pair) == changed


@pytest.mark.real
def test_whole_tasks_score_the_same_by_name_through_the_python_interface(
    theirs: Any, tmp_path: Path
) -> None:
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(write_tasks(tmp_path)), include_defaults=False)
    how: dict[str, Any] = {"tasks": list(NAMES), "task_manager": manager, "bootstrap_iters": 0}
    mine = simple_evaluate(model="adaptbench", model_args="system=base,device=cpu", **how)
    other = simple_evaluate(model=theirs, **how)
    for task in NAMES:
        for one, two in zip(mine["samples"][task], other["samples"][task], strict=True):
            assert one["doc_hash"] == two["doc_hash"]
            for metric in one["metrics"]:
                assert one[metric] == pytest.approx(two[metric], abs=1e-3)
        for name, value in other["results"][task].items():
            if isinstance(value, float):
                assert mine["results"][task][name] == pytest.approx(value, rel=1e-4)
    assert "identity" in str(mine["config"])


def test_a_system_without_a_model_of_its_own_gives_whole_answers(fake_registry: None) -> None:
    from evals.bridges.lm_eval_model import AdaptbenchLM

    model = AdaptbenchLM(system="fake")
    first, again = model.generate_until(
        asked("generate_until", ("What is 1?", {}), ("What is 1?", {"until": "a"}))
    )
    assert again == first.split("a")[0]
    with pytest.raises(UsageError, match="log-likelihoods need a system that holds its model"):
        model.loglikelihood(asked("loglikelihood", ("a", " b")))
    with pytest.raises(UsageError, match="answer greedily"):
        model.generate_until(
            asked("generate_until", ("a", {"do_sample": True, "temperature": 1.0}))
        )


def test_wrong_model_args_are_reported() -> None:
    from evals.bridges.lm_eval_model import AdaptbenchLM

    with pytest.raises(UsageError, match="no system"):
        AdaptbenchLM()
    with pytest.raises(UsageError, match="pretrained"):
        AdaptbenchLM(system="base", pretrained="gpt2")
    with pytest.raises(UsageError, match="unknown system 'hybird'"):
        AdaptbenchLM(system="hybird")
