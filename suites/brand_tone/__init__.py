"""Does it sound like the brand while it is right: the same facts asked under stress."""

from evals.core.interfaces import Suite

SUITE = Suite(
    name="brand_tone",
    about="the brand's voice and the right fact together, plainly asked and under stress",
    tracks=("plain", "angry_customer", "very_short", "very_long", "unanswerable", "refusal"),
    metrics=(
        "on_brand_and_correct",
        "voice",
        "voice_stripped",
        "voice_sd",
        "rule_pass",
        "slot_accuracy",
        "abstention_correct",
        "fabrication",
        "over_refusal",
        "unsupported",
        "recall_at_k",
    ),
    headline="on_brand_and_correct",
    clusters={"quick": 4, "standard": 10, "full": None},
)
