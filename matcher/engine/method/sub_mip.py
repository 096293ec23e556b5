"""Integer programs over some columns of a packing, solved by the solver that can be trusted so far.

Hides how a part becomes an integer program and which solver gets it: the exact one where the model
is small or its numbers are large, the floating-point one elsewhere, and the exact one again where
that one failed or broke a row.
"""

from dataclasses import replace

import numpy as np

from matcher.engine.context import Context
from matcher.engine.errors import BackendError
from matcher.engine.method.claims import Checked, checked_outcome
from matcher.engine.method.dual_bound import DualBound
from matcher.engine.method.packing import Packing, linear_model, packing_of
from matcher.engine.method.presolve import Reduced
from matcher.engine.method.reduced_cost_fixing import residual_program
from matcher.engine.method.tighten import tighten
from matcher.engine.program import Float64, Int64
from matcher.engine.solvers import LinearModel, Status

_FLOAT_USE = 10**6
_FLOAT_TOTAL = 10**9
_CHECK_NODES = 200
_EXACT_COLUMNS = 3_000
_NONE = np.zeros(0, dtype=np.int64)


def solve_part(
    packing: Packing,
    columns: Int64,
    context: Context,
    *,
    nodes: int,
    seconds: float | None = None,
    gap: float = 0.0,
    exact: bool = False,
    decided: bool = False,
) -> Checked:
    """Solve a packing over some of its columns (sorted), to a relative gap.

    `exact`: by the exact solver, in nearly decided programs the quicker one by far. `decided`: as
    in `Task`, of the floating-point one.
    """
    if not columns.size:
        good = packing.admits(_NONE)
        return Checked(Status.OPTIMAL if good else Status.INFEASIBLE, _NONE if good else None, 0)
    model = part_model(packing, columns, context)
    if exact:
        left = context.left() if seconds is None else seconds
        outcome = context.run("exact", model, nodes=nodes, seconds=left, decided=True)
        checked = checked_outcome(packing, columns, outcome)
        if checked is not None:
            return checked
    return _solve(
        packing, model, columns, context, nodes=nodes, seconds=seconds, gap=gap, decided=decided
    )


def part_model(packing: Packing, columns: Int64, context: Context) -> LinearModel:
    """Return a packing over some of its columns (sorted, at least one) as an integer program."""
    part, out = packing.part(columns), _NONE
    if context.options.switches.tighten:
        part, out = tighten(part, part.uses.tocsc())
    model = linear_model(part)
    model.upper[out] = 0.0
    return model


def solve_to_target(
    packing: Packing,
    priced: DualBound,
    columns: Int64,
    target: int,
    context: Context,
    *,
    nodes: int | None = None,
    share: float = 1.0,
    gap: float = 0.0,
    exactly: bool = False,
    gain: Int64 | None = None,
    floors: tuple[tuple[Int64, int], ...] = (),
    cuts: bool = True,
) -> Checked:
    """Return the best selection of some columns that gains at least a target.

    The smaller bound less target, the less is left to decide. `share` is that of the seconds left;
    `exactly`, `gain` and `floors` are as in `residual_program`. Cuts are not worth looking for
    where the target is all but met.
    """
    rest = residual_program(
        packing, priced, columns, target, exactly=exactly, gain=gain, floors=floors
    )
    if rest is None:
        return Checked(Status.INFEASIBLE, None, None)
    aim = packing if gain is None else replace(packing, gain=gain)
    nodes = context.nodes() if nodes is None else nodes
    left = context.left()
    seconds = None if left is None else left * share
    context.count("integer programs", 1)
    context.count("columns in integer programs", int(rest.columns.size))
    first = None
    if rest.columns.size <= _EXACT_COLUMNS and gap == 0.0:
        said = context.run(
            "exact", rest.model, nodes=nodes, seconds=seconds, decided=True, cuts=cuts
        )
        first = checked_outcome(aim, rest.columns, said, held=rest.held)
        if first is not None and first.status != Status.LIMIT:
            return first
    second = _solve(
        aim, rest.model, rest.columns, context, nodes=nodes, seconds=seconds, gap=gap,
        held=rest.held,
    )  # fmt: skip
    if second.status == Status.INFEASIBLE:
        context.say(f"nothing reaches {target}: {context.options.solvers.integer} alone says so")
    return _together(aim, first, second)


def _together(packing: Packing, first: Checked | None, second: Checked) -> Checked:
    """Return what two solves of the same model showed together."""
    if first is None or second.status != Status.LIMIT:
        return second
    found = [each.chosen for each in (first, second) if each.chosen is not None]
    bounds = [each.bound for each in (first, second) if each.bound is not None]
    return Checked(
        Status.LIMIT,
        max(found, key=packing.value) if found else None,
        min(bounds) if bounds else None,
    )


def _solve(
    packing: Packing,
    model: LinearModel,
    columns: Int64,
    context: Context,
    *,
    nodes: int,
    seconds: float | None = None,
    gap: float = 0.0,
    held: Int64 = _NONE,
    decided: bool = False,
) -> Checked:
    """Solve an integer model whose first variables are columns of the packing, beside held ones."""
    limits = {"nodes": nodes, "seconds": context.left() if seconds is None else seconds}
    checked = None
    if fits_doubles(model, packing.must.size):
        try:
            outcome = context.run(
                "integer", model, absolute_gap=0.999, relative_gap=gap, decided=decided, **limits
            )
        except BackendError as problem:
            context.say(f"mixed-integer solver failed, integer solver instead: {problem}")
        else:
            checked = checked_outcome(packing, columns, outcome, gap, held)
            if checked is None:
                context.say("a floating-point selection broke a row; solved again in integers")
    if checked is None:
        outcome = context.run("exact", model, **limits)
        checked = checked_outcome(packing, columns, outcome, held=held)
    if checked is None:
        message = "an integer solver returned a selection that breaks a row."
        raise BackendError(message)
    return checked


def fits_doubles(model: LinearModel, groups: int) -> bool:
    """Whether a solver in double precision can be given a model's numbers."""
    sides = model.row_upper[np.isfinite(model.row_upper)]
    return (
        _most(model.rows.data) <= _FLOAT_USE
        and _most(sides) <= _FLOAT_TOTAL
        and _most(model.gain) * max(1, groups) <= _FLOAT_TOTAL * 10
    )


def _most(values: Float64) -> float:
    return float(np.abs(values).max(initial=0))


def feasible(reduced: Reduced, context: Context) -> bool | None:
    """Whether a program has any selection, in integer arithmetic; None when a limit came first."""
    packing = packing_of(reduced, np.zeros(reduced.n, dtype=np.int64))
    if packing.admits(_NONE):
        return True
    if not reduced.n:
        return False
    outcome = context.run("exact", linear_model(packing), nodes=_CHECK_NODES)
    checked = checked_outcome(packing, np.arange(packing.n), outcome)
    if checked is None or (checked.status == Status.LIMIT and checked.chosen is None):
        return None
    return checked.chosen is not None
