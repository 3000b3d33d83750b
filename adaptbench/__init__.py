"""What notebooks and scripts import: stored runs as pandas frames.

    import adaptbench

    runs = adaptbench.load_runs("results")
    runs.leaderboard(), runs.scores(), runs.responses(), runs.passages(), runs.items(), runs.manifests()

The harness itself lives in `evals`, `suites` and `systems`.
"""

from evals.report.frames import Runs, load_runs

__all__ = ["Runs", "load_runs"]
