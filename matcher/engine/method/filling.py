"""Rows filled one by one, in whole numbers, by compiled code.

Hides the dynamic programs of `knapsack_bound`, where the mathematics is. All functions take the
columns of every row one after the other (`starts`, `columns`) and the use, worth and capacity of
all; they write what they find where they are told to.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba
import numpy as np

from matcher.engine.program import Bool, Float64, Int64

_NEVER = 2**58
"""No row is worth as much."""

_Given = ParamSpec("_Given")
_Told = TypeVar("_Told")


def _compiled(function: Callable[_Given, _Told]) -> Callable[_Given, _Told]:
    """Compile a function when it is first called; kept on disk where there is a place for it."""
    try:
        made: Callable[_Given, _Told] = numba.njit(cache=True)(function)
    except RuntimeError:  # neither the folder of the code nor the user's can be written
        made = numba.njit(function)
    return made


@_compiled
def _longest(starts: Int64) -> int:
    """Return one more than the columns of the row that has most of them."""
    most = 1
    for row in range(starts.size - 1):
        most = max(most, 1 + starts[row + 1] - starts[row])
    return most


@_compiled
def _sort(n: int, own: Int64, key: Float64) -> None:
    """Sort the first columns by falling key, equal ones by number (Shell 1959)."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap:
        for k in range(gap, n):
            column, worth, at = own[k], key[k], k
            while at >= gap and (
                key[at - gap] < worth or (key[at - gap] == worth and own[at - gap] > column)
            ):
                own[at], key[at] = own[at - gap], key[at - gap]
                at -= gap
            own[at], key[at] = column, worth
        gap //= 3


@_compiled
def _rank(
    first: int,
    end: int,
    columns: Int64,
    use: Int64,
    worth: Int64,
    capacity: int,
    own: Int64,
    away: Int64,
    key: Float64,
) -> tuple[int, int, int, int]:
    """Rank the columns of a row that are worth something, by worth for their use, best first.

    They stand in that order afterwards: nearly sorted, they are sorted soon the next time.
    Writes them to `own`, and to `away` what each is worth beyond the price of the row. Returns how
    many there are, how many of the first fit together, the price, and what no filling is worth more
    than.
    """
    n, rest = 0, 0
    for at in range(first, end):
        column = columns[at]
        if worth[column] > 0:
            own[n], key[n] = column, worth[column] / use[column]
            n += 1
        else:
            rest += 1
            own[own.size - rest] = column
    _sort(n, own, key)
    for k in range(n):
        columns[first + k] = own[k]
    for k in range(rest):
        columns[first + n + k] = own[own.size - 1 - k]
    used, last = 0, 0
    while last < n and used + use[own[last]] <= capacity:
        used += use[own[last]]
        last += 1
    price = 0
    if last < n:
        price = worth[own[last]] // use[own[last]]
    top = price * capacity
    for k in range(n):
        away[k] = worth[own[k]] - price * use[own[k]]
        top += max(0, away[k])
    return n, last, price, top


@_compiled
def _core(
    n: int,
    last: int,
    away: Int64,
    own: Int64,
    use: Int64,
    worth: Int64,
    capacity: int,
    near: Bool,
    core: Int64,
) -> tuple[int, int, int, int]:
    """Write near columns that fit as the core; of the others, those that come first are certain.

    Returns how many it has, how wide its table is, what the certain columns leave, their worth.
    """
    left, certain = capacity, 0
    for k in range(last):
        if not near[k] and away[k] > 0:
            left -= use[own[k]]
            certain += worth[own[k]]
    count, total = 0, 0
    for k in range(n):
        if (near[k] or (k >= last and away[k] > 0)) and use[own[k]] <= left:
            core[count] = k
            count += 1
            total += use[own[k]]
    return count, min(left, total), left, certain


@_compiled
def _roomy(tables: Int64, lines: int, width: int) -> Int64:
    """Return tables of so many lines and so much width at least."""
    if tables.shape[0] >= lines and tables.shape[1] >= width:
        return tables
    shape = (max(lines, tables.shape[0]), max(width, tables.shape[1]))
    return np.empty(shape, dtype=np.int64)


@_compiled
def _table(
    count: int, width: int, core: Int64, own: Int64, use: Int64, worth: Int64, tables: Int64
) -> None:
    """Write what the first columns of a core are worth at every capacity, one line for each."""
    for at in range(width + 1):
        tables[0, at] = 0
    for k in range(count):
        column = own[core[k]]
        size, gain = use[column], worth[column]
        edge = min(size, width + 1)
        for at in range(edge):
            tables[k + 1, at] = tables[k, at]
        for at in range(edge, width + 1):
            tables[k + 1, at] = max(tables[k, at], tables[k, at - size] + gain)


@_compiled
def _best_of(
    n: int,
    last: int,
    top: int,
    away: Int64,
    own: Int64,
    use: Int64,
    worth: Int64,
    capacity: int,
    near: Bool,
    core: Int64,
    took: Bool,
    tables: Int64,
    window: int,
) -> tuple[int, Int64]:
    """Fill one row as well as can be: marks in `took` what is taken; returns its worth, `tables`.

    What comes first is taken, then whatever fits. A filling that differs elsewhere than in a core
    is worth no more than that, or it has all certain columns and those of the best of the core.
    The first core has so many columns on each side of where the row is full.
    """
    best, left = 0, capacity
    for k in range(n):
        took[k] = k < last or use[own[k]] <= left
        if took[k]:
            best += worth[own[k]]
            left -= use[own[k]]
    for wide in (window, n + 1):
        reach, beyond = top - best, False
        for k in range(n):
            near[k] = abs(away[k]) < reach
            if near[k] and not last - wide <= k < last + wide:
                near[k], beyond = False, True
        if reach <= 0:
            break
        count, width, _, certain = _core(n, last, away, own, use, worth, capacity, near, core)
        tables = _roomy(tables, count + 1, width + 1)
        _table(count, width, core, own, use, worth, tables)
        if certain + tables[count, width] > best:
            best = certain + tables[count, width]
            for k in range(n):
                took[k] = k < last and not near[k] and away[k] > 0
            at = width
            for k in range(count - 1, -1, -1):
                took[core[k]] = tables[k + 1, at] > tables[k, at]
                if took[core[k]]:
                    at -= use[own[core[k]]]
        if not beyond:
            break
    return best, tables


@_compiled
def fill_rows(
    starts: Int64,
    columns: Int64,
    use: Int64,
    worth: Int64,
    capacity: Int64,
    taken: Bool,
    window: int,
    rows: Int64,
) -> Int64:
    """Return the most that some rows are worth; marks in `taken` the columns that reach it.

    What is marked of other rows stays.
    """
    most = _longest(starts)
    key = np.empty(most, dtype=np.float64)
    own, away = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    near, took = np.empty(most, dtype=np.bool_), np.empty(most, dtype=np.bool_)
    core, tables = np.empty(most, dtype=np.int64), np.empty((1, 1), dtype=np.int64)
    found = np.zeros(rows.size, dtype=np.int64)
    for at in range(rows.size):
        row = rows[at]
        first, end = starts[row], starts[row + 1]
        n, last, _, top = _rank(first, end, columns, use, worth, capacity[row], own, away, key)
        found[at], tables = _best_of(
            n, last, top, away, own, use, worth, capacity[row], near, core, took, tables,
            window,
        )  # fmt: skip
        for k in range(first + n, end):
            taken[columns[k]] = False
        for k in range(n):
            taken[own[k]] = took[k]
    return found


@_compiled
def weigh_rows(
    starts: Int64,
    columns: Int64,
    use: Int64,
    worth: Int64,
    capacity: Int64,
    room: Int64,
    taking: Int64,
    leaving: Int64,
    window: int,
) -> None:
    """Write what each row falls by when a column of it is taken, and when it is not.

    Exact where that is no more than the room of the row; more than the room elsewhere, and never
    more than is true.
    """
    most = _longest(starts)
    key = np.empty(most, dtype=np.float64)
    own, away = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    near, took = np.empty(most, dtype=np.bool_), np.empty(most, dtype=np.bool_)
    core, tables = np.empty(most, dtype=np.int64), np.empty((1, 1), dtype=np.int64)
    for row in range(capacity.size):
        first, end = starts[row], starts[row + 1]
        n, last, price, top = _rank(first, end, columns, use, worth, capacity[row], own, away, key)
        best, tables = _best_of(
            n, last, top, away, own, use, worth, capacity[row], near, core, took, tables,
            window,
        )  # fmt: skip
        short, spare = top - best, room[row]
        reach = short + spare
        for k in range(n):
            near[k] = abs(away[k]) <= reach
        count, width, left, certain = _core(
            n, last, away, own, use, worth, capacity[row], near, core
        )
        tables = _roomy(tables, count + 1, width + 1)
        _table(count, width, core, own, use, worth, tables)
        for at in range(first, end):
            column = columns[at]
            beyond = worth[column] - price * use[column]
            leaving[column] = max(0, beyond - short)
            fall = max(0, -beyond - short)
            if worth[column] <= 0:
                free = left - use[column]
                if -beyond <= reach:
                    exact = spare + 1
                    if free >= 0:
                        exact = best - certain - worth[column] - tables[count, min(free, width)]
                    fall = exact if exact <= spare else max(fall, spare + 1)
            elif abs(beyond) <= reach and use[column] > left:
                fall = max(fall, spare + 1)
            taking[column] = max(0, fall)
        # What comes after a column, by what is used before it.
        after = np.zeros(width + 1, dtype=np.int64)
        for k in range(count - 1, -1, -1):
            column = own[core[k]]
            size, gain = use[column], worth[column]
            with_it, without = -_NEVER, -_NEVER
            for at in range(width + 1):
                without = max(without, tables[k, at] + after[at])
            for at in range(width + 1 - size):
                with_it = max(with_it, tables[k, at] + gain + after[at + size])
            fall = best - certain - with_it
            taking[column] = max(0, fall) if fall <= spare else max(taking[column], spare + 1)
            fall = best - certain - without
            leaving[column] = max(0, fall) if fall <= spare else max(leaving[column], spare + 1)
            for at in range(width + 1 - size):
                after[at] = max(after[at], after[at + size] + gain)
