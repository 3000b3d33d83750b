"""Take the README's two pictures of the report: its first screen and one item's answers side by
side.

    python scripts/screenshot_report.py [--results results/reference] [--out docs/images]

Writes the report from the stored runs, opens it in a headless Chromium and leaves
report-verdict.png and report-item.png, reduced to 64 colours so that they stay small.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from evals.report.build import choose_runs, write_report

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking"
)


def main() -> None:
    """Write the report, take both pictures, say where they are."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", type=Path, default=Path("results/reference"))
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        report = write_report(
            choose_runs(given.results, (), None, None), Path(folder) / "report.html"
        ).path
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS.split(), timeout=120_000
        )
        page = browser.new_page(viewport={"width": 1100, "height": 760})
        page.set_default_timeout(120_000)
        page.goto(report.as_uri())
        page.wait_for_selector("body[data-ready]")
        take(page, given.out / "report-verdict.png")
        page.select_option("#answers-form [name=outcome]", label="wrong")
        page.wait_for_selector("#answers-rows a")
        page.locator("#answers-rows a").first.click()
        page.wait_for_selector("dialog .card")
        take(page, given.out / "report-item.png")
        browser.close()


def take(page: Page, path: Path) -> None:
    """One picture of what is on the screen."""
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
