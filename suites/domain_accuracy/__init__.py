"""Does it know the company: expertise, changed facts, several documents, personal records, fixed
formats.
"""

from evals.core.interfaces import Suite

SUITE = Suite(
    name="domain_accuracy",
    about=(
        "right answers about the company: what was taught, what has changed, what only documents or"
        " records say"
    ),
    tracks=("closed_book", "freshness", "breadth", "multi_hop", "personalization", "structured"),
    metrics=(
        "precise_accuracy",
        "accuracy",
        "reading_accuracy",
        "slot_accuracy",
        "answer_match",
        "content_f1",
        "label_accuracy",
        "macro_f1",
        "schema_valid",
        "field_f1",
        "stale",
        "contradiction",
        "unsupported",
        "groundedness",
        "k_precision",
        "leak",
        "recall_at_k",
        "mrr",
        "ndcg",
        "over_refusal",
        "auroc",
        "ece",
    ),
    headline="precise_accuracy",
    clusters={"quick": 9, "standard": 24, "full": None},
)
