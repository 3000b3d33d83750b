"""The labelling page in a real browser: by keyboard, on a phone, and across a killed server."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from evals.core.store import StoredRun
from evals.label.marks import marks_file, read_marks
from tests.evals.browser import Watched
from tests.evals.report.test_access import violations

pytestmark = pytest.mark.browser


@contextmanager
def served(
    results: Path, run: StoredRun, port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [str(Path(sys.executable).with_name("adaptbench")), "label", run.name]
    command += ["--rater", "ann", "--results", str(results), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.match(r"(http://127\.0\.0\.1:\d+/)", process.stdout.readline())
    assert found is not None
    try:
        yield found[1], process
    finally:
        process.kill()
        process.wait(30)
        process.stdout.close()


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#question")).not_to_be_empty()


def said(results: Path, run: StoredRun) -> list[str | None]:
    return [mark.verdict for mark in read_marks(marks_file(results, run.name, "ann"))]


def test_by_keyboard_and_across_a_killed_server(
    tmp_path: Path, runs: list[StoredRun], online: Watched
) -> None:
    page, status = online.page, online.page.locator("#status")
    with served(tmp_path, runs[0]) as (address, process):
        opened(page, address)
        for key, word in (("1", "right"), ("3", "wrong"), ("2", "partly")):
            page.keyboard.press(key)
            expect(status).to_have_text(f"Kept: {word}.")
        first = page.locator("#question").inner_text()
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        assert said(tmp_path, runs[0]) == ["right", "wrong", "partly"]
        page.keyboard.press("1")
        expect(status).to_contain_text("Not kept")
        online.problems.clear()  # the console names the lost connection
    with served(tmp_path, runs[0]) as (address, _):
        opened(page, address)
        expect(page.locator("#count")).to_contain_text("3 of")
        assert page.locator("#question").inner_text() == first
        page.keyboard.press("b")
        expect(page.get_by_role("button", name="On brand")).to_have_attribute(
            "aria-pressed", "true"
        )
        page.keyboard.press("n")
        page.keyboard.type("1 is a key, but not in here")
        page.keyboard.press("Escape")
        page.keyboard.press("4")
        expect(status).to_have_text("Kept: refused.")
    last = list(read_marks(marks_file(tmp_path, runs[0].name, "ann")))[-1]
    assert (last.verdict, last.on_brand, last.note) == (
        "refused",
        True,
        "1 is a key, but not in here",
    )


def test_on_a_phone_and_for_everyone(
    tmp_path: Path, runs: list[StoredRun], online: Watched, axe: str
) -> None:
    page = online.page
    page.set_viewport_size({"width": 390, "height": 800})
    with served(tmp_path, runs[0]) as (address, _):
        opened(page, address)
        page.get_by_role("button", name="Right").click()
        expect(page.locator("#status")).to_have_text("Kept: right.")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert violations(page, axe) == []
        assert all(asked.startswith(address) for asked in online.asked)
