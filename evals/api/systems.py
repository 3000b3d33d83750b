"""Any Python callable as a system."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack, overload

from evals.core.errors import UsageError
from evals.core.registry import SystemConfig, named, system_config
from evals.core.schema import Factors, Request, Role

Answering = Callable[..., Any]
"""A callable ``question -> text`` or ``request -> Response`` (or text, or a table with ``text`` and
``passages``).
"""
Takes = Literal["question", "request"]


@dataclass(frozen=True)
class CallableSystem(SystemConfig):
    """A system made of a callable; calling it calls that."""

    function: Answering | None = None

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if self.function is None:
            raise UsageError("this system has no callable behind it", found=self.name)
        return self.function(*arguments, **keywords)


class Declared(TypedDict, total=False):
    """What may be declared of a system made of a callable (see `system`)."""

    name: str
    takes: Takes
    version: str
    about: str
    role: Role
    factors: Factors


@overload
def system(function: Answering, /, **declared: Unpack[Declared]) -> CallableSystem: ...
@overload
def system(**declared: Unpack[Declared]) -> Callable[[Answering], CallableSystem]: ...
def system(
    function: Answering | None = None, /, **declared: Unpack[Declared]
) -> CallableSystem | Callable[[Answering], CallableSystem]:
    """Make a system of a callable; also a decorator, with or without arguments.

    The callable is asked once per question and returns the answer's text, a mapping with ``text``
    and ``passages``, or a `Response`. What it raises is that answer's failure. What may be
    declared:

    - ``takes``: ``question`` (its text) or ``request`` (the whole `Request`); by default
      ``request`` where the first parameter is annotated so.
    - ``name``: of runs and tables; by default the function's own.
    - ``version``: raise it when something changes that the callable's source does not show, such as
      a model file or a value that it closes over. An edit of the source makes another system by
      itself.
    - ``about``, ``role`` (contender, control, reference), ``factors``: as in a system's TOML file.

    Raises UsageError for something that cannot be called, DataError for a name that is not letters,
    digits, '-', '_' and '.'.
    """
    if function is None:
        return lambda decorated: _made(decorated, declared)
    return _made(function, declared)


def as_system(given: str | Path | SystemConfig | Answering) -> SystemConfig:
    """The configuration behind a registered name, a TOML file, a callable or a configuration."""
    if isinstance(given, SystemConfig):
        return given
    return system_config(str(given)) if isinstance(given, str | Path) else system(given)


def _made(function: Answering, declared: Declared) -> CallableSystem:
    if not callable(function):
        raise UsageError("a system is made of a callable", found=type(function).__name__)
    name = declared.get("name") or str(getattr(function, "__name__", type(function).__name__))
    named(name, where="adaptbench.system")
    whole = (declared.get("takes") or _takes(function)) == "request"

    @wraps(function, updated=())
    def ask(request: Request) -> Any:
        return function(request if whole else request.question)

    return CallableSystem(
        name=name,
        kind="python",
        settings={"target": ask, "version": declared.get("version", "")},
        about=declared.get("about", ""),
        role=declared.get("role"),
        factors=declared.get("factors"),
        function=function,
    )


def _takes(function: Answering) -> Takes:
    """What the annotation of the first parameter asks for; the question's text where there is
    none.
    """
    try:
        first = next(iter(inspect.signature(function, eval_str=True).parameters.values()), None)
    except (NameError, TypeError, ValueError):
        return "question"
    return "request" if first is not None and first.annotation is Request else "question"
