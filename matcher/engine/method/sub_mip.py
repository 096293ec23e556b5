"""Integer selections: small exact solves on parts of a packing.

Hides how a part becomes a mixed-integer program, which solver may be trusted with it, and that
whatever a solver returns is checked in integers before anyone hears of it.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.engine.context import Context
from matcher.engine.errors import BackendError
from matcher.engine.method.column_generation import linear_model
from matcher.engine.method.cuts import tightened
from matcher.engine.method.packing import DualBound, Packing, packing_of
from matcher.engine.method.presolve import Reduced
from matcher.engine.method.reduced_cost_fixing import residual_program
from matcher.engine.program import Int64
from matcher.engine.solvers.cp_sat import run_exact
from matcher.engine.solvers.mathopt import LinearModel, Outcome, run_mixed

__all__ = ["Checked", "drop_refuted", "feasible", "fill", "solve_part", "solve_to_target", "thin"]

Float64 = npt.NDArray[np.float64]

_FLOAT_USE = 10**6
_FLOAT_TOTAL = 10**9
_CHECK_WORK = 20.0
_EXACT_COLUMNS = 3_000
_EXACT_WORK = 0.005
_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Checked:
    """What an integer solve on some columns of a packing showed."""

    status: str
    """`optimal`, `infeasible` (both: over those columns) or `limit`."""
    chosen: Int64 | None
    """Columns of the packing, sorted, checked in integers; None when none were found."""
    bound: int | None
    """No selection from those columns has more gain; None when nothing was learnt."""


def solve_part(
    packing: Packing,
    columns: Int64,
    context: Context,
    *,
    nodes: int,
    seconds: float | None = None,
    gap: float = 0.0,
) -> Checked:
    """Solve the packing over some of its columns (sorted), to a relative gap."""
    part = packing.part(columns)
    out = np.zeros(0, dtype=np.int64)
    if not columns.size:
        empty = np.zeros(0, dtype=np.int64)
        good = packing.admits(empty)
        return Checked("optimal" if good else "infeasible", empty if good else None, 0)
    if context.options.switches.tighten:
        part, out = tightened(part)
    model = linear_model(part)
    upper = model.upper.copy()
    upper[out] = 0.0
    model = replace(model, upper=upper)
    return _settled(packing, model, columns, context, nodes=nodes, seconds=seconds, gap=gap)


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

    Parameters
    ----------
    packing, priced
        The program and good prices of it.
    columns
        Columns to choose from, sorted.
    target
        Least gain; the smaller bound less target, the less is left to decide.
    context, nodes, share, gap
        Limits: nodes of the search tree (None: the context's), share of the seconds left.
    exactly, gain, floors
        As for `residual_program`: whether no selection is known to gain
        more than the target, what to maximise instead of the packing's gain, and other gains of
        which no less than a value may be left.
    cuts
        Whether the integer solver looks for cuts: not worth it where the target is all but met.
    """
    rest = residual_program(
        packing, priced, columns, target, exactly=exactly, gain=gain, floors=floors
    )
    if rest is None:
        return Checked("infeasible", None, None)
    aim = packing if gain is None else replace(packing, gain=gain)
    nodes = context.nodes() if nodes is None else nodes
    left = context.left()
    seconds = None if left is None else left * share
    context.count("integer programs", 1)
    context.count("columns in integer programs", int(rest.columns.size))
    closed = None
    if rest.columns.size <= _EXACT_COLUMNS and gap == 0.0:
        closed = _checked(
            aim,
            rest.columns,
            run_exact(
                rest.model,
                workers=context.options.workers,
                seed=context.options.seed,
                work=nodes * _EXACT_WORK,
                seconds=seconds,
                linear=True,
                cuts=cuts,
                cancel=context.cancel,
            ),
            held=rest.held,
        )
    if closed is None or closed.status == "limit":
        more = _settled(
            aim, rest.model, rest.columns, context, nodes=nodes, seconds=seconds, gap=gap,
            held=rest.held,
        )  # fmt: skip
        closed = _better(aim, closed, more)
    return closed


def drop_refuted(closed: Checked, known: int, context: Context) -> Checked:
    """Return what a solve showed, less what a selection it could have chosen refutes.

    Parameters
    ----------
    closed
        What the solve showed.
    known
        What a legal selection of its columns is worth: no bound can lie below it.
    """
    if closed.status != "infeasible" and (closed.bound is None or closed.bound >= known):
        return closed
    context.say("a solver ruled out a selection that is legal; its bound is not used")
    return Checked("limit", closed.chosen, None)


def _better(packing: Packing, first: Checked | None, second: Checked) -> Checked:
    """Return what two solves of the same model showed together."""
    if first is None or second.status != "limit":
        return second
    found = [each.chosen for each in (first, second) if each.chosen is not None]
    bounds = [each.bound for each in (first, second) if each.bound is not None]
    return Checked(
        "limit",
        max(found, key=packing.value) if found else None,
        min(bounds) if bounds else None,
    )


def _settled(
    packing: Packing,
    model: LinearModel,
    columns: Int64,
    context: Context,
    *,
    nodes: int,
    seconds: float | None = None,
    gap: float = 0.0,
    held: Int64 = _NONE,
) -> Checked:
    """Solve an integer model whose first variables are columns of the packing, beside held ones."""
    floating = (
        float(np.abs(model.rows.data).max(initial=0)) <= _FLOAT_USE
        and float(np.abs(model.row_upper[np.isfinite(model.row_upper)]).max(initial=0))
        <= _FLOAT_TOTAL
        and float(np.abs(model.gain).max(initial=0)) * max(1, packing.must.size)
        <= _FLOAT_TOTAL * 10
    )
    limit = context.left() if seconds is None else seconds
    outcome = Outcome("limit")
    if floating:
        try:
            outcome = run_mixed(
                model,
                nodes=nodes,
                seconds=limit,
                seed=context.options.seed,
                absolute_gap=0.999,
                relative_gap=gap,
                cancel=context.cancel,
            )
        except BackendError as problem:
            context.say(f"mixed-integer solver failed, integer solver instead: {problem}")
            floating = False
    closed = _checked(packing, columns, outcome, gap, held)
    if not floating or closed is None:
        if closed is None:
            context.say("a floating-point selection broke a row; solved again in integers")
        outcome = run_exact(
            model,
            workers=context.options.workers,
            seed=context.options.seed,
            work=nodes / 10.0,
            seconds=limit,
            cancel=context.cancel,
        )
        closed = _checked(packing, columns, outcome, held=held)
    if closed is None:
        message = "an integer solver returned a selection that breaks a row."
        raise BackendError(message)
    return closed


def _checked(
    packing: Packing, columns: Int64, outcome: Outcome, gap: float = 0.0, held: Int64 = _NONE
) -> Checked | None:
    """Return the outcome in the packing's columns; None when its selection is not legal."""
    chosen = None
    if outcome.x is not None:
        chosen = np.union1d(columns[outcome.x[: columns.size] > 0.5], held)
        if not packing.admits(chosen):
            return None
    if outcome.status == "infeasible":
        return Checked("infeasible", None, None)
    bound, above = None, outcome.bound + packing.value(held)
    if np.isfinite(outcome.bound) and abs(outcome.bound) < 2.0**53:
        bound = int(np.floor(above + 1e-6 * max(1.0, abs(above) * 1e-3)))
    if chosen is None:
        return Checked("limit", None, bound)
    value = packing.value(chosen)
    # Rounded to whole columns, a selection may be worth less than the solver says it has proven.
    less = bound is not None and above >= value + 1
    if outcome.status == "optimal" and not less and (gap == 0.0 or bound == value):
        return Checked("optimal", chosen, value)
    return Checked("limit", chosen, None if bound is None else max(bound, value))


def fill(packing: Packing, worth: Float64, chosen: Int64, allowed: Int64 | None = None) -> Int64:
    """Add columns to a selection that breaks no row of a packing packing, until none fits.

    Groups that must be served come first, then the best worth; some that must may stay unserved.
    Every group without a column proposes its best one that fits alone; proposals are taken in
    order of worth as long as all earlier proposals together leave room for them. Repeated until
    nothing is taken, so no loop runs over columns or groups. `allowed` are the columns looked at,
    sorted; None: all.
    """
    left = packing.slack(chosen)
    served = np.zeros(packing.must.size, dtype=np.bool_)
    served[packing.group[chosen]] = True
    open_ = np.arange(packing.n) if allowed is None else allowed
    group = packing.group[open_]
    open_ = open_[((packing.gain[open_] > 0) | packing.must[group]) & ~served[group]]
    rank = open_[np.lexsort((open_, -worth[open_], ~packing.must[packing.group[open_]]))]
    taken = [chosen]
    while rank.size:
        lines = packing.lines(rank)
        tight = (lines.data > 0) & (lines.data > left[lines.indices])
        blocked = np.zeros(rank.size, dtype=np.bool_)
        blocked[np.repeat(np.arange(rank.size), np.diff(lines.indptr))[tight]] = True
        rank = rank[~blocked]
        if not rank.size:
            break
        _, first = np.unique(packing.group[rank], return_index=True)
        picks = rank[np.sort(first)]
        accepted = picks[_together(packing, picks, left)]
        taken.append(accepted)
        part = packing.lines(accepted)
        np.subtract.at(left, part.indices, part.data)
        served[packing.group[accepted]] = True
        rank = rank[~served[packing.group[rank]]]
    return np.sort(np.concatenate(taken))


def thin(packing: Packing, chosen: Int64) -> Int64:
    """Return a selection without the columns that overfill rows: those of least gain go first."""
    over = np.flatnonzero(packing.slack(chosen) < 0)
    while over.size and chosen.size:
        lines = packing.lines(chosen).tocsc()[:, over[:1]]
        users = lines.indices[lines.data > 0]
        if not users.size:
            return chosen
        least = users[np.argmin(packing.gain[chosen[users]])]
        chosen = np.delete(chosen, least)
        over = np.flatnonzero(packing.slack(chosen) < 0)
    return chosen


def _together(packing: Packing, picks: Int64, left: Int64) -> npt.NDArray[np.bool_]:
    """Return which picks fit beside all picks before them; at least the first does."""
    lines = packing.lines(picks)
    who = np.repeat(np.arange(picks.size), np.diff(lines.indptr))
    order = np.lexsort((who, lines.indices))
    row, use = lines.indices[order], np.maximum(lines.data[order], 0)
    total = np.cumsum(use)
    heads = np.flatnonzero(np.diff(row, prepend=-1))
    before = np.repeat(total[heads] - use[heads], np.diff(np.append(heads, row.size)))
    fits = np.ones(picks.size, dtype=np.bool_)
    fits[who[order][(use > 0) & (total - before > left[row])]] = False
    return fits


def feasible(reduced: Reduced, context: Context) -> bool | None:
    """Whether a reduced has any selection, in integer arithmetic; None when a limit came first."""
    packing = packing_of(reduced, np.zeros(reduced.n, dtype=np.int64))
    empty = np.zeros(0, dtype=np.int64)
    if packing.admits(empty):
        return True
    if not reduced.n:
        return False
    outcome = run_exact(
        linear_model(packing),
        workers=context.options.workers,
        seed=context.options.seed,
        work=_CHECK_WORK,
        seconds=context.left(),
        cancel=context.cancel,
    )
    if outcome.x is not None:
        return True
    return False if outcome.status == "infeasible" else None
