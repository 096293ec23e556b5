"""The tiers after the second: each improved among what is left open, while the earlier are held.

Hides how they are held: by the row  F >= its proven value  over the columns that reduced costs
leave possible, and by one row for every tier that is settled.
"""

from dataclasses import replace

import numpy as np

from matcher.engine.context import Context
from matcher.engine.method.claims import Checked, drop_refuted
from matcher.engine.method.dual_bound import dual_bound
from matcher.engine.method.state import State
from matcher.engine.method.sub_mip import solve_to_target
from matcher.engine.program import Int64


def improve_later_tiers(state: State, context: Context) -> State:
    """Improve one tier after another; those behind an unproven one keep what they have."""
    gains, packing = state.fold.reduced.gains, state.packing
    if state.fold.tiers <= 2:
        return state
    values = state.fold.values(state.chosen)
    proven = state.bounds[:2] == values[:2]
    kept = state.open_columns(state.value) if proven else np.arange(packing.n)
    # One less in the first tier and a whole weight more in the second make the same fold.
    floors: list[tuple[Int64, int]] = [(gains[0], values[0])]
    for tier in range(2, state.fold.tiers):
        gain = gains[tier]
        with context.phase("later tiers"):
            part = replace(packing, gain=gain)
            part = part.part(kept) if kept.size < packing.n else part
            bound = dual_bound(part, np.zeros(part.rows)).bound
            if proven and not context.stop():
                context.counts[f"columns left in tier {tier}"] = int(kept.size)
                found = _improve(state, kept, gain, tuple(floors), context)
                if found.chosen is not None:
                    state = replace(state, chosen=found.chosen)
                if found.bound is not None:
                    bound = min(bound, found.bound)
            value = int(gain[state.chosen].sum())
            state = state.with_bound(tier, max(bound, value))
            proven = proven and state.bounds[tier] == value
        floors.append((gain, value))
    return state


def _improve(
    state: State, kept: Int64, gain: Int64, floors: tuple[tuple[Int64, int], ...], context: Context
) -> Checked:
    """Return the best selection in one tier, no worse in those before."""
    packing, chosen = state.packing, state.chosen
    found = solve_to_target(
        packing,
        state.master.best,
        kept,
        state.value,
        context,
        exactly=True,
        gain=gain,
        floors=floors,
    )
    found = drop_refuted(found, int(gain[chosen].sum()), context)
    if found.chosen is not None:
        held = ((packing.gain, state.value), *floors, (gain, int(gain[chosen].sum())))
        if any(int(values[found.chosen].sum()) < floor for values, floor in held):
            return replace(found, chosen=None)
    return found
