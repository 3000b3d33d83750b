"""Service goals: what a request must meet to count, from a TOML file or by name."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from evals.core.errors import UsageError
from evals.core.schema import Record

if TYPE_CHECKING:
    from evals.load.records import Observed


class Goals(Record, frozen=True):
    """Bounds in seconds; None is no bound. ``share`` is the share of requests that must meet all of
    them.

    ``max_lag`` bounds the 99th percentile of the client's own lag: above it a measurement is void.
    """

    ttft: float | None = None
    itl: float | None = None
    e2e: float | None = None
    share: float = 0.95
    max_lag: float = 0.010

    @property
    def summary(self) -> str:
        """The bounds in words, milliseconds."""
        bounds = (("ttft", self.ttft), ("itl", self.itl), ("e2e", self.e2e))
        return ", ".join(
            f"{name} <= {bound * 1000:g} ms" for name, bound in bounds if bound is not None
        )

    def met(self, seen: Observed) -> bool:
        """Whether one request meets every bound. A failed one meets none; a bound on nothing
        measured is met.
        """
        if seen.e2e is None:
            return False
        pairs = ((seen.ttft, self.ttft), (seen.itl, self.itl), (seen.e2e, self.e2e))
        return all(value is None or bound is None or value <= bound for value, bound in pairs)


NAMED: Final = {"chat": Goals(ttft=0.2, itl=0.05), "rag": Goals(ttft=0.3, e2e=3.0)}
"""The defaults: interactive chat, and retrieval-augmented answers."""


def read_goals(reference: str) -> Goals:
    """Goals by name (chat, rag) or from a TOML file with the keys ttft, itl, e2e (seconds), share,
    max_lag.

    Raises UsageError for an unknown name or key, a bound that is not positive, or goals without any
    bound.
    """
    if reference in NAMED:
        return NAMED[reference]
    path = Path(reference)
    if path.suffix != ".toml":
        raise UsageError(
            f"unknown service goals {reference!r}",
            expected=f"{', '.join(NAMED)} or the path of a TOML file",
        )
    try:
        goals = msgspec.convert(
            tomllib.loads(path.read_text(encoding="utf-8")), Goals, strict=False
        )
    except (
        OSError,
        UnicodeDecodeError,
        tomllib.TOMLDecodeError,
        msgspec.ValidationError,
        RecursionError,
    ) as error:
        expected = f"the keys {', '.join(Goals.__struct_fields__)} with numbers"
        raise UsageError(
            f"not readable service goals: {error}", where=path, expected=expected
        ) from error
    bounds = [b for b in (goals.ttft, goals.itl, goals.e2e) if b is not None]
    if not bounds or min(*bounds, goals.max_lag) <= 0 or not 0 < goals.share <= 1:
        raise UsageError(
            "service goals need a bound above 0, and a share in (0, 1]",
            where=path,
            found=goals,
            expected="ttft = 0.2",
        )
    return goals
