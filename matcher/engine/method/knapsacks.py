"""A packing seen as knapsacks: which rows are filled, and what is left of them in a search.

Hides when a program is of this kind: few wide rows, used in several sizes, no two by one column, so
that each can be filled for itself. Other rows are priced. All groups take exactly one column.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from matcher.engine.method.packing import Packing
from matcher.engine.program import Float64, Int64

_MOST_UNITS = 6_000
_MOST_ROWS = 400
_LEAST_SHARE = 0.8
_WIDE = 2
_MOST_SUM = 2**58
_FINEST = 16


class FilledRows(NamedTuple):
    """Rows of a packing to fill, no two with a column in common."""

    lines: sp.csr_array
    """Use of every row of the packing, int64 CSR [its columns, its rows]."""
    rows: Int64
    """The rows that are filled, sorted."""
    unit: Int64
    """What all uses of each are multiples of, >= 1."""


@dataclass(frozen=True, eq=False)
class Part:
    """What is left of some knapsacks when some columns are out and others are taken."""

    origin: Int64
    """Columns that are left, sorted, at least one of every group without a taken column."""
    held: Int64
    """Columns that are taken."""
    gained: int
    """What they gain."""
    capacity: Int64
    """What they leave of each filled row, int64 [filled rows], >= 0."""
    sides: Int64
    """What they leave of each priced row, int64 [priced rows]."""
    levels: Float64
    """Level of each group that is left, in units of gain."""
    prices: Float64
    """Price of each priced row, in units of gain."""

    def at(self, prices: Float64) -> Part:
        """Return the part at other prices."""
        return replace(self, prices=prices)


@dataclass(frozen=True, eq=False)
class Knapsacks:
    """A packing whose groups all take exactly one column, and the rows of it that are filled.

    Columns are those of the packing, sorted by group.
    """

    gain: Int64
    """Gain of each column, int64 [columns]."""
    group: Int64
    """Group of each column, int64 [columns], every group has one."""
    home: Int64
    """Filled row each column is in, int64 [columns]; -1: none."""
    use: Int64
    """Use of that row, int64 [columns]; 0 where there is none."""
    capacity: Int64
    """Capacity of each filled row, int64 [filled rows], >= 0."""
    priced: sp.csr_array
    """Use of the other rows, int64 CSR [columns, priced rows]."""
    sides: Int64
    """Capacity of the priced rows, int64 [priced rows]."""
    rows: Int64
    """Row of the packing that each priced row is, int64 [priced rows]."""
    scale: int
    """Units of 1 / scale are whole, a power of two."""
    most: tuple[float, float]
    """Largest level, either way, and largest price that the scale has room for, units of gain."""
    apart: bool
    """Whether no group has two columns in the same filled row."""

    @property
    def n(self) -> int:
        """Number of columns."""
        return int(self.gain.size)

    def rounded(self, levels: Float64, prices: Float64) -> tuple[Int64, Int64]:
        """Return whole levels and prices near these, in units of 1 / scale.

        Any levels, and any prices from zero up, give a bound: what the scale has no room for may
        be cut off.
        """
        level, price = self.most
        return (
            np.rint(np.clip(levels, -level, level) * self.scale).astype(np.int64),
            np.rint(np.clip(prices, 0.0, price) * self.scale).astype(np.int64),
        )

    def whole(self, levels: Float64, prices: Float64) -> Part:
        """Return the part in which nothing is decided."""
        none = np.zeros(0, dtype=np.int64)
        return Part(np.arange(self.n), none, 0, self.capacity, self.sides, levels, prices)

    def less(self, part: Part, left: Int64, held: Int64, levels: Float64) -> Part | None:
        """Return a part with other columns held, too, and the columns left; None: no selection.

        No column that is left is in a group that holds one; `levels` are those of its groups.
        """
        capacity, sides = part.capacity.copy(), part.sides
        if held.size:
            inside = held[self.home[held] >= 0]
            np.subtract.at(capacity, self.home[inside], self.use[inside])
            if (capacity < 0).any():
                return None
            if sides.size:
                sides = sides - np.asarray(self.priced[held].sum(axis=0)).reshape(-1)
        taken = np.concatenate((part.held, held))
        gained = part.gained + int(self.gain[held].sum())
        return Part(left, taken, gained, capacity, sides, levels, part.prices)


def knapsacks_of(
    packing: Packing, filled: FilledRows, levels: Float64, prices: Float64
) -> Knapsacks | None:
    """Return the knapsacks of a packing; None where no scale has room for its gains and uses.

    `levels` of the groups and `prices` of the rows are about where they will be: they decide the
    scale.
    """
    lines, rows, unit = filled
    n = packing.n
    place = np.full(packing.rows, -1, dtype=np.int64)
    place[rows] = np.arange(rows.size)
    line = np.repeat(np.arange(n), np.diff(lines.indptr))
    at_home = place[lines.indices] >= 0
    at_home &= lines.data > 0
    home = np.full(n, -1, dtype=np.int64)
    use = np.zeros(n, dtype=np.int64)
    home[line[at_home]] = place[lines.indices[at_home]]
    use[line[at_home]] = lines.data[at_home] // unit[place[lines.indices[at_home]]]
    others = np.flatnonzero(place < 0)
    priced = sp.csr_array(lines[:, others])
    capacity = np.minimum(packing.capacity[rows] // unit, _usable(home, use, rows.size))
    widest = max(int(use.max(initial=0)), int(capacity.max(initial=0)))
    worth = float(np.abs(packing.gain).max(initial=0))
    most = (
        2.0 * (float(np.abs(levels).max(initial=0.0)) + worth),
        max(2.0 * float(prices[others].max(initial=0.0)) + 1.0, worth),
    )
    scale = _scale(worth, most, priced, max(n, widest))
    if scale is None:
        return None
    pairs = (packing.group * (rows.size + 1) + home)[home >= 0]
    return Knapsacks(
        gain=packing.gain,
        group=packing.group,
        home=home,
        use=use,
        capacity=capacity,
        priced=priced,
        sides=packing.capacity[others],
        rows=others,
        scale=scale,
        most=most,
        apart=np.unique(pairs).size == pairs.size,
    )


def _usable(home: Int64, use: Int64, rows: int) -> Int64:
    """Return what all columns of each filled row use together."""
    total = np.zeros(rows, dtype=np.int64)
    inside = home >= 0
    np.add.at(total, home[inside], use[inside])
    return total


def rows_worth_filling(packing: Packing) -> FilledRows | None:
    """Return the rows where filling is the better way: all groups must be served, from few of them.

    Where groups may stay without, prices leave little for it to improve. Where a row of the program
    of several sizes lies across the filled ones (a budget), it would only be priced: no.
    """
    if not packing.must.all():
        return None
    filled = rows_to_fill(packing)
    if filled is None or packing.must.size < _WIDE * filled.rows.size:
        return None
    across = np.flatnonzero(packing.row >= 0)
    uses = filled.lines[:, np.setdiff1d(across, filled.rows)].tocsc()
    used = np.flatnonzero(np.diff(uses.indptr))
    starts = uses.indptr[used]
    sizes = np.maximum.reduceat(uses.data, starts) != np.minimum.reduceat(uses.data, starts)
    return None if used.size and sizes.any() else filled


def rows_to_fill(packing: Packing) -> FilledRows | None:
    """Return the rows that can be filled; None: too few, or too many.

    Worth filling is what is used in several sizes: a row of equal uses is whole by itself.
    """
    lines = packing.lines(np.arange(packing.n))
    by_row = lines.tocsc()
    rows, units = [], []
    used = np.zeros(packing.n, dtype=np.bool_)
    order = np.argsort(-np.diff(by_row.indptr), kind="stable")
    for row in order.tolist():
        span = slice(by_row.indptr[row], by_row.indptr[row + 1])
        columns, uses = by_row.indices[span], by_row.data[span]
        if packing.row[row] < 0 or not uses.size or used[columns].any():
            continue
        if uses.min() < 0 or packing.capacity[row] < 0:
            continue
        unit = int(np.gcd.reduce(uses))
        if not unit or uses.min() == uses.max() or packing.capacity[row] // unit > _MOST_UNITS:
            continue
        used[columns[uses > 0]] = True
        rows.append(row)
        units.append(unit)
        if len(rows) > _MOST_ROWS:
            return None
    if not rows or used.sum() < _LEAST_SHARE * packing.n:
        return None
    kept = np.argsort(rows)
    return FilledRows(
        lines, np.array(rows, dtype=np.int64)[kept], np.array(units, dtype=np.int64)[kept]
    )


def _scale(worth: float, most: tuple[float, float], priced: sp.csr_array, terms: int) -> int | None:
    """Return the finest scale at which no sum of worths can leave 64-bit integers.

    `worth` is the largest gain, `most` the largest level and price, and `terms` how many worths are
    added, or what they are multiplied by, at most: the columns, or what a row holds.
    """
    per_column = int(np.diff(priced.indptr).max(initial=0))
    most_use = float(np.abs(priced.data).max(initial=0))
    level, price = most
    size = worth + level + per_column * most_use * price
    for bits in range(_FINEST, -1, -1):
        if size * (terms + 1) * 4.0 * 2.0**bits < _MOST_SUM:
            return 1 << bits
    return None
