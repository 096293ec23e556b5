"""Integer programs in whole numbers throughout: CP-SAT.

Hides how a model of arrays becomes CP-SAT's own, which numbers it may be trusted with, and how it
is stopped from outside.
"""

from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from matcher.engine.errors import ArithmeticRangeError
from matcher.engine.solvers.interrupt import run_and_wait
from matcher.engine.solvers.mathopt import INFEASIBLE, LIMIT, OPTIMAL, LinearModel, Outcome

__all__ = ["run_exact"]

Int64 = npt.NDArray[np.int64]

_WIDE = 2**62
_MOST_TOLD = 300
_WHOLE = 2**53


def run_exact(
    model: LinearModel,
    *,
    workers: int = 1,
    seed: int = 0,
    work: float | None = None,
    seconds: float | None = None,
    hint: Int64 | None = None,
    linear: bool = False,
    cuts: bool = True,
    cancel: Event | None = None,
) -> Outcome:
    """Solve with every column whole in CP-SAT, whose arithmetic is integer throughout.

    All numbers of the model must be whole; those a double may have rounded are refused with
    `ArithmeticRangeError`, unless they are sides that cannot bind. `work` is CP-SAT's deterministic
    limit, `hint` columns that a good solution holds, `linear` whether every row joins its linear
    relaxation, `cuts` whether cuts may.
    """
    if cancel is not None and cancel.is_set():
        return Outcome(LIMIT)
    model = _whole(model)
    cp = _written(model)
    if hint is not None:
        held = np.zeros(model.gain.size, dtype=np.int64)
        held[hint] = 1
        cp.proto.solution_hint.vars.extend(range(held.size))
        cp.proto.solution_hint.values.extend(held.tolist())
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 2 if linear else 1
    if linear:
        # Small programs that prices have all but decided: looking long before searching costs more.
        solver.parameters.max_presolve_iterations = 1
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.symmetry_level = 0
        solver.parameters.presolve_substitution_level = 0
        solver.parameters.merge_at_most_one_work_limit = 0.0
    if not cuts:
        solver.parameters.cut_level = 0
    solver.parameters.interleave_search = workers > 1  # keeps several workers repeatable
    if work is not None:
        solver.parameters.max_deterministic_time = work
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    solver.parameters.catch_sigint_signal = False
    status = run_and_wait(lambda: solver.solve(cp), solver.stop_search, cancel, stops_soon=True)
    if status == cp_model.MODEL_INVALID:
        message = f"CP-SAT refused the model: {cp.validate()[:_MOST_TOLD]}"
        raise ArithmeticRangeError(message)
    if status == cp_model.INFEASIBLE:
        return Outcome(INFEASIBLE)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Outcome(LIMIT)
    x = np.array(solver.response_proto.solution, dtype=np.float64)
    return Outcome(
        OPTIMAL if status == cp_model.OPTIMAL else LIMIT, x, float(solver.best_objective_bound)
    )


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
