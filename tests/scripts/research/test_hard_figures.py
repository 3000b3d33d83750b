"""The sets that were written against metrics: their figures stay at least what the page says of them."""

from __future__ import annotations

from evals.scorers.abstention.model import bundled
from scripts.research import abstention_figures, hard_figures


def test_answer_match_is_ahead_of_substring_match_on_both_halves() -> None:
    for half, answers, inside, judged in hard_figures.answer_match():
        assert half in hard_figures.HALVES
        assert answers == 200
        assert isinstance(inside, float) and isinstance(judged, float)
        assert judged > inside + 0.1
        assert judged >= 0.75


def test_groundedness_tells_inventions_and_wrong_values() -> None:
    found = {str(row[0]): row[1:] for row in hard_figures.groundedness()}
    for kind, least in {"wrong: invented": 0.85, "wrong: wrong_number": 0.6, "all wrong": 0.63}.items():
        areas = [area for area in found[kind][3:] if isinstance(area, float)]
        assert len(areas) == 2
        assert min(areas) >= least
    assert found["right: extractive"][1:3] > found["right: reworded"][1:3]


def test_the_written_sets_are_large_balanced_and_apart() -> None:
    fit, unread = abstention_figures.written(), abstention_figures.written("abstention_unread.tsv")
    exam = abstention_figures.exam()
    assert len(fit) > 10_000 and len(unread) == 198
    for rows in (fit, unread, *exam.values()):
        assert 0.45 < sum(row.declined for row in rows) / len(rows) < 0.55
    kept = [row.text for rows in (unread, *exam.values()) for row in rows]
    assert len(kept) == 198 + 497
    assert not {row.text for row in fit} & set(kept)
    assert len(abstention_figures.hand()) >= 400


def test_the_examination_is_told_as_well_as_the_page_says() -> None:
    for kind, least in {"plain": 0.87, "adversarial": 0.42}.items():
        rows = abstention_figures.exam()[kind]
        said = [abstention_figures.declined(bundled(), row.text) for row in rows]
        hits = sum(row.declined and s for row, s in zip(rows, said, strict=True))
        assert 2 * hits / (sum(said) + sum(row.declined for row in rows)) >= least
