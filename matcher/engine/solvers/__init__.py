"""The solvers behind one protocol: what each is called, what it can do, what its statuses mean.

They know models of arrays and nothing of the methods. `Options.solvers` chooses among them.
"""

from matcher.engine.solvers.registry import SOLVERS, Solvers, register_solver
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
