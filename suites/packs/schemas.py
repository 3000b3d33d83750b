"""The JSON Schema of every file of a pack, made from the very types that read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from suites.packs.layout import FILES, PACK_FILE, PackFile


def schemas() -> dict[str, dict[str, Any]]:
    """File name -> JSON Schema (2020-12) of one of its lines (of the whole file for pack.toml)."""
    found = {name: _schema(kind, f"one line of {name}") for name, kind in FILES.items()}
    return {PACK_FILE: _schema(PackFile, f"{PACK_FILE}, read as JSON"), **found}


def schema_name(file: str) -> str:
    """``items.jsonl`` -> ``items.schema.json``."""
    return f"{file.split('.', maxsplit=1)[0]}.schema.json"


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema into ``folder`` and return the paths. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in schemas().items():
        path = folder / schema_name(name)
        path.write_bytes(
            msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=2) + b"\n"
        )
        written.append(path)
    return written


def _schema(kind: type[msgspec.Struct], title: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **msgspec.json.schema(kind),
        "title": title,
    }
