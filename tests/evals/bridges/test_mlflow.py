from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from evals.analysis.gate import Verdict
from evals.analysis.ledger import Evidence, Standing
from evals.bridges.mlflow import promote, target
from evals.core.errors import EnvironmentProblem, UsageError

SIDE = Evidence("s", "m", (), (), (), (), "p", "q", "quick", None, "", {}, 1)


def verdict(outcome: Literal["PROMOTE", "REJECT", "INCONCLUSIVE"] = "PROMOTE") -> Verdict:
    return Verdict(
        outcome=outcome,
        reasons=(),
        candidate="new-1",
        baseline="old-1",
        candidate_system="new",
        baseline_system="old",
        policy="default",
        policy_hash="abc",
        alpha=0.05,
        preconditions=(),
        axes=(),
        settling=None,
        notes=(),
        evidence=(SIDE, SIDE),
        standing=Standing(1, 1, 0.05),
        version="0",
    )


@pytest.mark.slow
def test_promotion_moves_the_alias_in_a_real_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow

    client = mlflow.MlflowClient(
        registry_uri=f"sqlite:///{tmp_path}/registry.db",
        tracking_uri=f"sqlite:///{tmp_path}/registry.db",
    )
    client.create_registered_model("support")
    for run in ("old-1", "new-1", "other"):
        client.create_model_version("support", str(tmp_path), tags={"adaptbench.run": run})
    client.set_registered_model_alias("support", "champion", "1")
    message = promote("mlflow:support@champion", verdict(), client)
    assert "version 2" in message
    champion = client.get_model_version_by_alias("support", "champion")
    assert str(champion.version) == "2"
    assert champion.tags["adaptbench.verdict"] == "PROMOTE"
    promote("mlflow:support/3@champion", verdict(), client)
    assert str(client.get_model_version_by_alias("support", "champion").version) == "3"
    with pytest.raises(EnvironmentProblem):
        promote("mlflow:support/9@champion", verdict(), client)
    client.create_registered_model("empty")
    with pytest.raises(UsageError, match="belongs to this run"):
        promote("mlflow:empty@champion", verdict(), client)


@pytest.mark.parametrize("outcome", ["REJECT", "INCONCLUSIVE"])
def test_nothing_else_moves_it(outcome: Literal["REJECT", "INCONCLUSIVE"]) -> None:
    with pytest.raises(UsageError, match="PROMOTE"):
        promote("mlflow:support@champion", verdict(outcome))


@pytest.mark.parametrize(
    "reference", ["support@champion", "mlflow:support", "mlflow:@x", "mlflow:a/b@c", ""]
)
def test_references(reference: str) -> None:
    with pytest.raises(UsageError):
        target(reference)
