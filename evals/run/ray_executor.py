"""The executor ``ray``: a run's items spread over the workers of a Ray cluster, each holding the
system once.

Ray is trusted with everything: whoever reaches a cluster can run code on it, and its messages are
pickled Python. Only requests and responses cross here as strict JSON records. A cluster started
here listens on loopback alone and ends with the run; Ray's usage statistics are off.
"""

from __future__ import annotations

import importlib
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

from evals.core.errors import EnvironmentProblem, UsageError
from evals.core.interfaces import Mode
from evals.core.processor import SPINS
from evals.run.executors import Answerer, Executor, LocalExecutor, Work
from evals.run.ray_pool import Pool
from evals.run.ray_worker import Order, Worker

_STORE_BYTES: Final = 256 << 20
"""Ray's shared memory in a cluster started here: a chunk of requests and a pack's description need
little.
"""

_REACH_S: Final = 5.0

_TRIES: Final = 4

_QUIET: Final[Mapping[str, Any]] = {"log_to_driver": False, "logging_level": "error"}


class RaySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``address`` of a cluster to join: ``auto`` (the one on this machine) or ``host:port``; None
    starts a local one.

    ``workers``: how many processes hold the system; None is one per GPU, or one per machine where
    there is none.
    """

    address: str | None = None
    workers: Annotated[int, msgspec.Meta(ge=1)] | None = None


@dataclass(frozen=True)
class RayExecutor:
    """Implements `evals.run.executors.Executor` on a Ray cluster."""

    settings: RaySettings

    @contextmanager
    def serve(self, work: Work) -> Iterator[Answerer]:
        """As `Executor.serve`. Raises UsageError for more workers than the cluster has room for."""
        with _connected(self.settings.address) as ray:
            machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
            rooms = [(int(m.get("CPU", 0)), int(m.get("GPU", 0))) for m in machines]
            workers, cores = share(rooms, self.settings.workers)
            gpus = int(any(room[1] for room in rooms))
            actor = ray.remote(
                num_cpus=cores,
                num_gpus=gpus,
                max_restarts=0,
                max_task_retries=0,
                scheduling_strategy="SPREAD",
                runtime_env={"env_vars": {"OMP_NUM_THREADS": str(cores), "GOMP_SPINCOUNT": SPINS}},
            )(Worker)
            order = ray.put(Order.of(work))
            each = f"cores each: {cores}{', one GPU each' * gpus}"
            work.setup.progress(f"Ray workers: {workers}, machines: {len(rooms)}, {each}")
            pool = Pool(
                work.system.name, [actor.remote(order) for _ in range(workers)], work.setup.progress
            )
            try:
                yield pool
            finally:
                pool.close()

    def for_mode(self, mode: Mode) -> Executor:
        """Latency is measured here, alone, once the local cluster is gone; not at all on a machine
        that is shared.
        """
        if mode == "throughput":
            return self
        if self.settings.address is None:
            return LocalExecutor()
        raise UsageError(
            "latency is measured alone, and this machine may work for others as part of a cluster",
            found=f"--ray-address {self.settings.address}",
            hint=(
                "when the machine is idle, the same command with --executor local goes on with the"
                " timing alone"
            ),
        )


def ray_cluster(settings: Mapping[str, Any]) -> RayExecutor:
    """On the workers of a Ray cluster, each holding the system once."""
    try:
        return RayExecutor(msgspec.convert(dict(settings), RaySettings))
    except msgspec.ValidationError as error:
        raise UsageError(f"a setting of the executor ray: {error}", found=dict(settings)) from error


def share(rooms: Sequence[tuple[int, int]], workers: int | None) -> tuple[int, int]:
    """How many workers, and how many cores each, on machines with (cores, GPUs): as many cores as
    still let all fit.

    Where there are GPUs every worker has one. Raises UsageError for more workers than cores or
    GPUs.
    """
    graphics = sum(gpus for _, gpus in rooms)
    wanted = workers or graphics or sum(cores > 0 for cores, _ in rooms)

    def fit(each: int) -> int:
        return sum(min(cores // each, gpus) if graphics else cores // each for cores, gpus in rooms)

    for each in range(max((cores for cores, _ in rooms), default=0), 0, -1):
        if 0 < wanted <= fit(each):
            return wanted, each
    raise UsageError(
        "more workers than the cluster has room for",
        found=wanted,
        expected=f"at most {fit(1)}: one core{' and one GPU' if graphics else ''} each",
        hint="fewer --workers, or a larger cluster",
    )


@contextmanager
def _connected(address: str | None) -> Iterator[Any]:
    """The module ray, connected; disconnected afterwards, which ends a cluster that was started
    here.
    """
    ray = _ray(address)
    try:
        if address is None:
            _start(ray)
        else:
            _reach(address)
            _init(ray, address=address)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise EnvironmentProblem(
            f"no Ray cluster can be used: {' '.join(str(error).split())}",
            where=address or "a local cluster",
            hint=(
                "`ray start --head` starts a cluster on this machine, `ray start --address"
                " HOST:PORT` joins one; without --ray-address a local one is started"
            ),
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _start(ray: Any) -> None:
    """Start a cluster on this machine. Raises RuntimeError where it does not come up.

    Ray waits half a minute for its own processes, which is too short on a busy machine: so it is
    tried `_TRIES` times.
    """
    for left in reversed(range(_TRIES)):
        try:
            _init(ray, address="local", include_dashboard=False, object_store_memory=_STORE_BYTES)
        except RuntimeError:
            ray.shutdown()
            if not left:
                raise
        else:
            return


def _init(ray: Any, **settings: Any) -> None:
    """Start or join. Where Ray gives up it raises a bare Exception, here RuntimeError."""
    try:
        ray.init(**settings, **_QUIET)
    except Exception as error:
        if type(error) is Exception:
            raise RuntimeError(str(error)) from error
        raise


def _ray(address: str | None) -> Any:
    """The module, imported with its telemetry off. Raises EnvironmentProblem where it is
    missing.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if (
        address is None
    ):  # on Linux this makes Ray listen on loopback only, as it does elsewhere by default
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    try:
        ray = importlib.import_module("ray")
    except ImportError as error:
        raise EnvironmentProblem(
            f"the executor ray needs the package ray: {error}",
            hint="pip install 'adaptbench[ray]'",
        ) from error
    if ray.is_initialized():
        raise UsageError(
            "this process is connected to a Ray cluster already", hint="ray.shutdown() first"
        )
    return ray


def _reach(address: str) -> None:
    """Raises UsageError for what is no address, OSError at once where nothing listens: Ray itself
    tries for minutes.
    """
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if "/" in host or not host or not port.isdigit():
        raise UsageError(
            "not the address of a Ray cluster", found=address, expected="auto, or HOST:PORT"
        )
    with socket.create_connection((host.strip("[]"), int(port)), _REACH_S):
        pass
