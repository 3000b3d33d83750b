"""Fit the models behind the metric `groundedness` on the public labelled sets and write their coefficients.

Run: ``python scripts/fit_groundedness.py [first] [second]`` (both by default; needs ADAPTBENCH_DATA). The first stage
takes about a minute on one core. The second reads a language model's evidence, whose extraction takes about half an
hour on one core and is kept under the cache folder: an interrupted one goes on where it stopped. Given the evidence the
fit is deterministic; held-out figures are kept in docs/metrics.md by ``scripts/validate_metrics.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from evals.metrics import grounding_evidence, grounding_fit, grounding_second, labelled
from evals.metrics.grounding_fit import Table

FOLDER = Path(__file__).resolve().parents[1] / "evals" / "metrics"


def first(data: Table) -> None:
    """Fit the deterministic stage, print the span figures of held-out folds, write its coefficients."""
    _, risk = grounding_fit.held_out(data)
    threshold = grounding_fit.best_threshold(data, risk)
    model = grounding_fit.fit_all(data, threshold)
    precision, recall, f1 = grounding_fit.span_f1(data, risk, threshold)
    print(f"fit on {model.fit_on}; spans at {threshold}: precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")
    write("groundedness.json", model)


def second(data: Table) -> None:
    """Hear the answers, fit the stage that reads the evidence, write its coefficients."""
    heard = grounding_second.rows(data)
    heard = heard[np.isin(data.group[heard], grounding_second.FIT_ON)]
    judged = [data.judged[i] for i in heard.tolist()]
    spoken = grounding_second.words(judged, grounding_evidence.heard(judged))
    stage = grounding_second.fit(data, heard, spoken, np.arange(len(data.rows)), grounding_evidence.MODEL)
    print(f"second stage fit on {stage.fit_on}")
    write("groundedness_likelihood.json", stage)


def write(name: str, model: msgspec.Struct) -> None:
    """Write coefficients beside the metric."""
    (FOLDER / name).write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")


def main(names: Sequence[str]) -> None:
    """Fit the named stages."""
    data = grounding_fit.table(grounding_fit.training(labelled.need_data_dir()))
    for name in names or ("first", "second"):
        {"first": first, "second": second}[name](data)


if __name__ == "__main__":
    main(sys.argv[1:])
