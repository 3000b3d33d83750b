"""Token counts and times against a real streaming server's own counters (llama.cpp, on the default
model's GGUF).
"""

from __future__ import annotations

import pytest

from evals.load.process import run_client
from evals.load.records import ClientSpec, Planned
from tests.systems.llama import serving_llama

STORY = "Once upon a time there was a small lamp in a shop by the harbour. " * 6
PROMPTS = [STORY + "Tell me more.", STORY + "Tell me more.", "Count to ten.", "Count to ten."] * 2


@pytest.mark.real
@pytest.mark.enable_socket
def test_tokens_times_and_cache_hits_agree_with_the_servers_own_log() -> None:
    with serving_llama(slots=1) as server:
        run_client(ClientSpec(server.url), [Planned("warm-up", 0.0, "Hello.", 2)])
        spec = ClientSpec(
            server.url, timeout=60
        )  # one after another: a queue would choose the order
        plans = [[Planned(f"r{n}", 0.0, prompt, 16)] for n, prompt in enumerate(PROMPTS)]
        seen = [outcome for plan in plans for outcome in run_client(spec, plan)[0]]
    log = server.counted
    assert [o.error for o in seen] == [None] * len(PROMPTS)
    usages = [o.usage for o in seen if o.usage is not None]
    warm_up = 2  # tokens of the first run, which the server counts too
    assert sum(u.completion for u in usages) + warm_up == pytest.approx(
        log["tokens_predicted_total"], rel=0.02
    )
    cached = log["prompt_tokens_cached_total"]
    assert sum(u.cached for u in usages) == pytest.approx(cached, rel=0.02, abs=5)
    assert sum(u.prompt - u.cached for u in usages) == pytest.approx(
        log["prompt_tokens_total"], rel=0.02, abs=40
    )
    assert usages[1].cached > 100  # the same story again
    decode = [o.last - o.first for o in seen if o.first is not None and o.last is not None]
    own = [o.stages.decode for o in seen if o.stages is not None]
    assert len(own) == len(decode) == len(PROMPTS)
    # a busy machine wakes the client late for some answers; an error of the client's would shift
    # them all
    gaps = sorted(abs(mine / theirs - 1) for mine, theirs in zip(decode, own, strict=True))
    assert gaps[len(gaps) // 4] < 0.02
    assert sum(own) == pytest.approx(log["tokens_predicted_seconds_total"], rel=0.1, abs=0.1)
