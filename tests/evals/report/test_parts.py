"""The parts below the page: lines, outcomes, samples, search, progress, Markdown, figures."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from evals.analysis.leaderboard import build
from evals.core.errors import UsageError
from evals.core.lines import Lines
from evals.core.schema import Response, Score, ScoreLine, encode, scored, unscored
from evals.core.store import Manifest, lock_of, open_run, stored_runs
from evals.report.answers import Answers, read_answers
from evals.report.build import choose_runs, write_report
from evals.report.charts.axis import Axis, spanning
from evals.report.outcomes import cause, disagreement, marked, outcome
from evals.report.page import carried, derive
from evals.report.payload import pack_answers
from evals.report.progress import Watcher
from evals.report.search import Finder, Wanted
from evals.report.source import families, roles
from tests.evals.report.planted import CONTROLS, FAMILY, TRACKS, finish, manifest_of, plant
from tests.evals.report.test_view import under_way

MANIFEST = manifest_of("r", FAMILY[1], 1, tuple(TRACKS))


def line(suite: str = "domain_accuracy", **scores: Score) -> ScoreLine:
    return ScoreLine("i", suite, "t", "c", scores)


@pytest.fixture(scope="module")
def answers(results: Path) -> Answers:
    gathered = choose_runs(results, (), None, None)
    return read_answers(gathered.labels, gathered.sources)


def test_lines_are_found_and_growth_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "responses.jsonl"
    assert len(Lines(path)) == 0
    path.write_bytes(
        encode(Response("a")) + b"\n" + encode(Response("b", text="two")) + b"\n" + b'{"item":"c"'
    )
    lines = Lines(path)
    assert lines.find("b") == encode(Response("b", text="two")) + b"\n"
    assert lines.find("c") is None
    with path.open("ab") as stream:
        stream.write(b"}\n")
    assert lines.update() == 1
    assert lines.find("c") == b'{"item":"c"}\n'
    assert lines.find("nowhere") is None


@pytest.mark.parametrize(
    ("scores", "message", "why"),
    [
        ({"accuracy": scored(1.0, outcome="correct")}, "right", None),
        (
            {"accuracy": scored(0.0, outcome="abstained"), "over_refusal": scored(1.0)},
            "abstained",
            "refused",
        ),
        ({"accuracy": scored(0.0, outcome="wrong"), "stale": scored(1.0)}, "wrong", "stale"),
        ({"accuracy": scored(0.0), "schema_valid": scored(0.0)}, "wrong", "malformed"),
        ({"accuracy": scored(0.0), "leak": scored(1.0)}, "wrong", "leaked"),
        ({"accuracy": scored(0.0), "recall_at_k": scored(0.0)}, "wrong", "retrieval_miss"),
        ({"accuracy": scored(0.0), "recall_at_k": scored(1.0)}, "wrong", "misread"),
        ({"accuracy": scored(0.0), "recall_at_k": unscored("no_context")}, "wrong", "no_context"),
        ({"accuracy": scored(0.0)}, "wrong", "unexplained"),
        ({"accuracy": scored(0.5)}, "partial", "unexplained"),
        ({"accuracy": unscored("no_gold")}, "unscored", None),
        ({"accuracy": unscored("system_error")}, "error", "failed"),
        ({}, "unscored", None),
    ],
)
def test_outcome_and_cause_by_the_scores(
    scores: dict[str, Score], message: str, why: str | None
) -> None:
    found = outcome(line("domain_accuracy", **scores), MANIFEST)
    assert (found, cause(line("domain_accuracy", **scores), found, "accuracy")) == (message, why)


def test_brand_twin_and_latency_have_their_own_words() -> None:
    off = line("brand_tone", on_brand_and_correct=scored(0.0, correct=True))
    assert cause(off, "wrong", "on_brand_and_correct") == "off_brand"
    twin = line("hallucination", truthful=scored(0.0, own=True, twin=False))
    assert cause(twin, "wrong", "truthful") == "twin"
    assert outcome(line("latency_cost", e2e=scored(3.2)), MANIFEST) == "timed"


def test_marked_spans_come_from_the_scores() -> None:
    scores = {
        "unsupported": scored(0.5, unsupported=["90 days"]),
        "stale": scored(1.0, said=["90 days", "30 days"]),
    }
    assert marked(scores) == ["90 days", "30 days"]
    assert marked({"unsupported": unscored("no_context")}) == []


def test_families_and_controls_are_distinguished(results: Path) -> None:
    gathered = choose_runs(results, (), None, None)
    assert families(gathered.sources) == {
        name: name for name in ("base", "rag", "finetuned", "hybrid")
    }
    known = roles(gathered.sources)
    assert {label for label, role in known.items() if role != "contender"} == {
        c.name for c in CONTROLS
    }
    assert [label for label, role in known.items() if role == "reference"] == ["oracle"]
    assert gathered.labels == [
        "base",
        "rag",
        "finetuned",
        "hybrid",
        "always_abstain",
        "copy_top_passage",
        "oracle",
    ]


def test_a_sample_is_whole_items_and_says_so(answers: Answers) -> None:
    payload = pack_answers(answers, 700, 1 << 30)
    assert payload.shown == 700
    assert "This file holds 700 of 1,792 answers" in carried(payload)
    assert answers.sample(700) == sorted(set(answers.sample(700)))
    assert set(answers.sample(350)) <= set(answers.sample(700))


def test_a_small_budget_makes_a_smaller_sample(answers: Answers) -> None:
    payload = pack_answers(answers, 50_000, 60_000)
    assert payload.size <= 60_000
    assert 0 < payload.shown < payload.total


def test_search_reads_answers_questions_and_ids(answers: Answers) -> None:
    finder = Finder(answers)
    assert len(finder.rows(Wanted(q="NEROLU 7?"))) == 8
    assert len(finder.rows(Wanted(q="brand_tone/0001"))) == 10
    wrong = finder.rows(Wanted(suite=0, system=0, outcome=4))
    assert 0 < len(wrong) < 64
    assert len(finder.rows(Wanted(q="no such words anywhere"))) == 0


def test_flips_count_each_changed_item_once(answers: Answers) -> None:
    finder = Finder(answers)
    found = finder.flips(2, 3)
    assert found["both"] == 256
    back = finder.flips(3, 2)
    for message, mirrored in (("won", "lost"), ("lost", "won")):
        counts = [
            sum(g["count"] for g in f["groups"] if g["direction"] == d)
            for f, d in ((found, message), (back, mirrored))
        ]
        assert counts[0] == counts[1]


def test_progress_counts_whole_lines_only(tmp_path: Path) -> None:
    under_way(tmp_path, FAMILY[0], 10, 0)
    watcher = Watcher(tmp_path)
    (message,) = watcher.look()
    assert (message["answered"], message["items"], message["rate"], message["scores"]) == (
        10,
        64,
        None,
        [],
    )
    under = watcher.look()[0]
    assert under["answered"] == 10
    assert under["rate"] == 0.0


def test_a_run_that_nobody_works_on_is_interrupted_and_comes_last(tmp_path: Path) -> None:
    dead = under_way(tmp_path, FAMILY[0], 10, 0)
    alive = under_way(tmp_path, FAMILY[1], 10, 0)
    with lock_of(alive):
        found = Watcher(tmp_path).look()
        assert [(r["run"], r["state"]) for r in found] == [
            (alive.name, "under way"),
            (dead.name, "interrupted"),
        ]
        assert (found[0]["resume"], found[1]["resume"]) == ("", open_run(dead).manifest.command)
    assert {r["state"] for r in Watcher(tmp_path).look()} == {"interrupted"}


def test_metrics_of_correctness_that_differ_say_so() -> None:
    right, wrong, none = Score(1.0), Score(0.0), Score(unscored="no_gold")
    found = disagreement({"accuracy": right, "answer_match": wrong, "voice": wrong})
    assert found == "Read this answer: accuracy says right, answer_match says wrong."
    assert disagreement({"accuracy": right, "answer_match": right}) == ""
    assert disagreement({"accuracy": right, "answer_match": none}) == ""


def test_markdown_is_escaped_and_complete(results: Path, tmp_path: Path) -> None:
    written = write_report(choose_runs(results, (), None, None), tmp_path / "report.md")
    text = written.path.read_text()
    assert "is ahead of" in text
    assert "| base | " in text
    assert "no_context" in text
    assert "<script" not in text


def test_another_ending_is_refused(results: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="HTML or Markdown"):
        write_report(choose_runs(results, (), None, None), tmp_path / "report.pdf")


def test_runs_of_different_questions_do_not_stand_together(tmp_path: Path) -> None:
    plant(tmp_path, [FAMILY[0]], 8)
    (other,) = plant(tmp_path / "b", [FAMILY[1]], 8)
    manifest: Manifest = open_run(other.path).manifest
    assert manifest.status == "complete"
    finish(other.path, msgspec.structs.replace(manifest, profile="quick"))
    with pytest.raises(UsageError, match="different packs or profiles"):
        choose_runs(tmp_path, ["base", str(other.path)], None, None)


def test_pictures_are_well_formed_and_complete(results: Path) -> None:
    figures = derive(choose_runs(results, (), None, None)).figures
    assert {
        "tracks",
        "freshness-accuracy",
        "stress-voice",
        "reliability",
        "latency",
        "utilisation",
    } <= {f.id for f in figures}
    for figure in figures:
        if figure.picture is not None:
            ElementTree.fromstring(figure.picture)
        assert all(len(row) == len(figure.head) for row in figure.rows)


def test_the_ladder_is_paired_and_names_what_it_could_see(results: Path) -> None:
    derived = derive(choose_runs(results, (), None, None))
    figure = next(f for f in derived.figures if f.id == "ladder-domain_accuracy")
    assert figure.rows[0][0] == "domain accuracy: retrieval (base → rag)"
    assert figure.rows[0][1].endswith(" pp")
    assert figure.rows[4][0].startswith("domain accuracy: interaction, ")
    assert "The hybrid is worth it (complementary)" in figure.caption
    tables = derived.comparisons
    assert {row[-1] for f in tables for row in f.rows} <= {
        "better",
        "worse",
        "no difference shown",
        "undecided",
    }
    assert [f.title for f in tables] == [
        "base → rag",
        "rag → hybrid",
        "base → finetuned",
        "finetuned → hybrid",
    ]


def test_without_families_there_is_no_ladder(tmp_path: Path) -> None:
    plant(tmp_path, CONTROLS, 16)
    derived = derive(choose_runs(tmp_path, (), None, None))
    assert derived.comparisons == []
    assert not [f for f in derived.figures if f.id.startswith("ladder")]


def test_axes() -> None:
    assert Axis(0, 1, 0, 100).ticks() == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert Axis(0.1, 100, 0, 90, log=True).at(10) == pytest.approx(60)
    assert spanning([5.0], 0, 10).at(5.0) == pytest.approx(5)
    assert spanning([], 0, 10, log=True).ticks()


def test_the_report_says_what_the_leaderboard_says(results: Path) -> None:
    gathered = choose_runs(results, (), None, None)
    assert gathered.board == build(stored_runs(results, complete_only=True))
