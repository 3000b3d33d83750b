"""Fit the models behind the metric `groundedness` on the public labelled sets and write their
coefficients.

Run: ``python -m scripts.research.fit_groundedness [first] [second]`` (both by default; needs
ADAPTBENCH_DATA). The first stage takes about two minutes on one core. The second reads a language
model's evidence, whose extraction takes about two hours on one core and is kept under the cache
folder: an interrupted one goes on where it stopped. Given the evidence the fit is deterministic;
held-out figures are kept in docs/validation.md by ``scripts/research/validate_metrics.py``.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import msgspec
import numpy as np

from scripts.research import grounding_evidence, grounding_fit, grounding_second, labelled
from scripts.research.grounding_fit import Table

FOLDER = Path(__file__).resolve().parents[2] / "evals" / "scorers" / "groundedness"


def first(data: Table) -> None:
    """Fit the deterministic stage, print the span figures of held-out folds, write its
    coefficients.
    """
    _, risk = grounding_fit.held_out(data)
    threshold = grounding_fit.best_threshold(data, risk)
    model = grounding_fit.fit_all(data, threshold)
    precision, recall, f1 = grounding_fit.span_f1(data, risk, threshold)
    print(
        f"fit on {model.fit_on}; spans at {threshold}: precision {precision:.3f} recall"
        f" {recall:.3f} F1 {f1:.3f}"
    )
    write("weights.json", model)


def second(data: Table) -> None:
    """Hear the answers, fit the stage that reads the evidence, write its coefficients."""
    with_evidence = grounding_second.rows(data)
    with_evidence = with_evidence[grounding_second.once(data, with_evidence)]
    judged = [data.judged[i] for i in with_evidence.tolist()]
    evidence = grounding_second.words(judged, grounding_evidence.with_evidence(judged))
    stage = grounding_second.fit(
        data, with_evidence, evidence, np.arange(len(data.rows)), grounding_evidence.MODEL
    )
    print(f"second stage fit on {stage.fit_on}")
    write("likelihood_weights.json", stage)


def write(name: str, model: msgspec.Struct) -> None:
    """Write coefficients beside the model, a list of numbers a line."""
    text = msgspec.json.format(msgspec.json.encode(model), indent=1)
    (FOLDER / name).write_bytes(
        re.sub(rb"\[[^][]*\]", lambda found: b" ".join(found[0].split()), text) + b"\n"
    )


STAGES = {"first": first, "second": second}


def main() -> None:
    """Fit the named stages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stages", nargs="*", choices=[*STAGES, "both"], default="both")
    names = parser.parse_args().stages
    data = grounding_fit.table(grounding_fit.training(labelled.need_data_dir()))
    for name in STAGES if "both" in names else names:
        STAGES[name](data)


if __name__ == "__main__":
    main()
