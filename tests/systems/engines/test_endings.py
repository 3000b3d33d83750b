from __future__ import annotations

import pytest

from systems.engines.endings import cut

LOOP = "It is kept in the cellar of the old mill by the river, "


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("It is 30 days.\n\nQuestion: and", "It is 30 days."),
        ("It is 30 days.\nQuestion: and", "It is 30 days."),
        ("It is 30 days.", None),
        ("", None),
        ("It is $20. It is red. It is $20.", "It is $20. It is red. "),
        ("I am sorry. I am sorry. ", "I am sorry. "),
        ("No. No. We do. No.", None),  # short words may come again
        (LOOP * 2, LOOP),  # no sentence ends: what the loop repeats goes
        ("We looked. " + LOOP * 2, "We looked. "),
        (LOOP + "and it is kept in the cellar of the new mill", None),
    ],
)
def test_a_text_ends_before_a_stop_text_or_where_it_repeats_itself(
    text: str, whole: str | None
) -> None:
    assert cut(text, ("\n\n", "\nQuestion:"), repeats=True) == whole


def test_repeats_are_left_alone_unless_asked() -> None:
    assert cut(LOOP * 2, ("\n\n",)) is None
