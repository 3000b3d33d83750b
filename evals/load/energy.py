"""Energy of the machine under load, by codecarbon (the extra ``energy``), labelled where it is an
estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from evals.core.errors import EnvironmentProblem
from evals.core.schema import Record

MEASURED: Final = {"intel_rapl", "intel_power_gadget", "apple_powermetrics"}
"""Ways in which codecarbon reads a processor's own meter; every other way models it from load or
rated power.
"""


class Energy(Record, frozen=True, omit_defaults=False):
    """Kilowatt-hours of the whole machine over ``requests`` requests, idle power included.

    ``method`` is how the processor's share is known; the memory's share is always modelled.
    ``estimated`` is False only where the processor has a meter of its own.
    """

    kwh: float
    requests: int
    seconds: float
    method: str
    estimated: bool

    @property
    def per_1k(self) -> float:
        """Kilowatt-hours per 1,000 requests."""
        return 1000 * self.kwh / max(1, self.requests)


def start_meter() -> Callable[[int], Energy]:
    """Begin to meter; the function returned ends it, given how many requests were served meanwhile.

    Nothing is sent or written anywhere. Raises EnvironmentProblem where codecarbon is not
    installed.
    """
    try:
        from codecarbon import OfflineEmissionsTracker
    except ImportError as error:
        raise EnvironmentProblem(
            "energy needs codecarbon", found=str(error), hint="pip install 'adaptbench[energy]'"
        ) from error
    tracker = OfflineEmissionsTracker(
        country_iso_code="USA",  # carbon is not reported, so the country changes nothing
        tracking_mode="machine",
        measure_power_secs=1,
        save_to_file=False,
        log_level="critical",
        allow_multiple_runs=True,
    )
    tracker.start()

    def stop(requests: int) -> Energy:
        tracker.stop()
        found = tracker.final_emissions_data
        modes = sorted(
            {str(mode) for part in tracker._hardware if (mode := getattr(part, "_mode", None))}
        )
        estimated = not modes or not set(modes) <= MEASURED
        return Energy(
            found.energy_consumed,
            requests,
            found.duration,
            ", ".join(modes) or "unknown",
            estimated,
        )

    return stop
