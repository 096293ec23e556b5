"""One objective over packing rows: what dual, linear program and proof work on.

Hides how range rows, several tiers and cuts become one plain shape. With gains g, uses a,
capacities b and groups i::

    maximise    sum over o of g[o] x[o]
    row[r]:     sum over o of a[r,o] x[o] <= b[r]            price l[r] >= 0
    group[i]:   sum over o in i of x[o] <= 1   (= 1 where the group must be served)

A lower side is the negated upper side of another row. What prices make of it: `dual_bound`.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import scipy.sparse as sp

from matcher.engine.method.presolve import Reduced
from matcher.engine.program import UNBOUNDED, Bool, Float64, Int64
from matcher.engine.solvers import LinearModel

_CHUNK = 2**22


@dataclass(frozen=True, eq=False)
class Packing:
    """A single-objective packing program; see the module's docstring."""

    gain: Int64
    """Gain of each column, int64 [n]."""
    uses: sp.csr_array
    """Use of each row by each column, int64 CSR [n, rows]; see `added`."""
    capacity: Int64
    """Capacity of each row, int64 [rows]."""
    starts: Int64
    """First column of each group, int64 [groups + 1]."""
    group: Int64
    """Group of each column, int64 [n]."""
    must: Bool
    """Whether each group must be served, bool [groups]."""
    row: Int64
    """The program's row that each row stands for; -1 for rows added here."""
    sign: Int64
    """+1 where a row is an upper side, -1 where it is a negated lower side."""
    unit: Int64
    """What one unit of the row stands for in units of the program's row, >= 1."""
    added: sp.csr_array | None = None
    """Use of the rows that were added since, int64 CSR [n, added]; they follow those of `uses`."""

    @property
    def n(self) -> int:
        """Number of columns."""
        return int(self.gain.size)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.capacity.size)

    @cached_property
    def widest(self) -> Int64:
        """Largest absolute use of each row, int64 [rows]."""
        own = widest_uses(self.uses)
        return own if self.added is None else np.append(own, widest_uses(self.added))

    def with_rows(self, uses: sp.csr_array, capacity: Int64) -> Self:
        """Return the packing with more rows (uses int64 [n, more]); the others are not copied."""
        more = int(capacity.size)
        return replace(
            self,
            added=uses if self.added is None else _beside(self.added, uses),
            capacity=np.concatenate((self.capacity, capacity)),
            row=np.concatenate((self.row, np.full(more, -1, dtype=np.int64))),
            sign=np.concatenate((self.sign, np.ones(more, dtype=np.int64))),
            unit=np.concatenate((self.unit, np.ones(more, dtype=np.int64))),
        )

    def lines(self, columns: Int64) -> sp.csr_array:
        """Return the use of every row by some columns, int64 CSR [columns, rows]."""
        own = self.uses[columns]
        return own if self.added is None else _beside(own, self.added[columns])

    def priced_uses(self, prices: Int64) -> Int64:
        """Return what each column uses at whole prices, int64 [n]."""
        known = self.uses.shape[1]
        total: Int64 = self.uses @ prices[:known]
        return total if self.added is None else total + self.added @ prices[known:]

    def part(self, columns: Int64) -> Self:
        """Return the packing with only some columns (sorted); emptied groups disappear."""
        group = self.group[columns]
        kept, fresh = np.unique(group, return_inverse=True)
        starts = np.searchsorted(group, np.append(kept, self.must.size))
        return replace(
            self,
            gain=self.gain[columns],
            uses=self.lines(columns),
            added=None,
            starts=starts.astype(np.int64),
            group=fresh.astype(np.int64),
            must=self.must[kept],
        )

    def prices_of(self, prices: Float64, m: int) -> Float64:
        """Return prices of this packing's rows as prices of the program's m rows."""
        known = self.row >= 0
        total = np.zeros(m)
        share = self.sign * prices[: self.rows] / self.unit
        np.add.at(total, self.row[known], share[known])
        return total

    def prices_from(self, prices: Float64) -> Float64:
        """Return prices of the program's rows as prices of this packing's rows."""
        own = np.where(self.row >= 0, prices[np.maximum(self.row, 0)], 0.0) if prices.size else 0.0
        scaled: Float64 = np.maximum(own * self.sign * self.unit, 0.0)
        return scaled

    def admits(self, chosen: Int64) -> bool:
        """Whether the chosen columns satisfy every group and row, checked in integers."""
        count = np.bincount(self.group[chosen], minlength=self.must.size)
        if (count > 1).any() or (self.must & (count == 0)).any():
            return False
        return bool((self.slack(chosen) >= 0).all())

    def slack(self, chosen: Int64) -> Int64:
        """Return the capacity the chosen columns leave in each row, exactly, int64 [rows]."""
        part = self.lines(chosen)
        left = self.capacity.copy()
        np.subtract.at(left, part.indices, part.data)
        return left

    def value(self, chosen: Int64) -> int:
        """Return the gain of a selection, exactly."""
        return int(self.gain[chosen].sum())


def linear_model(packing: Packing) -> LinearModel:
    """Return a packing as a linear program; x <= 1 is left to the group rows."""
    n = packing.n
    ones = np.ones(n, dtype=np.int64)
    groups = sp.csr_array((ones, (packing.group, np.arange(n))), shape=(packing.must.size, n))
    rows = sp.vstack((groups, packing.uses.T), format="csr")
    floor = np.where(packing.must, 1.0, -np.inf)
    return LinearModel(
        gain=packing.gain.astype(np.float64),
        rows=rows,
        row_lower=np.concatenate((floor, np.full(packing.rows, -np.inf))),
        row_upper=np.concatenate((np.ones(packing.must.size), packing.capacity.astype(np.float64))),
        lower=np.zeros(n),
        upper=np.ones(n),
    )


def widest_uses(uses: sp.csr_array) -> Int64:
    """Return the largest absolute use of each row, in pieces that stay small."""
    most = np.zeros(uses.shape[1], dtype=np.int64)
    for at in range(0, uses.data.size, _CHUNK):
        piece = slice(at, at + _CHUNK)
        np.maximum.at(most, uses.indices[piece], np.abs(uses.data[piece]))
    return most


def _beside(uses: sp.csr_array, more: sp.csr_array) -> sp.csr_array:
    """Return two matrices of as many rows side by side; what scipy does takes longer by itself."""
    width = uses.shape[1]
    mine, theirs = np.diff(uses.indptr), np.diff(more.indptr)
    indptr = uses.indptr + more.indptr
    first = np.arange(uses.nnz) + np.repeat(more.indptr[:-1], mine)
    second = np.arange(more.nnz) + np.repeat(uses.indptr[1:], theirs)
    indices = np.empty(uses.nnz + more.nnz, dtype=uses.indices.dtype)
    data = np.empty(uses.nnz + more.nnz, dtype=uses.data.dtype)
    indices[first], indices[second] = uses.indices, more.indices + width
    data[first], data[second] = uses.data, more.data
    return sp.csr_array((data, indices, indptr), shape=(uses.shape[0], width + more.shape[1]))


def upper_sides(reduced: Reduced) -> sp.csc_array:
    """Return the use of each row that can bind, lower sides negated, int64 CSC [n, rows]."""
    above, below = sides_of(reduced)
    by_row = reduced.by_row()
    if above.size < reduced.m or below.size:
        by_row = sp.csc_array(sp.hstack((by_row[:, above], -by_row[:, below]), format="csc"))
    return by_row


def packing_of(reduced: Reduced, gain: Int64, by_row: sp.csc_array | None = None) -> Packing:
    """Return a program with one objective as a packing; `by_row` is `upper_sides` where at hand."""
    above, below = sides_of(reduced)
    by_row = upper_sides(reduced) if by_row is None else by_row
    return Packing(
        gain=gain,
        uses=sp.csr_array(by_row.tocsr()),
        capacity=np.concatenate((reduced.upper[above], -reduced.lower[below])),
        starts=reduced.starts,
        group=reduced.group,
        must=reduced.must,
        row=np.concatenate((above, below)).astype(np.int64),
        sign=np.repeat([1, -1], (above.size, below.size)).astype(np.int64),
        unit=np.ones(above.size + below.size, dtype=np.int64),
    )


def sides_of(reduced: Reduced) -> tuple[Int64, Int64]:
    """Return the rows with an upper side and those with a lower one."""
    return np.flatnonzero(reduced.upper < UNBOUNDED), np.flatnonzero(reduced.lower > -UNBOUNDED)
