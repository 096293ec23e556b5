"""The last step of a proof: whether anything is better than what is all but the best.

Hides how that is asked: with a row that only something better satisfies. Where prices have left
columns that lose little, such a program is shown to have no selection much faster than the best
one is found and bounded.
"""

import numpy as np
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.method.direct import given_selection, solve_directly, with_tiers_held
from matcher.engine.method.packing import packing_of
from matcher.engine.method.presolve import Found, Reduced, value_of
from matcher.engine.method.sub_mip import solve_part
from matcher.engine.options import Start
from matcher.engine.program import Int64
from matcher.engine.solvers import Status

_TREE = 5.0


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
