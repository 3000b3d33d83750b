"""LoRA training with trl's SFTTrainer: loss on answer tokens only, batches by token budget,
deterministic.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.core.errors import EnvironmentProblem, UsageError
from systems import models
from systems.engines.weights import Weights, head, load, pick_device
from systems.runtime import precision, prepare
from systems.training.curve import CURVE, draw, shown
from systems.training.data import Sample
from systems.training.estimate import measure, refuse_long
from systems.training.recipe import Recipe

if TYPE_CHECKING:
    from torch.utils.data import Sampler

CHECKPOINTS = 4
"""How many times a training is saved, so that an interruption loses at most a quarter of it."""


def train(
    recipe: Recipe,
    samples: Sequence[Sample],
    base: str,
    seed: int,
    *,
    work: Path,
    out: Path,
    start: Path | None,
    limit: float = math.inf,
    progress: Callable[[str], None] = lambda message: None,
) -> dict[str, Any]:
    """Train an adapter into ``out`` (half-precision safetensors, configuration, loss curve); return
    notes about it.

    ``start`` is an adapter to begin with; ``work`` keeps checkpoints, from which an interrupted
    training goes on. Before the first step ``progress`` is given how long it will take, at the rate
    just measured. Raises UsageError where the recipe leaves no layer to train or it would take
    longer than ``limit`` seconds, EnvironmentProblem where the base cannot be loaded or memory runs
    out.
    """
    if start is None:
        refuse_layers(recipe, base)
    prepare(offline=False)
    import torch

    torch.manual_seed(seed)
    device = pick_device("auto")
    refuse_several(torch.cuda.device_count())
    dtype = precision(recipe.dtype, device)
    weights = load(base, device, dtype)
    batches = plan(recipe, [_tokens(weights, s) for s in samples], [s.task for s in samples], seed)
    trainer = _trainer(recipe, weights, batches, seed, work, start)
    checkpoints = sorted(work.glob("checkpoint-*/trainer_state.json"))
    done = json.loads(checkpoints[-1].read_bytes())["global_step"] if checkpoints else 0
    try:
        estimate = measure(trainer, [len(batch) for batch in batches], done)
        progress(f"{recipe.name}: {len(batches) - done} steps in {dtype}, {estimate}")
        refuse_long(recipe.name, estimate, limit)
        result = trainer.train(
            resume_from_checkpoint=str(checkpoints[-1].parent) if checkpoints else None
        )
    except torch.OutOfMemoryError as error:
        raise EnvironmentProblem(
            "training ran out of memory", found=str(error), hint="lower tokens in the recipe"
        ) from error
    _save(trainer, out)
    steps = [entry for entry in trainer.state.log_history if "loss" in entry]
    (out / CURVE).write_text("".join(json.dumps(_point(e)) + "\n" for e in steps), encoding="utf-8")
    draw(out / CURVE, out / "loss.png", recipe.name)
    return {
        "loss": round(float(result.training_loss), 4),
        "steps": len(batches),
        "dtype": dtype,
        "tokens": sum(len(ids) for batch in batches for ids, _ in batch),
        "libraries": {
            n: importlib.metadata.version(n) for n in ("torch", "transformers", "peft", "trl")
        },
    }


def refuse_layers(recipe: Recipe, base: str) -> None:
    """Raise UsageError where no layer is left for the adapter; a base that does not tell its layers
    is let through.
    """
    layers = models.layers(base)
    if layers is not None and recipe.first_layer >= layers:
        raise UsageError(
            f"the recipe {recipe.name!r} leaves no layer to train",
            found=f"first_layer = {recipe.first_layer}",
            expected=f"0 to {layers - 1}: {base} has {layers} layers",
        )


def refuse_several(gpus: int) -> None:
    """Raise UsageError for several GPUs, over which transformers would split batches that are
    planned for one.
    """
    if gpus > 1:
        raise UsageError(
            "an adapter is trained on one GPU",
            found=f"{gpus} GPUs",
            hint="show it one: CUDA_VISIBLE_DEVICES=0 adaptbench train ...",
        )


Tokens = tuple[list[int], int]
"""Token ids of a conversation with its answer, and how many of them are the prompt."""


def _tokens(weights: Weights, sample: Sample) -> Tokens:
    prompt = weights.encode_chat(sample.messages)
    end = [weights.tokenizer.eos_token_id]
    return [*prompt, *weights.encode(sample.answer), *end], len(prompt)


def plan(
    recipe: Recipe, tokens: Sequence[Tokens], tasks: Sequence[str], seed: int
) -> list[list[Tokens]]:
    """The batches of all epochs: each example as often as its task's ``repeats``, similar lengths
    together.

    A batch holds at most ``recipe.tokens`` tokens, padding included, but at least one example.
    Repeats of one example are spread over the epoch.
    """
    rng = random.Random(seed)
    batches: list[list[Tokens]] = []
    most = max(1, *(recipe.repeats.get(task, 1) for task in tasks))
    for _ in range(recipe.epochs):
        for turn in range(most):
            rows = [
                t
                for t, task in zip(tokens, tasks, strict=True)
                if _seen(recipe.repeats.get(task, 1), most, turn)
            ]
            rng.shuffle(rows)
            rows.sort(key=lambda row: len(row[0]) // 16)
            packed = list(_packed(rows, recipe.tokens))
            rng.shuffle(packed)
            batches += packed
    return batches


def _seen(repeats: int, most: int, turn: int) -> bool:
    """Whether an example that is seen ``repeats`` times in ``most`` turns is seen in this one,
    spread evenly.
    """
    return (turn + 1) * repeats // most > turn * repeats // most


def _packed(rows: Sequence[Tokens], budget: int) -> Iterator[list[Tokens]]:
    batch: list[Tokens] = []
    for row in rows:
        width = max(len(row[0]), *(len(r[0]) for r in batch)) if batch else len(row[0])
        if batch and width * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _trainer(
    recipe: Recipe,
    weights: Weights,
    batches: list[list[Tokens]],
    seed: int,
    work: Path,
    start: Path | None,
) -> Any:
    from datasets import Dataset
    from peft import LoraConfig, PeftModel
    from transformers import PrinterCallback

    flat = [row for batch in batches for row in batch]
    columns = {
        "input_ids": [ids for ids, _ in flat],
        "labels": [[-100] * shown + ids[shown:] for ids, shown in flat],
    }
    targets = recipe.targets if isinstance(recipe.targets, str) else list(recipe.targets)
    lora = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules=targets,
        exclude_modules=rf"\D*\.(?:{'|'.join(map(str, range(recipe.first_layer)))})\..*"
        if recipe.first_layer
        else None,
        task_type="CAUSAL_LM",
    )
    model = weights.model
    if start is not None:
        model = PeftModel.from_pretrained(
            model, str(start), is_trainable=True, local_files_only=True
        )
    trainer = _budget_trainer([len(batch) for batch in batches])(
        model=model,
        args=_arguments(recipe, len(batches), seed, work, on_cpu=weights.device.type == "cpu"),
        train_dataset=Dataset.from_dict(columns),
        processing_class=weights.tokenizer,
        peft_config=None if start is not None else lora,
        callbacks=[shown(recipe.name)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _arguments(recipe: Recipe, steps: int, seed: int, work: Path, *, on_cpu: bool) -> Any:
    from trl import SFTConfig

    return SFTConfig(
        output_dir=str(work),
        num_train_epochs=1,
        learning_rate=recipe.lr,
        lr_scheduler_type="linear",
        warmup_steps=max(1, round(recipe.warmup * steps)),
        weight_decay=recipe.weight_decay,
        seed=seed,
        logging_steps=1,
        save_strategy="steps",
        save_steps=max(1, -(-steps // CHECKPOINTS)),
        save_total_limit=1,
        report_to=[],
        disable_tqdm=True,
        gradient_checkpointing=False,
        bf16=False,
        fp16=False,
        use_cpu=on_cpu,
        max_length=None,
        remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        dataloader_pin_memory=False,
        logging_strategy="steps",
        push_to_hub=False,
    )


def _budget_trainer(sizes: Sequence[int]) -> Any:
    """A trainer class, made where trl is loaded, that serves batches of the given sizes in their
    order.
    """
    import torch
    from torch.utils.data import DataLoader
    from trl import SFTTrainer

    class BudgetTrainer(SFTTrainer):  # type: ignore[misc]
        """Serves the planned batches in their order; computes logits at the answers' positions
        only.
        """

        def compute_loss(
            self,
            model: Any,
            inputs: Any,
            return_outputs: bool = False,
            num_items_in_batch: Any = None,
        ) -> Any:
            base = model.get_base_model()
            labels = inputs["labels"][:, 1:]
            answers = labels != -100
            seen = base.base_model(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
            )
            logits = head(base, seen.last_hidden_state[:, :-1][answers]).float()
            loss = torch.nn.functional.cross_entropy(logits, labels[answers])
            return (loss, logits) if return_outputs else loss

        def get_train_dataloader(self) -> Any:
            loader = DataLoader(
                self.train_dataset, batch_sampler=_Planned(sizes), collate_fn=self.data_collator
            )
            return self.accelerator.prepare(loader)

    return BudgetTrainer


def _Planned(sizes: Sequence[int]) -> Sampler[list[int]]:  # noqa: N802  a class made where torch is loaded
    """A batch sampler that serves consecutive rows in batches of the given sizes."""
    from torch.utils.data import Sampler

    class Planned(Sampler[list[int]]):
        def __iter__(self) -> Iterator[list[int]]:
            first = 0
            for size in sizes:
                yield list(range(first, first + size))
                first += size

        def __len__(self) -> int:
            return len(sizes)

    return Planned()


def _save(trainer: Any, out: Path) -> None:
    """Weights in half precision: an adapter's rounding is far below what its training noise is."""
    from safetensors.torch import load_file, save_file

    trainer.model.save_pretrained(out, safe_serialization=True)
    weights = out / "adapter_model.safetensors"
    save_file(
        {name: t.half().contiguous() for name, t in load_file(weights).items()},
        weights,
        metadata={"format": "pt"},
    )
    config = out / "adapter_config.json"
    table = json.loads(config.read_text(encoding="utf-8"))
    table["base_model_name_or_path"] = None
    config.write_text(json.dumps(table, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (out / "README.md").unlink(missing_ok=True)


def _point(entry: dict[str, Any]) -> dict[str, float | int]:
    kept = {"step": int(entry["step"]), "loss": round(float(entry["loss"]), 5)}
    return kept | {
        k: round(float(entry[k]), 5) for k in ("mean_token_accuracy", "learning_rate") if k in entry
    }
