"""What prices leave to decide, as a program of its own: losses instead of gains.

Hides how a good bound makes the integer part small and easy. For prices l with bound(l) as in
`packing`, every selection x has, exactly,

    gain(x) = bound(l) - sum over o of loss[o] x[o]
                       - sum over optional i of idle[i] (1 - sum over o in i of x[o])
                       - sum over r of l[r] s[r],          s[r] = b[r] - sum over o of a[r,o] x[o]

with all three sums >= 0. A selection that gains at least a target therefore spends at most
room = bound(l) - target on them together (reduced cost fixing; Nemhauser and Wolsey 1988, II.1.5,
for slacks and groups as well as columns):

    column o is out          where loss[o] > room
    group i takes one        where idle[i] > room
    row r is an equality     where l[r]    > room;  else  s[r] <= room / l[r]
    and all that is left pays together                    at most room

The last line is the row  gain >= target  with the other rows subtracted: the same to a linear
program, but sparse and in small numbers, which integer solvers find far easier.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.method.dual_bound import DualBound, dual_bound
from matcher.engine.method.packing import Packing
from matcher.engine.method.tighten import most_used
from matcher.engine.program import Bool, Int64
from matcher.engine.solvers import LinearModel

_FINEST_ROOM = 2**20


@dataclass(frozen=True, eq=False)
class Residual:
    """The selections of some columns that gain at least a target."""

    columns: Int64
    """Columns of the packing that are left, sorted; the model's first variables."""
    held: Int64
    """Columns that every such selection has, sorted; not in the model."""
    model: LinearModel
    """Variables: columns, idle optional groups, slacks of priced rows; all of them whole."""


def residual_program(
    packing: Packing,
    priced: DualBound,
    columns: Int64,
    target: int,
    *,
    exactly: bool = False,
    gain: Int64 | None = None,
    floors: tuple[tuple[Int64, int], ...] = (),
) -> Residual | None:
    """Return what is left of some columns (sorted) when the gain must reach a target.

    None: no selection of these columns gains that much. `exactly`: no selection gains more than the
    target, so the room is used up. `gain` is what to maximise instead of the packing's own; of the
    gains in `floors` a selection must reach a value too.
    """
    coarse = _coarse(packing, priced, target)
    idle = np.where(packing.must, 0, coarse.idle)
    left = _decide(packing, coarse.loss, idle, columns, coarse.scaled_bound - target * coarse.scale)
    if left is None:
        return None
    columns, held, room, capacity = left
    group = packing.group[columns]
    present, fresh = np.unique(group, return_inverse=True)
    n = columns.size
    price = np.rint(coarse.prices * coarse.scale).astype(np.int64)
    by_row = packing.lines(columns).tocsc()
    rows = np.flatnonzero((price > 0) | (most_used(by_row, fresh) > capacity))
    price, capacity = price[rows], capacity[rows]
    waiting = np.flatnonzero((idle[present] > 0) & (idle[present] <= room))
    slack = np.flatnonzero((price > 0) & (price <= room))
    size = n + waiting.size + slack.size
    takes = sp.csr_array(
        (
            np.ones(n + waiting.size),
            (
                np.concatenate((fresh, waiting)),
                np.concatenate((np.arange(n), n + np.arange(waiting.size))),
            ),
        ),
        shape=(present.size, size),
    )
    spends = sp.csr_array(
        (np.ones(slack.size), (slack, n + waiting.size + np.arange(slack.size))),
        shape=(rows.size, size),
    )
    used = by_row[:, rows]
    filled = sp.csr_array((used.data, used.indices, used.indptr), shape=(rows.size, size))
    cost = np.concatenate((coarse.loss[columns], idle[present][waiting], price[slack]))
    more = [_line(values[columns], size) for values, _ in floors]
    one = packing.must[present] | (idle[present] > 0)
    reach = _reach_down(used, capacity)
    if (reach < 0).any():
        return None
    most = np.minimum(reach[slack], room // price[slack])
    return Residual(
        columns,
        held,
        LinearModel(
            gain=np.append(
                (packing.gain if gain is None else gain)[columns].astype(np.float64),
                np.zeros(size - n),
            ),
            rows=sp.csr_array(sp.vstack((takes, filled + spends, _line(cost, size), *more))),
            row_lower=np.concatenate(
                (
                    np.where(one, 1.0, -np.inf),
                    np.where(price > 0, capacity.astype(np.float64), -np.inf),
                    [float(room) if exactly else -np.inf],
                    [float(floor - int(values[held].sum())) for values, floor in floors],
                )
            ),
            row_upper=np.concatenate(
                (
                    np.ones(present.size),
                    capacity.astype(np.float64),
                    [float(room)],
                    np.full(len(floors), np.inf),
                )
            ),
            lower=np.zeros(size),
            upper=np.concatenate((np.ones(n + waiting.size), most.astype(np.float64))),
        ),
    )


def _decide(
    packing: Packing, loss: Int64, idle: Int64, columns: Int64, free: int
) -> tuple[Int64, Int64, int, Int64] | None:
    """Decide what has only one way to go, until nothing more follows.

    A group without a column left is idle and pays for it; a column that costs more than is left,
    or does not fit beside those that are certain, is out; the only column of a group that must
    take one is certain.

    Returns
    -------
    tuple or None
        Columns left, certain columns, what they may spend and the capacity they find. None: there
        is no selection.
    """
    capacity = packing.capacity.copy()
    held = np.zeros(0, dtype=np.int64)
    while True:
        count = np.bincount(packing.group[columns], minlength=packing.must.size)
        count[packing.group[held]] = 1
        room = free - int(idle[count == 0].sum()) - int(loss[held].sum())
        if room < 0 or (packing.must & (count == 0)).any():
            return None
        alone = (packing.must | (idle > room)) & (count == 1)
        certain = alone[packing.group[columns]]
        if certain.any():
            fresh = columns[certain]
            lines = packing.lines(fresh)
            np.subtract.at(capacity, lines.indices, lines.data)
            held = np.union1d(held, fresh)
            columns = columns[~certain]
            room -= int(loss[fresh].sum())
        kept = (loss[columns] <= room) & _fit(packing, columns, capacity)
        if kept.all() and not certain.any():
            return columns, held, room, capacity
        columns = columns[kept]


def _fit(packing: Packing, columns: Int64, capacity: Int64) -> Bool:
    """Return which columns fit alone; rows that another column may relieve are not looked at."""
    lines = packing.lines(columns)
    relieved = np.zeros(capacity.size, dtype=np.bool_)
    relieved[lines.indices[lines.data < 0]] = True
    over = (lines.data > capacity[lines.indices]) & ~relieved[lines.indices]
    fits = np.ones(columns.size, dtype=np.bool_)
    fits[np.repeat(np.arange(columns.size), np.diff(lines.indptr))[over]] = False
    return fits


def _coarse(packing: Packing, priced: DualBound, target: int) -> DualBound:
    """Return the prices on a grid that keeps all costs within the room small whole numbers."""
    room = max(1, -(-priced.scaled_bound // priced.scale) - target + 1)
    return dual_bound(
        packing, priced.prices, finest=max(0, (_FINEST_ROOM // room).bit_length() - 1)
    )


def _reach_down(by_row: sp.csc_array, capacity: Int64) -> Int64:
    """Return the most slack a row can have: its capacity, plus its negative uses if any."""
    line = np.repeat(np.arange(capacity.size), np.diff(by_row.indptr))
    most: Int64 = capacity.copy()
    np.subtract.at(most, line, np.minimum(by_row.data, 0))
    return most


def _line(values: npt.NDArray[np.int64], size: int) -> sp.csr_array:
    """Return values as one sparse row, padded with zeros."""
    at = np.flatnonzero(values)
    return sp.csr_array(
        (values[at].astype(np.float64), (np.zeros(at.size, dtype=np.int64), at)), shape=(1, size)
    )
