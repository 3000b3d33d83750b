"""Opens a system and serves it until stopped."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Final

import uvicorn

from evals.core.errors import EnvironmentProblem, UsageError
from evals.core.interfaces import Mode, Setup, System
from evals.serve.app import make_app
from evals.serve.scheduler import Scheduler

MAX_SOCKETS: Final = 1000
"""Connections and requests beyond which new ones get 503."""


def serve(
    system: System,
    setup: Setup,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    mode: Mode = "throughput",
    capacity: int = 256,
    key: str | None = None,
    ready: Callable[[str], None] = lambda url: None,
    with_parent: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` is called with the base URL once requests are taken.

    ``port`` 0 takes a free one; ``capacity`` is how many requests may wait; ``with_parent`` stops
    when standard input ends. Raises UsageError for a system that needs the gold or an address that
    is open to others without a key, EnvironmentProblem where the address cannot be had.
    """
    if system.privileged:
        raise UsageError(f"{system.name} needs the gold of each question and cannot be served")
    if key is None and not _loopback(host):
        raise UsageError(
            "whoever reaches this address could read every user's records",
            found=host,
            hint="serve on 127.0.0.1, or ask for a key (--key-variable NAME)",
        )
    with _listen(host, port) as listener:
        system.open(setup)
        scheduler = Scheduler(system, mode, capacity)
        app = make_app(scheduler, system.name, key, local=_loopback(host))
        config = uvicorn.Config(
            app,
            http="httptools",
            lifespan="off",
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=30,
            limit_concurrency=MAX_SOCKETS,
        )
        server = uvicorn.Server(config)
        if with_parent:
            threading.Thread(target=_follow_parent, args=(server,), daemon=True).start()
        scheduler.start()
        try:
            name = f"[{host}]" if ":" in host else host
            ready(f"http://{name}:{listener.getsockname()[1]}/v1")
            server.run(sockets=[listener])
        finally:
            scheduler.close()
            system.close()


def _follow_parent(server: uvicorn.Server) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.should_exit = True


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        raise EnvironmentProblem(
            f"this address cannot be served on: {error}",
            where=f"{host}:{port}",
            hint="another one: --port 0",
        ) from error
