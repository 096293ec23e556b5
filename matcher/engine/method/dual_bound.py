"""The bound of every proof: weak duality in integers.

For any prices l >= 0 of the rows (Geoffrion 1974, "Lagrangean relaxation for integer
programming")::

    bound(l) = l.b + sum over i of max(0, max over o in i of (g[o] - sum over r of a[r,o] l[r]))

bounds the gain of every selection; the 0 is left out for groups that must be served. The *loss* of
column o is what its group gives up at those prices by taking o: bound(l) - loss[o] bounds every
selection holding o. Both are evaluated in whole numbers, so no rounding can make them wrong.
"""

from dataclasses import dataclass

import numpy as np

from matcher.engine.errors import ArithmeticRangeError
from matcher.engine.method.packing import Packing
from matcher.engine.program import Float64, Int64

_ROOM = 2**61
_FINEST = 24


@dataclass(frozen=True, eq=False)
class DualBound:
    """A bound that holds exactly, and what each column loses against it."""

    bound: int
    """No selection has more gain than this."""
    scaled_bound: int
    """The same before rounding down, in units of 1 / scale."""
    scale: int
    """Fixed-point scale, a power of two."""
    loss: Int64
    """What its group gives up by taking a column, int64 [n], in units of 1 / scale, >= 0."""
    idle: Int64
    """What each group gives up by taking none, int64 [groups], in units of 1 / scale."""
    prices: Float64
    """The prices rounded to the fixed-point grid, float64 [rows]."""

    def within(self, value: int) -> Int64:
        """Return the columns that may be in a selection of at least this value."""
        room = self.scaled_bound - value * self.scale
        if room < 0:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(self.loss <= min(room, 2**62)).astype(np.int64)


def dual_bound(packing: Packing, prices: Float64, *, finest: int = _FINEST) -> DualBound:
    """Evaluate bound(l) in integers, so that no rounding can make it invalid.

    Prices are rounded to a grid of 1 / 2^k. The rounded prices are prices like any others, hence
    the bound is valid as it stands; k is the largest for which no sum can leave int64.

    Raises
    ------
    ArithmeticRangeError
        When not even whole prices leave enough room.
    """
    price = np.maximum(np.nan_to_num(prices, posinf=0.0, neginf=0.0), 0.0)
    per_column, most_use = 0, 0
    for uses in (packing.uses, packing.added):
        if uses is not None:
            per_column += int(np.diff(uses.indptr).max(initial=0))
            most_use = max(most_use, int(uses.data.max(initial=0)), -int(uses.data.min(initial=0)))
    most_gain = max(int(packing.gain.max(initial=0)), -int(packing.gain.min(initial=0)))
    most_price = float(price.max(initial=0.0))
    size = most_gain + max(1, per_column * most_use) * (most_price + 1.0)
    groups = max(1, packing.must.size)
    bits = finest
    while bits >= 0 and size * groups * 2.0**bits >= _ROOM:
        bits -= 1
    if bits < 0:
        message = f"gains or priced uses reach about {size:.3g}: too large for an exact bound."
        raise ArithmeticRangeError(message)
    scale = 1 << bits
    fixed = np.rint(price * scale).astype(np.int64)
    worth = packing.gain * scale - packing.priced_uses(fixed)
    best = np.maximum.reduceat(worth, packing.starts[:-1]) if packing.n else np.zeros(0, np.int64)
    best = np.where(packing.must, best, np.maximum(best, 0))
    # Python integers here: capacities may be near 2^62 without being used up.
    rent = sum(int(p) * int(b) for p, b in zip(fixed, packing.capacity, strict=True) if p)
    total = rent + int(best.sum())
    return DualBound(
        bound=total // scale,
        scaled_bound=total,
        scale=scale,
        loss=best[packing.group] - worth,
        idle=best,
        prices=fixed / scale,
    )


def nearest(packing: Packing, priced: DualBound, most: int) -> Int64:
    """Return about `most` columns of least loss, with one of every group that must be served."""
    if packing.n <= most:
        return np.arange(packing.n)
    edge = np.partition(priced.loss, most)[most]
    near = priced.loss <= edge
    # Ties at the edge can be many (all values equal): the first ones do.
    if int(near.sum()) > 2 * most:
        near = priced.loss < edge
        near[np.flatnonzero(priced.loss == edge)[: most - int(near.sum())]] = True
    if packing.must.any():
        best = _best_of_groups(packing, priced.loss)
        near[best[packing.must]] = True
    return np.flatnonzero(near)


def _best_of_groups(packing: Packing, loss: Int64) -> Int64:
    least = np.minimum.reduceat(loss, packing.starts[:-1])
    best = np.flatnonzero(loss == np.repeat(least, np.diff(packing.starts)))
    first: Int64 = best[np.searchsorted(packing.group[best], np.arange(packing.must.size))]
    return first
