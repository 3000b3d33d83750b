"""Measure metrics against people on the public labelled sets and write the figures into
docs/metrics.md.

Run: ``python -m scripts.research.validate_metrics [SECTION …]``, for example ``groundedness voice``
(all by default; needs ADAPTBENCH_DATA, some minutes on one core). ``detector --detector MODEL``
asks a model from a hub or a folder. Fitted metrics are reported on held-out folds only, split by
question or source text. Each section replaces the lines between its own markers, so sections can be
refreshed alone.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.core.document import replace_block
from evals.core.schema import VoiceSample
from evals.metrics.references import f1 as token_f1
from evals.scorers.answer_match import model as references
from evals.scorers.voice import model as voice_model
from evals.text.words import fold
from scripts.research import (
    abstention_figures,
    answer_match_figures,
    answer_match_fit,
    detector_figures,
    grounding_evidence,
    grounding_figures,
    grounding_fit,
    grounding_second,
    grounding_unseen,
    hard_figures,
    labelled,
    style,
)
from scripts.research.labelled import Judged

ROOT = Path(__file__).resolve().parents[2]
DOC = ROOT / "docs" / "metrics.md"
Floats = NDArray[np.float64]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A markdown table; floats with three digits."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(f"{c:.3f}" if isinstance(c, float) else str(c) for c in row) + " |"
        for row in lines
    )


def auroc(label: Floats, score: Floats) -> float:
    """Area under the ROC curve."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(label, score))


def answer_match(data: Path) -> str:
    """EVOUNA on held-out questions; OpenQA-eval by a model that was fit on EVOUNA alone."""
    evouna, openqa = list(labelled.evouna(data)), list(labelled.openqa(data))
    rows, rules = _read(evouna)
    target = np.array([j.label for j in evouna])
    chance = _settled(_folds(rows, target, np.array([j.source for j in evouna])), rules)
    found = []
    for system in labelled.EVOUNA_SYSTEMS:
        at = np.array([j.system == system for j in evouna])
        plain = np.array([_substring(j) for j in evouna])[at]
        found.append(
            (system, int(at.sum()), _agree(plain, target[at]), _agree(chance[at], target[at]))
        )
    means = (
        "mean",
        len(evouna),
        float(np.mean([r[2] for r in found])),
        float(np.mean([r[3] for r in found])),
    )
    model = answer_match_fit.fit(rows, target, {})
    others, plain_ones = _read(openqa)
    truth = np.array([j.label for j in openqa])
    f1 = np.array([max(token_f1(j.response, r) for r in j.references) for j in openqa])
    best = max(_agree((f1 >= t).astype(float), truth) for t in np.linspace(0.05, 1, 20))
    exact = np.array(
        [float(fold(j.response).strip(" .") in {fold(r) for r in j.references}) for j in openqa]
    )
    inside = np.array([_substring(j) for j in openqa])
    transfer = [
        ("exact match", _agree(exact, truth)),
        ("substring match", _agree(inside, truth)),
        ("token F1 at its best threshold", best),
        (
            "answer_match, fit on EVOUNA alone",
            _agree(_settled(model.probability(others), plain_ones), truth),
        ),
    ]
    ruled = zip([*rules, *plain_ones], [*evouna, *openqa], strict=True)
    agreed = [right == bool(one.label) for right, one in ruled if right is not None]
    return "\n\n".join(
        [
            (
                "EVOUNA Natural Questions, share of human verdicts agreed with, five folds by"
                " question:"
            ),
            table(("system", "answers", "substring match", "answer_match"), [*found, means]),
            f"OpenQA-eval, {len(openqa)} judged answers, none of them fit on:",
            table(("matcher", "agreement"), transfer),
            (
                f"Rules settle {len(agreed)} of all {len(rows) + len(others)} answers,"
                f" {sum(agreed)} of them as people do."
            ),
        ]
    )


def _substring(one: Judged) -> float:
    return float(any(fold(r) in fold(one.response) for r in one.references))


def _read(judged: Sequence[labelled.Judged]) -> tuple[Floats, list[bool | None]]:
    """The features of answers, and what rules settle of them."""
    found = [references.reading(j.question, j.response, j.references) for j in judged]
    readings = [one for one in found if one is not None]
    assert len(readings) == len(judged), "a judged answer without a reference"
    return np.array([one.row for one in readings]), [one.right for one in readings]


def _settled(chance: Floats, rules: Sequence[bool | None]) -> Floats:
    return np.array(
        [references.decided(p, right) for p, right in zip(chance.tolist(), rules, strict=True)]
    )


def _agree(score: Floats, truth: Floats) -> float:
    return float(((score >= 0.5) == (truth >= 0.5)).mean())


def _folds(rows: Floats, target: Floats, group: NDArray[Any]) -> Floats:
    from sklearn.model_selection import GroupKFold

    chance = np.zeros(len(target))
    for train, test in GroupKFold(5).split(rows, target, group):
        chance[test] = answer_match_fit.fit(rows[train], target[train], {}).probability(rows[test])
    return chance


def groundedness(data: Path) -> str:
    """Held-out folds by source text and sets left out, without a model and with one, beside length
    and k-precision.
    """
    filled = grounding_fit.table(grounding_fit.training(data))
    chance, risk = grounding_fit.held_out(filled)
    apart = grounding_fit.table(list(labelled.halueval(data)))
    rows = grounding_second.rows(filled)
    judged = [*(filled.judged[i] for i in rows.tolist()), *apart.judged]
    evidence, apart_evidence = np.split(
        grounding_second.words(judged, grounding_evidence.with_evidence(judged)), [len(rows)]
    )
    plain = grounding_figures.plain(filled, apart, chance)
    models = grounding_figures.with_model(filled, (rows, evidence), apart, apart_evidence, chance)
    threshold, spans = grounding_figures.spans(filled, risk)
    head = ("set", "answers", "length alone", "k_precision", "writer alone", "folds", "unseen")
    both = (
        "set",
        "answers",
        "length alone",
        "k_precision",
        "folds",
        "folds, model",
        "unseen",
        "unseen, model",
    )
    level = ("supported", "mean, model")
    return "\n\n".join(
        [
            (
                "AUROC of supported against not (mtrag: Spearman with the mean human rating),"
                " without a model. Five folds by source text; unseen: fit on the other sets alone."
                " HaluEval is never fit on. Writer alone: how often the system that wrote the"
                " answer is supported in the other folds."
            ),
            table(head, plain),
            (
                f"Without and with {grounding_evidence.MODEL}'s log-probabilities on the same"
                " answers; last the share that is supported and the mean probability in folds with"
                " the model:"
            ),
            table((*both, *level), models),
            (
                "RAGTruth's answers, held-out folds, balanced accuracy of calling them supported"
                " from a probability on:"
            ),
            table(
                ("task", "from 0.5", "from the best on other folds"),
                grounding_figures.decided(filled, chance),
            ),
            f"RAGTruth spans, characters, sentences named from risk {threshold} on:",
            table(("task", "precision", "recall", "F1"), spans),
        ]
    )


def detector(data: Path, reference: str) -> str:
    """A detector's agreement with people beside that of `groundedness` on held-out folds, both on
    the same answers.
    """
    from rich.console import Console
    from rich.progress import Progress

    from evals.core.registry import detector as provider

    model = provider(reference)
    filled = grounding_fit.table(grounding_fit.training(data))
    rows = detector_figures.sample(filled)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("judging", total=len(rows))
        value = detector_figures.support(
            filled, rows, model, lambda done, of: progress.update(bar, completed=done, total=of)
        )
    chance, _ = grounding_fit.held_out(filled)
    return "\n\n".join(
        [
            (
                "AUROC of supported against not (mtrag: Spearman with the mean human rating) of"
                f" the detector `{model.identity}`, on at most {detector_figures.MOST} answers of a"
                " set; groundedness without a model, five folds by source text. What its makers"
                " trained the detector on is not known here."
            ),
            table(
                ("set", "answers", "length alone", "groundedness", "detector"),
                detector_figures.figures(filled, rows, value, chance),
            ),
        ]
    )


def abstentions(data: Path) -> str:
    """Refusals of several kinds of writer, and right answers that are none; halves whose errors
    were never read.
    """
    return table(("answers", "n", "precision", "recall", "F1"), abstention_figures.figures())


def hard_answer_match(data: Path) -> str:
    """The set written against `answer_match`."""
    return table(
        ("half", "answers", "substring match", "answer_match"), hard_figures.answer_match()
    )


def unseen_answer_match(data: Path) -> str:
    """Financial values and statements, kinds of text that no coefficient was fit on."""
    head = ("answers", "n", "substring match", "answer_match")
    sets = (answer_match_figures.financial(data), answer_match_figures.truthful(data))
    return "\n\n".join(table(head, answer_match_figures.figures(list(answers))) for answers in sets)


def hard_groundedness(data: Path) -> str:
    """The set written against `groundedness`."""
    head = ("answers", "n", "mean, half A", "mean, half B", "AUROC, half A", "AUROC, half B")
    return table(head, hard_figures.groundedness())


def voice(data: Path) -> str:
    """Validity with content competing, for every brand of the default pack and the two Bitext
    voices; STEL.
    """
    from evals.core.paths import cache_dir
    from evals.core.registry import open_pack

    samples = list(open_pack("default", cache_dir()).voices())
    brands = sorted({s.voice for s in samples} - {"neutral"})
    rows = [
        _validity(f"default pack: {brand}", voice_model.fit(samples, brand)) for brand in brands
    ]
    texts = _bitext(data)
    rows += [_validity("bitext: long voice", voice_model.fit(texts, "long", neutral="short"))]
    rows += [_validity("bitext: short voice", voice_model.fit(texts, "short", neutral="long"))]
    right: dict[str, list[float]] = defaultdict(list)
    competing: dict[str, list[float]] = defaultdict(list)
    for dimension, anchors, others, first in labelled.stel(data):
        way = style.alignment(anchors, others)
        right[dimension].append(0.5 if way == 0 else float((way > 0) == first))
        alike = others[0] if first else others[1]
        near = style.distance(anchors[0], alike) < style.distance(anchors[0], anchors[1])
        competing[dimension].append(float(near))
    stel: list[tuple[object, ...]] = [
        (d, len(v), float(np.mean(v)), float(np.mean(competing[d])))
        for d, v in sorted(right.items())
    ]
    mean = [
        float(np.mean([float(np.mean(v)) for v in side.values()])) for side in (right, competing)
    ]
    stel.append(("mean of dimensions", sum(map(len, right.values())), *mean))
    return "\n\n".join(
        [
            (
                "Share of held-out pairs with content competing in which the brand's text scores"
                " higher:"
            ),
            table(("voice", "pairs", "validity", "verdicts turned by marks"), rows),
            (
                "STEL, share of quadruples ordered right by `style.alignment`, nothing fit"
                " (published, competing: .396):"
            ),
            table(("dimension", "n", "same content", "content competing"), stel),
        ]
    )


def _validity(name: str, model: voice_model.VoiceModel | None) -> tuple[object, ...]:
    if model is None:
        return name, 0, "not enough texts", ""
    return name, model.pairs, model.validity, model.scale.flips


def _bitext(data: Path, per_intent: int = 12) -> list[VoiceSample]:
    """Answers of both voices, some per intent; every third intent is held out, so no topic is on
    both sides.
    """
    taken: dict[tuple[str, str], int] = defaultdict(int)
    intents = sorted({intent for _, intent, _ in labelled.bitext(data)})
    held = set(intents[::3])
    found, seen = [], set()
    for number, (voice_name, intent, text) in enumerate(labelled.bitext(data)):
        if taken[voice_name, intent] >= per_intent or text in seen:
            continue
        taken[voice_name, intent] += 1
        seen.add(text)
        split: Any = "held_out" if intent in held else "fit"
        found.append(VoiceSample(str(number), intent, voice_name, text, split))
    return found


def own_voice(data: Path) -> str:
    """Voices fit from texts of one side as `adaptbench voice fit` does, and what must fail: one
    voice on two topics.
    """
    from evals.core.paths import cache_dir
    from evals.core.registry import open_pack
    from evals.scorers.voice import fit, trust
    from evals.text import corpus

    pack = open_pack("default", cache_dir())
    voices: dict[str, list[corpus.Sample]] = defaultdict(list)
    for evidence in pack.voices():
        voices[evidence.voice].append(corpus.Sample(evidence.text))
    intents: dict[bool, list[corpus.Sample]] = defaultdict(list)
    short: dict[str, corpus.Sample] = {}
    for number, evidence in enumerate(_bitext(data, 40)):
        if evidence.voice == "short":
            short[evidence.text] = corpus.Sample(evidence.text)
        elif number % 4 == 0:
            intents[evidence.content < "delivery"].append(corpus.Sample(evidence.text))
    long = (intents[True] + intents[False])[::2][:150]
    decoys = {name: voices[name][75:] for name in ("axiom", "fernbank")}
    cases: list[
        tuple[str, list[corpus.Sample], list[corpus.Sample], dict[str, list[corpus.Sample]]]
    ] = [
        (
            "ashgrove, other contents' neutral and decoys",
            voices["ashgrove"][:75],
            voices["neutral"][75:],
            decoys,
        ),
        ("bitext long, the pack's voices stand in", long, [], {}),
        ("bitext long against bitext short", long, list(short.values()), {}),
        (
            "one voice: bitext long, two halves of intents",
            intents[True][:120],
            intents[False][:120],
            {},
        ),
        (
            "one voice: neutral, two halves of contents",
            voices["neutral"][:75],
            voices["neutral"][75:],
            decoys,
        ),
    ]
    rows = []
    for name, own, neutral, others in cases:
        model, held = fit.fit(corpus.samples("own", own, neutral, others, pack), "own")
        known = trust.measure(model, held, decoys=True)
        shares = (
            known.accuracy,
            known.length_only,
            known.same_length,
            known.competing,
            known.transplanted,
        )
        verdict = "INVALID" if trust.problems(model, known) else "VALID"
        rows.append(
            (name, known.texts, *("n/a" if s.value is None else s.value for s in shares), verdict)
        )
    head = (
        "texts",
        "n",
        "accuracy",
        "length alone",
        "kept out at equal length",
        "competing",
        "transplanted",
        "",
    )
    return table(head, rows)


def house_rules(data: Path) -> str:
    """Red Hat's rules for Vale on their own fixtures: a line of good or bad text a case, no blocks
    or comments.
    """
    import yaml

    from evals.core.errors import DataError
    from evals.metrics.house_rules import read_checks

    root = data / "vale_redhat" / ".vale"
    used, refused, lines = 0, [], {"testinvalid": [0, 0], "testvalid": [0, 0]}
    for sheet in sorted((root / "styles" / "RedHat").glob("*.yml")):
        check = yaml.safe_load(sheet.read_text(encoding="utf-8"))
        try:
            (rule,) = read_checks([{**check, "name": sheet.stem}], sheet)
        except DataError:
            refused.append(f"{sheet.stem} ({check['extends']}{_scope(check)})")
            continue
        used += 1
        for kind, count in lines.items():
            fixture = root / "fixtures" / "RedHat" / sheet.stem / f"{kind}.adoc"
            for line in (
                fixture.read_text(encoding="utf-8").splitlines() if fixture.exists() else ()
            ):
                if line.strip() and not line.startswith(("//", ":", "----", "....", "[")):
                    count[0] += 1
                    count[1] += rule.breach(line) is not None
    bad, good = lines["testinvalid"], lines["testvalid"]
    return "\n\n".join(
        [
            (
                f"Red Hat's house style for Vale, {used} of {used + len(refused)} rules, on its own"
                " lines of text:"
            ),
            table(
                ("lines", "n", "a breach is found"),
                [("bad", bad[0], bad[1] / bad[0]), ("good", good[0], good[1] / good[0])],
            ),
            f"Refused: {', '.join(refused)}.",
        ]
    )


def _scope(check: dict[str, Any]) -> str:
    scope = check.get("scope")
    return f", scope {scope}" if scope else ""


def groundedness_unseen(data: Path) -> str:
    """Whole sets left out, beside plain overlap."""
    head = (
        "set",
        "answers",
        "k_precision",
        "bigrams",
        "overlap",
        "models",
        "groundedness",
        "folds",
    )
    about = (
        "AUROC of supported against not (mtrag: Spearman with the mean human rating); models and "
        "groundedness: fit on the other sets alone, HaluEval and WiCE never fit on; folds: "
        "groundedness, five folds by source text."
    )
    return "\n\n".join([about, table(head, grounding_unseen.figures(data))])


SECTIONS: dict[str, Callable[[Path], str]] = {
    "answer_match": answer_match,
    "groundedness": groundedness,
    "groundedness_unseen": groundedness_unseen,
    "abstention": abstentions,
    "hard_answer_match": hard_answer_match,
    "unseen_answer_match": unseen_answer_match,
    "hard_groundedness": hard_groundedness,
    "voice": voice,
    "own_voice": own_voice,
    "house_rules": house_rules,
}


def main(argv: Sequence[str] | None = None) -> None:
    """Run the named sections, print them and write them into the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "sections",
        nargs="*",
        choices=[*SECTIONS, "detector", "all"],
        default="all",
        metavar="SECTION",
        help=f"{', '.join(SECTIONS)}; all by default; detector",
    )
    parser.add_argument(
        "--detector", metavar="MODEL", help="hub id or folder that the section detector judges by"
    )
    asked = parser.parse_args(argv)
    if ("detector" in asked.sections) != (asked.detector is not None):
        parser.error("the section detector and --detector MODEL need each other")
    sections = SECTIONS | {"detector": partial(detector, reference=asked.detector)}
    data = labelled.need_data_dir()
    for name in SECTIONS if "all" in asked.sections else asked.sections:
        text = sections[name](data)
        print(f"## {name}\n\n{text}\n", flush=True)
        replace_block(DOC, f"<!-- figures: {name} -->", "<!-- end -->", text)


if __name__ == "__main__":
    main()
