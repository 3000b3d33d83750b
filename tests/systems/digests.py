"""What must be equal on every machine: rendered training data, and the passages of every item of
the default pack.

python -m tests.systems.digests            prints the digests as JSON, every vector and index made
anew python -m tests.systems.digests --write    keeps them in digests.json, which the test compares
with
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from evals.core.identity import digest
from evals.core.interfaces import Pack, Setup
from evals.core.paths import cache_dir
from evals.core.registry import open_pack
from evals.core.schema import Request
from systems.retrieval import index, retriever
from systems.retrieval.dense import Precision, Vectors, embed
from systems.retrieval.retriever import HybridRetriever, RetrieverSettings
from systems.training.data import data_digest, render
from systems.training.recipe import names, read_recipe

COMMITTED: Final = Path(__file__).with_name("digests.json")

RETRIEVERS: Final = {
    "fused": RetrieverSettings(),
    "sparse": RetrieverSettings(kind="bm25", k=10),
    "dense": RetrieverSettings(kind="dense", k=10),
    "inverted lists": RetrieverSettings(kind="dense", k=10, exact_below=1),
}


def digests() -> dict[str, str]:
    """Name -> sha256 (hex), by this process's processor, libraries, threads and environment."""
    pack = open_pack("default", cache_dir())
    found = {f"data of {name}": data_digest(render(read_recipe(name), pack, 0)) for name in names()}
    with tempfile.TemporaryDirectory() as cache:
        # each text is embedded once: the corpora and questions of the retrievers are the same
        once = functools.cache(
            lambda texts, name, precision: embed(texts, name, precision=precision)
        )

        def remembered(
            texts: Sequence[str], name: str, *, precision: Precision, **_: Any
        ) -> Vectors:
            vectors: Vectors = once(tuple(texts), name, precision)
            return vectors

        for user in (index, retriever):
            vars(user)["embed"] = remembered
        setup = Setup(pack=pack, cache=Path(cache))
        for name, settings in RETRIEVERS.items():
            found[f"passages, {name}"] = passages(pack, settings, setup)
    return found


def passages(pack: Pack, settings: RetrieverSettings, setup: Setup) -> str:
    """The digest of every item's passages: ids, scores and texts, in their order."""
    search = HybridRetriever(settings)
    search.open(setup)
    items = list(pack.items())
    requests = [Request(item.id, item.question, user=item.user, time=item.time) for item in items]
    rows = zip(items, search.search(requests), strict=True)
    return digest([[item.id, msgspec.to_builtins(found)] for item, found in rows])


if __name__ == "__main__":
    report = json.dumps(digests(), indent=2) + "\n"
    if "--write" in sys.argv:
        COMMITTED.write_text(report, encoding="utf-8")
    sys.stdout.write(report)
