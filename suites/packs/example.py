"""A small filled-in pack that runs at once, with a guide beside it: the start of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from suites.packs.schemas import write_schemas
from suites.packs.writer import atomic_folder
from suites.world.generate import write
from suites.world.size import Size
from suites.world.world import World

SCALE: Final = 0.12
GUIDE: Final = """# A pack to start from

This folder holds a whole small pack: a company that never existed, its documents at two moments, questions with their
gold, training examples and voice samples. It runs as it is:

    adaptbench run rag --pack {folder}

Make it yours file by file, and check after each step with `adaptbench pack validate {folder}`.

| file | one line of it is | to make it yours |
|---|---|---|
| pack.toml | - | your name, the two dates, the voice in a few lines, house rules |
| documents.jsonl | a document with its date | your pages; `supersedes` names the one it replaces |
| items.jsonl | a test question with its gold | your questions; give typed `gold` slots where the answer has a type |
| facts.jsonl | (entity, attribute) -> value | may be left out; lets stale and contradicting answers be told apart |
| users.jsonl | a person who asks | may be left out where nothing is personal |
| train.jsonl | a question and its answer | may be left out where nothing is trained; never a test question |
| voices.jsonl | a text in a voice | may be left out; without it the column `voice` prints INVALID |

`schemas/` holds the JSON Schema of one line of each file.
"""


def write_example(target: Path, *, seed: int = 0, replace: bool = False) -> Path:
    """Write the example pack, its guide and the schemas into ``target``, whole or not at all.

    Raises UsageError where ``target`` exists, EnvironmentProblem where it cannot be written.
    """
    with atomic_folder(target, replace=replace) as partial:
        write(partial, World(seed, Size().scaled(SCALE)))
        (partial / "README.md").write_text(GUIDE.format(folder=target), encoding="utf-8")
        write_schemas(partial / "schemas")
    return target
