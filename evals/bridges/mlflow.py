"""Promotion in an MLflow model registry: on PROMOTE an alias moves to the candidate's version."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, Final

from evals.analysis.gate import Verdict
from evals.core.errors import EnvironmentProblem, UsageError

RUN_TAG: Final = "adaptbench.run"
_REFERENCE = re.compile(
    r"mlflow:(?P<model>[^/@:]+)(?:/(?P<version>\d+))?@(?P<alias>[A-Za-z][\w-]*)"
)


@dataclass(frozen=True)
class Target:
    """A registered model, the alias to move and, where named, the version to move it to."""

    model: str
    alias: str
    version: str | None


def target(reference: str) -> Target:
    """Read ``mlflow:MODEL[/VERSION]@ALIAS``. Raises UsageError for anything else."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise UsageError(
            "not a registry reference", found=reference, expected="mlflow:MODEL[/VERSION]@ALIAS"
        )
    return Target(found["model"], found["alias"], found["version"])


def promote(reference: str, verdict: Verdict, client: Any = None) -> str:
    """Move the alias to the candidate's version and record the verdict on it as tags; return what
    was done.

    The version is the one named, else the newest one tagged ``adaptbench.run`` = the candidate's
    run. The tracking server is MLflow's own setting (``MLFLOW_TRACKING_URI``). Raises UsageError
    where the verdict is not PROMOTE or no version fits, EnvironmentProblem where MLflow is not
    installed or its registry cannot be reached.
    """
    if verdict.outcome != "PROMOTE":
        raise UsageError("only a PROMOTE moves an alias", found=verdict.outcome)
    wanted = target(reference)
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        import mlflow
        from mlflow.exceptions import MlflowException
    except ImportError as error:
        raise EnvironmentProblem(
            "MLflow is not installed", hint="pip install 'adaptbench[mlflow]'"
        ) from error
    registry = client or mlflow.MlflowClient()
    try:
        version = wanted.version or _version_of(registry, wanted.model, verdict.candidate)
        registry.get_model_version(wanted.model, version)
        for key, value in _tags(verdict).items():
            registry.set_model_version_tag(wanted.model, version, key, value)
        registry.set_registered_model_alias(wanted.model, wanted.alias, version)
    except MlflowException as error:
        raise EnvironmentProblem(
            f"the MLflow registry refused: {error}", where=wanted.model
        ) from error
    return f"{wanted.model} version {version} is now @{wanted.alias}"


def _version_of(registry: Any, model: str, run: str) -> str:
    fitting = [
        v for v in registry.search_model_versions(f"name = '{model}'") if v.tags.get(RUN_TAG) == run
    ]
    if not fitting:
        raise UsageError(
            f"no version of {model} belongs to this run",
            found=run,
            hint=f"name one (mlflow:{model}/VERSION@ALIAS) or tag it {RUN_TAG}={run}",
        )
    return str(max(int(v.version) for v in fitting))


def _tags(verdict: Verdict) -> dict[str, str]:
    return {
        RUN_TAG: verdict.candidate,
        "adaptbench.verdict": verdict.outcome,
        "adaptbench.baseline": verdict.baseline,
        "adaptbench.policy": f"{verdict.policy} {verdict.policy_hash}",
    }
