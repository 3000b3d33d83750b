"""Why an answer is wrong, in words."""

from __future__ import annotations

from typing import Final, NamedTuple

from evals.analysis.attribution import Cause


class Worded(NamedTuple):
    """A cause's short name, for tables, and what it means."""

    name: str
    meaning: str


CAUSES: Final[dict[Cause, Worded]] = {
    "failed": Worded("failed", "the system gave no answer"),
    "malformed": Worded("malformed", "not in the asked format"),
    "leaked": Worded("leaked", "another user's data"),
    "refused": Worded("refused", "refused though answerable"),
    "off_brand": Worded("off-brand", "right, but not in the brand's voice"),
    "twin": Worded("twin", "right, but its twin question is not"),
    "stale": Worded("stale memory", "a superseded value"),
    "invented": Worded("invented", "made up where nothing can be known"),
    "retrieval_miss": Worded("retrieval miss", "the gold passage was not retrieved"),
    "misread": Worded("misread", "retrieved, but unused or misread"),
    "no_context": Worded("no context", "another value, without any passage"),
    "unexplained": Worded("unexplained", "no stored score explains it"),
}
