"""Where things are kept: the cache of weights, indexes, adapters and generated packs, and the
results folder.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evals.core.errors import EnvironmentProblem


def cache_dir() -> Path:
    """``$ADAPTBENCH_CACHE``, else ``$XDG_CACHE_HOME/adaptbench``, else ``~/.cache/adaptbench``. Not
    created here.
    """
    own = os.environ.get("ADAPTBENCH_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "adaptbench"


def ensure_dir(path: Path) -> Path:
    """Create ``path`` if needed and make sure it can be written to. Raises EnvironmentProblem with
    the hint.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise EnvironmentProblem(
            f"this folder cannot be written to: {error.strerror or error}",
            where=path,
            hint=(
                "free some space, mend its permissions, or name another one (--results,"
                " ADAPTBENCH_CACHE)"
            ),
        ) from error
    return path


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary sibling of ``path`` that replaces it when the block ends well and vanishes when
    it does not.
    """
    ensure_dir(path.parent)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot be written: {error.strerror or error}", where=path
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a whole file so that a reader sees the old one or the new one, never half of it."""
    with atomic_path(path) as partial:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
