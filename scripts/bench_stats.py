"""Time the statistics: a clustered bootstrap of 100,000 draws beside lm-eval's, and `compare` of
two large runs.

    python scripts/bench_stats.py                 figures into docs/statistics.md
    python scripts/bench_stats.py --dry-run

One core. lm-eval resamples one draw at a time in Python; it is timed on 1,000 draws and scaled.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from evals.core.document import replace_block
from evals.core.identity import file_digest
from evals.core.schema import Response, Score, ScoreLine, encode
from evals.core.store import (
    RESPONSES,
    SCORES,
    Manifest,
    MetricNote,
    SuiteNote,
    open_run,
    seal,
    write_manifest,
)
from evals.stats.bootstrap import bca
from evals.stats.clustered import cluster_sums
from evals.stats.f1 import macro_f1

DRAWS, N = 100_000, 2000
ITEMS, METRICS = 100_000, 12
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PAGE = Path(__file__).resolve().parent.parent / "docs" / "statistics.md"


def timed(run: Callable[[], object]) -> float:
    """Seconds of the best of three."""
    found = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return min(found)


def bootstraps() -> list[str]:
    """Rows of the bootstrap table."""
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(N // 4), 4)
    right, score = (rng.random(N) < 0.8).astype(float), rng.random(N)
    gold = rng.integers(0, 5, N)
    said = np.where(rng.random(N) < 0.7, gold, rng.integers(0, 5, N))

    def mean(values: np.ndarray, code: np.ndarray) -> Callable[[], object]:
        count = int(code.max()) + 1
        ones = np.ones(N)
        sums = np.column_stack([cluster_sums(values, code, count), cluster_sums(ones, code, count)])
        return lambda: bca(sums, lambda t: t[:, 0] / t[:, 1], draws=DRAWS)

    rows = [
        ("mean of 0 and 1, 500 clusters of 4, BCa", timed(mean(right, clusters))),
        ("mean of a continuous score, 500 clusters of 4, BCa", timed(mean(score, clusters))),
        ("mean of a continuous score, 2,000 items alone, BCa", timed(mean(score, np.arange(N)))),
    ]
    ours = timed(lambda: macro_f1(gold, said, clusters))
    lines = [f"| {name} | {DRAWS:,} | {seconds:.2f} s |" for name, seconds in rows]
    lines.append(f"| macro F1 of 5 labels, 500 clusters of 4, BCa | 10,000 | {ours:.2f} s |")
    theirs = lm_eval_f1(list(zip(gold.tolist(), said.tolist(), strict=True)))
    lines.append(
        f"| lm-eval, F1 of the same answers, no clusters, standard error only | {DRAWS:,} (scaled)"
        f" | {theirs:.0f} s |"
    )
    return lines


def lm_eval_f1(pairs: list[tuple[int, int]]) -> float:
    """Seconds that lm-eval's own resampling needs for the same number of draws of its F1, from
    1,000 of them.
    """
    from lm_eval.api.metrics import _bootstrap_internal
    from sklearn.metrics import f1_score

    def f1(items: list[tuple[int, int]]) -> float:
        golds, preds = zip(*items, strict=True)
        return float(f1_score(golds, preds, average="macro"))

    start = time.perf_counter()
    _bootstrap_internal(f1, 1000)((0, pairs))
    return (time.perf_counter() - start) * DRAWS / 1000


def write_run(root: Path, system: str, seed: int) -> Path:
    """A stored run of `ITEMS` items with `METRICS` metrics each, in clusters of 4."""
    folder = root / "runs" / system
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    values = (rng.random((ITEMS, METRICS)) < 0.7).astype(float)
    names = [f"metric_{k}" for k in range(METRICS)]
    with (folder / SCORES).open("wb") as scores, (folder / RESPONSES).open("wb") as responses:
        for k in range(ITEMS):
            line = {name: Score(value=v) for name, v in zip(names, values[k].tolist(), strict=True)}
            scores.write(
                encode(ScoreLine(f"item-{k}", "qa", f"track-{k % 4}", f"c{k // 16}-{k % 4}", line))
                + b"\n"
            )
            responses.write(
                encode(Response(f"item-{k}", text="An answer of a usual length, in one sentence."))
                + b"\n"
            )
    manifest = Manifest(
        run=system,
        system=system,
        pack="bench",
        profile="full",
        seed=0,
        identity={"pack": {"identity": "bench"}},
        suites={"qa": SuiteNote(names[0], tuple(names), tuple(f"track-{k}" for k in range(4)))},
        metrics=dict.fromkeys(names, MetricNote("higher", "mean")),
        items=ITEMS,
        machine={},
        libraries={},
        command="",
        started="2026-01-01",
        finished="2026-01-02",
        status="complete",
        scoring="x",
        files={name: file_digest(folder / name) for name in (SCORES, RESPONSES)},
    )
    write_manifest(folder, msgspec.structs.replace(manifest, seal=seal(manifest)))
    return folder


def compare_once(root: Path) -> None:
    """In a process of its own: compare the two runs, print seconds and peak memory in MiB."""
    from evals.analysis.compare import compare

    start = time.perf_counter()
    compare([open_run(root / "runs" / name) for name in ("old", "new")])
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def comparison() -> str:
    """The row of the comparison of two large runs."""
    with tempfile.TemporaryDirectory() as folder:
        for seed, name in enumerate(("old", "new")):
            write_run(Path(folder), name, seed)
        command = [sys.executable, __file__, "--compare", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory = (float(x) for x in done.stdout.split())
    what = f"`compare` of two runs of {ITEMS:,} items, {METRICS} metrics, 4 tracks"
    return f"| {what} | {seconds:.1f} s | {memory:.0f} MiB |"


def main() -> None:
    """Measure everything and write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print the figures, leave the page as it is"
    )
    parser.add_argument("--compare", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.compare is not None:
        compare_once(options.compare)
        return
    text = "\n".join(
        [
            "`python scripts/bench_stats.py` makes these figures, all in one run.\n",
            f"| interval, n = {N:,} | draws | time |\n|---|---|---|",
            *bootstraps(),
            "\n| decision | time | peak memory |\n|---|---|---|",
            comparison(),
            "",
        ]
    )
    if options.dry_run:
        print(text)
        return
    replace_block(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
