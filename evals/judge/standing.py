"""Where a judge stands: measured against people or not. It goes with every figure the judge
makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from evals.core.judge import JudgeNote, JudgeSettings
from evals.core.store import Manifest
from evals.judge.calibration import Calibration, find, read_calibrations
from evals.judge.family import families, families_of_system

UNMEASURED: Final = "never measured against people"


def standing(settings: JudgeSettings, metric: str) -> JudgeNote:
    """What is known of the settings' judge on that metric. Raises DataError for a broken
    calibration file.
    """
    found = None
    if settings.calibration is not None:
        found = find(read_calibrations(settings.calibration), metric, settings.model)
    if found is None:
        why = (
            UNMEASURED
            if settings.calibration is None
            else f"{settings.calibration} does not speak of it"
        )
        return JudgeNote(settings.model, False, why)
    return _noted(found)


def judge_of(note: object) -> JudgeNote | None:
    """The judge behind a metric's note, where there is one."""
    found = getattr(note, "judge", msgspec.UNSET)
    return found if isinstance(found, JudgeNote) else None


def calibrated(judge: JudgeNote, metric: str, calibrations: Iterable[Calibration]) -> JudgeNote:
    """What calibrations made after the scoring say of a judge; as it was noted where they do not
    speak of it.
    """
    found = find(calibrations, metric, judge.model)
    return judge if found is None else _noted(found)


def _noted(found: Calibration) -> JudgeNote:
    return JudgeNote(
        found.judge, found.calibrated, "; ".join(found.why), found.kappa.value, found.labels
    )


def why_not_gated(judge: JudgeNote, identities: Iterable[Mapping[str, Any]]) -> str | None:
    """Why nothing may be decided on the judge's word, if so: uncalibrated, or of the family of a
    system under test.
    """
    if not judge.calibrated:
        return (
            f"the judge {judge.model} is uncalibrated ({judge.why}), so it cannot gate; `adaptbench"
            " judge calibrate`"
        )
    own = families(judge.model)
    for identity in identities:
        if shared := own & families_of_system(identity):
            return (
                f"the judge {judge.model} is of the family of a system under test"
                f" ({', '.join(sorted(shared))})"
            )
    return None


def judge_remarks(manifest: Manifest) -> list[str]:
    """One remark a judged metric of the run: who judges, and whether that was measured."""
    found = []
    for name, note in sorted(manifest.metrics.items()):
        judge = judge_of(note)
        if judge is not None:
            reason = why_not_gated(judge, [manifest.identity])
            found.append(
                f"{name}: {judge.summary}" + (f"; {reason}" if judge.calibrated and reason else "")
            )
    return found
