"""What a request asks for, and training examples as requests with their answers."""

from __future__ import annotations

from evals.core.errors import UsageError
from evals.core.schema import Example, Request


def kind_of(request: Request | Example) -> str:
    """``label`` where choices are given, ``json`` where a schema is, else ``answer``."""
    return "label" if request.choices else "json" if request.json_schema is not None else "answer"


def request_of(example: Example, time: str = "t0") -> Request:
    """The request that a training example answers. Raises UsageError where it has no user
    message.
    """
    question = next((m.content for m in reversed(example.messages) if m.role == "user"), None)
    if question is None:
        raise UsageError("a training example has no question", found=example.id)
    return Request(example.id, question, example.user, time, example.choices, example.json_schema)


def answer_of(example: Example) -> str:
    """The target of a training example: its last assistant message. Raises UsageError where there
    is none.
    """
    answer = next((m.content for m in reversed(example.messages) if m.role == "assistant"), None)
    if answer is None:
        raise UsageError("a training example has no answer", found=example.id)
    return answer
