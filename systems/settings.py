"""Settings from TOML into typed structs: unknown keys and wrong values are one clear
`UsageError`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeVar, cast, get_args, get_origin

import msgspec

from evals.core.errors import UsageError

_PLACE: Final = re.compile(r"\.(\w+)")

S = TypeVar("S", bound=msgspec.Struct)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all settings tables: immutable, unknown keys refused, everything part of the
    identity.
    """


def parse(settings: Mapping[str, Any], kind: type[S], *, what: str, where: str | None = None) -> S:
    """Convert a TOML table into ``kind``.

    Raises UsageError for an unknown key (with "did you mean"), a wrong type, or a value outside its
    choices.
    """
    _refuse_unknown(settings, kind, what, where)
    try:
        return msgspec.convert(dict(settings), kind)
    except msgspec.ValidationError as error:
        path = _PLACE.findall(str(error).partition(" - at `$")[2])
        raise UsageError(
            f"a wrong setting in {what}: {error}",
            where=where,
            found=_at(settings, path),
            expected=_choices(kind, path),
        ) from error


def as_table(settings: msgspec.Struct) -> dict[str, Any]:
    """The JSON form of settings, every default written out, for identities and manifests."""
    return cast(dict[str, Any], msgspec.to_builtins(settings))


def _refuse_unknown(
    table: Mapping[str, Any], kind: type[msgspec.Struct], what: str, where: str | None
) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, value in table.items():
        if key not in fields:
            near = difflib.get_close_matches(key, list(fields), n=1, cutoff=0.5)
            raise UsageError(
                f"unknown setting {key!r} in {what}",
                where=where,
                expected=", ".join(fields),
                hint=f"did you mean {near[0]!r}?" if near else "remove it",
            )
        inner = next((t for t in _alternatives(fields[key].type) if isinstance(t, type)), None)
        if inner is not None and issubclass(inner, msgspec.Struct) and isinstance(value, Mapping):
            _refuse_unknown(value, inner, f"[{key}] of {what}", where)


def _at(table: Any, path: Sequence[str]) -> Any:
    """What stands at a path of keys; the last table on the way where the path leads no further."""
    for part in path:
        if not isinstance(table, Mapping) or part not in table:
            break
        table = table[part]
    return dict(table) if isinstance(table, Mapping) else table


def _choices(annotation: Any, path: Sequence[str]) -> str | None:
    """The values that a setting may have, where they are few and named."""
    for part in path:
        structs = [
            a
            for a in _alternatives(annotation)
            if isinstance(a, type) and issubclass(a, msgspec.Struct)
        ]
        types = {
            field.encode_name: field.type
            for struct in structs
            for field in msgspec.structs.fields(struct)
        }
        annotation = types.get(part)
    named = [
        value
        for a in (annotation, *_alternatives(annotation))
        if get_origin(a) is Literal
        for value in get_args(a)
    ]
    return ", ".join(dict.fromkeys(map(str, named))) or None


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return tuple(a for a in get_args(annotation) or (annotation,) if a is not type(None))
