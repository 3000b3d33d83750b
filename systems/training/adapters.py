"""Where adapters are kept, and how a system gets the one that fits: never a stale one, never half
of one.

An adapter is named by the hash of what it was made from: base weights, training data as rendered,
recipe, seed, and its starting adapter. A stored one is used only where that hash is equal; else it
is trained anew.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from filelock import FileLock

from evals.core.errors import EnvironmentProblem, UsageError
from evals.core.identity import changed_keys, digest, file_digest
from evals.core.interfaces import Setup
from evals.core.paths import ensure_dir
from systems import models
from systems.settings import as_table
from systems.training.data import Sample, data_digest, render
from systems.training.recipe import Recipe, names, read_recipe

COMMITTED: Final = Path(__file__).parent.parent / "adapters"
MANIFEST: Final = "manifest.json"
WEIGHTS: Final = "adapter_model.safetensors"
TRAINER: Final = 2
"""Raise when the trainer changes in a way that makes other weights from the same data and recipe.
"""

OPTIMISER: Final = frozenset(
    (
        "rank",
        "alpha",
        "targets",
        "first_layer",
        "epochs",
        "repeats",
        "lr",
        "warmup",
        "weight_decay",
        "tokens",
        "dtype",
    )
)
"""What of a recipe shapes the weights beside the rendered data, which has a hash of its own."""


@dataclass(frozen=True)
class Wanted:
    """The adapter that a system needs: a folder named by a person, or what a recipe makes of a
    pack.
    """

    name: str
    base: str
    folder: Path | None = None
    recipe: Recipe | None = None
    made_from: Mapping[str, Any] | None = None
    samples: tuple[Sample, ...] = ()
    init: Wanted | None = None

    @property
    def hash(self) -> str:
        """What names it (hex)."""
        return digest(self.made_from)

    def identity(self) -> dict[str, Any]:
        """For a run's identity: the hash, and what it was made from."""
        return {"name": self.name, "hash": self.hash, "from": dict(self.made_from or {})}


def wanted(reference: str, base: str, setup: Setup, after: tuple[str, ...] = ()) -> Wanted:
    """The adapter behind a recipe's name, a recipe's TOML file, or an adapter's folder. Loads no
    model.

    ``after`` are the recipes that start from this one. Raises UsageError where the reference is
    none of the three, or a recipe starts from itself.
    """
    chain = (*after, reference)
    if reference in after:
        raise UsageError(
            "a recipe starts from itself",
            found=" <- ".join(chain),
            hint="let init name another recipe, or none",
        )
    path = Path(reference).expanduser()
    if reference not in names() and path.is_dir():
        if not (path / "adapter_config.json").is_file() or not (path / WEIGHTS).is_file():
            raise UsageError(
                "this folder holds no adapter",
                where=path,
                expected=f"adapter_config.json and {WEIGHTS}",
            )
        made = {name: file_digest(path / name) for name in ("adapter_config.json", WEIGHTS)}
        return Wanted(path.name, base, folder=path, made_from=made)
    recipe = read_recipe(reference)
    init = wanted(recipe.init, base, setup, chain) if recipe.init else None
    samples = render(recipe, setup.pack, setup.seed)
    if not samples:
        raise UsageError(
            f"the pack has no training example for the recipe {recipe.name!r}",
            where=setup.pack.root,
            expected=f"examples of {', '.join(recipe.strata)}",
            hint=(
                "add chat lines with `adaptbench pack import ... --train FILE`, or train.jsonl"
                " (docs/packs.md)"
            ),
        )
    made_from = {
        "base": digest(models.identity(base)),
        "data": data_digest(samples),
        "recipe": digest({k: v for k, v in as_table(recipe).items() if k in OPTIMISER}),
        "seed": setup.seed,
        "init": init.hash if init else None,
        "trainer": TRAINER,
    }
    return Wanted(
        recipe.name, base, recipe=recipe, made_from=made_from, samples=tuple(samples), init=init
    )


def ready(want: Wanted, setup: Setup, *, fresh: bool = False) -> Path:
    """The folder of the wanted adapter: the cached one, the committed one, or one trained now.

    Raises EnvironmentProblem where it can neither be found nor trained.
    """
    if want.folder is not None or want.recipe is None:
        return _given(want)
    kept = setup.cache / "adapters" / want.hash[:24]
    with FileLock(ensure_dir(kept.parent) / f".{kept.name}.lock"):
        if not fresh:
            for folder in (kept, COMMITTED / want.name):
                if fits(folder, want):
                    return folder
            setup.progress(_why(want))
        start = ready(want.init, setup) if want.init else None
        return _train(want, want.recipe, setup, kept, start)


def fits(folder: Path, want: Wanted) -> bool:
    """Whether the folder holds the wanted adapter, whole."""
    manifest = read_manifest(folder)
    if manifest is None or manifest.get("hash") != want.hash:
        return False
    return all(
        (folder / n).is_file() and file_digest(folder / n) == h
        for n, h in manifest["files"].items()
    )


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """An adapter's manifest; None where there is none or it is damaged."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError):
        return None
    return manifest if isinstance(manifest.get("files"), dict) else None


def _why(want: Wanted) -> str:
    committed = read_manifest(COMMITTED / want.name)
    if committed is None:
        return f"training the adapter {want.name!r} (once; it is then kept in the cache)"
    changed = (
        ", ".join(changed_keys(committed.get("from", {}), dict(want.made_from or {})))
        or "its files"
    )
    return (
        f"the adapter {want.name!r} that comes with this package does not fit ({changed} differ):"
        " training it now"
    )


def _given(want: Wanted) -> Path:
    if want.folder is None:
        raise UsageError("an adapter is made by a recipe or named by its folder", found=want.name)
    return want.folder


def _train(want: Wanted, recipe: Recipe, setup: Setup, folder: Path, start: Path | None) -> Path:
    from systems.training.trainer import train

    work = folder.with_name(f".{folder.name}.partial")
    out = work / "out"
    if fits_work(work, want):
        if any(work.glob("checkpoint-*")):
            setup.progress("going on from the last checkpoint")
    else:
        shutil.rmtree(work, ignore_errors=True)
    try:
        ensure_dir(work)
        (work / "for.txt").write_text(want.hash, encoding="utf-8")
        began = time.monotonic()
        notes = train(
            recipe,
            want.samples,
            want.base,
            setup.seed,
            work=work,
            out=out,
            start=start,
            limit=setup.training_limit,
            progress=setup.progress,
        )
        files = {p.name: file_digest(p) for p in sorted(out.iterdir()) if p.is_file()}
        manifest = {
            "name": want.name,
            "hash": want.hash,
            "from": dict(want.made_from or {}),
            "base": models.identity(want.base),
            "recipe": as_table(recipe),
            "pack": setup.pack.name,
            "examples": len(want.samples),
            "seconds": round(time.monotonic() - began, 1),
            **notes,
            "files": files,
        }
        (out / MANIFEST).write_bytes(
            msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
        )
        shutil.rmtree(folder, ignore_errors=True)
        out.rename(folder)
    except OSError as error:
        raise EnvironmentProblem(
            f"the adapter cannot be stored: {error.strerror or error}",
            where=folder,
            hint="free some space",
        ) from error
    shutil.rmtree(work, ignore_errors=True)
    return folder


def fits_work(work: Path, want: Wanted) -> bool:
    """Whether an interrupted training's folder belongs to the wanted adapter, so that it can be
    resumed.
    """
    note = work / "for.txt"
    return note.is_file() and note.read_text(encoding="utf-8") == want.hash
