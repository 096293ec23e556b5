"""The first prices: a good dual point in milliseconds, from sparse products alone.

Hides how prices are begun (with those of an earlier solve, or none) and the descent that finds
them. bound(l) of `packing` is piecewise
linear; with temperature mu each group's maximum becomes mu log(1 + sum over o of
exp((g[o] - a[.,o].l) / mu)), which is at most mu log(1 + columns) above it and has the gradient
b - A x(l), x being the groups' soft choices (Nesterov 2005, "Smooth minimization of non-smooth
functions"). Accelerated projected steps with restarts (O'Donoghue and Candes 2015, "Adaptive
restart for accelerated gradient schemes") at falling temperatures follow it down.

Everything here is floating point and proves nothing: the prices go on to `dual_bound`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.method.dual_bound import DualBound, dual_bound
from matcher.engine.method.fold import Fold, weight_of
from matcher.engine.method.packing import Packing
from matcher.engine.options import Start
from matcher.engine.program import Float64

SCHEDULE = ((0.3, 30), (0.05, 50), (0.01, 80), (0.002, 100), (0.0005, 60))
"""Temperature as a share of the typical gain, and steps at it."""
BESIDE = 1_500
"""Columns looked at beside those of the groups that are worth serving."""
_SHORT_SCHEDULE = ((0.05, 40), (0.005, 40))  # enough where a linear program takes over
_PER_GROUP = 5
_PER_GROUP_AGAIN, _BESIDE_AGAIN = 2, 300
_LINEAR_COLUMNS = 120_000
_UNTIL = 0.45
_ACTIVE_AT = 20_000
_ACTIVE_REACH = 0.2
_REFRESH = 20
_SINGLE = 1e3
_ACTIVE_SHARE = 0.005


def first_prices(
    fold: Fold, start: Start | None, context: Context, *, large: bool
) -> tuple[Float64, bool]:
    """Return prices near the fold's best, and whether it is still a large program at them.

    What counts is not how many columns it has, but how many its prices leave near the optimum.
    """
    packing = fold.packing
    with context.phase("prices"):
        one_tier = fold.tiers == 1
        unit = float(np.ptp(packing.gain) + 1 if one_tier else weight_of(fold.reduced))
        given = None if start is None else start.prices
        if given is not None and given.shape == (fold.tiers, fold.reduced.m):
            context.say("started from given prices")
            own = np.asarray(given[fold.last]) * context.signs[fold.last]
            prices = packing.prices_from(own)
            large = large and still_large(dual_bound(packing, prices))
            if large:
                prices = smooth_prices(
                    packing, prices, unit=unit, schedule=SCHEDULE[-1:], stop=context.stop
                )
            return prices, large

        def stop() -> bool:
            return context.past(_UNTIL)

        prices = smooth_prices(packing, unit=unit, schedule=_SHORT_SCHEDULE, stop=stop)
        large = large and still_large(dual_bound(packing, prices))
        if large:
            prices = smooth_prices(packing, prices, unit=unit, schedule=SCHEDULE[1:], stop=stop)
        return prices, large


def columns_wanted(priced: DualBound, *, again: bool = False) -> int:
    """Return how many columns a linear program needs at good prices.

    Groups worth serving at the prices, times the choices each may have, and some beside. Fewer will
    do where it goes on from the basis of a program like it (`again`).
    """
    busy = int((priced.idle > 0).sum())
    return _PER_GROUP_AGAIN * busy + _BESIDE_AGAIN if again else _PER_GROUP * busy + BESIDE


def still_large(priced: DualBound) -> bool:
    """Whether these are more columns than linear programs to the end can take."""
    return columns_wanted(priced) > _LINEAR_COLUMNS


def smooth_prices(
    packing: Packing,
    start: Float64 | None = None,
    *,
    unit: float,
    schedule: tuple[tuple[float, int], ...] = SCHEDULE,
    stop: Callable[[], bool] = lambda: False,
) -> Float64:
    """Return prices near the minimum of bound(l), float64 [rows], >= 0.

    Temperatures are shares of `unit`, the spread of gains within a group; a schedule is
    temperatures and steps at them, of which a warm start needs only the cold end. `stop` is asked
    before every step.
    """
    price = np.zeros(packing.rows) if start is None else np.maximum(start, 0.0)
    if not packing.n or not packing.rows:
        return price
    # Curvature of each row over all columns: a part's own would allow steps that overshoot.
    weight = np.maximum(np.abs(packing.capacity), 0.5) * np.maximum(packing.widest, 1e-9)
    kind = np.float32 if int(np.abs(packing.gain).max()) <= _SINGLE * unit else np.float64
    whole = _Floats(packing, weight, kind)
    point = _Point(price, price, 1.0)
    for share, steps in schedule:
        temperature = max(share * unit, 1e-9)
        point = _Point(point.last, point.last, 1.0)
        done = 0
        while done < steps and not stop():
            chunk = min(steps - done, _REFRESH)
            work = whole
            if packing.n > _ACTIVE_AT and share <= _ACTIVE_SHARE:
                # Prices hardly move any more: far columns cannot come back before a refresh.
                work = _Floats(
                    _near(packing, whole, point.last, _ACTIVE_REACH * unit), weight, kind
                )
            point = work.descend(point, temperature, chunk, stop)
            done += chunk
    return point.last


@dataclass(frozen=True, eq=False)
class _Point:
    """Where an accelerated descent stands."""

    last: Float64
    ahead: Float64
    momentum: float


def _near(packing: Packing, whole: "_Floats", price: Float64, reach: float) -> Packing:
    worth = whole.worth(price)
    top = np.maximum(np.maximum.reduceat(worth, packing.starts[:-1]), whole.floor)
    columns = np.flatnonzero(worth >= np.repeat(top, np.diff(packing.starts)) - reach)
    return packing if 2 * columns.size > packing.n else packing.part(columns)


class _Floats:
    """A packing in floating point."""

    def __init__(self, part: Packing, weight: Float64, kind: type) -> None:
        self.gain: npt.NDArray[np.floating] = part.gain.astype(kind)
        uses = part.uses
        self.uses = sp.csr_array(
            (
                uses.data.astype(kind),
                uses.indices.astype(np.int32, copy=False),
                uses.indptr.astype(np.int32, copy=False),
            ),
            shape=uses.shape,
        )
        self.by_row = self.uses.T.tocsr()
        self.first = part.starts[:-1]
        self.sizes = np.diff(part.starts)
        self.capacity = part.capacity.astype(np.float64)
        self.optional: npt.NDArray[np.floating] = np.where(part.must, 0.0, 1.0).astype(kind)
        self.floor: npt.NDArray[np.floating] = np.where(part.must, -np.inf, 0.0).astype(kind)
        self.weight = weight

    def worth(self, price: Float64) -> npt.NDArray[np.floating]:
        """Return what each column gains at prices."""
        worth: npt.NDArray[np.floating] = self.gain - self.uses @ price.astype(self.gain.dtype)
        return worth

    def descend(
        self, point: _Point, temperature: float, steps: int, stop: Callable[[], bool]
    ) -> _Point:
        cold = self.gain.dtype.type(1.0 / temperature)
        step = temperature / (2.0 * self.weight)
        share = 1.0 / np.maximum(np.abs(self.capacity), 0.5)
        last, ahead, momentum = point.last, point.ahead, point.momentum
        for _ in range(steps):
            if stop() or not self.gain.size:
                break
            worth = self.worth(ahead)
            top = np.maximum(np.maximum.reduceat(worth, self.first), self.floor)
            soft = np.exp((worth - np.repeat(top, self.sizes)) * cold)
            total = np.add.reduceat(soft, self.first)
            total += self.optional * np.exp(-np.maximum(top, 0.0) * cold)
            soft *= np.repeat(1.0 / total, self.sizes)
            used = self.by_row @ soft
            slope = self.capacity - used
            # A row wanted far beyond its capacity bends more: a full step would overshoot far.
            wanted = np.sqrt(np.maximum(used * share, 1.0))
            new = np.maximum(ahead - step / wanted * slope, 0.0)
            if float(slope @ (new - last)) > 0.0:
                momentum = 1.0
            grown = (1.0 + math.sqrt(1.0 + 4.0 * momentum * momentum)) / 2.0
            ahead = np.maximum(new + (momentum - 1.0) / grown * (new - last), 0.0)
            last, momentum = new, grown
        return _Point(last, ahead, momentum)
