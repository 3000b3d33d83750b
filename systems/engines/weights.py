"""Base weights, loaded once per process and shared by every system; LoRA adapters are switched on
and off on them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from evals.core.errors import EnvironmentProblem, SystemFailure, UsageError
from evals.core.schema import Message
from systems import models
from systems.runtime import DType, precision, prepare

if TYPE_CHECKING:
    import torch

_PLAIN_TEMPLATE: Final = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


@dataclass
class Weights:
    """One causal language model in memory, with its tokenizer and at most one adapter merged into
    it.

    Merging costs a copy of the touched weights while the adapter is on, spares two small
    multiplications per layer and token, and is undone by putting that copy back, so that the base
    stays bit for bit what was loaded.
    """

    reference: str
    model: Any
    tokenizer: Any
    device: torch.device
    stop: frozenset[int]
    active: str | None = None
    _peft: Any = None
    _backup: dict[str, torch.Tensor] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def dtype(self) -> str:
        """What the weights are held in, such as ``float32``."""
        return str(self.model.dtype).removeprefix("torch.")

    @property
    def layers(self) -> int:
        return int(self.model.config.get_text_config().num_hidden_layers)

    @property
    def context(self) -> int:
        """Longest sequence that is computed as the model means it, tokens: what it was made for, or
        its sliding window, within which sliding attention is full attention.
        """
        config = self.model.config.get_text_config()
        longest = int(getattr(config, "max_position_embeddings", 2048))
        return min(longest, _window(config) or longest)

    def encode_chat(self, messages: tuple[Message, ...]) -> list[int]:
        """Token ids of a conversation, ready for the assistant's turn.

        Where the model's template knows no system role, what it would say stands at the head of the
        first user's turn. Raises SystemFailure where the template cannot render the conversation.
        """
        from jinja2.exceptions import TemplateError

        try:
            return self._rendered(messages)
        except TemplateError as error:
            folded = _folded(messages)
            if folded == messages:
                raise _unrendered(self.reference, error) from error
        try:
            return self._rendered(folded)
        except TemplateError as error:
            raise _unrendered(self.reference, error) from error

    def _rendered(self, messages: tuple[Message, ...]) -> list[int]:
        turns = [{"role": m.role, "content": m.content} for m in messages]
        ids: list[int] = self.tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, tokenize=True, return_dict=False
        )
        return ids

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def logits_at(self, call: dict[str, Any], ends: torch.Tensor) -> torch.Tensor:
        """Logits at position ``ends[r]`` of each row r, shape (rows, vocabulary); the head sees
        nothing else.
        """
        import torch

        hidden = self.model.get_decoder()(**call).last_hidden_state
        rows = torch.arange(hidden.shape[0], device=hidden.device)
        return head(self.model, hidden[rows, ends.to(hidden.device)])

    def mask(self, seen: torch.Tensor) -> torch.Tensor:
        """A Boolean mask (True: seen) in the form that the model's attention reads: plain attention
        (Gemma 2) adds it to its scores.
        """
        import torch

        if self.model.config.get_text_config()._attn_implementation != "eager":
            return seen.to(self.device)
        least = torch.finfo(self.model.dtype).min
        added = torch.zeros(seen.shape, dtype=self.model.dtype).masked_fill(~seen.cpu(), least)
        return added.to(self.device)

    def switch(self, adapter: Path | None) -> None:
        """Make exactly this adapter (None: the base alone) the one that answers. Raises
        EnvironmentProblem.
        """
        wanted = None if adapter is None else str(adapter)
        if wanted == self.active:
            return
        self._restore()
        if adapter is not None:
            self._merge(adapter)
        self.active = wanted

    def _merge(self, adapter: Path) -> None:
        import torch
        from peft import PeftModel

        try:
            peft = PeftModel.from_pretrained(
                self.model, str(adapter), adapter_name="on", local_files_only=True
            )
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise EnvironmentProblem(
                f"this adapter does not fit the model {self.reference}: {error}",
                where=adapter,
                hint="train it again with `adaptbench train`",
            ) from error
        with torch.no_grad():
            for name, module in peft.named_modules():
                if hasattr(module, "base_layer") and "on" in getattr(module, "lora_A", {}):
                    self._backup[name] = module.base_layer.weight.detach().clone()
            peft.base_model.merge_adapter(["on"])
        self._peft = peft.eval()

    def _restore(self) -> None:
        import torch

        if self._peft is None:
            return
        with torch.no_grad():
            for name, module in self._peft.named_modules():
                if name in self._backup:
                    module.base_layer.weight.copy_(self._backup[name])
                    module.merged_adapters.clear()
        self._backup.clear()
        self.model = self._peft.unload()
        self._peft = None
        self.active = None


_loaded: dict[tuple[str, str, str], Weights] = {}
_loading = threading.Lock()


def shared(reference: str, *, device: str, dtype: DType) -> Weights:
    """The weights of a model, loaded at the first call and shared afterwards; ``auto`` is settled
    by the device.

    Raises UsageError for an unknown name or an unsupported kind of model, EnvironmentProblem where
    it cannot be loaded.
    """
    prepare(offline=models.describe(reference).hub is None)
    with _loading:
        place = pick_device(device)
        settled = precision(dtype, place)
        key = (reference, str(place), settled)
        if key not in _loaded:
            _loaded[key] = load(reference, place, settled)
            _loaded[key].model.requires_grad_(False)
        return _loaded[key]


def pick_device(name: str) -> torch.device:
    """``auto`` is CUDA where present, else the CPU. Raises UsageError for a device that is not
    there.
    """
    import torch

    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(
            "this device is not available", found=name, expected="auto, cpu, cuda, cuda:0, ..."
        ) from error
    return device


def load(reference: str, device: torch.device, dtype: str) -> Weights:
    """A fresh copy of a model's weights, outside the shared ones (the trainer changes its own)."""
    folder = models.ready(reference)
    prepare(offline=models.describe(reference).hub is None)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, dtype), local_files_only=True, use_safetensors=True
        )
    except (OSError, ValueError, KeyError) as error:
        raise EnvironmentProblem(
            f"the model {reference} cannot be loaded: {error}",
            where=folder,
            hint="`adaptbench models fetch`",
        ) from error
    _refuse_unusual(reference, model.config.get_text_config())
    if tokenizer.chat_template is None:
        tokenizer.chat_template = _PLAIN_TEMPLATE
    ends = [tokenizer.eos_token_id, getattr(model.generation_config, "eos_token_id", None)]
    flat = [t for e in ends for t in (e if isinstance(e, list) else [e]) if t is not None]
    return Weights(reference, model.eval().to(device), tokenizer, device, frozenset(flat))


def head(model: Any, hidden: torch.Tensor) -> torch.Tensor:
    """Logits of hidden states, scaled and capped as the model's own forward pass does (Granite,
    Cohere, Gemma 2).
    """
    config = model.config.get_text_config()
    logits: torch.Tensor = model.get_output_embeddings()(hidden)
    if scaling := getattr(config, "logits_scaling", None):
        logits = logits / scaling
    if scale := getattr(config, "logit_scale", None):
        logits = logits * scale
    if cap := getattr(config, "final_logit_softcapping", None):
        logits = cap * (logits / cap).tanh()
    return logits


def _window(config: Any) -> int | None:
    """The sliding window of any of the model's layers, tokens; None where all attention is full."""
    kinds = getattr(config, "layer_types", None)
    slides = "sliding_attention" in kinds if kinds else True
    return getattr(config, "sliding_window", None) if slides else None


def _folded(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The conversation without a system role: its text heads the first user's turn."""
    system = "\n\n".join(m.content for m in messages if m.role == "system")
    rest = [m for m in messages if m.role != "system"]
    if system and rest and rest[0].role == "user":
        rest[0] = Message("user", f"{system}\n\n{rest[0].content}")
    return tuple(rest)


def _unrendered(reference: str, error: Exception) -> SystemFailure:
    return SystemFailure(
        f"the chat template of {reference} cannot render this conversation",
        found=str(error),
        hint="most templates want turns of user and assistant in alternation",
    )


def _refuse_unusual(reference: str, config: Any) -> None:
    """Linear or chunked attention would be computed wrongly by `slots`."""
    kinds = {str(kind) for kind in getattr(config, "layer_types", None) or ()}
    if unusual := kinds - {"full_attention", "sliding_attention"}:
        raise UsageError(
            f"the local engine serves models of full or sliding attention only, not {reference}",
            found=", ".join(sorted(unusual)),
            hint="serve it with an OpenAI-compatible server and name that as the engine",
        )
