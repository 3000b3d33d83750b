"""One run of the fake system in a process of its own, so that a test can kill it: ``python -m …
RESULTS``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from evals.core.registry import SystemConfig
from evals.run.execute import RunSpec, execute
from tests import fakes

ITEMS = 120
SUITES = ("fake_suite", "fake_latency")


def spec(results: Path, delay: float) -> RunSpec:
    """The same run every time; only its speed differs, which is no part of its identity."""
    config = SystemConfig("fake", "fake", {"delay": delay})
    return RunSpec(config, fakes.TinyPack(ITEMS), results, SUITES, profile="full")


if __name__ == "__main__":
    fakes.register()
    print("started", flush=True)
    execute(spec(Path(sys.argv[1]), float(sys.argv[2])))
