"""Whatever a system gives becomes a record that is read again, or its request's failure by kind."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from evals.core.normalise import believable, clean, clean_json, normalised
from evals.core.schema import Failure, Passage, Response, Timings, Usage, Warm, encode

NAN, INF = float("nan"), float("inf")


def stored(response: Response) -> Response:
    """The response as it is read again after it was stored."""
    return msgspec.json.decode(encode(normalised(response)), type=Response)


@pytest.mark.parametrize(
    ("given", "kind", "finish"),
    [
        ({"text": ""}, "empty", "empty"),
        ({"text": " \n"}, "empty", "empty"),
        ({"text": "", "finish": "length"}, "cut_off", "length"),
        ({"text": "<think>and then", "finish": "length"}, "cut_off", "length"),
        ({"text": "", "finish": "filtered"}, "filtered", "filtered"),
        ({"text": "It costs", "finish": "filtered"}, "filtered", "filtered"),
        ({"text": "", "finish": "tool_call"}, "tool_call", "tool_call"),
        ({"text": None}, "bad_answer", "error"),
        ({"text": ["9 euros"]}, "bad_answer", "error"),
        ({"text": b"9 euros"}, "bad_answer", "error"),
        ({"text": "9", "passages": 3}, "bad_answer", "error"),
        ({"text": "9", "timings": "fast"}, "bad_answer", "error"),
        ({"text": "9", "error": "went wrong"}, "bad_answer", "error"),
        ({"text": "x" * 5_000_000}, "too_long", "error"),
        (
            {"text": "9", "passages": (Passage("p", "d", 1.0, "x" * 5_000_000),)},
            "too_long",
            "error",
        ),
    ],
)
def test_what_is_no_answer_is_a_failure_of_its_kind(
    given: dict[str, Any], kind: str, finish: str
) -> None:
    found = stored(Response("i", **given))
    assert found.error is not None
    assert (found.error.kind, found.finish, found.item) == (kind, finish, "i")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"text": "9 euros", "finish": "length"}, {"finish": "length"}),
        ({"text": "I cannot help.", "finish": "refused"}, {"finish": "refused"}),
        ({"text": "9", "finish": "eos"}, {"finish": "stop"}),
        ({"text": "9 \ud83d"}, {"text": "9 \N{REPLACEMENT CHARACTER}"}),
        ({"text": "9 \ud83d\ude00"}, {"text": "9 \N{GRINNING FACE}"}),
        ({"text": "<think>7?</think>9"}, {"text": "9", "reasoning": "7?"}),
        ({"text": "9", "reasoning": "7?"}, {"text": "9", "reasoning": "7?"}),
        ({"text": "9", "reasoning": "7?", "logprobs": (-1.0,)}, {"logprobs": None}),
        ({"text": "9", "reasoning": "x" * 5_000_000}, {"text": "9", "reasoning": "x" * (1 << 18)}),
        ({"text": "9", "logprobs": (-0.5, NAN)}, {"logprobs": None}),
        ({"text": "9", "logprobs": (-0.5, -INF)}, {"logprobs": None}),
        ({"text": "9", "logprobs": (-1, None)}, {"logprobs": None}),
        ({"text": "9", "usage": Usage(-3, 5)}, {"usage": None}),
        ({"text": "9", "usage": Usage(3, 10**30)}, {"usage": None}),
        ({"text": "9", "usage": Usage(3, float("1e999"))}, {"usage": None}),  # type: ignore[arg-type]
        ({"text": "9", "usage": Usage(3, 5, cached=9)}, {"usage": None}),
        ({"text": "9", "usage": Usage(3, 5, reasoning=8)}, {"usage": Usage(3, 13, reasoning=8)}),
        ({"text": "9", "timings": Timings("latency", total=NAN)}, {"timings": None}),
        ({"text": "9", "timings": Timings("latency", total=-1.0)}, {"timings": None}),
        ({"text": "9", "warm": Warm(Timings("cached", total=INF))}, {"warm": None}),
        (
            {"text": "", "error": Failure("exception", "bad \ud800")},
            {"error": Failure("exception", "bad \ufffd")},
        ),
    ],
)
def test_what_cannot_be_stored_is_mended_and_the_answer_kept(
    given: dict[str, Any], kept: dict[str, Any]
) -> None:
    found = stored(Response("i", **given))
    assert {name: getattr(found, name) for name in kept} == kept
    assert found.error == kept.get("error")


def test_passages_whose_scores_are_no_numbers_keep_their_order() -> None:
    given = (Passage("a", "d", 0.9, "x\ud800"), Passage("b", "d", NAN, None))  # type: ignore[arg-type]
    found = stored(Response("i", "9", passages=given)).passages
    assert found == (Passage("a", "d", 2.0, "x\ufffd"), Passage("b", "d", 1.0, ""))


def test_a_sound_answer_is_stored_as_it_is() -> None:
    timings = Timings("throughput", prefill=0.5, total=0.5)
    given = Response(
        "i", "9 é", (Passage("p", "d", 0.5, "t"),), Usage(3, 2, 1), timings, (-0.1, -0.2)
    )
    assert stored(given) == given
    assert stored(Response("i", error=Failure("k", "m"), finish="error")).error == Failure("k", "m")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((3, 2), Usage(3, 2)),
        ((3, 2.0, None, None), Usage(3, 2)),
        ((None, None), Usage()),
        ((3, "2"), None),
        ((3, 2.5), None),
        ((3, NAN), None),
        ((3, INF), None),
        ((-1, 2), None),
    ],
)
def test_token_counts_are_believed_or_absent(
    counts: tuple[object, ...], expected: Usage | None
) -> None:
    assert believable(*counts) == expected


def test_json_with_half_characters_and_numbers_that_are_none() -> None:
    assert clean_json(b'{"a": "\\ud83d", "b": [NaN, 1e999, 2], "c": Infinity}') == {
        "a": "\ufffd",
        "b": [None, None, 2],
        "c": None,
    }
    assert clean("plain") == "plain"
