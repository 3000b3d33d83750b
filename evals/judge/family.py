"""Model families by name: a judge tends to prefer answers of its own family, so it may not gate on
them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_FAMILIES: Final[Mapping[str, str]] = {
    "gpt": "gpt|chatgpt|davinci|o[134](?=-|$)",
    "claude": "claude",
    "gemini": "gemini|gemma|palm",
    "llama": "llama|vicuna|alpaca|nemotron",
    "qwen": "qwen|qwq",
    "mistral": "mistral|mixtral|ministral|magistral|codestral",
    "deepseek": "deepseek",
    "phi": r"phi(?=[-\d]|$)",
    "smollm": "smollm",
    "granite": "granite",
    "command": "command-?[ra]|cohere|aya(?=-)",
    "falcon": "falcon",
    "olmo": "olmo|tulu",
    "yi": r"yi(?=-)",
    "glm": "glm|chatglm",
    "kimi": "kimi|moonshot",
    "grok": "grok",
    "minimax": "minimax",
    "selene": "selene",
    "prometheus": "prometheus",
}
_SKIPPED: Final = frozenset({"code", "sha256", "prompt", "retriever", "kind", "url"})


def families(name: str) -> frozenset[str]:
    """The families a model's name speaks of; where none is known, the first word of its last part.

    A distilled name has two: DeepSeek-R1-Distill-Llama is deepseek and llama.
    """
    low = name.lower()
    found = {
        family for family, words in _FAMILIES.items() if re.search(rf"(?<![a-z])(?:{words})", low)
    }
    word = re.match(r"[a-z]+", low.rsplit("/", 1)[-1])
    return frozenset(found or ({word[0]} if word else {low}))


def families_of_system(identity: Mapping[str, Any]) -> frozenset[str]:
    """The families of the models that a run's system says it is made of; empty where it names
    none.
    """
    system = identity.get("system", identity)
    return frozenset(family for text in _names(system) for family in _known(text))


def _known(text: str) -> frozenset[str]:
    return families(text) & frozenset(_FAMILIES)


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if len(value) <= 200 else []
    if isinstance(value, Mapping):
        return [
            text for key, inner in value.items() if key not in _SKIPPED for text in _names(inner)
        ]
    return (
        [text for inner in value for text in _names(inner)]
        if isinstance(value, list | tuple)
        else []
    )
