"""A port on this machine."""

from __future__ import annotations

import socket

from evals.core.errors import EnvironmentProblem


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises EnvironmentProblem where it is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise EnvironmentProblem(
            f"port {port} cannot be used: {error.strerror}",
            hint="choose another with --port, or --port 0",
        ) from error
    return listener
