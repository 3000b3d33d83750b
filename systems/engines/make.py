"""The engine that settings describe."""

from __future__ import annotations

from pathlib import Path

from evals.core.errors import UsageError
from systems.engines.base import Engine, EngineSettings


def make_engine(
    model: str, settings: EngineSettings, adapter: Path | None = None, seed: int = 0
) -> Engine:
    """Nothing is loaded before `Engine.open`; ``seed`` is for servers, whose decoding may draw.

    Raises UsageError for a wrong option.
    """
    if settings.kind == "fake":
        from systems.engines.fake import FakeEngine

        return FakeEngine(settings)
    if settings.kind == "local":
        from systems.engines.local import LocalEngine

        return LocalEngine(model, settings, adapter)
    if adapter is not None:
        raise UsageError(
            "a server's adapters are its own business",
            found=adapter.name,
            hint="name the served adapter as the model",
        )
    from systems.engines.endpoint import EndpointEngine

    return EndpointEngine(model, settings, seed)
