"""Simulate studies to see whether the intervals, tests and gate of `evals.stats` keep their
promises.

    python -m scripts.simulate_stats     2,000 studies a cell, figures into docs/statistics.md
    python -m scripts.simulate_stats --studies 200 --dry-run

The figures replace everything between the two markers in the page. About five minutes on one core.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, betabinom, binom

from evals.core.document import replace_block
from evals.stats.clustered import clustered_error, clustered_mean
from evals.stats.difference import paired_mean
from evals.stats.estimators import Sample, difference
from evals.stats.holm import holm
from evals.stats.wilson import t_critical, wilson, z_critical
from scripts.simulate_intervals import intervals

Floats = NDArray[np.float64]
Cell = tuple[int, int, int, float, float, dict[str, float]]
"""Clusters, items, cluster size, p, correlation, coverage of each interval."""
OURS = "adaptbench"
Study = Callable[[np.random.Generator], bool]
BEGIN, END = "<!-- simulated: begin -->", "<!-- simulated: end -->"
PAGE = Path(__file__).resolve().parent.parent / "docs" / "statistics.md"
BINARY = (0.0, 1.0)


def binary(rng: np.random.Generator, count: int, size: int, share: float, rho: float) -> Floats:
    """``count`` clusters of ``size`` beta-binomial outcomes with intracluster correlation
    ``rho``.
    """
    if rho == 0 or size == 1:
        return (rng.random(count * size) < share).astype(np.float64)
    odds = (1 - rho) / rho
    shares = rng.beta(share * odds, (1 - share) * odds, size=(count, 1))
    return (rng.random((count, size)) < shares).astype(np.float64).ravel()


def changes(
    rng: np.random.Generator, count: int, size: int, discordance: float, effect: float, rho: float
) -> Floats:
    """Paired differences −1, 0, 1 with the given discordance and mean; a share √rho of a cluster
    copies one draw.
    """
    shares = [(discordance - effect) / 2, 1 - discordance, (discordance + effect) / 2]
    draw = rng.choice((-1.0, 0.0, 1.0), size=(count, size + 1), p=shares)
    copied = rng.random((count, size)) < np.sqrt(rho)
    return np.where(copied, draw[:, :1], draw[:, 1:]).ravel()


CANDIDATES = {
    "identical": (0.0, 0.0, 0.0, 0.0),
    "3 pp worse on one axis": (-0.03, 0.0, 0.0, 0.0),
    "3 pp worse on one, 10 pp better on another": (-0.03, 0.10, 0.0, 0.0),
    "10 pp worse on one": (-0.10, 0.0, 0.0, 0.0),
    "5 pp better on one": (0.05, 0.0, 0.0, 0.0),
    "5 pp better on all": (0.05, 0.05, 0.05, 0.05),
}
RULES = (
    "point estimate ≥ baseline",
    "point estimate ≥ baseline − 3 pp",
    "shown within 3 pp on every axis",
    "gate: PROMOTE",
    "gate: REJECT",
)


def share(study: Study, studies: int, seed: int) -> float:
    """How often a study comes out true."""
    rng = np.random.default_rng(seed)
    return sum(study(rng) for _ in range(studies)) / studies


def groups(count: int, size: int) -> NDArray[np.int64]:
    """The cluster of each item, ``size`` neighbours a cluster."""
    return np.repeat(np.arange(count), size)


def coverage_cells(size: int, studies: int) -> list[Cell]:
    """Coverage of the mean of binary values, every cell of one cluster size."""
    cells: list[Cell] = []
    for items in (20, 50, 100, 200, 400, 1000, 2000):
        count = items // size
        code = groups(count, size)
        for p in (0.5, 0.7, 0.9, 0.95, 0.98) if count >= 10 else ():
            for rho in (0.0,) if size == 1 else (0.0, 0.3, 0.6):
                rng, hits = np.random.default_rng(10_000 * size + len(cells)), Counter[str]()
                for _ in range(studies):
                    values = binary(rng, count, size, p, rho)
                    found = clustered_mean(values, code, BINARY)
                    hits[OURS] += (
                        found.low is not None
                        and found.high is not None
                        and found.low <= p <= found.high
                    )
                    for name, (low, high) in usual(values, code, count).items():
                        hits[name] += low <= p <= high
                cells.append(
                    (
                        count,
                        items,
                        size,
                        p,
                        rho,
                        {name: hit / studies for name, hit in hits.items()},
                    )
                )
    return cells


def usual(values: Floats, code: NDArray[np.int64], count: int) -> dict[str, tuple[float, float]]:
    """What other tools and textbooks make of the same values: name -> (low, high)."""
    n, mean = len(values), float(values.mean())
    naive, error = (mean * (1 - mean) / (n - 1)) ** 0.5, clustered_error(values, code, count)
    z, t = z_critical(), t_critical(count - 1)
    effective = min(float(n), mean * (1 - mean) / error**2) if error > 0 else float(n)
    sure = min(float(n), effective * (t_critical(n - 1) / t) ** 2)
    right, wrong = mean * sure, (1 - mean) * sure
    return {
        "normal, items taken as independent (lm-eval's standard error)": (
            mean - z * naive,
            mean + z * naive,
        ),
        "normal, clustered standard error (Miller 2024; inspect_ai)": (
            mean - z * error,
            mean + z * error,
        ),
        "t, clustered standard error": (mean - t * error, mean + t * error),
        "Wilson, items taken as independent": wilson(mean * n, n),
        "Wilson at the effective size (Dean and Pagano 2015)": wilson(
            mean * effective, effective, t
        ),
        "Clopper–Pearson at the effective size (Korn and Graubard 1998)": (
            float(beta.ppf(0.025, right, wrong + 1)) if right > 0 else 0.0,
            float(beta.ppf(0.975, right + 1, wrong)) if wrong > 0 else 1.0,
        ),
    }


def coverage(cells: list[Cell]) -> Iterable[str]:
    """The coverage tables."""
    yield "| clusters | cells | coverage, median | lowest | highest | cells in 93–97 % |"
    yield "|---|---|---|---|---|---|"
    for name, low, high in (
        ("10–49", 10, 50),
        ("50–99", 50, 100),
        ("100–249", 100, 250),
        ("250 and more", 250, 10**9),
    ):
        found = np.array([c[-1][OURS] for c in cells if low <= c[0] < high])
        inside = ((found >= 0.93) & (found <= 0.97)).mean()
        extremes = f"{np.median(found):.1%} | {found.min():.1%} | {found.max():.1%}"
        yield f"| {name} | {len(found)} | {extremes} | {inside:.0%} |"
    yield ""
    enough = [c[-1] for c in cells if c[0] >= 50]
    yield (
        f"The same {len(enough)} cells with 50 clusters or more under the intervals of other tools"
        " and textbooks:"
    )
    yield ""
    yield "| interval | lowest | median | highest | cells under 93 % | cells over 97 % |"
    yield "|---|---|---|---|---|---|"
    for name in enough[0]:
        found = np.array([c[name] for c in enough])
        extremes = f"{found.min():.1%} | {np.median(found):.1%} | {found.max():.1%}"
        yield f"| {name} | {extremes} | {(found < 0.93).sum()} | {(found > 0.97).sum()} |"
    yield ""
    yield (
        "Cells with 50 clusters or more outside 93–97 %, and the coverage nearest to 95 % that an"
        " interval read off"
    )
    yield "the number of failures alone could have there, the correlation known (exact):"
    yield ""
    yield (
        "| clusters | items each | p | correlation | expected failures | coverage | nearest"
        " possible |"
    )
    yield "|---|---|---|---|---|---|---|"
    for count, items, size, p, rho, covered in cells:
        found_share = covered[OURS]
        if count >= 50 and not 0.93 <= found_share <= 0.97:
            figures = (
                f"{items * (1 - p):.0f} | {found_share:.1%} | {reachable(count, size, p, rho):.1%}"
            )
            yield f"| {count} | {size} | {p} | {rho} | {figures} |"


def reachable(count: int, size: int, p: float, rho: float) -> float:
    """The probability nearest to 95 % that a run of numbers of failures (from this many to that
    many) has.
    """
    failures = np.arange(size + 1)
    odds = (1 - rho) / rho if rho > 0 else 0.0
    one = (
        betabinom.pmf(failures, size, (1 - p) * odds, p * odds)
        if odds
        else binom.pmf(failures, size, 1 - p)
    )
    length = 2 * (count * size + 1)
    whole = np.fft.irfft(np.fft.rfft(one, length) ** count, length)[: count * size + 1]
    below = np.concatenate([[0.0], np.cumsum(whole)])
    found: Floats = (below[None, :] - below[below < 0.1][:, None]).ravel()
    return float(found[np.abs(found - 0.95).argmin()])


def type_one(studies: int) -> list[str]:
    """As `_type_one`, whole."""
    return list(_type_one(studies))


def _type_one(studies: int) -> Iterable[str]:
    """False findings of paired tests where nothing differs, and the family-wise rate under Holm."""
    yield (
        "| paired test at 5 % | clusters | items each | correlation | discordance | false findings"
        " | covers |"
    )
    yield "|---|---|---|---|---|---|---|"
    seed = 0
    for count, size, rho in (
        (50, 1, 0),
        (250, 1, 0),
        (1000, 1, 0),
        (50, 4, 0.3),
        (100, 4, 0.6),
        (250, 4, 0.3),
        (250, 8, 0.6),
    ):
        for discordance in (0.05, 0.1, 0.3):
            code, zeros = groups(count, size), np.zeros(count * size)
            rng = np.random.default_rng(seed := seed + 1)
            found = [
                paired_mean(changes(rng, count, size, discordance, 0, rho), zeros, code, BINARY)
                for _ in range(studies)
            ]
            wrong = np.mean([f.p is not None and f.p < 0.05 for f in found])
            covers = np.mean(
                [f.low is not None and f.high is not None and f.low <= 0 <= f.high for f in found]
            )
            yield (
                f"| binary | {count} | {size} | {rho} | {discordance} | {wrong:.1%} |"
                f" {covers:.1%} |"
            )
    for n in (100, 400):
        rng = np.random.default_rng(n)
        hits = 0
        for _ in range(studies):
            common = rng.lognormal(0, 0.3, n)
            one, two = (
                Sample(common * rng.lognormal(0, 0.4, n), np.arange(n), {}) for _ in range(2)
            )
            p = difference("p95", one, two).p
            hits += p is not None and p < 0.05
        yield f"| p95 of lognormal seconds | {n} | 1 | – | – | {hits / studies:.1%} | – |"
    yield ""
    yield "| Holm over | clusters | correlation between tests | any false finding |"
    yield "|---|---|---|---|"
    for tests, between in ((4, 0.0), (4, 0.5), (12, 0.0), (12, 0.5)):
        rng = np.random.default_rng(tests * 10 + int(between * 10))
        code, zeros, hits = groups(100, 4), np.zeros(400), 0
        for _ in range(studies):
            first = changes(rng, 100, 4, 0.2, 0, 0.3)
            each = [
                np.where(rng.random(400) < between, first, changes(rng, 100, 4, 0.2, 0, 0.3))
                for _ in range(tests)
            ]
            adjusted = holm([paired_mean(d, zeros, code, BINARY).p for d in each])
            hits += any(p is not None and p < 0.05 for p in adjusted)
        yield f"| {tests} tests | 100 of 4 | {between} | {hits / studies:.1%} |"


def gates(name: str, studies: int) -> list[str]:
    """One kind of candidate under the gate (four axes, margin 3 points) and the rules that people
    use instead.
    """
    lines = []
    for n in (400, 1000, 2000, 4000):
        rng = np.random.default_rng(n)
        seen = np.array([gate_once(rng, n, 0.1, CANDIDATES[name]) for _ in range(studies)])
        lines.append(f"| {name} | {n} | {' | '.join(f'{x:.1%}' for x in seen.mean(axis=0))} |")
    return lines


def gate_once(
    rng: np.random.Generator, n: int, discordance: float, effects: tuple[float, ...]
) -> tuple[bool, ...]:
    """One study: what each rule says. The rule of `evals.analysis.gate` with a margin of 0.03 on
    every axis.
    """
    code, zeros = groups(n // 4, 4), np.zeros(n)
    found = [
        paired_mean(
            changes(rng, n // 4, 4, max(discordance, abs(e) + 0.02), e, 0.3), zeros, code, BINARY
        )
        for e in effects
    ]
    values = [f.value for f in found if f.value is not None]
    lows = [-1.0 if f.low is None else f.low for f in found]
    highs = [1.0 if f.high is None else f.high for f in found]
    adjusted = holm([f.p if v > 0 else 1.0 for f, v in zip(found, values, strict=True)])
    better = any(p is not None and p < 0.05 for p in adjusted)
    safe = all(low > -0.03 for low in lows)
    worse = any(high < -0.03 for high in highs)
    return (
        all(v >= 0 for v in values),
        all(v >= -0.03 for v in values),
        safe,
        safe and better,
        worse,
    )


def main() -> None:
    """Simulate everything and write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--studies", type=int, default=2000, help="studies a cell")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the figures, leave the page as it is"
    )
    options = parser.parse_args()
    start = time.perf_counter()
    with ProcessPoolExecutor(options.workers) as pool:
        cells = [pool.submit(coverage_cells, size, options.studies) for size in (1, 2, 4, 8)]
        gated = [pool.submit(gates, name, options.studies) for name in CANDIDATES]
        false = pool.submit(type_one, options.studies)
        others = pool.submit(intervals, options.studies)
        head = [
            f"| candidate | n (clusters of 4) | {' | '.join(RULES)} |",
            "|---|---|---|---|---|---|---|",
        ]
        sections = {
            "Do 95 % intervals of a proportion cover?": coverage(
                [c for f in cells for c in f.result()]
            ),
            "Do all kinds of intervals cover?": others.result(),
            "How often is a difference found where there is none?": false.result(),
            "What does the gate do (four axes, discordance .10)?": [
                *head,
                *(x for f in gated for x in f.result()),
            ],
        }
        command = "`python -m scripts.simulate_stats` makes these figures."
        parts = [f"{options.studies:,} simulated studies a cell; {command}\n"]
        for title, lines in sections.items():
            parts += [f"### {title}\n", *lines, ""]
    print(f"{time.perf_counter() - start:.0f} s", flush=True)
    text = "\n".join(parts)
    if options.dry_run:
        print(text)
        return
    replace_block(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
