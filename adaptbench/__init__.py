"""Evidence on how to adapt a language model, from Python.

    import adaptbench

    @adaptbench.system
    def bot(question: str) -> str: ...

    runs = adaptbench.evaluate(bot, pack="default", limit=20)   # ask, score, store
    runs.leaderboard()                                          # pandas frames of what is stored
    adaptbench.score(records, ["groundedness"])                 # metrics over answers from anywhere
    adaptbench.compare("rag", "hybrid")                         # paired differences of stored runs
    adaptbench.ladder(), adaptbench.gate("hybrid", "rag")

Comparisons, ladders and verdicts are records of numbers and codes; `markdown` puts any of them into
words. The command line calls the same functions. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import evals  # noqa: F401  settles threads, before anything that computes is loaded

if TYPE_CHECKING:
    from evals.api.decide import compare, gate, ladder
    from evals.api.evaluate import evaluate, score
    from evals.api.imports import import_traces
    from evals.api.packs import Pack
    from evals.api.plan import plan
    from evals.api.systems import system
    from evals.api.words import markdown
    from evals.core.schema import Factors, Passage, Request, Response
    from evals.report.frames import Runs, load_runs

__all__ = [
    "Factors",
    "Pack",
    "Passage",
    "Request",
    "Response",
    "Runs",
    "compare",
    "evaluate",
    "gate",
    "import_traces",
    "ladder",
    "load_runs",
    "markdown",
    "plan",
    "score",
    "system",
]

_HOME = {
    **dict.fromkeys(("compare", "gate", "ladder"), "evals.api.decide"),
    **dict.fromkeys(("evaluate", "score"), "evals.api.evaluate"),
    **dict.fromkeys(("Factors", "Passage", "Request", "Response"), "evals.core.schema"),
    **dict.fromkeys(("Runs", "load_runs"), "evals.report.frames"),
    "Pack": "evals.api.packs",
    "import_traces": "evals.api.imports",
    "markdown": "evals.api.words",
    "plan": "evals.api.plan",
    "system": "evals.api.systems",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
