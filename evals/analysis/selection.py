"""Which stored runs speak for which system: the newest sound one of each suite, on one pack and one
profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.analysis.notes import Note, listed, note
from evals.core.errors import DataError
from evals.core.identity import labelled
from evals.core.store import SCORES, Manifest, StoredRun


@dataclass(frozen=True)
class Key:
    """What runs must share to stand in one table."""

    pack: str
    identity: str
    profile: str
    limit: int | None

    def __str__(self) -> str:
        cut = f", at most {self.limit} items a suite" if self.limit is not None else ""
        return f"pack {labelled(self.pack, self.identity)}, profile {self.profile}{cut}"


@dataclass(frozen=True)
class Chosen:
    """One run and the suites it speaks for."""

    run: StoredRun
    suites: tuple[str, ...]


@dataclass(frozen=True)
class Selection:
    """The runs that make one table, the key they share, and what was left out and why."""

    key: Key
    chosen: tuple[Chosen, ...]
    notes: tuple[Note, ...]


def _is(pack: str, manifest: Manifest) -> bool:
    """Whether a pack is meant: by its name, its identity or the first eight characters of that, or
    by both as they are shown.
    """
    name, identity = manifest.pack, pack_identity(manifest)
    return pack in (name, identity, identity[:8], labelled(name, identity))


def pack_identity(manifest: Manifest) -> str:
    """Content hash of the run's pack; empty where the manifest does not record one."""
    pack = manifest.identity.get("pack")
    found = pack.get("identity", "") if isinstance(pack, dict) else pack
    return found if isinstance(found, str) else ""


def key_of(manifest: Manifest) -> Key:
    """The key of a run."""
    return Key(manifest.pack, pack_identity(manifest), manifest.profile, manifest.limit)


def unsound(run: StoredRun) -> Note | None:
    """Why a stored run cannot be used: unfinished, never sealed, or changed since; None where it is
    sound.
    """
    if run.manifest.status != "complete":
        return note("unfinished")
    if run.manifest.seal is None or SCORES not in run.manifest.files:
        return note("unsealed")
    if changes := run.tampering():
        return note("tampered", changes=changes)
    return None


def require_sound(run: StoredRun) -> None:
    """Raise DataError where `unsound` has a reason."""
    if reason := unsound(run):
        raise DataError(
            f"this run cannot be used: {reason}", where=run.path, hint="run the system again"
        )


def choose(
    runs: Sequence[StoredRun], pack: str | None = None, profile: str | None = None
) -> Selection:
    """Pick one pack and profile (those asked for, else the newest run's), then the newest run per
    system and suite.

    Runs on other packs (or another content of the same pack), profiles or limits are left out and
    said so; so are unfinished and tampered ones. Raises DataError where nothing is left.
    """
    notes: list[Note] = []
    sound = []
    for run in runs:
        reason = unsound(run)
        if reason is None:
            sound.append(run)
        else:
            notes.append(note("run_left_out", run=run.name, reason=reason))
    fitting = [r for r in sound if pack is None or _is(pack, r.manifest)]
    fitting = [r for r in fitting if profile in (None, r.manifest.profile)]
    if not fitting:
        asked = [
            f"{what} {name!r}"
            for what, name in (("pack", pack), ("profile", profile))
            if name is not None
        ]
        raise DataError(
            "no run can be shown",
            found=listed(notes) or f"{len(sound)} sound runs, none with {' and '.join(asked)}",
            hint="`adaptbench run SYSTEM` makes one",
        )
    newest = max(fitting, key=_age)
    key = key_of(newest.manifest)
    others: dict[str, int] = {}
    for run in sound:
        if key_of(run.manifest) != key:
            others[str(key_of(run.manifest))] = others.get(str(key_of(run.manifest)), 0) + 1
    notes += [
        note("other_runs_left_out", count=count, key=other)
        for other, count in sorted(others.items())
    ]
    kept, more = _newest_by_suite([r for r in fitting if key_of(r.manifest) == key])
    return Selection(key, kept, tuple(notes + more))


def _newest_by_suite(runs: Sequence[StoredRun]) -> tuple[tuple[Chosen, ...], list[Note]]:
    owner: dict[tuple[str, str], StoredRun] = {}
    for run in sorted(runs, key=_age):
        for suite in run.manifest.suites:
            owner[run.manifest.system, suite] = run
    speaking: dict[str, list[str]] = {}
    for (_, suite), run in owner.items():
        speaking.setdefault(run.name, []).append(suite)
    by_name = {run.name: run for run in runs}
    chosen = tuple(
        Chosen(by_name[name], tuple(sorted(suites)))
        for name, suites in sorted(
            speaking.items(), key=lambda e: (by_name[e[0]].manifest.system, e[0])
        )
    )
    older = sorted(name for name in by_name if name not in speaking)
    return chosen, [
        note(
            "run_left_out", run=name, reason=note("newer_run", system=by_name[name].manifest.system)
        )
        for name in older
    ]


def _age(run: StoredRun) -> tuple[str, str, str]:
    return (run.manifest.finished or "", run.manifest.started, run.name)
