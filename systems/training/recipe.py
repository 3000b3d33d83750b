"""A recipe says how an adapter is trained: which examples, shown how, with which optimiser."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final, Literal

import msgspec

from evals.core.errors import UsageError
from evals.core.registry import unknown
from systems.prompts import PromptSettings
from systems.runtime import DType
from systems.settings import Settings, parse

FOLDER: Final = Path(__file__).with_name("recipes")

Stratum = Literal["closed_book", "oracle_present", "oracle_absent_stable", "oracle_absent_abstain"]


class Contexts(Settings, frozen=True):
    """``[contexts]``: passages shown in training, ``least`` to ``most`` of them, found by BM25 as
    of t0.

    ``chunk`` is in characters and should equal the retriever's. ``aged`` is the share of examples
    that also show an older version of their gold document with another value in it, so that the
    model learns that the newest counts.
    """

    least: int = 2
    most: int = 4
    chunk: int = 450
    aged: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most or not 0 <= self.aged <= 1:
            raise ValueError("1 <= least <= most and 0 <= aged <= 1 are needed")


class Recipe(Settings, frozen=True):
    """A recipe's TOML file.

    ``strata`` says which examples are used, ``repeats`` how often per epoch those of a task are
    seen (default once), ``per_fact`` how many closed-book phrasings of a fact are used (0: all).
    ``tokens`` is the size of a batch, padding included. ``init`` names a recipe whose adapter is
    the starting point. ``rank``, ``alpha``, ``lr`` and ``warmup`` (share of steps) are LoRA's and
    AdamW's; the learning rate falls linearly. Layers before ``first_layer`` get no adapter, so that
    nothing is propagated back through them. ``dtype`` is what the frozen weights are held in while
    training; ``auto`` is bfloat16 where the hardware multiplies it natively, else float32.
    """

    name: str = ""
    about: str = ""
    strata: tuple[Stratum, ...] = ("closed_book",)
    prompt: PromptSettings = PromptSettings(style="minimal")
    contexts: Contexts | None = None
    init: str | None = None
    rank: int = 16
    alpha: int = 32
    targets: str | tuple[str, ...] = "all-linear"
    first_layer: int = 0
    epochs: int = 4
    repeats: dict[str, int] = msgspec.field(default_factory=dict)
    per_fact: int = 0
    lr: float = 5e-4
    warmup: float = 0.05
    weight_decay: float = 0.0
    tokens: int = 1024
    dtype: DType = "auto"

    def __post_init__(self) -> None:
        if (
            self.rank < 1
            or self.epochs < 1
            or self.first_layer < 0
            or self.lr <= 0
            or self.tokens < 64
            or not self.strata
        ):
            raise ValueError(
                "rank >= 1, epochs >= 1, lr > 0, tokens >= 64 and at least one stratum are needed"
            )


def names() -> list[str]:
    """The bundled recipes."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_recipe(reference: str) -> Recipe:
    """A bundled recipe by name, or one from a TOML file. Raises UsageError where there is none or
    it is wrong.
    """
    path = Path(reference) if reference.endswith(".toml") else FOLDER / f"{reference}.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if reference.endswith(".toml"):
            raise UsageError(
                "no such file", found=reference, hint=f"or a recipe: {', '.join(names())}"
            ) from None
        raise unknown("recipe", reference, names()) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise UsageError(f"not a readable TOML file: {error}", where=path) from error
    if not table:
        raise UsageError(
            "an empty recipe",
            where=path,
            hint=f"begin with a copy of {FOLDER / 'finetuned.toml'}",
        )
    return parse(
        {"name": path.stem, **table}, Recipe, what=f"recipe {path.stem!r}", where=str(path)
    )
