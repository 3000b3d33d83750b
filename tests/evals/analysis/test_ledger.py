from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from adaptbench import gate
from evals.analysis.compare import compare
from evals.analysis.leaderboard import build
from evals.analysis.ledger import LEDGER, Evidence, Look, Standing, evidence, look_at, standing
from evals.analysis.policy import GatedAxis, Policy
from evals.core.errors import DataError, UsageError
from evals.core.jsonl import read
from evals.core.store import HOLDOUT, SEAL_KEY, open_run
from evals.report.text.gate import markdown
from tests.evals.analysis.families import run
from tests.evals.analysis.synthetic import flips, rates, store

POLICY = Policy("p", "", (GatedAxis("qa", "accuracy", 0.05, superiority=True),))


def side(method: str, seal: str = "s") -> Evidence:
    return Evidence(
        method, method, ("r",), (0,), (seal,), ({},), "p", "q", "quick", None, "m", {}, 1
    )


def looks(count: int) -> list[Look]:
    return [
        look_at(side(f"c{k}", f"s{k}"), side("base"), "policy", 0.05, "REJECT", "2026-01-01")
        for k in range(count)
    ]


def test_the_first_look_has_the_whole_level_and_all_of_them_spend_no_more() -> None:
    places = [standing(side("new", "x"), side("base"), "p", 0.05, looks(k)) for k in range(200)]
    assert places[0] == Standing(1, 1, 0.05)
    assert [place.look for place in places[:3]] == [1, 2, 3]
    assert places[2].candidates == 3
    assert sum(place.level / 2 for place in places) <= 0.05


def test_the_same_question_asked_again_is_the_same_look() -> None:
    again = standing(side("c1", "s1"), side("base"), "policy", 0.05, looks(5))
    assert (again.look, again.candidates) == (2, 2)
    other = standing(side("c1", "s1"), side("base"), "other policy", 0.05, looks(5))
    assert (other.look, other.candidates) == (6, 5)


@pytest.mark.parametrize("change", [{"baseline": "b"}, {"questions": "z"}])
def test_looks_at_another_baseline_or_other_questions_cost_nothing(change: dict[str, str]) -> None:
    others = [msgspec.structs.replace(look, **change) for look in looks(5)]
    assert standing(side("new"), side("base"), "p", 0.05, others).look == 1


def test_every_gate_is_kept_and_the_verdict_says_how_many(tmp_path: Path) -> None:
    old = store(tmp_path, "old", rates(flips(400, 0.5, 1)))
    found = []
    for k in range(3):
        new = store(tmp_path, f"new{k}", rates(flips(400, 0.5, 2 + k)), name=f"new{k}")
        found.append(gate(new, old, POLICY, results=tmp_path))
    assert [v.standing.look for v in found] == [1, 2, 3]
    assert [v.standing.level for v in found] == [0.05, 0.025, 0.05 / 6]
    assert gate("new1", old, POLICY, results=tmp_path).standing == found[1].standing
    assert "Look 3 at this baseline on these questions (3 candidates so far)" in markdown(found[2])
    kept = list(read(tmp_path / LEDGER, Look))
    assert len(kept) == 4 and kept[0].seals == (open_run(tmp_path / "runs" / "new0").manifest.seal,)
    shown, _ = found[2].evidence
    assert (shown.system, shown.seeds, shown.attempts) == ("new2", (0,), 1)


def test_a_later_look_needs_more(tmp_path: Path) -> None:
    """p is about .02: enough for a first look, not for a fifth."""
    base = np.array(flips(400, 0.5, 1))
    better = base.copy()
    better[np.flatnonzero(base == 0)[:14]] = 1.0
    better[np.flatnonzero(base == 1)[:4]] = 0.0
    old = store(tmp_path, "old", rates(base))
    new = store(tmp_path, "new", rates(better))
    assert gate(new, old, POLICY, results=tmp_path).outcome == "PROMOTE"
    fifth = tmp_path / "ledger.jsonl"
    shown = evidence(old)
    lines = [
        msgspec.structs.replace(look, baseline=shown.method, questions=shown.questions)
        for look in looks(4)
    ]
    fifth.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    later = gate(new, old, POLICY, results=tmp_path, ledger=fifth)
    assert (later.standing.look, later.outcome) == (5, "INCONCLUSIVE")


def test_questions_held_out_are_asked_by_a_final_gate_alone(tmp_path: Path) -> None:
    old, new = (
        run(tmp_path, name, shares, profile=HOLDOUT)
        for name, shares in (("old", {}), ("new", {"accuracy": 0.95}))
    )
    with pytest.raises(UsageError, match="held out"):
        gate(new, old, results=tmp_path)
    with pytest.raises(UsageError, match="held out"):
        compare([new, old])
    with pytest.raises(DataError, match="held out"):
        build([new, old])
    assert gate(new, old, results=tmp_path, final=True).outcome == "PROMOTE"
    known = run(tmp_path, "known"), run(tmp_path, "other")
    with pytest.raises(UsageError, match="held out"):
        gate(*known, results=tmp_path, final=True)


def test_a_keyed_seal_is_not_made_without_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = store(tmp_path, "plain", rates([1.0] * 30))
    monkeypatch.setenv(SEAL_KEY, "secret")
    keyed = store(tmp_path, "keyed", rates([1.0] * 30))
    assert keyed.tampering() == []
    assert plain.tampering() == ["manifest.json: differs from its seal"]
    monkeypatch.setenv(SEAL_KEY, "another")
    assert keyed.tampering() == ["manifest.json: differs from its seal"]
    monkeypatch.delenv(SEAL_KEY)
    assert keyed.tampering() == plain.tampering() == []
