"""The last step of a proof: whether anything is better than what is all but the best.

Hides how that is asked: with a row that only something better satisfies. Where prices have left
columns that lose little, such a program is shown to have no selection much faster than the best
one is found and bounded. That there is none is a claim like any other: it counts where own bounds
or other solvers, one in integer arithmetic first, say so too.
"""

import numpy as np
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.method.claims import Checked, checked_outcome
from matcher.engine.method.direct import (
    given_selection,
    priced_alone,
    solve_directly,
    with_tiers_held,
)
from matcher.engine.method.packing import Packing, packing_of
from matcher.engine.method.presolve import Found, Reduced, value_of
from matcher.engine.method.sub_mip import part_model, solve_part
from matcher.engine.options import Start
from matcher.engine.program import Int64
from matcher.engine.solvers import Status

_TREE = 5.0
_ASKED_AGAIN = 1.0
"""The exact solver ends soon or not at all."""


def close(reduced: Reduced, context: Context, start: Start | None) -> Found:
    """Prove the selection of a start, or what is found to be better, tier after tier.

    Without a legal selection all columns go to the integer solver.
    """
    chosen = given_selection(reduced, start)
    if chosen is None:
        return solve_directly(reduced, context)
    known: list[int | None] = [None] * reduced.tiers
    held: list[tuple[Int64, int]] = []
    for tier, gain in enumerate(reduced.gains):
        packing = with_tiers_held(packing_of(reduced, gain), held)
        while known[tier] is None and not context.stop():
            value = int(gain[chosen].sum())
            better = packing.with_rows(
                sp.csr_array(-gain[:, None]), np.array([-value - 1], dtype=np.int64)
            )
            with context.phase("closing"):
                found = solve_part(
                    better, np.arange(reduced.n), context,
                    nodes=context.nodes(_TREE), decided=True,
                )  # fmt: skip
                if found.status == Status.INFEASIBLE:
                    found = _asked_again(better, packing, value, context)
            if found.status == Status.INFEASIBLE:
                known[tier] = value
            elif found.chosen is None:
                break
            else:
                chosen = found.chosen
                context.tell_selection(value_of(reduced, chosen), reduced.origin[chosen])
                if found.status == Status.OPTIMAL:
                    known[tier] = int(gain[chosen].sum())
        if known[tier] is None:
            break
        held.append((gain, int(gain[chosen].sum())))
    return Found(chosen, tuple(known), np.zeros((reduced.tiers, reduced.m)))


def _asked_again(better: Packing, packing: Packing, value: int, context: Context) -> Checked:
    """Return what others say of a packing that a solver has shown to have no selection.

    `packing` is the same without the row that asks for more than a value. First the bound at the
    prices of its linear program; where that is above the value, the exact solver; where that comes
    to no end, a second solver of the first one's kind.
    """
    if priced_alone(packing, context).bound <= value:
        return Checked(Status.INFEASIBLE, None, None)
    model, columns = part_model(better, np.arange(better.n), context), np.arange(better.n)
    for kind, nodes in (("exact", _ASKED_AGAIN), ("second", _TREE)):
        said = context.run(kind, model, nodes=context.nodes(nodes), decided=True)
        found = checked_outcome(better, columns, said)
        if found is not None and found.status != Status.LIMIT:
            if found.chosen is not None:
                context.say("a solver ruled out a selection that is legal; its claim is not used")
            return found
    context.say("one solver alone rules out anything better: not proven")
    return Checked(Status.LIMIT, None, None)
