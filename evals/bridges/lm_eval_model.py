"""Any system as a model of lm-eval: importing this module makes ``adaptbench`` known to its
registry.

    import evals.bridges.lm_eval_model
    lm_eval.simple_evaluate(model="adaptbench", model_args="system=hybrid", tasks=[...])

A system that holds its model itself is asked for bare text, as lm-eval's HF backend asks: no chat
template, no retrieval, its adapter on. ``ask=answers`` asks the whole system instead, prompt and
retrieval included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from lm_eval.api.instance import Instance
from lm_eval.api.model import TemplateLM
from lm_eval.api.registry import register_model
from lm_eval.models.utils import normalize_gen_kwargs
from lm_eval.utils import get_rolling_token_windows, make_disjoint_window

from evals.core.errors import SystemFailure, UsageError
from evals.core.interfaces import Hosted, Setup, System, TextModel
from evals.core.paths import cache_dir
from evals.core.registry import SystemConfig, open_pack, system_config
from evals.core.schema import Message, Request

Pair = tuple[list[int], list[int]]
Asked = tuple[tuple[str, str] | None, list[int], list[int]]

_MOST = 256
"""Tokens to write where a task does not say (as in lm-eval's HF backend)."""


@register_model("adaptbench")
class AdaptbenchLM(TemplateLM):  # type: ignore[misc]
    """A system for lm-eval.

    ``system`` is a system's name or TOML file, ``pack`` the pack that its adapter and index are
    made from, ``seed`` the seed of its training. ``ask``: ``text`` (bare text, the default where
    the system holds its model) or ``answers`` (whole answers: `generate_until` only).
    ``max_length`` shortens the model's context, tokens. ``device`` and ``dtype`` replace those of
    the system's engine; CUDA, which the `lm_eval` command names by itself, only where it is there.
    ``batch_size`` is accepted and not needed: the engine fills its batches by tokens.

    Raises UsageError for unknown names, EnvironmentProblem where weights or adapter cannot be had.
    """

    def __init__(
        self,
        system: str | None = None,
        pack: str = "default",
        seed: int = 0,
        ask: Literal["text", "answers"] | None = None,
        max_length: int | None = None,
        device: str | None = None,
        dtype: str | None = None,
        batch_size: int | str | None = None,
        max_batch_size: int | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__()
        if system is None or unknown or ask not in (None, "text", "answers"):
            raise UsageError(
                "wrong model_args",
                found=", ".join(sorted(unknown)) or (f"ask={ask}" if system else "no system"),
                expected="system=NAME[,pack=NAME][,seed=0][,ask=text|answers][,max_length=N][,device=D][,dtype=T]",
            )
        config = _with_engine(system_config(system), device=_there(device), dtype=dtype)
        self.system: System = config.build()
        self.setup = Setup(pack=open_pack(pack, cache_dir()), cache=cache_dir(), seed=seed)
        self._shorter = max_length
        self._model: TextModel | None = None
        if ask != "answers" and isinstance(self.system, Hosted):
            self._model = self.system.text_model(self.setup)
        elif ask == "text":
            raise UsageError(
                f"{system} holds no model itself", found="ask=text", hint="ask=answers"
            )
        else:
            _refuse_privileged(self.system)
            self.system.open(self.setup)

    def close(self) -> None:
        """Give back what the system holds."""
        (self._model or self.system).close()

    @property
    def model(self) -> TextModel:
        """The system's model. Raises UsageError where only whole answers can be had."""
        if self._model is None:
            raise UsageError(
                "log-likelihoods need a system that holds its model itself",
                found=self.system.name,
                hint="choose generate_until tasks, or a system with a local engine and ask=text",
            )
        return self._model

    @property
    def max_length(self) -> int:
        """Longest sequence, tokens."""
        return min(self._shorter or self.model.context, self.model.context)

    @property
    def eot_token_id(self) -> int:
        return self.model.end

    @property
    def prefix_token_id(self) -> int:
        return self.model.prefix

    @property
    def tokenizer_name(self) -> str:
        return f"adaptbench--{self.system.name}".replace("/", "__")

    def tok_encode(
        self, string: str, add_special_tokens: bool | None = None, **_: Any
    ) -> list[int]:
        if add_special_tokens is None:
            add_special_tokens = not string.startswith(
                self.model.decode([self.prefix_token_id], special=True)
            )
        return self.model.encode(string, add_special_tokens)

    def apply_chat_template(
        self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True
    ) -> str:
        turns = [Message(cast(Any, turn["role"]), turn["content"]) for turn in chat_history]
        return self.model.chat(turns, add_generation_prompt)

    def chat_template(self, chat_template: bool | str = False) -> str:
        return "the model's own" if chat_template else ""

    def get_model_info(self) -> dict[str, Any]:
        """What lm-eval writes beside its results: the system's identity."""
        return {"adaptbench_identity": dict(self.system.identity(self.setup))}

    def _loglikelihood_tokens(
        self, requests: Sequence[Asked], disable_tqdm: bool = False, **_: Any
    ) -> list[tuple[float, bool]]:
        found = self.model.score(
            [self._fit(context, continuation) for _, context, continuation in requests]
        )
        answers = [(f.logprob, f.greedy) for f in found]
        for asked, answer in zip(requests, answers, strict=True):
            if asked[0] is not None:
                self.cache_hook.add_partial("loglikelihood", asked[0], answer)
        return answers

    def _fit(self, context: list[int], continuation: list[int]) -> Pair:
        """Drop the beginning of a context that is too long, as lm-eval's HF backend does."""
        whole = (context + continuation)[-(self.max_length + 1) :]
        cut = len(whole) - len(continuation)
        if not continuation or cut < 1:
            raise UsageError(
                "a continuation does not fit the model",
                found=f"{len(continuation)} tokens",
                expected=f"1 to {self.max_length}",
            )
        return whole[:cut], whole[cut:]

    def loglikelihood_rolling(
        self, requests: list[Instance], disable_tqdm: bool = False
    ) -> list[float]:
        """The log-likelihood of each whole text, in windows of the model's context that do not
        overlap.
        """
        windows: list[Pair] = []
        owners: list[int] = []
        for owner, request in enumerate(requests):
            rolling = get_rolling_token_windows(
                self.tok_encode(request.args[0]),
                self.prefix_token_id,
                self.max_length,
                context_len=1,
            )
            for pair in map(make_disjoint_window, rolling):
                windows.append(self._fit(*pair))
                owners.append(owner)
        totals = [0.0] * len(requests)
        for owner, found in zip(owners, self.model.score(windows), strict=True):
            totals[owner] += found.logprob
        for request, total in zip(requests, totals, strict=True):
            self.cache_hook.add_partial("loglikelihood_rolling", request.args, total)
        return totals

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """Greedy continuations of bare contexts, or the system's whole answers to them. Raises
        UsageError for sampling.

        A whole answer is as long as the system's own settings allow, and cut at the task's
        ``until``.
        """
        groups: dict[tuple[int, tuple[str, ...]], list[int]] = defaultdict(list)
        for place, request in enumerate(requests):
            groups[_how(request.args[1])].append(place)
        texts = [""] * len(requests)
        for (most, until), places in groups.items():
            contexts = [requests[p].args[0] for p in places]
            written = (
                self._answers(contexts, until)
                if self._model is None
                else self._write(contexts, most, until)
            )
            for place, text in zip(places, written, strict=True):
                texts[place] = text
                self.cache_hook.add_partial("generate_until", requests[place].args, text)
        return texts

    def _write(self, contexts: list[str], most: int, until: tuple[str, ...]) -> list[str]:
        room = self.max_length - most
        if room < 1:
            raise UsageError(
                "a task wants longer texts than the model has room for",
                found=most,
                expected=room + most,
            )
        end = self.model.decode([self.eot_token_id], special=True)
        return self.model.write([self.tok_encode(c)[-room:] for c in contexts], most, (*until, end))

    def _answers(self, contexts: list[str], until: tuple[str, ...]) -> list[str]:
        found: dict[str, str] = {}
        for answer in self.system.answer(
            (Request(str(i), text) for i, text in enumerate(contexts)), "throughput"
        ):
            if answer.error is not None:
                raise SystemFailure(f"{self.system.name} could not answer", found=answer.error)
            found[answer.item] = answer.text
        texts = [found[str(i)] for i in range(len(contexts))]
        for stop in until:
            texts = [text.split(stop, maxsplit=1)[0] for text in texts]
        return texts


def _how(asked: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    """Most tokens and stop texts of a request. Raises UsageError for sampling, which no system here
    does.
    """
    how = normalize_gen_kwargs(dict(asked), _MOST)
    if how.get("do_sample"):
        raise UsageError(
            "systems answer greedily", found=dict(asked), hint="--gen_kwargs do_sample=False"
        )
    return int(how["max_gen_toks"]), tuple(stop for stop in how.get("until") or () if stop)


def _with_engine(config: SystemConfig, **changes: str | None) -> SystemConfig:
    wanted = {name: value for name, value in changes.items() if value is not None}
    return (
        config.with_settings(engine={**config.settings.get("engine", {}), **wanted})
        if wanted
        else config
    )


def _there(device: str | None) -> str | None:
    import torch

    return (
        None if device and device.startswith("cuda") and not torch.cuda.is_available() else device
    )


def _refuse_privileged(system: System) -> None:
    if system.privileged:
        raise UsageError(
            "this system needs the gold answers", found=system.name, hint="choose another system"
        )
