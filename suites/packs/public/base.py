"""What every importer of a public set shares: where its files are, the hub's version, and the pack
it becomes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from evals.core.errors import DataError, EnvironmentProblem
from evals.core.schema import Document, Record
from suites.packs.layout import FORMAT, PackFile, PackTable

DAY: Final = "2020-01-01"
"""The one date of sets that have no time: every document is there at every moment."""

_CONVERTED: Final = "refs/convert/parquet"

Row = dict[str, Any]
Loader = Callable[[str, str | None, str], Iterable[Mapping[str, Any]]]
"""(dataset id, configuration, split) -> rows, as ``datasets`` yields them."""


@dataclass(frozen=True)
class PublicSet:
    """A public set that can become a pack.

    ``local`` reads its files below a folder, ``remote`` the hub's version of the same; both yield
    rows of one shape, which ``records`` turns into pack records, one pass, in a fixed order.
    """

    name: str
    about: str
    licence: str
    files: tuple[str, ...]
    local: Callable[[Path], Iterator[Row]]
    records: Callable[[Iterable[Row]], Iterator[Record]]
    remote: Callable[[Loader], Iterator[Row]] | None = None
    hub: str | None = None
    brand: str = ""
    company: Mapping[str, str] = field(default_factory=dict)

    def settings(self) -> PackFile:
        """pack.toml of the pack this set becomes."""
        company = {
            "name": self.name,
            "description": self.about,
            "voice_guide": "Answer in one or two plain sentences.",
            "policy_summary": (
                "Answer from the given documents. Where they are silent, say that you do not know."
            ),
            **self.company,
        }
        table = PackTable(
            self.name, FORMAT, brand=self.brand, about=f"{self.about} Licence: {self.licence}."
        )
        return PackFile(table, {"t0": DAY, "t1": DAY}, company)

    def rows(self, folder: Path | None = None, load: Loader | None = None) -> Iterator[Row]:
        """The set's rows from its files in ``folder``, or from the hub where ``load`` is given.

        Raises DataError where a file is missing or the set has no version on the hub.
        """
        if load is not None:
            if self.remote is None:
                raise DataError(
                    f"{self.name} has no version on the hub", hint="read its files with --data"
                )
            return self.remote(load)
        where = folder or data_folder() / self.name
        for name in self.files:
            if not (where / name).exists():
                raise DataError(
                    f"the set {self.name} is not there", where=where / name,
                    hint="name its folder with --data, set ADAPTBENCH_DATA, or fetch it with --hub",
                )  # fmt: skip
        return self.local(where)


def data_folder() -> Path:
    """Where public sets are kept: ``$ADAPTBENCH_DATA``, else ``../shared/data``."""
    return Path(os.environ.get("ADAPTBENCH_DATA") or Path("..") / "shared" / "data")


def hub_loader(name: str, config: str | None, split: str) -> Iterable[Mapping[str, Any]]:
    """Rows of a dataset on the hub, streamed. Raises EnvironmentProblem where it cannot be
    reached.
    """
    import datasets

    rows: Iterable[Mapping[str, Any]]
    try:
        try:
            rows = datasets.load_dataset(name, config, split=split, streaming=True)
        except RuntimeError:  # a loading script, which is never run: take the hub's own conversion
            rows = datasets.load_dataset(
                name, config, split=split, streaming=True, revision=_CONVERTED
            )
    except (OSError, ValueError, RuntimeError) as error:
        raise EnvironmentProblem(
            f"the dataset {name} cannot be fetched: {error}",
            hint="check the network, or read its files with --data",
        ) from error
    return rows


def safe(text: str) -> str:
    """A text as part of an id: letters, digits, '.', '_' and '-'."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.") or "x"


def document(ident: str, title: str, text: str, kind: str) -> Document:
    """A public document of a set without time."""
    return Document(id=ident, title=title, text=text, kind=kind, date=DAY)


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """The non-empty texts, stripped, each once, in order."""
    return tuple(dict.fromkeys(t.strip() for t in texts if t.strip()))
