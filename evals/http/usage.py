"""The token counts of a chat completion, in the forms that servers give them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from evals.core.normalise import believable
from evals.core.schema import Usage


class UsageTable(Struct):
    """``usage`` of a chat completion; other keys are skipped.

    Values are checked by `usage`, not while decoding.
    """

    prompt_tokens: Any = None
    completion_tokens: Any = None
    prompt_tokens_details: Any = None
    completion_tokens_details: Any = None

    def usage(self) -> Usage | None:
        """The counts; None where they are missing or cannot be true."""
        if self.prompt_tokens is None and self.completion_tokens is None:
            return None
        cached = _part(self.prompt_tokens_details, "cached_tokens")
        reasoning = _part(self.completion_tokens_details, "reasoning_tokens")
        return believable(self.prompt_tokens, self.completion_tokens, cached, reasoning)


def _part(details: object, name: str) -> object:
    return details.get(name) if isinstance(details, dict) else None
