"""The engine that settings describe."""

from __future__ import annotations

from pathlib import Path

from evals.errors import UsageError
from systems.engines.base import Engine, EngineSettings


def make_engine(model: str, settings: EngineSettings, adapter: Path | None = None) -> Engine:
    """Nothing is loaded before `Engine.open`. Raises UsageError for a wrong option."""
    if settings.kind == "fake":
        from systems.engines.fake import FakeEngine

        return FakeEngine(settings)
    if settings.kind == "local":
        from systems.engines.local import LocalEngine

        return LocalEngine(model, settings, adapter)
    raise UsageError("this engine is not known", found=settings.kind)
