"""Labels (intent routing): `label_accuracy`, `macro_f1`."""

from __future__ import annotations

from evals.core.metric import Answer, Metric, MetricContext, Need
from evals.core.schema import Item, Score, Slot, scored, unscored
from evals.scorers.answer_match.choices import chosen
from evals.text.words import MAX_CHARS, fold, words


def predicted(item: Item, slot: Slot, text: str) -> str:
    """The label an answer predicts, spelt as in the item's choices; empty where it names none or
    several.
    """
    text = text[:MAX_CHARS]
    options = tuple(dict.fromkeys((*item.choices, slot.value)))
    whole = fold(text).strip(" .\"'`")
    for option in options:
        if whole == fold(option):
            return option
    if any(whole == fold(alias) for alias in slot.aliases):
        return slot.value
    named = chosen(text, options)
    if len(named) != 1:
        return ""
    spelt = {tuple(words(option.replace("_", " "))): option for option in options}
    return spelt.get(named[0], " ".join(named[0]))


def label_slot(item: Item) -> Slot | None:
    """The item's first label slot, if any."""
    return next((slot for slot in item.gold if slot.kind == "label"), None)


def score_label_accuracy(answer: Answer) -> Score:
    """1 where prediction and gold agree; both are in the detail, the prediction empty where there
    is none.
    """
    slot = label_slot(answer.item)
    if slot is None:
        return unscored("not_applicable")
    said = predicted(answer.item, slot, answer.response.text)
    return scored(fold(said) == fold(slot.value), gold=slot.value, predicted=said)


def label_accuracy(context: MetricContext) -> Metric:
    """`label_accuracy`: the predicted label equals the gold label (intent routing).

    The prediction is the label the answer names: the whole answer, or the only one of the item's
    choices in it. Naming several labels predicts none. ``not_applicable`` for items without a label
    slot.
    """
    about = "predicted label equals gold"
    return Metric(
        "label_accuracy", "higher", score_label_accuracy, about, needs=frozenset({"gold"})
    )


def macro_f1(context: MetricContext) -> Metric:
    """`macro_f1`: mean of the per-label F1, so that rare intents weigh as much as common ones.

    Per item the value is 1 where the label is right; the estimator ``macro_f1`` reads gold and
    predicted labels from the details. Missing predictions are the label "" and count as misses.
    ``not_applicable`` for items without a label slot.
    """
    needs: frozenset[Need] = frozenset({"gold"})
    return Metric(
        "macro_f1", "higher", score_label_accuracy, "mean of per-label F1", "macro_f1", needs=needs
    )
