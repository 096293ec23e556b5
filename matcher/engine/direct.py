"""The plain method: every column to a mixed-integer solver, one tier after another.

Hides nothing clever, on purpose: it is the fallback for small programs and the yardstick the
other methods are tested against.
"""

import numpy as np
import scipy.sparse as sp

from matcher.engine.backends import Linear, Outcome, run_mixed
from matcher.engine.core import Core
from matcher.engine.program import UNBOUNDED, Int64

__all__ = ["linear_of", "solve_tier"]


def linear_of(core: Core, tier: int, floors: tuple[int, ...]) -> Linear:
    """Return one tier as a linear program: group rows, resource rows, earlier tiers' values.

    group[i]:  sum over o in i of x[o]  <= 1   (= 1 where the group must be served)
    row[r]:    lower[r] <= sum over o of use[r,o] x[o] <= upper[r]
    held[t]:   sum over o of gain[t,o] x[o] >= floor[t]   for every earlier tier t
    """
    n = core.n
    ones = np.ones(n, dtype=np.int64)
    groups = sp.csr_array((ones, (core.group, np.arange(n))), shape=(core.n_groups, n))
    blocks = [groups, core.uses.T.tocsr()]
    if floors:
        blocks.append(sp.csr_array(core.gains[: len(floors)]))
    lower, upper = core.lower.astype(float), core.upper.astype(float)
    lower[core.lower <= -UNBOUNDED] = -np.inf
    upper[core.upper >= UNBOUNDED] = np.inf
    rows = sp.vstack(blocks, format="csr")
    return Linear(
        gain=core.gains[tier].astype(float),
        rows=rows,
        row_lower=np.concatenate((core.must.astype(float), lower, np.array(floors, dtype=float))),
        row_upper=np.concatenate((np.ones(core.n_groups), upper, np.full(len(floors), np.inf))),
        lower=np.zeros(n),
        upper=np.ones(n),
    )


def chosen_in(outcome: Outcome) -> Int64 | None:
    """Return the columns a solver chose, or None."""
    if outcome.x is None:
        return None
    return np.flatnonzero(outcome.x > 0.5).astype(np.int64)


def solve_tier(
    core: Core, tier: int, floors: tuple[int, ...], *, seconds: float | None, seed: int
) -> tuple[str, Int64 | None]:
    """Solve one tier over all columns; return the status and the columns chosen."""
    model = linear_of(core, tier, floors)
    outcome = run_mixed(model, seconds=seconds, seed=seed, absolute_gap=0.999)
    chosen = chosen_in(outcome)
    if chosen is not None and not core.admits(chosen):
        chosen = None
    return outcome.status, chosen
