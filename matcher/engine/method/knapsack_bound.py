"""Rows as knapsacks: a bound that knows that uses are whole.

Hides the dynamic programs. Where few rows are wide and used in many sizes (generalised assignment,
cases of several persons), a linear program fills the last unit of a row with part of a column, and
its bound is far. Here the *groups* are given a level u[i] to pay instead, some rows a price y[r],
and every other row is filled as well as whole columns can fill it (Lagrangean relaxation of the
groups; Geoffrion 1974; for generalised assignment: Posta, Ferland and Michelon 2012, "An exact
method with variable fixing for solving the generalized assignment problem")::

    bound(u, y) = sum over i of u[i] + sum over priced r of y[r] b[r]
                  + sum over filled r of  max { w.x : a[r].x <= b[r], x in {0, 1} }
                  + sum over columns o in no filled row of max(0, w[o])
    w[o]        = g[o] - u[i(o)] - sum over priced r of a[r,o] y[r]

Every group takes exactly one column here; taking none is a column of its own that gains nothing.
For each column two exact numbers follow: what the bound falls by if it is taken, and if it is not.
Rows are filled together: a table has a line for each row, and one step looks at the next column of
all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from matcher.engine.method.packing import Packing
from matcher.engine.program import Bool, Float64, Int64

__all__ = ["Filled", "Knapsacks", "Sensitivity", "knapsacks_of", "suits_knapsacks"]

_MOST_UNITS = 6_000
_MOST_ROWS = 400
_LEAST_SHARE = 0.8
_WIDE = 2
_CELLS = 4_000_000
_ROOM = 2**59
_FINEST = 20
_NEVER = -(2**60)


@dataclass(frozen=True, eq=False)
class Filled:
    """The bound at some levels and prices, and the columns that reach it."""

    bound: int
    """No selection has more gain, in units of 1 / scale."""
    taken: Int64
    """Columns that fill the rows best, sorted; groups may have several or none of them."""
    worth: Int64
    """Gain less levels and prices, int64 [columns], in units of 1 / scale."""


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What the bound falls by when one column is decided, in units of 1 / scale, >= 0."""

    taking: Int64
    """When the column is taken, int64 [columns]."""
    leaving: Int64
    """When it is not, int64 [columns]."""


@dataclass(frozen=True, eq=False)
class Knapsacks:
    """A packing whose groups all take exactly one column, and the rows of it that are filled.

    Columns are those of the packing, followed by one without gain or use for every group that may
    stay without.
    """

    gain: Int64
    """Gain of each column, int64 [columns]."""
    group: Int64
    """Group of each column, int64 [columns]."""
    n_groups: int
    """Number of groups."""
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

    @property
    def n(self) -> int:
        """Number of columns."""
        return int(self.gain.size)

    def without(self, alive: Bool, held: Int64) -> Knapsacks:
        """Return what is left when some columns are out and others are taken.

        No column that is `alive` is in a group that holds one.
        """
        left = np.flatnonzero(alive)
        kept = np.setdiff1d(np.arange(self.n_groups), self.group[held])
        capacity, sides = self.capacity.copy(), self.sides.copy()
        inside = held[self.home[held] >= 0]
        np.subtract.at(capacity, self.home[inside], self.use[inside])
        if sides.size:
            sides -= np.asarray(self.priced[held].sum(axis=0)).reshape(-1).astype(np.int64)
        most = np.zeros(capacity.size, dtype=np.int64)
        home = self.home[left]
        np.add.at(most, home[home >= 0], self.use[left][home >= 0])
        return replace(
            self,
            gain=self.gain[left],
            group=np.searchsorted(kept, self.group[left]),
            n_groups=int(kept.size),
            home=home,
            use=self.use[left],
            capacity=np.minimum(capacity, most),
            priced=self.priced[left],
            sides=sides,
        )

    def fill(self, levels: Int64, prices: Int64, alive: Bool) -> Filled:
        """Return the bound at levels [groups] and prices [priced rows], in units of 1 / scale.

        Levels and prices are whole, prices >= 0; only columns that are `alive` may be taken.
        """
        worth = self._worth(levels, prices)
        bound = int(levels.sum()) + sum(
            int(p) * int(b) for p, b in zip(prices.tolist(), self.sides.tolist(), strict=True) if p
        )
        free = np.flatnonzero((self.home < 0) & alive & (worth > 0))
        bound += int(worth[free].sum())
        taken = [free]
        for block in self._blocks(worth, alive):
            best, columns = block.filled()
            bound += best
            taken.append(columns)
        return Filled(bound, np.sort(np.concatenate(taken)), worth)

    def sensitivity(self, levels: Int64, prices: Int64, alive: Bool) -> Sensitivity:
        """Return what deciding each column costs the bound; as for :meth:`fill`."""
        worth = self._worth(levels, prices)
        taking = np.maximum(0, -worth)
        leaving = np.maximum(0, worth)
        for block in self._blocks(worth, alive):
            block.decide(taking, leaving, self)
        leaving[~alive] = 0
        return Sensitivity(taking, leaving)

    def _worth(self, levels: Int64, prices: Int64) -> Int64:
        worth: Int64 = self.gain * self.scale - levels[self.group]
        if prices.size:
            worth = worth - self.priced @ prices
        return worth

    def cells(self, worth: Int64) -> int:
        """Return how many cells the tables have at some worth: what one bound costs."""
        alive = np.ones(self.n, dtype=np.bool_)
        return sum(block.cells for block in self._blocks(worth, alive))

    def _blocks(self, worth: Int64, alive: Bool) -> Iterator[_Block]:
        """Return the filled rows in pieces whose tables are small."""
        m = self.capacity.size
        wanted = np.flatnonzero(
            alive & (worth > 0) & (self.home >= 0)
            & (self.use <= self.capacity[np.maximum(self.home, 0)])
        )  # fmt: skip
        wanted = wanted[np.argsort(self.home[wanted], kind="stable")]
        ends = np.searchsorted(self.home[wanted], np.arange(m + 1))
        counts = np.diff(ends)
        first = 0
        while first < m:
            last = first + 1
            width = int(self.capacity[first]) + 1
            deep = int(counts[first])
            while last < m:
                wider = max(width, int(self.capacity[last]) + 1)
                deeper = max(deep, int(counts[last]))
                if wider * (deeper + 1) * (last + 1 - first) > _CELLS:
                    break
                width, deep, last = wider, deeper, last + 1
            columns = wanted[ends[first] : ends[last]]
            yield _Block(self, first, last, columns, worth)
            first = last


class _Block:
    """Some filled rows, with the columns that are worth something in them."""

    def __init__(
        self, whole: Knapsacks, first: int, last: int, columns: Int64, worth: Int64
    ) -> None:
        self.first, self.last = first, last
        self.capacity = whole.capacity[first:last]
        lines = last - first
        row = whole.home[columns] - first
        count = np.bincount(row, minlength=lines)
        place = np.arange(columns.size) - np.repeat(np.cumsum(count) - count, count)
        self.deep = int(count.max(initial=0))
        shape = (self.deep, lines)
        self.column = np.full(shape, -1, dtype=np.int64)
        self.worth = np.full(shape, _NEVER, dtype=np.int64)
        self.use = np.zeros(shape, dtype=np.int64)
        self.column[place, row] = columns
        self.worth[place, row] = worth[columns]
        self.use[place, row] = whole.use[columns]
        self.width = int(self.capacity.max(initial=0)) + 1
        self.pad = int(self.use.max(initial=0))
        self.cells = self.deep * lines * self.width
        # A table has room on its left where nothing can ever be: no step asks whether it fits.
        span = self.pad + self.width
        self.at = (np.arange(lines) * span + self.pad)[:, None] + np.arange(self.width)
        self.lines = np.arange(lines)

    def _table(self) -> tuple[Int64, Int64]:
        table = np.full((self.lines.size, self.pad + self.width), _NEVER, dtype=np.int64)
        table[:, self.pad :] = 0
        return table, table[:, self.pad :]

    def _step(self, table: Int64, k: int) -> Int64:
        """Return what capacity c is worth with column k, before it is compared."""
        found: Int64 = table.ravel().take(self.at - self.use[k][:, None])
        found += self.worth[k][:, None]
        return found

    def filled(self) -> tuple[int, Int64]:
        """Return the best total worth of the rows and the columns that reach it."""
        table, open_ = self._table()
        took = np.zeros((self.deep, self.lines.size, self.width), dtype=np.bool_)
        for k in range(self.deep):
            with_it = self._step(table, k)
            np.greater(with_it, open_, out=took[k])
            np.maximum(open_, with_it, out=open_)
        left = self.capacity.copy()
        total = int(open_[self.lines, left].sum())
        taken = np.zeros((self.deep, self.lines.size), dtype=np.bool_)
        for k in range(self.deep - 1, -1, -1):
            taken[k] = took[k, self.lines, left]
            left -= self.use[k] * taken[k]
        return total, self.column[taken]

    def decide(self, taking: Int64, leaving: Int64, whole: Knapsacks) -> None:
        """Write what the rows lose by taking each column of theirs, and by not taking it."""
        tables = np.empty((self.deep + 1, self.lines.size, self.width), dtype=np.int64)
        table, open_ = self._table()
        tables[0] = open_
        for k in range(self.deep):
            np.maximum(open_, self._step(table, k), out=open_)
            tables[k + 1] = open_
        best = open_[self.lines, self.capacity]
        # Columns that are worth nothing fill the rows beside the best of the others.
        mine = np.flatnonzero((whole.home >= self.first) & (whole.home < self.last))
        row = whole.home[mine] - self.first
        rest = self.capacity[row] - whole.use[mine]
        fits = rest >= 0
        beside = open_[row[fits], rest[fits]]
        taking[mine[fits]] += best[row[fits]] - beside
        taking[mine[~fits]] = _ROOM
        table, open_ = self._table()
        mirrored = self.capacity[:, None] - np.arange(self.width)
        base = (self.lines * (self.pad + self.width) + self.pad)[:, None]
        for k in range(self.deep - 1, -1, -1):
            there = np.flatnonzero(self.column[k] >= 0)
            before, column, use = tables[k][there], self.column[k, there], self.use[k, there]
            flat, turned = table.ravel(), mirrored[there]
            # The best with column k: what comes before it, what comes after it, and its own use.
            with_it = _paired(before, flat, turned - use[:, None], base[there])
            without = _paired(before, flat, turned, base[there])
            taking[column] = np.maximum(0, best[there] - with_it - self.worth[k, there])
            leaving[column] = np.maximum(0, best[there] - without)
            np.maximum(open_, self._step(table, k), out=open_)


def _paired(before: Int64, after: Int64, left: Int64, base: Int64) -> Int64:
    """Return the best sum of two tables of rows whose capacities add up to what is left."""
    total = before + after.take(base + np.maximum(left, 0))
    total[left < 0] = _NEVER
    best: Int64 = total.max(axis=1)
    return best


def knapsacks_of(packing: Packing, levels: Float64, prices: Float64) -> Knapsacks | None:
    """Return the knapsacks of a packing; None where rows are no knapsacks, or far too wide.

    `levels` of the groups and `prices` of the rows are about where they will be: they decide the
    scale.
    """
    lines = packing.lines(np.arange(packing.n))
    filled = _filled_rows(packing, lines)
    if filled is None:
        return None
    rows, unit = filled
    optional = np.flatnonzero(~packing.must)
    n = packing.n
    place = np.full(packing.rows, -1, dtype=np.int64)
    place[rows] = np.arange(rows.size)
    line = np.repeat(np.arange(n), np.diff(lines.indptr))
    at_home = place[lines.indices] >= 0
    home = np.full(n + optional.size, -1, dtype=np.int64)
    use = np.zeros(n + optional.size, dtype=np.int64)
    home[line[at_home]] = place[lines.indices[at_home]]
    use[line[at_home]] = lines.data[at_home] // unit[place[lines.indices[at_home]]]
    others = np.flatnonzero(place < 0)
    below = sp.csr_array((optional.size, others.size), dtype=np.int64)
    priced = sp.csr_array(sp.vstack((lines[:, others], below), format="csr"))
    gain = np.append(packing.gain, np.zeros(optional.size, dtype=np.int64))
    scale = _scale(gain, levels, prices[others], priced, packing.must.size)
    if scale is None:
        return None
    return Knapsacks(
        gain=gain,
        group=np.append(packing.group, optional),
        n_groups=int(packing.must.size),
        home=home,
        use=use,
        capacity=np.minimum(packing.capacity[rows] // unit, _usable(home, use, rows.size)),
        priced=priced,
        sides=packing.capacity[others],
        rows=others,
        scale=scale,
    )


def _usable(home: Int64, use: Int64, rows: int) -> Int64:
    """Return what all columns of each filled row use together."""
    total = np.zeros(rows, dtype=np.int64)
    inside = home >= 0
    np.add.at(total, home[inside], use[inside])
    return total


def suits_knapsacks(packing: Packing) -> bool:
    """Whether filling rows is the better way: all groups must be served, from few wide rows.

    Where groups may stay without, prices leave little for it to improve.
    """
    if not packing.must.all():
        return False
    filled = _filled_rows(packing, packing.lines(np.arange(packing.n)))
    return filled is not None and packing.must.size >= _WIDE * filled[0].size


def _filled_rows(packing: Packing, lines: sp.csr_array) -> tuple[Int64, Int64] | None:
    """Return rows to fill, no two with a column in common, and the unit of each; None: too few.

    Worth filling is what is used in several sizes: a row of equal uses is whole by itself.
    """
    by_row = lines.tocsc()
    rows, units = [], []
    used = np.zeros(packing.n, dtype=np.bool_)
    order = np.argsort(-np.diff(by_row.indptr), kind="stable")
    for row in order.tolist():
        span = slice(by_row.indptr[row], by_row.indptr[row + 1])
        columns, uses = by_row.indices[span], by_row.data[span]
        if not uses.size or uses.min() < 0 or packing.capacity[row] < 0 or used[columns].any():
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
    return np.array(rows, dtype=np.int64)[kept], np.array(units, dtype=np.int64)[kept]


def _scale(
    gain: Int64, levels: Float64, prices: Float64, priced: sp.csr_array, groups: int
) -> int | None:
    """Return the finest scale at which no sum of worths can leave 64-bit integers."""
    per_column = int(np.diff(priced.indptr).max(initial=0))
    most_use = float(np.abs(priced.data).max(initial=0))
    size = float(np.abs(gain).max(initial=0)) + float(np.abs(levels).max(initial=0)) * 2
    size += per_column * most_use * (float(prices.max(initial=0.0)) * 2 + 1.0)
    for bits in range(_FINEST, -1, -1):
        if size * (groups + 1) * 4.0 * 2.0**bits < _ROOM:
            return 1 << bits
    return None
