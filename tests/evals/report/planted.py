"""Planted runs on disk: the stored format, sealed, with answers, passages, timings and scores whose
truth is known.

Four families and three controls answer four suites. Probabilities are planted, so a test knows what
a report may say.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from evals.core.identity import file_digest
from evals.core.schema import (
    Item,
    Passage,
    Response,
    Score,
    ScoreLine,
    Slot,
    Timings,
    Usage,
    encode,
    scored,
    unscored,
)
from evals.core.store import (
    ITEMS,
    RESPONSES,
    SCORES,
    Manifest,
    MetricNote,
    StoredRun,
    SuiteNote,
    open_run,
    seal,
    write_manifest,
)

TRACKS: Mapping[str, tuple[str, ...]] = {
    "domain_accuracy": ("closed_book", "freshness", "breadth", "personalization"),
    "hallucination": ("no_entity", "false_premise"),
    "brand_tone": ("stress", "plain"),
    "latency_cost": ("domain_accuracy", "brand_tone"),
}
HEADLINES = {
    "domain_accuracy": "accuracy",
    "hallucination": "truthful",
    "brand_tone": "on_brand_and_correct",
    "latency_cost": "e2e",
}
METRICS: Mapping[str, tuple[str, ...]] = {
    "domain_accuracy": ("accuracy", "content_f1", "recall_at_k", "stale", "over_refusal", "auroc"),
    "hallucination": ("truthful", "fabrication", "unsupported"),
    "brand_tone": ("on_brand_and_correct", "voice"),
    "latency_cost": ("e2e", "e2e_p95", "ttft", "cost_per_1k"),
}
WIDE = (0.0, 1e12)
NOTES: Mapping[str, MetricNote] = {
    "accuracy": MetricNote("higher", "mean", about="right answers, all kinds of gold"),
    "content_f1": MetricNote("higher", "mean", about="F1 of stemmed content words"),
    "recall_at_k": MetricNote("higher", "mean", about="gold documents retrieved"),
    "stale": MetricNote("lower", "mean", about="asserts the superseded value"),
    "over_refusal": MetricNote("lower", "mean", about="declined although answerable"),
    "auroc": MetricNote("higher", "auroc", about="right answers are the more confident ones"),
    "truthful": MetricNote("higher", "mean", about="right on the item and on its twin"),
    "fabrication": MetricNote("lower", "mean", about="answered where no answer exists"),
    "unsupported": MetricNote("lower", "mean", about="share of typed claims not in the context"),
    "on_brand_and_correct": MetricNote("higher", "mean", about="right and in the brand's voice"),
    "voice": MetricNote("higher", "mean", (-1.0, 2.0), "0 is neutral, 1 is held-out brand text"),
    "e2e": MetricNote("lower", "mean", WIDE, "seconds end to end, mean"),
    "e2e_p95": MetricNote("lower", "p95", WIDE, "seconds end to end, 95th percentile"),
    "ttft": MetricNote("lower", "mean", WIDE, "seconds to the first token"),
    "cost_per_1k": MetricNote(
        "lower", "mean", WIDE, "$ per 1,000 queries on a cloud machine, one at a time"
    ),
}
_SYLLABLES = (
    "ka",
    "lo",
    "mer",
    "ti",
    "sun",
    "do",
    "vel",
    "ra",
    "pi",
    "nest",
    "or",
    "gu",
    "ly",
    "tham",
    "is",
    "en",
)
_VOCABULARY = tuple(a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES[:12])
"""3,072 words, so that texts are about as hard to compress as a company's."""


@dataclass(frozen=True)
class Planted:
    """One system with its true rates: right by track (and when the fact changed), voice, seconds,
    dollars.
    """

    name: str
    right: Mapping[str, float]
    changed: float
    fabricates: float
    voice: float
    seconds: float
    dollars: float
    retrieves: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


FAMILY = (
    Planted("base", {"closed_book": 0.05}, 0.05, 0.9, 0.1, 0.6, 0.04),
    Planted("rag", {"closed_book": 0.6, "freshness": 0.7}, 0.7, 0.6, 0.12, 1.4, 0.09, True),
    Planted("finetuned", {"closed_book": 0.8, "freshness": 0.4}, 0.02, 0.7, 0.85, 0.5, 0.04),
    Planted("hybrid", {"closed_book": 0.93, "freshness": 0.94}, 0.9, 0.1, 0.86, 1.3, 0.09, True),
)
CONTROLS = (
    Planted("always_abstain", {}, 0.0, 1.0, 0.3, 0.001, 0.0),
    Planted(
        "copy_top_passage", {"closed_book": 0.3, "freshness": 0.3}, 0.3, 1.0, 0.2, 0.05, 0.001, True
    ),
    Planted(
        "oracle", dict.fromkeys(TRACKS["domain_accuracy"], 1.0), 1.0, 0.0, 0.5, 0.001, 0.0, True
    ),
)
_NOT_HERE = unscored("not_applicable")
STRESS = ("angry", "refusal", "very_short", "plain")
_SENTENCE = "the store in Kelder opens at nine and closes late while return of the lamp is free"
_WORDS = _SENTENCE.split()


def items(count: int, suites: Sequence[str] = tuple(TRACKS)) -> Iterator[Item]:
    """``count`` items of each suite, two to a cluster, spread over its tracks."""
    for suite in suites:
        tracks = TRACKS[suite]
        for n in range(count):
            track = tracks[n // 2 % len(tracks)]
            about = f"product Nerolu {n // 2}"
            yield Item(
                id=f"{suite}/{n:05}",
                suite=suite,
                track=track,
                question=f"How many days do I have to return {about}?"
                if n % 2
                else f"What is the price of {about}?",
                cluster=f"{suite}-c{n // 2}",
                answerable=suite != "hallucination",
                gold=() if suite == "hallucination" else (Slot("value", "number", str(n % 90)),),
                references=(f"{n % 90} days.",),
                documents=(f"doc-{n % max(97, count)}",),
                user=f"user-{n % 5}" if track == "personalization" else None,
                stress=STRESS[n % 4] if suite == "brand_tone" else None,
                changed=bool(n // 8 % 2) if track == "freshness" else None,
            )


def response(
    system: Planted, item: Item, right: bool, chance: random.Random, text: str | None = None
) -> Response:
    """A realistic record of one answer."""
    value = item.gold[0].value if item.gold and right else str(chance.randrange(90, 180))
    filler = " ".join(chance.choices(_WORDS, k=12) + chance.choices(_VOCABULARY, k=18))
    message = text if text is not None else f"Hi there! It is {value} days. {filler}."
    total = system.seconds * chance.lognormvariate(0, 0.3)
    latency = item.suite == "latency_cost"
    return Response(
        item=item.id,
        text=message,
        passages=tuple(passages(item, chance)) if system.retrieves else None,
        usage=Usage(prompt=600 if system.retrieves else 80, completion=24),
        timings=Timings(
            "latency" if latency else "throughput",
            total * 0.1,
            0.0,
            total * 0.3,
            total * 0.6,
            total,
        ),
        logprobs=(-0.1, -0.2),
    )


def passages(item: Item, chance: random.Random) -> Iterator[Passage]:
    """Four passages, the first of the gold document three times out of four."""
    gold = item.documents[0]
    near = [f"doc-{_number(gold) + chance.randrange(1, 400)}" for _ in range(4)]
    for rank, document in enumerate([gold if chance.random() < 0.75 else near[0], *near[1:]]):
        filler = " ".join(random.Random(document).choices(_VOCABULARY, k=60))
        yield Passage(f"{document}#0", document, 9.0 - rank, f"{document}: {filler}.")


def _number(document: str) -> int:
    digits = document.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def score_line(
    system: Planted, item: Item, answer: Response, right: bool, chance: random.Random
) -> ScoreLine:
    """Scores of one answer under the planted truth."""
    if item.suite == "domain_accuracy":
        scores = _accuracy(system, item, answer, right, chance)
    elif item.suite == "hallucination":
        said = [] if right else [answer.text.split(". ")[0][-8:]]
        scores = {
            "truthful": scored(right, own=right, twin=right),
            "fabrication": scored(not right, invented=said),
            "unsupported": scored(0.5, claims=2, unsupported=said)
            if system.retrieves
            else unscored("not_applicable"),
        }
    elif item.suite == "brand_tone":
        voice = min(1.5, max(-0.5, chance.gauss(system.voice, 0.2)))
        scores = {
            "on_brand_and_correct": scored(voice > 0.5 and right, correct=right),
            "voice": scored(voice),
        }
    else:
        assert answer.timings is not None
        seconds = scored(answer.timings.total)
        scores = {
            "e2e": seconds,
            "e2e_p95": seconds,
            "ttft": scored(answer.timings.ttft),
            "cost_per_1k": scored(system.dollars) if system.dollars else unscored("no_price"),
        }
    return ScoreLine(
        item.id,
        item.suite,
        item.track,
        item.cluster,
        scores,
        stress=item.stress,
        changed=item.changed,
    )


def _accuracy(
    system: Planted, item: Item, answer: Response, right: bool, chance: random.Random
) -> dict[str, Score]:
    confidence = round(min(0.99, max(0.01, chance.gauss(0.7 if right else 0.5, 0.15))), 3)
    found = answer.passages is not None and item.documents[0] in {
        p.document for p in answer.passages
    }
    refused = not right and chance.random() < 0.2
    became = "correct" if right else "abstained" if refused else "wrong"
    stale = not right and not refused and bool(item.changed)
    return {
        "accuracy": scored(right, outcome=became),
        "content_f1": scored(round(chance.uniform(0.2, 0.9), 3)),
        "recall_at_k": scored(found) if answer.passages is not None else unscored("no_context"),
        "stale": scored(stale, said=[answer.text[13:21]] if stale else [])
        if item.changed is not None
        else _NOT_HERE,
        "over_refusal": scored(refused),
        "auroc": scored(confidence, confidence=confidence, correct=float(right)),
    }


def is_right(system: Planted, item: Item, chance: random.Random) -> bool:
    """Draw whether the system answers this item right."""
    if item.suite == "hallucination":
        return chance.random() >= system.fabricates
    if item.changed:
        return chance.random() < system.changed
    usual = system.right.get("closed_book", 0.0)
    return chance.random() < system.right.get(item.track, usual)


def plant(
    results: Path,
    systems: Sequence[Planted] = FAMILY + CONTROLS,
    count: int = 64,
    suites: Sequence[str] = tuple(TRACKS),
    *,
    texts: Mapping[str, str] | None = None,
    asked: Sequence[Item] | None = None,
    suffix: str = "",
) -> list[StoredRun]:
    """Write one complete, sealed run per system below ``results/runs``; ``texts`` replaces answers
    by item id.
    """
    chosen = list(items(count, suites)) if asked is None else list(asked)
    return [_plant_one(results, system, chosen, suites, texts or {}, suffix) for system in systems]


def _plant_one(
    results: Path,
    system: Planted,
    asked: Sequence[Item],
    suites: Sequence[str],
    texts: Mapping[str, str],
    suffix: str,
) -> StoredRun:
    safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in system.name[:40])
    folder = results / "runs" / f"{safe}-{len(asked):012}{suffix}"
    folder.mkdir(parents=True)
    chance = random.Random(f"{system.name}{len(asked)}{suffix}")
    with (
        (folder / ITEMS).open("wb") as kept,
        (folder / RESPONSES).open("wb") as answers,
        (folder / SCORES).open("wb") as scores,
    ):
        for item in asked:
            right = is_right(system, item, chance)
            answer = response(system, item, right, chance, texts.get(item.id))
            kept.write(encode(item) + b"\n")
            answers.write(encode(answer) + b"\n")
            scores.write(encode(score_line(system, item, answer, right, chance)) + b"\n")
    return finish(folder, manifest_of(folder.name, system, len(asked), suites))


def manifest_of(run: str, system: Planted, count: int, suites: Sequence[str]) -> Manifest:
    """The manifest of an unfinished planted run."""
    used = {metric for suite in suites for metric in METRICS[suite]}
    return Manifest(
        run=run,
        system=system.name,
        about=f"planted {system.name}",
        pack="shop",
        brand="Kelder",
        profile="standard",
        seed=0,
        identity={
            "system": system_identity(system),
            "pack": {"name": "shop", "identity": "0123456789abcdef"},
            "items": f"{count}",
            "machine": "laptop, 2 cores",
        },
        suites={
            s: SuiteNote(
                HEADLINES[s],
                METRICS[s],
                TRACKS[s],
                "latency" if s == "latency_cost" else "throughput",
            )
            for s in suites
        },
        metrics={name: note for name, note in NOTES.items() if name in used},
        items=count,
        machine={"class": "laptop, 2 cores", "processor": "laptop", "cores": 2, "memory_gib": 8},
        libraries={"torch": "2.13.0", "transformers": "5.23.0"},
        command=f"adaptbench run {system.name} --profile standard",
        started="2026-01-02T03:00:00+00:00",
    )


def system_identity(system: Planted) -> dict[str, object]:
    """As the real systems tell it: families by adapter and retriever, controls by their kind."""
    if system in FAMILY:
        adapter = (
            {"recipe": system.name, "seed": 0} if system.name in ("finetuned", "hybrid") else None
        )
        retriever = {"kind": "hybrid", "k": 4} if system.retrieves else None
        return {"kind": "adapted", "adapter": adapter, "retriever": retriever, **system.settings}
    kind = "".join(part.capitalize() for part in system.name.split("_"))
    return {"kind": kind, **system.settings}


def finish(folder: Path, manifest: Manifest) -> StoredRun:
    """Complete and seal a planted run."""
    files = {name: file_digest(folder / name) for name in (ITEMS, RESPONSES, SCORES)}
    done = msgspec.structs.replace(
        manifest, status="complete", finished="2026-01-02T03:30:00+00:00", files=files, scoring="s"
    )
    write_manifest(folder, msgspec.structs.replace(done, seal=seal(done)))
    return open_run(folder)
