"""The real small model: the pieces of an answer are the answer, alone and in a batch."""

from __future__ import annotations

from collections import defaultdict

import pytest

from systems.engines.base import EngineSettings, StreamingEngine
from systems.engines.local import LocalEngine
from systems.models import DEFAULT_LM
from tests.systems.engines.test_local import by_key, prompts


@pytest.mark.real
def test_pieces_joined_are_the_text() -> None:
    engine = LocalEngine(DEFAULT_LM, EngineSettings())
    assert isinstance(engine, StreamingEngine)
    engine.open()
    pieces: defaultdict[str, list[str]] = defaultdict(list)
    asked = prompts(8)[:4]
    streamed = by_key(
        engine.stream(asked, "throughput", lambda key, text: pieces[key].append(text))
    )
    whole = by_key(engine.generate(asked, "throughput"))
    for prompt in asked:
        text = streamed[prompt.key].text
        assert text == whole[prompt.key].text
        assert text.startswith("".join(pieces[prompt.key])) and "".join(pieces[prompt.key]).strip()
        assert 1 < len(pieces[prompt.key]) <= 8
        assert all(pieces[prompt.key])
