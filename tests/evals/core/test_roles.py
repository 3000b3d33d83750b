"""What a system declares decides what it is; runs of the old form are completed in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from evals.core.errors import UsageError
from evals.core.registry import SystemConfig, config_files, read_config, system_config, system_names
from evals.core.roles import FACTORS, FAMILIES, STEPS, declared, factors_of, family_of, role_of
from evals.core.schema import Factors
from evals.core.store import stored_runs
from tests.evals.report.planted import FAMILY, TRACKS, manifest_of
from tests.fakes import FakeSystem

ROOT = Path(__file__).parents[3]
PLAIN = manifest_of("r", FAMILY[1], 1, tuple(TRACKS))


def test_every_step_adds_one_factor() -> None:
    changes = [(FACTORS[a], FACTORS[b]) for a, b in STEPS]
    assert all((a.retrieval, a.adapter) < (b.retrieval, b.adapter) for a, b in changes)
    assert all((a.retrieval != b.retrieval) + (a.adapter != b.adapter) == 1 for a, b in changes)


BUNDLED = {
    "base": ("contender", FACTORS["base"]),
    "rag": ("contender", FACTORS["rag"]),
    "finetuned": ("contender", FACTORS["finetuned"]),
    "hybrid": ("contender", FACTORS["hybrid"]),
    "finetuned_rag": ("control", FACTORS["hybrid"]),
    "oracle_context": ("reference", FACTORS["rag"]),
    "always_abstain": ("control", None),
    "constant_decline": ("control", None),
    "copy_greeting": ("control", None),
    "copy_top3": ("control", None),
    "copy_top_passage": ("control", None),
    "extractive": ("control", None),
    "oracle": ("reference", None),
}


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_systems_declare_themselves(name: str) -> None:
    config = system_config(name)
    assert declared(config, config.build()) == BUNDLED[name]


def test_the_table_holds_every_bundled_system() -> None:
    assert {path.stem for path in config_files()} <= BUNDLED.keys() <= set(system_names())


def test_a_file_has_the_last_word_and_nothing_said_is_a_contender(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'kind = "adapted"\nrole = "control"\n[factors]\nretrieval = true\nadapter = true\n'
    )
    config = read_config(path)
    assert "role" not in config.settings
    assert declared(config, config.build()) == ("control", Factors(retrieval=True, adapter=True))
    assert declared(SystemConfig("fake", "fake", {}), FakeSystem()) == ("contender", None)


@pytest.mark.parametrize(
    "text", ['role = "boss"', "role = 1", "[factors]\nretrieval = true", "[factors]\nspeed = 1"]
)
def test_a_wrong_declaration_names_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'kind = "adapted"\n{text}\n')
    with pytest.raises(UsageError, match="declares its role and factors") as caught:
        read_config(path)
    assert caught.value.where == path


@pytest.mark.parametrize(
    ("change", "role", "family"),
    [
        ({"role": "contender", "factors": FACTORS["hybrid"]}, "contender", "hybrid"),
        ({"role": "control", "factors": FACTORS["hybrid"]}, "control", None),
        ({"role": "contender", "factors": None}, "contender", None),
        (
            {"role": "contender", "factors": None, "about": "a control in prose only"},
            "contender",
            None,
        ),
        ({"role": "contender", "factors": None, "system": "oracle"}, "contender", None),
    ],
)
def test_the_manifest_decides(change: dict[str, Any], role: str, family: str | None) -> None:
    manifest = msgspec.structs.replace(PLAIN, **change)
    assert (role_of(manifest), family_of(manifest)) == (role, family)


def test_runs_of_the_old_form_are_completed() -> None:
    manifests = {
        run.manifest.system: run.manifest for run in stored_runs(ROOT / "results" / "reference")
    }
    assert {name: family_of(m) for name, m in manifests.items() if family_of(m)} == {
        f: f for f in FAMILIES
    }
    assert {name: (role_of(m), factors_of(m)) for name, m in manifests.items()} == {
        name: BUNDLED[name] for name in manifests
    }
