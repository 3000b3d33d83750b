"""A calibration in words, for the terminal."""

from __future__ import annotations

from evals.judge.calibration import Calibration, Figure


def summary(found: Calibration) -> str:
    """A line for each figure with its 95 % interval, and whether the judge may gate."""
    gone = "".join(
        f", {count} without a verdict ({reason})"
        for reason, count in sorted(found.unscored.items())
    )
    rows = [
        ("kappa", found.kappa, "labels", "agreement beyond chance"),
        ("sensitivity", found.sensitivity, "people say yes", "the judge says yes too"),
        ("specificity", found.specificity, "people say no", "the judge says no too"),
        (
            "position bias",
            found.position_bias,
            "with an order",
            "for the answer shown first; 0 is none",
        ),
        ("length bias", found.length_bias, "with a length", "for the longer half; 0 is none"),
        ("self-consistency", found.self_consistency, "asked again", "the same verdict"),
        ("people", found.human, "labels", "mean of the labels"),
        ("judge, as it is", found.raw, "unlabelled", "mean of the verdicts"),
        (
            "prediction-powered",
            found.corrected,
            "judged",
            "what people would have said of the unlabelled",
        ),
        (
            "Rogan-Gladen",
            found.rogan_gladen,
            "unlabelled",
            "share positive, from sensitivity and specificity",
        ),
    ]
    lines = [
        f"{found.metric} by {found.judge}: {found.labels} labels{gone}; positive from"
        f" {found.threshold:g} on"
    ]
    lines += [f"  {name:<19}{_number(f):<28}{what} ({f.n} {unit})" for name, f, unit, what in rows]
    verdict = (
        "calibrated: it may gate"
        if found.calibrated
        else f"UNCALIBRATED: {'; '.join(found.why)}; it cannot gate"
    )
    return "\n".join([*lines, verdict])


def _number(figure: Figure) -> str:
    if figure.value is None:
        return "n/a"
    ends = "" if figure.low is None else f" [{figure.low:.3f}, {figure.high:.3f}]"
    return f"{figure.value:.3f}{ends}"
