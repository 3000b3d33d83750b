"""The sets that were written against metrics: their figures stay at least what the page says of
them.
"""

from __future__ import annotations

from scripts.research import hard_figures


def test_answer_match_is_ahead_of_substring_match_on_both_halves() -> None:
    for half, answers, inside, judged in hard_figures.answer_match():
        assert half in hard_figures.HALVES
        assert answers == 200
        assert isinstance(inside, float) and isinstance(judged, float)
        assert judged > inside + 0.1
        assert judged >= 0.75


def test_groundedness_tells_inventions_and_wrong_values() -> None:
    found = {str(row[0]): row[1:] for row in hard_figures.groundedness()}
    for kind, least in {
        "wrong: invented": 0.8,
        "wrong: wrong_number": 0.57,
        "all wrong": 0.58,
    }.items():
        areas = [area for area in found[kind][3:] if isinstance(area, float)]
        assert len(areas) == 2
        assert min(areas) >= least
    assert found["right: extractive"][1:3] > found["right: reworded"][1:3]
