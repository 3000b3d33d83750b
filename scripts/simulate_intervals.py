"""Coverage of every kind of interval that tables show, on data like those of real runs.

Used by `scripts.simulate_stats`; alone it prints its table:

    python -m scripts.simulate_intervals --studies 500
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from evals.stats.estimators import Sample, difference, estimate

Ends = tuple[float | None, float | None]
Study = Callable[[np.random.Generator], Ends]
BINARY = (0.0, 1.0)
SECONDS = (0.0, 1e12)
Cell = tuple[str, str, float, Study]
"""Estimator, data, true value, one study's interval."""


def cells() -> Iterable[Cell]:
    """Every cell of the table."""
    for p in (0.02, 0.5, 0.98):
        for count in (60, 250):
            study = partial(clustered_share, count=count, p=p)
            yield "share, clusters of 4", f"p = {p}, {count} clusters, correlation .3", p, study
    for shared in (0.6, 0.8, 0.9):
        name = f"log-normal seconds (sd .42, correlated {shared}), n = 78"
        yield "p95, difference of pairs", name, 0.0, partial(paired_p95, n=78, shared=shared)
    for n in (100, 400):
        yield "p95", f"log-normal seconds (sd .5), n = {n}", P95, partial(p95, n=n)
    for sd in (0.5, 1.0):
        for n in (78, 400):
            study = partial(seconds, n=n, sd=sd)
            yield "mean of seconds", f"log-normal (sd {sd}), n = {n}", np.exp(sd**2 / 2), study
    for t in (0.5, 0.75, 0.9):
        for n in (60, 240):
            truth = 0.55 - 0.1 * t / (1 - t)
            yield (
                f"penalised at {t}",
                f"55 % right, 10 % wrong, n = {n}",
                truth,
                partial(penalised, n=n, t=t),
            )
    for n in (120, 480):
        yield "macro F1", f"5 labels of 40 to 5 %, 80 % right, n = {n}", MACRO, partial(macro, n=n)
        yield (
            "AUROC",
            f"one sd apart, half right, n = {n}",
            float(ndtr(2**-0.5)),
            partial(auroc, n=n),
        )
    for seeds in (3, 5):
        for n, spread in ((120, 0.1), (24, 0.25)):
            name = f"{seeds} seeds, their sd {100 * moved(spread):.0f} points, n = {n}"
            yield "share over seeds", name, 0.5, partial(seeded, n=n, seeds=seeds, spread=spread)
            yield (
                "difference over seeds",
                name,
                0.0,
                partial(seeded_difference, n=n, seeds=seeds, spread=spread),
            )
    for count, groups in ((120, 12), (240, 24)):
        name = f"{count} clusters crossed with {groups} templates"
        yield "share, crossed", name, 0.5, partial(crossed, count=count, groups=groups)
        yield (
            "difference, crossed",
            name,
            0.0,
            partial(crossed_difference, count=count, groups=groups),
        )


def clustered_share(rng: np.random.Generator, count: int, p: float) -> Ends:
    """Beta-binomial clusters of 4."""
    shares = rng.beta(p * 7 / 3, (1 - p) * 7 / 3, size=(count, 1))
    values = (rng.random((count, 4)) < shares).astype(float).ravel()
    return ends("mean", Sample(values, np.repeat(np.arange(count), 4), {}, BINARY))


def paired_p95(rng: np.random.Generator, n: int, shared: float) -> Ends:
    """Seconds of two systems on the same questions."""
    common = rng.normal(0, 0.42 * shared**0.5, n)
    sides = [np.exp(common + rng.normal(0, 0.42 * (1 - shared) ** 0.5, n)) for _ in range(2)]
    return gap("p95", *(Sample(side, np.arange(n), {}, SECONDS) for side in sides))


P95 = float(np.exp(1.6448536269514722 * 0.5))


def p95(rng: np.random.Generator, n: int) -> Ends:
    """Independent seconds."""
    return ends("p95", Sample(rng.lognormal(0, 0.5, n), np.arange(n), {}, SECONDS))


def seconds(rng: np.random.Generator, n: int, sd: float) -> Ends:
    """The mean of independent seconds."""
    return ends("mean", Sample(rng.lognormal(0, sd, n), np.arange(n), {}, SECONDS))


def penalised(rng: np.random.Generator, n: int, t: float) -> Ends:
    """Right +1, abstained 0, wrong −t/(1 − t)."""
    lost = -t / (1 - t)
    values = rng.choice((1.0, 0.0, lost), size=n, p=(0.55, 0.35, 0.1))
    return ends("mean", Sample(values, np.arange(n), {}, (lost, 1.0)))


LABELS = np.array([0.4, 0.3, 0.15, 0.1, 0.05])


def labelled(rng: np.random.Generator, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Gold and predicted labels; wrong ones are spread evenly over all."""
    gold = rng.choice(5, size=n, p=LABELS)
    return gold, np.where(rng.random(n) < 0.75, gold, rng.integers(0, 5, n))


def _macro_truth() -> float:
    hit = 0.8 * LABELS
    return float(np.mean(2 * hit / (LABELS + 0.75 * LABELS + 0.05)))


MACRO = _macro_truth()


def macro(rng: np.random.Generator, n: int) -> Ends:
    """Labels, some rare."""
    gold, predicted = labelled(rng, n)
    details = {"gold": gold, "predicted": predicted}
    return ends(
        "macro_f1", Sample((gold == predicted).astype(float), np.arange(n), details, BINARY)
    )


def auroc(rng: np.random.Generator, n: int) -> Ends:
    """Confidence that knows a little."""
    correct = (rng.random(n) < 0.5).astype(float)
    details = {"confidence": ndtr(rng.normal(0, 1, n) + correct), "correct": correct}
    return ends("auroc", Sample(correct, np.arange(n), details, BINARY))


def moved(spread: float) -> float:
    """The standard deviation of an adapter's share that a spread of its latent level makes."""
    return float(spread * np.exp(0) / (2 * np.pi * (1.89 + spread**2)) ** 0.5)


def adapters(
    rng: np.random.Generator, difficulty: NDArray[np.float64], seeds: int, spread: float
) -> Sample:
    """A system trained several times: items have a difficulty, adapters a level and quirks."""
    n, found = len(difficulty), []
    for _ in range(seeds):
        level = difficulty + rng.normal(0, spread) + rng.normal(0, 0.5, n)
        values = (level + rng.normal(0, 1, n) > 0).astype(float)
        found.append(Sample(values, np.arange(n), {}, BINARY))
    return replace(found[0], seeds=tuple(found[1:]))


def seeded(rng: np.random.Generator, n: int, seeds: int, spread: float) -> Ends:
    """One system of several seeds."""
    return ends("mean", adapters(rng, rng.normal(0, 0.8, n), seeds, spread))


def seeded_difference(rng: np.random.Generator, n: int, seeds: int, spread: float) -> Ends:
    """Two equal methods, trained apart."""
    difficulty = rng.normal(0, 0.8, n)
    sides = [adapters(rng, difficulty, seeds, spread) for _ in range(2)]
    return gap("mean", *sides)


def templated(rng: np.random.Generator, count: int, groups: int) -> tuple[Sample, Sample]:
    """Two systems on clusters of 2 items, each item of one template; templates matter to each
    system in its own way.
    """
    clusters, template = np.repeat(np.arange(count), 2), np.arange(2 * count) % groups
    hard = rng.normal(0, 0.7, count)[clusters]
    sides = []
    for _ in range(2):
        level = hard + rng.normal(0, 0.7, groups)[template] + rng.normal(0, 1, 2 * count)
        sides.append(Sample((level > 0).astype(float), clusters, {}, BINARY, template))
    return sides[0], sides[1]


def crossed(rng: np.random.Generator, count: int, groups: int) -> Ends:
    """One system on templates."""
    return ends("mean", templated(rng, count, groups)[0])


def crossed_difference(rng: np.random.Generator, count: int, groups: int) -> Ends:
    """Two equal systems on the same templates."""
    return gap("mean", *templated(rng, count, groups))


def ends(name: str, sample: Sample) -> Ends:
    """The interval of a figure."""
    found = estimate(name, sample)
    return found.low, found.high


def gap(name: str, candidate: Sample, baseline: Sample) -> Ends:
    """The interval of a difference."""
    found = difference(name, candidate, baseline)
    return found.low, found.high


def coverage(study: Study, truth: float, studies: int, seed: int) -> float:
    """How often the interval holds the true value."""
    rng, held = np.random.default_rng(seed), 0
    for _ in range(studies):
        low, high = study(rng)
        held += low is not None and high is not None and low <= truth <= high
    return held / studies


def table(studies: int) -> Iterable[str]:
    """The table, a row at a time."""
    yield "| estimator | data | coverage |"
    yield "|---|---|---|"
    for seed, (name, data, truth, study) in enumerate(cells()):
        yield f"| {name} | {data} | {coverage(study, truth, studies, seed):.1%} |"


def intervals(studies: int) -> list[str]:
    """The table, whole."""
    return list(table(studies))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=500)
    for line in table(parser.parse_args().studies):
        print(line, flush=True)


if __name__ == "__main__":
    main()
