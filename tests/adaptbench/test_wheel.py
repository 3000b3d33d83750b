"""The built wheel works without the checkout: the README's example, and the tests of the
metrics.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.adaptbench.test_api import example

ROOT = Path(__file__).parents[2]
PACKAGES = ("adaptbench", "evals", "suites", "systems")
FILES = ("adaptbench_lm_eval.py", "pyproject.toml", "README.md", "LICENSE", "setup.py")
OF_THE_CHECKOUT = ("test_voice.py", "test_worked_example.py")
"""They read `scripts.research` and CONTRIBUTING.md, which no wheel holds."""

COMMIT = "0123456789ab"
MOST = 20_000_000
"""Bytes of the wheel."""

pytestmark = pytest.mark.environment


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command outside of the checkout; its output. Fails the test with all it said."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PYTEST", "COV"))
    }
    kept |= {"ADAPTBENCH_COMMIT": COMMIT, "SOURCE_DATE_EPOCH": "1700000000"}
    environment = {**kept, "ADAPTBENCH_CACHE": str(cwd / "cache")}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the wheel and sees this one's packages, though
    not its checkout.
    """
    folder = tmp_path_factory.mktemp("wheel")
    tree, environment = folder / "tree", folder / "environment"
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, tree / name)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, tree, cwd=folder)
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=folder)
    found = environment / "bin" / "python"
    (wheel,) = folder.glob("adaptbench-*.whl")
    run(*pip, "--python", found, "install", "--no-deps", wheel, cwd=folder)
    site = run(
        found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    ).strip()
    # a path file adds the folder alone: the link to the checkout that stands in it is not followed
    (Path(site) / "packages.pth").write_text(sysconfig.get_path("purelib"))
    return found


def test_the_packages_come_from_the_wheel(python: Path, tmp_path: Path) -> None:
    code = f"import importlib as i; print([i.import_module(name).__file__ for name in {PACKAGES}])"
    assert str(ROOT) not in run(python, "-c", code, cwd=tmp_path)


def test_the_example_of_the_readme_runs_from_the_wheel(python: Path, tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(example())
    message = run(python, "example.py", cwd=tmp_path)
    assert "hallucination" in message and "answer_match" in message


def test_the_wheel_is_small_typed_and_reproducible(python: Path, tmp_path: Path) -> None:
    folder = python.parents[2]
    (wheel,) = folder.glob("adaptbench-*.whl")
    assert wheel.stat().st_size < MOST
    assert "evals/py.typed" in zipfile.ZipFile(wheel).namelist()
    shutil.rmtree(folder / "tree" / "build")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    build = ("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path)
    run(*pip, *build, folder / "tree", cwd=folder)
    (again,) = tmp_path.glob("*.whl")
    assert again.read_bytes() == wheel.read_bytes()


def test_a_new_project_runs_from_the_wheel(python: Path, tmp_path: Path) -> None:
    command = python.with_name("adaptbench")
    assert COMMIT in run(command, "--version", cwd=tmp_path)
    run(command, "init", "my_bot", cwd=tmp_path)
    assert "right_minus_wrong" in run(command, "run", "bot.toml", cwd=tmp_path / "my_bot")
    run(command, "report", cwd=tmp_path / "my_bot")


def test_the_command_runs_from_the_wheel(python: Path, tmp_path: Path) -> None:
    assert "hybrid" in run(python.with_name("adaptbench"), "list", "systems", cwd=tmp_path)


def test_the_metric_tests_pass_on_the_wheel(python: Path, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "tests",
        tmp_path / "tests",
        ignore=shutil.ignore_patterns("__pycache__", *OF_THE_CHECKOUT),
    )
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "metrics.md", tmp_path / "docs")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    real: drives a real model\n")
    run(python, "-m", "pytest", "-q", "-m", "not real", "tests/evals/metrics", cwd=tmp_path)
