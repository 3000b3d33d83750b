"""Fit the model that reads refusals for `abstention` and write its coefficients.

Run: ``python scripts/fit_abstention.py`` (ten seconds; needs ADAPTBENCH_DATA). Fit on the answers written for it
(``tests/evals/metrics/data/abstention_written.tsv``), the hand-labelled set (``abstention.tsv``), every second answer
of MTRAG-UN, and answers that answer: right ones of EVOUNA, references of the default pack, and a sample of RAGTruth,
BEGIN and Bitext in which patterns find no refusal. Never fit on: ``abstention_unread.tsv``, MTRAG-UN's other half.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from evals.metrics import abstention_figures

TARGET = Path(__file__).resolve().parents[1] / "evals" / "metrics" / "abstention.json"


def main() -> None:
    """Fit, say on what, and write."""
    model = abstention_figures.fit_on(abstention_figures.training())
    text = msgspec.json.format(msgspec.json.encode(model), indent=1)
    TARGET.write_bytes(re.sub(rb"\[[^][]*\]", lambda found: b" ".join(found[0].split()), text) + b"\n")
    print(f"fit on {model.fit_on}; {len(model.grams)} words and pairs")


if __name__ == "__main__":
    main()
