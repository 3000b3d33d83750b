"""A real OpenAI-compatible server, llama.cpp's, in a process of its own.

python -m tests.evals.load.llama_server MODEL.gguf     prints its URL; at the end of its input, its own counters
"""

from __future__ import annotations

import json
import sys

import xllamacpp


def main(model: str) -> None:
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.port = 0
    params.n_ctx = 2048
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.endpoint_metrics = True
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()
    print(json.dumps(server.handle_metrics()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
