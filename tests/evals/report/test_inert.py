"""Hostile answers, passages, questions and names are shown as text; nothing of them runs, styles or
loads.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect

from evals.core.inert import visible
from evals.core.schema import Item, Slot
from evals.report.build import choose_runs, write_report
from evals.report.inert import data_json, policy
from tests.evals.browser import Watched
from tests.evals.report.planted import FAMILY, items, plant

HOSTILE = (
    "<script>window.broken = 1</script>",
    "<img src=x onerror='window.broken = 1'>",
    "</script><script>window.broken = 1</script><!--",
    "<svg/onload=window.broken=1><style>body{display:none}</style>",
    (
        "<iframe srcdoc='<script>parent.broken=1</script>'></iframe><base"
        " href='https://evil.example/'>"
    ),
    "{{ 7 * 7 }} {% for x in ().__class__.__base__.__subclasses__() %}${7*7}<%= 7*7 %>",
    "javascript:window.broken=1 [x](javascript:window.broken=1)",
    "\u202eevil\u2066 right to left \u200f\u0000\u0007\u001b[31mred\u2028line",
    "]]>--></textarea></title></style></noscript>&#60;script&#62;",
)


def hostile_items() -> list[Item]:
    found = []
    for n, item in enumerate(items(16, ("domain_accuracy",))):
        text = HOSTILE[n % len(HOSTILE)]
        found.append(
            msgspec.structs.replace(
                item,
                id=f"{text[:40]}/{n}",
                track=text,
                question=text,
                cluster=text,
                gold=(Slot(text, "text", text, stale=(text,)),),
                references=(text,),
                documents=(text,),
                user=text,
                trap=text,
            )
        )
    return found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    asked = hostile_items()
    texts = {item.id: item.question for item in asked}
    texts[asked[1].id] = "<b>long</b>" * 100_000
    names = ("<img src=x onerror=window.broken=1>", '"><script>window.broken=1</script>\u202e')
    systems = [replace(FAMILY[n + 1], name=name) for n, name in enumerate(names)]
    plant(folder, systems, suites=("domain_accuracy",), asked=asked, texts=texts)
    return write_report(choose_runs(folder, (), None, None), folder / "report.html").path


def close(page: Page) -> None:
    """Close the open item, and wait until it is closed: a closed dialog still holds the cards it
    last showed.
    """
    page.keyboard.press("Escape")
    expect(page.locator("dialog#item")).to_be_hidden()


def test_nothing_runs_and_nothing_is_asked_for(hostile: Path, watched: Watched) -> None:
    page = watched.open(hostile)
    page.select_option("#board-track", "")
    page.select_option("#board-metric", "")
    page.fill("#answers-form [name=q]", "<script>")
    expect(page.locator("#answers-rows")).to_contain_text("<script>window.broken = 1</script>")
    expect(page.locator("#answers-count")).to_contain_text("of 6 questions")
    for link in page.locator("#answers-rows a").all()[:4]:
        link.click()
        expect(page.locator("dialog#item .question")).to_be_visible()
        close(page)
    assert page.evaluate("window.broken") is None
    assert (
        page.evaluate(
            "document.querySelectorAll('img, iframe, base, object, embed, form[action]').length"
        )
        == 0
    )
    assert page.evaluate("document.querySelectorAll('a[href^=\"javascript\"]').length") == 0
    assert page.evaluate("document.scripts.length") == page.evaluate(
        "document.querySelectorAll('script').length"
    )
    assert watched.asked == []


@pytest.mark.slow
def test_every_hostile_item_opens_as_text(hostile: Path, watched: Watched) -> None:
    page = watched.open(hostile)
    for link in page.locator("#answers-rows a").all():
        link.click()
        expect(page.locator("dialog#item[open] .card")).to_have_count(2)
        close(page)
    assert page.evaluate("window.broken") is None
    assert page.evaluate("getComputedStyle(document.body).display") == "block"


def test_bidirectional_marks_and_control_characters_are_spelled_out(
    hostile: Path, watched: Watched
) -> None:
    page = watched.open(hostile)
    page.fill("#answers-form [name=q]", "right to left")
    expect(page.locator("#answers-rows")).to_contain_text("⟦U+202E⟧evil⟦U+2066⟧")
    expect(page.locator("#answers-rows")).to_contain_text("⟦U+001B⟧[31mred")
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.inner_text("body"))


def test_a_megabyte_line_is_cut_and_said_so(hostile: Path, watched: Watched) -> None:
    assert hostile.stat().st_size < 2_000_000
    page = watched.open(hostile)
    page.fill("#answers-form [name=q]", "<b>long</b><b>long</b>")
    expect(page.locator("#answers-count")).to_have_text("1–1 of 1 questions")
    page.locator("#answers-rows a").first.click()
    expect(page.locator("dialog .text").first).to_contain_text(
        "cut here: 1,100,000 characters in the stored run"
    )


def test_the_policy_names_exactly_the_page_s_own_script_and_style(hostile: Path) -> None:
    html = hostile.read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert (len(scripts), len(styles)) == (1, 1)
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert found is not None
    for text in (*scripts, *styles):
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in found[1]
    assert "unsafe" not in found[1]
    assert found[1].startswith("default-src 'none'")


def test_the_policy_stops_what_would_get_in_anyway(
    hostile: Path, tmp_path: Path, watched: Watched
) -> None:
    """Even markup put into the file by hand runs nothing: the policy knows only the page's own
    hashes.
    """
    html = hostile.read_text(encoding="utf-8")
    planted = (
        "<script>window.broken=1</script><img src=x"
        " onerror='window.broken=1'><style>main{display:none}</style>"
    )
    copy = tmp_path / "copy.html"
    copy.write_text(html.replace("<main>", f"<main>{planted}"), encoding="utf-8")
    page = watched.open(copy)
    assert page.evaluate("window.broken") is None
    assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "block"
    refused = page.evaluate(
        "try { document.body.innerHTML = '<b>x</b>'; 'set' } catch (e) { e.name }"
    )
    assert refused == "TypeError"
    assert len(watched.problems) >= 3
    watched.problems.clear()


def test_data_blocks_cannot_be_ended_by_data() -> None:
    text = str(data_json({"a": "</script><!--\u2028"}))
    assert "<" not in text and ">" not in text
    assert msgspec.json.decode(text) == {"a": "</script><!--\u2028"}


def test_visible_keeps_ordinary_text() -> None:
    assert visible("Grüße, 東京\n£5\t") == "Grüße, 東京\n£5\t"
    assert visible("a\u202eb\x00") == "a⟦U+202E⟧b⟦U+0000⟧"


def test_only_a_served_page_may_connect() -> None:
    assert "connect-src 'none'" in policy("", "", served=False)
    assert "connect-src 'self'" in policy("", "", served=True)
