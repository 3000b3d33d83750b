from __future__ import annotations

from pathlib import Path

import pytest

from suites.packs.reader import FolderPack, open_pack
from suites.world.generate import generate


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> FolderPack:
    """The default pack of seed 0."""
    return open_pack(generate(tmp_path_factory.mktemp("packs") / "default"))


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same size from another seed."""
    return generate(tmp_path_factory.mktemp("packs") / "other", seed=1)
