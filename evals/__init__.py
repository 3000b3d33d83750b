"""The harness. Importing it settles how numerical libraries use threads: they read that when they are loaded."""

from evals.processor import settle_threads

settle_threads()
