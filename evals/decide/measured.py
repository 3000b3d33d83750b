"""Whether latencies were measured: read from the stored timings, not believed."""

from __future__ import annotations

from collections import Counter

import msgspec

from evals import jsonl
from evals.decide.columns import hash64
from evals.errors import DataError
from evals.schema import Failure, Timings
from evals.store import RESPONSES, StoredRun


class _Timed(msgspec.Struct):
    """What this check needs of a response; its text and passages are skipped without being built."""

    item: str
    timings: Timings | None = None
    error: Failure | None = None


def unmeasured_suites(run: StoredRun) -> dict[str, str]:
    """The run's latency suites whose figures must not be shown, each with the reason.

    A latency may be reported only where every answer of the suite that succeeded carries timings of the latency pass
    (batch size 1, warmed up, no cache). Raises DataError for a damaged responses file.
    """
    suites = [name for name, note in run.manifest.suites.items() if note.measured == "latency"]
    if not suites:
        return {}
    owner = {hash64(line.item): line.suite for line in run.scores() if line.suite in suites}
    seen: dict[str, Counter[str]] = {name: Counter() for name in suites}
    decoder = msgspec.json.Decoder(_Timed)
    for number, line in jsonl.lines(run.path / RESPONSES):
        try:
            response = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DataError(f"not a valid response: {error}", where=run.path / RESPONSES, line=number) from error
        suite = owner.pop(hash64(response.item), None)
        if suite is not None and response.error is None:
            seen[suite][response.timings.measured if response.timings else "untimed"] += 1
    for suite in owner.values():
        seen[suite]["unanswered"] += 1
    return {name: reason for name in suites if (reason := _reason(seen[name])) is not None}


def _reason(seen: Counter[str]) -> str | None:
    wrong = {kind: count for kind, count in sorted(seen.items()) if kind != "latency"}
    if not wrong:
        return None
    told = ", ".join(f"{count} {kind}" for kind, count in wrong.items())
    return f"only the latency pass may be reported, but the timings are: {told}"
