"""The browser that the tests of the report and of the labelling page share."""

from tests.evals.browser import axe, chromium, online, watched

__all__ = ["axe", "chromium", "online", "watched"]
