"""Knotty programs: few wide rows, used in many sizes, filled row by row and searched by branching.

Hides how levels are found, which columns they decide, and the order of the search. Levels come from
a subgradient descent on bound(u, y) of `knapsack_bound`, which aims a little below
the best bound known and gives way when it gets no nearer (target values; Brännlund 1993). At the
levels found, a column is out where taking it brings the bound below the target, and certain where
leaving it does. What is left is searched depth first, branching on the group whose best column
costs the bound most when it is left; both numbers are exact, so no trial solves are needed. A
target near the bound leaves next to nothing to search: it gives way step by step, twice as far each
time, until a selection reaches it, which the same search then proves to be the best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from matcher.engine.method.knapsack_bound import Filled, Knapsacks, Sensitivity, knapsacks_of
from matcher.engine.method.packing import Packing, widest_uses
from matcher.engine.program import Bool, Float64, Int64

__all__ = ["KnapsackSearch", "knapsack_search"]

_SMOOTHING = 0.6
_REACH = 2.0
_ROOT_CELLS = 1_500_000_000
_LEAST_ROUNDS = 200
_FEWER = 0.75
_SETTLED = 0.1


class _Effort(NamedTuple):
    """How long a descent looks: bounds at most, and how its aim comes nearer.

    After so many bounds in a row that bring too little, by a share, to a least share of the first.
    """

    rounds: int
    patience: int
    give_way: float
    least: float


_ROOT = _Effort(3_000, 30, 0.7, 0.001)
_PART = _Effort(12, 6, 0.6, 0.01)


@dataclass(frozen=True, eq=False)
class _Point:
    """Levels, prices and what they show."""

    levels: Float64
    """Level of each group, in units of gain."""
    prices: Float64
    """Price of each priced row, in units of gain."""
    filled: Filled


class _Descent:
    """Brings the bound of some knapsacks down."""

    def __init__(self, knapsacks: Knapsacks, alive: Bool, stop: Callable[[], bool]) -> None:
        self.knapsacks, self.alive, self.stop = knapsacks, alive, stop
        self.widest = np.maximum(widest_uses(knapsacks.priced), 1).astype(np.float64)

    def at(self, levels: Float64, prices: Float64) -> _Point:
        """Return what whole levels and prices near these show."""
        scale = self.knapsacks.scale
        whole = np.rint(levels * scale).astype(np.int64)
        rent = np.rint(np.maximum(prices, 0.0) * scale).astype(np.int64)
        return _Point(levels, prices, self.knapsacks.fill(whole, rent, self.alive))

    def run(self, point: _Point, reach: float, effort: _Effort, target: int | None) -> _Point:
        """Descend; stop early below the target (in units of gain).

        It begins by aiming `reach` > 0 below the best bound, in units of gain like the target.
        """
        scale, least = self.knapsacks.scale, reach * effort.least
        best, mark, since = point, point.filled.bound, 0
        memory: tuple[Float64, Float64] | None = None
        for _ in range(effort.rounds):
            if target is not None and best.filled.bound < target * scale:
                break
            slope = self._slope(point.filled)
            size = float(slope[0] @ slope[0]) + float(slope[1] @ slope[1])
            if size == 0.0 or self.stop():
                break
            if memory is None:
                memory = slope
            else:
                memory = (_SMOOTHING * memory[0] + slope[0], _SMOOTHING * memory[1] + slope[1])
            length = float(memory[0] @ memory[0]) + float(memory[1] @ memory[1])
            above = (point.filled.bound - best.filled.bound) / scale + reach
            step = above / max(length, size)
            point = self.at(
                point.levels - step * memory[0],
                np.maximum(point.prices - step * memory[1] / self.widest, 0.0),
            )
            if point.filled.bound < best.filled.bound:
                best = point
            if best.filled.bound <= mark - 0.5 * reach * scale:
                mark, since = best.filled.bound, 0
            else:
                since += 1
            if since >= effort.patience:
                reach, mark, since = reach * effort.give_way, best.filled.bound, 0
                point, memory = best, None
                if reach < least:
                    break
        return best

    def _slope(self, filled: Filled) -> tuple[Float64, Float64]:
        """Return what the bound changes by with each level and each price (per widest use)."""
        knapsacks = self.knapsacks
        count = np.bincount(knapsacks.group[filled.taken], minlength=knapsacks.n_groups)
        used = np.zeros(knapsacks.sides.size)
        if used.size:
            used += np.asarray(knapsacks.priced[filled.taken].sum(axis=0)).reshape(-1)
        short: Float64 = (knapsacks.sides - used) / self.widest
        return np.asarray(1.0 - count, dtype=np.float64), short


@dataclass(frozen=True, eq=False)
class _Node:
    """A part of the search: knapsacks of what is open, and what is held."""

    knapsacks: Knapsacks
    origin: Int64
    """Column of the whole that each column is, int64 [columns]."""
    held: Int64
    """Columns of the whole that are taken."""
    gained: int
    """What they gain."""
    levels: Float64
    prices: Float64

    def child(self, alive: Bool, held: Int64, point: _Point) -> _Node:
        """Return the part with some columns taken out and others held."""
        inside = self.knapsacks
        groups = np.ones(inside.n_groups, dtype=np.bool_)
        groups[inside.group[held]] = False
        alive = alive & groups[inside.group]
        return _Node(
            inside.without(alive, held),
            self.origin[alive],
            np.concatenate((self.held, self.origin[held])),
            self.gained + int(inside.gain[held].sum()),
            point.levels[groups],
            point.prices,
        )


class KnapsackSearch:
    """A knotty packing at good levels: its bound, what each column loses, and the search.

    It begins at levels and prices in units of gain; `reach` is how much a group's choices differ
    by. `stop` is asked often during the descent, and ends it as it stands.
    """

    def __init__(
        self,
        packing: Packing,
        knapsacks: Knapsacks,
        levels: Float64,
        prices: Float64,
        reach: float,
        stop: Callable[[], bool],
    ) -> None:
        self.packing, self.knapsacks, self.stop = packing, knapsacks, stop
        self.nodes = 0
        """Parts that were looked at."""
        everything = np.ones(knapsacks.n, dtype=np.bool_)
        descent = _Descent(knapsacks, everything, stop)
        begin = descent.at(levels, prices)
        self.cells = max(1, knapsacks.cells(begin.filled.worth))
        """Cells of all tables: what one bound costs."""
        rounds = min(_ROOT.rounds, max(_LEAST_ROUNDS, _ROOT_CELLS // self.cells))
        self._root = descent.run(
            begin,
            _REACH * reach * max(1, knapsacks.n_groups) ** 0.5,
            _ROOT._replace(rounds=rounds),
            None,
        )
        self._decided = self._sensitivity(knapsacks, self._root, everything)

    @property
    def bound(self) -> int:
        """No selection of the packing has more gain."""
        return self._root.filled.bound // self.knapsacks.scale

    def within(self, value: int) -> Int64:
        """Return the columns of the packing that may be in a selection of at least this value."""
        room = self._root.filled.bound - value * self.knapsacks.scale
        return np.flatnonzero(self._decided.taking[: self.packing.n] <= room)

    @property
    def loss(self) -> Int64:
        """What the bound falls by with each column of the packing, in units of 1 / scale."""
        return self._decided.taking[: self.packing.n]

    def search(
        self,
        target: int,
        most: int,
        tell: Callable[[Int64], None],
        stop: Callable[[], bool] = lambda: False,
    ) -> tuple[Int64 | None, bool]:
        """Look for the best selection that gains at least a target.

        At most `most` parts are looked at in all; `stop` ends the search, too.
        Also returns whether the search is complete: nothing
        gains the target (None), or nothing gains more than what was found.
        """
        found: Int64 | None = None
        self.stop = stop
        point = self._root
        whole = self.knapsacks
        root = _Node(
            whole, np.arange(whole.n), np.zeros(0, np.int64), 0, point.levels, point.prices
        )
        open_ = [root]
        first = True
        while open_:
            if self.nodes >= most or stop():
                return found, False
            node = open_.pop()
            self.nodes += 1
            left = self._narrowed(node, target, first)
            first = False
            if left is None:
                continue
            node, point, decided, whole_one = left
            if whole_one is not None:
                value = self.packing.value(whole_one)
                if value >= target:
                    found, target = whole_one, value + 1
                    tell(whole_one)
                    # Nothing gains more than this part's bound: below it, it may still hold more.
                if (point.filled.bound // node.knapsacks.scale) + node.gained < target:
                    continue
            open_ += self._branches(node, point, decided)
        return found, True

    def _narrowed(
        self, node: _Node, target: int, first: bool
    ) -> tuple[_Node, _Point, Sensitivity, Int64 | None] | None:
        """Bring a part's bound down and decide what it decides; None: nothing gains the target."""
        descend, settled = not first, False
        while True:
            inside, aim = node.knapsacks, target - node.gained
            point = self._look(node, aim, descend=descend and not settled)
            if point is None:
                return None
            alive = np.ones(inside.n, dtype=np.bool_)
            decided = self._sensitivity(inside, point, alive)
            if settled:
                return node, point, decided, self._selection(node, point)
            spare = point.filled.bound - aim * inside.scale
            alive = decided.taking <= spare
            certain = np.flatnonzero(alive & (decided.leaving > spare))
            count = np.bincount(inside.group[alive], minlength=inside.n_groups)
            if np.unique(inside.group[certain]).size < certain.size or (count == 0).any():
                return None
            only = alive & (count[inside.group] == 1)
            held = np.union1d(certain, np.flatnonzero(only))
            if held.size == inside.n_groups:
                return self._last(node, point, decided, held, target)
            gone = inside.n - int(alive.sum())
            if not held.size and not gone:
                return node, point, decided, self._selection(node, point)
            # A part that has lost a little is looked at once more, at the levels it has.
            node, descend, settled = (
                node.child(alive, held, point),
                True,
                gone <= _SETTLED * inside.n,
            )

    def _look(self, node: _Node, aim: int, *, descend: bool) -> _Point | None:
        """Return what a part's levels show, brought down first; None: nothing gains the aim."""
        inside = node.knapsacks
        if (inside.capacity < 0).any():
            return None
        if (np.bincount(inside.group, minlength=inside.n_groups) == 0).any():
            return None
        descent = _Descent(inside, np.ones(inside.n, dtype=np.bool_), self.stop)
        point = descent.at(node.levels, node.prices)
        room = point.filled.bound / inside.scale - aim
        if descend and room >= 0:
            point = descent.run(point, max(0.3 * room, 2.0 / inside.scale), _PART, aim)
        return None if point.filled.bound < aim * inside.scale else point

    def _last(
        self, node: _Node, point: _Point, decided: Sensitivity, held: Int64, target: int
    ) -> tuple[_Node, _Point, Sensitivity, Int64 | None] | None:
        """Return a part that is one selection, if it is a legal one that gains the target."""
        chosen = self._legal(np.concatenate((node.held, node.origin[held])))
        if chosen is None or self.packing.value(chosen) < target:
            return None
        empty = node.child(np.zeros(node.knapsacks.n, dtype=np.bool_), held, point)
        nothing = _Point(
            empty.levels, empty.prices, Filled(0, np.zeros(0, np.int64), np.zeros(0, np.int64))
        )
        return empty, nothing, Sensitivity(decided.taking[:0], decided.leaving[:0]), chosen

    def _selection(self, node: _Node, point: _Point) -> Int64 | None:
        """Return what fills the rows best where it is a selection: one column of every group."""
        inside, taken = node.knapsacks, point.filled.taken
        count = np.bincount(inside.group[taken], minlength=inside.n_groups)
        if taken.size != inside.n_groups or (count != 1).any():
            return None
        return self._legal(np.concatenate((node.held, node.origin[taken])))

    def _legal(self, columns: Int64) -> Int64 | None:
        chosen = np.sort(columns[columns < self.packing.n])
        return chosen if self.packing.admits(chosen) else None

    def _branches(self, node: _Node, point: _Point, decided: Sensitivity) -> list[_Node]:
        """Return both parts of a part, the more promising one last."""
        inside = node.knapsacks
        if not inside.n_groups:
            return []
        group, taking = inside.group, decided.taking
        order = np.lexsort((np.arange(inside.n), taking, group))
        first = np.searchsorted(group[order], np.arange(inside.n_groups))
        best = order[first]
        count = np.bincount(group, minlength=inside.n_groups)
        second = np.full(inside.n_groups, np.iinfo(np.int64).max)
        several = count > 1
        second[several] = taking[order[first[several] + 1]]
        left = np.maximum(decided.leaving[best], second)
        left[~several] = -1
        at = int(np.lexsort((np.arange(inside.n_groups), -taking[best], -left))[0])
        column = int(best[at])
        alive = np.ones(inside.n, dtype=np.bool_)
        without = alive.copy()
        without[column] = False
        return [
            node.child(without, np.zeros(0, dtype=np.int64), point),
            node.child(alive, np.array([column]), point),
        ]

    @staticmethod
    def _sensitivity(knapsacks: Knapsacks, point: _Point, alive: Bool) -> Sensitivity:
        scale = knapsacks.scale
        return knapsacks.sensitivity(
            np.rint(point.levels * scale).astype(np.int64),
            np.rint(np.maximum(point.prices, 0.0) * scale).astype(np.int64),
            alive,
        )


def knapsack_search(
    packing: Packing, prices: Float64, stop: Callable[[], bool]
) -> KnapsackSearch | None:
    """Return the decomposition of a packing; None where its rows are no knapsacks.

    `prices` are good ones of its rows; `stop` is asked often and ends the descent as it stands.
    """
    worth = packing.gain - packing.lines(np.arange(packing.n)) @ prices
    best = np.maximum.reduceat(worth, packing.starts[:-1])
    best = np.where(packing.must, best, np.maximum(best, 0.0))
    knapsacks = knapsacks_of(packing, best, prices)
    if knapsacks is None:
        return None
    order = np.lexsort((-worth, packing.group))
    second = np.append(order, 0)[packing.starts[:-1] + 1]
    several = np.diff(packing.starts) > 1
    apart = (best - worth[second])[several]
    reach = float(np.median(apart)) if apart.size else 0.0
    reach = max(reach, float(apart.mean()) * 0.1 if apart.size else 0.0, 4.0 / knapsacks.scale)
    return KnapsackSearch(packing, knapsacks, best, prices[knapsacks.rows], reach, stop)
