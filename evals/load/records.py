"""What the load client is to send and what it saw: plain records that cross a process boundary
as JSON.
"""

from __future__ import annotations

from evals.core.schema import Record, Usage
from evals.load.goals import Goals


class Planned(Record, frozen=True):
    """One request of the schedule. ``at`` is seconds after the start; it is sent then, whatever
    happened before.
    """

    id: str
    at: float
    prompt: str
    max_tokens: int | None = None
    user: str | None = None


class Stages(Record, frozen=True):
    """Wall-clock seconds as the server stated them; their sum is its time from arrival to last
    token.
    """

    queue: float = 0.0
    retrieve: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0


class Observed(Record, frozen=True):
    """One request as the client saw it. Times are seconds after the start of the run.

    ``sent`` is when its bytes were handed to the socket, ``first`` and ``last`` when the first and
    the last chunk with text arrived, ``done`` when the response ended. ``chunks`` counts chunks
    with text; a chunk may hold several tokens, so token counts come from ``usage``. ``error`` is
    None for a complete answer with status 200.
    """

    id: str
    scheduled: float
    sent: float | None = None
    first: float | None = None
    last: float | None = None
    done: float | None = None
    status: int = 0
    chunks: int = 0
    usage: Usage | None = None
    stages: Stages | None = None
    error: str | None = None

    @property
    def lag(self) -> float:
        """Seconds by which the client itself was late. Infinite where the request never left."""
        return float("inf") if self.sent is None else max(0.0, self.sent - self.scheduled)

    @property
    def e2e(self) -> float | None:
        """``done − scheduled``, seconds: a stall counts against everyone it delays. None for a
        failed request.
        """
        return None if self.error is not None or self.done is None else self.done - self.scheduled

    @property
    def ttft(self) -> float | None:
        """``first − scheduled``, seconds. None for a failed request or an answer without text."""
        return None if self.error is not None or self.first is None else self.first - self.scheduled

    @property
    def tokens(self) -> int:
        """Tokens generated: the server's own count where it gives one, else the chunks with
        text.
        """
        return (
            self.usage.completion
            if self.usage is not None and self.usage.completion
            else self.chunks
        )

    @property
    def itl(self) -> float | None:
        """Mean inter-token time ``(last − first)/(tokens − 1)``, seconds. None below two tokens or
        for a failure.
        """
        if (
            self.error is not None
            or self.first is None
            or self.last is None
            or self.tokens < 2
            or self.chunks < 2
        ):
            return None
        return (self.last - self.first) / (self.tokens - 1)


class Stop(Record, frozen=True):
    """When the client gives up, because what would follow cannot change the verdict.

    ``slope``: the trend of latency over scheduled time is surely steeper (seconds a second,
    `evals.load.trend`). ``misses``: more requests than this, of those scheduled in [``start``,
    ``end``), have missed the goals. Neither is looked at before ``start``.
    """

    slope: float
    goals: Goals
    misses: int
    start: float
    end: float


class ClientSpec(Record, frozen=True):
    """What one client process does: the server, how to ask it, and when to give up.

    ``streams``: ask for token streaming. ``timeout`` is seconds from sending to the end of an
    answer; ``connections`` the most that are open at once. ``key_variable`` names the environment
    variable that holds the key; the key itself is never written. ``stop``: when to give up; None
    never does.
    """

    url: str
    model: str = "default"
    streams: bool = True
    timeout: float = 120.0
    connections: int = 2000
    key_variable: str | None = None
    stop: Stop | None = None


class ClientReport(Record, frozen=True):
    """How the client itself fared: CPU seconds it used, wall seconds, requests planned, why it
    stopped early.
    """

    planned: int
    observed: int
    wall: float
    cpu: float
    stopped: str | None = None
