"""Claims of solvers, checked: the one place that decides what of an answer is believed.

A solver claims a selection, a value, a bound, an infeasibility. Here they are held against the
program, in integers:

- a selection counts only if it satisfies every group and row (`checked_outcome`; the caller's own
  program in `check_selection`), and its value is summed afresh;
- an optimum whose selection is worth a unit less than the solver says is no proof (same place);
- a bound or an infeasibility that a known selection refutes is dropped (`drop_refuted`);
- an infeasible program has to be so in whole numbers too, where a verdict can be had
  (`check_infeasible`); that nothing is better than a start, always (`closing`). Where a
  floating-point solver alone shows that nothing reaches a target, the answer says so (`sub_mip`).

Duals of linear programs need no check: any prices give a valid bound (`dual_bound`).
"""

from dataclasses import dataclass

import numpy as np

from matcher.engine.context import Context
from matcher.engine.errors import BackendError
from matcher.engine.method.packing import Packing
from matcher.engine.program import Int64, Program
from matcher.engine.solvers import Outcome, Status

_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Checked:
    """What an integer solve over some columns of a packing showed."""

    status: Status
    """Optimal, infeasible (both: over those columns) or a limit."""
    chosen: Int64 | None
    """Columns of the packing, sorted, legal; None when none were found."""
    bound: int | None
    """No selection of those columns has more gain; None when nothing was learnt."""


def checked_outcome(
    packing: Packing, columns: Int64, outcome: Outcome, gap: float = 0.0, held: Int64 = _NONE
) -> Checked | None:
    """Return what a solver said in the packing's columns; None when its selection is not legal.

    `columns` are the first variables of the model that was solved, `held` columns that are certain
    and not in it, `gap` the relative gap it was given: with one, its optimum is none.
    """
    chosen = None
    if outcome.x is not None:
        chosen = np.union1d(columns[outcome.x[: columns.size] > 0.5], held)
        if not packing.admits(chosen):
            return None
    if outcome.status == Status.INFEASIBLE:
        return Checked(Status.INFEASIBLE, None, None)
    bound, above = None, outcome.bound + packing.value(held)
    if np.isfinite(outcome.bound) and abs(outcome.bound) < 2.0**53:
        bound = int(np.floor(above + 1e-6 * max(1.0, abs(above) * 1e-3)))
    if chosen is None:
        return Checked(Status.LIMIT, None, bound)
    value = packing.value(chosen)
    # Rounded to whole columns, a selection may be worth less than the solver says it has proven.
    less = bound is not None and above >= value + 1
    if outcome.status == Status.OPTIMAL and not less and (gap == 0.0 or bound == value):
        return Checked(Status.OPTIMAL, chosen, value)
    return Checked(Status.LIMIT, chosen, None if bound is None else max(bound, value))


def drop_refuted(checked: Checked, known: int, context: Context) -> Checked:
    """Drop a solver's bound, or its infeasibility, if a known selection beats it.

    `known` is what a legal selection of its columns is worth: no bound can lie below it.
    """
    if checked.status != Status.INFEASIBLE and (checked.bound is None or checked.bound >= known):
        return checked
    context.say("a solver ruled out a selection that is legal; its bound is not used")
    return Checked(Status.LIMIT, checked.chosen, None)


def check_selection(program: Program, selection: Int64) -> None:
    """Refuse a selection that breaks the caller's own program, whatever method it came from."""
    count = np.bincount(program.group[selection], minlength=program.n_groups)
    used = np.asarray(program.uses[:, selection].sum(axis=1)).reshape(-1) if selection.size else 0
    legal = bool(
        (count <= 1).all()
        and (used <= program.upper).all()
        and (used >= program.lower_sides).all()
        and (program.exactly_one is None or (count[program.exactly_one] == 1).all())
        and (program.fixed is None or np.isin(program.fixed, selection).all())
        and (program.forbidden is None or not np.isin(program.forbidden, selection).any())
    )
    if not legal:
        message = f"the selection is not legal for program {program.digest()}."
        raise BackendError(message)


def check_infeasible(program: Program, infeasible: bool | None) -> None:
    """Refuse a claim of infeasibility that whole numbers refute (None: they did not settle it)."""
    if infeasible is False:
        message = f"a solver claimed program {program.digest()} infeasible; it is not."
        raise BackendError(message)
