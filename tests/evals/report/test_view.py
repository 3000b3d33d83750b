"""The viewer over HTTP: the same page over stored runs, and what a run under way has done so
far.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from evals.core.schema import encode
from evals.core.store import RESPONSES, SCORES, lock_of, write_manifest
from tests.evals.browser import Watched
from tests.evals.report.planted import (
    FAMILY,
    Planted,
    finish,
    is_right,
    items,
    manifest_of,
    response,
    score_line,
)
from tests.evals.report.test_access import violations

pytestmark = pytest.mark.browser


def serve(results: Path) -> Iterator[str]:
    """A real viewer in a process of its own, on a free port."""
    command = [
        str(Path(sys.executable).with_name("adaptbench")),
        "view",
        "--results",
        str(results),
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.match(r"(http://127\.0\.0\.1:\d+/)", process.stdout.readline())
    assert found is not None
    yield found[1]
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="module")
def address(results: Path) -> Iterator[str]:
    yield from serve(results)


def test_the_page_is_served_with_all_answers(address: str, online: Watched) -> None:
    page = online.visit(address)
    expect(page.locator("#verdict")).to_contain_text("is ahead of")
    expect(page.locator("#answers-count")).to_have_text("1–40 of 256 questions")
    assert all(asked.startswith(address) for asked in online.asked)


def test_search_filter_item_and_flips_are_answered(address: str, online: Watched) -> None:
    page = online.visit(address)
    page.fill("#answers-form [name=q]", "Nerolu 7?")
    expect(page.locator("#answers-count")).to_have_text("1–8 of 8 questions")
    page.select_option("#answers-form [name=suite]", label="hallucination")
    expect(page.locator("#answers-count")).to_have_text("1–2 of 2 questions")
    page.locator("#answers-rows a").first.click()
    expect(page.locator("dialog .card")).to_have_count(7)
    expect(page.locator("dialog")).to_contain_text("4 retrieved passages")
    page.keyboard.press("Escape")
    page.select_option("#compare-form [name=a]", label="finetuned")
    page.select_option("#compare-form [name=b]", label="hybrid")
    expect(
        page.locator("#compare-groups details", has_text="a superseded value").first
    ).to_be_visible()


def test_served_and_written_pages_find_the_same(
    address: str, online: Watched, report: Path, watched: Watched
) -> None:
    message = []
    for page in (
        online.visit(f"{address}#/answers?suite=0&system=2&outcome=4"),
        watched.open(report, "#/answers?suite=0&system=2&outcome=4"),
    ):
        expect(page.locator("#answers-rows tr").first).to_be_visible()
        message.append(
            (page.inner_text("#answers-count"), page.locator("#answers-rows a").all_text_contents())
        )
    assert message[0] == message[1]


def test_an_unknown_item_and_bad_questions(address: str, online: Watched) -> None:
    page = online.visit(address)
    ask = "url => fetch(url).then(r => r.status)"
    assert page.evaluate(ask, "/api/answers?limit=-1") == 400
    assert page.evaluate(ask, "/api/answers?suite=x") == 400
    assert page.evaluate(ask, "/api/item?id=nowhere") == 404
    assert page.evaluate(ask, "/api/flips?a=0&b=99") == 404
    assert page.evaluate(ask, "/../../etc/passwd") == 404
    online.problems.clear()


def test_the_served_page_is_accessible(address: str, online: Watched, axe: str) -> None:
    assert violations(online.visit(address), axe) == []


def under_way(results: Path, system: Planted, answered: int, scored: int) -> Path:
    """A run that has answered and scored only some of its items."""
    folder = results / "runs" / f"{system.name}-under-way"
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(1)
    write_manifest(folder, manifest_of(folder.name, system, 64, ("domain_accuracy",)))
    pairs = []
    for item in list(items(64, ("domain_accuracy",)))[:answered]:
        right = is_right(system, item, chance)
        answer = response(system, item, right, chance)
        pairs.append((answer, score_line(system, item, answer, right, chance), item))
    (folder / RESPONSES).write_bytes(
        b"".join(encode(a) + b"\n" for a, _, _ in pairs) + b'{"item": "half'
    )
    (folder / SCORES).write_bytes(b"".join(encode(s) + b"\n" for _, s, _ in pairs[:scored]))
    (folder / "items.jsonl").write_bytes(b"".join(encode(i) + b"\n" for _, _, i in pairs))
    return folder


def test_a_run_under_way_shows_progress_rate_and_first_scores(
    tmp_path: Path, online: Watched
) -> None:
    folder = under_way(tmp_path, FAMILY[3], 24, 8)
    for address in serve(tmp_path):
        page = online.page
        with lock_of(folder):
            page.goto(address)
            expect(page.locator("body")).to_contain_text("No complete run is stored yet")
            expect(page.locator("#progress-rows")).to_contain_text("24 of 64")
            expect(page.locator("#progress-rows")).to_contain_text("domain accuracy accuracy")
            expect(page.locator("#progress-rows")).to_contain_text("so far, n = 8")
            expect(page.locator("#progress-rows")).to_contain_text("a second")
        expect(page.locator("#progress-rows")).to_contain_text("resume: ")
        under_way(tmp_path, FAMILY[3], 64, 64)
        for name in (RESPONSES,):
            path = folder / name
            path.write_bytes(path.read_bytes().removesuffix(b'{"item": "half'))
        finish(folder, manifest_of(folder.name, FAMILY[3], 64, ("domain_accuracy",)))
        online.visit(address)
        expect(page.locator("#verdict")).to_contain_text("hybrid")
        expect(page.locator("#progress")).to_be_hidden()
