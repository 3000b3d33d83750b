"""Fit the models behind the metric `groundedness` on the public labelled sets and write their coefficients.

Run: ``python scripts/fit_groundedness.py [plain] [likelihood]`` (both by default; needs ADAPTBENCH_DATA). Without a
language model it takes about a minute on one core. With one, its evidence is extracted first, which takes most of an
hour on one core and is kept under the cache folder: an interrupted extraction goes on where it stopped. Given the
evidence the fit is deterministic; held-out figures are kept in docs/metrics.md by ``scripts/validate_metrics.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from evals.metrics import grounding_evidence, grounding_fit, labelled
from evals.metrics.grounding_fit import Table

FOLDER = Path(__file__).resolve().parents[1] / "evals" / "metrics"


def plain(data: Path) -> Table:
    """Every labelled answer, deterministic features alone."""
    return grounding_fit.table(grounding_fit.training(data))


def likelihood(data: Path) -> Table:
    """The answers that the default model hears, with its evidence."""
    judged = grounding_evidence.training(data)
    return grounding_fit.table(judged, grounding_evidence.heard(judged))


VARIANTS = {"plain": (plain, "groundedness.json"), "likelihood": (likelihood, "groundedness_likelihood.json")}


def main(names: Sequence[str]) -> None:
    """Fit, print the span figures of held-out folds, write the coefficients."""
    folder = labelled.need_data_dir()
    for name in names or list(VARIANTS):
        read, target = VARIANTS[name]
        data = read(folder)
        _, risk = grounding_fit.held_out(data)
        threshold = grounding_fit.best_threshold(data, risk)
        model = grounding_fit.fit_all(data, threshold)
        (FOLDER / target).write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")
        precision, recall, f1 = grounding_fit.span_f1(data, risk, threshold)
        print(f"fit on {model.fit_on}; wrote {target}")
        print(f"spans at {threshold}: precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
