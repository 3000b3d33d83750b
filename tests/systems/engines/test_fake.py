from __future__ import annotations

from evals.core.schema import Message
from systems.engines.base import EngineSettings, Prompt
from systems.engines.fake import FakeEngine


def ask(engine: FakeEngine, *questions: str) -> list[str]:
    prompts = [Prompt(q, (Message("user", q),)) for q in questions]
    return [g.text for g in engine.generate(prompts, "throughput")]


def test_answers_depend_on_the_prompt_alone() -> None:
    engine = FakeEngine(EngineSettings(kind="fake"))
    assert ask(engine, "a", "b") == [*ask(engine, "a"), *ask(engine, "b")]
    assert len(set(ask(engine, "a", "b", "c"))) == 3


def test_share_of_failures() -> None:
    engine = FakeEngine(EngineSettings(kind="fake", options={"fail": 0.3}))
    prompts = [Prompt(str(i), (Message("user", str(i)),)) for i in range(400)]
    failed = sum(g.error is not None for g in engine.generate(prompts, "throughput"))
    assert 80 < failed < 160
