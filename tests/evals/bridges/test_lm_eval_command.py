"""The model's name in lm-eval's registry: on its own command line, and where it must leave things
alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.evals.bridges.benchmark import write_tasks


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.real
def test_torch_makes_the_name_known_where_lm_eval_runs() -> None:
    look = (
        "from lm_eval.api.registry import model_registry as r; print('adaptbench' in r, 'hf' in r)"
    )
    assert python(f"import lm_eval, torch; {look}") == "True True"
    assert python(f"import evals.bridges.lm_eval_model; {look}") == "True True"
    assert python("import torch, sys; print('lm_eval' in sys.modules)") == "False"


@pytest.mark.real
def test_the_command_line_of_lm_eval_runs_a_system(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lm_eval", "--model", "adaptbench", "--tasks", "little_choice"]
    arguments = ["--model_args", "system=base", "--include_path", str(write_tasks(tmp_path))]
    settings = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=False, env=settings
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "adaptbench ({'system': 'base'" in done.stdout
    assert "|acc_norm|" in done.stdout
