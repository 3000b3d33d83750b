"""What the words around a number mean: scales, currencies, percentages, spans of time, other units.

English and, where a number is followed by them, German, French, Spanish, Italian, Portuguese and
Dutch; Chinese, Japanese and Korean counters that are glued to digits.
"""

from __future__ import annotations

from typing import Final

Table = dict[str, tuple[str, float]]


def _table(*rows: tuple[str, float, str]) -> Table:
    """(unit, factor, names separated by commas) as name -> (unit, factor)."""
    return {
        name.strip(): (unit, factor) for unit, factor, names in rows for name in names.split(",")
    }


SCALES: Final[dict[str, float]] = {
    name: factor
    for factor, names in {
        12.0: "dozen",
        1e2: "hundred",
        1e3: "thousand k tsd tausend mille mila duizend 千",
        1e4: "万 萬 만",
        1e5: "lakh lakhs lac",
        1e6: (
            "million millions mio mn mln millionen millón millones milione milioni milhão milhões"
            " miljoen"
        ),
        1e7: "crore crores",
        1e8: "亿 億 억",
        1e9: (
            "billion billions bn bln mrd milliarde milliarden milliard milliards miliardo miliardi"
            " miljard bilhão bilhões"
        ),
        1e12: "trillion trillions tn trn billionen",
    }.items()
    for name in names.split()
}
MONEY_SCALES: Final = {"m": 1e6, "mm": 1e6, "b": 1e9, "t": 1e12, "cr": 1e7, "l": 1e5}
"""Letters that are a scale only where a currency stands before the number."""

CURRENCIES: Final[dict[str, str]] = {
    name: code
    for code, names in {
        "USD": "$ us$ usd dollar dollars buck bucks dólares dollari",
        "EUR": "€ eur euro euros",
        "GBP": "£ gbp pound pounds quid",
        "JPY": "¥ jpy yen 円",
        "INR": "₹ inr rs rupee rupees",
        "CHF": "chf franc francs franken",
        "CAD": "cad c$ ca$",
        "AUD": "aud a$ au$",
        "CNY": "cny rmb yuan 元",
        "SEK": "sek kr",
        "NOK": "nok",
        "DKK": "dkk",
        "PLN": "pln",
        "BRL": "brl r$ reais",
        "HKD": "hkd hk$",
        "SGD": "sgd s$",
        "NZD": "nzd nz$",
        "KRW": "krw ₩ won 원",
    }.items()
    for name in names.split()
}
CENTS: Final = frozenset({"cent", "cents", "pence", "ct", "cts", "centimes", "centavos"})
PERCENT: Final = frozenset({"%", "％", "percent", "pct", "prozent", "procent"})

DURATIONS: Final[Table] = _table(
    ("s", 1.0, "second, seconds, sec, secs, sekunde, sekunden, seconde, secondes, segundo"),
    ("s", 1.0, "segundos, secondi, seconden"),
    ("s", 60.0, "minute, minutes, min, mins, minuten, minuto, minutos, minuti, 分钟, 分鐘"),
    ("s", 3600.0, "hour, hours, hr, hrs, h, stunde, stunden, std, heure, heures, hora, horas"),
    ("s", 3600.0, "ora, ore, uur, 小时, 小時, 時間, 시간"),
    ("s", 86400.0, "day, days, night, nights, tag, tage, tagen, jour, jours, día, días, dia, dias"),
    (
        "s",
        86400.0,
        "giorno, giorni, dag, dagen, nacht, nächte, nuit, nuits, noche, noches, notti, 天",
    ),
    ("s", 604800.0, "week, weeks, wk, wks, woche, wochen, semaine, semaines, semana, semanas"),
    ("s", 604800.0, "settimana, settimane, weken"),
    ("s", 1209600.0, "fortnight, fortnights"),
    ("month", 1.0, "month, months, monat, monate, monaten, mois, mes, meses, mese, mesi, mês"),
    ("month", 1.0, "maand, maanden, 个月, 個月, ヶ月, か月, 개월"),
    ("month", 3.0, "quarter, quarters, quartal, quartale, trimestre, trimestres"),
    ("month", 12.0, "year, years, yr, yrs, jahr, jahre, jahren, ans, année, années, año, años"),
    ("month", 12.0, "ano, anos, anno, anni, jaar, jaren"),
    ("month", 120.0, "decade, decades"),
    (
        "business_day",
        1.0,
        "business day, business days, working day, working days, weekday, weekdays",
    ),
    ("business_day", 1.0, "werktag, werktage, werktagen, arbeitstag, arbeitstage, arbeitstagen"),
    ("business_day", 1.0, "jour ouvré, jours ouvrés, jour ouvrable, jours ouvrables, día hábil"),
    ("business_day", 1.0, "días hábiles, día laborable, días laborables, giorno lavorativo"),
    ("business_day", 1.0, "giorni lavorativi, dia útil, dias úteis, werkdag, werkdagen"),
)

UNITS: Final[Table] = _table(
    ("g", 1e3, "kg, kilogram, kilograms, kilo, kilos"),
    ("g", 1.0, "g, gram, grams, gramm"),
    ("g", 1e-3, "mg, milligram, milligrams"),
    ("g", 1e6, "tonne, tonnes"),
    ("lb", 1.0, "lb, lbs"),
    ("oz", 1.0, "oz, ounce, ounces"),
    ("ton", 1.0, "ton, tons"),
    ("m", 1e3, "km, kms, kilometer, kilometers, kilometre, kilometres"),
    ("m", 1.0, "m, meter, meters, metre, metres"),
    ("m2", 1.0, "m2, sqm"),
    ("m3", 1.0, "m3"),
    ("m", 1e-2, "cm, centimeter, centimeters, centimetre, centimetres"),
    ("m", 1e-3, "mm, millimeter, millimeters, millimetre, millimetres"),
    ("in", 1.0, "in, inch, inches"),
    ("in", 12.0, "ft, foot, feet"),
    ("mi", 1.0, "mi, mile, miles"),
    ("l", 1.0, "l, liter, liters, litre, litres"),
    ("l", 1e-3, "ml, milliliter, milliliters, millilitre, millilitres"),
    ("l", 1e-2, "cl"),
    ("w", 1.0, "w, watt, watts"),
    ("w", 1e3, "kw, kilowatt, kilowatts"),
    ("kwh", 1.0, "kwh"),
    ("wh", 1.0, "wh"),
    ("v", 1.0, "v, volt, volts"),
    ("mah", 1.0, "mah"),
    ("mah", 1e3, "ah"),
    ("lm", 1.0, "lm, lumen, lumens"),
    ("hz", 1.0, "hz"),
    ("hz", 1e3, "khz"),
    ("hz", 1e6, "mhz"),
    ("hz", 1e9, "ghz"),
    ("b", 1e3, "kb"),
    ("b", 1e6, "mb, megabyte, megabytes"),
    ("b", 1e9, "gb, gigabyte, gigabytes"),
    ("b", 1e12, "tb, terabyte, terabytes"),
    ("db", 1.0, "db, decibel, decibels"),
    ("km/h", 1.0, "km/h, kmh, kph"),
    ("mph", 1.0, "mph"),
    ("m/s", 1.0, "m/s"),
    ("bc", 1.0, "bc, bce"),
    ("ad", 1.0, "ad, ce"),
    ("c", 1.0, "°c, ℃, celsius"),
    ("f", 1.0, "°f, ℉, fahrenheit"),
)
