"""Generate a large world and check it against the budget: documents and items, seconds, peak
memory.

    python scripts/bench_world.py [--documents 100000] [--items 50000] [--seconds 60]
        [--gigabytes 1.0]

Exit code 0 where the pack is at least as large as asked and within time and memory, else 1.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import fields, replace
from pathlib import Path

from suites.world.generate import generate
from suites.world.size import Size

DEFAULT_DOCUMENTS, DEFAULT_ITEMS = 822, 1382
"""What the default size makes."""
ITEM_COUNTS = (
    "closed_book",
    "freshness",
    "two_hops",
    "three_hops",
    "contested",
    "personal",
    "intents",
    "extractions",
    "twins",
    "stressed",
)


def size_for(documents: int, items: int) -> Size:
    """Things scaled to the number of documents, item clusters to the number of items."""
    things, clusters = (
        Size().scaled(documents / DEFAULT_DOCUMENTS),
        Size().scaled(items / DEFAULT_ITEMS),
    )
    return replace(
        things, **{f.name: getattr(clusters, f.name) for f in fields(Size) if f.name in ITEM_COUNTS}
    )


def count_lines(path: Path) -> int:
    """Lines of a file, read in blocks."""
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))


def main() -> int:
    """Run the benchmark and print one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        begun, busy = time.perf_counter(), time.process_time()
        pack = generate(
            folder / "world",
            seed=0,
            size=size_for(arguments.documents * 1.03, arguments.items * 1.03),
        )
        seconds, busy = time.perf_counter() - begun, time.process_time() - busy
        result = {
            "documents": count_lines(pack / "documents.jsonl"),
            "items": count_lines(pack / "items.jsonl"),
            "megabytes": round(sum(p.stat().st_size for p in pack.iterdir()) / 1e6),
            "seconds": round(seconds, 1),
            "cpu_seconds": round(busy, 1),
            "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
            "cores": os.cpu_count(),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sound = (
        result["documents"] >= arguments.documents
        and result["items"] >= arguments.items
        and result["seconds"] <= arguments.seconds
        and result["peak_gigabytes"] <= arguments.gigabytes
    )
    print(json.dumps({**result, "within_budget": sound}))
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
