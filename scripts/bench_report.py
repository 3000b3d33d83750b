"""Is the report quick with 50,000 answers of 7 systems? Size of the file, first screen and
filtering in Chromium.

    python scripts/bench_report.py [--answers 50000] [--keep DIR]

Plants runs of seven systems on disk, writes the report, opens it from disk in a headless Chromium
and prints medians: the file's size, the time until the verdict is painted (first contentful paint),
until the answers can be searched, and of one filter or search until its rows are painted. The
budgets are 30 MB, 2 s and 200 ms.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page, sync_playwright

from evals.report.build import choose_runs, write_report
from tests.evals.report.planted import CONTROLS, FAMILY, TRACKS, plant

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking"
)
BUDGETS = {"file, MB": 30.0, "first screen, ms": 2000.0, "filter, ms": 200.0}

PAINTED = """
() => performance.getEntriesByType("paint").find((e) => e.name === "first-contentful-paint").startTime
"""
FILTER = """
async ([name, value]) => {
  const field = document.getElementById("answers-form").elements[name];
  const count = document.getElementById("answers-rows");
  const painted = new Promise((resolve) => {
    new MutationObserver((_, observer) => {
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(resolve, 0));
    }).observe(count, { childList: true });
  });
  const started = performance.now();
  field.value = value;
  field.dispatchEvent(new Event(name === "q" ? "input" : "change", { bubbles: true }));
  await painted;
  return performance.now() - started;
}
"""
FILTERS = (
    ("suite", "0"),
    ("track", "1"),
    ("outcome", "4"),
    ("cause", "9"),
    ("outcome", ""),
    ("track", ""),
    ("cause", ""),
    ("suite", ""),
    ("system", "3"),
    ("outcome", "1"),
    ("system", ""),
    ("outcome", ""),
    ("q", "Nerolu 77"),
    ("q", "late the lamp"),
    ("q", "no such words"),
    ("q", "e"),
    ("q", ""),
)


def main() -> None:
    """Plant, write, measure, compare with the budgets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--answers", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="Keep the planted runs and the file here.")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="bench-report-"))
    systems = FAMILY + CONTROLS
    plant(folder, systems, count=-(-given.answers // (len(systems) * len(TRACKS))))
    started = time.perf_counter()
    written = write_report(
        choose_runs(folder, (), None, None), folder / "report.html", answers=1_000_000
    )
    assert written.payload is not None
    print(
        f"{written.payload.shown:,} answers of {len(systems)} systems, written in"
        f" {time.perf_counter() - started:.1f} s"
    )
    print("searching waits 80 ms for the next keystroke; that wait is counted")
    found = {"file, MB": written.path.stat().st_size / 1e6, **measure(written.path, given.repeats)}
    for name, value in found.items():
        budget = BUDGETS.get(name)
        print(f"{name:<28} {value:9.1f}" + ("" if budget is None else f"   budget {budget:.0f}"))
    if given.keep is None:
        shutil.rmtree(folder)
    if any(found[name] > budget for name, budget in BUDGETS.items()):
        sys.exit("over budget")


def measure(file: Path, repeats: int) -> dict[str, float]:
    """Medians over fresh pages: first screen, answers ready, one filter, one search, one item
    opened.
    """
    screens: list[float] = []
    ready: list[float] = []
    filters: list[float] = []
    searches: list[float] = []
    items: list[float] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS.split()
        )
        for _ in range(repeats):
            page = browser.new_page()
            page.goto(file.as_uri(), wait_until="commit")
            page.wait_for_selector("body[data-ready]", timeout=120_000)
            ready.append(page.evaluate("performance.now()"))
            screens.append(page.evaluate(PAINTED))
            for step in FILTERS:
                (searches if step[0] == "q" else filters).append(page.evaluate(FILTER, list(step)))
            items.append(open_item(page))
            page.close()
        browser.close()
    return {
        "first screen, ms": statistics.median(screens),
        "answers ready, ms": statistics.median(ready),
        "filter, ms": statistics.median(filters),
        "filter, worst ms": max(filters),
        "search, ms": statistics.median(searches),
        "search, worst ms": max(searches),
        "open an item, ms": statistics.median(items),
    }


def open_item(page: Page) -> float:
    """Milliseconds from a link to the item's answers, its block inflated for the first time."""
    started = time.perf_counter()
    page.evaluate("location.hash = '#/item/hallucination%2F00003'")
    page.wait_for_selector("dialog .card")
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
