"""Checks of proportions: enough clusters, strata that can be compared, voices that can be told
apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Final

from evals.core.interfaces import MIN_CLUSTERS
from evals.core.registry import SUITES
from evals.core.schema import Example, Item, VoiceSample
from suites.packs.validate.scan import Scan

_MIN_COUNT: Final = 20
_FAIR: Final = (0.2, 0.8)
_ABSENT: Final = (0.05, 0.6)
_VOICES: Final = 4


class Tally:
    """Counts over items, for the checks of proportions."""

    def __init__(self) -> None:
        self.clusters: dict[str, set[str]] = defaultdict(set)
        self.changed: Counter[bool] = Counter()
        self.answerable: Counter[bool] = Counter()

    def add(self, item: Item) -> None:
        """Count one item."""
        self.clusters[item.suite].add(item.cluster)
        if item.changed is not None and item.track == "freshness":
            self.changed[item.changed] += 1
        if item.suite == "hallucination":
            self.answerable[item.answerable] += 1


def check_balance(scan: Scan, tally: Tally) -> None:
    """Clusters per suite, changed against unchanged facts, answerable against unanswerable
    items.
    """
    known = set(SUITES.names())
    for suite, clusters in sorted(tally.clusters.items()):
        if suite not in known:
            scan.report(
                "unknown_suite", "items.jsonl", None, f"no installed suite is called {suite!r}"
            )
        if len(clusters) < MIN_CLUSTERS:
            message = (
                f"{suite} has {len(clusters)} clusters; nothing is decided on fewer than"
                f" {MIN_CLUSTERS}, and `adaptbench plan` says how many it takes"
            )
            scan.report("few_clusters", "items.jsonl", None, message)
    _check_share(scan, "items.jsonl", "changed facts on the track freshness", tally.changed, _FAIR)
    _check_share(scan, "items.jsonl", "answerable items of hallucination", tally.answerable, _FAIR)


def check_strata(scan: Scan) -> None:
    """The share of contextual training examples whose oracle is absent."""
    if not (scan.root / "train.jsonl").exists():
        return
    absent: Counter[bool] = Counter()
    for _, example in scan.records("train.jsonl", Example):
        if example.stratum != "closed_book":
            absent[example.stratum != "oracle_present"] += 1
    _check_share(scan, "train.jsonl", "contextual examples without their oracle", absent, _ABSENT)


def check_voices(scan: Scan) -> None:
    """Contents are said in every voice, split alike, and the pack's brand is one of at least
    three.
    """
    if not (scan.root / "voices.jsonl").exists():
        return
    contents: dict[str, tuple[int, str, set[str]]] = {}
    voices: set[str] = set()
    for line, sample in scan.records("voices.jsonl", VoiceSample):
        voices.add(sample.voice)
        first, split, said = contents.setdefault(sample.content, (line, sample.split, set()))
        said.add(sample.voice)
        if split != sample.split:
            message = (
                f"content {sample.content!r} is {sample.split} here and {split} on line {first}"
            )
            scan.report("voice_split", "voices.jsonl", line, message)
    alone = {content: known for content, known in contents.items() if known[2] != voices}
    for content, (line, _, said) in list(alone.items())[:1]:
        message = (
            f"{len(alone)} of {len(contents)} contents are not said in every voice; {content!r} is"
            f" not in {', '.join(sorted(voices - said))}"
        )
        scan.report("voice_unparallel", "voices.jsonl", line, message)
    brand = scan.settings.pack.brand
    if voices and brand not in voices:
        scan.report(
            "unknown_brand", "pack.toml", None, f"the brand {brand!r} has no sample in voices.jsonl"
        )
    if voices and (len(voices) < _VOICES or "neutral" not in voices):
        message = (
            f"voices: {', '.join(sorted(voices))}; a valid voice score wants a brand, two decoys"
            " and neutral"
        )
        scan.report("few_voices", "voices.jsonl", None, message)


def _check_share(
    scan: Scan, file: str, what: str, counts: Counter[bool], fair: tuple[float, float]
) -> None:
    total = counts.total()
    if total < _MIN_COUNT:
        return
    share = counts[True] / total
    if not fair[0] <= share <= fair[1]:
        message = f"{what}: {share:.0%} of {total}, outside {fair[0]:.0%} to {fair[1]:.0%}"
        scan.report("unbalanced_strata", file, None, message)
