"""The solvers behind one protocol: what each is called, what it can do, what its statuses mean.

They know models of arrays and nothing of the methods. A new one is a subclass of `Solver` and a
call of `register_solver`; `Options.solvers` chooses it.
"""

from dataclasses import dataclass, fields
from typing import Any

from matcher.engine.errors import OptionError
from matcher.engine.solvers.cp_sat import CpSat
from matcher.engine.solvers.glop import Glop
from matcher.engine.solvers.highs import Highs
from matcher.engine.solvers.mathopt import Pdlp, Scip
from matcher.engine.solvers.min_cost_flow import MinCostFlow
from matcher.engine.solvers.solver import (
    AT_LOWER,
    BASIC,
    Ability,
    Basis,
    LinearModel,
    Network,
    Outcome,
    Solver,
    Status,
    Task,
)

__all__ = [
    "AT_LOWER",
    "BASIC",
    "SOLVERS",
    "Ability",
    "Basis",
    "LinearModel",
    "Network",
    "Outcome",
    "Solver",
    "Solvers",
    "Status",
    "Task",
    "register_solver",
]

SOLVERS: dict[str, Solver[Any]] = {}
"""Solvers by name."""


def register_solver(solver: Solver[Any]) -> None:
    """Let a solver be chosen by its name, in place of any that had it."""
    SOLVERS[solver.name] = solver


for _solver in (Glop(), Highs(), CpSat(), Scip(), Pdlp(), MinCostFlow()):
    register_solver(_solver)

_NEEDED = {
    "simplex": Ability.LINEAR,
    "barrier": Ability.BARRIER,
    "integer": Ability.INTEGER,
    "second": Ability.INTEGER,
    "exact": Ability.EXACT,
    "network": Ability.NETWORK,
}


@dataclass(frozen=True)
class Solvers:
    """The solver of each kind of model, by name.

    Raises
    ------
    OptionError
        A name is unknown, or that solver cannot do what it is wanted for.
    """

    simplex: str = "glop"
    """Linear programs, each begun where the one before ended."""
    barrier: str = "highs"
    """The first linear program of a large program."""
    integer: str = "highs"
    """Integer programs whose numbers doubles hold well."""
    second: str = "scip"
    """Another of these, asked where the exact one comes to no end about a claim of the first."""
    exact: str = "cp_sat"
    """Small integer programs, large numbers, and whatever must be sure."""
    network: str = "min_cost_flow"
    """Programs whose rows form a network."""

    def __post_init__(self) -> None:
        for item in fields(self):
            name = getattr(self, item.name)
            able = [each.name for each in SOLVERS.values() if _NEEDED[item.name] in each.can]
            if name not in able:
                message = f"solvers.{item.name} = {name!r}, expected one of {', '.join(able)}."
                raise OptionError(message)
