"""Whether latencies were measured: read from the stored timings, not believed."""

from __future__ import annotations

from collections import Counter

import msgspec

from evals.analysis.notes import Note, note
from evals.core import jsonl
from evals.core.errors import DataError
from evals.core.identity import hash64
from evals.core.schema import Failure, Timings, Usage
from evals.core.store import RESPONSES, StoredRun


class _Timed(msgspec.Struct):
    """What this check needs of a response; its text and passages are skipped without being
    built.
    """

    item: str
    timings: Timings | None = None
    usage: Usage | None = None
    error: Failure | None = None


def unmeasured_suites(run: StoredRun) -> dict[str, Note]:
    """The run's latency suites whose figures must not be shown, each with the reason.

    A latency may be reported only where every answer of the suite that succeeded carries timings of
    the latency pass (warmed up, no cache) and took none of its prompt from a cache, and, under
    load, where the client itself was not late and did not give up. Raises DataError for a damaged
    responses file.
    """
    suites = latency_suites(run)
    if not suites:
        return {}
    if late := _client(run.manifest.machine.get("client")):
        return dict.fromkeys(suites, late)
    owner = {hash64(line.item): line.suite for line in run.scores() if line.suite in suites}
    seen: dict[str, Counter[str]] = {name: Counter() for name in suites}
    decoder = msgspec.json.Decoder(_Timed)
    for number, line in jsonl.lines(run.path / RESPONSES):
        try:
            response = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DataError(
                f"not a valid response: {error}", where=run.path / RESPONSES, line=number
            ) from error
        suite = owner.pop(hash64(response.item), None)
        if suite is not None and response.error is None:
            seen[suite][_kind(response)] += 1
    for suite in owner.values():
        seen[suite]["unanswered"] += 1
    return {name: reason for name in suites if (reason := _reason(seen[name])) is not None}


def latency_suites(run: StoredRun) -> list[str]:
    """The run's suites that measure latency."""
    return [name for name, note in run.manifest.suites.items() if note.measured == "latency"]


def machine_class(run: StoredRun) -> str:
    """The class of machine a run was measured on; latencies compare within one class only."""
    return str(run.manifest.machine.get("class", ""))


def other_machine(run: StoredRun, wanted: str) -> dict[str, Note]:
    """The run's latency suites, each with the reason why they cannot stand beside those of the
    class ``wanted``.
    """
    own = machine_class(run)
    if own == wanted:
        return {}
    return dict.fromkeys(latency_suites(run), note("other_machine", own=own, wanted=wanted))


def _kind(response: _Timed) -> str:
    if response.timings is None:
        return "untimed"
    cached = response.usage is not None and response.usage.cached > 0
    return (
        "prompt_cached"
        if cached and response.timings.measured == "latency"
        else response.timings.measured
    )


def _client(client: object) -> Note | None:
    """Why the load client's own account rules its latencies out; None where it does not, or there
    was none.
    """
    if not isinstance(client, dict):
        return None
    lag, bound = client.get("lag_p99"), client.get("lag_bound")
    if client.get("stopped"):
        return note("load_stopped", reason=str(client["stopped"]))
    if not isinstance(lag, int | float) or not isinstance(bound, int | float):
        return note("load_lag_unknown")
    return note("load_late", lag=lag, bound=bound) if lag > bound else None


def _reason(seen: Counter[str]) -> Note | None:
    wrong = {kind: count for kind, count in sorted(seen.items()) if kind != "latency"}
    if not wrong:
        return None
    return note("not_latency_pass", counts=wrong)
