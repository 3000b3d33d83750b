from __future__ import annotations

import json

import pytest

from evals.scorers.groundedness.records import Verdict, judge, read

RECORD = json.dumps(
    {
        "name": "Harbour Deli",
        "attributes": {
            "BusinessParking": {"garage": False, "street": True, "valet": False, "lot": False},
            "RestaurantsReservations": False,
            "RestaurantsTakeOut": True,
            "OutdoorSeating": True,
            "WiFi": "no",
            "Music": None,
            "Ambience": {"romantic": False, "casual": True, "upscale": False},
        },
        "business_stars": 4.5,
        "reviews": [{"text": "A lot of bread and a romantic view."}],
    }
)


@pytest.mark.parametrize(
    ("sentence", "agrees", "conflicts", "unmentioned"),
    [
        ("It has outdoor seating and offers takeout.", 2, 0, 0),
        ("It has no outdoor seating.", 0, 1, 0),
        ("Free Wi-Fi is available.", 0, 1, 0),
        ("They do not have Wi-Fi or accept reservations.", 2, 0, 0),
        ("They take reservations, but WiFi is not available.", 1, 1, 0),
        ("Live music is played at night.", 0, 0, 1),
        ("No music is mentioned.", 0, 0, 0),
        ("The ambience is casual, not upscale.", 2, 0, 0),
        ("It has an upscale air.", 0, 1, 0),
        ("A romantic place.", 0, 0, 0),
        ("Garage parking is available.", 0, 1, 0),
        ("Garage and valet parking are not available.", 2, 0, 0),
        ("It sells a lot of bread in the high street.", 0, 0, 0),
    ],
)
def test_what_a_sentence_says_of_the_fields(
    sentence: str, agrees: int, conflicts: int, unmentioned: int
) -> None:
    assert judge(sentence, read((RECORD,))) == Verdict(agrees, conflicts, unmentioned)


def test_texts_and_broken_records_have_no_fields() -> None:
    for context in ("A lamp of oak.", "{broken", "[1, 2]", "{}", '{"a": ' * 3000):
        assert not read((context,)).fields
