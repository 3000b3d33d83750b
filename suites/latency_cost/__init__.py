"""How long and how dear: a pass of its own over questions of the other suites, one at a time and
nothing cached; some are asked again with caches allowed. The sustainable rate comes from
`adaptbench load --sustainable`.
"""

from evals.core.interfaces import Suite

SUITE = Suite(
    name="latency_cost",
    about=(
        "time to first token, between tokens and end to end, tokens, and dollars per 1,000 queries"
    ),
    tracks=("domain_accuracy", "hallucination", "brand_tone"),
    metrics=(
        "e2e",
        "e2e_p95",
        "ttft",
        "itl",
        "ttft_warm",
        "e2e_warm",
        "cached_share",
        "retrieve_s",
        "tokens_in",
        "tokens_out",
        "cost_per_1k",
        "api_cost_per_1k",
    ),
    headline="e2e",
    clusters={"quick": 14, "standard": 26, "full": 100},
    measured="latency",
    replays=("domain_accuracy", "hallucination", "brand_tone"),
)
