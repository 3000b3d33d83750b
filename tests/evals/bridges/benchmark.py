"""lm-eval tasks over local files: multiple choice, free text and perplexity."""

from __future__ import annotations

import json
from pathlib import Path

FACTS = (
    ("The capital of France is", ["Paris", "Berlin", "Rome"], 0),
    ("The opposite of hot is", ["green", "cold", "table"], 1),
    ("A dog is an", ["animal", "number", "planet"], 0),
    ("Two plus two is", ["nine", "four", "ten"], 1),
    ("Fish live in", ["water", "fire", "paper"], 0),
    ("The sun is very", ["cold", "hot", "square"], 1),
)

_COMMON = """dataset_path: json
dataset_kwargs:
  cache_dir: {folder}/cache
  data_files: {{test: {folder}/facts.jsonl}}
test_split: test
"""

_TASKS = {
    "little_choice": """output_type: multiple_choice
doc_to_text: "{{question}}"
doc_to_choice: choices
doc_to_target: label
metric_list: [{metric: acc}, {metric: acc_norm}]
""",
    "little_text": """output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{choices[label]}}"
generation_kwargs: {until: ["\\n", "."], max_gen_toks: 6}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
""",
    "little_perplexity": """output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{question}} {{choices[label]}}."
metric_list: [{metric: word_perplexity}, {metric: bits_per_byte}]
""",
}

NAMES = tuple(_TASKS)


def write_tasks(folder: Path) -> Path:
    """Put the tasks and their data into ``folder``; return it."""
    rows = [{"question": q, "choices": c, "label": label} for q, c, label in FACTS]
    (folder / "facts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, task in _TASKS.items():
        (folder / f"{name}.yaml").write_text(f"task: {name}\n{_COMMON.format(folder=folder)}{task}")
    return folder
