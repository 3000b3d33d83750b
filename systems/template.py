"""Templates for other people's JSON: fill in a request, dig out an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from evals.core.errors import UsageError

_PLACE = re.compile(r"\{(\w+)\}")


def fill(template: Any, fields: Mapping[str, str]) -> Any:
    """A copy of a JSON template in which ``{name}`` in strings stands for ``fields[name]``, taken
    literally.

    Raises UsageError for a name that does not exist.
    """
    if isinstance(template, str):
        return _PLACE.sub(lambda match: _value(match[1], fields), template)
    if isinstance(template, Mapping):
        return {key: fill(value, fields) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill(value, fields) for value in template]
    return template


def _value(name: str, fields: Mapping[str, str]) -> str:
    if name not in fields:
        raise UsageError(
            f"unknown placeholder {{{name}}} in a template", expected=", ".join(sorted(fields))
        )
    return fields[name]


def dig(value: Any, path: str) -> Any:
    """What stands at a dotted path (``choices.0.message.content``); None where there is nothing."""
    for part in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
