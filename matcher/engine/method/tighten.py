"""Tighter rows: what integers can reach, before any price is looked for.

Hides that rows are looked at block by block: a country's are not held twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.method.packing import Packing
from matcher.engine.program import Int64

_BLOCK = 2**22


@dataclass(frozen=True, eq=False)
class Lines:
    """What the uses of each row come to, whatever the rows hold; arrays int64 [rows]."""

    divisor: Int64
    """Largest number that divides all of them."""
    least: Int64
    most: Int64
    reach: Int64
    """What the greediest choice of one column or none per group uses."""

    @classmethod
    def of(cls, by_row: sp.csc_array, group: Int64) -> Self:
        """Look through all uses, CSC [n, rows]; groups non-decreasing."""
        divisor, reach = np.ones(by_row.shape[1], dtype=np.int64), _zeros(by_row.shape[1])
        least, most = reach.copy(), reach.copy()
        for block in _blocks(by_row.indptr):
            lines = by_row[:, block.start : block.stop]
            first = lines.indptr[:-1][filled := np.diff(lines.indptr) > 0]
            if first.size:
                least[block][filled] = np.minimum.reduceat(lines.data, first)
                most[block][filled] = np.maximum.reduceat(lines.data, first)
                shared = np.abs(np.gcd.reduceat(lines.data, first))
                divisor[block][filled] = np.maximum(shared, 1)
            # Divided or not: the greediest choice is the same.
            reach[block] = most_used(lines, group)
        return cls(divisor, least, most, reach)

    def binding(self, capacity: Int64) -> Int64:
        """Return the rows that some choice can fill beyond what they hold."""
        return np.flatnonzero(self.reach // self.divisor > capacity // self.divisor)

    def too_large(self, by_row: sp.csc_array, capacity: Int64) -> Int64:
        """Return the columns that no selection can hold, sorted: too large for a row by themselves.

        Rows with negative uses are not looked at.
        """
        over = [_zeros(0)]
        for row in np.flatnonzero((self.least >= 0) & (self.most > capacity)).tolist():
            line = slice(by_row.indptr[row], by_row.indptr[row + 1])
            over.append(by_row.indices[line][by_row.data[line] > capacity[row]])
        return np.unique(np.concatenate(over)).astype(np.int64)


def _zeros(size: int) -> Int64:
    return np.zeros(size, dtype=np.int64)


def tighten(
    packing: Packing, by_row: sp.csc_array, lines: Lines | None = None
) -> tuple[Packing, Int64]:
    """Return a packing with rounded rows, and the columns that no selection can hold.

    A row with uses that share a divisor is divided by it and its capacity rounded down; a row that
    even the greediest choice of every group cannot fill is dropped; a column whose own use exceeds
    the capacity of a row without negative uses is excluded. `by_row` are the uses in CSC, `lines`
    what they come to where that is known.
    """
    capacity = packing.capacity
    lines = lines or Lines.of(by_row, packing.group)
    kept = lines.binding(capacity)
    uses = packing.uses if kept.size == packing.rows else packing.uses[:, kept]
    unit = lines.divisor[kept]
    if (unit > 1).any():
        parts = (uses.data // unit[uses.indices], uses.indices, uses.indptr)
        uses = sp.csr_array(parts, shape=uses.shape)
    return replace(
        packing,
        uses=sp.csr_array(uses),
        capacity=capacity[kept] // unit,
        row=packing.row[kept],
        sign=packing.sign[kept],
        unit=packing.unit[kept] * unit,
    ), lines.too_large(by_row, capacity)


def _blocks(ends: npt.NDArray[np.integer]) -> Iterator[slice]:
    """Cut rows into blocks of about so many entries that their arrays stay small."""
    at, rows = 0, ends.size - 1
    while at < rows:
        stop = max(at + 1, int(np.searchsorted(ends, int(ends[at]) + _BLOCK, side="right")) - 1)
        yield slice(at, stop)
        at = stop


def most_used(by_row: sp.csc_array, group: Int64) -> Int64:
    """Return what the greediest choice of one column or none per group uses of each row.

    Uses are int64 CSC [n, rows] with sorted indices, groups non-decreasing.
    """
    reach = np.zeros(by_row.shape[1], dtype=np.int64)
    here = group[by_row.indices]
    # Columns are sorted by group: a group's uses of a row lie side by side.
    head = np.diff(here, prepend=-1) != 0
    head[by_row.indptr[:-1][np.diff(by_row.indptr) > 0]] = True
    heads = np.flatnonzero(head)
    if heads.size:
        line = np.repeat(np.arange(by_row.shape[1]), np.diff(by_row.indptr))[heads]
        np.add.at(reach, line, np.maximum(np.maximum.reduceat(by_row.data, heads), 0))
    return reach
