"""Fit the model that reads refusals for `abstention` and write its coefficients.

Run: ``python -m scripts.research.fit_abstention`` (a minute; needs ADAPTBENCH_DATA; word vectors are those of
smollm2-135m). Fit on the answers written for it (``scripts/research/data/abstention_written.tsv``), the hand-labelled
set (``abstention.tsv``), every second answer of MTRAG-UN, and answers that answer: right ones of EVOUNA, references of
the default pack, spans of SQuAD, and a sample of RAGTruth, BEGIN, Bitext, MedQuAD and CLAP NQ in which patterns find no
refusal. Never fit on: ``abstention_unread.tsv``, ``abstention_exam.tsv``, MTRAG-UN's other half.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from scripts.research import abstention_figures
from scripts.research.word_vectors import word_vectors

TARGET = Path(__file__).resolve().parents[2] / "evals" / "scorers" / "abstention" / "weights.json"


def main() -> None:
    """Fit, say on what, and write."""
    every = abstention_figures.training()
    model = abstention_figures.fit_on(every, word_vectors(abstention_figures.lexicon(every)))
    text = msgspec.json.format(msgspec.json.encode(model), indent=1)
    TARGET.write_bytes(re.sub(rb"\[[^][]*\]", lambda found: b" ".join(found[0].split()), text) + b"\n")
    print(f"fit on {model.fit_on}; {len(model.grams)} words and pairs, lexicon of {len(model.lexicon)}")


if __name__ == "__main__":
    main()
