"""The load client beside locust against a server that does nothing: rate kept, lag behind the
schedule, CPU used.

Each client gets one core and the server another (where there are two). Both post the same body to
the same server at the same rates; rounds alternate, and the round with the least lag of each client
counts, because what else the machine does only ever adds. Locust's users wait for their answers, as
they are made to, so its schedule is 1/rate per user from that user's first request. Exit code 1
where our client breaks its budget.

    python scripts/bench_load.py [--seconds 5] [--rounds 3] [--json FILE]        needs: pip install
    'adaptbench[bench]'
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RATES = (1000, 2000, 4000)
BUDGET_RATE = 2000
BUDGET_LAG_MS = 5.0
USERS = 100

LOCUSTFILE = """
import json, os, resource, time
from locust import FastHttpUser, constant_throughput, events, task

EACH = float(os.environ["BENCH_RATE"]) / int(os.environ["BENCH_USERS"])
BODY = os.environ["BENCH_BODY"]
lags = []

class Poster(FastHttpUser):
    wait_time = constant_throughput(EACH)

    def on_start(self):
        self.begin, self.sent = None, 0

    @task
    def post(self):
        now = time.monotonic()
        self.begin = self.begin or now
        lags.append(now - self.begin - self.sent / EACH)
        self.sent += 1
        self.client.post("/v1/chat/completions", data=BODY, headers={"Content-Type": "application/json"})

@events.test_start.add_listener
def begin(**_):
    used = resource.getrusage(resource.RUSAGE_SELF)
    begin.cpu, begin.at = used.ru_utime + used.ru_stime, time.monotonic()

@events.quitting.add_listener
def end(environment, **_):
    used = resource.getrusage(resource.RUSAGE_SELF)
    total = environment.stats.total
    lags.sort()
    print("BENCH " + json.dumps({
        "requests": total.num_requests, "failed": total.num_failures, "seconds": time.monotonic() - begin.at,
        "cpu": used.ru_utime + used.ru_stime - begin.cpu, "lag_ms": 1000 * lags[int(0.99 * (len(lags) - 1))],
    }), flush=True)
"""


@contextmanager
def noop_server(folder: Path, cores: list[int]) -> Iterator[int]:
    """A server that answers at once, on the last core; yields its port."""
    spec = folder / "server.json"
    spec.write_text(
        json.dumps({"service": [0.0], "log": False, "log_file": str(folder / "log.json")})
    )
    command = [sys.executable, "-m", "tests.evals.load.calibrated", str(spec)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        os.sched_setaffinity(process.pid, {cores[-1]})
        yield int(process.stdout.readline())
        process.stdin.close()


def ours(port: int, rate: int, seconds: float) -> dict[str, float]:
    """Our client, open loop, in its own process (which inherits this one's core)."""
    from evals.load.process import run_client
    from evals.load.records import ClientSpec, Planned
    from evals.load.schedule import constant

    plan = (Planned(f"r{n}", at, "hello") for n, at in enumerate(constant(rate, seconds)))
    seen, report = run_client(ClientSpec(f"http://127.0.0.1:{port}/v1"), plan)
    lags = sorted(o.lag for o in seen)
    done = [o.done for o in seen if o.error is None and o.done is not None]
    return {
        "rate": len(done) / max(seconds, max(done, default=0.0)),
        "failed": report.planned - len(done),
        "lag_ms": 1000 * lags[int(0.99 * (len(lags) - 1))],
        "cpu_us": 1e6 * report.cpu / len(seen),
    }


def locust(port: int, rate: int, seconds: float, folder: Path) -> dict[str, float]:
    """Locust's fast client with ``USERS`` users, headless, one process."""
    from evals.load.exchange import body_of
    from evals.load.records import ClientSpec, Planned

    file = folder / "locustfile.py"
    file.write_text(LOCUSTFILE)
    body = body_of(Planned("r", 0, "hello"), ClientSpec("")).decode()
    own = {"BENCH_RATE": str(rate), "BENCH_USERS": str(USERS), "BENCH_BODY": body}
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(file),
        "--headless",
        "--host",
        f"http://127.0.0.1:{port}",
        "-u",
        str(USERS),
        "-r",
        str(USERS),
        "-t",
        f"{seconds:g}s",
        "--only-summary",
    ]
    done = subprocess.run(
        command, env={**os.environ, **own}, capture_output=True, text=True, check=True
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("BENCH "))
    message: dict[str, Any] = json.loads(line.removeprefix("BENCH "))
    good = message["requests"] - message["failed"]
    return {
        "rate": good / message["seconds"],
        "failed": message["failed"],
        "lag_ms": message["lag_ms"],
        "cpu_us": 1e6 * message["cpu"] / max(1, message["requests"]),
    }


def main() -> int:
    """Measure, print a table, and exit 1 where our client breaks its budget."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    found: dict[str, dict[int, dict[str, float]]] = {"adaptbench": {}, "locust": {}}
    with tempfile.TemporaryDirectory() as name, noop_server(Path(name), cores) as port:
        os.sched_setaffinity(0, {cores[0]})
        for rate in RATES:
            rows: dict[str, list[dict[str, float]]] = {"adaptbench": [], "locust": []}
            for _ in range(options.rounds):
                rows["adaptbench"].append(ours(port, rate, options.seconds))
                rows["locust"].append(locust(port, rate, options.seconds, Path(name)))
            for client, several in rows.items():
                found[client][rate] = min(
                    several, key=lambda r: (r["rate"] < 0.9 * rate, r["lag_ms"])
                )
    print(
        "| client | wanted, 1/s | kept, 1/s | lag p99, ms | CPU per request, us | failed"
        " |\n|---|---|---|---|---|---|"
    )
    for rate in RATES:
        for client, by_rate in found.items():
            f = by_rate[rate]
            print(
                f"| {client} | {rate} | {f['rate']:.0f} | {f['lag_ms']:.1f} | {f['cpu_us']:.0f} |"
                f" {f['failed']:.0f} |"
            )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    own = found["adaptbench"][BUDGET_RATE]
    broken = own["rate"] < 0.99 * BUDGET_RATE or own["lag_ms"] > BUDGET_LAG_MS or own["failed"] > 0
    print(
        f"budget: {BUDGET_RATE}/s with p99 lag <= {BUDGET_LAG_MS:g} ms:"
        f" {'broken' if broken else 'kept'}"
    )
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
