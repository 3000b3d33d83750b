"""A pytest fixture that gates a candidate in a test suite: `assert_promotable(candidate, baseline,
policy)`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from evals.analysis.gate import Verdict

Assertion = Callable[..., "Verdict"]


@pytest.fixture
def assert_promotable() -> Assertion:
    """A function (candidate, baseline, policy="default", results="results") that fails the test
    unless PROMOTE.

    The runs are folders, names or systems below ``results``; the failure shows the whole verdict. A
    policy that cannot promote (screen) fails only on REJECT. Returns the verdict.
    """
    return check


def check(
    candidate: str, baseline: str, policy: str = "default", results: str | Path = "results"
) -> Verdict:
    """Gate and fail the running test with the verdict, or with what is wrong with the policy or the
    runs, as its message.
    """
    from evals.analysis.policy import read_policy
    from evals.api.decide import gate
    from evals.core.errors import AdaptbenchError
    from evals.report.text.gate import markdown

    try:
        rules = read_policy(policy)
        verdict = gate(candidate, baseline, rules, results=results)
    except AdaptbenchError as error:
        pytest.fail(str(error), pytrace=False)
    allowed = ("PROMOTE",) if rules.can_promote else ("PROMOTE", "INCONCLUSIVE")
    if verdict.outcome not in allowed:
        pytest.fail(markdown(verdict), pytrace=False)
    return verdict
