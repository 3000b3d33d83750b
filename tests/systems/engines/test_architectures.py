"""Models as people bring them: tiny, of random weights, each of an architecture of its own, with a
real tokenizer. What the engine computes is what transformers computes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evals.core.errors import SystemFailure, UsageError
from evals.core.schema import Message
from systems import models
from systems.engines.base import EngineSettings, Generation, Prompt
from systems.engines.local import LocalEngine
from systems.engines.weights import Weights, load, pick_device

pytestmark = pytest.mark.real

SIZE: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 512,
}  # fmt: skip
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "llama": {},
    "mistral": {"sliding_window": 96},
    "qwen2": {"tie_word_embeddings": True},
    "qwen3": {"head_dim": 8},
    "gemma": {"head_dim": 8},
    "gemma2": {"head_dim": 8, "sliding_window": 96, "final_logit_softcapping": 3.0},
    "gemma3_text": {"head_dim": 8, "sliding_window": 96},
    "phi3": {"pad_token_id": 0},
    "olmo2": {},
    "granite": {"logits_scaling": 4.0},
    "cohere": {"logit_scale": 0.25},
    "smollm3": {"pad_token_id": 0},
}
NO_SYSTEM = (
    "{% for m in messages %}{% if m['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "[{{ m['role'] }}] {{ m['content'] }} {% endfor %}[assistant]"
)
ASKED = (Message("system", "Be brief."), Message("user", "How heavy is it?"))


def made(folder: Path, kind: str, **more: Any) -> Path:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    source = models.ready(models.DEFAULT_LM)
    tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=True)
    torch.manual_seed(1)
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    config = AutoConfig.for_model(kind, vocab_size=len(tokenizer), **{**SIZE, **ends, **more})
    model = AutoModelForCausalLM.from_config(config)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kind: str = request.param
    return made(tmp_path_factory.mktemp("models") / kind, kind, **ARCHITECTURES[kind])


def prompts(new: int = 8) -> list[Prompt]:
    words = ("lamp", "kettle", "very old clock", "radio")
    asked = [f"How heavy is the {word}? {'Please. ' * turn}" for turn in (0, 3) for word in words]
    return [
        Prompt(str(n), (Message("system", "Be brief."), Message("user", text)), new)
        for n, text in enumerate(asked)
    ]


def by_key(engine: LocalEngine, mode: Any) -> dict[str, Generation]:
    return {g.key: g for g in engine.generate(prompts(), mode)}


@pytest.mark.parametrize("folder", ARCHITECTURES, indirect=True)
def test_answers_are_those_of_transformers_alone_and_in_a_batch(folder: Path) -> None:
    engine = LocalEngine(str(folder), EngineSettings(device="cpu"))
    engine.open()
    together, alone = by_key(engine, "throughput"), by_key(engine, "latency")
    weights = load(str(folder), pick_device("cpu"), "float32")
    for prompt in prompts():
        assert together[prompt.key].error is None
        assert together[prompt.key].text == alone[prompt.key].text
        ids = weights.encode_chat(prompt.messages)
        tokens, logprobs = greedy(weights, ids, prompt.max_new_tokens)
        text = weights.tokenizer.decode(tokens, skip_special_tokens=True).strip()
        assert alone[prompt.key].text == text
        assert alone[prompt.key].logprobs == pytest.approx(logprobs, abs=2e-3)


def greedy(weights: Weights, ids: list[int], most: int) -> tuple[list[int], list[float]]:
    """By whole forward passes of the model itself, without any cache."""
    import torch

    tokens: list[int] = []
    logprobs: list[float] = []
    with torch.no_grad():
        for _ in range(most):
            logits = weights.model(torch.tensor([[*ids, *tokens]])).logits[0, -1]
            best = int(logits.argmax())
            logprobs.append(float(logits.log_softmax(-1)[best]))
            if best in weights.stop:
                break
            tokens.append(best)
    return tokens, logprobs


@pytest.mark.parametrize("folder", ["granite", "cohere", "gemma2"], indirect=True)
def test_choices_of_scaled_heads_score_as_the_model_does(folder: Path) -> None:
    import torch

    engine = LocalEngine(str(folder), EngineSettings(device="cpu"))
    engine.open()
    (found,) = engine.generate([Prompt("c", ASKED, 4, ("yes", "no"))], "latency")
    weights = load(str(folder), pick_device("cpu"), "float32")
    ids = weights.encode_chat(ASKED)
    answer = [*weights.encode(found.text), min(weights.stop)]
    with torch.no_grad():
        logprobs = weights.model(torch.tensor([[*ids, *answer]])).logits[0].log_softmax(-1)
    wanted = [float(logprobs[len(ids) - 1 + n, t]) for n, t in enumerate(answer)]
    assert found.logprobs == pytest.approx(wanted, abs=2e-3)


@pytest.mark.parametrize("folder", ["mistral", "gemma2", "gemma3_text"], indirect=True)
def test_what_exceeds_a_sliding_window_fails_alone(folder: Path) -> None:
    engine = LocalEngine(str(folder), EngineSettings(device="cpu"))
    engine.open()
    long = Prompt("long", (Message("user", "word " * 200),), 4)
    found = {g.key: g for g in engine.generate([long, prompts()[0]], "throughput")}
    assert found["long"].error is not None
    assert found["long"].error.kind == "prompt_too_long"
    assert found["0"].error is None


def test_a_template_without_a_system_role_gets_its_text_in_the_users_turn(tmp_path: Path) -> None:
    folder = made(tmp_path / "model", "llama")
    weights = load(str(folder), pick_device("cpu"), "float32")
    weights.tokenizer.chat_template = NO_SYSTEM
    text = weights.tokenizer.decode(weights.encode_chat(ASKED))
    assert text == "[user] Be brief.\n\nHow heavy is it? [assistant]"
    weights.tokenizer.chat_template = "{{ raise_exception('No.') }}"
    with pytest.raises(SystemFailure, match="cannot render"):
        weights.encode_chat(ASKED)


def test_linear_attention_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path / "model", "llama")
    config = folder / "config.json"
    layers = '"layer_types": ["full_attention", "chunked_attention"], "model_type"'
    config.write_text(config.read_text().replace('"model_type"', layers, 1))
    with pytest.raises(UsageError, match="full or sliding attention"):
        load(str(folder), pick_device("cpu"), "float32")
