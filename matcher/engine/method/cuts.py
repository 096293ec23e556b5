"""Cutting planes that price every column.

Hides how a cut that was found on a few columns becomes a row for all. Take whole multipliers W[r]
of all rows (groups are rows too, of use and capacity 1), a whole divisor D, and write s[r] >= 0 for
what a row leaves over, a whole number in every selection. Then

    sum over o of (W.a[o]) x[o] + sum over r of W[r] s[r]  =  W.b

and for every superadditive, non-decreasing F with F(0) = 0, with s written out again (Gomory 1960,
"An algorithm for the mixed integer problem"; Gomory and Johnson 1972, "Some continuous functions
related to corner polyhedra"; Nemhauser and Wolsey 1988, II.1.4)

    sum over o of (F(W.a[o]) - F(W).a[o]) x[o]  <=  F(W.b) - F(W).b

with F(W) taken row by row. Here, with t = W.b mod D, all is whole:

    F(d) = floor(d / D) (D - t) + max(0, (d mod D) - t)

The inequality holds for any W, wherever it came from, and for any capacities b: a cut is kept as
its multipliers, and is a valid row again after the program has changed. The coefficient of a
column depends on its uses and group alone.

Two places are searched for W: single rows (`knapsack_cuts`) and the basis of a linear program
(`gomory_cuts`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.engine.method.packing import Packing
from matcher.engine.program import Int64

LARGEST_USE = 10**5
"""Largest use of a cut that is still a good number for a linear program."""
_ROOM = 2**53
_WIDEST = 2**40


@dataclass(frozen=True, eq=False)
class Cut:
    """A cut by its multipliers; those left out are zero."""

    groups: Int64
    """Groups of the packing with a multiplier."""
    of_group: Int64
    """Their multipliers, 1 .. divisor - 1."""
    rows: Int64
    """Rows of the packing with a multiplier, cuts added earlier among them."""
    of_row: Int64
    """Their multipliers, 1 .. divisor - 1."""
    divisor: int
    """D, at least 2."""

    def moved(self, groups: Int64, rows: Int64) -> "Cut":
        """Return the cut where groups and rows have other numbers, -1 where they are gone."""
        kept, there = groups[self.groups] >= 0, rows[self.rows] >= 0
        return Cut(
            groups[self.groups][kept],
            self.of_group[kept],
            rows[self.rows][there],
            self.of_row[there],
            self.divisor,
        )


def rounded(d: Int64, divisor: int, rest: int) -> Int64:
    """Return F(d) for t = rest."""
    whole: Int64 = d // divisor * (divisor - rest) + np.maximum(0, d % divisor - rest)
    return whole


class RowBook:
    """The uses of a packing row by row, with the rows that were added since at the end.

    A cut has multipliers for few rows: only the columns of those are looked at.
    """

    def __init__(self, packing: Packing) -> None:
        by_row = packing.uses.tocsc()
        self._columns: npt.NDArray[np.integer] = by_row.indices
        self._uses: Int64 = by_row.data
        self._ends: npt.NDArray[np.integer] = by_row.indptr
        self._added: list[tuple[npt.NDArray[np.integer], Int64]] = []
        if packing.added is not None:
            more = packing.added.tocsc()
            for at in range(more.shape[1]):
                span = slice(more.indptr[at], more.indptr[at + 1])
                self._added.append((more.indices[span], more.data[span]))

    def add(self, columns: Int64, uses: Int64) -> None:
        """Note one more row of the packing, by its columns and their uses."""
        self._added.append((columns, uses))

    def row(self, row: int) -> tuple[npt.NDArray[np.integer], Int64]:
        """Return the columns of a row and their uses."""
        known = self._ends.size - 1
        if row >= known:
            return self._added[row - known]
        span = slice(self._ends[row], self._ends[row + 1])
        return self._columns[span], self._uses[span]


def as_row(packing: Packing, book: RowBook, cut: Cut) -> tuple[Int64, Int64, int] | None:
    """Return a cut as a row over all columns: its columns, their uses, its capacity; None: no cut.

    Columns come sorted. A cut is none where its capacity, its uses or those of the rows it is made
    of leave the range of good numbers, or where W.b is divisible, so that it says nothing.
    """
    sides = [int(b) for b in packing.capacity[cut.rows]]
    total = int(cut.of_group.sum()) + sum(
        int(w) * b for w, b in zip(cut.of_row, sides, strict=True)
    )
    rest = total % cut.divisor
    if not rest or abs(total) >= _ROOM:
        return None
    group_slope = rounded(cut.of_group, cut.divisor, rest)
    row_slope = rounded(cut.of_row, cut.divisor, rest)
    at, weights, slopes = [], [], []
    for row, w, slope in zip(cut.rows.tolist(), cut.of_row, row_slope, strict=True):
        columns, uses = book.row(row)
        if int(np.abs(uses).max(initial=0)) > _WIDEST:
            return None
        at.append(columns)
        weights.append(uses * w)
        slopes.append(uses * slope)
    for group, w, slope in zip(cut.groups.tolist(), cut.of_group, group_slope, strict=True):
        columns = np.arange(packing.starts[group], packing.starts[group + 1])
        at.append(columns)
        weights.append(np.full(columns.size, w))
        slopes.append(np.full(columns.size, slope))
    met, where = np.unique(np.concatenate(at), return_inverse=True)
    weight, slope = np.zeros(met.size, dtype=np.int64), np.zeros(met.size, dtype=np.int64)
    np.add.at(weight, where, np.concatenate(weights))
    np.add.at(slope, where, np.concatenate(slopes))
    use = rounded(weight, cut.divisor, rest) - slope
    limit = int(rounded(np.array(total), cut.divisor, rest)) - int(group_slope.sum())
    limit -= sum(int(f) * b for f, b in zip(row_slope, sides, strict=True))
    if int(np.abs(use).max(initial=0)) > LARGEST_USE or abs(limit) > _ROOM:
        return None
    kept = np.flatnonzero(use)
    return met[kept].astype(np.int64), use[kept], limit
