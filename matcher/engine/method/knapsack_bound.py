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

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from matcher.engine.method.knapsacks import Knapsacks, Part
from matcher.engine.program import Bool, Int64

_CELLS = 4_000_000
_ROOM = 2**58
_NEVER = -(2**59)
_SMALL = 2**28
_COARSE = 10
"""A row is filled to within 2 ** -_COARSE of a gain of one; what is told bounds it all the same."""
_WINDOW = 10
"""Columns on each side of where a row is full that its first tables have."""
_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Filled:
    """The bounds of some parts at some levels and prices, and the columns that reach them."""

    bound: Int64
    """No selection of a part has more gain, int64 [parts], in units of 1 / scale."""
    taken: Int64
    """Columns that fill the rows best, sorted; groups may have several or none of them."""


class _Ranking(NamedTuple):
    """What is worth something in each row, by worth for its use, best first."""

    column: Int64
    """The columns, row by row."""
    row: Int64
    """Row of each of them."""
    away: Int64
    """d of each of them."""
    last: Int64
    """Place of the first of each row that does not fit beside those before it."""
    price: Int64
    """Price of each row: worth for its use of that column, 0 where all fit."""
    top: Int64
    """No filling of a row is worth more."""


class _Core(NamedTuple):
    """Columns of filled rows that are not decided by a price of the row."""

    column: Int64
    """Undecided columns worth something, those of a row together."""
    certain: Int64
    """Columns of every filling that counts."""
    worth: Int64
    """What the certain columns of each row are worth."""
    left: Int64
    """Capacity they leave of each row."""


class Parts:
    """Some parts of some knapsacks, looked at together: theirs are the numbers of columns here."""

    def __init__(self, whole: Knapsacks, parts: list[Part]) -> None:
        self.whole, self.parts = whole, parts
        self.cells = 0
        """Cells of the tables that were filled last."""
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
        self.inside = np.flatnonzero((home >= 0) & (self.use <= self.capacity[self.home]))
        self.free = np.flatnonzero(home < 0)
        self.sides = np.stack([part.sides for part in parts])
        self.levels = np.concatenate([part.levels for part in parts])
        self.prices = np.stack([part.prices for part in parts])
        self.priced = whole.priced[self.origin] if whole.rows.size else None

    def used(self, taken: Int64) -> Int64:
        """Return what columns use of the priced rows of their parts, int64 [parts, priced rows]."""
        total = np.zeros(self.sides.shape, dtype=np.int64)
        if self.priced is not None:
            lines = self.priced[taken]
            of = np.repeat(self.part[taken], np.diff(lines.indptr))
            np.add.at(total, (of, lines.indices), lines.data)
        return total

    def fill(self, levels: Int64, prices: Int64) -> Filled:
        """Return the bounds at levels [groups] and prices [parts, priced rows], >= 0.

        Both are whole, in units of 1 / scale.
        """
        worth = self._worth(levels, prices)
        bound = np.add.reduceat(levels, self.group_starts) + (prices * self.sides).sum(axis=1)
        free = self.free[worth[self.free] > 0]
        np.add.at(bound, self.part[free], worth[free])
        upper, columns = self._filled(self._ranking(worth), worth)
        bound += upper.reshape(len(self.parts), -1).sum(axis=1)
        return Filled(bound, np.sort(np.concatenate((free, columns))))

    def _filled(self, ranked: _Ranking, worth: Int64) -> tuple[Int64, Int64]:
        """Return what each row holds at most, and the columns that reach it or nearly.

        First over the columns ranked around where the row is full. A filling that differs from
        theirs elsewhere is worth at most top - beyond; where that is notably more than theirs, over
        all columns that may count.
        """
        near = np.abs(np.arange(ranked.column.size) - ranked.last[ranked.row] + 0.5) < _WINDOW
        away = np.abs(ranked.away)
        beyond = np.full(self.capacity.size, _ROOM, dtype=np.int64)
        np.minimum.at(beyond, ranked.row[~near], away[~near])
        best, columns = self._best(self._core(ranked, near, worth), worth)
        upper = np.maximum(best, ranked.top - beyond)
        known = upper - best <= self.whole.scale >> _COARSE
        if not known.all():
            core = self._core(ranked, away <= (ranked.top - best)[ranked.row], worth)
            other = ~known[self.home[core.column]], ~known[self.home[core.certain]]
            core = core._replace(column=core.column[other[0]], certain=core.certain[other[1]])
            more, others = self._best(core, worth)
            upper = np.where(known, upper, more)
            columns = np.concatenate((columns[known[self.home[columns]]], others))
        return upper, columns

    def _best(self, core: _Core, worth: Int64) -> tuple[Int64, Int64]:
        """Return what the columns of cores and the certain ones are worth, and which are taken."""
        best, taken = core.worth.copy(), [core.certain]
        for tables in self._tables(core, worth):
            value, columns = tables.filled()
            best[tables.rows] += value
            taken.append(columns)
        return best, np.concatenate(taken)

    def cost(self, levels: Int64, prices: Int64, room: Int64) -> Int64:
        """Return what the bound falls by at least when a column is taken, int64 [columns].

        Exact where that is no more than the room of its part, >= 0, in units of 1 / scale.
        """
        worth = self._worth(levels, prices)
        m = self.whole.capacity.size
        ranked = self._ranking(worth)
        upper, _ = self._filled(ranked, worth)
        of_row = np.repeat(room, m)
        short = ranked.top - upper
        reach = short + of_row + (self.whole.scale >> _COARSE)
        core = self._core(ranked, np.abs(ranked.away) <= reach[ranked.row], worth)
        inside = self.inside
        row, use = self.home[inside], self.use[inside]
        away = worth[inside] - ranked.price[row] * use
        # Columns worth nothing are beside the best of the others, where that can be good enough.
        beside = inside[(worth[inside] <= 0) & (-away <= reach[row])]
        whole_row = np.zeros(self.capacity.size, dtype=np.bool_)
        taking = np.full(self.gain.size, _ROOM, dtype=np.int64)
        leaving = np.zeros(self.gain.size, dtype=np.int64)
        exact: list[tuple[Int64, Int64, Int64]] = []
        for tables in self._tables(core, worth):
            value, took, left = tables.decided()
            whole_row[tables.rows] = True
            exact.append((tables.columns, took, left))
            place = np.full(self.capacity.size, -1, dtype=np.int64)
            place[tables.rows] = np.arange(tables.rows.size)
            mine = beside[place[self.home[beside]] >= 0]
            line = place[self.home[mine]]
            exact.append((mine, value[line] - worth[mine] - tables.at(line, self.use[mine]), _NONE))
        taking[inside] = np.maximum(0, -away - short[row])
        blocked = (away <= reach[row]) & (use > core.left[row])
        taking[inside[blocked]] = np.maximum(taking[inside[blocked]], of_row[row[blocked]] + 1)
        leaving[inside] = np.maximum(0, away - short[row])
        alone = beside[~whole_row[self.home[beside]]]
        fits = self.use[alone] <= core.left[self.home[alone]]
        exact.append((alone[fits], -worth[alone[fits]], _NONE))
        for columns, took, left in exact:
            most = of_row[self.home[columns]]
            taking[columns] = np.where(
                took <= most, np.maximum(took, 0), np.maximum(taking[columns], most + 1)
            )
            if left.size:
                leaving[columns] = np.where(
                    left <= most, np.maximum(left, 0), np.maximum(leaving[columns], most + 1)
                )
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

    def _ranking(self, worth: Int64) -> _Ranking:
        """Rank what is worth something in each row by worth for its use; price the row by it."""
        m = self.capacity.size
        wanted = self.inside[worth[self.inside] > 0]
        order = np.lexsort((-(worth[wanted] / self.use[wanted]), self.home[wanted]))
        column = wanted[order]
        row, use, value = self.home[column], self.use[column], worth[column]
        ends = np.searchsorted(row, np.arange(m + 1))
        first = ends[:-1]
        uses = np.concatenate(([0], np.cumsum(use)))
        fits = uses[1:] - uses[first][row] <= self.capacity[row]
        last = first + np.bincount(row[fits], minlength=m)
        over = np.flatnonzero(last < ends[1:])
        price = np.zeros(m, dtype=np.int64)
        price[over] = value[last[over]] // use[last[over]]
        away = value - price[row] * use
        above = np.concatenate(([0], np.cumsum(np.maximum(away, 0))))
        top = price * self.capacity + above[ends[1:]] - above[first]
        return _Ranking(column, row, away, last, price, top)

    def _core(self, ranked: _Ranking, near: Bool, worth: Int64) -> _Core:
        """Return near columns as a core: of the others, those that come first are certain.

        Only what is ranked before the row is full can be certain, so these always fit.
        """
        early = np.arange(ranked.column.size) < ranked.last[ranked.row]
        sure = ~near & early & (ranked.away > 0)
        near = near | (~sure & (ranked.away > 0))
        certain = ranked.column[sure]
        left = self.capacity.copy()
        inside = np.zeros(left.size, dtype=np.int64)
        np.subtract.at(left, self.home[certain], self.use[certain])
        np.add.at(inside, self.home[certain], worth[certain])
        column = ranked.column[near]
        column = column[self.use[column] <= left[self.home[column]]]
        return _Core(column, certain, inside, left)

    def _tables(self, core: _Core, worth: Int64) -> Iterator[_Tables]:
        """Return the rows with a core in pieces whose tables are small, deep ones first."""
        row = self.home[core.column]
        count = np.bincount(row, minlength=self.capacity.size)
        total = np.zeros(self.capacity.size, dtype=np.int64)
        np.add.at(total, row, self.use[core.column])
        width = np.minimum(core.left, total)
        rows = np.argsort(-count, kind="stable")
        rows = rows[: int((count > 0).sum())]
        start = np.cumsum(count) - count
        first, self.cells = 0, int(((width + 1) * count).sum())
        while first < rows.size:
            deep = int(count[rows[first]])
            wide = np.maximum.accumulate(width[rows[first:]]) + 1
            cells = wide * (deep + 1) * np.arange(1, wide.size + 1)
            last = first + max(1, int(np.searchsorted(cells, _CELLS)))
            mine = rows[first:last]
            yield _Tables(self, core, worth, mine, start[mine], count[mine], width[mine])
            first = last


class _Tables:
    """What the columns of some cores are worth at every capacity; rows with most of them first."""

    def __init__(
        self,
        parts: Parts,
        core: _Core,
        worth: Int64,
        rows: Int64,
        start: Int64,
        count: Int64,
        capacity: Int64,
    ) -> None:
        self.rows, self.capacity, self.left = rows, capacity, core.left[rows]
        self.lines = np.arange(rows.size)
        self.deep = int(count[0])
        line = np.repeat(self.lines, count)
        place = np.arange(line.size) - np.repeat(np.cumsum(count) - count, count)
        self.columns = core.column[np.repeat(start, count) + place]
        """Columns of the cores, line by line."""
        self.spot = (place, line)
        self.active = np.searchsorted(-count, -np.arange(self.deep), side="left")
        """Lines that have so many columns and one more, for each step."""
        shape = (self.deep, rows.size)
        mine = worth[self.columns]
        total = np.zeros(rows.size, dtype=np.int64)
        np.add.at(total, line, mine)
        # Half the width is twice as fast, where sums are small.
        small = int(total.max()) < _SMALL
        self.kind: type[np.signedinteger] = np.int32 if small else np.int64
        self.never = -2 * _SMALL if small else _NEVER
        self.worth = np.zeros(shape, dtype=self.kind)
        self.use = np.zeros(shape, dtype=np.int64)
        self.worth[self.spot] = mine
        self.use[self.spot] = parts.use[self.columns]
        self.width = int(capacity.max()) + 1
        self.pad = int(self.use.max())
        self.span = self.pad + self.width

    def _before(self) -> tuple[Int64, Int64]:
        """Return a table with room on its left where nothing can ever be, and without it."""
        table = np.full((self.lines.size, self.span), self.never, dtype=self.kind)
        table[:, self.pad :] = 0
        return table, table[:, self.pad :]

    def _moved(self, table: Int64, k: int, sign: int, base: Int64) -> Int64:
        """Return what the lines of a step have when column k is taken as well."""
        lines = int(self.active[k])
        at = base[:lines] + (sign * self.use[k, :lines])[:, None]
        found: Int64 = table.ravel().take(at)
        found += self.worth[k, :lines, None]
        return found

    def filled(self) -> tuple[Int64, Int64]:
        """Return the best worth of each line, and the columns that reach it."""
        table, open_ = self._before()
        base = (self.lines * self.span + self.pad)[:, None] + np.arange(self.width)
        took = []
        for k in range(self.deep):
            with_it = self._moved(table, k, -1, base)
            known = open_[: with_it.shape[0]]
            took.append(with_it > known)
            np.maximum(known, with_it, out=known)
        left = self.capacity.copy()
        best = open_[self.lines, left].astype(np.int64)
        taken = np.zeros((self.deep, self.lines.size), dtype=np.bool_)
        for k in range(self.deep - 1, -1, -1):
            lines = self.lines[: int(self.active[k])]
            taken[k, lines] = took[k][lines, left[lines]]
            left[lines] -= self.use[k, lines] * taken[k, lines]
        return best, self.columns[taken[self.spot]]

    def decided(self) -> tuple[Int64, Int64, Int64]:
        """Return the best of each line, and what it falls by with and without each column."""
        table, open_ = self._before()
        base = (self.lines * self.span + self.pad)[:, None] + np.arange(self.width)
        tables = [open_.copy()]
        for k in range(self.deep):
            with_it = self._moved(table, k, -1, base)
            known = open_[: with_it.shape[0]]
            np.maximum(known, with_it, out=known)
            tables.append(known.copy())
        self._ended = open_
        best = open_[self.lines, self.capacity].astype(np.int64)
        # What comes after, by what is used before: nothing fits beyond the capacity.
        after = np.full((self.lines.size, self.span), self.never, dtype=self.kind)
        rest = after[:, : self.width]
        rest[np.arange(self.width) <= self.capacity[:, None]] = 0
        base = (self.lines * self.span)[:, None] + np.arange(self.width)
        shape = (self.deep, self.lines.size)
        taking, leaving = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for k in range(self.deep - 1, -1, -1):
            lines = int(self.active[k])
            before = tables[k][:lines]
            with_it = self._moved(after, k, 1, base)
            taking[k, :lines] = best[:lines] - (before + with_it).max(axis=1)
            known = rest[:lines]
            leaving[k, :lines] = best[:lines] - (before + known).max(axis=1)
            np.maximum(known, with_it, out=known)
        return best, taking[self.spot], leaving[self.spot]

    def at(self, line: Int64, use: Int64) -> Int64:
        """Return the best of lines when so much of their capacity is used; after `decided`."""
        left = self.left[line] - use
        found = self._ended[line, np.clip(left, 0, self.capacity[line])].astype(np.int64)
        return np.where(left < 0, -_ROOM, found)
