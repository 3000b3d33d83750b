"""The process that computes ragas metrics, seen from here: a question in, a value or a named cause
out, thread-safe.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from functools import cache
from pathlib import Path
from typing import Any, Final

from evals.core.errors import EnvironmentProblem
from evals.core.judge import JudgeSettings

DATA_FILES: Final = ("ragas_worker.py",)
PYTHON: Final = "ADAPTBENCH_JUDGE_PYTHON"
"""Environment variable naming the interpreter that has ragas."""

_START: Final = 180.0
_GRACE: Final = 10.0


def judge_python() -> str:
    """The interpreter that has ragas: the named one, this one, or that of ``.venv-judge`` beside
    this environment.

    Raises EnvironmentProblem where there is none.
    """
    named = os.environ.get(PYTHON)
    if named:
        return named
    if importlib.util.find_spec("ragas") is not None:
        return sys.executable
    beside = Path(sys.prefix).parent / ".venv-judge" / "bin" / "python"
    if beside.exists():
        return str(beside)
    raise EnvironmentProblem(
        "ragas is not installed",
        expected=str(beside),
        hint=(
            f"`make judge-env`; or name in {PYTHON} a python that has what constraints-judge.txt"
            " lists"
        ),
    )


class RagasWorker:
    """One process for one judge. Started at the first question; whatever happens to it, every
    question is answered.
    """

    def __init__(self, settings: JudgeSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._pending: dict[int, Future[dict[str, Any]]] = {}
        self._errors: deque[str] = deque(maxlen=20)
        self._process: subprocess.Popen[str] | None = None
        self._next = 0

    def ask(self, metric: str, sample: dict[str, Any]) -> dict[str, Any]:
        """``{"value" | "cause", "message", calls, prompt_tokens, completion_tokens}``, within
        deadline and start-up.

        Raises EnvironmentProblem where the process cannot be started.
        """
        with self._lock:
            process = self._running()
            self._next += 1
            number, future = self._next, Future[dict[str, Any]]()
            self._pending[number] = future
            try:
                self._send(process, {"n": number, "metric": metric, "sample": sample})
            except OSError:
                self._pending.pop(number)
                return self._lost()
        try:
            return future.result(self.settings.deadline + _GRACE)
        except Late:
            self._pending.pop(number, None)
            return {"cause": "timeout", "message": "the worker gave no answer in time"}

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.terminate()
            process.wait(timeout=10)

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        process = self._start()
        self._process = process
        ready = threading.Event()
        threading.Thread(target=self._read, args=(process, ready), daemon=True).start()
        threading.Thread(target=self._read_errors, args=(process,), daemon=True).start()
        if not ready.wait(_START) or process.poll() is not None:
            self.close()
            raise EnvironmentProblem(
                "the worker of the judge did not start",
                found="\n".join(self._errors)[-600:] or "no word from it",
                hint="`make judge-env` makes its environment anew after `rm -r .venv-judge`",
            )
        return process

    def _start(self) -> subprocess.Popen[str]:
        script = Path(__file__).with_name("ragas_worker.py")
        environment = {**os.environ, "RAGAS_DO_NOT_TRACK": "true"}
        try:
            process = subprocess.Popen(
                [judge_python(), "-I", str(script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=environment,
            )
        except OSError as error:
            raise EnvironmentProblem(
                f"the judge's worker cannot be started: {error}", where=judge_python()
            ) from error
        s = self.settings
        embedder = {"url": s.embedder.url, "model": s.embedder.model} if s.embedder else None
        opening = {
            "url": s.endpoint.url,
            "model": s.model,
            "embedder": embedder,
            "timeout": s.timeout,
            "deadline": s.deadline,
            "tries": s.tries,
            "max_tokens": s.max_tokens,
            "rubric": s.grades(),
        }
        self._send(process, opening)
        return process

    def _send(self, process: subprocess.Popen[str], message: dict[str, Any]) -> None:
        assert process.stdin is not None  # noqa: S101  opened as a pipe
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stdout is not None  # noqa: S101  opened as a pipe
        for line in process.stdout:
            reply = json.loads(line)
            if "ready" in reply:
                ready.set()
            elif future := self._pending.pop(reply.pop("n"), None):
                future.set_result(reply)
        process.wait()
        ready.set()
        while self._pending:
            self._pending.popitem()[1].set_result(self._lost())

    def _read_errors(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None  # noqa: S101  opened as a pipe
        for line in process.stderr:
            self._errors.append(line.rstrip())

    def _lost(self) -> dict[str, Any]:
        return {
            "cause": "crash",
            "message": "the worker ended: " + (self._errors[-1] if self._errors else "no word"),
        }


@cache
def shared(settings: JudgeSettings) -> RagasWorker:
    """The worker of a judge, one in this process, ended with it."""
    worker = RagasWorker(settings)
    atexit.register(worker.close)
    return worker
