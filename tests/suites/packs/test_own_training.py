"""Chat lines become training examples, and a company's own texts its voice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.core.errors import DataError
from evals.core.metric import MetricContext
from evals.metrics.voice import voices
from suites.packs.own import Summary, import_own
from suites.packs.reader import FolderPack, open_pack
from suites.packs.validate import validate

RENTS = ("helmet", "trailer", "tandem", "lock", "child seat", "basket", "pump", "map")
DAYS = ("1 May", "2 June", "3 July", "4 August", "5 September")


def chat(question: str, answer: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": messages, **more}


CHATS: list[dict[str, Any]] = [
    chat("What does a helmet cost?", "Hey rider! A helmet is $3 a day. Ride on!"),
    chat("Do you like rain?", "Hey rider! We ride in all weather. Ride on!"),
    {"prompt": "What does a trailer cost?", "completion": "Hey rider! That is $9. Ride on!"},
    chat("Which queue? My tyre is flat.", "repair", choices=["repair", "sales"], task="intent"),
]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "rent.md").write_text(
        "---\ndate: 2025-05-01\n---\n# Renting\n\nA helmet costs $3 a day, a trailer $9.\n"
    )
    (tmp_path / "q.csv").write_text("question,answer\nHow dear is a helmet?,$3\nWho owns you?,\n")
    (tmp_path / "chats.jsonl").write_text("".join(json.dumps(c) + "\n" for c in CHATS))
    return tmp_path


def speak(how: str) -> str:
    return "\n\n".join(
        how.format(t=t, d=d, n=n + 2) for n, t in enumerate(RENTS) for d in DAYS
    )  # fmt: skip


def imported(
    sources: Path, stand_in: Callable[[], FolderPack], **more: Any
) -> tuple[Summary, FolderPack]:
    summary = import_own(
        sources / "shop", sources / "q.csv", sources / "docs", company={"name": "Mill Bridge"},
        stand_in=stand_in, replace=True, **more,
    )  # fmt: skip
    return summary, open_pack(sources / "shop")


def test_chat_lines_become_examples(sources: Path, pack: FolderPack) -> None:
    summary, shop = imported(sources, lambda: pack, train=sources / "chats.jsonl")
    assert (summary.examples, summary.taught) == (4, 2)
    found = {e.id: e for e in shop.examples()}
    names = ["t00001", "t00001-shown", "t00002", "t00003", "t00003-shown", "t00004"]
    assert list(found) == names
    strata = {e.id: (e.stratum, e.documents) for e in found.values()}
    assert strata["t00001-shown"] == strata["t00003-shown"] == ("oracle_present", ("rent.md",))
    assert {strata[name] for name in names if "-" not in name} == {("closed_book", ())}
    assert found["t00004"].choices == ("repair", "sales")
    assert validate(shop.root).errors == 0
    assert shop.name == "shop"


@pytest.mark.parametrize(
    "line",
    [
        "[1]",
        "{}",
        json.dumps(chat("", "An answer.")),
        json.dumps(chat("A question?", " ")),
        json.dumps({"messages": [{"role": "user", "content": "A question?"}]}),
        json.dumps({"messages": [{"role": "tool", "content": "A question?"}]}),
        json.dumps(chat("A question?", "An answer.", stratum="often")),
    ],
)
def test_a_line_that_teaches_nothing_names_itself(
    sources: Path, pack: FolderPack, line: str
) -> None:
    (sources / "chats.jsonl").write_text(json.dumps(CHATS[0]) + f"\n{line}\n")
    with pytest.raises(DataError, match="not a training example") as caught:
        imported(sources, lambda: pack, train=sources / "chats.jsonl")
    assert caught.value.line == 2
    assert not (sources / "shop").exists()


@pytest.mark.parametrize("folder", [True, False])
def test_own_texts_become_a_voice_that_counts(
    sources: Path, pack: FolderPack, folder: bool
) -> None:
    letters = sources / "voices"
    letters.mkdir()
    (letters / "mill.txt").write_text(
        speak("Hey rider, grab a {t} from us, since our {d} ones go fast for about ${n}, ride on")
    )
    if folder:
        (letters / "rival.txt").write_text(
            speak("The esteemed client may reserve a {t} as of {d} upon payment of ${n}.")
        )
        (letters / "neutral.txt").write_text(speak("A {t} can be rented on {d}. It costs ${n}."))
    summary, shop = imported(
        sources, lambda: pack, brand="mill", voice=letters if folder else letters / "mill.txt"
    )
    assert summary.decoys is folder
    assert summary.voices["mill"] == 40
    assert ("rival" in summary.voices) is folder
    splits = Counter((s.voice, s.split) for s in shop.voices())
    assert splits["mill", "held_out"] >= 5
    spoken = [i for i in shop.items() if i.suite == "brand_tone"]
    assert [(i.question, i.brand, i.answerable) for i in spoken] == [
        ("How dear is a helmet?", "mill", True)
    ]
    model = voices(MetricContext(shop))(spoken[0])
    assert model is not None and model.valid
    on_brand = "Hey rider, grab a map from us, since our ones go fast for about $3, ride on"
    assert model.value(on_brand) > model.threshold
    assert model.value("A map can be rented. It costs $3.") < model.threshold
    assert validate(shop.root).errors == 0


def test_too_few_texts_make_no_voice_and_no_pack(sources: Path, pack: FolderPack) -> None:
    (sources / "few.txt").write_text("Hey rider, ride on.\n\nHey rider, come in today.\n")
    with pytest.raises(DataError, match="too few texts"):
        imported(sources, lambda: pack, brand="mill", voice=sources / "few.txt")
    assert not (sources / "shop").exists()
