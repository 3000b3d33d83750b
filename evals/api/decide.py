"""Comparison, ladder and gate of stored runs; none calls a model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from filelock import FileLock

from evals.core.errors import UsageError
from evals.core.jsonl import read
from evals.core.log import Log
from evals.core.paths import ensure_dir
from evals.core.roles import FAMILIES, Family, family_of
from evals.core.store import StoredRun, find_run, stored_runs
from evals.report.frames import Runs

if TYPE_CHECKING:
    from evals.analysis.compare import Comparison
    from evals.analysis.gate import Verdict
    from evals.analysis.ladder import Ladder
    from evals.analysis.policy import Policy

Reference = str | Path | StoredRun | Runs
"""A run: its folder, its name or a unique beginning of it, a system's name (its newest run
with all its seeds), or the run itself.
"""


def compare(
    *runs: Reference, results: str | Path = "results", allow: Collection[str] = ()
) -> list[Comparison]:
    """Paired differences between the first run, the baseline, and each other one, on the items they
    share.

    ``allow`` accepts that ``decode`` settings or ``items`` differ. Raises UsageError for fewer than
    two runs, DataError where they do not compare.
    """
    from evals.analysis.compare import compare as compared

    return compared([_found(run, results) for run in runs], allow)


def ladder(
    runs: Mapping[Family, Reference] | None = None,
    *,
    results: str | Path = "results",
    margin: float | None = None,
) -> Ladder:
    """What retrieval, fine-tuning and both together buy, step by step.

    ``runs`` names the run of a family; a family without one is the newest complete run that
    declares its factors. ``margin`` is what counts as no difference, as a share. Raises UsageError
    for a family that no run or several systems stand for, DataError for runs that do not compare.
    """
    from evals.analysis.ladder import MARGIN, climb

    given = {family: _found(run, results) for family, run in (runs or {}).items()}
    missing = [family for family in FAMILIES if family not in given]
    chosen = given | (_of_families(missing, Path(results)) if missing else {})
    return climb(cast(Mapping[str, StoredRun], chosen), MARGIN if margin is None else margin)


def gate(
    candidate: Reference,
    baseline: Reference,
    policy: str | Path | Policy = "default",
    *,
    results: str | Path = "results",
    calibration: Path | None = None,
    final: bool = False,
    rescore: bool = True,
    ledger: Path | None = None,
) -> Verdict:
    """May the candidate replace the baseline? PROMOTE, REJECT or INCONCLUSIVE, with the reasons.

    ``policy`` is strict, default, screen, a TOML file or a policy; ``calibration`` is what `judge
    calibrate` wrote. Controls are the runs below ``results``. With ``rescore`` the stored answers
    are scored once more; ``final`` asks runs of questions held out. The gate is kept in ``ledger``
    (default: `gates.jsonl` in ``results``), whose earlier looks it pays for. Raises UsageError for
    an unknown policy, DataError for runs that do not compare or whose scores are not those of
    their answers.
    """
    from evals.analysis.gate import gate as decided
    from evals.analysis.leaks import training_questions
    from evals.analysis.ledger import LEDGER, Look, look_at
    from evals.analysis.policy import Policy, read_policy
    from evals.judge.calibration import read_calibrations

    rules = policy if isinstance(policy, Policy) else read_policy(str(policy))
    run, other = _found(candidate, results), _found(baseline, results)
    known = read_calibrations(calibration) if calibration is not None else ()
    controls = stored_runs(Path(results), complete_only=True)
    path = Path(results) / LEDGER if ledger is None else ledger
    with FileLock(ensure_dir(path.parent) / f".{path.name}.lock"), Log(path) as log:
        verdict = decided(
            run,
            other,
            rules,
            controls,
            training_questions(run),
            known,
            looks=list(read(path, Look)) if path.exists() else [],
            rescored=_rescored([run, *run.seeds, other, *other.seeds]) if rescore else None,
            final=final,
        )
        day, level = datetime.now(UTC).date().isoformat(), verdict.standing.level
        log.append(look_at(*verdict.evidence, rules.hash, level, verdict.outcome, day))
    return verdict


def _rescored(runs: Sequence[StoredRun]) -> dict[str, str]:
    """Why each run could not be scored once more, empty where its scores are the same."""
    from evals.analysis.selection import require_sound
    from evals.run.verify import unverified

    for run in runs:
        require_sound(run)
    return {run.name: unverified(run) for run in runs}


def _found(run: Reference, results: str | Path) -> StoredRun:
    if isinstance(run, StoredRun):
        return run
    if not isinstance(run, Runs):
        return system_run(Path(results), str(run))
    if len(run.stored) != 1:
        raise UsageError(
            "one run is compared at a time", found=", ".join(stored.name for stored in run.stored)
        )
    return run.stored[0]


def system_run(results: Path, reference: str) -> StoredRun:
    """As `find_run`; a system's name stands for its newest run with all its seeds."""
    found = find_run(results, reference)
    if reference != found.manifest.system:
        return found
    return _all_seeds(found, stored_runs(results, complete_only=True))


def _all_seeds(run: StoredRun, runs: Sequence[StoredRun]) -> StoredRun:
    from evals.analysis.selection import with_seeds

    return with_seeds(run, runs, run.manifest.suites)


def _of_families(families: Sequence[Family], results: Path) -> dict[Family, StoredRun]:
    """The newest complete run of each family: of its only system, or of the one with the family's
    own name.
    """
    found: dict[Family, StoredRun] = {}
    runs = stored_runs(results, complete_only=True)
    for family in families:
        newest = {run.manifest.system: run for run in runs if family_of(run.manifest) == family}
        if family in newest:
            found[family] = _all_seeds(newest[family], runs)
        elif len(newest) == 1:
            found[family] = _all_seeds(next(iter(newest.values())), runs)
        else:
            raise UsageError(
                f"the ladder needs one system of the family {family}",
                where=results / "runs",
                found=", ".join(newest) or "none",
                hint=f"name its run: --{family} RUN",
            )
    return found
