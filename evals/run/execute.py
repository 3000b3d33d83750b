"""One run from beginning to end: plan, answer, score, finish; or go on where an earlier process
stopped.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from filelock import Timeout

from evals.core import jsonl
from evals.core.errors import DataError, UsageError
from evals.core.identity import digest, file_digest
from evals.core.interfaces import TRAINING_LIMIT, Mode, Pack, Placed, Setup, System
from evals.core.log import Log
from evals.core.metric import Metric
from evals.core.paths import atomic_path, cache_dir, ensure_dir
from evals.core.registry import PACKS, SystemConfig
from evals.core.roles import declared
from evals.core.schema import Response, encode
from evals.core.store import (
    ITEMS,
    RESPONSES,
    SCORES,
    Manifest,
    MetricNote,
    StoredRun,
    lock_of,
    open_run,
    seal,
    write_manifest,
)
from evals.run.answering import answer_all
from evals.run.executors import Answerer, Executor, LocalExecutor, Work, answering_identity
from evals.run.machine import libraries, machine
from evals.run.plan import Plan, absent_suites, make_plan
from evals.run.scoring import (
    BEFORE,
    build_metrics,
    metric_notes,
    score_all,
    scoring_identity,
    suite_notes,
)

_PASSES: Final[tuple[tuple[Mode, str], ...]] = (("throughput", "answering"), ("latency", "timing"))


class Progress(Protocol):
    """Shows how far a pass is. `note` tells what happens between passes."""

    def stage(
        self, label: str, total: int, done: int = 0
    ) -> AbstractContextManager[Callable[[], None]]:
        """A bar for one pass; the value entered is called once per finished item."""

    def note(self, message: str) -> None: ...


class Silent:
    """A `Progress` that shows nothing."""

    @contextmanager
    def stage(self, label: str, total: int, done: int = 0) -> Iterator[Callable[[], None]]:
        yield lambda: None

    def note(self, message: str) -> None:
        pass


@dataclass(frozen=True)
class RunSpec:
    """What a person asks for: one system on some suites of one pack."""

    system: SystemConfig
    pack: Pack
    results: Path
    suites: Sequence[str] = ()
    profile: str = "quick"
    limit: int | None = None
    seed: int = 0
    command: str = ""
    fresh: bool = False
    pack_source: str = ""
    cache: Path = field(default_factory=cache_dir)
    executor: Executor = field(default_factory=LocalExecutor)
    training_limit: float = TRAINING_LIMIT


def execute(spec: RunSpec, progress: Progress | None = None) -> StoredRun:
    """Make the run, or finish it where it was interrupted; return it complete and sealed.

    A run whose identity is already there is resumed: no finished item is answered again. Raises
    UsageError for names that do not exist or where another process works on the same run, DataError
    for a pack that cannot be used, EnvironmentProblem where the results cannot be written.
    """
    show: Progress = progress or Silent()
    system = spec.system.build()
    plan = make_plan(spec.pack, spec.suites, spec.profile, spec.limit)
    setup = _setup(spec, plan, system, show)
    answers = answering_identity(system, setup)
    identity = _identity(spec, plan, answers)
    metrics = build_metrics(plan, spec.pack)
    name = f"{spec.system.name}-{digest(identity)[:12]}"
    folder = ensure_dir(spec.results / "runs") / name
    with _locked(spec.results, name):
        if spec.fresh:
            _set_aside(spec.results, folder)
        manifest = _begin(folder, name, spec, plan, identity, system)
        if manifest.status == "complete":
            if manifest.scoring == scoring_identity(plan, metric_notes(metrics, spec.pack)):
                show.note(f"{name} is complete; nothing to do (--fresh runs it again)")
                return open_run(folder)
            _refuse_tampered(StoredRun(folder, manifest))
        manifest = _reopen(folder, manifest, plan, spec.pack, metrics, show)
        _keep_items(folder, plan, spec.pack)
        work = Work(spec.system, spec.pack_source, system, setup, answers)
        manifest = _answer(folder, manifest, plan, spec.executor, work, show)
        return _score(folder, manifest, plan, metrics, show)


def rescore(stored: StoredRun, pack: Pack, progress: Progress | None = None) -> StoredRun:
    """Score a finished run's stored answers again with the metrics as they are now; calls no
    system.

    Raises UsageError for an unfinished run, DataError where the run was tampered with or the pack
    no longer asks the same questions.
    """
    show: Progress = progress or Silent()
    old = stored.manifest
    if old.status != "complete":
        raise UsageError(
            "this run is not finished", where=stored.path, hint=f"resume it: {old.command}"
        )
    plan = make_plan(pack, list(old.suites), old.profile, old.limit)
    if plan.digest != old.identity.get("items"):
        raise DataError(
            "the pack no longer asks what this run answered",
            where=stored.path,
            hint="run the system again",
        )
    metrics = build_metrics(plan, pack)
    with _locked(stored.path.parent.parent, stored.name):
        _refuse_tampered(stored)
        manifest = _reopen(stored.path, old, plan, pack, metrics, show)
        _keep_items(stored.path, plan, pack)
        return _score(stored.path, manifest, plan, metrics, show)


def _reopen(
    folder: Path,
    manifest: Manifest,
    plan: Plan,
    pack: Pack,
    metrics: dict[str, Metric],
    show: Progress,
) -> Manifest:
    """Mark the run as under way, with today's metrics; of its scores, those of unchanged metrics
    are kept.
    """
    notes = metric_notes(metrics, pack)
    scoring = scoring_identity(plan, notes)
    if manifest.scoring != scoring and manifest.metrics:
        manifest = _keep_scores(folder, manifest, notes, show)
    manifest = msgspec.structs.replace(
        manifest,
        metrics=notes,
        suites=suite_notes(plan),
        scoring=scoring,
        status="running",
        files={},
        seal=None,
    )
    write_manifest(folder, manifest)
    return manifest


def _keep_scores(
    folder: Path, manifest: Manifest, notes: Mapping[str, MetricNote], show: Progress
) -> Manifest:
    """Set a run's scores aside for the metrics that are still the same ones, and say which are
    scored again.

    What is set aside stays what its manifest says at every moment, so that a crash in between loses
    no more than time.
    """
    if manifest.status == "complete":
        (folder / BEFORE).unlink(missing_ok=True)
    held = manifest.kept or {name: note.identity or "" for name, note in manifest.metrics.items()}
    scores, before = folder / SCORES, folder / BEFORE
    if (
        not before.exists()
        and scores.exists()
        and sum(1 for _ in jsonl.lines(scores)) == manifest.items
    ):
        manifest = msgspec.structs.replace(
            manifest, scoring=None, status="running", files={}, seal=None
        )
        write_manifest(folder, manifest)
        scores.replace(before)
    scores.unlink(missing_ok=True)
    kept = {
        name: known
        for name, known in held.items()
        if known and name in notes and notes[name].identity == known
    }
    if not (before.exists() and kept):
        before.unlink(missing_ok=True)
        kept = {}
    stale = [name for name in notes if name not in kept]
    if not any(held.values()):
        show.note(
            "this run was scored before metrics had identities of their own: scoring all of them"
            " again"
        )
    else:
        changed = ", ".join(stale) or "none"
        show.note(
            f"scoring the stored answers again; changed metrics: {changed}; unchanged: {len(kept)}"
        )
    return msgspec.structs.replace(manifest, kept=kept or msgspec.UNSET)


def _score(
    folder: Path, manifest: Manifest, plan: Plan, metrics: dict[str, Metric], show: Progress
) -> StoredRun:
    with show.stage("scoring", plan.items) as tick:
        score_all(folder, plan, metrics, manifest.kept or {}, tick)
    files = {name: file_digest(folder / name) for name in (ITEMS, RESPONSES, SCORES)}
    finished = manifest.finished or _now()
    done = msgspec.structs.replace(
        manifest, status="complete", finished=finished, files=files, kept=msgspec.UNSET
    )
    write_manifest(folder, msgspec.structs.replace(done, seal=seal(done)))
    (folder / BEFORE).unlink(missing_ok=True)
    return open_run(folder)


def _refuse_other_machine(folder: Path, manifest: Manifest) -> None:
    """One run is answered and timed on one class of machine. Raises UsageError where it was begun
    on another.
    """
    here = machine()["class"]
    if manifest.status != "complete" and manifest.machine.get("class") != here:
        raise UsageError(
            "this run was begun on another class of machine, and is not complete",
            where=folder,
            found=here,
            expected=manifest.machine.get("class"),
            hint="finish it there, or start again here with --fresh",
        )


def _refuse_tampered(stored: StoredRun) -> None:
    if changes := stored.tampering():
        raise DataError(
            f"this run was changed after it was finished: {'; '.join(changes)}",
            where=stored.path,
            hint="run it again with --fresh",
        )


def _setup(spec: RunSpec, plan: Plan, system: System, show: Progress) -> Setup:
    gold = {item.id: item for item in plan.stream(spec.pack)} if system.privileged else None
    return Setup(spec.pack, spec.cache, spec.seed, gold, show.note, spec.training_limit)


def _identity(spec: RunSpec, plan: Plan, answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **answers,
        "items": plan.digest,
        "profile": spec.profile,
        "limit": spec.limit,
        "seed": spec.seed,
    }


@contextmanager
def _locked(results: Path, name: str) -> Iterator[None]:
    lock = lock_of(ensure_dir(results / "runs") / name)
    try:
        lock.acquire(timeout=1)  # `held` takes it for an instant
    except Timeout:
        raise UsageError(
            "another process is working on this run",
            where=results / "runs" / name,
            hint="wait for it, or stop it",
        ) from None
    # The file stays: were it removed, a process that waits on it and one that makes a new one would
    # both hold "the" lock.
    try:
        yield
    finally:
        lock.release()


def _set_aside(results: Path, folder: Path) -> None:
    if folder.exists():
        kept = ensure_dir(results / "replaced") / f"{folder.name}-{int(time.time())}"
        shutil.move(folder, kept)


def _begin(
    folder: Path, name: str, spec: RunSpec, plan: Plan, identity: dict[str, Any], system: System
) -> Manifest:
    if (folder / "manifest.json").exists():
        return open_run(folder).manifest
    ensure_dir(folder)
    role, factors = declared(spec.system, system)
    return Manifest(
        run=name,
        system=spec.system.name,
        about=spec.system.about,
        pack=spec.pack.name,
        pack_source=_seen_from(folder, spec.pack_source),
        brand=spec.pack.brand,
        profile=spec.profile,
        limit=spec.limit,
        seed=spec.seed,
        identity=identity,
        suites={},
        metrics={},
        items=plan.items,
        machine=machine(),
        libraries=libraries(),
        command=spec.command,
        started=_now(),
        role=role,
        factors=factors,
        absent=absent_suites(spec.pack),
    )


def _seen_from(folder: Path, source: str) -> str:
    """A pack's folder as seen from the run's, so that it is found from any working directory and
    after both were moved; a registered name as it is.
    """
    if source in PACKS.targets() or not Path(source).is_dir():
        return source
    return os.path.relpath(Path(source).resolve(), folder.resolve())


def _keep_items(folder: Path, plan: Plan, pack: Pack) -> None:
    """Copy the questions into the run, once: their digest is part of its identity, so they cannot
    have changed.
    """
    if (folder / ITEMS).exists():
        return
    with atomic_path(folder / ITEMS) as partial, partial.open("wb") as out:
        out.writelines(encode(item) + b"\n" for item in plan.stream(pack))


def _answer(
    folder: Path, manifest: Manifest, plan: Plan, executor: Executor, work: Work, show: Progress
) -> Manifest:
    """Answer what is not answered yet; return the manifest with what the hardware settled for the
    system.
    """
    pack = work.setup.pack
    with Log(folder / RESPONSES) as log, ExitStack() as open_now:
        done = log.ids(Response)
        if len(done) >= plan.items:
            return manifest
        _refuse_other_machine(folder, manifest)
        if done:
            show.note(f"resuming: {len(done)} of {plan.items} items are already answered")
        serving: tuple[Executor, Answerer] | None = None
        for mode, label in _PASSES:
            ids = [item.id in done for item in plan.stream(pack, mode)]
            if all(ids):
                continue
            chosen = executor.for_mode(mode)
            if serving is None or serving[0] != chosen:
                open_now.close()
                serving = (chosen, open_now.enter_context(chosen.serve(work)))
                manifest = _placed(folder, manifest, work.system)
            with show.stage(label, len(ids), sum(ids)) as tick:
                answer_all(serving[1], plan.stream(pack, mode), mode, log, done=done, tick=tick)
            manifest = _placed(folder, manifest, work.system)
    return manifest


def _placed(folder: Path, manifest: Manifest, system: System) -> Manifest:
    """The manifest with what an open system has settled: device, precision, the form of requests,
    where it knows.
    """
    found = system.placement() if isinstance(system, Placed) else None
    if not found or manifest.machine.get("engine") == found:
        return manifest
    placed = msgspec.structs.replace(manifest, machine={**manifest.machine, "engine": dict(found)})
    write_manifest(folder, placed)
    return placed


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
