"""The files of a pack and what each line of them holds."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from evals.core.schema import Document, Example, Fact, Item, Record, User, VoiceSample

FORMAT: Final = 1
"""Version of the pack format. A reader refuses a newer one."""

PACK_FILE: Final = "pack.toml"
FILES: Final[dict[str, type[Record]]] = {
    "documents.jsonl": Document,
    "facts.jsonl": Fact,
    "users.jsonl": User,
    "items.jsonl": Item,
    "train.jsonl": Example,
    "voices.jsonl": VoiceSample,
}
"""Every JSON-lines file and its record. Only documents and items are required."""
REQUIRED: Final = ("documents.jsonl", "items.jsonl")


class PackTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[pack]`` of pack.toml: name, format version, and the voice in which this company
    answers.
    """

    name: str
    format: int
    brand: str = ""
    about: str = ""
    generator: str = ""
    seed: int | None = None


class RulesTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[rules]`` of pack.toml: terms (or patterns between slashes), lengths, and checks in Vale's
    format.
    """

    banned: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    max_sentences: int | None = None
    max_words: int | None = None
    checks: tuple[dict[str, Any], ...] = ()


class PackFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of pack.toml. ``times`` maps t0 and t1 to ISO dates, ``voices`` a voice to its
    description.
    """

    pack: PackTable
    times: dict[str, str]
    company: dict[str, str]
    voices: dict[str, str] = {}
    rules: RulesTable = RulesTable()
