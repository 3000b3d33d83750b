"""Fit the models behind the metric `groundedness` on the public labelled sets and write their coefficients.

Run: ``python scripts/fit_groundedness.py`` (needs ADAPTBENCH_DATA; about a minute on one core). The coefficients are
deterministic; held-out figures are printed here and kept in docs/metrics.md by ``scripts/validate_metrics.py``.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from evals.metrics import grounding_fit, labelled

TARGET = Path(__file__).resolve().parents[1] / "evals" / "metrics" / "groundedness.json"


def main() -> None:
    """Fit, print the span figures of held-out folds, write the coefficients."""
    data = grounding_fit.table(grounding_fit.training(labelled.need_data_dir()))
    _, risk = grounding_fit.held_out(data)
    threshold = grounding_fit.best_threshold(data, risk)
    model = grounding_fit.fit_all(data, threshold)
    TARGET.write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")
    precision, recall, f1 = grounding_fit.span_f1(data, risk, threshold)
    print(f"fit on {model.fit_on}; wrote {TARGET.name}")
    print(f"spans at {threshold}: precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")


if __name__ == "__main__":
    main()
