"""Integer programs in whole numbers throughout: CP-SAT.

Hides how a model of arrays becomes CP-SAT's own, which numbers it may be trusted with, and how it
is stopped from outside.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from ortools.sat.python import cp_model

from matcher.engine.errors import ArithmeticRangeError
from matcher.engine.solvers.interrupt import Stopping
from matcher.engine.solvers.solver import Ability, LinearModel, Outcome, Solver, Status, Task

_WIDE = 2**62
_MOST_TOLD = 300
_WORK, _WORK_DECIDED = 0.1, 0.005
"""Deterministic seconds that stand for a node of a search tree."""
_WHOLE = 2**53


class CpSat(Solver[LinearModel]):
    """OR-Tools' CP-SAT, whose arithmetic is integer throughout.

    All numbers of a model must be whole; those a double may have rounded are refused with
    `ArithmeticRangeError`, unless they are sides that cannot bind.
    """

    name = "cp_sat"
    can = Ability.INTEGER | Ability.EXACT
    statuses: ClassVar[Mapping[Any, Status]] = {
        cp_model.OPTIMAL: Status.OPTIMAL,
        cp_model.INFEASIBLE: Status.INFEASIBLE,
    }
    stops_soon = True

    def run(self, model: LinearModel, task: Task, stopping: Stopping) -> Outcome:
        """Solve with every column whole."""
        model = _whole(model)
        cp = _written(model)
        solver = cp_model.CpSolver()
        _set(solver.parameters, task)
        stopping.by(solver.stop_search)
        if stopping.stopped:
            return Outcome(Status.LIMIT)
        said = solver.solve(cp)
        if said == cp_model.MODEL_INVALID:
            message = f"CP-SAT refused the model: {cp.validate()[:_MOST_TOLD]}"
            raise ArithmeticRangeError(message)
        status = self.statuses.get(said, Status.LIMIT)
        if said not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Outcome(status)
        x = np.array(solver.response_proto.solution, dtype=np.float64)
        return Outcome(status, x, float(solver.best_objective_bound))


def _set(parameters: Any, task: Task) -> None:
    parameters.num_workers = task.workers
    parameters.random_seed = task.seed
    parameters.linearization_level = 2 if task.decided else 1
    if task.decided:
        parameters.max_presolve_iterations = 1
        parameters.cp_model_probing_level = 0
        parameters.symmetry_level = 0
        parameters.presolve_substitution_level = 0
        parameters.merge_at_most_one_work_limit = 0.0
    if not task.cuts:
        parameters.cut_level = 0
    parameters.interleave_search = task.workers > 1  # keeps several workers repeatable
    if task.nodes is not None:
        per_node = _WORK_DECIDED if task.decided else _WORK
        parameters.max_deterministic_time = task.nodes * per_node
    if task.seconds is not None:
        parameters.max_time_in_seconds = max(task.seconds, 0.01)
    parameters.catch_sigint_signal = False


def _written(model: LinearModel) -> Any:
    """Return a whole model in CP-SAT's own form, row by row from its arrays."""
    cp = cp_model.CpModel()
    proto, rows = cp.proto, model.rows
    for low, high in zip(model.lower.tolist(), model.upper.tolist(), strict=True):
        proto.variables.add().domain.extend((int(low), int(high)))
    lower = np.where(np.isinf(model.row_lower), -_WIDE, model.row_lower).astype(np.int64).tolist()
    upper = np.where(np.isinf(model.row_upper), _WIDE, model.row_upper).astype(np.int64).tolist()
    columns, uses = rows.indices.tolist(), rows.data.astype(np.int64).tolist()
    ends = rows.indptr.tolist()
    for row in range(len(lower)):
        linear = proto.constraints.add().linear
        linear.vars.extend(columns[ends[row] : ends[row + 1]])
        linear.coeffs.extend(uses[ends[row] : ends[row + 1]])
        linear.domain.extend((lower[row], upper[row]))
    held = np.flatnonzero(model.gain)
    # CP-SAT minimises; a scaling factor of -1 makes it tell values of the maximum.
    proto.objective.vars.extend(held.tolist())
    proto.objective.coeffs.extend((-model.gain[held]).astype(np.int64).tolist())
    proto.objective.scaling_factor = -1.0
    return cp


def _whole(model: LinearModel) -> LinearModel:
    """Return a model without sides that cannot bind; refuse numbers that may have been rounded."""
    reach = np.zeros(model.row_lower.size)
    line = np.repeat(np.arange(reach.size), np.diff(model.rows.indptr))
    np.add.at(reach, line, np.abs(model.rows.data).astype(np.float64))
    free = reach < _WHOLE / 2
    lower = np.where(free & (model.row_lower <= -_WHOLE), -np.inf, model.row_lower)
    upper = np.where(free & (model.row_upper >= _WHOLE), np.inf, model.row_upper)
    for values in (model.gain, model.rows.data, lower, upper):
        most = float(np.abs(values[np.isfinite(values)]).max(initial=0))
        if most >= _WHOLE:
            message = (
                f"the integer solver would get numbers up to {most:.3g}, which doubles do not hold "
                f"exactly.\nMaybe divide them by a common factor."
            )
            raise ArithmeticRangeError(message)
    return replace(model, row_lower=lower, row_upper=upper)
