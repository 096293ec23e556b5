"""Rows as knapsacks: a bound that knows that uses are whole.

Hides the dynamic programs. Where few rows are wide and used in many sizes (generalised assignment,
cases of several persons), a linear program fills the last unit of a row with part of a column, and
its bound is far. Here the *groups* are given a level u[i] to pay instead, some rows a price y[r],
and every other row is filled as well as whole columns can fill it (Lagrangean relaxation of the
groups; Geoffrion 1974; for generalised assignment: Posta, Ferland and Michelon 2012, "An exact
method with variable fixing for solving the generalized assignment problem")::

    bound(u, y) = sum over i of u[i] + sum over priced r of y[r] b[r]
                  + sum over filled r of  z[r] = max { w.x : a[r].x <= b[r], x in {0, 1} }
                  + sum over columns o in no filled row of max(0, w[o])
    w[o]        = g[o] - u[i(o)] - sum over priced r of a[r,o] y[r]

Every group takes exactly one column here (`knapsacks`).

**The core of a row.** At any whole price p >= 0 of a filled row, with d[o] = w[o] - p a[r,o]::

    z[r] <= top[r] = p b[r] + sum over o of max(0, d[o])

and a filling that lacks a column of d > 0, or has one of d < 0, is worth at most top[r] - abs(d).
A filling that is known, worth low[r], therefore decides every column of abs(d) > top[r] - low[r];
tables are needed for the few others, its core (Balas and Zemel 1980; Pisinger 1997). To know every
filling within a room of the best, the core is the columns of abs(d) <= top - low + room.

**What a column costs.** From tables of what comes before and after each column follow t[o], what
z[r] falls by if o is taken, and l[o], if it is not. A group takes one column and no other, in
other rows, so with o the bound is at most::

    bound - cost[o],    cost[o] = t[o] + sum over the other columns q of its group of l[q]

All numbers are whole, in units of 1 / scale, so a bound is never too low by rounding. Many parts of
a search are looked at together: rows of all of them are lines of the same tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.engine.method.knapsacks import Knapsacks, Part
from matcher.engine.program import Bool, Int64

_ROOM = 2**58
_WINDOW = 10
"""Columns on each side of where a row is full that its first table has."""


@dataclass(frozen=True, eq=False)
class Filled:
    """The bounds of some parts at some levels and prices, and the columns that reach them."""

    bound: Int64
    """No selection of a part has more gain, int64 [parts], in units of 1 / scale."""
    taken: Bool
    """Columns that fill the rows best, bool [columns]; groups may have several or none of them."""


class Parts:
    """Some parts of some knapsacks, looked at together: theirs are the numbers of columns here."""

    def __init__(self, whole: Knapsacks, parts: list[Part]) -> None:
        self.whole, self.parts = whole, parts
        m = whole.capacity.size
        self.origin = np.concatenate([part.origin for part in parts])
        sizes = np.array([part.origin.size for part in parts])
        self.part = np.repeat(np.arange(len(parts)), sizes)
        """Part of each column."""
        self.starts = np.cumsum(sizes) - sizes
        """First column of each part."""
        group = whole.group[self.origin]
        fresh = np.ones(group.size, dtype=np.bool_)
        fresh[1:] = (np.diff(group) != 0) | (np.diff(self.part) != 0)
        self.group = np.cumsum(fresh) - 1
        """Group of each column, numbered through all parts."""
        self.first = np.flatnonzero(fresh)
        """First column of each group."""
        self.part_of_group = self.part[self.first]
        self.group_starts = np.searchsorted(self.part_of_group, np.arange(len(parts)))
        """First group of each part."""
        self.gain = whole.gain[self.origin] * whole.scale
        home = whole.home[self.origin]
        self.home = np.where(home >= 0, home + m * self.part, -1)
        self.use = whole.use[self.origin]
        self.capacity = np.concatenate([part.capacity for part in parts])
        inside = np.flatnonzero((home >= 0) & (self.use <= self.capacity[self.home]))
        # Columns that fit into their row, row by row.
        self._inside = inside[np.argsort(self.home[inside], kind="stable")]
        rows = np.arange(self.capacity.size + 1)
        self._starts = np.searchsorted(self.home[self._inside], rows)
        self.free = np.flatnonzero(home < 0)
        self.sides = np.stack([part.sides for part in parts])
        self.levels = np.concatenate([part.levels for part in parts])
        self.prices = np.stack([part.prices for part in parts])
        self.priced = whole.priced[self.origin] if whole.rows.size else None

    def used(self, taken: Bool) -> Int64:
        """Return what columns use of the priced rows of their parts, int64 [parts, priced rows]."""
        total = np.zeros(self.sides.shape, dtype=np.int64)
        if self.priced is not None:
            at = np.flatnonzero(taken)
            lines = self.priced[at]
            of = np.repeat(self.part[at], np.diff(lines.indptr))
            np.add.at(total, (of, lines.indices), lines.data)
        return total

    def fill(
        self, levels: Int64, prices: Int64, going: Bool | None = None, before: Filled | None = None
    ) -> Filled:
        """Return the bounds at levels [groups] and prices [parts, priced rows], >= 0.

        Both are whole, in units of 1 / scale. Only the parts that are `going` are looked at, the
        others are as they were before, at the same levels and prices; None: all are.
        """
        # What is compiled is loaded only where rows are filled.
        from matcher.engine.method.filling import fill_rows

        worth = self._worth(levels, prices)
        bound = np.add.reduceat(levels, self.group_starts) + (prices * self.sides).sum(axis=1)
        taken = np.zeros(worth.size, dtype=np.bool_) if before is None else before.taken.copy()
        taken[self.free] = worth[self.free] > 0
        free = self.free[taken[self.free]]
        np.add.at(bound, self.part[free], worth[free])
        rows = np.arange(self.capacity.size).reshape(len(self.parts), -1)
        rows = rows if going is None else rows[going]
        most = fill_rows(
            self._starts, self._inside, self.use, worth, self.capacity, taken, _WINDOW, rows.ravel()
        ).reshape(rows.shape).sum(axis=1)  # fmt: skip
        if going is None or before is None:
            return Filled(bound + most, taken)
        bound[going] += most
        return Filled(np.where(going, bound, before.bound), taken)

    def cost(self, levels: Int64, prices: Int64, room: Int64) -> Int64:
        """Return what the bound falls by at least when a column is taken, int64 [columns].

        Exact where that is no more than the room of its part, >= 0, in units of 1 / scale.
        """
        from matcher.engine.method.filling import weigh_rows

        worth = self._worth(levels, prices)
        taking = np.full(worth.size, _ROOM, dtype=np.int64)
        leaving = np.zeros(worth.size, dtype=np.int64)
        of_row = np.repeat(room, self.whole.capacity.size)
        weigh_rows(
            self._starts, self._inside, self.use, worth, self.capacity, of_row, taking, leaving,
            _WINDOW,
        )  # fmt: skip
        taking[self.free] = np.maximum(0, -worth[self.free])
        leaving[self.free] = np.maximum(0, worth[self.free])
        if self.whole.apart:
            others: Int64 = np.add.reduceat(leaving, self.first)[self.group] - leaving
            return taking + others
        most = np.maximum.reduceat(leaving, self.first)[self.group]
        cost: Int64 = np.where(leaving < most, np.maximum(taking, most), taking)
        return cost

    def _worth(self, levels: Int64, prices: Int64) -> Int64:
        worth: Int64 = self.gain - levels[self.group]
        if self.priced is not None:
            line = np.repeat(np.arange(self.gain.size), np.diff(self.priced.indptr))
            paid = self.priced.data * prices[self.part[line], self.priced.indices]
            np.subtract.at(worth, line, paid)
        return worth
