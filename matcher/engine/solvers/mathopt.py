"""OR-Tools' linear, mixed-integer and flow solvers; CP-SAT is in `cp_sat`.

Hides which solver interface is used and how: models travel as arrays through MathOpt's
protocol buffers (no object per column), and statuses are folded to four words. Solvers work in
floating point: what they say is a claim, which the callers check again in integers.
"""

import ctypes
import datetime
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Event, Lock
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from ortools.graph.python import min_cost_flow
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    model_update_pb2,
    parameters_pb2,
    result_pb2,
    solution_pb2,
)
from ortools.math_opt.core.python import solver as _core
from ortools.util.python.pybind_solve_interrupter import PySolveInterrupter

from matcher.engine.errors import BackendError
from matcher.engine.solvers.interrupt import run_and_wait

__all__ = [
    "AT_LOWER",
    "BASIC",
    "INFEASIBLE",
    "LIMIT",
    "OPTIMAL",
    "Basis",
    "LinearModel",
    "Outcome",
    "Standing",
    "run_flow",
    "run_linear",
    "run_mixed",
]

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

BASIC = np.int8(solution_pb2.BASIS_STATUS_BASIC)
AT_LOWER = np.int8(solution_pb2.BASIS_STATUS_AT_LOWER_BOUND)
OPTIMAL, INFEASIBLE, LIMIT = "optimal", "infeasible", "limit"
_STRAY = b"HighsMipSolverData::"
_mute_lock, _muted = Lock(), 0
_caught: "_Caught | None" = None
_KINDS = {
    "glop": parameters_pb2.SOLVER_TYPE_GLOP,
    "pdlp": parameters_pb2.SOLVER_TYPE_PDLP,
    "highs": parameters_pb2.SOLVER_TYPE_HIGHS,
    "scip": parameters_pb2.SOLVER_TYPE_GSCIP,
    "cp_sat": parameters_pb2.SOLVER_TYPE_CP_SAT,
}


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Maximise gain.x subject to row_lower <= rows x <= row_upper and lower <= x <= upper."""

    gain: Float64
    rows: sp.csr_array
    row_lower: Float64
    row_upper: Float64
    lower: Float64
    upper: Float64


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a solver said."""

    status: str
    """`optimal`, `infeasible` or `limit`."""
    x: Float64 | None = None
    """Values of the columns; None when none were found."""
    bound: float = float("inf")
    """The solver's own bound on the maximum."""
    prices: Float64 | None = None
    """Row duals of a linear program: what one more unit of the row would gain."""
    basis: "Basis | None" = None
    """Where a linear program ended, to begin a similar one from."""


@dataclass(frozen=True, eq=False)
class Basis:
    """A basis of a linear program: the place of every column and of every row's slack."""

    columns: npt.NDArray[np.int8]
    rows: npt.NDArray[np.int8]

    @property
    def basic_columns(self) -> npt.NDArray[np.bool_]:
        """Which columns are basic."""
        return np.asarray(self.columns == BASIC)

    @property
    def basic_rows(self) -> npt.NDArray[np.bool_]:
        """Which rows have a basic slack: those that do not bind."""
        return np.asarray(self.rows == BASIC)


def _fill(model: LinearModel, integer: bool) -> Any:
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
    lengths = np.diff(matrix.indptr)
    cells.row_ids.extend(np.repeat(np.arange(m), lengths).tolist())
    cells.column_ids.extend(matrix.indices.tolist())
    cells.coefficients.extend(matrix.data.astype(np.float64).tolist())
    return proto


def _run(proto: Any, kind: str, parameters: Any, hints: Any, cancel: Event | None) -> Any:
    """Run one solver; None when it was cancelled, BackendError when it failed.

    HiGHS cannot be interrupted: it is left to reach its limit by itself.
    """
    parameters.cp_sat.catch_sigint_signal = False
    parameters.gscip.bool_params["misc/catchctrlc"] = False
    interrupter = PySolveInterrupter()

    def stop() -> None:
        interrupter.interrupt()
        _unmute()

    return run_and_wait(lambda: _solve(proto, kind, parameters, hints, interrupter), stop, cancel)


def _solve(proto: Any, kind: str, parameters: Any, hints: Any, interrupter: Any) -> Any:
    try:
        with _quiet(kind):
            return _core.solve(
                proto,
                _KINDS[kind],
                parameters_pb2.SolverInitializerProto(),
                parameters,
                hints,
                None,
                callback_pb2.CallbackRegistrationProto(),
                None,
                interrupter,
            )
    except Exception as problem:
        message = f"{kind} failed: {problem}"
        raise BackendError(message) from problem


@contextmanager
def _quiet(kind: str) -> Iterator[None]:
    """Drop HiGHS' stray debugging lines, which no option turns off.

    They come from C code, so the descriptor itself is pointed at a file meanwhile. Whatever else
    was written to standard output by other threads follows when the solver is done.
    """
    global _muted, _caught
    if kind != "highs":
        yield
        return
    with _mute_lock:
        if _muted == 0:
            _caught = _Caught.start()
        _muted += 1
    try:
        yield
    finally:
        with _mute_lock:
            _muted -= 1
            if _muted == 0 and _caught is not None:
                _caught.end()
                _caught = None


def _unmute() -> None:
    """Give standard output back though a solver that was left alone still runs.

    The process may end before that solver does; what was written would be lost with it.
    """
    global _caught
    with _mute_lock:
        if _caught is not None:
            _caught.end()
            _caught = None


@dataclass(frozen=True, eq=False)
class _Caught:
    """Standard output while it is pointed at a file."""

    file: IO[bytes]
    before: int
    """The descriptor standard output had."""

    @classmethod
    def start(cls) -> "_Caught | None":
        try:
            cls._flush()
            before = os.dup(1)
        except (OSError, ValueError):
            return None  # closed streams: nothing to protect
        file = TemporaryFile()  # noqa: SIM115 (closed in `end`)
        os.dup2(file.fileno(), 1)
        return cls(file, before)

    def end(self) -> None:
        with suppress(OSError, ValueError):
            self._flush()
        os.dup2(self.before, 1)
        os.close(self.before)
        with self.file as file, suppress(OSError):
            file.seek(0)
            for line in file:
                if not line.startswith(_STRAY):
                    os.write(1, line)

    @staticmethod
    def _flush() -> None:
        """Empty Python's buffer and C's, where lines of either side may still wait."""
        if sys.stdout is not None:
            sys.stdout.flush()
        with suppress(OSError, AttributeError, TypeError):
            ctypes.CDLL(None).fflush(None)


def _dense(vector: Any, size: int) -> Float64:
    values = np.zeros(size)
    values[np.asarray(vector.ids, dtype=np.int64)] = np.asarray(vector.values)
    return values


def _status(result: Any) -> str:
    reason = result.termination.reason
    if reason == result_pb2.TERMINATION_REASON_OPTIMAL:
        return OPTIMAL
    if reason in (
        result_pb2.TERMINATION_REASON_INFEASIBLE,
        result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED,
    ):
        return INFEASIBLE
    return LIMIT


def run_linear(
    model: LinearModel,
    *,
    kind: str = "glop",
    basis: Basis | None = None,
    primal: bool = False,
    seconds: float | None = None,
    cancel: Event | None = None,
) -> Outcome:
    """Solve a linear program.

    Parameters
    ----------
    model
        What to solve.
    kind
        ``glop`` (simplex), ``barrier`` (HiGHS' interior point with crossover), ``pdlp``, ``highs``.
    basis
        Where to begin (simplex only): what an earlier, similar program ended with.
    primal
        Primal instead of dual simplex: for a new objective over the same rows.
    seconds, cancel
        Outside limits.
    """
    parameters = parameters_pb2.SolveParametersProto()
    if kind == "barrier":
        kind = "highs"
        parameters.lp_algorithm = parameters_pb2.LP_ALGORITHM_BARRIER
    elif primal:
        parameters.lp_algorithm = parameters_pb2.LP_ALGORITHM_PRIMAL_SIMPLEX
    elif basis is not None:
        parameters.lp_algorithm = parameters_pb2.LP_ALGORITHM_DUAL_SIMPLEX
    if seconds is not None:
        parameters.time_limit.FromTimedelta(datetime.timedelta(seconds=max(seconds, 0.01)))
    result = _run(_fill(model, integer=False), kind, parameters, _hints(basis), cancel)
    return Outcome(LIMIT) if result is None else _linear_outcome(result, model)


def _hints(basis: Basis | None) -> Any:
    hints = model_parameters_pb2.ModelSolveParametersProto()
    if basis is not None:
        for part, statuses in (
            (hints.initial_basis.variable_status, basis.columns),
            (hints.initial_basis.constraint_status, basis.rows),
        ):
            part.ids.extend(range(statuses.size))
            part.values.extend(statuses.tolist())
    return hints


def _linear_outcome(result: Any, model: LinearModel, *, with_basis: bool = True) -> Outcome:
    status = _status(result)
    if status != OPTIMAL or not result.solutions:
        return Outcome(status if status != OPTIMAL else LIMIT)
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
    return Outcome(OPTIMAL, x, float((model.gain * x).sum()), prices, ended)


class Standing:
    """A linear program that stays in the simplex solver, asked with a few sides changed.

    Every question begins from the same basis, so that no answer depends on those before it.

    Parameters
    ----------
    model
        The program.
    basis
        Where every question begins; best one of the program's own optimum.
    """

    def __init__(self, model: LinearModel, basis: Basis) -> None:
        self._model, self._hints = model, _hints(basis)
        for part in (self._hints.variable_values_filter, self._hints.dual_values_filter):
            part.skip_zero_values = True
        self._hints.reduced_costs_filter.filter_by_ids = True
        self._parameters = parameters_pb2.SolveParametersProto(
            lp_algorithm=parameters_pb2.LP_ALGORITHM_DUAL_SIMPLEX,
            presolve=parameters_pb2.EMPHASIS_OFF,  # it would throw the basis away
        )
        try:
            self._solver = _core.new(
                _KINDS["glop"], _fill(model, integer=False), parameters_pb2.SolverInitializerProto()
            )
        except Exception as problem:
            message = f"glop refused the model: {problem}"
            raise BackendError(message) from problem

    def solve(self, out: Int64, full: Int64, *, seconds: float | None = None) -> Outcome:
        """Solve with some columns at 0 and some rows at no less than their upper side.

        Parameters
        ----------
        out
            Columns that are left out, sorted.
        full
            Rows that must reach their upper side, sorted.
        seconds
            Limit from outside.
        """
        model, parameters = self._model, self._parameters
        parameters.ClearField("time_limit")
        if seconds is not None:
            parameters.time_limit.FromTimedelta(datetime.timedelta(seconds=max(seconds, 0.01)))
        try:
            try:
                self._change(out, np.zeros(out.size), full, model.row_upper[full])
                result = self._solver.solve(
                    parameters,
                    self._hints,
                    None,
                    callback_pb2.CallbackRegistrationProto(),
                    None,
                    None,
                )
            finally:
                self._change(out, model.upper[out], full, model.row_lower[full])
        except Exception as problem:
            message = f"glop failed: {problem}"
            raise BackendError(message) from problem
        return _linear_outcome(result, model, with_basis=False)

    def _change(self, columns: Int64, upper: Float64, rows: Int64, lower: Float64) -> None:
        update = model_update_pb2.ModelUpdateProto()
        for sides, at, values in (
            (update.variable_updates.upper_bounds, columns, upper),
            (update.linear_constraint_updates.lower_bounds, rows, lower),
        ):
            sides.ids.extend(at.tolist())
            sides.values.extend(values.tolist())
        if not self._solver.update(update):
            message = "glop did not take a change of sides."
            raise BackendError(message)


def run_mixed(
    model: LinearModel,
    *,
    kind: str = "highs",
    workers: int = 1,
    seed: int = 0,
    nodes: int | None = None,
    seconds: float | None = None,
    absolute_gap: float = 0.0,
    relative_gap: float = 0.0,
    hint: Float64 | None = None,
    cancel: Event | None = None,
) -> Outcome:
    """Solve with every column integer; `nodes` is the deterministic limit.

    HiGHS takes no `workers`: its threads are a process-wide setting. With a `relative_gap` the
    status `optimal` means within that gap.
    """
    parameters = parameters_pb2.SolveParametersProto(
        random_seed=seed,
        relative_gap_tolerance=relative_gap,
        absolute_gap_tolerance=absolute_gap,
    )
    if kind == "highs":  # its threads are a process-wide setting, which one solve must not touch
        parameters.highs.string_options["parallel"] = "off"
    else:
        parameters.threads = workers
    if nodes is not None:
        parameters.node_limit = nodes
    if seconds is not None:
        parameters.time_limit.FromTimedelta(datetime.timedelta(seconds=max(seconds, 0.01)))
    hints = model_parameters_pb2.ModelSolveParametersProto()
    if hint is not None:
        one = hints.solution_hints.add()
        one.variable_values.ids.extend(range(hint.size))
        one.variable_values.values.extend(hint.tolist())
    result = _run(_fill(model, integer=True), kind, parameters, hints, cancel)
    if result is None:
        return Outcome(LIMIT)
    status = _status(result)
    x = None
    if result.solutions and result.solutions[0].HasField("primal_solution"):
        x = _dense(result.solutions[0].primal_solution.variable_values, model.gain.size)
    bound = float(result.termination.objective_bounds.dual_bound)
    return Outcome(status, x, bound)


def run_flow(
    tail: npt.NDArray[np.int64],
    head: npt.NDArray[np.int64],
    capacity: npt.NDArray[np.int64],
    cost: npt.NDArray[np.int64],
    supply: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64] | None:
    """Return the flow on each arc of least cost, exact in integers; None when there is none."""
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    flow.set_nodes_supplies(np.arange(supply.size), supply)
    status = flow.solve()
    if status == flow.OPTIMAL:
        return np.asarray(flow.flows(arcs), dtype=np.int64)
    if status == flow.INFEASIBLE:
        return None
    message = f"minimum-cost flow ended with status {status}."
    raise BackendError(message)
