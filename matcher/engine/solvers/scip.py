"""SCIP: branch and cut; nobody's default, here to be compared with and to be chosen."""

from typing import Any

from ortools.math_opt import parameters_pb2

from matcher.engine.solvers.mathopt import MathOptSolver
from matcher.engine.solvers.solver import Ability, Task

__all__ = ["Scip"]


class Scip(MathOptSolver):
    """SCIP as it is in OR-Tools."""

    name = "scip"
    can = Ability.INTEGER
    kind = parameters_pb2.SOLVER_TYPE_GSCIP

    def adjust(self, parameters: Any, task: Task) -> None:
        """Leave Ctrl-C to Python."""
        super().adjust(parameters, task)
        parameters.gscip.bool_params["misc/catchctrlc"] = False
