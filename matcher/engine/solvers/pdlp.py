"""PDLP: a first-order method for linear programs; no basis, so only to be compared with."""

from ortools.math_opt import parameters_pb2

from matcher.engine.solvers.mathopt import MathOptSolver
from matcher.engine.solvers.solver import Ability

__all__ = ["Pdlp"]


class Pdlp(MathOptSolver):
    """Primal-dual hybrid gradient, as it is in OR-Tools."""

    name = "pdlp"
    can = Ability(0)
    kind = parameters_pb2.SOLVER_TYPE_PDLP
