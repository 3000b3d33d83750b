from __future__ import annotations

from pathlib import Path

import pytest

from suites.packs.layout import FILES, PACK_FILE
from suites.packs.schemas import schema_name, schemas, write_schemas

PUBLISHED = Path(__file__).parents[3] / "docs" / "schemas"


def test_published_schemas_are_those_the_reader_follows(tmp_path: Path) -> None:
    for path in write_schemas(tmp_path):
        assert (PUBLISHED / path.name).read_bytes() == path.read_bytes(), path.name
    assert {p.name for p in PUBLISHED.glob("*.json")} == {
        schema_name(n) for n in (*FILES, PACK_FILE)
    }


@pytest.mark.parametrize("name", FILES)
def test_a_schema_refuses_unknown_keys_and_names_the_required(name: str) -> None:
    schema = schemas()[name]
    record = schema["$defs"][FILES[name].__name__]
    assert record["additionalProperties"] is False
    assert "id" in record["required"]
