from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.text.language import SUPPORTED, language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rabbits run away from foxes, and the foxes give up.", "en"),
        ("I don't know.", "en"),
        ("Der Laden ist am Sonntag nicht geöffnet.", "de"),
        ("La boutique n'est pas ouverte le dimanche.", "fr"),
        ("La tienda no está abierta los domingos.", "es"),
        ("Il negozio non è aperto la domenica.", "it"),
        ("A loja não está aberta aos domingos.", "pt"),
        ("De winkel is op zondag niet open.", "nl"),
        ("商店星期天不开门。", "zh"),
        ("店は日曜日に開いていません。", "ja"),
        ("가게는 일요일에 문을 열지 않습니다.", "ko"),
        ("Butiken har inte öppet på söndagar och det vet jag.", "other"),
        ("Sklep nie jest czynny w niedzielę i to wiem.", "other"),
        ("Магазин в воскресенье закрыт.", "other"),
        ("दुकान रविवार को बंद रहती है।", "other"),
        ("المتجر مغلق يوم الأحد.", "other"),
        ("", None),
        ("Paris", None),
        ("30 €", None),
        ("ORD-4411", None),
        ("Rio de la Plata", None),
        ("Владимир Набоков (Vladimir Nabokov) was a Russian-American novelist and a poet.", "en"),
    ],
)
def test_languages(text: str, expected: str | None) -> None:
    assert language(text) == expected


@given(st.text())
def test_any_text_has_one_or_none(text: str) -> None:
    assert language(text) in {*SUPPORTED, "other", None}
