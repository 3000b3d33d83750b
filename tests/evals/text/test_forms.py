"""A value written in a form is read back: hundreds of drawn values, Babel and price-parser as
second opinions.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given, settings
from hypothesis import strategies as st
from price_parser import Price

from evals.text.mentions import mentions
from evals.text.numerals import value_of
from evals.text.values import Value

LOCALES = ("en_US", "en_GB", "en_IN", "de_DE", "de_CH", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL")
SENTENCES = {
    "en": "It costs {} in all.",
    "de": "Das kostet {} und nicht mehr.",
    "fr": "Cela coûte {} pour les clients.",
    "es": "El precio es {} para los clientes.",
    "it": "Il prezzo che si paga è {} per gli ospiti.",
    "pt": "O preço não é {} para os clientes.",
    "nl": "Het kost {} en niet meer voor een klant.",
}
AMOUNTS = st.decimals(min_value=1, max_value=9_999_999, places=2)
DATES = st.dates(datetime.date(1950, 1, 1), datetime.date(2060, 12, 31))


def only(text: str) -> Value:
    (found,) = mentions(text)
    return found.value


def form_of(value: Value) -> tuple[str, str]:
    return str(value.kind), value.unit


def said(locale: str, value: str) -> str:
    return SENTENCES[locale[:2]].format(value)


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=30, deadline=None)
@given(amount=AMOUNTS)
def test_numbers_of_every_supported_language(locale: str, amount: Decimal) -> None:
    text = format_decimal(amount, format="#,##0.00", locale=locale)
    if locale == "en_IN":
        text = format_decimal(amount, format="#,##,##0.00", locale=locale)
    value = only(said(locale, f"{text} kg"))
    assert form_of(value) == ("number", "g")
    assert value.low == pytest.approx(1000 * float(amount))


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=20, deadline=None)
@given(amount=st.integers(1, 9_999_999))
def test_whole_numbers_of_every_supported_language(locale: str, amount: int) -> None:
    value = only(said(locale, f"{format_decimal(amount, locale=locale)} kg"))
    assert value.low == pytest.approx(1000 * amount)


@pytest.mark.parametrize("currency", ["EUR", "USD", "GBP", "CHF", "INR"])
@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=8, deadline=None)
@given(amount=AMOUNTS)
def test_money_of_every_supported_language(locale: str, currency: str, amount: Decimal) -> None:
    text = format_currency(amount, currency, locale=locale)
    value = only(said(locale, text))
    assert form_of(value) == ("money", currency)
    assert value.low == pytest.approx(float(amount))
    second = Price.fromstring(text)
    assert second.amount is None or float(second.amount) == pytest.approx(value.low)


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=20, deadline=None)
@given(share=st.decimals(min_value=Decimal("0.001"), max_value=1, places=3))
def test_percentages_of_every_supported_language(locale: str, share: Decimal) -> None:
    value = only(said(locale, format_percent(share, format="#,##0.0 %", locale=locale)))
    assert form_of(value) == ("percent", "")
    assert value.low == pytest.approx(100 * float(share))


@pytest.mark.parametrize("form", ["long", "medium"])
@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=20, deadline=None)
@given(day=DATES)
def test_dates_of_every_supported_language(locale: str, form: str, day: datetime.date) -> None:
    value = only(said(locale, format_date(day, format=form, locale=locale)))
    assert value.kind == "date"
    assert (day.year, day.month, day.day) in value.dates


@pytest.mark.parametrize(
    ("text", "kind", "low", "unit"),
    [
        ("1\u202f299 €", "money", 1299, "EUR"),
        ("1\u00a0299 €", "money", 1299, "EUR"),
        ("1 299 €", "money", 1299, "EUR"),
        ("1.299 €", "money", 1299, "EUR"),
        ("CHF 1'299.–", "money", 1299, "CHF"),
        ("CHF 1’299.50", "money", 1299.5, "CHF"),
        ("₹1,25,000", "money", 125_000, "INR"),
        ("Rs. 5 lakh", "money", 500_000, "INR"),
        ("₹2 crore", "money", 2e7, "INR"),
        ("USD1,577", "money", 1577, "USD"),
        ("US$ 1.5bn", "money", 1.5e9, "USD"),
        ("$5m", "money", 5e6, "USD"),
        ("EUR 5 Mio.", "money", 5e6, "EUR"),
        ("-$5", "money", -5, "USD"),
        ("$(5.2) million", "money", -5.2e6, "USD"),
        ("$50¹", "money", 50, "USD"),
        ("$50[1]", "money", 50, "USD"),
        ("–5 °C", "number", -5, "c"),
        ("−5 °C", "number", -5, "c"),
        ("minus 5 °C", "number", -5, "c"),
        ("2,5 %", "percent", 2.5, ""),
        ("-2.5%", "percent", -2.5, ""),
        ("3 pour cent", "percent", 3, ""),
        ("1½ hours", "duration", 5400, "s"),
        ("1 1/2 hours", "duration", 5400, "s"),
        ("½ hour", "duration", 1800, "s"),
        ("5 Jahre", "duration", 60, "month"),
        ("3 jours ouvrés", "duration", 3, "business_day"),
        ("14天", "duration", 14 * 86400, "s"),
        ("3×10⁶ units", "number", 3e6, ""),
        ("2.3 million", "number", 2.3e6, ""),
        ("16 m²", "number", 16, "m2"),
        ("half past nine", "time", 570, ""),
        ("10h30", "time", 630, ""),
        ("10.30 Uhr", "time", 630, ""),
    ],
)
def test_one_value_one_reading(text: str, kind: str, low: float, unit: str) -> None:
    value = only(text)
    assert form_of(value) == (kind, unit)
    assert value.low == pytest.approx(low)


@pytest.mark.parametrize("dash", "-–—")
def test_a_dash_between_numbers_is_a_range(dash: str) -> None:
    value = only(f"5{dash}7 days")
    assert (value.low, value.high) == (5 * 86400, 7 * 86400)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("14.03.2025", ((2025, 3, 14),)),
        ("14.3.25", ((2025, 3, 14),)),
        ("03/04/2025", ((2025, 3, 4), (2025, 4, 3))),
        ("1er avril 2025", ((2025, 4, 1),)),
        ("14. März 2025", ((2025, 3, 14),)),
        ("14 de marzo de 2025", ((2025, 3, 14),)),
        ("14 maart 2025", ((2025, 3, 14),)),
        ("2025年3月14日", ((2025, 3, 14),)),
        ("March '25", ((2025, 3, None),)),
    ],
)
def test_dates_keep_every_reading(text: str, readings: object) -> None:
    value = only(text)
    assert value.dates == readings
    assert value.ambiguous is (len(value.dates) > 1)


@pytest.mark.parametrize("text", ["24/7", "5th", "the 1990s", "3 Mars bars"])
def test_what_is_no_date_and_no_fraction(text: str) -> None:
    assert all(m.value.kind == "number" and m.value.low == int(m.value.low) for m in mentions(text))


@pytest.mark.parametrize(
    ("text", "english", "continental"),
    [
        ("1.299", 1.299, 1299),
        ("1,299", 1299, 1.299),
        ("0,375", 0.375, 0.375),
        ("1.234,5", 1234.5, 1234.5),
    ],
)
def test_a_single_mark_before_three_digits_depends_on_the_language(
    text: str, english: float, continental: float
) -> None:
    assert (value_of(text), value_of(text, continental=True)) == (english, continental)
