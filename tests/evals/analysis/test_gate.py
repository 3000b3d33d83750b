from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from evals.analysis.gate import Verdict, gate
from evals.analysis.policy import Policy, read_policy
from evals.core.errors import DataError, UsageError
from evals.core.schema import Item, Score, encode
from evals.core.store import (
    ITEMS,
    MANIFEST,
    SCORES,
    StoredRun,
    SuiteNote,
    open_run,
    seal,
    write_manifest,
)
from evals.report.text import gate as gate_text
from tests.evals.analysis.families import METRICS, SUITES, run
from tests.evals.analysis.synthetic import RATE, flips, line, rates, store

DEFAULT = read_policy("default")


def decide(
    candidate: StoredRun, baseline: StoredRun, policy: Policy = DEFAULT, **more: Any
) -> Verdict:
    return gate(candidate, baseline, policy, **more)


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return run(tmp_path_factory.mktemp("gate"), "base")


def test_a_better_candidate_is_promoted(tmp_path: Path, baseline: StoredRun) -> None:
    verdict = decide(run(tmp_path, "new", {"accuracy": 0.92, "truthful": 0.87}), baseline)
    assert (verdict.outcome, verdict.exit_code) == ("PROMOTE", 0)
    assert {t.axis.metric for t in verdict.axes if t.superior} >= {"accuracy", "truthful"}
    assert verdict.policy_hash == DEFAULT.hash


def test_a_baseline_is_never_promoted_over_itself(tmp_path: Path, baseline: StoredRun) -> None:
    assert decide(baseline, baseline).outcome == "INCONCLUSIVE"
    copy = run(tmp_path, "twin")
    verdict = decide(copy, baseline)
    assert (verdict.outcome, verdict.exit_code) == ("INCONCLUSIVE", 20)


@pytest.mark.parametrize(
    ("damage", "metric"),
    [
        ({"accuracy": 0.7}, "accuracy"),
        ({"fabrication": 0.25}, "fabrication"),
        ({"voice": 0.6}, "voice"),
        ({"leak": 0.2}, "leak"),
        ({"tail": 1.6}, "e2e_p95"),
        ({"api_cost_per_1k": 3.0}, "api_cost_per_1k"),
    ],
)
def test_a_damaged_candidate_is_rejected_for_the_right_reason(
    tmp_path: Path, baseline: StoredRun, damage: dict[str, float], metric: str
) -> None:
    verdict = decide(run(tmp_path, "bad", {"truthful": 0.9, **damage}), baseline)
    assert (verdict.outcome, verdict.exit_code) == ("REJECT", 10)
    assert [t.axis.metric for t in verdict.axes if "fail" in (t.bound, t.non_inferiority)] == [
        metric
    ]
    assert any(metric in reason for reason in gate_text.reasons(verdict))


def test_too_few_items_stay_open_and_say_what_would_settle(tmp_path: Path) -> None:
    old = run(tmp_path, "old", clusters=30, size=2)
    new = run(tmp_path, "new", {"accuracy": 0.9}, clusters=30, size=2)
    verdict = decide(new, old)
    assert verdict.outcome == "INCONCLUSIVE"
    open_axes = [t for t in verdict.axes if t.non_inferiority == "undecided"]
    assert open_axes and any(
        "would settle" in gate_text.outcome(t) for t in open_axes if t.settling
    )


def test_a_floor_that_is_broken_rejects_and_one_that_is_near_stays_open(
    tmp_path: Path, baseline: StoredRun
) -> None:
    new = run(tmp_path, "new", {"accuracy": 0.92})
    axis = msgspec.structs.replace(DEFAULT.axis[0], floor=0.99)
    assert decide(new, baseline, msgspec.structs.replace(DEFAULT, axis=(axis,))).outcome == "REJECT"
    axis = msgspec.structs.replace(DEFAULT.axis[0], floor=0.915)
    assert (
        decide(new, baseline, msgspec.structs.replace(DEFAULT, axis=(axis,))).outcome
        == "INCONCLUSIVE"
    )
    axis = msgspec.structs.replace(DEFAULT.axis[0], floor=0.5)
    assert (
        decide(new, baseline, msgspec.structs.replace(DEFAULT, axis=(axis,))).outcome == "PROMOTE"
    )


def test_smoke_promotes_nothing(tmp_path: Path, baseline: StoredRun) -> None:
    screen = read_policy("screen")
    assert (
        decide(run(tmp_path, "new", {"accuracy": 0.95}), baseline, screen).outcome == "INCONCLUSIVE"
    )
    assert decide(run(tmp_path, "bad", {"accuracy": 0.5}), baseline, screen).outcome == "REJECT"


def test_strict_asks_for_controls_and_the_leak_check(tmp_path: Path, baseline: StoredRun) -> None:
    strict = read_policy("strict")
    axes = tuple(a for a in strict.axis if a.metric == "accuracy" and a.track == "all")
    strict = msgspec.structs.replace(strict, axis=axes)
    new = run(tmp_path, "new", {"accuracy": 0.95})
    items = [Item(f"i{k}", "qa", "t", f"What is number {k}?", "c") for k in range(3)]
    (new.path / ITEMS).write_bytes(b"".join(encode(i) + b"\n" for i in items))
    verdict = decide(new, baseline, strict)
    assert verdict.outcome == "INCONCLUSIVE"
    assert {gate_text.name(c) for c in verdict.preconditions if c.passed is None} >= {
        "no train-test leak",
        "control oracle (domain_accuracy accuracy)",
    }
    controls = [
        run(tmp_path, "always_abstain", {"accuracy": 0.1, "truthful": 0.0}),
        run(tmp_path, "oracle", {"accuracy": 1.0}),
    ]
    whole: dict[str, Any] = {"controls": controls, "training": ["other"]}
    unchecked = decide(new, baseline, strict, **whole)
    assert unchecked.outcome == "INCONCLUSIVE"
    assert gate_text.reasons(unchecked) == ["rescored answers: both runs: not asked for"]
    checked = decide(new, baseline, strict, **whole, rescored={new.name: "", baseline.name: ""})
    assert checked.outcome == "PROMOTE"
    leaking = decide(new, baseline, strict, controls=controls, training=["what is NUMBER 2"])
    assert leaking.outcome == "REJECT" and "train-test" in gate_text.reasons(leaking)[0]
    lucky = [run(tmp_path, "always_abstain", {"accuracy": 0.9}, name="lucky"), controls[1]]
    assert decide(new, baseline, strict, controls=lucky, training=[]).outcome == "INCONCLUSIVE"


def test_failed_answers_reject(tmp_path: Path) -> None:
    good = store(tmp_path, "a", rates([1.0] * 400))
    broken = [
        (
            line(x.item, {"accuracy": Score(unscored="system_error")}, cluster=x.cluster)
            if k % 10 == 0
            else x
        )
        for k, x in enumerate(rates([1.0] * 400))
    ]
    policy = Policy("p", "", axis=(msgspec.structs.replace(DEFAULT.axis[0], suite="qa"),))
    verdict = decide(store(tmp_path, "b", broken, name="b"), good, policy)
    assert verdict.outcome == "REJECT" and "answers" in gate_text.reasons(verdict)[0]


def test_other_machines_and_cached_latency_are_open(tmp_path: Path, baseline: StoredRun) -> None:
    other = run(tmp_path, "new", {"accuracy": 0.95}, machine="server, 64 cores")
    verdict = decide(other, baseline)
    assert verdict.outcome == "INCONCLUSIVE"
    assert any("class of machine" in gate_text.outcome(t) for t in verdict.axes)
    cached = run(tmp_path, "cached", {"accuracy": 0.95}, timings=lambda li: None)
    assert any("untimed" in gate_text.outcome(t) for t in decide(cached, baseline).axes)


@pytest.mark.parametrize("kind", ["score", "manifest", "pack", "truncated", "profile"])
def test_what_was_tampered_with_or_is_foreign_is_refused(
    tmp_path: Path, baseline: StoredRun, kind: str
) -> None:
    options = {"pack": {"pack_identity": "other"}, "profile": {"profile": "full"}}.get(kind, {})
    bad = run(tmp_path, "bad", {"accuracy": 0.95}, **options)
    file = bad.path / SCORES
    if kind == "score":
        file.write_bytes(file.read_bytes().replace(b'"value":0.0', b'"value":1.0', 1))
    elif kind == "manifest":
        manifest = bad.path / MANIFEST
        manifest.write_bytes(manifest.read_bytes().replace(b'"seed": 0', b'"seed": 1'))
        bad = StoredRun(bad.path, msgspec.structs.replace(bad.manifest, seed=1))
    elif kind == "truncated":
        file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DataError):
        decide(bad, baseline)


@pytest.mark.parametrize("kind", ["unscored", "one cluster", "nothing shared", "no variance"])
def test_degenerate_runs_stay_open(tmp_path: Path, kind: str) -> None:
    policy = Policy(
        "p",
        "",
        axis=(msgspec.structs.replace(DEFAULT.axis[0], suite="qa"),),
        min_clusters=1,
        max_unpaired=1.0,
    )
    old = rates([1.0] * 200, size=200 if kind == "one cluster" else 1)
    new = list(old)
    if kind == "unscored":
        new = [
            line(x.item, {"accuracy": Score(unscored="no_gold")}, cluster=x.cluster) for x in old
        ]
    if kind == "nothing shared":
        new = [
            x if k % 2 else line(x.item, {"accuracy": Score(unscored="no_gold")})
            for k, x in enumerate(old)
        ]
        old = [
            line(x.item, {"accuracy": Score(unscored="no_gold")}) if k % 2 else x
            for k, x in enumerate(old)
        ]
    verdict = decide(store(tmp_path, "new", new), store(tmp_path, "old", old), policy)
    assert verdict.outcome == "INCONCLUSIVE"


@pytest.mark.parametrize("kind", ["thin", "lost", "absent"])
def test_an_optional_axis_is_skipped_only_where_nobody_has_it(tmp_path: Path, kind: str) -> None:
    """A leak that too few items could show, or that only the baseline measured, is not a leak that
    is not there.
    """
    axes = [
        msgspec.structs.replace(a, suite="qa")
        for a in DEFAULT.axis
        if a.metric in ("accuracy", "leak")
    ]
    policy = Policy("p", "", axis=tuple(axes), min_clusters=50)
    metrics = {"accuracy": RATE, "leak": msgspec.structs.replace(RATE, better="lower")}
    suites = {"qa": SuiteNote("accuracy", tuple(metrics), ("facts",))}

    def made(system: str, share: float, leaks: bool) -> StoredRun:
        lines = rates(flips(400, share))
        for k, x in enumerate(lines):
            shown = leaks and k < (20 if kind == "thin" else 400)
            x.scores["leak"] = Score(value=0.0) if shown else Score(unscored="not_applicable")
        return store(tmp_path, system, lines, suites=suites, metrics=metrics)

    verdict = decide(made("new", 0.9, kind == "thin"), made("old", 0.5, kind != "absent"), policy)
    assert verdict.outcome == ("PROMOTE" if kind == "absent" else "INCONCLUSIVE")
    (leak,) = (t for t in verdict.axes if t.axis.metric == "leak")
    assert gate_text._mark(leak) == ("-" if kind == "absent" else "open")
    assert leak.settling == (24 if kind == "thin" else None)


def _gappy(lines: list[Any], share: float, reason: str) -> list[Any]:
    """The lines with the wrong answers among the first ``share`` unscored instead."""
    return [
        (
            line(x.item, {"accuracy": Score(unscored=reason)}, cluster=x.cluster)  # type: ignore[arg-type]
            if k < share * len(lines) and x.scores["accuracy"].value == 0
            else x
        )
        for k, x in enumerate(lines)
    ]


@pytest.mark.parametrize("reason", ["unparseable", "judge_failed", "language"])
def test_what_could_not_be_scored_counts_against_the_candidate(tmp_path: Path, reason: str) -> None:
    """A candidate that is worse by 4 points looks better once its misses are left out."""
    values = flips(2000, 0.8)
    worse = [0.0 if k % 25 == 0 else v for k, v in enumerate(values)]
    axis = msgspec.structs.replace(DEFAULT.axis[0], suite="qa", margin=0.02)
    policy = Policy("p", "", axis=(axis,), max_unpaired=0.2)
    old = store(tmp_path, "old", rates(values))
    new = store(tmp_path, "new", _gappy(rates(worse), 0.9, reason))
    verdict = decide(new, old, policy)
    assert verdict.outcome == "REJECT"
    assert verdict.axes[0].assumed > 300
    assert "count against the candidate" in gate_text.outcome(verdict.axes[0])
    assert decide(old, new, policy).axes[0].assumed > 300  # and the baseline's gaps are its best


def test_a_suite_that_the_pack_cannot_have_is_left_out_by_name(tmp_path: Path) -> None:
    def made(name: str, share: float, absent: tuple[str, ...]) -> StoredRun:
        found = store(
            tmp_path,
            name,
            rates(flips(800, share), suite="domain_accuracy"),
            suites={"domain_accuracy": SUITES["domain_accuracy"]},
            metrics=METRICS,
        )
        manifest = msgspec.structs.replace(found.manifest, absent=absent, seal=None)
        manifest = msgspec.structs.replace(manifest, seal=seal(manifest))
        write_manifest(found.path, manifest)
        return open_run(found.path)

    absent = ("brand_tone", "hallucination", "latency_cost")
    verdict = decide(made("new", 0.9, absent), made("old", 0.7, absent))
    assert verdict.outcome == "PROMOTE"
    left_out = [gate_text.outcome(t) for t in verdict.axes if t.axis.suite == "brand_tone"]
    assert left_out == ["left out: the pack holds no item of brand_tone"] * 2
    # a run that did not ask what the pack has leaves the verdict open
    assert decide(made("sly", 0.9, ()), made("plain", 0.7, ())).outcome == "INCONCLUSIVE"


def test_a_file_may_not_call_itself_a_ready_policy(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'name = "default"\nabout = ""\n[[axis]]\nsuite = "brand_tone"\nmetric = "voice"\nmargin'
        " = 1\n"
    )
    with pytest.raises(UsageError, match="another policy has this name"):
        read_policy(str(file))


@pytest.mark.parametrize(
    ("axis", "found"),
    [
        ('suite = "brand_tune"\nmetric = "voice"\nmargin = 1', "did you mean brand_tone"),
        ('suite = "brand_tone"\nmetric = "voise"\nmargin = 1', "did you mean voice"),
        ('suite = "brand_tone"\nmetric = "voice"', "tests nothing"),
        (
            'suite = "brand_tone"\nmetric = "voice"\nceiling = 1\nrelative = true',
            "compares nothing",
        ),
        ('suite = "brand_tone"\nmetric = "voice"\nmargn = 1', "margn"),
    ],
)
def test_a_bad_policy_is_one_message_with_the_nearest_name(
    axis: str, found: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'name = "mine"\nabout = ""\n[[axis]]\n{axis}\n')
    with pytest.raises(UsageError, match=found) as raised:
        read_policy(str(file))
    assert str(file) in str(raised.value)


def test_outputs_say_the_same(tmp_path: Path, baseline: StoredRun) -> None:
    verdict = decide(run(tmp_path, "b<a>d|", {"accuracy": 0.7}, name="bad"), baseline)
    page = gate_text.markdown(verdict)
    assert page.startswith("# REJECT") and "<a>" not in page and verdict.policy_hash[:12] in page
    assert json.loads(msgspec.json.encode(verdict))["outcome"] == "REJECT"
    suite = ElementTree.fromstring(gate_text.junit(verdict))
    assert suite.get("failures") == str(len(suite.findall(".//failure"))) != "0"
    names = [(case.get("classname"), case.get("name")) for case in suite.iter("testcase")]
    assert len(set(names)) == len(names) > len(DEFAULT.axis)
    assert "PROMOTE" in gate_text.EXPLAINED


def test_policies(tmp_path: Path) -> None:
    assert not read_policy("screen").can_promote
    assert {a.metric for a in DEFAULT.axis} <= set(METRICS)
    assert {a.suite for a in read_policy("strict").axis} <= set(SUITES)
    file = tmp_path / "own.toml"
    for text in (
        "name = 1",
        'name = "x"\nabout = ""\naxis = []',
        'name = "x"\nabout = ""\nmargins = 3',
        "= =",
    ):
        file.write_text(text)
        with pytest.raises(UsageError):
            read_policy(str(file))
    axis = (
        'name = "x"\nabout = ""\n{}\n[[axis]]\nsuite = "domain_accuracy"\nmetric ='
        ' "accuracy"\nmargin = {}'
    )
    for more, margin in (
        ("", "nan"),
        ("", "inf"),
        ("", "-0.1"),
        ("max_failed = nan", "0.1"),
        ("max_unpaired = 2", "0.1"),
    ):
        file.write_text(axis.format(more, margin))
        with pytest.raises(UsageError):
            read_policy(str(file))
    with pytest.raises(UsageError, match="default"):
        read_policy("defualt")
    with pytest.raises(UsageError):
        read_policy(str(tmp_path / "none.toml"))
    first = '[[axis]]\nsuite = "domain_accuracy"\nmetric = "accuracy"\nmargin = 0.03\n'
    file.write_text(f'name = "x"\nabout = "y"\n{first}')
    same = read_policy(str(file)).hash
    file.write_text(f'about = "y"\n# comment\nname = "x"\n{first}')
    assert read_policy(str(file)).hash == same
    file.write_text(f'name = "x"\nabout = "y"\n{first.replace("0.03", "0.04")}')
    assert read_policy(str(file)).hash != same
