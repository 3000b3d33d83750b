"""Thoughts are told apart from answers, whatever marks a model uses, and plain texts are left
alone.
"""

from __future__ import annotations

import time

import pytest

from evals.core.reasoning import answer_so_far, split_reasoning

HARMONY = (
    "<|channel|>analysis<|message|>Look it up.<|end|><|start|>assistant<|channel|>final<|message|>9"
    " euros"
)


@pytest.mark.parametrize(
    ("text", "answer", "thoughts"),
    [
        ("<think>Was it 7?\nNo, 9.</think>\n\n9 euros", "9 euros", "Was it 7?\nNo, 9."),
        ("<Thinking> hm </Thinking>9 euros", "9 euros", "hm"),
        ("[THINK]hm[/THINK]9 euros", "9 euros", "hm"),
        ("◁think▷hm◁/think▷9 euros", "9 euros", "hm"),
        ("<reasoning>hm</reasoning> 9 euros", "9 euros", "hm"),
        ("the template opened it</think>9 euros", "9 euros", "the template opened it"),
        ("<think>one</think>9 euros <think>two</think>a day", "9 euros a day", "one\ntwo"),
        ("<think></think>9 euros", "9 euros", ""),
        ("<think>cut off in", "", "cut off in"),
        (HARMONY, "9 euros", "Look it up."),
        (HARMONY + "<|return|>", "9 euros", "Look it up."),
        ("<|channel|>analysis<|message|>cut off in", "", "cut off in"),
        ("analysisLook it up.assistantfinal9 euros", "9 euros", "Look it up."),
    ],
)
def test_thoughts_are_taken_out_of_an_answer(text: str, answer: str, thoughts: str) -> None:
    assert split_reasoning(text) == (answer, thoughts)


@pytest.mark.parametrize(
    "text",
    [
        " 9 euros ",
        "",
        "Use `<think>` to begin and `</think>` to end.",
        'It ends with "</think>".',
        "<p>9/10</p>",
        "I think the <think> mark opens it.",
        "analysis of costs: 9 euros",
    ],
)
def test_a_text_without_thoughts_is_left_as_it_is(text: str) -> None:
    assert split_reasoning(text) == (text, "")


@pytest.mark.parametrize(
    "unit", ["<think>", "</think>", "<think></think>", "<|channel|>analysis", "<", "analysis"]
)
def test_five_megabytes_of_marks_take_no_longer_than_text(unit: str) -> None:
    began = time.monotonic()
    split_reasoning(unit * (5_000_000 // len(unit)))
    assert time.monotonic() - began < 10


def test_a_growing_text_shows_no_thought() -> None:
    text = "<think>was it 7?</think>9 euros"
    seen = [answer_so_far(text[:n]) for n in range(len(text) + 1)]
    assert all("9 euros".startswith(s) for s in seen)
    assert seen[-1] == "9 euros"
    assert answer_so_far("<b>") == "<b>"
