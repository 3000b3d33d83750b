"""Whatever stands on a line, a pack is opened or refused with one message, and the validator never
fails.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.core.errors import DataError
from evals.core.schema import Record
from suites.packs.layout import FILES
from suites.packs.reader import open_pack
from suites.packs.sample import sample, shown
from suites.packs.stats import stats
from suites.packs.validate import validate
from suites.world.generate import generate
from suites.world.size import Size

CALM = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("tiny") / "pack", size=Size().scaled(0.05))


def _with_line(tiny: Path, tmp_path: Path, name: str, line: bytes) -> Path:
    root = tmp_path / "pack"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(tiny, root)
    with (root / name).open("ab") as stream:
        stream.write(line + b"\n")
    return root


def _try(root: Path) -> None:
    findings = validate(root)
    try:
        pack = open_pack(root)
        stats(pack)
        for item, documents in sample(pack, 3):
            shown(item, documents)
    except DataError:
        assert findings.errors > 0, "opening refuses what the validator finds sound"


@CALM
@given(name=st.sampled_from(sorted(FILES)), line=st.binary(max_size=200))
def test_any_bytes(tiny: Path, tmp_path: Path, name: str, line: bytes) -> None:
    _try(_with_line(tiny, tmp_path, name, line))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


SCHEMAS = st.none() | st.dictionaries(st.text(max_size=8), VALUES, max_size=3)


def records_of(kind: type[Record]) -> st.SearchStrategy[Any]:
    """Records of the right types with any values in them."""
    fields: dict[str, Any] = dict.fromkeys(kind.__struct_fields__, ...)
    if "json_schema" in fields:
        fields["json_schema"] = SCHEMAS
    return st.builds(kind, **fields).map(msgspec.to_builtins)


def anything_of(kind: type[Record]) -> st.SearchStrategy[Any]:
    """Objects with the right keys and any values."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(kind.__struct_fields__, VALUES))


@CALM
@given(data=st.data(), name=st.sampled_from(sorted(FILES)))
def test_any_values_under_known_keys(
    tiny: Path, tmp_path: Path, data: st.DataObject, name: str
) -> None:
    record = data.draw(records_of(FILES[name]) | anything_of(FILES[name]))
    _try(_with_line(tiny, tmp_path, name, msgspec.json.encode(record)))
