"""Cuts from the basis of the linear program, exact whatever the basis is.

Hides which multipliers cut the linear program's corner off: D B^-1 of a fractional basic column,
of which only the remainders modulo D matter (Gomory 1960). They come from floating point and are
rounded: that may make a cut useless, never wrong, because it holds for *any* W
(`cuts`).
"""

import numpy as np
import scipy.sparse as sp

from matcher.engine.method.cuts import LARGEST_USE, Cut, rounded
from matcher.engine.method.packing import Packing
from matcher.engine.program import Bool, Float64, Int64
from matcher.engine.solvers import Outcome

_MOST_DIVISOR = 300
_WHOLE = 1e-5
_PROBE = 12
_MOST_SOURCES = 200
_MOST_CUTS = 20
_LEAST_DEPTH = 0.01
_PARALLEL = 0.9
_TINY = 1e-6
_LARGEST = 10**9


def separate_corners(part: Packing, names: Int64, outcome: Outcome, widest: Int64) -> list[Cut]:
    """Return cuts that the solution of a master linear program violates, deepest first.

    `names` are the groups of the whole packing that those of the part are, `widest` the largest use
    of each row over all its columns.
    """
    x, basis = outcome.x, outcome.basis
    if x is None or basis is None:
        return []
    ones = np.ones(part.n, dtype=np.int64)
    groups = sp.csr_array((ones, (part.group, np.arange(part.n))), shape=(part.must.size, part.n))
    rows = sp.vstack((groups, part.uses.T), format="csr")
    sides = np.concatenate((np.ones(part.must.size, dtype=np.int64), part.capacity))
    across = rows.T.tocsr()
    found: list[tuple[float, Float64, Int64, int]] = []
    seen: set[bytes] = set()
    width = np.append(np.ones(part.must.size, dtype=np.int64), widest)
    usable = (np.abs(sides) <= _LARGEST) & (width <= LARGEST_USE)
    for multiplier, divisor in _multipliers(rows, x, basis.basic_columns, basis.basic_rows):
        for turned in {1, divisor - 1}:
            w = multiplier * turned % divisor
            key = divisor.to_bytes(4, "big") + w.tobytes()
            if key in seen or not w.any() or not usable[w > 0].all():
                continue
            seen.add(key)
            rest = int(w @ sides) % divisor
            if not rest:
                continue
            slope = rounded(w, divisor, rest)
            cut = rounded(across @ w, divisor, rest) - across @ slope
            limit = int(rounded(np.array(int(w @ sides)), divisor, rest)) - int(slope @ sides)
            norm = float(np.sqrt((cut[x > _TINY].astype(np.float64) ** 2).sum())) + 1e-9
            depth = (float(cut @ x) - limit) / norm
            if depth > _LEAST_DEPTH and int(np.abs(cut).max()) <= LARGEST_USE:
                along = cut / np.sqrt((cut.astype(np.float64) ** 2).sum())
                found.append((depth, along, w, divisor))
    found.sort(key=lambda item: -item[0])
    kept: list[tuple[Float64, Int64, int]] = []
    for _, along, w, divisor in found:
        if len(kept) < _MOST_CUTS and all(abs(along @ other) < _PARALLEL for other, _, _ in kept):
            kept.append((along, w, divisor))
    size = part.must.size
    cuts = []
    for _, w, divisor in kept:
        by_group, by_row = np.flatnonzero(w[:size]), np.flatnonzero(w[size:])
        cuts.append(Cut(names[by_group], w[by_group], by_row, w[size + by_row], divisor))
    return cuts


def _multipliers(
    rows: sp.csr_array,
    x: Float64,
    basic_columns: Bool,
    basic_rows: Bool,
) -> list[tuple[Int64, int]]:
    """Return whole multipliers and their divisor for the fractional basic columns."""
    columns, tight = np.flatnonzero(basic_columns), np.flatnonzero(~basic_rows)
    if not columns.size or columns.size != tight.size:
        return []
    from scipy.sparse.linalg import splu  # slow to import

    try:
        factors = splu(rows[tight][:, columns].T.tocsc().astype(np.float64))
    except RuntimeError:  # singular to working precision: no cuts from this basis
        return []
    part = np.minimum(x[columns], 1.0 - x[columns])
    sources = np.argsort(-part, kind="stable")[:_MOST_SOURCES]
    divisors = np.arange(2, _MOST_DIVISOR + 1)
    made = []
    for source in sources[part[sources] > _TINY].tolist():
        unit = np.zeros(columns.size)
        unit[source] = 1.0
        w = factors.solve(unit)
        w -= np.floor(w + _TINY)
        at = np.flatnonzero(w > _TINY)
        if not at.size:
            continue
        # A few entries rule out nearly all divisors.
        good = divisors[_whole(w[at[:_PROBE]], divisors)]
        good = good[_whole(w[at], good)]
        if good.size:
            divisor = int(good[0])
            whole = np.zeros(rows.shape[0], dtype=np.int64)
            whole[tight[at]] = np.rint(w[at] * divisor).astype(np.int64) % divisor
            made.append((whole, divisor))
    return made


def _whole(w: Float64, divisors: Int64) -> Bool:
    """Return which divisors make whole numbers of all w."""
    scaled = w[:, None] * divisors
    whole: Bool = np.abs(scaled - np.rint(scaled)).max(axis=0) < _WHOLE
    return whole
