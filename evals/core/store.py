"""A run on disk: ``runs/<run>/`` with ``manifest.json``, ``items.jsonl``, ``responses.jsonl`` and
``scores.jsonl``.

Plain files, append-only. The questions with their gold are kept beside the answers, so that a run
explains itself without its pack. Written by `evals.run`, read by everything derived. Nothing here
calls a model or reads a pack.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from filelock import FileLock, Timeout

from evals.core import jsonl
from evals.core.errors import DataError, UsageError
from evals.core.identity import digest, file_digest
from evals.core.judge import JudgeNote
from evals.core.metric import Better, Unit
from evals.core.paths import write_atomic
from evals.core.schema import Factors, Item, Record, Response, Role, ScoreLine

ITEMS = "items.jsonl"
RESPONSES = "responses.jsonl"
SCORES = "scores.jsonl"
MANIFEST = "manifest.json"


class MetricNote(Record, frozen=True, omit_defaults=False):
    """What derived tables need to know about a metric without importing it.

    ``judge`` is set where a model judges; ``identity`` is the digest of what makes the metric's
    stored scores the same ones. ``unit`` and ``identity`` are unset in runs stored before there
    were any, so that their seal still holds.
    """

    better: Better
    estimator: str
    bounds: tuple[float, float] = (0.0, 1.0)
    about: str = ""
    judge: JudgeNote | msgspec.UnsetType = msgspec.UNSET
    unit: Unit | msgspec.UnsetType = msgspec.UNSET
    identity: str | msgspec.UnsetType = msgspec.UNSET


class SuiteNote(Record, frozen=True, omit_defaults=False):
    """What derived tables need to know about a suite without importing it."""

    headline: str
    metrics: tuple[str, ...]
    tracks: tuple[str, ...]
    measured: Literal["throughput", "latency"] = "throughput"


class Manifest(Record, frozen=True, omit_defaults=False):
    """Everything that names, explains and rebuilds a run.

    ``identity`` holds what makes it the same run (system, weights, adapter, index, prompts, decode
    settings, pack, items, seed, code); ``run`` is the system's name and the short digest of that.
    ``files`` are the sha256 of the finished files and ``seal`` the digest of the manifest itself,
    both set when the run is complete. ``kept`` is set while a run is scored again: the metrics
    whose former scores are copied, with the identities that they share.

    ``role`` and ``factors`` are what the system declares; runs of the old form have neither (see
    `roles.role_of`). ``absent`` are the suites that the pack holds no item of.
    """

    run: str
    system: str
    pack: str
    profile: str
    seed: int
    identity: dict[str, Any]
    suites: dict[str, SuiteNote]
    metrics: dict[str, MetricNote]
    items: int
    machine: dict[str, Any]
    libraries: dict[str, str]
    command: str
    started: str
    limit: int | None = None
    about: str = ""
    brand: str = ""
    pack_source: str = ""
    finished: str | None = None
    status: Literal["running", "complete"] = "running"
    scoring: str | None = None
    kept: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    files: dict[str, str] = msgspec.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    seal: str | None = None
    role: Role | msgspec.UnsetType = msgspec.UNSET
    factors: Factors | msgspec.UnsetType | None = msgspec.UNSET
    absent: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True)
class StoredRun:
    """A run's folder and its manifest."""

    path: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.manifest.run

    def items(self) -> Iterator[Item]:
        """Stream the questions that this run asks, with their gold, in the order of the scores."""
        return jsonl.read(self.path / ITEMS, Item)

    def responses(self) -> Iterator[Response]:
        """Stream the stored responses in the order they were finished."""
        return jsonl.read(self.path / RESPONSES, Response)

    def scores(self) -> Iterator[ScoreLine]:
        """Stream the stored scores in item order."""
        return jsonl.read(self.path / SCORES, ScoreLine)

    def state(self) -> Literal["complete", "under way", "interrupted"]:
        """``interrupted`` where it is not complete and no process works on it: the same command
        resumes it.
        """
        if self.manifest.status == "complete":
            return "complete"
        return "under way" if held(self.path) else "interrupted"

    def tampering(self) -> list[str]:
        """What does not match the hashes taken when the run was finished; empty when all is as it
        was.
        """
        found = []
        if self.manifest.seal != seal(self.manifest):
            found.append(f"{MANIFEST}: differs from its seal")
        for name, expected in self.manifest.files.items():
            file = self.path / name
            if not file.exists():
                found.append(f"{name}: missing")
            elif file_digest(file) != expected:
                found.append(f"{name}: edited after the run was finished")
        return found


def lock_of(folder: Path) -> FileLock:
    """The lock that a process holds while it works on the run in ``folder``."""
    return FileLock(folder.with_name(f".{folder.name}.lock"))


def held(folder: Path) -> bool:
    """Whether some process on this machine works on the run in ``folder``."""
    lock = lock_of(folder)
    if not Path(lock.lock_file).exists():
        return False
    try:
        with lock.acquire(blocking=False):
            return False
    except Timeout:
        return True
    except OSError:
        return False  # somebody else's folder, which can only be read


def seal(manifest: Manifest) -> str:
    """Digest of the manifest with its seal left empty."""
    return digest(msgspec.structs.replace(manifest, seal=None))


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write ``manifest.json`` in ``path`` whole or not at all."""
    write_atomic(
        path / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    )


def open_run(path: Path) -> StoredRun:
    """Read a run's manifest. Raises DataError where the folder is no run or its manifest is
    damaged.
    """
    file = path / MANIFEST
    try:
        return StoredRun(path, msgspec.json.decode(file.read_bytes(), type=Manifest))
    except FileNotFoundError:
        raise DataError(
            "not a run: it has no manifest", where=file, hint="`adaptbench show` lists the runs"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise DataError(
            f"damaged manifest: {error}",
            where=file,
            hint="remove this run, or run the system again with --fresh",
        ) from error


def stored_runs(results: Path, *, complete_only: bool = False) -> list[StoredRun]:
    """Every readable run below ``results/runs``, oldest first; each unreadable one is named on
    stderr, once.
    """
    found, unreadable = _collect(results)
    for note in unreadable.values():
        _warn(note)
    return [r for r in found if r.manifest.status == "complete" or not complete_only]


def unreadable_runs(results: Path) -> list[str]:
    """A note on each run below ``results/runs`` whose manifest cannot be read, for what lists runs
    left out.
    """
    return list(_collect(results)[1].values())


def _collect(results: Path) -> tuple[list[StoredRun], dict[Path, str]]:
    """The readable runs, oldest first, and a note on each unreadable one by its folder."""
    found: list[StoredRun] = []
    unreadable: dict[Path, str] = {}
    for manifest in sorted((results / "runs").glob(f"*/{MANIFEST}")):
        try:
            found.append(open_run(manifest.parent))
        except DataError as error:
            unreadable[manifest.parent] = f"run {manifest.parent.name} left out: {error.problem}"
    return sorted(found, key=lambda r: (r.manifest.started, r.name)), unreadable


@cache
def _warn(message: str) -> None:
    print(f"warning: {message}", file=sys.stderr)


def find_run(results: Path, reference: str) -> StoredRun:
    """The run named by its folder, its full name, a unique prefix of it, or a system's name (its
    newest run).

    Raises UsageError where none or several fit, DataError where the run so named cannot be read.
    """
    for folder in (Path(reference), results / "runs" / reference):
        if (folder / MANIFEST).exists():
            return open_run(folder)
    runs = stored_runs(results)
    exact: Sequence[StoredRun] = [r for r in runs if r.name == reference]
    if exact:
        return exact[0]
    of_system = [r for r in runs if r.manifest.system == reference]
    if of_system:
        return of_system[-1]
    begun = [r for r in runs if r.name.startswith(reference)] if reference else []
    if len(begun) == 1:
        return begun[0]
    damaged = [p for p in _collect(results)[1] if reference and p.name.startswith(reference)]
    if damaged and not begun:
        return open_run(damaged[0])
    raise UsageError(
        f"{'several runs begin' if begun else 'no run is named or begins'} with {reference!r}",
        where=results / "runs",
        found=", ".join(r.name for r in (begun or runs)[-8:]) or "no runs",
        expected="a run's folder, its name, a unique beginning of it, or a system's name",
    )
