"""Tighter rows: what integers can reach, before any price is looked for.

Hides that rows are looked at block by block: a country's are not held twice.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.method.packing import Packing
from matcher.engine.program import Int64

_BLOCK = 2**22


def tighten(packing: Packing, by_row: sp.csc_array) -> tuple[Packing, Int64]:
    """Return a packing with rounded rows, and the columns that no selection can hold.

    A row with uses that share a divisor is divided by it and its capacity rounded down; a row that
    even the greediest choice of every group cannot fill is dropped; a column whose own use exceeds
    the capacity of a row without negative uses is excluded. `by_row` are the uses in CSC.
    """
    capacity = packing.capacity
    divisor = np.ones(packing.rows, dtype=np.int64)
    binding = np.zeros(packing.rows, dtype=np.bool_)
    over: list[npt.NDArray[np.integer]] = [np.zeros(0, dtype=np.int64)]
    for block in _blocks(by_row.indptr):
        lines = by_row[:, block.start : block.stop]
        part, fits_nowhere = _shared(lines, capacity[block])
        divisor[block] = part
        over.append(fits_nowhere)
        # Divided or not: the greediest choice is the same, and both sides are divided.
        binding[block] = most_used(lines, packing.group) // part > capacity[block] // part
    kept = np.flatnonzero(binding)
    uses = packing.uses if kept.size == packing.rows else packing.uses[:, kept]
    unit = divisor[kept]
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
    ), np.unique(np.concatenate(over)).astype(np.int64)


def _blocks(ends: npt.NDArray[np.integer]) -> Iterator[slice]:
    """Cut rows into blocks of about so many entries that their arrays stay small."""
    at, rows = 0, ends.size - 1
    while at < rows:
        stop = max(at + 1, int(np.searchsorted(ends, int(ends[at]) + _BLOCK, side="right")) - 1)
        yield slice(at, stop)
        at = stop


def _shared(lines: sp.csc_array, capacity: Int64) -> tuple[Int64, npt.NDArray[np.integer]]:
    """Return the largest divisor of each row's uses, and the columns too large for a row."""
    sizes = np.diff(lines.indptr)
    filled = sizes > 0
    least = np.zeros(capacity.size, dtype=np.int64)
    divisor = np.ones(capacity.size, dtype=np.int64)
    if filled.any():
        first = lines.indptr[:-1][filled]
        least[filled] = np.minimum.reduceat(lines.data, first)
        divisor[filled] = np.maximum(np.abs(np.gcd.reduceat(lines.data, first)), 1)
    most = np.repeat(np.where(least >= 0, capacity, np.iinfo(np.int64).max), sizes)
    return divisor, lines.indices[lines.data > most]


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
