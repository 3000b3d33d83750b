"""What a verdict rests on, and the ledger of gates: every look at the same baseline and questions
spends part of the level.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from evals.analysis.selection import key_of, method_of, pack_identity
from evals.core.identity import digest
from evals.core.schema import Record
from evals.core.store import Manifest, StoredRun

LEDGER: Final = "gates.jsonl"


class Evidence(Record, frozen=True, omit_defaults=False):
    """One side of a gate: its runs (a seal, files' hashes and seed each), and what they were asked
    and made with. ``attempts`` counts the complete runs of the system on these questions.
    """

    system: str
    method: str
    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    seals: tuple[str, ...]
    files: tuple[dict[str, str], ...]
    pack: str
    questions: str
    profile: str
    limit: int | None
    machine: str
    libraries: dict[str, str]
    attempts: int


class Look(Record, frozen=True, omit_defaults=False):
    """One gate as the ledger keeps it: who was compared on what, under which policy and level."""

    day: str
    baseline: str
    questions: str
    candidate: str
    seals: tuple[str, ...]
    policy: str
    level: float
    outcome: str


class Standing(Record, frozen=True, omit_defaults=False):
    """Where a gate stands among the looks at one baseline on one set of questions: its number (1 is
    the first), the candidates so far, this one included, and the level that is left for it.
    """

    look: int
    candidates: int
    level: float


def evidence(run: StoredRun, others: Sequence[StoredRun] = ()) -> Evidence:
    """The evidence of one side; ``others`` are the runs among which attempts are counted."""
    runs = sorted((run, *run.seeds), key=lambda r: (r.manifest.seed, r.name))
    manifest, key = run.manifest, key_of(run.manifest)
    own = [r for r in (*others, *runs) if r.manifest.system == manifest.system]
    known = {r.name for r in own if key_of(r.manifest) == key}
    return Evidence(
        system=manifest.system,
        method=method_of(manifest),
        runs=tuple(r.name for r in runs),
        seeds=tuple(r.manifest.seed for r in runs),
        seals=tuple(r.manifest.seal or "" for r in runs),
        files=tuple(r.manifest.files for r in runs),
        pack=pack_identity(manifest),
        questions=questions_of(manifest),
        profile=manifest.profile,
        limit=manifest.limit,
        machine=str(manifest.machine.get("class", "")),
        libraries=manifest.libraries,
        attempts=len(known),
    )


def questions_of(manifest: Manifest) -> str:
    """Digest of the exact questions of a run."""
    return digest([str(key_of(manifest)), manifest.identity.get("items")])


def standing(
    candidate: Evidence, baseline: Evidence, policy: str, alpha: float, looks: Sequence[Look]
) -> Standing:
    """The place of this gate in the ledger.

    Level: alpha at the first look, alpha/(k(k − 1)) at look k. Each look's chance to promote an
    equal candidate is half its level (superiority is one-sided), and alpha/2·(1 + Σ_{k≥2} 1/(k(k −
    1))) = alpha: so all looks together, however many, promote one with at most alpha (Bonferroni
    with unequal shares, which needs no independence). The same runs under the same policy are the
    same look, whenever asked.
    """
    seen = dict.fromkeys(
        (look.seals, look.policy, look.candidate)
        for look in looks
        if (look.baseline, look.questions) == (baseline.method, baseline.questions)
    )
    own = (candidate.seals, policy, candidate.method)
    place = list(seen).index(own) + 1 if own in seen else len(seen) + 1
    methods = {method for _, _, method in list(seen)[:place]} | {candidate.method}
    return Standing(place, len(methods), alpha if place == 1 else alpha / (place * (place - 1)))


def look_at(
    candidate: Evidence, baseline: Evidence, policy: str, level: float, outcome: str, day: str
) -> Look:
    """What the ledger keeps of a gate."""
    return Look(
        day=day,
        baseline=baseline.method,
        questions=baseline.questions,
        candidate=candidate.method,
        seals=candidate.seals,
        policy=policy,
        level=level,
        outcome=outcome,
    )
