"""A voice from own texts: what is measured, what is refused, and that the file scores as the fit
does.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evals.cli.main import run
from evals.core.errors import DataError
from evals.core.metric import MetricContext
from evals.metrics.scoring import NoPack, metrics_named, read_entry, score_entry
from evals.scorers.voice import file, trust
from evals.scorers.voice.fit import competing, fit, transplanted
from evals.scorers.voice.model import VoiceModel
from evals.text import corpus
from evals.text.corpus import Sample
from tests.evals.metrics.build import FACTS, SmallPack
from tests.evals.scorers.voice.build import MATTERS, plain, stiff, texts, warm

OTHERS = [
    f"the {noun} {what}"
    for noun in (
        "harbour",
        "senate",
        "glacier",
        "novel",
        "orchestra",
        "volcano",
        "parliament",
        "telescope",
    )
    for what in FACTS
]


@pytest.fixture(scope="module")
def parallel() -> tuple[VoiceModel, trust.Trust]:
    samples = corpus.samples("acme", texts(warm), texts(plain), {"rival": texts(stiff)}, None)
    model, held = fit(samples, "acme")
    return model, trust.measure(model, held, decoys=True)


def test_a_voice_that_differs_is_valid_and_reported_so(
    parallel: tuple[VoiceModel, trust.Trust],
) -> None:
    model, known = parallel
    assert model.valid
    assert trust.problems(model, known) == []
    assert known.texts == len(MATTERS)
    assert known.accuracy.value is not None
    assert known.accuracy.value > 0.9
    assert known.competing.n >= 10
    assert min(known.pairs) > 0
    message = trust.statement(model, known)
    assert message.startswith("acme: VALID")
    for said in (
        "by length alone",
        "of 60",
        "would not notice",
        "a voice never met",
        "95 % intervals",
    ):
        assert said in message
    assert max(map(len, message.splitlines())) < 200


def test_topic_alone_is_no_voice() -> None:
    """Two sets of texts in one voice about different things."""
    samples = corpus.samples("acme", texts(warm), texts(warm, OTHERS), {}, None)
    model, held = fit(samples, "acme")
    known = trust.measure(model, held, decoys=True)
    assert not model.valid
    assert trust.statement(model, known).startswith("acme: INVALID")


def test_content_is_transplanted_where_it_never_competes() -> None:
    samples = corpus.samples(
        "acme", texts(warm), texts(plain, OTHERS), {"rival": texts(stiff, OTHERS)}, None
    )
    model, held = fit(samples, "acme")
    assert held.found.validity is None
    assert held.made.validity is not None
    assert model.valid
    assert "made-up sentences" in trust.statement(model, trust.measure(model, held, decoys=True))


def test_the_pack_stands_in_at_the_brands_length() -> None:
    long = [
        Sample(" ".join(warm(MATTERS[(n * 7 + k) % len(MATTERS)], k) for k in range(5)))
        for n in range(40)
    ]
    samples = corpus.samples("acme", long, [], {}, SmallPack())
    voices = {s.voice for s in samples}
    assert voices == {"acme", "neutral", "brand", "stiff", "terse"}
    joined = [len(s.text.split()) for s in samples if s.id.startswith(corpus.JOINED)]
    own = np.median([len(s.text.split()) for s in long])
    assert abs(np.median(joined) - own) < 0.25 * own
    by_block = {
        c: {s.voice for s in samples if s.content == c} for c in {s.content for s in samples}
    }
    assert all(len(v) == 4 or v == {"acme"} for v in by_block.values())


def test_the_file_scores_as_the_fit_does(
    parallel: tuple[VoiceModel, trust.Trust], tmp_path: Path
) -> None:
    model, known = parallel
    path = tmp_path / "voice.json"
    file.write(path, model, known)
    read, again = file.read(path)
    every = [warm(MATTERS[0], 1), plain(MATTERS[3], 0), "", "Something else entirely, my dear!"]
    assert [read.value(text) for text in every] == [model.value(text) for text in every]
    assert again == known
    assert (read.threshold, read.validity, read.pairs) == (
        model.threshold,
        model.validity,
        model.pairs,
    )


@pytest.mark.parametrize(
    "broken", ["", "[]", '{"format": 2}', '{"format": 1, "brand": "x"}', "weights", "grams"]
)
def test_a_broken_file_is_one_message(
    broken: str, parallel: tuple[VoiceModel, trust.Trust], tmp_path: Path
) -> None:
    path = tmp_path / "voice.json"
    file.write(path, *parallel)
    if broken in ("weights", "grams"):
        whole = json.loads(path.read_text())
        whole[broken].pop()
        broken = json.dumps(whole)
    path.write_text(broken)
    with pytest.raises(DataError):
        file.read(path)


def test_a_given_voice_scores_its_brand_only(parallel: tuple[VoiceModel, trust.Trust]) -> None:
    metrics = metrics_named(["voice", "voice_stripped"], MetricContext(NoPack(), voice=parallel[0]))
    record = {"id": 1, "response": warm(MATTERS[5], 0)}
    scores = score_entry(read_entry(record), metrics)
    assert scores["voice"]["value"] > 0.7
    assert score_entry(read_entry({**record, "brand": "acme"}), metrics) == scores
    assert (
        score_entry(read_entry({**record, "brand": "rival"}), metrics)["voice"]["reason"]
        == "not_applicable"
    )
    assert (
        score_entry(read_entry(record), metrics_named(["voice"]))["voice"]["reason"]
        == "not_applicable"
    )


def test_competing_pairs_count_only_where_content_misleads() -> None:
    share, pairs = competing(
        np.array([0.6, 0.9]),
        np.array([0.5, 0.1]),
        np.array([0.7, 0.2, 0.6]),
        np.array([0.6, 0.05, 0.7]),
    )
    assert pairs == 4
    assert share.tolist() == [0.25, 1.0]
    none, pairs = competing(np.array([0.6]), np.array([0.9]), np.array([0.7]), np.array([0.1]))
    assert np.isnan(none).all()
    assert pairs == 0


def test_transplanting_keeps_the_frame() -> None:
    assert transplanted(["The red lamp shines."], ["Kindly be advised that parcels travel."]) == [
        "Red be lamp that shines red."
    ]
    assert transplanted([], ["x"]) == []
    assert transplanted(["the"], ["Go there."]) == [" there."]


def test_texts_are_read_from_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "One first text here.\nIt goes on.\n\nAnd a second one.\n\nshort\n"
    )
    (tmp_path / "b.jsonl").write_text(
        '{"text": "And a second one."}\n{"text": "A third text here.", "content": "c", "x": 1}\n'
    )
    (tmp_path / "c.pdf").write_bytes(b"\x00")
    found = corpus.read_texts(tmp_path)
    assert [s.text for s in found] == [
        "One first text here. It goes on.",
        "And a second one.",
        "A third text here.",
    ]
    assert found[2].content == "c"
    (tmp_path / "b.jsonl").write_text('{"text": "Fine enough text."}\n{"txt": 1}\n')
    with pytest.raises(DataError, match=r"b\.jsonl:2"):
        corpus.read_texts(tmp_path)
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "missing.txt"):
        with pytest.raises(DataError):
            corpus.read_texts(path)


def test_too_few_texts_are_refused() -> None:
    with pytest.raises(DataError, match="too few"):
        corpus.samples("acme", texts(warm)[:19], texts(plain), {}, None)
    with pytest.raises(DataError, match="neutral"):
        corpus.samples("acme", texts(warm), [], {"rival": texts(stiff)}, None)
    same = [Sample(text, content="one") for text in (s.text for s in texts(warm))]
    with pytest.raises(DataError, match="split by content"):
        fit(corpus.samples("acme", same, texts(plain), {}, None), "acme")


@pytest.mark.slow
def test_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, speak in (("own", warm), ("manual", plain), ("rival", stiff)):
        Path(f"{name}.txt").write_text("\n\n".join(s.text for s in texts(speak)))
    given = ["--samples", "own.txt", "--neutral", "manual.txt", "--decoys", "rival.txt"]
    assert run(["voice", "fit", "--brand", "acme", *given, "--out", "acme.json"]) == 0
    assert "acme: VALID" in capsys.readouterr().out
    answers = [{"id": n, "response": warm(m, n)} for n, m in enumerate(MATTERS[:9])] + [
        {"id": 9, "response": "!"}
    ]
    Path("answers.jsonl").write_text("".join(json.dumps(a) + "\n" for a in answers))
    assert run(["voice", "check", "acme.json", "--input", "answers.jsonl"]) == 0
    message = capsys.readouterr().out
    assert "Tried on 9 answers, 1 unparseable: mean V" in message
    score = [
        "score",
        "voice",
        "--voice",
        "acme.json",
        "--input",
        "answers.jsonl",
        "--output",
        "scores.jsonl",
    ]
    assert run(score) == 0
    assert json.loads(Path("scores.jsonl").read_text().splitlines()[0])["voice"]["value"] > 0.7
    Path("elsewhere.txt").write_text("\n\n".join(s.text for s in texts(warm, OTHERS)))
    assert (
        run(
            [
                "voice",
                "fit",
                "--brand",
                "b",
                "--samples",
                "own.txt",
                "--neutral",
                "elsewhere.txt",
                "--decoys",
                "rival.txt",
                "--out",
                "b.json",
            ]
        )
        == 0
    )
    capsys.readouterr()
    code = run(["voice", "check", "b.json"])
    assert code == (3 if "b: INVALID" in capsys.readouterr().out else 0)
    assert run(["voice", "check", "missing.json"]) == 3
    assert (
        run(
            [
                "voice",
                "fit",
                "--brand",
                "own",
                *given[:2],
                "--neutral",
                "manual.txt",
                "--decoys",
                "own.txt",
            ]
        )
        == 2
    )
