"""Three versions of one bot: the one in production, a better one, and one that invents."""

import re
from pathlib import Path

PARTS = {}
for page in sorted(Path(__file__).with_name("handbook").glob("parts-*.md")):
    for name, price, weight, months in re.findall(
        r"The ([A-Z].+) costs (\$[\d.]+), weighs (\d+ grams) and has a warranty of (\d+ months)",
        page.read_text(),
    ):
        PARTS[name] = {"price": price, "weight": weight, "warranty": months}
SAID = {"price": "costs {}", "weight": "weighs {}", "warranty": "is covered for {}"}
ASKED = {"price": "cost|much|price", "weight": "heavy|weigh|gram", "warranty": "warranty|covered"}
NO_IDEA = "Hey rider, sorry, that one is not in our books. Ride on!"


def found(question):
    """The part and the attribute that a question names; None for what it does not."""
    part = next((name for name in PARTS if name in question), None)
    asked = next((a for a, words in ASKED.items() if re.search(words, question.lower())), None)
    return part, asked


def said(part, asked):
    """The answer, in the voice of the shop."""
    return f"Hey rider! The {part} {SAID[asked].format(PARTS[part][asked])}. Ride on!"


def old(request):
    """Knows prices and nothing else."""
    part, asked = found(request.question)
    return said(part, asked) if part and asked == "price" else NO_IDEA


def new(request):
    """Knows the whole catalogue, and what it does not know."""
    part, asked = found(request.question)
    return said(part, asked) if part and asked else NO_IDEA


def worse(request):
    """Has an answer to everything."""
    part, asked = found(request.question)
    if part and asked:
        return said(part, asked)
    return "Hey rider! Sure, that is 99 of the best. Ride on!"
