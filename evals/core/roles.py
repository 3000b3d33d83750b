"""What a system is there for and what it adapts: declared in its settings, kept in its manifest.

Here the 2x2 of families and the steps between them are declared once, for every analysis and
report.
"""

from __future__ import annotations

from typing import Final, Literal, cast, get_args

import msgspec

from evals.core.interfaces import Declaring, System
from evals.core.registry import SystemConfig
from evals.core.schema import Factors, Role
from evals.core.store import Manifest

Family = Literal["base", "rag", "finetuned", "hybrid"]
Step = tuple[Family, Family]

FACTORS: Final[dict[Family, Factors]] = {
    "base": Factors(retrieval=False, adapter=False),
    "rag": Factors(retrieval=True, adapter=False),
    "finetuned": Factors(retrieval=False, adapter=True),
    "hybrid": Factors(retrieval=True, adapter=True),
}
FAMILIES: Final = cast(tuple[Family, ...], get_args(Family))
STEPS: Final[tuple[Step, ...]] = (
    ("base", "rag"),
    ("rag", "hybrid"),
    ("base", "finetuned"),
    ("finetuned", "hybrid"),
)
"""The steps of the ladder: each adds one factor."""

_OLD_ROLES: Final[dict[str, Role]] = {
    "AlwaysAbstain": "control",
    "CopyTopPassage": "control",
    "Oracle": "reference",
    "finetuned_rag": "control",
    "oracle_context": "reference",
}
"""Bundled systems of runs that were stored before systems declared a role: kind in the identity, or
name.
"""


def declared(config: SystemConfig, system: System) -> tuple[Role, Factors | None]:
    """What a system declares: its file where that says so, else the system itself, else a
    contender.
    """
    own = system if isinstance(system, Declaring) else None
    role = config.role or (own.role if own is not None else "contender")
    factors = config.factors or (own.factors if own is not None else None)
    return role, factors


def role_of(manifest: Manifest) -> Role:
    """The role of the system behind a run."""
    return _completed(manifest)[0]


def factors_of(manifest: Manifest) -> Factors | None:
    """The factors of the system behind a run; None where it does not say."""
    return _completed(manifest)[1]


def family_of(manifest: Manifest) -> Family | None:
    """The cell of the 2x2 that a contender stands in; None for other roles and where factors are
    unknown.
    """
    role, factors = _completed(manifest)
    if role != "contender" or factors is None:
        return None
    return next(family for family, known in FACTORS.items() if known == factors)


def _completed(manifest: Manifest) -> tuple[Role, Factors | None]:
    """Role and factors as declared, or as the bundled systems of runs from before the declaration
    had them.

    The manifest itself stays as it is, since its seal covers it.
    """
    if manifest.role is not msgspec.UNSET and manifest.factors is not msgspec.UNSET:
        return manifest.role, manifest.factors
    system = manifest.identity.get("system")
    known = system if isinstance(system, dict) else {}
    role = _OLD_ROLES.get(str(known.get("kind"))) or _OLD_ROLES.get(manifest.system) or "contender"
    if not {"adapter", "retriever"} <= known.keys():
        return role, None
    return role, Factors(
        retrieval=known["retriever"] is not None, adapter=known["adapter"] is not None
    )
