"""What a policy can decide on a pack, before any model runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evals.core import registry
from evals.core.interfaces import Pack
from evals.core.paths import cache_dir
from evals.core.registry import METRICS
from evals.core.schema import Item

if TYPE_CHECKING:
    from evals.analysis.planning import Assumed, PolicyPlan, Size
    from evals.analysis.policy import Policy
    from evals.core.store import MetricNote

APPLIES: Final[Mapping[str, Callable[[Item], bool]]] = {
    "fabrication": lambda item: not item.answerable,
    "over_refusal": lambda item: item.answerable,
    "leak": lambda item: item.user is not None,
    "schema_valid": lambda item: item.json_schema is not None,
}
"""Metrics that speak about some items of their suite only."""


def plan(
    policy: str | Path | Policy = "default",
    pack: str | Path | Pack = "default",
    *,
    effect: float = 0.05,
    profile: str = "full",
    assumed: Assumed | None = None,
) -> PolicyPlan:
    """The chances of each verdict for a candidate that is better by ``effect`` (a share), and for
    each axis of the policy the items at hand, the power, and the items that would do.

    Counts the items of a pack's profile and calls no model. Raises UsageError for an unknown policy
    or pack.
    """
    from evals.analysis import planning
    from evals.analysis.policy import Policy, read_policy

    rules = policy if isinstance(policy, Policy) else read_policy(str(policy))
    opened = pack if isinstance(pack, Pack) else registry.open_pack(str(pack), cache_dir())
    known = assumed or planning.Assumed()
    return planning.plan(
        rules, _notes(rules, opened), _sizes(rules, opened, profile), effect, known
    )


def _notes(policy: Policy, pack: Pack) -> dict[str, MetricNote]:
    from evals.core.metric import MetricContext
    from evals.core.store import MetricNote

    found = {}
    for name in {axis.metric for axis in policy.axis}:
        metric = METRICS.get(name)(MetricContext(pack))
        found[name] = MetricNote(metric.better, metric.estimator, metric.bounds)
    return found


def _sizes(policy: Policy, pack: Pack, profile: str) -> dict[tuple[str, str, str], Size]:
    from evals.analysis.pairing import ALL
    from evals.run.plan import absent_suites, make_plan

    absent = absent_suites(pack)
    found: dict[tuple[str, str, str], Size] = {}
    for suite in dict.fromkeys(axis.suite for axis in policy.axis if axis.suite not in absent):
        (chosen,) = make_plan(pack, [suite], profile).suites
        axes = [axis for axis in policy.axis if axis.suite == suite]
        items: Counter[tuple[str, str]] = Counter()
        clusters: dict[tuple[str, str], set[str]] = {}
        for item in chosen.stream(pack):
            for axis in axes:
                fits = axis.track in (ALL, item.track)
                if fits and APPLIES.get(axis.metric, _always)(item):
                    key = axis.track, axis.metric
                    items[key] += 1
                    clusters.setdefault(key, set()).add(item.cluster)
        found |= {(suite, *key): (n, len(clusters[key])) for key, n in items.items()}
    return found


def _always(item: Item) -> bool:
    return True
