"""Bitext customer support: requests with their intent, each answered in a short and in a long
voice.

Source: the data set of Bitext, two earlier states of it. Requests become routing items; answers to
the same request become content-parallel voice samples. The hub has one voice only.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

from evals.core.schema import Item, Record, Slot, VoiceSample
from suites.packs.public.base import Loader, PublicSet, Row

_FILES: Final = {"short": "v1_short_voice.csv", "long": "v2_long_voice.csv"}


def _local(folder: Path) -> Iterator[Row]:
    answers: dict[str, str] = {}
    with (folder / _FILES["long"]).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            answers[row["instruction"]] = row["response"]
    with (folder / _FILES["short"]).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            request = row["instruction"]
            yield {
                "request": request,
                "intent": row["intent"],
                "short": row["response"],
                "long": answers.get(request),
            }


def _remote(load: Loader) -> Iterator[Row]:
    for row in load("bitext/Bitext-customer-support-llm-chatbot-training-dataset", None, "train"):
        yield {
            "request": row["instruction"],
            "intent": row["intent"],
            "short": None,
            "long": row["response"],
        }


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    kept = list(rows)
    intents = tuple(sorted({row["intent"] for row in kept}))
    for number, row in enumerate(kept):
        ident = f"bitext-{number:05}"
        yield Item(
            id=ident,
            suite="domain_accuracy",
            track="bitext_intent",
            question=row["request"].strip(),
            cluster=ident,
            gold=(Slot("intent", "label", row["intent"]),),
            references=(row["intent"],),
            choices=intents,
        )
        if row["short"] and row["long"]:
            for voice in _FILES:
                yield VoiceSample(
                    f"{ident}-{voice}",
                    ident,
                    voice,
                    row[voice],
                    _split(row["intent"]),
                    _masked(row[voice]),
                )


def _split(intent: str) -> Literal["fit", "held_out"]:
    """By intent, so that no content is on both sides."""
    return "held_out" if hashlib.sha256(intent.encode()).digest()[0] < 77 else "fit"


def _masked(text: str) -> tuple[str, ...]:
    """Placeholders such as ``{{Order Number}}``."""
    return tuple(dict.fromkeys(re.findall(r"\{\{[^{}]*\}\}", text)))


SET = PublicSet(
    name="bitext_support",
    about="Requests to a shop's support desk with their intent and answers in two voices.",
    licence="CDLA-Sharing-1.0",
    files=tuple(_FILES.values()),
    local=_local,
    remote=_remote,
    records=_records,
    hub="bitext/Bitext-customer-support-llm-chatbot-training-dataset",
    brand="long",
    company={"policy_summary": "Name the intent of the customer's message."},
)
