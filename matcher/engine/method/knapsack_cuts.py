"""Cuts on single rows: Gomory's rounding of a knapsack, of any slope.

For a row  sum a[o] x[o] <= b  levels c[i] are chosen for all groups, which makes of it a row in
differences a[o] - c[i(o)]; with slope p / k that is a cut (`cuts`) of multiplier W = p for the row,
W = -p c[i] for the groups, and divisor D = k.
"""

import numpy as np

from matcher.engine.method.cuts import Cut
from matcher.engine.method.packing import Packing
from matcher.engine.program import Bool, Float64, Int64

_MOST_USE = 400
_MOST_SLOPE = 12
_PER_ROW = 2
_LEAST_DEPTH = 0.01
_TINY = 1e-7


def separate_rows(part: Packing, names: Int64, rows: int, x: Float64) -> list[Cut]:
    """Return cuts on the first `rows` rows that a point violates.

    `part` are columns of a packing, `names` the groups of it that those of the part are.
    """
    whole = part.uses[:, :rows].tocsc()
    value = np.clip(x, 0.0, 1.0)
    value[value < _TINY] = 0.0
    served = np.add.reduceat(value, part.starts[:-1])
    support = value > 0
    found = []
    for row in range(rows):
        span = slice(whole.indptr[row], whole.indptr[row + 1])
        use, at = whole.data[span], whole.indices[span]
        capacity = int(part.capacity[row])
        if not use.size or capacity < 1 or not 2 <= int(use.max()) <= _MOST_USE or use.min() < 0:
            continue
        mass = value[at]
        if float(use @ mass) < capacity - 1.0 or not ((mass > 0) & (mass < 1 - _TINY)).any():
            continue
        group = part.group[at]
        for level in _levels(use, group, mass, served, support[at]):
            for p, k in _violated(use, group, mass, served, level, capacity):
                turned = -p * level % k
                held = np.flatnonzero(turned)
                found.append(
                    Cut(
                        names[held],
                        turned[held],
                        np.array([row], dtype=np.int64),
                        np.array([p], dtype=np.int64),
                        k,
                    )
                )
    return found


def _levels(use: Int64, group: Int64, mass: Float64, served: Float64, held: Bool) -> list[Int64]:
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
) -> list[tuple[int, int]]:
    """Return the slopes p / k of the deepest violated cuts."""
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
    return [(int(p[i, 0]), int(k[i, 0])) for i in best.tolist() if depth[i] > _LEAST_DEPTH]
