"""The written sets: large, balanced, and read as well as the page says. The examination's halves
are both counted.
"""

from __future__ import annotations

import pytest

from scripts.research import abstention_figures as figures
from scripts.research import labelled

pytestmark = pytest.mark.slow


def f1(rows: list[figures.Labels]) -> float:
    said = [figures.declined(row) for row in rows]
    hits = sum(row.declined and s for row, s in zip(rows, said, strict=True))
    return 2 * hits / (sum(said) + sum(row.declined for row in rows))


def test_the_written_sets_are_large_balanced_and_apart() -> None:
    exam, unread = (
        figures.written("abstention_exam.tsv"),
        figures.written("abstention_unread.tsv")["mixed"],
    )
    every = [row for rows in figures.written().values() for row in rows]
    assert len(every) > 10_000
    for rows in (every, unread, *exam.values()):
        assert 0.45 < sum(row.declined for row in rows) / len(rows) < 0.55
    kept = [row.text for rows in (unread, *exam.values()) for row in rows]
    assert len(kept) == 198 + 497
    assert not {row.text for row in every} & set(kept)
    assert len(figures.hand()) >= 400


def test_the_plain_examination_is_read_as_well_as_the_page_says() -> None:
    assert f1(figures.written("abstention_exam.tsv")["plain"]) >= 0.8


def test_halves_are_about_equal() -> None:
    texts = [row.text for row in figures.written("abstention_exam.tsv")["plain"]]
    assert 0.4 < sum(figures.half(text) == "A" for text in texts) / len(texts) < 0.6


@pytest.mark.parametrize(
    "set_name", ["truthfulqa, true and informative", "ragtruth, news summaries", "wice, claims"]
)
def test_right_answers_and_summaries_are_no_refusals(set_name: str) -> None:
    if labelled.data_dir() is None:
        pytest.skip("the folder of public labelled sets is absent: set ADAPTBENCH_DATA")
    rows = figures.answers(labelled.need_data_dir())[set_name][:1500]
    assert sum(map(figures.declined, rows)) <= 0.01 * len(rows)
