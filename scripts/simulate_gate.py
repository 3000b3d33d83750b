"""Plant candidates that are better or worse by known points, and see what the gate says.

    python -m scripts.simulate_gate                     all cells, figures into docs/statistics.md
    python -m scripts.simulate_gate --studies 20 --dry-run

Runs are stored, sealed and read back as real ones are; `adaptbench plan`'s prediction stands beside
what came out. Discordance by chance is 10 points, seconds and tokens of the two runs correlate .9.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
import numpy as np

from evals.analysis.gate import decide, gate, superiority
from evals.analysis.gate_axes import AxisTest, compared
from evals.analysis.pairing import Aligned
from evals.analysis.planning import Assumed, PolicyPlan, plan
from evals.analysis.policy import GatedAxis, Policy, read_policy
from evals.core.document import replace_block
from evals.core.schema import Score, ScoreLine
from evals.core.store import MetricNote, StoredRun
from evals.stats.estimators import Sample
from tests.evals.analysis.families import METRICS, SUITES
from tests.evals.analysis.synthetic import line, store

DOC = Path(__file__).parents[1] / "docs" / "statistics.md"
SIZES = (120, 600, 1200)
HEADLINES = ("accuracy", "truthful", "fabrication", "on_brand_and_correct")
NOTES: Mapping[str, MetricNote] = METRICS
KINDS: dict[str, dict[str, float]] = {
    "+10 on all four": dict.fromkeys(HEADLINES, 0.10),
    "+5 on all four": dict.fromkeys(HEADLINES, 0.05),
    "the same": {},
    "-5 on accuracy, +5 on the rest": {**dict.fromkeys(HEADLINES, 0.05), "accuracy": -0.05},
    "-5 on all four": dict.fromkeys(HEADLINES, -0.05),
    "-10 on all four": dict.fromkeys(HEADLINES, -0.10),
}
ASSUMED = Assumed()


def study(rng: np.random.Generator, n: int, gains: Mapping[str, float], root: Path) -> str:
    """One planted pair of runs under the default policy."""
    values = {metric: pair(rng, metric, n, gains.get(metric, 0.0)) for metric in METRICS}
    runs: list[StoredRun] = []
    for side, system in enumerate(("new", "old")):
        lines: list[ScoreLine] = []
        for suite, note in SUITES.items():
            for k in range(n):
                scores = {m: Score(value=float(values[m][side][k])) for m in note.metrics}
                track = note.tracks[k % len(note.tracks)]
                lines.append(line(f"{suite}-{k}", scores, suite=suite, track=track))
        runs.append(store(root, system, lines, suites=SUITES, metrics=METRICS))
    return gate(runs[0], runs[1], default()).outcome


def default() -> Policy:
    """The default policy without its controls, which no planted run stands for."""
    return msgspec.structs.replace(read_policy("default"), control=())


def pair(
    rng: np.random.Generator, metric: str, n: int, gain: float
) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's and the baseline's values of a metric."""
    note, known = METRICS[metric], ASSUMED
    if note.bounds[1] > 1e6:
        shared, own, other = rng.standard_normal((3, n))
        mix, common = (
            known.times * (1 - known.alike) ** 0.5,
            known.times * known.alike**0.5 * shared,
        )
        return np.exp(common + mix * own), np.exp(common + mix * other)
    if metric == "voice":
        theirs = np.full(n, known.baseline)
        return theirs + known.spread * rng.standard_normal(n), theirs
    if metric in ("leak", "stale"):
        return np.zeros(n), np.zeros(n)
    theirs = (rng.random(n) < known.baseline).astype(float)
    return changed(rng, theirs, -gain if note.better == "lower" else gain), theirs


def changed(rng: np.random.Generator, theirs: np.ndarray, toward: float) -> np.ndarray:
    """The candidate's answers: discordant by chance, and by what it gains."""
    known = ASSUMED
    moved = known.discordance + abs(toward)
    up, down = (moved + toward) / 2 / (1 - known.baseline), (moved - toward) / 2 / known.baseline
    draw, ours = rng.random(len(theirs)), theirs.copy()
    ours[(theirs == 0) & (draw < up)] = 1.0
    ours[(theirs == 1) & (draw < down)] = 0.0
    return ours


def cell(kind: str, n: int, studies: int) -> Counter[str]:
    """How often each verdict came out."""
    rng, found = np.random.default_rng([n, list(KINDS).index(kind)]), Counter[str]()
    for _ in range(studies):
        root = Path(tempfile.mkdtemp())
        try:
            found[study(rng, n, KINDS[kind], root)] += 1
        finally:
            shutil.rmtree(root)
    return found


def ten_looks(studies: int, n: int = 600, looks: int = 10) -> dict[str, float]:
    """How often one of ten equal candidates is promoted, with the ledger and without: superiority
    on four axes and all margins, against one baseline.
    """
    policy = default()
    axes = [a for a in policy.axis if a.metric in HEADLINES]
    rng, found = np.random.default_rng(n), Counter[str]()
    for _ in range(studies):
        theirs = {a.metric: (rng.random(n) < ASSUMED.baseline).astype(float) for a in axes}
        promoted = Counter[str]()
        for look in range(1, looks + 1):
            ours = {metric: changed(rng, values, 0.0) for metric, values in theirs.items()}
            for kind, level in (
                ("with the ledger", policy.alpha / max(1, look * (look - 1))),
                ("without", policy.alpha),
            ):
                promoted[kind] += outcome(policy, axes, ours, theirs, level) == "PROMOTE"
        found.update(kind for kind, count in promoted.items() if count)
    return {kind: found[kind] / studies for kind in ("with the ledger", "without")}


def outcome(
    policy: Policy,
    axes: list[GatedAxis],
    ours: Mapping[str, np.ndarray],
    theirs: Mapping[str, np.ndarray],
    level: float,
) -> str:
    """The gate's tests and decision on values alone."""
    code, tests = np.arange(len(next(iter(ours.values())))), []
    for axis in axes:
        pair = tuple(Sample(side[axis.metric], code, {}, (0.0, 1.0)) for side in (ours, theirs))
        empty = AxisTest(axis, "skipped", "skipped")
        tests.append(compared(empty, level, NOTES[axis.metric], Aligned(pair, code, 0, (0, 0))))
    return decide((), superiority(tests, level), policy)[0]


def predicted(n: int, effect: float) -> PolicyPlan:
    """What `plan` says beforehand."""
    sizes = {(a.suite, a.track, a.metric): (n, n) for a in default().axis}
    return plan(default(), NOTES, sizes, effect)


def main() -> None:
    """Print the table and write it into the page on statistics."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    rows = [
        "| candidate | n | PROMOTE | `plan` said | REJECT | INCONCLUSIVE |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    with ProcessPoolExecutor(2) as pool:
        looks = [pool.submit(ten_looks, 5 * options.studies, n) for n in SIZES]
        cells = {(k, n): pool.submit(cell, k, n, options.studies) for k in KINDS for n in SIZES}
        plans = {(n, e): predicted(n, e) for n in SIZES for e in (0.05, 0.10)}
        for (kind, n), future in cells.items():
            found, before = future.result(), plans[n, 0.10 if "10" in kind else 0.05]
            said = {
                "+10 on all four": before.better,
                "+5 on all four": before.better,
                "the same": before.same,
                "-5 on accuracy, +5 on the rest": before.worse,
            }.get(kind)
            shares = {k: found[k] / options.studies for k in ("PROMOTE", "REJECT", "INCONCLUSIVE")}
            expected = "" if said is None else f"{said['PROMOTE']:.0%}"
            rows.append(
                f"| {kind} | {n} | {shares['PROMOTE']:.1%} | {expected} | {shares['REJECT']:.1%} "
                f"| {shares['INCONCLUSIVE']:.1%} |"
            )
            print(rows[-1], flush=True)
        rows += [
            "",
            f"Ten looks at equal candidates against one baseline, {5 * options.studies} studies a"
            " row: how often one of them is promoted.",
            "",
            "| n | with the ledger | each at the whole level |",
            "|---:|---:|---:|",
        ]
        for n, look in zip(SIZES, looks, strict=True):
            rates = look.result()
            rows.append(f"| {n} | {rates['with the ledger']:.1%} | {rates['without']:.1%} |")
            print(rows[-1], flush=True)
    note = (
        f"`python -m scripts.simulate_gate`, {options.studies} studies a row, the default policy:"
    )
    if not options.dry_run:
        replace_block(
            DOC, "<!-- gate: begin -->", "<!-- gate: end -->", "\n".join([note, "", *rows])
        )


if __name__ == "__main__":
    main()
