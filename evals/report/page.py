"""The page: one HTML text from gathered runs, for a file (answers inside) or for the viewer
(answers served).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jinja2
from markupsafe import Markup

from evals.analysis.measured import unmeasured_suites
from evals.core.inert import visible
from evals.report.answers import Answers
from evals.report.charts import pictures, pictures_slices
from evals.report.charts.figure import Figure
from evals.report.context import board_rows, provenance, unmeasured
from evals.report.gather import Gathered
from evals.report.inert import asset, data_json, policy
from evals.report.outcomes import OUTCOMES
from evals.report.overview import Overview, overview
from evals.report.payload import PASSAGES_PER_BLOCK, PER_BLOCK, Payload
from evals.report.slices import read_slices
from evals.report.source import families, roles
from evals.report.steps import (
    Compared,
    climb_all,
    compare_steps,
    ladder_figures,
    paired,
    single_runs,
    tables,
)
from evals.report.text.causes import CAUSES
from evals.report.text.notes import sentences as note_sentences
from evals.report.verdict import Facts, Sentence, verdict
from evals.report.words import display_name

COMMON: Final = ("dom.js", "board.js", "route.js", "answers.js", "item.js", "compare.js", "main.js")


@dataclass(frozen=True)
class Derived:
    """Everything the page shows besides single answers."""

    gathered: Gathered
    overview: Overview
    sentences: Sequence[Sentence]
    figures: Sequence[Figure]
    comparisons: Sequence[Figure] = ()
    notes: Sequence[str] = ()


def facts_of(gathered: Gathered, compared: Compared = ()) -> Facts:
    """What the verdict is written from: the leaderboard, and the paired steps where there are
    any.
    """
    board, metrics, latency = gathered.board, gathered.metrics, gathered.latency
    known = families(gathered.sources)
    return Facts(board, metrics, known, roles(gathered.sources), latency, paired(compared))


def derive(gathered: Gathered) -> Derived:
    """Verdict and pictures of the gathered runs. Reads their scores, calls no model."""
    runs, notes = single_runs(gathered)
    compared, incomparable = compare_steps(runs)
    ladder, no_ladder = climb_all(runs)
    figures = [*ladder_figures(ladder), *draw(gathered)]
    message = [*notes, *incomparable, *no_ladder]
    facts = facts_of(gathered, compared)
    sentences = verdict(facts)
    warnings = [s.text for s in sentences if s.kind == "warning"]
    first = overview(facts, warnings)
    return Derived(gathered, first, sentences, figures, tables(compared), message)


def draw(gathered: Gathered) -> list[Figure]:
    """Every picture that the runs have figures for."""
    board, notes, labels = gathered.board, gathered.metrics, gathered.labels
    known = roles(gathered.sources)
    contenders = [label for label in labels if known[label] == "contender"]
    quality = [suite for suite in gathered.suites if suite not in gathered.latency]
    speed = next(iter(sorted(gathered.latency)), None)
    refused = {s.label: frozenset(unmeasured_suites(s.run)) for s in gathered.sources}
    slices = read_slices(gathered.sources, refused)
    machines = ", ".join(
        dict.fromkeys(str(s.run.manifest.machine.get("class", "?")) for s in gathered.sources)
    )
    found = [
        *(pictures.tradeoff(board, notes, contenders, suite, speed) for suite in quality),
        pictures.tracks(board, notes, labels, quality),
        *pictures_slices.freshness(slices, notes, labels),
        *pictures_slices.stress(slices, notes, labels),
        pictures_slices.reliability(slices, contenders),
        pictures_slices.latency(slices, contenders or labels, machines),
        pictures.utilisation(board, notes, contenders),
    ]
    return [figure for figure in found if figure is not None]


def render_file(derived: Derived, answers: Answers, payload: Payload) -> str:
    """The self-contained page."""
    script = asset("dom.js", "file_source.js", *COMMON[1:])
    blocks = {name: Markup(content) for name, content in payload.blocks.items()}  # noqa: S704  base64
    return _render(
        derived,
        answers,
        script,
        blocks,
        carried(payload),
        served=False,
        sampled=payload.shown < payload.total,
    )


def render_served(derived: Derived | None, answers: Answers | None) -> str:
    """The viewer's page; ``derived`` is None while no run is complete."""
    script = asset("dom.js", "server_source.js", *COMMON[1:])
    message = (
        ""
        if answers is None
        else f"All {answers.total:,} stored answers, read from the runs as they are asked for."
    )
    return _render(derived, answers, script, {}, message, served=True, sampled=False)


def carried(payload: Payload) -> str:
    """How many of the answers the file holds."""
    if payload.shown == payload.total:
        return f"All {payload.total:,} answers are in this file."
    return (
        f"This file holds {payload.shown:,} of {payload.total:,} answers: whole questions, chosen"
        " by a hash of their id and the same for every system. All figures above are computed from"
        " all answers. `adaptbench view` shows every one."
    )


def _render(
    derived: Derived | None,
    answers: Answers | None,
    script: Markup,
    blocks: Mapping[str, Markup],
    message: str,
    *,
    served: bool,
    sampled: bool,
) -> str:
    style = asset("chart.css", "page.css")
    context: dict[str, Any] = {
        "policy": Markup(policy(style, script, served=served)),  # noqa: S704  hashes and keywords
        "style": style,
        "script": script,
        "blocks": blocks,
        "served": served,
        "carried": message,
        "title": "adaptbench",
        "subtitle": "",
        "complete": derived is not None,
        "meta": data_json({"served": served}),
    }
    if derived is not None and answers is not None:
        context |= _context(derived, answers, served=served, sampled=sampled)
    return _environment().get_template("page.html").render(context)


def _context(derived: Derived, answers: Answers, *, served: bool, sampled: bool) -> dict[str, Any]:
    gathered = derived.gathered
    board, labels = gathered.board, gathered.labels
    pair = _pair(gathered)
    choices = {
        name: list(dict.fromkeys(getattr(row, name) for row in board.rows))
        for name in ("suite", "track", "system", "metric")
    }
    newest = max(source.run.manifest.finished or "" for source in gathered.sources)
    return {
        "title": f"{board.key.pack}: how should it be adapted?",
        "subtitle": f"{len(labels)} systems on {board.key}; newest run of {newest[:10]}.",
        "sentences": derived.sentences,
        "overview": derived.overview,
        "choices": choices,
        "board_key": str(board.key),
        "rows": board_rows(board, gathered.metrics, gathered.board.ranks),
        "figures": derived.figures,
        "comparisons": derived.comparisons,
        "labels": labels,
        "pair": pair,
        "suite_options": _numbered(map(display_name, answers.suites)),
        "track_options": _numbered(map(display_name, answers.tracks)),
        "system_options": _numbered(labels),
        "outcome_options": _numbered(OUTCOMES, 1),
        "cause_options": _numbered((cause.meaning for cause in CAUSES.values()), 1),
        "provenance": provenance(gathered.sources),
        "unmeasured": unmeasured(board),
        "notes": [*note_sentences(board.notes), *derived.notes],
        "meta": data_json(_meta(labels, answers, pair, served=served, sampled=sampled)),
    }


def _meta(
    labels: list[str], answers: Answers, pair: tuple[int, int], *, served: bool, sampled: bool
) -> dict[str, Any]:
    return {
        "served": served,
        "sampled": sampled,
        "labels": labels,
        "suites": answers.suites,
        "tracks": answers.tracks,
        "outcomes": OUTCOMES,
        "causes": [(cause.name, cause.meaning) for cause in CAUSES.values()],
        "right": 1 + OUTCOMES.index("right"),
        "unjudged": [1 + OUTCOMES.index(name) for name in ("unscored", "timed")],
        "pair": pair,
        "perBlock": PER_BLOCK,
        "passagesPerBlock": PASSAGES_PER_BLOCK,
    }


def _numbered(names: Any, first: int = 0) -> list[tuple[int, str]]:
    return list(enumerate(names, first))


def _pair(gathered: Gathered) -> tuple[int, int]:
    """The comparison the page opens with: rag to hybrid where both are there, else the last two
    contenders.
    """
    known, labels = families(gathered.sources), gathered.labels
    if "rag" in known and "hybrid" in known:
        return labels.index(known["rag"]), labels.index(known["hybrid"])
    return max(0, len(labels) - 2), len(labels) - 1


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("evals.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    return environment
