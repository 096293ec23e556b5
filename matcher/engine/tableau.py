"""Cuts from the basis of the linear program, exact whatever the basis is.

Hides how multipliers of rows become a cut. Take whole multipliers W[r] of all rows (groups are
rows too, of use and capacity 1), a whole divisor D, and write s[r] >= 0 for what a row leaves
over, a whole number in every selection. Then

    sum over o of (W.a[o]) x[o] + sum over r of W[r] s[r]  =  W.b

and for every superadditive, non-decreasing F with F(0) = 0, with s written out again (Gomory 1960,
"An algorithm for the mixed integer problem"; Nemhauser and Wolsey 1988, II.1.4)

    sum over o of (F(W.a[o]) - F(W).a[o]) x[o]  <=  F(W.b) - F(W).b

with F(W) taken row by row. Here, with t = W.b mod D, all is whole:

    F(d) = floor(d / D) (D - t) + max(0, (d mod D) - t)

The multipliers D B^-1 of a fractional basic column cut the linear program's corner off; only
their remainders modulo D matter. They come from floating point and are rounded: that may make a
cut useless, never wrong, because it holds for *any* W. The coefficient of a column depends on its
uses and group alone, so a cut found on a few columns is a row for all.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from matcher.engine.backends import Outcome
from matcher.engine.cuts import Cuts
from matcher.engine.program import Int64
from matcher.engine.stage import Stage

__all__ = ["separate_corners"]

Float64 = npt.NDArray[np.float64]

_MOST_DIVISOR = 300
_WHOLE = 1e-5
_MOST_SOURCES = 200
_MOST_CUTS = 20
_LEAST_DEPTH = 0.01
_PARALLEL = 0.9
_TINY = 1e-6
_LARGEST = 10**9
_LARGEST_USE = 10**5


def separate_corners(stage: Stage, part: Stage, names: Int64, outcome: Outcome) -> Cuts | None:
    """Return cuts that the solution of a restricted linear program violates, deepest first.

    Parameters
    ----------
    stage
        The program; the cuts hold for all its columns.
    part
        The stage the linear program was made of.
    names
        Group of the stage each group of the part is.
    outcome
        Solution and basis of the linear program of the part.
    """
    x, basis = outcome.x, outcome.basis
    if x is None or basis is None:
        return None
    ones = np.ones(part.n, dtype=np.int64)
    groups = sp.csr_array((ones, (part.group, np.arange(part.n))), shape=(part.must.size, part.n))
    rows = sp.vstack((groups, part.uses.T), format="csr")
    sides = np.concatenate((np.ones(part.must.size, dtype=np.int64), part.capacity))
    found: list[tuple[float, Float64, Int64, int]] = []
    seen: set[bytes] = set()
    width = np.ones(rows.shape[0], dtype=np.int64)  # over all columns, not only the part's
    np.maximum.at(width[part.must.size :], stage.uses.indices, np.abs(stage.uses.data))
    usable = (np.abs(sides) <= _LARGEST) & (width <= _LARGEST_USE)
    for multiplier, divisor in _multipliers(rows, x, basis):
        for turned in {1, divisor - 1}:
            w = multiplier * turned % divisor
            key = divisor.to_bytes(4, "big") + w.tobytes()
            if key in seen or not w.any() or not usable[w > 0].all():
                continue
            seen.add(key)
            rest = int(w @ sides) % divisor
            if not rest:
                continue
            slope = _rounded(w, divisor, rest)
            cut = _rounded(rows.T @ w, divisor, rest) - rows.T @ slope
            limit = int(_rounded(np.array(int(w @ sides)), divisor, rest)) - int(slope @ sides)
            norm = float(np.sqrt((cut[x > _TINY].astype(np.float64) ** 2).sum())) + 1e-9
            depth = (float(cut @ x) - limit) / norm
            if depth > _LEAST_DEPTH and int(np.abs(cut).max()) <= _LARGEST_USE:
                along = cut / np.sqrt((cut.astype(np.float64) ** 2).sum())
                found.append((depth, along, np.append(w, divisor), rest))
    found.sort(key=lambda item: -item[0])
    kept: list[tuple[Float64, Int64, int]] = []
    for _, along, w, rest in found:
        if len(kept) < _MOST_CUTS and all(abs(along @ other) < _PARALLEL for other, _, _ in kept):
            kept.append((along, w, rest))
    if not kept:
        return None
    cuts = [_for_all(stage, names, w, rest) for _, w, rest in kept]
    uses = sp.csr_array(sp.hstack([column for column, _ in cuts], format="csr"))
    return Cuts(uses, np.array([limit for _, limit in cuts], dtype=np.int64))


def _rounded(d: Int64, divisor: int, rest: int) -> Int64:
    """Return F(d)."""
    whole: Int64 = d // divisor * (divisor - rest) + np.maximum(0, d % divisor - rest)
    return whole


def _for_all(stage: Stage, names: Int64, w: Int64, rest: int) -> tuple[sp.csr_array, int]:
    """Return the cut of the multipliers w (groups, rows, divisor) over all columns."""
    divisor = int(w[-1])
    of_group = np.zeros(stage.must.size, dtype=np.int64)
    of_group[names] = w[: names.size]
    of_row = w[names.size : -1]
    total = int(of_group.sum() + of_row @ stage.capacity)
    group_slope, row_slope = _rounded(of_group, divisor, rest), _rounded(of_row, divisor, rest)
    cut = _rounded(stage.uses @ of_row + of_group[stage.group], divisor, rest)
    cut -= stage.uses @ row_slope + group_slope[stage.group]
    limit = int(_rounded(np.array(total), divisor, rest))
    limit -= int(group_slope.sum() + row_slope @ stage.capacity)
    return sp.csr_array(cut[:, None]), limit


def _multipliers(
    rows: sp.csr_array, x: Float64, basis: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]
) -> list[tuple[Int64, int]]:
    """Return whole multipliers and their divisor for the fractional basic columns."""
    columns, tight = np.flatnonzero(basis[0]), np.flatnonzero(~basis[1])
    if not columns.size or columns.size != tight.size:
        return []
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
        scaled = w[at][:, None] * divisors
        good = np.flatnonzero(np.abs(scaled - np.rint(scaled)).max(axis=0) < _WHOLE)
        if good.size:
            divisor = int(divisors[good[0]])
            whole = np.zeros(rows.shape[0], dtype=np.int64)
            whole[tight[at]] = np.rint(w[at] * divisor).astype(np.int64) % divisor
            made.append((whole, divisor))
    return made
