"""Choose the prompt of `base` and the retrieval of `rag` on a company that no reported figure is
about.

    python scripts/choose_prompts.py --only base                 the prompt ladder
    python scripts/choose_prompts.py --only rag --limit 64       passages shown, and their size
    python scripts/choose_prompts.py --seed 4711 --folder build/choose

The validation split is the whole company of another seed: the same generator, not one name or value
in common with the default pack. Every variant answers the same items; the table shows both quality
headlines with their intervals, and the tokens they cost. Interrupted, it goes on where it stopped.
Takes about two minutes a variant on 2 cores.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SUITES = ("domain_accuracy", "hallucination")
HEADLINES = (("domain_accuracy", "accuracy"), ("hallucination", "truthful"))


@dataclass(frozen=True)
class Variant:
    """One way to prompt or to retrieve: what it is called, and its TOML."""

    name: str
    prompt: str
    retriever: str = ""

    def toml(self) -> str:
        retriever = f'\n[retriever]\nkind = "hybrid"\n{self.retriever}\n' if self.retriever else ""
        return f'kind = "adapted"\nabout = "{self.name}"\n\n[prompt]\n{self.prompt}\n{retriever}'


LADDER = (
    Variant("base-zero-shot", "shots = 0\npolicy = false"),
    Variant("base-few-shot", "shots = 3\npolicy = false"),
    Variant("base-few-shot-policy", "shots = 3\npolicy = true"),
)
RETRIEVAL = tuple(
    Variant(f"rag-k{k}-chunk{chunk}", "shots = 2\ndate = true", f"k = {k}\nchunk = {chunk}")
    for k, chunk in ((2, 450), (3, 300), (3, 450), (3, 700), (5, 450))
)


def main() -> None:
    """Answer with every variant and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=4711, help="the company to choose on")
    parser.add_argument("--limit", type=int, default=48, help="items a suite")
    parser.add_argument("--only", choices=("base", "rag"), help="one of the two ladders")
    parser.add_argument(
        "--folder", type=Path, default=Path("build/choose"), help="where pack and runs are kept"
    )
    asked = parser.parse_args()
    pack = asked.folder / f"pack-{asked.seed}"
    if not pack.exists():
        adaptbench("pack", "generate", str(pack), "--seed", str(asked.seed))
    ladders = {"base": LADDER, "rag": RETRIEVAL}
    for name in [asked.only] if asked.only else list(ladders):
        print(f"| {name} | accuracy | truthful | tokens in |\n|---|---:|---:|---:|")
        for variant in ladders[name]:
            print(row(variant, pack, asked.folder, asked.limit), flush=True)
        print()


def row(variant: Variant, pack: Path, folder: Path, limit: int) -> str:
    """Run one variant and say what came out, as a line of the table."""
    system = folder / f"{variant.name}.toml"
    system.write_text(variant.toml(), encoding="utf-8")
    results = folder / f"results-{limit}" / variant.name
    chosen = [part for suite in SUITES for part in ("--suite", suite)]
    adaptbench(
        "run",
        str(system),
        "--pack",
        str(pack),
        "--results",
        str(results),
        "--limit",
        str(limit),
        *chosen,
    )
    board = json.loads((results / "leaderboard.json").read_text(encoding="utf-8"))
    cells = []
    for suite, metric in HEADLINES:
        line = next(
            r for r in board if (r["suite"], r["track"], r["metric"]) == (suite, "all", metric)
        )
        cells.append(f"{line['value']:.3f} [{line['low']:.3f}, {line['high']:.3f}]")
    answers = (
        next((results / "runs").glob("*/responses.jsonl")).read_text(encoding="utf-8").splitlines()
    )
    tokens = [json.loads(line)["usage"]["prompt"] for line in answers]
    return f"| {variant.name} | {cells[0]} | {cells[1]} | {sum(tokens) / len(tokens):.0f} |"


def adaptbench(*arguments: str) -> None:
    """Run one command; its tables go nowhere, its progress to stderr."""
    command = [str(Path(sys.executable).with_name("adaptbench")), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
