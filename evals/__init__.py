"""The harness. Importing it settles how numerical libraries use threads: they read that when they
are loaded.
"""

from evals.core.processor import settle_threads

settle_threads()
