"""Solvers that are reached through OR-Tools' MathOpt: models travel to them as arrays.

Hides MathOpt's protocol buffers: they are filled directly, without an object for each column.
"""

import datetime
from typing import Any, ClassVar

import numpy as np
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    parameters_pb2,
    result_pb2,
)
from ortools.math_opt.core.python import solver as math_opt
from ortools.util.python.pybind_solve_interrupter import PySolveInterrupter

from matcher.engine.solvers.interrupt import Stopping
from matcher.engine.solvers.solver import (
    Ability,
    Basis,
    Float64,
    LinearModel,
    Outcome,
    Solver,
    Status,
    Task,
)

_STATUSES = {
    result_pb2.TERMINATION_REASON_OPTIMAL: Status.OPTIMAL,
    result_pb2.TERMINATION_REASON_INFEASIBLE: Status.INFEASIBLE,
    result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED: Status.INFEASIBLE,
}


class MathOptSolver(Solver[LinearModel]):
    """A solver that MathOpt calls by its number."""

    kind: ClassVar[Any]
    """MathOpt's `SolverTypeProto`."""
    statuses = _STATUSES

    def run(self, model: LinearModel, task: Task, stopping: Stopping) -> Outcome:
        """Solve a linear or integer program."""
        parameters = _parameters(task)
        self.adjust(parameters, task)
        interrupter = PySolveInterrupter()
        stopping.by(interrupter.interrupt)
        result = math_opt.solve(
            model_proto(model, integer=task.integer),
            self.kind,
            parameters_pb2.SolverInitializerProto(),
            parameters,
            hints_of(task.basis),
            None,
            callback_pb2.CallbackRegistrationProto(),
            None,
            interrupter,
        )
        return integer_outcome(result, model) if task.integer else linear_outcome(result, model)

    def adjust(self, parameters: Any, task: Task) -> None:
        """Set what this solver wants beside MathOpt's common parameters."""
        if task.integer:
            parameters.threads = task.workers


class Scip(MathOptSolver):
    """SCIP: branch and cut; the second opinion on a claim of the first integer solver."""

    name = "scip"
    can = Ability.INTEGER
    kind = parameters_pb2.SOLVER_TYPE_GSCIP

    def adjust(self, parameters: Any, task: Task) -> None:
        """Leave Ctrl-C to Python; where all but everything is decided, look for no selection.

        It is then asked whether there is none: what it would find on the way shortens nothing.
        """
        super().adjust(parameters, task)
        if task.decided:
            parameters.heuristics = parameters_pb2.EMPHASIS_OFF
        parameters.gscip.bool_params["misc/catchctrlc"] = False


class Pdlp(MathOptSolver):
    """PDLP: a first-order method for linear programs; no basis, so only to be compared with."""

    name = "pdlp"
    can = Ability(0)
    kind = parameters_pb2.SOLVER_TYPE_PDLP


def model_proto(model: LinearModel, *, integer: bool) -> Any:
    """Return a model as MathOpt's own."""
    n, m = model.gain.size, model.row_lower.size
    proto = model_pb2.ModelProto()
    columns, rows, cells = proto.variables, proto.linear_constraints, proto.linear_constraint_matrix
    columns.ids.extend(range(n))
    columns.lower_bounds.extend(model.lower.tolist())
    columns.upper_bounds.extend(model.upper.tolist())
    columns.integers.extend([integer] * n)
    proto.objective.maximize = True
    used = np.flatnonzero(model.gain)
    proto.objective.linear_coefficients.ids.extend(used.tolist())
    proto.objective.linear_coefficients.values.extend(model.gain[used].tolist())
    rows.ids.extend(range(m))
    rows.lower_bounds.extend(model.row_lower.tolist())
    rows.upper_bounds.extend(model.row_upper.tolist())
    matrix = model.rows
    cells.row_ids.extend(np.repeat(np.arange(m), np.diff(matrix.indptr)).tolist())
    cells.column_ids.extend(matrix.indices.tolist())
    cells.coefficients.extend(matrix.data.astype(np.float64).tolist())
    return proto


def _parameters(task: Task) -> Any:
    parameters = parameters_pb2.SolveParametersProto()
    if task.integer:
        parameters.random_seed = task.seed
        parameters.relative_gap_tolerance = task.relative_gap
        parameters.absolute_gap_tolerance = task.absolute_gap
        if task.nodes is not None:
            parameters.node_limit = task.nodes
    elif task.barrier:
        parameters.lp_algorithm = parameters_pb2.LP_ALGORITHM_BARRIER
    elif task.primal:
        parameters.lp_algorithm = parameters_pb2.LP_ALGORITHM_PRIMAL_SIMPLEX
    elif task.basis is not None:
        parameters.lp_algorithm = parameters_pb2.LP_ALGORITHM_DUAL_SIMPLEX
    set_seconds(parameters, task.seconds)
    return parameters


def set_seconds(parameters: Any, seconds: float | None) -> None:
    """Set the wall-clock limit; None: none."""
    parameters.ClearField("time_limit")
    if seconds is not None:
        parameters.time_limit.FromTimedelta(datetime.timedelta(seconds=max(seconds, 0.01)))


def hints_of(basis: Basis | None) -> Any:
    """Return MathOpt's parameters of a model that say where to begin."""
    hints = model_parameters_pb2.ModelSolveParametersProto()
    if basis is not None:
        for part, statuses in (
            (hints.initial_basis.variable_status, basis.columns),
            (hints.initial_basis.constraint_status, basis.rows),
        ):
            part.ids.extend(range(statuses.size))
            part.values.extend(statuses.tolist())
    return hints


def integer_outcome(result: Any, model: LinearModel) -> Outcome:
    """Return what an integer solver said."""
    x = None
    if result.solutions and result.solutions[0].HasField("primal_solution"):
        x = _dense(result.solutions[0].primal_solution.variable_values, model.gain.size)
    status = _STATUSES.get(result.termination.reason, Status.LIMIT)
    return Outcome(status, x, float(result.termination.objective_bounds.dual_bound))


def linear_outcome(result: Any, model: LinearModel, *, with_basis: bool = True) -> Outcome:
    """Return what a linear solver said; a solution only where it is optimal."""
    status = _STATUSES.get(result.termination.reason, Status.LIMIT)
    if status != Status.OPTIMAL or not result.solutions:
        return Outcome(status if status != Status.OPTIMAL else Status.LIMIT)
    solution = result.solutions[0]
    prices = None
    if solution.HasField("dual_solution"):
        prices = _dense(solution.dual_solution.dual_values, model.row_lower.size)
    x = _dense(solution.primal_solution.variable_values, model.gain.size)
    ended = None
    if with_basis and solution.HasField("basis"):
        held = solution.basis
        ended = Basis(
            _dense(held.variable_status, model.gain.size).astype(np.int8),
            _dense(held.constraint_status, model.row_lower.size).astype(np.int8),
        )
    # Not a dot product: BLAS would wake threads for it, which then wait for more in vain.
    return Outcome(Status.OPTIMAL, x, float((model.gain * x).sum()), prices, ended)


def _dense(vector: Any, size: int) -> Float64:
    values = np.zeros(size)
    values[np.asarray(vector.ids, dtype=np.int64)] = np.asarray(vector.values)
    return values
