"""How a request becomes a conversation. Training and answering render through the same functions.

What all requests share (system prompt, few-shot examples) stands first and is the same text every
time, so that an engine can compute it once; then come the earlier turns of a conversation, and what
differs (passages, date, asker, question) is the last message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from evals.core.errors import UsageError
from evals.core.interfaces import Pack
from evals.core.schema import Message, Passage, Request
from systems.examples import kind_of, request_of
from systems.settings import Settings

FULL = "You are the assistant of {name}. {description}\n{voice_guide}\n{policy_summary}\n{rule}"
MINIMAL = "You are the assistant of {name}."
RULE = (
    "Answer in one or two short sentences. If you do not know the answer, say so and never guess."
)
GROUNDED_RULE = (
    "Answer from the passages in one or two short sentences. Where they disagree, the latest date"
    " counts. If they do not hold the answer, say so and never guess."
)
OTHERS = 24
"""Training questions over which the likelihood of a choice is averaged."""

_FIELDS = ("name", "description", "voice_guide", "policy_summary", "rule")


class PromptSettings(Settings, frozen=True):
    """``[prompt]``: ``style`` full tells the company's voice and rules, minimal leaves them to the
    adapter.

    ``system`` replaces the style's text and may use ``{name}``, ``{description}``,
    ``{voice_guide}``, ``{policy_summary}`` and ``{rule}``. ``shots`` few-shot examples come from
    the pack's training examples. ``date`` tells today's date; ``order`` puts the best passage, or
    the newest one, next to the question. Passages beyond ``max_chars`` characters are left out,
    lowest rank first.
    """

    style: Literal["full", "minimal"] = "full"
    system: str | None = None
    policy: bool = True
    shots: int = 0
    date: bool = False
    order: Literal["score", "date"] = "date"
    max_chars: int = 6000

    def __post_init__(self) -> None:
        if self.shots < 0 or self.max_chars < 200:
            raise ValueError("shots >= 0 and max_chars >= 200 are needed")


class Prompter:
    """Renders the requests of one pack. ``grounded`` says whether passages will be there."""

    def __init__(self, settings: PromptSettings, pack: Pack, *, grounded: bool) -> None:
        self.settings, self.pack, self.grounded = settings, pack, grounded
        self.system = system_text(settings, pack.company, grounded=grounded)
        self._names: dict[str, str] | None = None
        self._shots: dict[str, tuple[Message, ...]] | None = None
        self._others: dict[tuple[str, ...], tuple[tuple[Message, ...], ...]] = {}

    def render(
        self, request: Request, passages: Sequence[Passage] | None = None
    ) -> tuple[Message, ...]:
        """The conversation that ends with the request's turn; ``passages`` is None where none were
        looked for.
        """
        head = Message("system", self.system)
        shots = self.shots().get(kind_of(request), ()) if self.settings.shots else ()
        return (head, *shots, *request.history, Message("user", self.turn(request, passages)))

    def turn(self, request: Request, passages: Sequence[Passage] | None) -> str:
        """The last message: passages, date, asker and question, each where there is one."""
        parts = []
        if passages is not None:
            parts.append(
                "\n\n".join(["Passages:", *self._fitting(passages)])
                if passages
                else "Passages: none"
            )
        facts = []
        today = self.pack.times.get(request.time)
        if self.settings.date and today:
            facts.append(f"Today is {today}.")
        if request.user is not None:
            name = self._users().get(request.user)
            facts.append(
                f"Asked by {name} ({request.user})." if name else f"Asked by {request.user}."
            )
        if facts:
            parts.append(" ".join(facts))
        parts.append(f"Question: {request.question}" if parts else request.question)
        if request.choices:
            parts.append(f"Answer with one of: {', '.join(request.choices)}.")
        if request.json_schema is not None:
            parts.append(
                f"Answer with one JSON object and nothing else: {outline(request.json_schema)}"
            )
        return "\n".join(parts) if passages is None else "\n\n".join(parts)

    def shots(self) -> Mapping[str, tuple[Message, ...]]:
        """Few-shot turns by kind of request, the same ones every time."""
        if self._shots is None:
            from systems.shots import few_shot

            self._shots = few_shot(self, self.settings.shots)
        return self._shots

    def others(self, request: Request) -> tuple[tuple[Message, ...], ...]:
        """The conversations of up to `OTHERS` training questions with the same choices."""
        if request.choices not in self._others:
            from systems.shots import by_hash

            found = by_hash(
                OTHERS, (e for e in self.pack.examples() if e.choices == request.choices)
            )
            self._others[request.choices] = tuple(self.render(request_of(e)) for e in found)
        return self._others[request.choices]

    def _fitting(self, passages: Sequence[Passage]) -> list[str]:
        kept: list[Passage] = []
        for passage in passages:
            if sum(len(p.text) for p in kept) + len(passage.text) <= self.settings.max_chars:
                kept.append(passage)
        if self.settings.order == "date":
            return sorted((p.text for p in kept), key=lambda text: text[:12])
        return [p.text for p in reversed(kept)]

    def _users(self) -> dict[str, str]:
        if self._names is None:
            self._names = {user.id: user.name for user in self.pack.users()}
        return self._names


def system_text(settings: PromptSettings, company: Mapping[str, str], *, grounded: bool) -> str:
    """The system prompt. Raises UsageError for a placeholder that does not exist."""
    template = settings.system or (FULL if settings.style == "full" else MINIMAL)
    values = {field: company.get(field, "") for field in _FIELDS}
    values["name"] = values["name"] or "the company"
    values["rule"] = GROUNDED_RULE if grounded else RULE
    if not settings.policy:
        values["policy_summary"] = ""
    try:
        text = template.format(**values)
    except (KeyError, IndexError, ValueError) as error:
        raise UsageError(
            f"the system prompt has a wrong placeholder: {error}",
            found=template,
            expected=", ".join(_FIELDS),
        ) from error
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def outline(schema: Mapping[str, Any]) -> str:
    """A JSON schema in a few words: ``{"order": string, "reason": one of late, broken}``."""
    required = set(schema.get("required", ()))
    parts = []
    for key, rule in schema.get("properties", {}).items():
        options = rule.get("enum")
        kind = f"one of {', '.join(map(str, options))}" if options else str(rule.get("type", "any"))
        parts.append(f'"{key}": {kind}{"" if key in required or not required else " or left out"}')
    return "{" + ", ".join(parts) + "}"
