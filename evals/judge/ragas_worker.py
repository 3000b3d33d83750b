"""Computes ragas metrics for another process; runs where ragas is installed and imports nothing of
ours.

Started as ``python -I ragas_worker.py``. The first line of stdin is the settings (JSON: url, model,
embedder, timeout, deadline, tries, max_tokens, rubric), every other line a task ``{"n", "metric",
"sample"}``. Answers one line each, in any order: ``{"n", "value", calls, prompt_tokens,
completion_tokens}`` or ``{"n", "cause", "message", …}``. Causes: timeout, unreachable, refused,
rejected, server_error, cut_off, garbage, nan, crash. ragas turns failures into NaN; here each has a
name.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import sys
from contextvars import ContextVar
from typing import Any

os.environ["RAGAS_DO_NOT_TRACK"] = "true"
PROTOCOL = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # whatever a library prints must not mix with the protocol

import numpy as np  # noqa: E402
import openai  # noqa: E402
from ragas.embeddings.base import BaseRagasEmbedding  # noqa: E402
from ragas.llms.base import InstructorBaseRagasLLM  # noqa: E402
from ragas.metrics import collections as ragas  # noqa: E402

_PAUSE = 0.5
_THOUGHTS = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)


class Failed(Exception):
    """A score that cannot be had, by cause."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class Meter:
    """Calls made and tokens used for one score."""

    def __init__(self) -> None:
        self.calls = self.prompt_tokens = self.completion_tokens = 0

    def add(self, usage: Any) -> None:
        self.prompt_tokens += getattr(usage, "prompt_tokens", 0) or 0
        self.completion_tokens += getattr(usage, "completion_tokens", 0) or 0


_meter: ContextVar[Meter] = ContextVar("meter")


async def call(request: Any, tries: int, **body: Any) -> Any:
    """One call with bounded tries. Raises Failed with its cause."""
    last = Failed("crash", "never tried")
    for turn in range(tries):
        if turn:
            await asyncio.sleep(_PAUSE * 2 ** (turn - 1))
        _meter.get().calls += 1
        try:
            reply = await request(**body)
        except openai.APITimeoutError as error:
            last = Failed("timeout", str(error))
        except openai.APIConnectionError as error:
            last = Failed("unreachable", str(error))
        except (
            openai.AuthenticationError,
            openai.PermissionDeniedError,
            openai.NotFoundError,
        ) as error:
            raise Failed("refused", str(error)[:300]) from error
        except (openai.RateLimitError, openai.InternalServerError) as error:
            last = Failed("server_error", str(error)[:300])
        except openai.APIStatusError as error:
            raise Failed("rejected", str(error)[:300]) from error
        except (openai.OpenAIError, ValueError) as error:
            last = Failed("garbage", f"not an OpenAI reply: {str(error)[:200]}")
        else:
            _meter.get().add(getattr(reply, "usage", None))
            return reply
    raise last


class Model(InstructorBaseRagasLLM):  # type: ignore[misc]
    """Asks for JSON by its schema where the server knows how, and validates it in any case; needs
    no tool calls.
    """

    def __init__(self, client: openai.AsyncOpenAI, settings: dict[str, Any]) -> None:
        self.client, self.settings = client, settings
        self.limits: dict[str, Any] = {"max_tokens": settings["max_tokens"], "temperature": 0.0}
        self.schemas = True

    def generate(self, prompt: str, response_model: Any) -> Any:
        """Not used: everything here is asynchronous."""
        raise NotImplementedError

    async def agenerate(self, prompt: str, response_model: Any) -> Any:
        """The reply as ``response_model``. Raises Failed("garbage") where no try gives one."""
        last = ""
        for _ in range(self.settings["tries"]):
            text = await self._text(prompt, response_model)
            try:
                return response_model.model_validate_json(_json_part(text))
            except ValueError as error:
                last = f"{str(error)[:200]}; reply began {text[:100]!r}"
        raise Failed("garbage", last)

    async def _text(self, prompt: str, response_model: Any) -> str:
        body = {"model": self.settings["model"], "messages": [{"role": "user", "content": prompt}]}
        schema = {"name": response_model.__name__, "schema": response_model.model_json_schema()}
        form = {"response_format": {"type": "json_schema", "json_schema": schema}}
        for _ in range(2):
            wanted = body | self.limits | (form if self.schemas else {})
            try:
                return _content(
                    await call(
                        self.client.chat.completions.create, self.settings["tries"], **wanted
                    )
                )
            except Failed as failed:
                if failed.cause != "rejected" or not self._simpler(str(failed)):
                    raise
        return _content(
            await call(
                self.client.chat.completions.create, self.settings["tries"], **body, **self.limits
            )
        )

    def _simpler(self, message: str) -> bool:
        """Leave out what the server says it does not take; False where that was nothing of ours."""
        if "max_tokens" in message or "temperature" in message:
            self.limits = {
                "max_completion_tokens": self.settings["max_tokens"]
            }  # what reasoning models want
        elif any(word in message for word in ("response_format", "schema", "grammar")):
            self.schemas = False
        else:
            return False
        return True


def _content(reply: Any) -> str:
    """The first choice's text without its thoughts. Raises Failed("cut_off") where its length ran
    out.
    """
    choices = getattr(reply, "choices", None)
    if not choices:
        return ""
    if choices[0].finish_reason == "length":
        raise Failed(
            "cut_off", "the reply was cut off; raise the judge's max_tokens, or let it think less"
        )
    return _THOUGHTS.sub("", choices[0].message.content or "")


class Embedder(BaseRagasEmbedding):  # type: ignore[misc]
    """``/embeddings`` of an OpenAI-compatible server."""

    def __init__(self, client: openai.AsyncOpenAI, model: str, tries: int) -> None:
        super().__init__()
        self.client, self.model, self.tries = client, model, tries

    def embed_text(self, text: str, **_: Any) -> list[float]:
        """Not used: everything here is asynchronous."""
        raise NotImplementedError

    async def aembed_text(self, text: str, **_: Any) -> list[float]:
        """One vector. Raises Failed."""
        return (await self.aembed_texts([text]))[0]

    async def aembed_texts(self, texts: list[str], **_: Any) -> list[list[float]]:
        """One vector a text. Raises Failed."""
        create = self.client.embeddings.create
        reply = await call(
            create, self.tries, model=self.model, input=texts, encoding_format="float"
        )
        rows = getattr(reply, "data", None) or []
        if len(rows) != len(texts) or not all(np.linalg.norm(row.embedding) > 0 for row in rows):
            raise Failed(
                "garbage", f"{len(rows)} embeddings for {len(texts)} texts, or a zero vector"
            )
        return [row.embedding for row in rows]


def _json_part(text: str) -> str:
    """The outermost JSON object of a reply that may be fenced or explained."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def metrics(settings: dict[str, Any]) -> dict[str, Any]:
    """Every metric by name, sharing one client."""
    bounds = {"timeout": settings["timeout"], "max_retries": 0}
    key = os.environ.get("ADAPTBENCH_JUDGE_KEY") or os.environ.get("OPENAI_API_KEY") or "none"
    client = openai.AsyncOpenAI(base_url=settings["url"], api_key=key, **bounds)
    other = settings["embedder"] or settings
    embedding_client = openai.AsyncOpenAI(base_url=other["url"], api_key=key, **bounds)
    llm = Model(client, settings)
    rubrics = {
        f"score{n}_description": text for n, text in enumerate(settings["rubric"] or (), 1)
    } or None
    return {
        "faithfulness": ragas.Faithfulness(llm),
        "answer_relevancy": ragas.AnswerRelevancy(
            llm, Embedder(embedding_client, other["model"], settings["tries"])
        ),
        "context_precision": ragas.ContextPrecisionWithReference(llm),
        "context_recall": ragas.ContextRecall(llm),
        "factual_correctness": ragas.FactualCorrectness(llm),
        "rubric": ragas.RubricsScoreWithoutReference(llm, rubrics=rubrics),
        "rubric_with_reference": ragas.RubricsScoreWithReference(llm, rubrics=rubrics),
    }


async def solve(task: dict[str, Any], known: dict[str, Any], deadline: float) -> None:
    """Compute one task and answer it."""
    meter = Meter()
    _meter.set(meter)
    reply: dict[str, Any] = {"n": task["n"]}
    try:
        result = await asyncio.wait_for(known[task["metric"]].ascore(**task["sample"]), deadline)
        value = float(result.value)
        if math.isfinite(value):
            reply["value"] = value
        else:
            reply |= {"cause": "nan", "message": "ragas found nothing to judge"}
    except TimeoutError:
        reply |= {"cause": "timeout", "message": f"no score within {deadline:g} s"}
    except Failed as failed:
        reply |= {"cause": failed.cause, "message": str(failed)}
    except Exception as error:  # noqa: BLE001  the other process must hear of whatever happened
        reply |= {"cause": "crash", "message": f"{type(error).__name__}: {str(error)[:300]}"}
    PROTOCOL.write(json.dumps(reply | vars(meter)) + "\n")
    PROTOCOL.flush()


async def serve() -> None:
    """Answer tasks until stdin ends."""
    loop = asyncio.get_running_loop()
    settings = json.loads(sys.stdin.buffer.readline())
    known = metrics(settings)
    PROTOCOL.write('{"ready": true}\n')
    PROTOCOL.flush()
    running: set[asyncio.Task[None]] = set()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        one = asyncio.create_task(solve(json.loads(line), known, settings["deadline"]))
        running.add(one)
        one.add_done_callback(running.discard)


if __name__ == "__main__":
    asyncio.run(serve())
