"""Does the correction of judges keep its promise on real verdicts of people?

    python scripts/validate_judges.py [--draws 300] [--labels 200]

Takes `answer_match` for the judge of OpenQA-eval's answers, all of which people judged. Draws a random part as labels,
calibrates on it, and counts how often the intervals for the rest hold what people said of the rest. Prints Markdown.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

from evals.judge.calibration import Calibration, Label, Verdicts, calibrate
from evals.judge.calibration_text import told
from evals.metrics.labelled import Judged, need_data_dir, openqa
from evals.metrics.scoring import score_records

FIGURES = {"raw": "judge, as it is", "corrected": "prediction-powered", "rogan_gladen": "Rogan-Gladen"}


def main() -> None:
    """Print one calibration and the coverage over many draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--labels", type=int, default=200)
    options = parser.parse_args()
    rows = list(openqa(need_data_dir()))
    records = (
        {"id": n, "question": row.question, "response": row.response, "references": row.references}
        for n, row in enumerate(rows)
    )
    lines = list(score_records(records, ["answer_match"]))
    values = {n: [line["answer_match"]["value"]] for n, line in enumerate(lines) if "value" in line["answer_match"]}
    known = {n: rows[n] for n in values if rows[n].label in (0.0, 1.0)}
    rng = np.random.default_rng(0)
    inside, biases = Counter[str](), dict.fromkeys(FIGURES, 0.0)
    for draw in range(options.draws):
        chosen = {int(n) for n in rng.choice(list(known), options.labels, replace=False)}
        found = _calibrated(chosen, known, values)
        if draw == 0:
            print(f"```\n{told(found)}\n```\n")
        people = float(np.mean([row.label for n, row in known.items() if n not in chosen]))
        for name in FIGURES:
            figure = getattr(found, name)
            inside[name] += figure.low <= people <= figure.high
            biases[name] += (figure.value - people) / options.draws
    print(
        "| mean of the unlabelled, by | mean error | 95 % intervals that hold what people said |\n| --- | --- | --- |"
    )
    for name, title in FIGURES.items():
        print(f"| {title} | {biases[name]:+.3f} | {inside[name] / options.draws:.1%} |")


def _calibrated(chosen: set[int], known: dict[int, Judged], values: dict[int, list[float]]) -> Calibration:
    labels = {str(n): Label(n, known[n].label, length=float(len(known[n].response))) for n in chosen}
    verdicts = Verdicts({str(n): values[n] for n in known})
    return calibrate(labels, verdicts, "answer_match", "answer_match")


if __name__ == "__main__":
    main()
