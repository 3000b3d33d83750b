"""A person's way through the page, in a real browser, from disk, offline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from evals.report.build import choose_runs, write_report
from tests.evals.browser import Watched
from tests.evals.report.planted import FAMILY, plant

pytestmark = pytest.mark.browser


def visible_rows(page: Page) -> list[list[str]]:
    rows: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('#board tbody tr')].filter(r => !r.hidden)"
        ".map(r => [...r.cells].map(c => c.textContent.trim()))"
    )
    return rows


def test_it_opens_from_disk_and_asks_for_nothing(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    expect(page.locator("#verdict")).to_contain_text("is ahead of")
    assert watched.asked == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1024, 768), (1400, 900)])
def test_the_first_screen_shows_verdict_and_chart(
    report: Path, watched: Watched, width: int, height: int
) -> None:
    page = watched.open(report)
    page.set_viewport_size({"width": width, "height": height})
    for part in (".headline", ".panel h3", ".panel tr.best"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < height, part
        assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_sentences_with_statistics_fold_out(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    sentence = page.locator("#words li").first
    expect(sentence).to_be_hidden()
    page.click("#words summary")
    expect(sentence).to_be_visible()
    expect(sentence).to_contain_text("[")


def test_the_leaderboard_sorts_by_value(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    page.select_option("#board-suite", "domain_accuracy")
    button = page.locator("#board th button", has_text="value")
    button.click()
    up = [row[4] for row in visible_rows(page)]
    button.click()
    down = [row[4] for row in visible_rows(page)]
    assert up == list(reversed(down))
    assert [float(v.split()[0]) for v in up] == sorted(float(v.split()[0]) for v in up)
    expect(page.locator("#board th[aria-sort=descending]")).to_have_text("value")


def test_the_leaderboard_filters_by_suite_track_and_metric(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    page.select_option("#board-suite", "domain_accuracy")
    page.select_option("#board-track", "freshness")
    page.select_option("#board-metric", "recall_at_k")
    assert "base" not in [row[0] for row in visible_rows(page)]
    page.select_option("#board-measured", label="all")
    rows = visible_rows(page)
    assert {(row[1], row[2]) for row in rows} == {("domain_accuracy", "freshness")}
    unmeasured = next(row for row in rows if row[0] == "base")
    assert unmeasured[4] == "n/a"
    assert unmeasured[9] == "16 no_context"


def test_rank_intervals_stand_beside_headlines(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    page.select_option("#board-suite", "domain_accuracy")
    ranks = {row[0]: row[7] for row in visible_rows(page)}
    assert ranks["base"] in ("6–7", "7")
    assert ranks["hybrid"].startswith(("1", "2"))


def test_answers_are_searched_and_filtered(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    page.fill("#answers-form [name=q]", "Nerolu 7?")
    expect(page.locator("#answers-count")).to_contain_text("of 8 questions")
    page.fill("#answers-form [name=q]", "")
    page.select_option("#answers-form [name=suite]", label="domain accuracy")
    page.select_option("#answers-form [name=system]", label="finetuned")
    page.select_option("#answers-form [name=cause]", label="a superseded value")
    expect(page.locator("#answers-rows tr").first).to_be_visible()
    assert page.locator("#answers-rows tr").count() < 16
    assert "cause=7" in page.url


def test_pages_of_answers(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    expect(page.locator("#answers-count")).to_have_text("1–40 of 256 questions")
    page.click("#answers-more")
    expect(page.locator("#answers-count")).to_have_text("41–80 of 256 questions")
    page.click("#answers-back")
    expect(page.locator("#answers-count")).to_have_text("1–40 of 256 questions")


def test_an_item_opens_by_its_link_with_everything_known(report: Path, watched: Watched) -> None:
    page = watched.open(report, "#/item/hallucination%2F00003")
    dialog = page.locator("dialog#item")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".question")).to_have_text(
        "How many days do I have to return product Nerolu 1?"
    )
    expect(dialog.locator(".card")).to_have_count(7)
    hybrid = dialog.locator(".card", has_text="hybrid").first
    expect(hybrid).to_contain_text("4 retrieved passages")
    expect(hybrid).to_contain_text("600 tokens in (0 cached), 24 out")
    expect(hybrid).to_contain_text("prefill")
    expect(dialog.locator("mark").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_gold_passages_are_marked(report: Path, watched: Watched) -> None:
    page = watched.open(report, "#/item/domain_accuracy%2F00001")
    marked = page.locator("dialog .passage.gold")
    expect(marked.first).to_contain_text("doc-1 — gold passage")
    expect(page.locator("dialog")).to_contain_text("value = 1")


def test_opening_an_item_from_the_list_and_coming_back(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    page.locator("#answers-rows a").first.click()
    expect(page.locator("dialog#item")).to_be_visible()
    assert "#/item/domain_accuracy%2F00000" in page.url
    page.click("#item-close")
    expect(page.locator("dialog#item")).to_be_hidden()


def test_an_unknown_item_is_reported(report: Path, watched: Watched) -> None:
    page = watched.open(report, "#/item/nowhere")
    expect(page.locator("dialog#item")).to_contain_text("No answer to this item is here: nowhere")


def test_a_filter_can_be_shared_as_a_link(report: Path, watched: Watched) -> None:
    page = watched.open(report, "#/answers?q=Nerolu+7%3F&suite=0")
    expect(page.locator("#answers-count")).to_have_text("1–2 of 2 questions")
    expect(page.locator("#answers-form [name=q]")).to_have_value("Nerolu 7?")


def test_flips_are_followed_to_their_items(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    page.select_option("#compare-form [name=a]", label="finetuned")
    expect(page.locator("#compare-count")).to_contain_text("that finetuned gets right")
    group = page.locator("#compare-groups details", has_text="a superseded value").first
    group.locator("summary").click()
    group.locator("a").first.click()
    expect(page.locator("dialog#item .card", has_text="finetuned").first).to_contain_text(
        "Why: a superseded value"
    )


def test_the_theme_switches(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    expect(page.locator("#theme")).to_have_text("Light theme")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == before


def test_everything_is_reached_by_keyboard(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the verdict"
    page.locator("#answers-rows a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog#item")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#answers-rows a").first).to_be_focused()


def test_a_phone_scrolls_only_tables(report: Path, watched: Watched) -> None:
    watched.page.set_viewport_size({"width": 390, "height": 800})
    page = watched.open(report)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page = watched.open(report, "#/item/domain_accuracy%2F00001")
    assert page.evaluate("document.querySelector('dialog').scrollWidth") <= 390


def test_print_leaves_the_controls_out(report: Path, watched: Watched, tmp_path: Path) -> None:
    page = watched.open(report)
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator("#verdict")).to_be_visible()
    assert page.pdf(path=tmp_path / "report.pdf").startswith(b"%PDF")


def test_two_runs_of_one_system_stand_side_by_side(tmp_path: Path, watched: Watched) -> None:
    names = [plant(tmp_path, [FAMILY[3]], 16, suffix=suffix)[0].name for suffix in ("a", "b")]
    assert choose_runs(tmp_path, names[:1], None, None).labels == ["hybrid"]
    out = write_report(choose_runs(tmp_path, names, None, None), tmp_path / "two.html").path
    page = watched.open(out)
    assert page.locator("#answers-table thead th").all_text_contents() == ["question", *names]
    assert {row[0] for row in visible_rows(page)} == set(names)


def test_every_picture_has_a_name_and_a_table(report: Path, watched: Watched) -> None:
    page = watched.open(report)
    assert page.locator("figure").count() >= 8
    for figure in page.locator("figure").all():
        assert figure.locator("table").count() == 1
    for chart in page.locator("svg[role=img]").all():
        assert re.search(r"\w", chart.get_attribute("aria-label") or "")
