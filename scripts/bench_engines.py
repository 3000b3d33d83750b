"""What each engine makes of this machine: tokens a second, time to first token, memory; at
concurrency 1, 8 and 32.

    python scripts/bench_engines.py [--concurrency 1 8 32] [--words 200] [--new-tokens 32]
        [--rounds 3]

The same conversations go through the local engine in float32 and bfloat16, through llama.cpp's
server on the packaged 4-bit file and, after ``pip install ctranslate2==4.8.5``, through CTranslate2
in float32 and 8 bits. Each engine has a process of its own, its rounds after a warm-up. Prompts
share nothing. Time to first token counts from the start of a round, so it holds the wait in line.
``peak`` is the share of the machine's matrix-multiply rate, measured in the same process and dtype,
that prefill alone reaches (2 x parameters outside the embedding x tokens). ``same`` is how many
answers equal those of the local engine in float32. Medians over the rounds; prints a Markdown table
and one JSON line.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evals.core.paths import cache_dir, ensure_dir
from evals.core.schema import Message, Usage
from systems import models
from systems.engines.base import EngineSettings, Generation, Prompt
from systems.engines.make import make_engine
from systems.runtime import DType, prepare

ENGINES = ("float32", "bfloat16", "llama.cpp", "CTranslate2 float32", "CTranslate2 int8")
OURS: dict[str, DType] = {"float32": "float32", "bfloat16": "bfloat16"}
WORDS = [
    "kettle",
    "lamp",
    "drill",
    "clock",
    "heater",
    "tent",
    "radio",
    "scooter",
    "store",
    "price",
    "week",
    "colour",
    "repair",
    "order",
    "parcel",
    "name",
    "street",
    "people",
    "ask",
    "often",
    "about",
    "it",
    "and",
    "we",
    "say",
    "that",
    "in",
    "spring",
    "the",
    "old",
    "one",
    "was",
    "sold",
    "with",
    "a",
    "new",
    "handle",
]


def main() -> None:
    """Run every engine in its own process and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--words", type=int, default=200, help="length of a prompt")
    parser.add_argument("--new-tokens", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=ENGINES, help="this engine only, as JSON")
    parser.add_argument("--serve", type=int, metavar="SLOTS", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        return serve(asked.serve)
    if asked.one:
        print(json.dumps(measure(asked.one, asked)))
        return None
    found = {}
    for name in ENGINES if importlib.util.find_spec("ctranslate2") else ENGINES[:3]:
        command = [sys.executable, __file__, "--one", name, *sys.argv[1:]]
        found[name] = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
        )
    print(table(found, asked.concurrency))
    print(
        json.dumps(
            {
                n: {c: {k: v for k, v in r.items() if k != "texts"} for c, r in f.items()}
                for n, f in found.items()
            }
        )
    )
    return None


def table(found: dict[str, Any], concurrency: list[int]) -> str:
    """A row per engine and concurrency."""
    lines = [
        "| engine | at once | prompt tok/s | new tok/s | first token s | peak | memory MB | same |"
    ]
    lines.append("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name in found:
        for count in concurrency:
            row, base = found[name][str(count)], found["float32"][str(count)]
            same = sum(row["texts"][key] == text for key, text in base["texts"].items())
            peak = "" if row["peak"] is None else f"{row['peak']:.0%}"
            lines.append(
                f"| {name} | {count} | {row['prompt_rate']:.0f} | {row['new_rate']:.0f} |"
                f" {row['first']:.2f} | {peak} | {row['memory']:.0f} |"
                f" {same}/{len(base['texts'])} |"
            )
    return "\n".join(lines)


def measure(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Everything about one engine, by concurrency."""
    prepare(offline=True)
    return {str(count): at(name, count, asked) for count in asked.concurrency}


def at(name: str, count: int, asked: argparse.Namespace) -> dict[str, Any]:
    """Rates over ``count`` conversations at once."""
    with opened(name, count) as (engine, process):
        for prompt in engine.generate(conversations(2, asked, seed=-1), "throughput"):
            assert prompt.error is None, prompt.error
        rounds = [
            one_round(engine, conversations(count, asked, seed)) for seed in range(asked.rounds)
        ]
        result = {
            key: statistics.median(r[key] for r in rounds)
            for key in ("prompt_rate", "new_rate", "first")
        }
        result["peak"] = (
            statistics.median(r["prefill_rate"] for r in rounds) / peak(OURS[name])
            if name in OURS
            else None
        )
        result["memory"] = memory(process)
        return {**result, "texts": {k: v for r in rounds for k, v in r["texts"].items()}}


def one_round(engine: Any, prompts: list[Prompt]) -> dict[str, Any]:
    """One pass over the prompts: tokens a second of the whole pass, and the median wait for a first
    token.
    """
    first: dict[str, float] = {}
    began = time.perf_counter()
    found = list(
        engine.stream(
            prompts, "throughput", lambda key, _: first.setdefault(key, time.perf_counter() - began)
        )
    )
    seconds = time.perf_counter() - began
    errors = [g.error for g in found if g.error is not None]
    assert not errors, errors[0]
    asked = sum(g.usage.prompt for g in found)
    return {
        "prompt_rate": asked / seconds,
        "new_rate": sum(g.usage.completion for g in found) / seconds,
        "prefill_rate": asked / max(sum(g.prefill for g in found), 1e-9),
        "first": statistics.median(first.values()),
        "texts": {g.key: g.text for g in found},
    }


def conversations(count: int, asked: argparse.Namespace, seed: int) -> list[Prompt]:
    """Prompts of about ``--words`` words that begin differently."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        text = " ".join(rng.choices(WORDS, k=asked.words))
        turn = Message("user", f"{text}\n\nWrite a short story about these words.")
        found.append(Prompt(f"{seed}/{count}/{number}", (turn,), asked.new_tokens))
    return found


def peak(dtype: DType) -> float:
    """Tokens a second that prefill would reach at this process's best matrix-multiply rate."""
    import torch

    from systems.engines.weights import shared

    model = shared(models.DEFAULT_LM, device="cpu", dtype=dtype).model
    parameters = sum(p.numel() for n, p in model.named_parameters() if "embed" not in n)
    left, right = (torch.randn(1024, 1536, dtype=getattr(torch, dtype)) for _ in range(2))
    rates = []
    for _ in range(20):
        began = time.perf_counter()
        torch.nn.functional.linear(left, right)
        rates.append(2 * 1024 * 1536 * 1024 / (time.perf_counter() - began))
    return max(rates) / float(2 * parameters)


def memory(process: int) -> float:
    """Peak resident memory of the process that holds the model, MB."""
    if process == os.getpid():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return (
        int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
        / 1024
    )


@contextmanager
def opened(name: str, count: int) -> Iterator[tuple[Any, int]]:
    """The engine, ready, and the process that holds the model."""
    if name.startswith("CTranslate2"):
        yield Translated(name.split()[1], count), os.getpid()
        return
    if name in OURS:
        engine = make_engine(models.DEFAULT_LM, EngineSettings(dtype=name))  # type: ignore[arg-type]
        engine.open()
        yield engine, os.getpid()
        return
    command = [sys.executable, __file__, "--serve", str(count)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            options = {
                "url": server.stdout.readline().strip(),
                "concurrency": count,
                "most": max(count, 1),
            }
            engine = make_engine("default", EngineSettings(kind="endpoint", options=options))
            engine.open()
            yield engine, server.pid
        finally:
            server.stdin.close()


class Translated:
    """CTranslate2 on the base weights, converted at first use into the cache; greedy, all prompts
    in one batch.
    """

    def __init__(self, kind: str, rows: int) -> None:
        from transformers import AutoTokenizer

        source = models.ready(models.DEFAULT_LM)
        folder = ensure_dir(cache_dir() / "ctranslate2") / f"{models.DEFAULT_LM}-{kind}"
        if not folder.is_dir():
            converters: Any = importlib.import_module("ctranslate2.converters")
            converters.TransformersConverter(str(source)).convert(str(folder), quantization=kind)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(source)
        self._rows = rows
        self._model: Any = importlib.import_module("ctranslate2").Generator(
            str(folder), compute_type=kind, intra_threads=os.cpu_count() or 1
        )

    def generate(self, prompts: list[Prompt], mode: str) -> list[Generation]:
        """As `Engine.generate`."""
        return self.stream(prompts, mode, lambda key, piece: None)

    def stream(
        self, prompts: list[Prompt], mode: str, show: Callable[[str, str], None]
    ) -> list[Generation]:
        """As `StreamingEngine.stream`, but the pieces are empty: only their times are wanted."""

        def summary(step: Any) -> bool:
            show(prompts[step.batch_id].key, "")
            return False

        encoded = [
            self._tokenizer.apply_chat_template(_turns(p), add_generation_prompt=True)
            for p in prompts
        ]
        asked = [list(e["input_ids"]) for e in encoded]
        results = self._model.generate_batch(
            [self._tokenizer.convert_ids_to_tokens(ids) for ids in asked],
            max_length=prompts[0].max_new_tokens,
            sampling_topk=1,
            include_prompt_in_result=False,
            max_batch_size=self._rows,
            end_token=["<|im_end|>", "<|endoftext|>"],
            callback=summary,
        )
        made = [r.sequences_ids[0] for r in results]
        texts = [self._tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in made]
        return [
            Generation(p.key, text, Usage(len(a), len(ids)))
            for p, text, a, ids in zip(prompts, texts, asked, made, strict=True)
        ]


def _turns(prompt: Prompt) -> list[dict[str, str]]:
    return [{"role": m.role, "content": m.content} for m in prompt.messages]


def serve(slots: int) -> None:
    """llama.cpp's server on the packaged file until the input ends; prints its address first."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(models.gguf(models.DEFAULT_LM))
    params.port, params.n_parallel, params.n_ctx, params.verbosity = 0, slots, 1024 * slots, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = os.cpu_count() or 1
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
