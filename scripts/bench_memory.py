"""Is memory flat while a large run is scored, tabled, compared, gated and reported? Peak over
start, by size of run.

    python scripts/bench_memory.py        10,000, 100,000 and 1,000,000 items; docs/statistics.md
    python scripts/bench_memory.py --items 10000 --dry-run

Two runs of the reference folder are repeated under new names until they have the wanted number of
items: real questions, answers, passages and all four suites. Every command then runs in a process
of its own, first on a tiny run, which loads what it imports, then on the large one; shown is the
peak of resident memory over that between the two.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from evals.core.document import replace_block
from evals.core.identity import digest, file_digest
from evals.core.paths import cache_dir
from evals.core.registry import PACKS
from evals.core.schema import Item, encode
from evals.core.store import ITEMS, RESPONSES, SCORES, StoredRun, find_run, seal, write_manifest
from evals.run.execute import rescore
from evals.run.plan import make_plan
from evals.run.scoring import suite_notes
from suites.packs.reader import FolderPack, open_pack

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "statistics.md"
BEGIN, END = "<!-- memory: begin -->", "<!-- memory: end -->"
SYSTEMS = ("rag", "hybrid")
SIZES = (10_000, 100_000, 1_000_000)
BUDGET_MB = 500
PROFILE = "full"
SCORING = "score one run"
ELSEWHERE = "score records, and again"


@dataclass(frozen=True)
class Repeated(FolderPack):
    """A pack that asks ``asked`` ``copies`` times, every time under other names; all else is the
    folder's.
    """

    asked: tuple[Item, ...] = ()
    copies: int = 1

    @property
    def identity(self) -> str:
        return digest([super().identity, self.copies])

    def items(self, suite: str | None = None) -> Iterator[Item]:
        for k in range(self.copies):
            for item in self.asked:
                if suite in (None, item.suite):
                    twin = item.twin and f"{item.twin}~{k}"
                    yield msgspec.structs.replace(
                        item, id=f"{item.id}~{k}", cluster=f"{item.cluster}~{k}", twin=twin
                    )


def repeated(source: StoredRun, copies: int) -> Repeated:
    """The default pack, asking a stored run's questions ``copies`` times."""
    asked = tuple(
        i for i in source.items() if source.manifest.suites[i.suite].measured == "throughput"
    )
    pack = open_pack(PACKS.get("default")(cache_dir(), 0))
    return Repeated(pack.root, pack.settings, asked, copies)


def write_run(source: StoredRun, results: Path, items: int) -> None:
    """A finished run of about ``items`` items, answered and scored as the source was."""
    suites = list(source.manifest.suites)
    pack = repeated(
        source, max(1, round(items / make_plan(repeated(source, 1), suites, PROFILE).items))
    )
    plan = make_plan(pack, suites, PROFILE)
    folder = results / "runs" / source.manifest.system
    folder.mkdir(parents=True)
    known = {response.item: response for response in source.responses()}
    scored = {line.item: line for line in source.scores()}
    spare = {item.suite: item.id for item in source.items()}
    files = ITEMS, RESPONSES, SCORES
    with ExitStack() as stack:
        asked, answers, scores = (stack.enter_context((folder / name).open("wb")) for name in files)
        for item in plan.stream(pack):
            like = item.id.rpartition("~")[0]
            like = like if like in known else spare[item.suite]
            asked.write(encode(item) + b"\n")
            answers.write(encode(msgspec.structs.replace(known[like], item=item.id)) + b"\n")
            line = msgspec.structs.replace(
                scored[like], item=item.id, cluster=item.cluster, track=item.track
            )
            scores.write(encode(line) + b"\n")
    manifest = msgspec.structs.replace(
        source.manifest,
        run=folder.name,
        profile=PROFILE,
        items=plan.items,
        identity={
            **source.manifest.identity,
            "items": plan.digest,
            "pack": {"identity": pack.identity},
            "copies": pack.copies,
        },
        suites=suite_notes(plan),
        scoring="as the source",
        files={name: file_digest(folder / name) for name in files},
    )
    write_manifest(folder, msgspec.structs.replace(manifest, seal=seal(manifest)))


def score(results: Path) -> None:
    """Score the stored answers of one run again, with every metric of its suites."""
    stored = find_run(results, SYSTEMS[0])
    source = find_run(ROOT / "results" / "reference", SYSTEMS[0])
    rescore(stored, repeated(source, stored.manifest.identity["copies"]))


def elsewhere(results: Path) -> None:
    """Score the answers of one run as records of unknown origin, then find that nothing is left to
    do.
    """
    from evals.cli.main import run as cli

    stored = find_run(results, SYSTEMS[0])
    source, output = results / "records.jsonl", results / "scores.jsonl"
    with source.open("wb") as sink:
        for item, response in zip(stored.items(), stored.responses(), strict=True):
            record = {
                "id": item.id,
                "question": item.question,
                "references": item.references,
                "response": response.text,
            }
            sink.write(msgspec.json.encode(record) + b"\n")
    for _ in range(2):
        if cli(
            ["score", "answer_match,abstention", "--input", str(source), "--output", str(output)]
        ):
            raise SystemExit("score ended badly")


def command(*words: str) -> Callable[[Path], None]:
    """An adaptbench command over the runs in a folder."""

    def run(results: Path) -> None:
        from evals.cli.main import run as cli

        files = [word.replace("OUT", str(results)) for word in words]
        code = cli([*files, "--results", str(results)])
        if code not in (0, 10, 20):
            raise SystemExit(f"{words[0]} ended with exit code {code}")

    return run


STEPS: dict[str, Callable[[Path], None]] = {
    "leaderboard": command("leaderboard"),
    "compare": command("compare", *SYSTEMS, "--full", "--json", "OUT/compare.json"),
    "gate": command("gate", "--candidate", "hybrid", "--baseline", "rag"),
    "report": command("report", "--out", "OUT/report.html"),
    SCORING: score,
    ELSEWHERE: elsewhere,
}


def memory(field: str) -> float:
    """VmRSS or VmHWM of this process in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def measure(step: str, tiny: Path, results: Path) -> None:
    """In a process of its own: the step on the tiny runs, then on the large ones; print seconds and
    MB over start.
    """
    STEPS[step](tiny)
    start = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    clock = time.perf_counter()
    STEPS[step](results)
    print(
        json.dumps(
            {"s": time.perf_counter() - clock, "start": start, "over": memory("VmHWM") - start}
        )
    )


def size(items: int, folder: Path, steps: Sequence[str]) -> dict[str, dict[str, float]]:
    """The steps on runs of one size."""
    found = {}
    with tempfile.TemporaryDirectory(dir=folder) as name:
        places = [Path(name) / "tiny", Path(name) / "large"]
        for place, count in zip(places, (400, items), strict=True):
            for system in SYSTEMS:
                write_run(find_run(ROOT / "results" / "reference", system), place, count)
        for step in steps:
            done = subprocess.run(
                [sys.executable, __file__, "--step", step, *map(str, places)],
                check=True,
                stdout=subprocess.PIPE,
            )
            found[step] = json.loads(done.stdout.splitlines()[-1])
            print(f"{items:>9,} items, {step}: {found[step]}", file=sys.stderr, flush=True)
    return found


def table(found: Mapping[int, Mapping[str, Mapping[str, float]]]) -> str:
    """The figures as Markdown."""
    heads = " | ".join(f"{items:,} items" for items in found)
    lines = [f"| peak memory over start | {heads} |", "|---" * (len(found) + 1) + "|"]
    for step in STEPS:
        cells = (
            f"{x['over']:.0f} MB ({x['s']:.0f} s)" if (x := found[n].get(step)) else "–"
            for n in found
        )
        lines.append(f"| {step} | {' | '.join(cells)} |")
    return "\n".join(["`python scripts/bench_memory.py` makes these figures.", "", *lines])


def main() -> int:
    """Measure, write the figures, and exit 1 where the budget is broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--folder", type=Path, help="Where the large runs are kept meanwhile.")
    parser.add_argument(
        "--score", type=int, nargs="*", help="sizes at which scoring is measured too; default: all"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print the figures, leave the page as it is"
    )
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step is not None:
        step, tiny, results = options.step
        measure(step, Path(tiny), Path(results))
        return 0
    scored = options.items if options.score is None else options.score
    found = {
        n: size(
            n, options.folder, [s for s in STEPS if s not in (SCORING, ELSEWHERE) or n in scored]
        )
        for n in options.items
    }
    print(table(found))
    if not options.dry_run:
        replace_block(PAGE, BEGIN, END, table(found))
    return int(any(step["over"] > BUDGET_MB for steps in found.values() for step in steps.values()))


if __name__ == "__main__":
    sys.exit(main())
