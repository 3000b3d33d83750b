"""Models by name: registry package, hub id or local folder, all through the same code.

`describe` tells what a name stands for without touching the network or loading anything; `ready`
makes sure that its files are complete on disk and returns their folder.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from evals.core.errors import EnvironmentProblem, UsageError
from evals.core.identity import digest, file_digest, short
from evals.core.paths import cache_dir
from evals.core.registry import unknown
from systems.settings import Settings, as_table, parse

Role = Literal["lm", "embedder", "detector"]
Progress = Callable[[str], None]

DEFAULT_LM = "smollm2-135m"
DEFAULT_EMBEDDER = "minilm-l6-v2"
_TABLE = Path(__file__).with_name("models.toml")
_WEIGHTS = ("*.safetensors",)


class ModelSpec(Settings, frozen=True):
    """One row of the table. Exactly one of ``package``, ``hub`` and ``folder`` says where the files
    come from.
    """

    role: Role = "lm"
    package: str | None = None
    version: str | None = None
    sha256: str | None = None
    path: str | None = None
    hub: str | None = None
    revision: str | None = None
    folder: str | None = None
    parameters: int | None = None
    license: str = ""
    about: str = ""

    @property
    def source(self) -> str:
        """Where the files come from, for people."""
        if self.package is not None:
            return f"package {self.package}=={self.version}"
        return f"hub {self.hub}" if self.hub is not None else f"folder {self.folder}"


@cache
def table() -> dict[str, ModelSpec]:
    """Every model known by name."""
    rows: dict[str, Any] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {
        name: parse(row, ModelSpec, what=f"model {name!r}", where=str(_TABLE))
        for name, row in rows.items()
    }


def listing() -> list[tuple[str, str]]:
    """Every model known by name, with its role, its source and whether it is on disk."""
    return [
        (name, f"{spec.role}, {spec.source}{here}: {spec.about}")
        for name, spec in table().items()
        for here in [", on disk" if is_ready(name, spec.role) else ""]
    ]


def describe(reference: str, role: Role = "lm") -> ModelSpec:
    """What a name, a hub id (``owner/name`` or ``owner/name@revision``) or a folder stands for.

    Raises UsageError for a name nobody knows.
    """
    if (known := table().get(reference)) is not None:
        return known
    if Path(reference).expanduser().is_dir():
        return ModelSpec(role=role, folder=str(Path(reference).expanduser().resolve()))
    hub, _, revision = reference.partition("@")
    if hub.count("/") == 1 and not hub.startswith((".", "/", "~")):
        return ModelSpec(role=role, hub=hub, revision=revision or None)
    raise unknown("model", reference, list(table()))


def identity(reference: str, role: Role = "lm") -> dict[str, Any]:
    """What makes a model the same one: the wheel's hash, the hub id and revision, or the folder's
    file hashes.
    """
    spec = describe(reference, role)
    if spec.package is not None:
        return {
            "package": spec.package,
            "version": spec.version,
            "sha256": spec.sha256,
            "path": spec.path,
        }
    if spec.hub is not None:
        return {"hub": spec.hub, "revision": spec.revision or "main"}
    return {"files": folder_files(Path(str(spec.folder)))}


def store_path(reference: str, role: Role = "lm") -> Path:
    """Where the files of a package model are kept."""
    return (
        cache_dir()
        / "models"
        / f"{reference.replace('/', '--')}-{short(identity(reference, role))}"
    )


def is_ready(reference: str, role: Role = "lm") -> bool:
    """Whether the files are on disk and complete, so that `ready` would not fetch anything."""
    from systems import fetch

    spec = describe(reference, role)
    if spec.folder is not None:
        return any(Path(spec.folder).glob(_WEIGHTS[0]))
    if spec.hub is not None:
        return fetch.hub_cached(spec.hub, spec.revision) is not None
    return fetch.is_complete(store_path(reference, role))


def ready(reference: str, role: Role = "lm", progress: Progress = lambda message: None) -> Path:
    """The folder with the model's complete files; fetches them where they are missing or damaged.

    Raises UsageError for an unknown name, EnvironmentProblem where the files cannot be had.
    """
    from systems import fetch

    spec = describe(reference, role)
    if spec.folder is not None:
        return _checked_folder(Path(spec.folder))
    if spec.hub is not None:
        return _checked_folder(fetch.hub_folder(spec.hub, spec.revision, progress=progress))
    if spec.sha256 is None or spec.version is None or spec.path is None:
        raise UsageError(
            f"model {reference!r} needs version, sha256 and path",
            where=_TABLE,
            found=as_table(spec),
        )
    return fetch.package_folder(spec, store_path(reference, role), progress)


def layers(reference: str) -> int | None:
    """How many layers a language model has, by its config.json; None where that does not say.
    Raises as `ready`.
    """
    try:
        config = json.loads((ready(reference) / "config.json").read_bytes())
    except (OSError, ValueError):
        return None
    found = config.get("num_hidden_layers") if isinstance(config, dict) else None
    return found if isinstance(found, int) else None


def gguf(reference: str, progress: Progress = lambda message: None) -> Path:
    """The GGUF file of a package model as its package holds it, for servers that read that format.

    Raises UsageError where the model is not packaged as one, EnvironmentProblem where it cannot be
    had.
    """
    from systems import fetch

    spec = describe(reference)
    if spec.package is None or not str(spec.path).endswith(".gguf"):
        raise UsageError("this model is not packaged as GGUF", found=f"{reference} ({spec.source})")
    store = store_path(reference)
    return (
        fetch.package_folder(spec, store.with_name(f"{store.name}-gguf"), progress, convert=False)
        / Path(str(spec.path)).name
    )


def _checked_folder(folder: Path) -> Path:
    if not (folder / "config.json").is_file() or not any(folder.glob(_WEIGHTS[0])):
        raise EnvironmentProblem(
            "this model folder holds no usable weights",
            where=folder,
            found=", ".join(sorted(p.name for p in folder.iterdir())[:12]) or "an empty folder",
            expected="config.json and *.safetensors (pickled weights are not loaded)",
            hint="name a folder made by save_pretrained, or a model of `adaptbench models list`",
        )
    return folder


@cache
def folder_files(folder: Path) -> str:
    """Digest over the names and contents of a model folder's configuration, tokenizer and
    weights.
    """
    kept = [
        p
        for pattern in ("*.json", "*.safetensors", "*.txt", "*.jinja", "*.model")
        for p in folder.glob(pattern)
    ]
    return digest({p.name: file_digest(p) for p in sorted(kept)})
