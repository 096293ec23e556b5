"""GLOP: the simplex method, also for one linear program that is asked again and again."""

import numpy as np
from ortools.math_opt import callback_pb2, model_update_pb2, parameters_pb2
from ortools.math_opt.core.python import solver as math_opt

from matcher.engine.errors import BackendError
from matcher.engine.solvers.mathopt import (
    MathOptSolver,
    hints_of,
    linear_outcome,
    model_proto,
    set_seconds,
)
from matcher.engine.solvers.solver import (
    Ability,
    Basis,
    Float64,
    Int64,
    LinearModel,
    Outcome,
    failures_of,
)


class Glop(MathOptSolver):
    """Google's simplex solver."""

    name = "glop"
    can = Ability.LINEAR
    kind = parameters_pb2.SOLVER_TYPE_GLOP


class StandingModel:
    """A linear program that stays in the simplex solver, asked with a few sides changed.

    Every question begins from the same basis, so that no answer depends on those before it.
    """

    def __init__(self, model: LinearModel, basis: Basis) -> None:
        self._model, self._hints = model, hints_of(basis)
        for part in (self._hints.variable_values_filter, self._hints.dual_values_filter):
            part.skip_zero_values = True
        self._hints.reduced_costs_filter.filter_by_ids = True
        self._parameters = parameters_pb2.SolveParametersProto(
            lp_algorithm=parameters_pb2.LP_ALGORITHM_DUAL_SIMPLEX,
            presolve=parameters_pb2.EMPHASIS_OFF,  # it would throw the basis away
        )
        proto, empty = model_proto(model, integer=False), parameters_pb2.SolverInitializerProto()
        with failures_of(Glop.name):
            self._solver = math_opt.new(Glop.kind, proto, empty)

    def solve(
        self, out: Int64, full: Int64, held: Int64, at: Float64, *, seconds: float | None = None
    ) -> Outcome:
        """Solve with some columns at 0, some rows at no less than their upper side, some at values.

        No row is both in `full` and in `held`, the rows that are at `at`.
        """
        model = self._model
        set_seconds(self._parameters, seconds)
        callbacks = callback_pb2.CallbackRegistrationProto()
        rows = np.concatenate((full, held))
        lower, upper = np.concatenate((model.row_upper[full], at)), model.row_upper[rows]
        upper[full.size :] = at
        with failures_of(Glop.name):
            try:
                self._change(out, np.zeros(out.size), rows, lower, upper)
                result = self._solver.solve(
                    self._parameters, self._hints, None, callbacks, None, None
                )
            finally:
                self._change(
                    out, model.upper[out], rows, model.row_lower[rows], model.row_upper[rows]
                )
        return linear_outcome(result, model, with_basis=False)

    def _change(
        self, columns: Int64, most: Float64, rows: Int64, lower: Float64, upper: Float64
    ) -> None:
        update = model_update_pb2.ModelUpdateProto()
        order = np.argsort(rows)
        for sides, at, values in (
            (update.variable_updates.upper_bounds, columns, most),
            (update.linear_constraint_updates.lower_bounds, rows[order], lower[order]),
            (update.linear_constraint_updates.upper_bounds, rows[order], upper[order]),
        ):
            sides.ids.extend(at.tolist())
            sides.values.extend(values.tolist())
        if not self._solver.update(update):
            message = "glop did not take a change of sides."
            raise BackendError(message)
