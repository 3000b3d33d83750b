"""Writes the generated company as a pack folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from evals.core.identity import code_digest, short
from evals.core.schema import Document, Item, Record, User, encode
from suites.packs.layout import FORMAT
from suites.packs.writer import atomic_folder, made_once
from suites.world import items_brand, items_domain, items_hallucination
from suites.world.attributes import T0, T1
from suites.world.items import Source
from suites.world.mentions import Mentions, rumours
from suites.world.pages import pages, private
from suites.world.size import Size
from suites.world.tables import table
from suites.world.training import examples
from suites.world.voices import BRAND, VOICES, samples
from suites.world.world import World

_BLOCK: Final = 1 << 20


def default_pack(cache: Path, seed: int = 0) -> Path:
    """The default pack in the cache, generated at first use; a changed generator makes a new
    folder.

    Raises EnvironmentProblem where the cache cannot be written to.
    """
    identity = {"seed": seed, "code": code_digest("suites.world"), "format": FORMAT}
    target = cache / "packs" / f"default-{seed}-{short(identity)}"
    return made_once(target, lambda path: generate(path, seed))


def generate(
    target: Path, seed: int = 0, size: Size | None = None, *, replace: bool = True
) -> Path:
    """Write the pack of a seed and size into the folder ``target``, whole or not at all.

    The same seed and size give the same bytes on every machine. Raises EnvironmentProblem where it
    cannot be written, UsageError where ``target`` exists and may not be replaced.
    """
    with atomic_folder(target, replace=replace) as partial:
        write(partial, World(seed, size))
    return target


def write(folder: Path, world: World) -> None:
    """Write every file of the pack; the lines are made one at a time. Raises OSError."""
    mentions = Mentions(world)
    source = Source(world, mentions)
    _write(folder / "documents.jsonl", documents(source))
    _write(folder / "facts.jsonl", world.facts())
    _write(folder / "users.jsonl", users(world))
    _write(folder / "items.jsonl", items(source))
    _write(folder / "train.jsonl", examples(source))
    _write(folder / "voices.jsonl", samples(world))
    (folder / "pack.toml").write_bytes(settings(world).encode())


def documents(source: Source) -> Iterator[Document]:
    """Every document: the company's pages, private records, mentions, and visitors' posts."""
    return chain(
        pages(source.world),
        private(source.world),
        source.mentions.documents(),
        rumours(source.world, items_domain.contested_facts(source)),
    )


def items(source: Source) -> Iterator[Item]:
    """Every item of every suite."""
    return chain(
        items_domain.items(source), items_hallucination.items(source), items_brand.items(source)
    )


def users(world: World) -> Iterator[User]:
    """Every customer."""
    return (customer.user for customer in world.customers)


def settings(world: World) -> str:
    """The text of pack.toml."""
    import tomli_w

    voices = table("voices")
    company = {
        "name": world.company,
        "description": (
            f"{world.company} sells household goods in its own stores and online, repairs them, "
            f"and runs the {world.app} shopping app."
        ),
        "voice_guide": "\n".join(voices[BRAND]["guide"]),
        "policy_summary": (
            "Answer from the company's own documents. Where they are silent, say so and do not"
            " guess. Never disclose another customer's records or a colleague's private life."
        ),
    }
    return tomli_w.dumps(
        {
            "pack": {
                "name": "default",
                "format": FORMAT,
                "brand": BRAND,
                "about": "A company that never existed, in two moments.",
                "generator": "suites.world",
                "seed": world.seed,
            },
            "times": {"t0": T0, "t1": T1},
            "company": company,
            "rules": voices["rules"],
            "voices": {voice: voices[voice]["about"] for voice in VOICES},
        }
    )


def _write(path: Path, records: Iterable[Record]) -> None:
    with path.open("wb", buffering=_BLOCK) as stream:
        for record in records:
            stream.write(encode(record))
            stream.write(b"\n")
