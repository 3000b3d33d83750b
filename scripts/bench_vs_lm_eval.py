"""The local engine beside lm-eval's HF backend: same model, same questions, same machine, in turns.

    python scripts/bench_vs_lm_eval.py [--questions 32] [--new-tokens 32] [--batches 8 32]
        [--rounds 3] [--parts choice]

Multiple choice: each question has four continuations of several tokens; both sides must choose the
same ones, with log-likelihoods within 1e-3. Generation: greedy, both sides must write the same
text; once with the same worked examples before every question, as most generation tasks have them,
until a line ends; and once with nothing in common, all tokens asked for. lm-eval runs at each batch
size and its best one counts; ours at its defaults. Prints a table and one JSON line; ratios are
those of medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from systems.engines.base import EngineSettings
from systems.runtime import prepare

OPTIONS = (
    " a small town by the river",
    " forty two days",
    " the head of the repair desk",
    " brushed steel and cork",
)
SUBJECTS = ("kettle", "lamp", "drill", "clock", "heater", "tent", "radio", "scooter")
ASKED = (
    "Name it.", "What is it for?", "Describe what it does, in one long sentence.", "Is it heavy?",
    "List five things that one can do with it.", "Who would buy it, and why?",
)  # fmt: skip
PARTS = ("choice", "examples", "no-examples")
NEVER = "\n" * 8
SHOTS = """Text: The bench number 3 stands in the garden. Question: Where does it stand?
Answer: In the garden.
Text: The ladder number 8 is six metres long and folds in three. Question: Describe it.
Answer: It is a ladder of six metres that folds in three parts, so that one person can carry it.
Text: The mirror number 12 came by ship. Question: How did it come?
Answer: By ship.
Text: The stove number 40 burns wood and heats two rooms. Question: What can one do with it?
Answer: One can heat two rooms, dry clothes, boil water, cook a meal, and burn wood that nobody needs.
Text: The parasol number 5 is green. Question: Which colour has it?
Answer: Green.

"""


def main() -> None:
    """Measure both sides and print them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--questions", type=int, default=32)
    parser.add_argument("--new-tokens", type=int, default=32)
    parser.add_argument("--batches", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args()
    prepare(offline=True)
    report = {part: measure(part, asked) for part in asked.parts}
    for part, found in report.items():
        print(f"{part:<15}" + "  ".join(f"{name} {value}" for name, value in found.items()))
    print(json.dumps({"questions": asked.questions, "new_tokens": asked.new_tokens, **report}))


def measure(part: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Both sides on one kind of question."""
    numbers = range(asked.questions)
    if part == "choice":
        contexts = [context(i) for i in numbers]
        return compare(
            asked.rounds,
            lambda: our_scores(contexts),
            {b: lambda b=b: their_scores(contexts, b) for b in asked.batches},  # type: ignore[misc]
        )
    until = "\n" if part == "examples" else NEVER
    asking = [SHOTS + task(i) if part == "examples" else beginning(i) for i in numbers]
    return compare(
        asked.rounds,
        lambda: our_texts(asking, asked.new_tokens, until),
        {b: lambda b=b: their_texts(asking, b, asked.new_tokens, until) for b in asked.batches},  # type: ignore[misc]
    )


def context(number: int) -> str:
    """A short company text and a question, of differing length."""
    thing = SUBJECTS[number % len(SUBJECTS)]
    filler = f"The {thing} number {number} is kept in the shop by the harbour. " * (1 + number % 5)
    return f"{filler}Question: what should a customer know about the {thing}?\nAnswer:"


def task(number: int) -> str:
    """A text and a question that wants words, of differing length."""
    return f"Text: {text(number)}Question: {ASKED[number % len(ASKED)]}\nAnswer:"


def beginning(number: int) -> str:
    """A text that breaks off in the middle of a sentence, of differing length."""
    return f"{text(number)}What people like most about it is that it"


def text(number: int) -> str:
    """One to three sentences about a thing."""
    thing = SUBJECTS[number % len(SUBJECTS)]
    return f"The {thing} number {number} is kept in the shop by the harbour. " * (1 + number % 3)


def compare(
    rounds: int, ours: Callable[[], Any], theirs: dict[int, Callable[[], Any]]
) -> dict[str, Any]:
    """Medians of seconds over the rounds, both sides in turns, and whether the results agree."""
    ours(), [run() for run in theirs.values()]
    seconds: dict[int, list[float]] = {0: [], **{b: [] for b in theirs}}
    results: dict[int, Any] = {}
    for _ in range(rounds):
        for name, run in ((0, ours), *theirs.items()):
            began = time.perf_counter()
            results[name] = run()
            seconds[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    best = min(theirs, key=lambda b: medians[b])
    return {
        "ours_s": round(medians[0], 2),
        "lm_eval_s": {b: round(medians[b], 2) for b in theirs},
        "best_batch": best,
        "ratio": round(medians[best] / medians[0], 2),
        "agree": agreement(results[0], results[best]),
    }


def agreement(ours: list[Any], theirs: list[Any]) -> str:
    """How many results are the same; for scores, the same choice with log-likelihoods within
    1e-3.
    """
    if isinstance(ours[0], str):
        same = sum(a == b for a, b in zip(ours, theirs, strict=True))
        words = statistics.mean(len(text.split()) for text in ours)
        return f"{same}/{len(ours)} texts of {words:.1f} words on average"
    same = sum(a.index(max(a)) == b.index(max(b)) for a, b in zip(ours, theirs, strict=True))
    worst = max(
        abs(x - y) for a, b in zip(ours, theirs, strict=True) for x, y in zip(a, b, strict=True)
    )
    return f"{same}/{len(ours)}, largest difference {worst:.1e}"


def our_scores(contexts: list[str]) -> list[list[float]]:
    """Log-likelihood of every option of every context."""
    from systems.engines.choose import Fork, score
    from systems.engines.decode import shared_prefix

    weights = engine_weights()
    ids = [weights.encode(c) for c in contexts]
    forks = [Fork(c, [weights.encode(o) for o in OPTIONS]) for c in ids]
    score(weights, forks, EngineSettings(), prefix=shared_prefix(ids))
    return [[sum(s) for s in fork.scores or []] for fork in forks]


def our_texts(contexts: list[str], new: int, until: str) -> list[str]:
    """A greedy continuation of every context, up to ``until``."""
    from systems.engines.plain import PlainText

    model = PlainText(engine_weights(), EngineSettings(), None)
    return [text.strip() for text in model.write([model.encode(c) for c in contexts], new, [until])]


def engine_weights() -> Any:
    """The default model, loaded once for both sides."""
    from systems.engines.weights import shared
    from systems.models import DEFAULT_LM

    return shared(DEFAULT_LM, device="cpu", dtype="float32")


_backends: dict[int, Any] = {}


def backend(batch: int) -> Any:
    """lm-eval's HF backend on the weights that the engine holds too."""
    from lm_eval.models.huggingface import HFLM

    if batch not in _backends:
        weights = engine_weights()
        _backends[batch] = HFLM(
            pretrained=weights.model,
            tokenizer=weights.tokenizer,
            batch_size=batch,
            device="cpu",
            backend="causal",
        )
    return _backends[batch]


def their_scores(contexts: list[str], batch: int) -> list[list[float]]:
    """As `our_scores`, by lm-eval."""
    from lm_eval.api.instance import Instance

    pairs = [(c, o) for c in contexts for o in OPTIONS]
    asked = [Instance("loglikelihood", {}, pair, i) for i, pair in enumerate(pairs)]
    scores = [s for s, _ in backend(batch).loglikelihood(asked, disable_tqdm=True)]
    return [scores[i : i + len(OPTIONS)] for i in range(0, len(scores), len(OPTIONS))]


def their_texts(contexts: list[str], batch: int, new: int, until: str) -> list[str]:
    """As `our_texts`, by lm-eval."""
    from lm_eval.api.instance import Instance

    how = {"until": [until], "max_gen_toks": new, "do_sample": False}
    asked = [Instance("generate_until", {}, (c, dict(how)), i) for i, c in enumerate(contexts)]
    return [text.strip() for text in backend(batch).generate_until(asked, disable_tqdm=True)]


if __name__ == "__main__":
    main()
