"""HiGHS: branch and cut, and an interior-point method for large linear programs."""

from typing import Any

from ortools.math_opt import parameters_pb2

from matcher.engine.solvers.mathopt import MathOptSolver
from matcher.engine.solvers.solver import Ability, Task


class Highs(MathOptSolver):
    """HiGHS as it is in OR-Tools; it cannot be interrupted, and ignores hints."""

    name = "highs"
    can = Ability.LINEAR | Ability.BARRIER | Ability.INTEGER
    kind = parameters_pb2.SOLVER_TYPE_HIGHS
    stray = b"HighsMipSolverData::"

    def adjust(self, parameters: Any, task: Task) -> None:
        """Keep it on one thread: theirs is a setting of the whole process, not of one solve."""
        if task.integer:
            parameters.highs.string_options["parallel"] = "off"
        if task.decided:  # with many columns, its presolve takes many times what is left to do
            parameters.presolve = parameters_pb2.EMPHASIS_OFF
