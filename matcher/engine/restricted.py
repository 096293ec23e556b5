"""The linear program on the columns near the prices, until no other column improves it.

Hides how prices become exact: columns whose loss at the smoothed prices is small go to an
interior-point solver with crossover; its duals price all columns; those that would improve
join, and cuts join with them (column generation; Barnhart et al. 1998, "Branch-and-price").
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.backends import Linear, run_linear
from matcher.engine.cuts import separate
from matcher.engine.program import Int64
from matcher.engine.stage import Priced, Stage, price_exactly
from matcher.engine.tableau import separate_corners

__all__ = ["Relaxed", "linear_of_stage", "nearest", "relax"]

Float64 = npt.NDArray[np.float64]

_CLOSE = 1e-8
_MOST_SOLVES = 40
_LEAST_FRESH = 400


@dataclass(frozen=True, eq=False)
class Relaxed:
    """Where the linear program ended."""

    stage: Stage
    """The stage with the cuts that were added as rows."""
    priced: Priced
    """Best exact bound, with the losses of all columns at its prices."""
    columns: Int64
    """Columns of the last linear program."""
    x: Float64
    """Their values, float64 [columns]."""
    cuts: int
    """Cuts added."""
    solves: int
    """Linear programs solved."""


def linear_of_stage(stage: Stage) -> Linear:
    """Return a stage as a linear program; x <= 1 is left to the group rows."""
    n = stage.n
    ones = np.ones(n, dtype=np.int64)
    groups = sp.csr_array((ones, (stage.group, np.arange(n))), shape=(stage.must.size, n))
    rows = sp.vstack((groups, stage.uses.T), format="csr")
    floor = np.where(stage.must, 1.0, -np.inf)
    return Linear(
        gain=stage.gain.astype(np.float64),
        rows=rows,
        row_lower=np.concatenate((floor, np.full(stage.rows, -np.inf))),
        row_upper=np.concatenate((np.ones(stage.must.size), stage.capacity.astype(np.float64))),
        lower=np.zeros(n),
        upper=np.ones(n),
    )


def nearest(stage: Stage, priced: Priced, most: int) -> Int64:
    """Return about `most` columns of least loss, with one of every group that must be served."""
    if stage.n <= most:
        return np.arange(stage.n)
    edge = np.partition(priced.loss, most)[most]
    near = priced.loss <= edge
    # Ties at the edge can be many (all values equal): the first ones do.
    if int(near.sum()) > 2 * most:
        near = priced.loss < edge
        near[np.flatnonzero(priced.loss == edge)[: most - int(near.sum())]] = True
    if stage.must.any():
        best = _best_of_groups(stage, priced.loss)
        near[best[stage.must]] = True
    return np.flatnonzero(near)


def _best_of_groups(stage: Stage, loss: Int64) -> Int64:
    order = np.lexsort((loss, stage.group))
    return order[stage.starts[:-1]]


def relax(
    stage: Stage,
    near: Int64,
    *,
    prices: Float64,
    cut_rounds: int,
    most_solves: int = _MOST_SOLVES,
    enough: Callable[[Priced, float], bool],
    stop: Callable[[], bool],
    seconds: Callable[[], float | None],
) -> Relaxed | None:
    """Solve the linear program over all columns, starting near the given prices.

    Parameters
    ----------
    stage
        The program.
    near
        Columns to start with, sorted.
    prices
        Prices known so far; they give the bound when the solver is stopped early.
    cut_rounds
        How often cuts are looked for.
    most_solves
        How many linear programs at most; the bound is exact wherever it stops.
    enough
        Told the exact bound and the value of the restricted program; True ends the search.
    stop, seconds
        Outside limits.

    Returns
    -------
    Relaxed or None
        None when the restricted program has no solution or the solver gave up.
    """
    best = price_exactly(stage, prices)
    keep = np.zeros(stage.n, dtype=np.bool_)
    keep[near] = True
    rows, cuts, solves, rounds = stage.rows, 0, 0, 0
    mark = best.bound + 1
    last: tuple[Int64, Float64] | None = None
    while True:
        columns = np.flatnonzero(keep)
        part = stage.part(columns)
        outcome = run_linear(linear_of_stage(part), kind="barrier", seconds=seconds())
        if outcome.x is None or outcome.prices is None:
            if last is None:
                return None
            break
        solves += 1
        last = (columns, outcome.x)
        names = np.unique(stage.group[columns])
        groups = part.must.size
        priced = price_exactly(stage, outcome.prices[groups:])
        if best.loss.size != stage.n or priced.scaled_bound * best.scale <= (
            best.scaled_bound * priced.scale
        ):
            best = priced
        distance = priced.scaled_bound / priced.scale - outcome.bound
        done = distance <= _CLOSE * max(1.0, abs(outcome.bound)) or enough(best, outcome.bound)
        if stop() or solves >= most_solves:
            break
        if not done:
            # Columns worth more than their group's dual would improve the program.
            fresh = np.flatnonzero(_improving(stage, columns, priced) & ~keep)
            if fresh.size:
                keep[_calmest(fresh, best.loss, max(_LEAST_FRESH, columns.size // 3))] = True
                continue
            done = True
        if rounds >= cut_rounds or best.bound >= mark:
            break
        rounds, mark = rounds + 1, best.bound
        found = separate_corners(stage, part, names, outcome)
        if found is None:
            found = separate(stage, rows, columns, outcome.x)
        if found is None:
            break
        stage = stage.with_rows(found.uses, found.capacity)
        cuts += int(found.capacity.size)
        best = price_exactly(stage, np.append(best.prices, np.zeros(found.capacity.size)))
    columns, x = last
    return Relaxed(stage, best, columns, x, cuts, solves)


def _calmest(fresh: Int64, loss: Int64, most: int) -> Int64:
    """Return the fresh columns that lose least at the best prices known.

    Duals of a small restricted program are extreme, and most columns that seem to improve it
    never enter the optimum (Wentges 1997, "Weighted Dantzig-Wolfe decomposition").
    """
    if fresh.size <= most:
        return fresh
    return fresh[np.argsort(loss[fresh], kind="stable")[:most]]


def _improving(stage: Stage, columns: Int64, priced: Priced) -> npt.NDArray[np.bool_]:
    """Return the columns that beat the best one their group has in the restricted program."""
    mine = priced.loss[columns]
    least = np.full(stage.must.size, 2**62, dtype=np.int64)
    np.minimum.at(least, stage.group[columns], mine)
    # Optional groups may also stay idle: taking none loses `idle`.
    least = np.where(stage.must, least, np.minimum(least, priced.idle))
    better: npt.NDArray[np.bool_] = priced.loss < least[stage.group]
    return better
