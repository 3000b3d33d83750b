"""Judges beside people: does their correction keep its promise, and how far does a judge of yours
agree?

    python -m scripts.research.validate_judges [--draws 300] [--labels 200]
    python -m scripts.research.validate_judges --judge http://127.0.0.1:8000/v1#MODEL
        [--output verdicts.jsonl]

The first takes `answer_match` for the judge of OpenQA-eval's answers, all of which people judged:
it draws a random part as labels, calibrates on it, and counts how often the intervals for the rest
hold what people said of the rest. The second asks a judge which answer is better for LLMBar's 100
natural pairs, each in both orders, and measures it as `adaptbench judge calibrate` does; run again,
it goes on where it stopped. Prints Markdown.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from evals.core.judge import JudgeSettings
from evals.judge.calibration import Calibration, Label, Verdicts, calibrate, read_verdicts
from evals.judge.pairwise import Pair, judge_pairs
from evals.judge.settings import parse_endpoint
from evals.metrics.scoring import Entry, score_records
from evals.report.text.calibration import summary
from scripts.research.labelled import Judged, llmbar, need_data_dir, openqa

FIGURES = {
    "raw": "judge, as it is",
    "corrected": "prediction-powered",
    "rogan_gladen": "Rogan-Gladen",
}


def main() -> None:
    """Print how a judge agrees with people, or the coverage of its correction."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument(
        "--judge", metavar="URL#MODEL", help="measure this judge on LLMBar's pairs instead"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("llmbar.jsonl"), help="where its verdicts are kept"
    )
    options = parser.parse_args()
    if options.judge is not None:
        print(f"```\n{summary(measured(options.judge, options.output))}\n```")
        return
    coverage(options)


def measured(judge: str, output: Path) -> Calibration:
    """A judge's verdicts on LLMBar's pairs beside the human ones."""
    settings = JudgeSettings(parse_endpoint(judge), concurrency=2, timeout=300.0, deadline=600.0)
    rows = list(enumerate(llmbar(need_data_dir())))
    judge_pairs(
        (Pair(n, Entry(n, a, asked), Entry(n, b, asked)) for n, (asked, a, b, _) in rows),
        output,
        settings,
    )
    labels = {
        str(n): Label(n, right, length=float(len(a) - len(b))) for n, (_, a, b, right) in rows
    }
    return calibrate(labels, read_verdicts([output], "pairwise"), "pairwise", settings.model)


def coverage(options: argparse.Namespace) -> None:
    """Print one calibration and the coverage over many draws."""
    rows = list(openqa(need_data_dir()))
    records = (
        {"id": n, "question": row.question, "response": row.response, "references": row.references}
        for n, row in enumerate(rows)
    )
    lines = list(score_records(records, ["answer_match"]))
    values = {
        n: [line["answer_match"]["value"]]
        for n, line in enumerate(lines)
        if "value" in line["answer_match"]
    }
    known = {n: rows[n] for n in values if rows[n].label in (0.0, 1.0)}
    rng = np.random.default_rng(0)
    inside, biases = Counter[str](), dict.fromkeys(FIGURES, 0.0)
    for draw in range(options.draws):
        chosen = {int(n) for n in rng.choice(list(known), options.labels, replace=False)}
        found = _calibrated(chosen, known, values)
        if draw == 0:
            print(f"```\n{summary(found)}\n```\n")
        people = float(np.mean([row.label for n, row in known.items() if n not in chosen]))
        for name in FIGURES:
            figure = getattr(found, name)
            inside[name] += figure.low <= people <= figure.high
            biases[name] += (figure.value - people) / options.draws
    print(
        "| mean of the unlabelled, by | mean error | 95 % intervals that hold what people said |\n|"
        " --- | --- | --- |"
    )
    for name, title in FIGURES.items():
        print(f"| {title} | {biases[name]:+.3f} | {inside[name] / options.draws:.1%} |")


def _calibrated(
    chosen: set[int], known: dict[int, Judged], values: dict[int, list[float]]
) -> Calibration:
    labels = {
        str(n): Label(n, known[n].label, length=float(len(known[n].response))) for n in chosen
    }
    verdicts = Verdicts({str(n): values[n] for n in known})
    return calibrate(labels, verdicts, "answer_match", "answer_match")


if __name__ == "__main__":
    main()
