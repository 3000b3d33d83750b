"""Does it invent: questions without an answer, each beside an answerable twin, so that silence
earns nothing.
"""

from evals.core.interfaces import Suite

SUITE = Suite(
    name="hallucination",
    about="says so when there is no answer, and answers the twin question that has one",
    tracks=("nonexistent_entity", "missing_attribute", "false_premise", "wrong_user"),
    metrics=(
        "right_minus_wrong",
        "truthful",
        "abstention_correct",
        "fabrication",
        "over_refusal",
        "penalised_50",
        "penalised_75",
        "penalised_90",
        "slot_accuracy",
        "leak",
        "stale",
        "contradiction",
        "unsupported",
        "groundedness",
        "recall_at_k",
        "auroc",
        "ece",
    ),
    headline="right_minus_wrong",
    clusters={"quick": 6, "standard": 15, "full": None},
)
