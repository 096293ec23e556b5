"""Tighter rows and cutting planes that price every column.

Hides which inequalities are added to the linear program. Take a row  sum a[o] x[o] <= b  and
choose a level c[i] for every group i. With the group's slack t[i] = 1 - sum over o in i of x[o]
the row reads

    sum over o of (a[o] - c[i(o)]) x[o] - sum over i of c[i] t[i]  <=  b' = b - sum over i of c[i]

in whole numbers x, t >= 0. Any superadditive, non-decreasing F with F(0) = 0 may be put over all
coefficients (Gomory and Johnson 1972, "Some continuous functions related to corner polyhedra";
Nemhauser and Wolsey 1988, II.1.4), and with t written out again:

    sum over o of (F(a[o] - c[i]) - F(-c[i])) x[o]  <=  F(b') - sum over i of F(-c[i])

F depends on use and group alone, so a cut found on a few columns is a valid row for all. The
functions tried are the integer-rounding (MIR) functions of slope p / k, kept whole by the factor
k - r:

    F(d) = floor(p d / k) (k - r) + max(0, (p d mod k) - r),     r = p b' mod k
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.program import Int64
from matcher.engine.stage import Stage

__all__ = ["Cuts", "separate", "tighten"]

Float64 = npt.NDArray[np.float64]

_MOST_USE = 400
_MOST_SLOPE = 12
_PER_ROW = 2
_LEAST_DEPTH = 0.01
_TINY = 1e-7


@dataclass(frozen=True, eq=False)
class Cuts:
    """Rows to add to a stage."""

    uses: sp.csr_array
    """Use of each cut by each column, int64 CSR [n, cuts]."""
    capacity: Int64
    """Capacity of each cut, int64 [cuts]."""


def tighten(stage: Stage) -> tuple[Stage, Int64]:
    """Return the stage with rounded rows, and the columns that no selection can hold.

    A row with uses that share a divisor is divided by it and its capacity rounded down; a row
    that even the greediest choice of every group cannot fill is dropped; a column whose own use
    exceeds the capacity of a row without negative uses is excluded.
    """
    by_row = stage.uses.tocsc()
    rows = stage.rows
    if not rows or not stage.n:
        return stage, np.zeros(0, dtype=np.int64)
    filled = np.diff(by_row.indptr) > 0
    first = by_row.indptr[:-1][filled]
    least = np.zeros(rows, dtype=np.int64)
    divisor = np.ones(rows, dtype=np.int64)
    least[filled] = np.minimum.reduceat(by_row.data, first) if filled.any() else 0
    divisor[filled] = np.gcd.reduceat(by_row.data, first) if filled.any() else 1
    divisor = np.maximum(np.abs(divisor), 1)
    line = np.repeat(np.arange(rows), np.diff(by_row.indptr))
    data = by_row.data // divisor[line]
    capacity = stage.capacity // divisor
    over = by_row.indices[(least[line] >= 0) & (data > capacity[line])]
    # Greediest choice: the largest use in each group, summed over groups (never below zero).
    key = line.astype(np.int64) * max(1, stage.must.size) + stage.group[by_row.indices]
    order = np.argsort(key, kind="stable")
    heads = np.flatnonzero(np.diff(key[order], prepend=-1))
    reach = np.zeros(rows, dtype=np.int64)
    if heads.size:
        most = np.maximum(np.maximum.reduceat(data[order], heads), 0)
        np.add.at(reach, line[order][heads], most)
    binding = np.flatnonzero(reach > capacity)
    matrix = sp.csc_array((data, by_row.indices, by_row.indptr), shape=by_row.shape)
    tight = replace(
        stage,
        uses=matrix[:, binding].tocsr(),
        capacity=capacity[binding],
        row=stage.row[binding],
        sign=stage.sign[binding],
        unit=stage.unit[binding] * divisor[binding],
    )
    return tight, np.unique(over).astype(np.int64)


def separate(stage: Stage, rows: int, columns: Int64, x: Float64) -> Cuts | None:
    """Return cuts on the first `rows` rows that the point x on `columns` violates."""
    whole = stage.uses[:, :rows].tocsc()
    value = np.zeros(stage.n)
    value[columns] = np.clip(x, 0.0, 1.0)
    value[value < _TINY] = 0.0
    served = np.add.reduceat(value, stage.starts[:-1])
    support = value > 0
    data, indices, pointer, limits = [], [], [0], []
    for row in range(rows):
        span = slice(whole.indptr[row], whole.indptr[row + 1])
        use, at = whole.data[span], whole.indices[span]
        capacity = int(stage.capacity[row])
        if not use.size or capacity < 1 or not 2 <= int(use.max()) <= _MOST_USE or use.min() < 0:
            continue
        mass = value[at]
        if float(use @ mass) < capacity - 1.0 or not ((mass > 0) & (mass < 1 - _TINY)).any():
            continue
        group = stage.group[at]
        for level in _levels(use, group, mass, served, support[at]):
            for table, offset, limit in _violated(use, group, mass, served, level, capacity):
                base = table[offset - level[group]]
                cell = table[use - level[group] + offset] - base
                used = cell != 0
                total = limit - int(table[offset - level].sum())
                data.append(cell[used])
                indices.append(at[used])
                pointer.append(pointer[-1] + int(used.sum()))
                limits.append(total)
    if not limits:
        return None
    matrix = sp.csc_array(
        (np.concatenate(data), np.concatenate(indices), np.array(pointer)),
        shape=(stage.n, len(limits)),
    )
    return Cuts(matrix.tocsr(), np.array(limits, dtype=np.int64))


def _levels(
    use: Int64, group: Int64, mass: Float64, served: Float64, held: npt.NDArray[np.bool_]
) -> list[Int64]:
    """Return the choices of c tried: nothing, and the use each fully served group has."""
    nothing = np.zeros(served.size, dtype=np.int64)
    mean = np.zeros(served.size)
    np.add.at(mean, group, use * mass)
    full = served > 1 - 1e-4
    floor = np.where(full, np.floor(mean + 1e-4), 0).astype(np.int64)
    ceil = np.where(full, np.ceil(mean - 1e-4), 0).astype(np.int64)
    most = nothing.copy()
    np.maximum.at(most, group[held], use[held])
    most[~full] = 0
    choices: list[Int64] = [nothing]
    for choice in (floor, ceil, most):
        if not any(np.array_equal(choice, other) for other in choices):
            choices.append(choice)
    return choices


def _violated(
    use: Int64, group: Int64, mass: Float64, served: Float64, level: Int64, capacity: int
) -> list[tuple[Int64, int, int]]:
    """Return (table of F, offset of its zero, F(b')) of the deepest violated cuts."""
    most = int(max(use.max(), level.max(initial=0)))
    rest = capacity - int(level.sum())
    # Mass of every difference d = a - c, with the groups' slack and their columns of use zero.
    spread = np.zeros(2 * most + 1)
    np.add.at(spread, use - level[group] + most, mass)
    inside = np.zeros(served.size)
    np.add.at(inside, group, mass)
    np.add.at(spread, most - level, np.maximum(1.0 - inside, 0.0) * (level > 0))
    spread[most] = 0.0
    seen = np.flatnonzero(spread > _TINY) - most
    slopes = {(1, abs(int(d))) for d in seen if abs(d) > 1}
    slopes |= {(p, k) for k in range(2, min(most, _MOST_SLOPE) + 1) for p in range(1, k)}
    if not slopes:
        return []
    p, k = (np.array(side, dtype=np.int64)[:, None] for side in zip(*sorted(slopes), strict=True))
    left = p * rest % k
    grid = np.arange(-most, most + 1, dtype=np.int64)[None, :]
    tables = p * grid // k * (k - left) + np.maximum(0, p * grid % k - left)
    limits = (p * rest // k * (k - left))[:, 0]
    norm = np.sqrt((tables.astype(np.float64) ** 2) @ spread) + 1e-9
    depth = (tables @ spread - limits) / norm
    best = np.argsort(-depth, kind="stable")[:_PER_ROW]
    return [(tables[i], most, int(limits[i])) for i in best.tolist() if depth[i] > _LEAST_DEPTH]
