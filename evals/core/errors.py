"""Errors a person can act on, and the exit codes they end the program with."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from evals.core.inert import plain

EXIT_OK: Final = 0
EXIT_CRASH: Final = 1
EXIT_USAGE: Final = 2
EXIT_DATA: Final = 3
EXIT_ENVIRONMENT: Final = 4
EXIT_SYSTEM: Final = 5


class AdaptbenchError(Exception):
    """One problem, worded so that the reader knows what to do next.

    ``problem`` says what is wrong; ``where``, ``found`` and ``expected`` locate it; ``hint``
    says what to do. The command line prints it as one message and exits with ``exit_code``.
    """

    exit_code: int = EXIT_CRASH

    def __init__(
        self,
        problem: str,
        *,
        where: str | Path | None = None,
        line: int | None = None,
        found: object = None,
        expected: object = None,
        hint: str | None = None,
    ) -> None:
        self.problem = problem
        self.where = where
        self.line = line
        self.found = found
        self.expected = expected
        self.hint = hint
        super().__init__(self.message())

    def at(self, where: str | Path) -> Self:
        """The same problem, located."""
        return type(self)(
            self.problem,
            where=where,
            line=self.line,
            found=self.found,
            expected=self.expected,
            hint=self.hint,
        )

    def message(self) -> str:
        """The whole message: location first, then what was found and expected, then the hint."""
        place = (
            "" if self.where is None else f"{self.where}{f':{self.line}' if self.line else ''}: "
        )
        parts = [plain(f"{place}{self.problem}")]
        if self.found is not None:
            parts.append(f"  found:    {_short(self.found)}")
        if self.expected is not None:
            parts.append(f"  expected: {_short(self.expected)}")
        if self.hint is not None:
            parts.append(f"  hint:     {plain(self.hint)}")
        return "\n".join(parts)


class UsageError(AdaptbenchError):
    """A wrong command, option, name or setting (exit code 2)."""

    exit_code = EXIT_USAGE


class DataError(AdaptbenchError):
    """A pack, run or result file that cannot be used as it is (exit code 3)."""

    exit_code = EXIT_DATA


class EnvironmentProblem(AdaptbenchError):
    """The machine stands in the way: no network, no disk space, no permission, no model weights
    (exit code 4).
    """

    exit_code = EXIT_ENVIRONMENT


class SystemFailure(AdaptbenchError):
    """A system under test cannot answer at all: wrong key, unknown model, server down (exit code
    5).
    """

    exit_code = EXIT_SYSTEM


def _short(value: object, limit: int = 1000) -> str:
    text = value if isinstance(value, str) else repr(value)
    short = plain(text, limit)
    return short if len(text) <= limit else f"{short} ({len(text)} characters)"
