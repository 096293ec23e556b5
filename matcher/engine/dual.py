"""Prices by smoothing: a good dual point in milliseconds, from sparse products alone.

Hides the descent that finds prices. bound(l) of :mod:`matcher.engine.stage` is piecewise
linear; with temperature mu each group's maximum becomes mu log(1 + sum over o of
exp((g[o] - a[.,o].l) / mu)), which is at most mu log(1 + columns) above it and has the gradient
b - A x(l), x being the groups' soft choices (Nesterov 2005, "Smooth minimization of non-smooth
functions"). Accelerated projected steps with restarts (O'Donoghue and Candes 2015, "Adaptive
restart for accelerated gradient schemes") at falling temperatures follow it down.

Everything here is floating point and proves nothing: the prices go on to `price_exactly`.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from matcher.engine.stage import Stage

__all__ = ["SCHEDULE", "smooth_prices"]

Float64 = npt.NDArray[np.float64]

SCHEDULE = ((0.3, 30), (0.08, 30), (0.02, 40), (0.005, 40))
"""Temperature as a share of the typical gain, and steps at it."""
_ACTIVE_AT = 200_000
_ACTIVE_REACH = 12.0


def smooth_prices(
    stage: Stage,
    start: Float64 | None = None,
    *,
    unit: float,
    schedule: tuple[tuple[float, int], ...] = SCHEDULE,
    stop: Callable[[], bool] = lambda: False,
) -> Float64:
    """Return prices near the minimum of bound(l), float64 [rows], >= 0.

    Parameters
    ----------
    stage
        The program.
    start
        Prices to start from; None starts at zero.
    unit
        What temperatures are shares of, in units of gain: the spread of gains within a group.
    schedule
        Temperatures and steps; a warm start needs only the cold end.
    stop
        Asked before every step.
    """
    price = np.zeros(stage.rows) if start is None else np.maximum(start, 0.0)
    if not stage.n or not stage.rows:
        return price
    work = _Floats(stage)
    for number, (share, steps) in enumerate(schedule):
        temperature = max(share * unit, 1e-9)
        if stage.n > _ACTIVE_AT and number:
            # A column this many temperatures below its group's best has no weight worth adding.
            work = _Floats(stage, price, _ACTIVE_REACH * share * unit * 4)
        price = work.descend(price, temperature, steps, stop)
    return price


class _Floats:
    """A stage in floating point, optionally only its columns near given prices."""

    def __init__(self, stage: Stage, near: Float64 | None = None, reach: float = math.inf) -> None:
        columns = np.arange(stage.n)
        if near is not None:
            worth = stage.gain - stage.uses @ near
            top = np.maximum(np.maximum.reduceat(worth, stage.starts[:-1]), 0.0)
            columns = np.flatnonzero(worth >= top[stage.group] - reach)
        part = stage if columns.size == stage.n else stage.part(columns)
        self.gain = part.gain.astype(np.float64)
        self.uses = part.uses.astype(np.float64)
        self.by_row = self.uses.T.tocsr()
        self.first = part.starts[:-1]
        self.sizes = np.diff(part.starts)
        self.capacity = part.capacity.astype(np.float64)
        self.optional = np.where(part.must, 0.0, 1.0)
        self.floor = np.where(part.must, -np.inf, 0.0)
        most = np.zeros(part.rows)
        np.maximum.at(most, self.uses.indices, np.abs(self.uses.data))
        self.weight = np.maximum(np.abs(self.capacity), 0.5) * np.maximum(most, 1e-9)

    def descend(
        self, price: Float64, temperature: float, steps: int, stop: Callable[[], bool]
    ) -> Float64:
        step = temperature / (2.0 * self.weight)
        last, ahead, momentum = price, price, 1.0
        for _ in range(steps):
            if stop():
                break
            worth = self.gain - self.uses @ ahead
            top = np.maximum(np.maximum.reduceat(worth, self.first), self.floor)
            weight = np.exp((worth - np.repeat(top, self.sizes)) / temperature)
            total = np.add.reduceat(weight, self.first)
            total += self.optional * np.exp(-np.maximum(top, 0.0) / temperature)
            weight *= np.repeat(1.0 / total, self.sizes)
            slope = self.capacity - self.by_row @ weight
            new = np.maximum(ahead - step * slope, 0.0)
            if float(slope @ (new - last)) > 0.0:
                momentum = 1.0
            grown = (1.0 + math.sqrt(1.0 + 4.0 * momentum * momentum)) / 2.0
            ahead = np.maximum(new + (momentum - 1.0) / grown * (new - last), 0.0)
            last, momentum = new, grown
        return last
