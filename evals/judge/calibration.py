"""A judge measured against people: agreement, biases, consistency, and what its mean is once
corrected.

Labels are JSON lines ``{"id", "human"}`` with ``human`` 1, 0, true, false, "a", "b" or "tie" (0.5),
and where known ``cluster``, ``length`` (any number: characters of the answer) and ``order``
("first" or "second": where the judged answer stood). Scores are what `adaptbench score` or
`adaptbench judge pairs` wrote; ids seen again are repeated verdicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np

from evals.core.errors import DataError
from evals.core.jsonl import lines, read_numbered
from evals.core.paths import write_atomic
from evals.core.schema import Record
from evals.stats.agreement import contrast, kappa, repeated_agreement
from evals.stats.clustered import clustered_mean
from evals.stats.estimate import Estimate, Floats, nothing
from evals.stats.judged import prediction_powered, rogan_gladen

ENOUGH: Final = 150
"""Labels below which a judge counts as uncalibrated."""

GOOD_KAPPA: Final = 0.6
UNIT: Final = (0.0, 1.0)
_HUMAN: Final[Mapping[object, float]] = {"a": 1.0, "b": 0.0, "tie": 0.5}


class Label(Record, frozen=True):
    """What a person said about one answer, or about one pair of answers."""

    id: str | int
    human: float | bool | str
    cluster: str | None = None
    length: float | None = None
    order: Literal["first", "second"] | None = None

    @property
    def value(self) -> float:
        """1, 0 or 0.5. Raises ValueError for anything else."""
        found = _HUMAN.get(self.human) if isinstance(self.human, str) else float(self.human)
        if found not in (0.0, 0.5, 1.0):
            raise ValueError(f"human is 0, 1, true, false, a, b or tie, not {self.human!r}")
        return found


class Figure(Record, frozen=True, omit_defaults=False):
    """An `Estimate` in a file."""

    value: float | None
    low: float | None
    high: float | None
    n: int


class Calibration(Record, frozen=True, omit_defaults=False):
    """One judge on one metric, beside people. ``why`` says what keeps it from gating, empty where
    ``calibrated``.

    ``labels`` counts labels with a verdict beside them, ``unscored`` labelled answers by the
    judge's reason for giving none. ``raw`` is the judge's mean over answers without a label,
    ``corrected`` the prediction-powered human mean, ``rogan_gladen`` the share of truly positive
    ones from the measured errors, ``human`` the labels' own mean. ``position_bias`` is the mean
    error where the answer stood first less that where it stood second (pairs: share of decided
    presentations won by the first, less ½); ``length_bias`` the mean error of the longer half less
    that of the shorter.
    """

    metric: str
    judge: str
    calibrated: bool
    why: tuple[str, ...]
    labels: int
    unscored: dict[str, int]
    threshold: float
    kappa: Figure
    sensitivity: Figure
    specificity: Figure
    position_bias: Figure
    length_bias: Figure
    self_consistency: Figure
    human: Figure
    raw: Figure
    corrected: Figure
    rogan_gladen: Figure


class CalibrationFile(Record, frozen=True, omit_defaults=False):
    """What `adaptbench judge calibrate` writes: one entry for each metric and judge."""

    calibrations: tuple[Calibration, ...]


@dataclass
class Verdicts:
    """The judge's values by id, in the order met, with who judged and what came out unscored."""

    values: dict[str, list[float]] = field(default_factory=dict)
    unscored: dict[str, str] = field(default_factory=dict)
    shown_first: list[tuple[str, float]] = field(default_factory=list)
    judges: set[str] = field(default_factory=set)


def read_labels(path: Path) -> dict[str, Label]:
    """Labels by id. Raises DataError (file, line) for a broken record, a value that is no label, or
    an id met twice.
    """
    found: dict[str, Label] = {}
    for label, number in read_numbered(path, Label):
        try:
            label.value  # noqa: B018  checked here, where the line is known
        except ValueError as error:
            raise DataError(str(error), where=path, line=number) from error
        if str(label.id) in found:
            raise DataError("a second label for this id", where=path, line=number, found=label.id)
        found[str(label.id)] = label
    if not found:
        raise DataError("no labels", where=path, expected='{"id": …, "human": 1} a line')
    return found


def read_verdicts(paths: Iterable[Path], metric: str) -> Verdicts:
    """The judge's scores of a metric. Raises DataError for a line that has none, or a value outside
    [0, 1].
    """
    found = Verdicts()
    for path in paths:
        for number, line in lines(path):
            try:
                record = msgspec.json.decode(line, type=dict[str, Any])
                entry = record[metric]
                _take(found, str(record["id"]), entry)
            except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
                raise DataError(
                    f"no score of {metric} here: {error}",
                    where=path,
                    line=number,
                    expected=f'{{"id": …, "{metric}": {{"value": 0…1}} or {{"unscored": …}}}}',
                ) from error
    return found


def _take(found: Verdicts, ident: str, entry: Mapping[str, Any]) -> None:
    if "judge" in entry:
        found.judges.add(str(entry["judge"]))
    if entry.get("value") is None:
        found.unscored[ident] = str(entry.get("reason") or entry["unscored"])
        return
    value = float(entry["value"])
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is not in [0, 1]")
    found.values.setdefault(ident, []).append(value)
    chosen = [v for v in entry.get("first_won", ()) if v in (True, False)]
    found.shown_first += [(ident, float(v)) for v in chosen]


def calibrate(
    labels: Mapping[str, Label], verdicts: Verdicts, metric: str, judge: str, threshold: float = 0.5
) -> Calibration:
    """Measure a judge. The first verdict of an id counts; later ones speak only to
    self-consistency.

    A verdict is positive from ``threshold`` on; for pairs and labels with ties there are three
    categories: below, at and above ½. Sensitivity and specificity leave tied labels out. Labelled
    answers that the judge left unscored are counted and in no figure. Raises DataError where no
    labelled answer has a verdict.
    """
    known = [ident for ident in labels if ident in verdicts.values]
    if not known:
        raise DataError(
            "no labelled answer has a verdict",
            found=f"{len(labels)} labels",
            expected="ids of the scores",
        )
    human = np.array([labels[i].value for i in known])
    judged = np.array([verdicts.values[i][0] for i in known])
    clusters = np.array([labels[i].cluster or f"\0{i}" for i in known])
    cut = _Cut(threshold, bool((human == 0.5).any()) or metric == "pairwise")
    ours, theirs = cut.categories(judged), cut.categories(human)
    agreement = kappa(ours, theirs, clusters)
    positive, negative = human == 1, human == 0
    sensitivity = clustered_mean((ours[positive] == 1).astype(float), clusters[positive], UNIT)
    specificity = clustered_mean((ours[negative] == 0).astype(float), clusters[negative], UNIT)
    rest = [i for i in verdicts.values if i not in labels]
    gone = Counter(
        r for i, r in verdicts.unscored.items() if i in labels and i not in verdicts.values
    )
    corrected = _corrected(verdicts, rest, cut, (judged, human, clusters), (ours, theirs))
    why = _why(len(known), agreement)
    return Calibration(
        metric,
        judge,
        not why,
        why,
        len(known),
        dict(gone),
        threshold,
        _figure(agreement),
        _figure(sensitivity),
        _figure(specificity),
        _figure(_position([labels[i] for i in known], judged - human, clusters, verdicts)),
        _figure(_length([labels[i] for i in known], judged - human, clusters)),
        _figure(_consistency(verdicts, cut)),
        _figure(clustered_mean(human, clusters, UNIT)),
        *map(_figure, corrected),
    )


@dataclass(frozen=True)
class _Cut:
    threshold: float
    ties: bool

    def categories(self, values: Floats) -> Floats:
        """1 positive, 0 negative, and ½ for a tie where there are ties. Shape (n,)."""
        if self.ties:
            return (np.sign(values - 0.5) + 1) / 2
        return (values >= self.threshold).astype(np.float64)


def _why(labels: int, agreement: Estimate) -> tuple[str, ...]:
    found = []
    if labels < ENOUGH:
        found.append(f"{labels} labels, {ENOUGH} are needed")
    if agreement.value is None:
        found.append("kappa is undefined: all verdicts and labels are the same")
    elif agreement.value < GOOD_KAPPA:
        found.append(f"kappa {agreement.value:.2f} is below {GOOD_KAPPA:g}")
    return tuple(found)


def _corrected(
    verdicts: Verdicts,
    rest: Sequence[str],
    cut: _Cut,
    labelled: tuple[Floats, Floats, np.ndarray[Any, Any]],
    categories: tuple[Floats, Floats],
) -> tuple[Estimate, Estimate, Estimate]:
    """The judge's mean over the unlabelled, the human mean by prediction-powered inference, and by
    Rogan–Gladen.
    """
    if not rest:
        return nothing(0, 0), nothing(0, 0), nothing(0, 0)
    judged, human, clusters = labelled
    values = np.array([verdicts.values[i][0] for i in rest])
    each = np.array(rest)
    raw = clustered_mean(values, each, UNIT)
    powered = prediction_powered(values, each, judged, human, clusters)
    ours, theirs = categories
    right = [
        (int((ours[theirs == side] == side).sum()), int((theirs == side).sum()))
        for side in (1.0, 0.0)
    ]
    if cut.ties or right[0][1] == 0 or right[1][1] == 0:
        return raw, powered, nothing(0, 0)
    positive = int(cut.categories(values).sum())
    return raw, powered, rogan_gladen(positive, len(values), right[0], right[1])


def _position(
    labels: Sequence[Label], errors: Floats, clusters: np.ndarray[Any, Any], verdicts: Verdicts
) -> Estimate:
    if verdicts.shown_first:
        won = np.array([v for _, v in verdicts.shown_first])
        found = clustered_mean(won, np.array([i for i, _ in verdicts.shown_first]), UNIT)
        value, low, high = (
            None if v is None else v - 0.5 for v in (found.value, found.low, found.high)
        )
        return Estimate(value, low, high, found.n, found.clusters)
    known = np.array([label.order is not None for label in labels])
    first = np.array([label.order == "first" for label in labels])
    return contrast(errors[known], first[known], clusters[known], 2.0)


def _length(labels: Sequence[Label], errors: Floats, clusters: np.ndarray[Any, Any]) -> Estimate:
    known = np.array([label.length is not None for label in labels])
    lengths = np.array([label.length for label in labels if label.length is not None], dtype=float)
    if len(lengths) == 0:
        return nothing(0, 0)
    return contrast(errors[known], lengths > np.median(lengths), clusters[known], 2.0)


def _consistency(verdicts: Verdicts, cut: _Cut) -> Estimate:
    repeated = [
        (ident, v)
        for ident, several in verdicts.values.items()
        if len(several) > 1
        for v in several
    ]
    if not repeated:
        return nothing(0, 0)
    return repeated_agreement(
        cut.categories(np.array([v for _, v in repeated])), np.array([i for i, _ in repeated])
    )


def _figure(found: Estimate) -> Figure:
    return Figure(found.value, found.low, found.high, found.n)


def read_calibrations(path: Path) -> tuple[Calibration, ...]:
    """The entries of a calibration file. Raises DataError where it is missing or not one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=CalibrationFile).calibrations
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(
            f"not a calibration: {error}",
            where=path,
            hint="`adaptbench judge calibrate` writes one",
        ) from error


def find(calibrations: Iterable[Calibration], metric: str, judge: str) -> Calibration | None:
    """The entry for that metric and judge."""
    return next((c for c in calibrations if (c.metric, c.judge) == (metric, judge)), None)


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Add an entry to the file, replacing that of the same metric and judge. Raises DataError for
    other files.
    """
    key = (calibration.metric, calibration.judge)
    others = [
        c for c in (read_calibrations(path) if path.exists() else ()) if (c.metric, c.judge) != key
    ]
    whole = CalibrationFile((*others, calibration))
    write_atomic(path, msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n")
