"""A headless Chromium that looks at pages, and everything that they complain about."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
PATIENCE = 60_000
"""Milliseconds that a step may take on a busy machine; on an idle one none takes a second."""


@dataclass
class Watched:
    """A page with everything it complained about and every address it asked for."""

    page: Page
    problems: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, file: Path, fragment: str = "") -> Page:
        """Open a report from disk and wait until its answers are there."""
        return self.visit(f"{file.as_uri()}{fragment}")

    def visit(self, address: str) -> Page:
        self.page.goto("about:blank")
        self.page.goto(address)
        self.page.wait_for_selector("body[data-ready]")
        return self.page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the session. Fails, never skips, where there is none."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail(
            "no chromium: `make browser` installs it; without it deselect these tests: pytest -m"
            " 'not browser'"
        )
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=found, args=FLAGS.split(), timeout=PATIENCE
        )
        yield browser
        browser.close()


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    """A fresh page that is offline; at the end nothing may have been said on the console."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    yield from _watch(context.new_page())
    context.close()


@pytest.fixture
def online(chromium: Browser) -> Iterator[Watched]:
    """As ``watched``, for pages that a local viewer serves."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield from _watch(context.new_page())
    context.close()


def _watch(page: Page) -> Iterator[Watched]:
    watched = Watched(page)

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            watched.problems.append(message.text)

    def crash(error: Error) -> None:
        watched.problems.append(str(error))

    def ask(request: Request) -> None:
        if not re.match(r"(file|about|blob):", request.url):
            watched.asked.append(request.url)

    page.set_default_timeout(PATIENCE)
    page.set_default_navigation_timeout(PATIENCE)
    page.on("console", complain)
    page.on("pageerror", crash)
    page.on("request", ask)
    yield watched
    assert watched.problems == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's script, which `make browser` keeps outside git."""
    files = sorted((ROOT / ".cache").glob("axe-core-*/axe.min.js"))
    if not files:
        pytest.fail(
            "no axe-core: `make browser` fetches it; without it deselect these tests: pytest -m"
            " 'not browser'"
        )
    return files[-1].read_text(encoding="utf-8")
