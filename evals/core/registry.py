"""Finds systems, suites, metrics and commands by name: lazy ``module:attribute`` strings, ours and
others' alike.

Every package contributes through entry points (``[project.entry-points."adaptbench.systems"]`` and
so on), so `evals` imports neither `suites` nor `systems`, and a third-party package is on equal
terms. Named systems may also be TOML files in a package listed under ``adaptbench.configs``.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import importlib.resources
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

import msgspec

from evals.core.errors import DataError, UsageError
from evals.core.interfaces import Detector, Pack, Suite, System, TextLikelihood
from evals.core.metric import MetricFactory
from evals.core.schema import Factors, Role

T = TypeVar("T")

LISTED: Final = ("system", "suite", "metric", "model", "pack", "executor")
"""What `adaptbench list` lists, in the singular."""

SystemFactory = Callable[[Mapping[str, Any]], System]


@cache
def _entry_points(group: str) -> tuple[importlib.metadata.EntryPoint, ...]:
    return tuple(importlib.metadata.entry_points(group=group))


class Registry(Generic[T]):
    """Names of one kind of thing. Nothing is imported before `get`."""

    def __init__(self, group: str, noun: str) -> None:
        self.group = group
        self.noun = noun
        self._added: dict[str, str] = {}

    def add(self, name: str, target: str) -> None:
        """Register ``module:attribute`` under ``name`` by hand (tests, notebooks). Raises
        UsageError on a collision.
        """
        known = self.targets()
        if known.get(name, target) != target:
            raise UsageError(
                f"{self.noun} {name!r} is registered twice", found=target, expected=known[name]
            )
        self._added[name] = target

    def targets(self) -> dict[str, str]:
        """Every known name with its ``module:attribute``, sorted by name."""
        found = dict(self._added)
        for point in _entry_points(self.group):
            if found.setdefault(point.name, point.value) != point.value:
                raise UsageError(
                    f"{self.noun} {point.name!r} is registered twice",
                    found=f"{point.value} and {found[point.name]}",
                    hint="uninstall one of the packages, or rename its entry point",
                )
        return dict(sorted(found.items()))

    def names(self) -> list[str]:
        return list(self.targets())

    def get(self, name: str) -> T:
        """Import and return what ``name`` stands for. Raises UsageError with a suggestion where it
        is unknown.
        """
        target = self.targets().get(name)
        if target is None:
            raise unknown(self.noun, name, self.names())
        return cast(T, load(target, f"{self.noun} {name!r}"))


def load(target: str, what: str) -> object:
    """Import ``module:attribute``. Raises UsageError where the string or the attribute is wrong."""
    module_name, _, attribute = target.partition(":")
    if not module_name or not attribute:
        raise UsageError(
            f"{what} has no importable target", found=target, expected="module:attribute"
        )
    try:
        value: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            value = getattr(value, part)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"{what} cannot be imported: {error}", found=target) from error
    return value


def unknown(noun: str, name: str, known: list[str]) -> UsageError:
    """The error for a name nobody knows, with the nearest names that exist."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"`adaptbench list {noun}s` shows them all" if noun in LISTED else None
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    return UsageError(f"unknown {noun} {name!r}", expected=", ".join(known), hint=hint)


SYSTEM_KINDS: Final = Registry[SystemFactory]("adaptbench.systems", "system kind")
SUITES: Final = Registry[Suite]("adaptbench.suites", "suite")
METRICS: Final = Registry[MetricFactory]("adaptbench.metrics", "metric")
COMMANDS: Final = Registry[Any]("adaptbench.commands", "command")
CONFIGS: Final = Registry[Any]("adaptbench.configs", "config package")
PACKS: Final = Registry[Callable[[Path, int], Path]]("adaptbench.packs", "pack")
PACK_READERS: Final = Registry[Callable[[Path], Pack]]("adaptbench.pack_readers", "pack reader")
LIKELIHOODS: Final = Registry[Callable[[str], TextLikelihood]](
    "adaptbench.likelihoods", "likelihood provider"
)
DETECTORS: Final = Registry[Callable[[str], Detector]]("adaptbench.detectors", "detector provider")
LISTINGS: Final = Registry[Callable[[], Iterable[tuple[str, str]]]](
    "adaptbench.listings", "listing"
)


@dataclass(frozen=True)
class SystemConfig:
    """A system as a user names it: its kind and its settings, from a TOML file or a bare kind name.

    ``role`` and ``factors`` are None where the file leaves them to the system (see
    `roles.declared`).
    """

    name: str
    kind: str
    settings: Mapping[str, Any]
    about: str = ""
    source: str = ""
    role: Role | None = None
    factors: Factors | None = None

    def with_settings(self, **changes: Any) -> SystemConfig:
        return replace(self, settings={**self.settings, **changes})

    def build(self) -> System:
        """Make the system. Raises UsageError, which names the file, for an unknown kind or
        setting.
        """
        try:
            return SYSTEM_KINDS.get(self.kind)({"name": self.name, **self.settings})
        except UsageError as error:
            if error.where is None and self.source:
                raise error.at(self.source) from error
            raise


def open_pack(reference: str, cache: Path) -> Pack:
    """The pack behind a registered name (generated into ``cache`` at first use) or a folder.

    Raises UsageError where neither exists, DataError where the folder is no sound pack.
    """
    folder = Path(reference)
    if reference in PACKS.targets():
        folder = PACKS.get(reference)(cache, 0)
    elif not folder.is_dir():
        raise UsageError(
            "no such pack",
            found=reference,
            expected=f"a folder with a pack.toml, or one of: {', '.join(PACKS.names())}",
            hint="`adaptbench pack new DIR` makes one",
        )
    return PACK_READERS.get("folder")(folder)


def pack_behind(run: Path, source: str, name: str, cache: Path) -> Pack:
    """The pack that the run in the folder ``run`` was asked, which its manifest calls ``source``: a
    folder as seen from the run, from here (runs of the old form), or a registered ``name``.

    Raises as `open_pack`; the message names all places that were looked at.
    """
    places = [run / source, Path(source)] if source else []
    folder = next((place for place in places if place.is_dir()), None)
    if folder is not None and source not in PACKS.targets():
        return open_pack(str(folder.resolve()), cache)
    if (reference := source or name) in PACKS.targets():
        return open_pack(reference, cache)
    raise UsageError(
        "the pack of this run is not there",
        where=run,
        found=" or ".join(str(place.resolve()) for place in places) or name,
        hint="put it back there, or run the system on it again",
    )


def likelihood(reference: str) -> TextLikelihood:
    """The provider behind a registered name, ``NAME:MODEL``, or of a model alone, which the
    provider ``local`` holds.

    Raises UsageError where there is none.
    """
    return _provided(LIKELIHOODS, reference)


def detector(reference: str) -> Detector:
    """As `likelihood`: the detector behind a registered name, ``NAME:MODEL``, or of a model alone
    (``local``).

    Raises UsageError where there is none or the model is no detector, EnvironmentProblem where it
    cannot be had.
    """
    return _provided(DETECTORS, reference)


def _provided(providers: Registry[Callable[[str], T]], reference: str) -> T:
    name, _, model = reference.partition(":")
    if name in providers.targets():
        return providers.get(name)(model)
    return providers.get("local")(reference)


def config_files() -> Iterator[Path]:
    """Every bundled ``NAME.toml`` of the packages listed under ``adaptbench.configs``."""
    for target in CONFIGS.targets().values():
        folder = importlib.resources.files(target)
        for entry in sorted(folder.iterdir(), key=lambda e: e.name):
            if entry.name.endswith(".toml"):
                yield Path(str(entry))


def system_names() -> list[str]:
    """Every name `adaptbench run` takes: bundled configurations and the kinds that need no
    settings.
    """
    return sorted({path.stem for path in config_files()} | set(SYSTEM_KINDS.names()))


def system_config(reference: str) -> SystemConfig:
    """The configuration behind a name or a path to a TOML file. Raises UsageError where there is
    none.
    """
    path = Path(reference)
    if path.suffix == ".toml":
        return read_config(path)
    for known in config_files():
        if known.stem == reference:
            return read_config(known)
    if reference in SYSTEM_KINDS.targets():
        return SystemConfig(name=reference, kind=reference, settings={})
    raise unknown("system", reference, system_names())


def read_config(path: Path) -> SystemConfig:
    """Read a system's TOML: ``kind`` is required; ``name``, ``about``, ``role`` and ``factors`` are
    optional.

    The rest are settings of that kind.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            "no such system file",
            where=path,
            hint="`adaptbench list systems` shows the bundled ones",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"not a readable TOML file: {error}", where=path) from error
    kind = table.pop("kind", None)
    if not isinstance(kind, str):
        raise UsageError(
            "a system file names its kind", where=path, found=kind, expected='kind = "adapted"'
        )
    name, about = table.pop("name", path.stem), table.pop("about", "")
    if not isinstance(name, str) or not isinstance(about, str):
        raise UsageError(
            "name and about are strings", where=path, found={"name": name, "about": about}
        )
    named(name, path)
    role, factors = _declared(path, table)
    return SystemConfig(name, kind, table, about, str(path), role, factors)


def named(name: str, where: str | Path) -> None:
    """Raise DataError for a system's name that cannot be a folder's."""
    if not name or not all(c.isalnum() or c in "-_." for c in name) or name.startswith("."):
        raise DataError(
            "a system name is letters, digits, '-', '_' and '.'", where=where, found=name
        )


def _declared(path: Path, table: dict[str, Any]) -> tuple[Role | None, Factors | None]:
    """Take ``role`` and ``[factors]`` out of a system's table."""
    role, factors = table.pop("role", None), table.pop("factors", None)
    try:
        return msgspec.convert(role, Role | None), msgspec.convert(factors, Factors | None)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"a system declares its role and factors: {error}",
            where=path,
            found={"role": role, "factors": factors},
            expected=(
                'role = "contender", "control" or "reference"; [factors] retrieval and adapter,'
                " true or false"
            ),
        ) from error
