"""What a metric is: a function of one answer, with everything that others need to know about it
declared as fields.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeVar, cast

from evals.core.errors import UsageError
from evals.core.interfaces import Detector, Pack, TextLikelihood
from evals.core.judge import JudgeNote, JudgeSettings
from evals.core.schema import Item, Response, Score, unscored

T = TypeVar("T")

Better = Literal["higher", "lower", "none"]

UNBOUNDED: Final = (0.0, 1e12)
"""Bounds of seconds, tokens and dollars: finite, so that a manifest stays valid JSON."""

Unit = Literal["share", "seconds", "dollars", "plain"]
"""How values are written: a share of 1 as points, seconds and US dollars as such, everything else
as plain numbers.
"""

Need = Literal[
    "contexts",
    "detector",
    "facts",
    "gold",
    "judge",
    "likelihood",
    "logprobs",
    "rules",
    "timings",
    "tokens",
    "voice",
]
"""What a metric reads beside question and answer.

Of the response: ``contexts`` (retrieved passages), ``logprobs``, ``timings``, ``tokens`` (usage).
Of the item: ``gold`` (slots, references, labels, documents or answerability). Of the context: the
pack's private ``facts``, a brand ``voice``, house ``rules``, a ``likelihood``, a ``detector``, a
``judge``.
"""


class Answer:
    """One response to one item, with what metrics work out from it: each thing at most once for all
    of them.
    """

    __slots__ = ("_known", "item", "response")

    def __init__(self, item: Item, response: Response) -> None:
        self.item = item
        self.response = response
        self._known: dict[Hashable, object] = {}

    def once(self, work: Callable[..., T], *given: Hashable) -> T:
        """``work(answer, *given)``, done the first time and remembered with this answer; ``work``
        is a pure function.

        Metrics that share a reading of the answer call it through this, so that it is made once.
        """
        key = (work, *given) if given else work
        try:
            return cast(T, self._known[key])
        except KeyError:
            found = self._known[key] = work(self, *given)
            return found


Measure = Callable[[Answer], Score]
"""The score of one answer."""


class BrandVoice(Hashable, Protocol):
    """What scores how far a text speaks in a brand's voice."""

    @property
    def brand(self) -> str: ...
    @property
    def threshold(self) -> float:
        """The value from which a text counts as on brand."""

    @property
    def validity(self) -> float:
        """Share of content-parallel pairs with content competing that it gets right."""

    @property
    def valid(self) -> bool: ...
    def value(self, text: str, hidden: tuple[str, ...] = ()) -> float:
        """0 for neutral prose, 1 for the brand's own texts; ``hidden`` words are masked first."""


class HouseRules(Protocol):
    """Rules that answers keep."""

    def __bool__(self) -> bool:
        """Whether there are any."""

    def broken(self, text: str) -> tuple[list[str], list[str]]:
        """The names of the rules a text breaks, and of the suggestions it does not follow."""


@dataclass(frozen=True)
class MetricContext:
    """Everything that a metric may read beside the answers, handed to its factory. None: there is
    none.

    ``voice`` and ``rules`` replace the pack's own, which are used without them.
    """

    pack: Pack
    voice: BrandVoice | None = None
    rules: HouseRules | None = None
    likelihood: TextLikelihood | None = None
    detector: Detector | None = None
    judge: JudgeSettings | None = None


@dataclass(frozen=True)
class Metric:
    """A named pure function of an answer, and how its values are summarised over items.

    ``measure`` is called for answers of systems that did not fail; see `guarded`. ``estimator``
    names an entry of `evals.stats.estimators`: ``mean`` (default), ``p50`` / ``p95`` / ``p99``,
    ``sd_within``, ``macro_f1``, ``auroc`` (of details) and so on. A ``share`` lies in [0, 1]; a
    metric with other ``bounds`` declares another ``unit``.
    """

    name: str
    better: Better
    measure: Measure
    about: str = ""
    estimator: str = "mean"
    unit: Unit = "share"
    bounds: tuple[float, float] = (0.0, 1.0)
    needs: frozenset[Need] = frozenset()
    """Without these the answer is unscored."""

    uses: frozenset[Need] = frozenset()
    """Read where they are there."""

    inapplicable: str = ""
    """What ``not_applicable`` means where every need is met, in words."""

    over_run: Callable[[Iterable[Answer]], Measure] | None = None
    """Where a score depends on the run's other answers (boilerplate): given a stream of all, it
    returns ``measure``.
    """

    workers: int = 1
    """How many answers may be measured at a time, in threads."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """What makes values the same ones beside code and pack: a model, a price list, who judges.
    Plain JSON values.
    """

    judge: JudgeNote | None = None
    """Set where a judge model makes the values."""

    def __post_init__(self) -> None:
        if self.unit == "share" and self.bounds != (0.0, 1.0):
            raise UsageError(
                f"the metric {self.name} is no share of 1",
                found=f"bounds {self.bounds}",
                expected="unit = seconds, dollars or plain, or bounds (0, 1)",
            )

    def score(self, item: Item, response: Response) -> Score:
        """The score of one answer by itself."""
        return guarded(self.measure)(Answer(item, response))


def guarded(measure: Measure) -> Measure:
    """A response with an error is ``unscored("system_error")``, whatever the metric."""

    def checked(answer: Answer) -> Score:
        return unscored("system_error") if answer.response.error is not None else measure(answer)

    return checked


class MetricFactory(Protocol):
    """Builds a metric for one context (a voice classifier is fit, a fact table read); most ignore
    it.
    """

    def __call__(self, context: MetricContext) -> Metric: ...
