from __future__ import annotations

import pytest

from evals.text.opening_hours import conflicts, find

RECORD = {
    "name": "Harbour Deli",
    "hours": {
        "Monday": "0:0-0:0",
        "Tuesday": "11:0-20:0",
        "Wednesday": "11:0-20:0",
        "Thursday": "11:0-20:0",
        "Friday": "11:0-22:0",
        "Saturday": "9:30-22:0",
    },
}
HOURS = find(RECORD)


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("It is open Tuesday to Thursday from 11 am to 8 pm.", 0),
        (
            (
                "It is open from 11:00 to 20:00 on Tuesdays, Wednesdays and Thursdays, and from 11"
                " am to 10 pm on Fridays."
            ),
            0,
        ),
        ("On Saturdays they open from 9:30 AM until 10:00 PM.", 0),
        (
            (
                "It is open Tuesday through Friday from 11 am to 8 pm, with extended hours on"
                " Saturday."
            ),
            0,
        ),
        ("It is open Tuesday through Saturday from 11 am to 8 pm.", 1),
        ("Hours are 11am-8pm Tue-Thu and 10am-10pm on Saturdays.", 1),
        ("Sunday brunch runs from 10 am to 2 pm.", 1),
        ("The deli is closed on Sundays.", 0),
        ("The deli is closed on Fridays.", 1),
        ("Five to seven people may share a table on Fridays.", 0),
        ("It has been open since 1999 and sells bread.", 0),
    ],
)
def test_statements_about_opening(sentence: str, wrong: int) -> None:
    assert HOURS is not None
    assert conflicts(sentence, HOURS) == wrong


def test_hours_are_found_by_their_weekdays_alone() -> None:
    assert HOURS == {
        0: None,
        1: (660, 1200),
        2: (660, 1200),
        3: (660, 1200),
        4: (660, 1320),
        5: (570, 1320),
    }
    assert find({"a": {"b": 1}, "c": [1]}) is None
    assert find([1, 2]) is None
