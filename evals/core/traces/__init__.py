"""Answers that production gave, read from the logs of other tools."""

from evals.core.traces.reader import Reader, check_found
from evals.core.traces.record import Trace

__all__ = ["Reader", "Trace", "check_found"]
