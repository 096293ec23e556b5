"""Knotty programs: few wide rows, used in many sizes, filled row by row and searched by branching.

Hides how levels are found, which columns they decide, and the order of the search. Levels come from
a subgradient descent on bound(u, y) of `knapsack_bound`, which aims a little below
the best bound known and gives way when it gets no nearer (target values; Brännlund 1993). At the
levels found, a column is out where taking it brings the bound below the target. What is left is
searched depth first, branching on a group that the rows filled best have no column of, or several:
of these on the one whose second choice costs the bound most. A target near the bound leaves next to
nothing to search. Many parts are looked at together, so that a step of the tables is one operation
for the rows of all of them: always the last ones of the same list, so a search repeats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from matcher.engine.method.knapsack_bound import Filled, Parts
from matcher.engine.method.knapsacks import FilledRows, Knapsacks, Part, knapsacks_of
from matcher.engine.method.packing import Packing, widest_uses
from matcher.engine.program import Bool, Float64, Int64

_REACH = 2.0
_TOGETHER = 64
"""Parts that are looked at together."""
_FEW_TOGETHER = 8
"""The same, where few are looked at in all."""
_CELLS = 2_000_000
_DEEP = 20
"""Columns of a row that its table mostly has."""
_SETTLED = 0.1
_NONE = np.zeros(0, dtype=np.int64)


class _Effort(NamedTuple):
    """How long a descent looks: bounds at most, and how its aim comes nearer.

    After so many bounds in a row that bring too little, by a share, to a least share of the first.
    """

    rounds: int
    patience: int
    give_way: float
    least: float
    smoothing: float = 0.6
    """What a step keeps of the one before."""


_ROOT = _Effort(3_000, 30, 0.7, 0.001)
_PARTS = (
    (3_000, _Effort(12, 12, 0.6, 0.01)),
    (10_000, _Effort(40, 40, 0.6, 0.01, 0.9)),
    (2**62, _Effort(120, 120, 0.6, 0.01, 0.9)),
)
"""Until so many parts of a search were looked at, how levels of one are looked for: the longer, the
fewer parts are left, which pays where there are many. Those of the last search count, too."""
_AIM = 0.6
"""How far below its bound a part's descent aims at first, as a share of the way to its target."""
_DIVE = _Effort(30, 8, 0.7, 0.01)
_AGAIN = _Effort(60, 8, 0.7, 0.01)


@dataclass(frozen=True, eq=False)
class Dive:
    """What is left to choose when most groups are decided."""

    held: Int64
    """Columns of the packing that are taken, sorted."""
    near: Int64
    """Columns of the packing of the open groups, those that cost least first."""
    groups: int
    """Open groups (count)."""


@dataclass(frozen=True, eq=False)
class _Point:
    """Levels and prices of some parts, and what they show."""

    levels: Float64
    """Level of each group, in units of gain."""
    prices: Float64
    """Price of each priced row, in units of gain, [parts, priced rows]."""
    bound: Int64
    """Bound of each part, in units of 1 / scale."""
    count: Int64
    """Columns of each group that fill the rows best."""
    short: Float64
    """What the filling leaves of each priced row, by its widest use, [parts, priced rows]."""
    taken: Bool
    """Columns that fill the rows best."""

    def improved(self, other: _Point, better: Bool, parts: Parts) -> _Point:
        """Return the other point for some parts, this one for the rest."""
        if better.all():
            return other
        of_group, of_column = better[parts.part_of_group], better[parts.part]
        return _Point(
            np.where(of_group, other.levels, self.levels),
            np.where(better[:, None], other.prices, self.prices),
            np.where(better, other.bound, self.bound),
            np.where(of_group, other.count, self.count),
            np.where(better[:, None], other.short, self.short),
            np.where(of_column, other.taken, self.taken),
        )


class _Descent:
    """Brings the bounds of some parts down, each for itself."""

    def __init__(self, parts: Parts, widest: Float64, stop: Callable[[], bool]) -> None:
        self.parts, self.widest, self.stop = parts, widest, stop
        self.scale = parts.whole.scale

    def at(
        self,
        levels: Float64,
        prices: Float64,
        going: Bool | None = None,
        before: _Point | None = None,
    ) -> _Point:
        """Return what whole levels and prices near these show; `going` and before as in `fill`."""
        parts = self.parts
        known = None if before is None else Filled(before.bound, before.taken)
        filled = parts.fill(*parts.whole.rounded(levels, prices), going, known)
        count = np.add.reduceat(filled.taken.astype(np.int64), parts.first)
        short = (parts.sides - parts.used(filled.taken)) / self.widest
        return _Point(levels, prices, filled.bound, count, short, filled.taken)

    def run(
        self, point: _Point, reach: Float64, effort: _Effort, target: Int64 | None = None
    ) -> _Point:
        """Descend; a part stops early below its target, in units of 1 / scale.

        It begins by aiming `reach` > 0 below the best bound, in units of gain.
        """
        parts, scale, keep = self.parts, self.scale, effort.smoothing
        of_group = parts.part_of_group
        least, best, mark = reach * effort.least, point, point.bound
        since = np.zeros(reach.size, dtype=np.int64)
        memory = np.zeros(point.levels.size), np.zeros(point.prices.shape)
        for _ in range(effort.rounds):
            slope = np.asarray(1.0 - point.count, dtype=np.float64)
            size = self._squared(slope, point.short)
            going = (size > 0.0) & (reach >= least)
            if target is not None:
                going &= best.bound >= target
            if not going.any() or self.stop():
                break
            memory = keep * memory[0] + slope, keep * memory[1] + point.short
            length = np.maximum(self._squared(*memory), np.maximum(size, 1e-9))
            above = (point.bound - best.bound) / scale + reach
            step = np.where(going, above / length, 0.0)
            point = self.at(
                point.levels - step[of_group] * memory[0],
                np.maximum(point.prices - step[:, None] * memory[1] / self.widest, 0.0),
                going,
                point,
            )
            best = best.improved(point, point.bound < best.bound, parts)
            nearer = best.bound <= mark - 0.5 * reach * scale
            since = np.where(nearer, 0, since + 1)
            back = since >= effort.patience
            mark = np.where(nearer | back, best.bound, mark)
            if back.any():
                reach, since = (
                    np.where(back, reach * effort.give_way, reach),
                    np.where(back, 0, since),
                )
                point = point.improved(best, back, parts)
                memory = (
                    np.where(back[of_group], 0.0, memory[0]),
                    np.where(back[:, None], 0.0, memory[1]),
                )
        return best

    def _squared(self, levels: Float64, prices: Float64) -> Float64:
        total = np.add.reduceat(levels * levels, self.parts.group_starts)
        squared: Float64 = total + (prices * prices).sum(axis=1)
        return squared


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
        """Parts that were looked at, those that were looked at longer counted as several."""
        self._last = 0
        """Of the last search likewise."""
        self._widest = np.maximum(widest_uses(knapsacks.priced), 1).astype(np.float64)
        parts = Parts(knapsacks, [knapsacks.whole(levels, prices)])
        descent = _Descent(parts, self._widest, stop)
        groups = parts.first.size
        self._root = descent.run(
            descent.at(parts.levels, parts.prices),
            np.array([_REACH * reach * groups**0.5]),
            _ROOT,
        )
        self._reach = reach
        self._least = int(np.minimum.reduceat(knapsacks.gain, parts.first).sum())
        """Every selection gains as much."""
        self.cells = _DEEP * int((knapsacks.capacity + 1).sum())
        """Cells of all tables, about: what one bound costs."""
        self.loss = self._costs(parts, self._root)
        """What the bound falls by with each column of the packing, in units of 1 / scale."""
        self.settled = self._once(parts, self._root)
        """Columns that fill the rows best, of groups that have one of them."""

    @property
    def bound(self) -> int:
        """No selection of the packing has more gain."""
        return int(self._root.bound[0]) // self.knapsacks.scale

    def within(self, value: int) -> Int64:
        """Return the columns of the packing that may be in a selection of at least this value."""
        room = int(self._root.bound[0]) - value * self.knapsacks.scale
        return np.flatnonzero(self.loss <= room)

    @staticmethod
    def _once(parts: Parts, point: _Point) -> Int64:
        taken = np.flatnonzero(point.taken)
        once: Int64 = taken[point.count[parts.group[taken]] == 1]
        return once

    def _costs(self, parts: Parts, point: _Point) -> Int64:
        scale = self.knapsacks.scale
        room = np.full(len(parts.parts), int(self._reach * scale))
        return parts.cost(*self.knapsacks.rounded(point.levels, point.prices), room)

    def dive(self, groups: int, at_once: float, *, fall: float = 0.0, held: Int64 = _NONE) -> Dive:
        """Decide groups until so many are open, in steps, each at the levels of what is left.

        A step decides a share `at_once` of the open groups at most: the smaller, the less the bound
        of what is left falls. Levels are looked for that show a `fall` of so much in a step, in
        units of gain; those that show less mislead the steps that follow. It begins with columns of
        the packing that are `held`, which fit together.

        What fills the rows best takes most groups exactly once. Those are decided whose other
        choices cost most; what is held together fills its rows, so it fits.
        """
        knapsacks, root = self.knapsacks, self._root
        part = knapsacks.whole(root.levels, root.prices[0])
        reach = np.array([max(fall, self._reach)])
        if held.size:
            part = self._beside(held) or part
        while True:
            parts = Parts(knapsacks, [part])
            descent = _Descent(parts, self._widest, self.stop)
            point = descent.at(parts.levels, parts.prices)
            if part.held.size:
                point = descent.run(point, reach, _DIVE)
            cost, open_ = self._costs(parts, point), parts.first.size
            if open_ <= groups or self.stop():
                break
            once = self._once(parts, point)
            shown = cost.copy()
            shown[once] = np.iinfo(np.int64).max
            other = np.minimum.reduceat(shown, parts.first)[parts.group[once]]
            most = max(1, min(int(at_once * open_), open_ - groups))
            held = np.sort(once[np.argsort(-other, kind="stable")[:most]])
            kept = np.ones(open_, dtype=np.bool_)
            kept[parts.group[held]] = False
            left = parts.origin[kept[parts.group]]
            less = knapsacks.less(part, left, parts.origin[held], point.levels[kept])
            if not held.size or less is None:
                break
            part = less.at(point.prices[0])
        near = parts.origin[np.argsort(cost, kind="stable")]
        return Dive(np.sort(part.held), near, int(open_))

    def _beside(self, held: Int64) -> Part | None:
        """Return what is left beside columns that are held; None: they do not fit."""
        knapsacks, root = self.knapsacks, self._root
        kept = np.ones(root.levels.size, dtype=np.bool_)
        kept[knapsacks.group[held]] = False
        left = np.flatnonzero(kept[knapsacks.group])
        whole = knapsacks.whole(root.levels, root.prices[0])
        return knapsacks.less(whole, left, held, root.levels[kept])

    def again(
        self, held: Int64, target: int, fall: float, most: int, stop: Callable[[], bool]
    ) -> tuple[Int64 | None, bool]:
        """Choose again for all groups but those of columns that are held, which fit together.

        Levels are looked for that show a `fall` of the bound, in units of gain; then as `search`,
        with at most so many parts.
        """
        part = self._beside(held)
        if part is None:
            return None, True
        parts = Parts(self.knapsacks, [part])
        descent = _Descent(parts, self._widest, stop)
        aim = np.array([(target - part.gained) * self.knapsacks.scale])
        point = descent.run(
            descent.at(parts.levels, parts.prices),
            np.array([max(fall, self._reach)]),
            _AGAIN,
            aim,
        )
        if point.bound[0] < aim[0]:
            return None, True
        part = replace(part, levels=point.levels, prices=point.prices[0])
        return self._explore([part], target, self.nodes + most, stop=stop, together=_FEW_TOGETHER)

    def search(
        self,
        target: int,
        most: int,
        tell: Callable[[Int64], None],
        stop: Callable[[], bool] = lambda: False,
        enough: int | None = None,
    ) -> tuple[Int64 | None, bool]:
        """Look for the best selection that gains at least a target.

        At most `most` parts are looked at in all; `stop` ends the search, too, and so does a
        selection of `enough`, where it is known that nothing gains more. Also returns whether the
        search is complete: nothing gains the target (None), or nothing more than what was found.
        """
        whole = self.knapsacks.whole(self._root.levels, self._root.prices[0])
        begun, target = self.nodes, max(target, self._least)
        found = self._explore([whole], target, most, tell, stop, enough, known=self._last)
        self._last = self.nodes - begun
        return found

    def _explore(
        self,
        open_: list[Part],
        target: int,
        most: int,
        tell: Callable[[Int64], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
        enough: int | None = None,
        together: int = _TOGETHER,
        known: int = 0,
    ) -> tuple[Int64 | None, bool]:
        """Search some parts, so many at once; as hard as if so many were known."""
        found: Int64 | None = None
        begun = self.nodes - known
        together = max(1, min(together, _CELLS // self.cells))
        while open_:
            if self.nodes >= most or stop():
                return found, False
            batch = open_[-together:]
            del open_[-together:]
            effort = next(each for many, each in _PARTS if self.nodes - begun <= many)
            self.nodes += len(batch) * effort.rounds // _PARTS[0][1].rounds
            selections, more = self._look(Parts(self.knapsacks, batch), target, effort, stop)
            for columns in selections:
                chosen = self._legal(columns)
                if chosen is not None and self.packing.value(chosen) >= target:
                    found, target = chosen, self.packing.value(chosen) + 1
                    tell(chosen)
            if enough is not None and target > enough:
                return found, True
            open_ += more
        return found, True

    def _look(
        self, parts: Parts, target: int, effort: _Effort, stop: Callable[[], bool]
    ) -> tuple[list[Int64], list[Part]]:
        """Bring bounds of parts down and decide what they decide.

        Returns what may be selections of enough gain, and the parts that are left of these, the
        more promising ones last.
        """
        scale = self.knapsacks.scale
        gained = np.array([part.gained for part in parts.parts])
        aim = (target - gained) * scale
        descent = _Descent(parts, self._widest, stop)
        point = descent.at(parts.levels, parts.prices)
        room = np.maximum((point.bound - aim) / scale, 0.0)
        point = descent.run(point, np.maximum(_AIM * room, 2.0 / scale), effort, aim)
        spare = point.bound - aim
        whole = self.knapsacks.rounded(point.levels, point.prices)
        cost = parts.cost(*whole, np.maximum(spare, 0))
        alive = cost <= spare[parts.part]
        count = np.add.reduceat(alive.astype(np.int64), parts.first)
        good = (spare >= 0) & (np.minimum.reduceat(count, parts.group_starts) > 0)
        # Filled best with one column of every group: a selection, and worth the bound if no row is
        # priced.
        odd = np.add.reduceat(np.abs(point.count - 1), parts.group_starts)
        ends = np.append(parts.starts, parts.gain.size)
        selections = [
            np.concatenate(
                (
                    parts.parts[p].held,
                    parts.origin[ends[p] : ends[p + 1]][point.taken[ends[p] : ends[p + 1]]],
                )
            )
            for p in np.flatnonzero((spare >= 0) & (odd == 0)).tolist()
        ]
        more: list[Part] = []
        worth_it = _Branching(parts, point, cost, alive, count)
        for p in np.flatnonzero(good).tolist():
            whole_one, left = worth_it.split(p)
            if whole_one is not None:
                selections.append(whole_one)
            more += left
        return selections, more

    def _legal(self, columns: Int64) -> Int64 | None:
        chosen = np.sort(columns)
        return chosen if self.packing.admits(chosen) else None


class _Branching:
    """What is left of parts that were looked at: smaller, whole, or in two."""

    def __init__(self, parts: Parts, point: _Point, cost: Int64, alive: Bool, count: Int64) -> None:
        self.parts, self.point, self.alive, self.count = parts, point, alive, count
        # A column that is out costs more than any other; of the others, the two that cost least.
        shown = np.where(alive, cost, np.iinfo(np.int64).max)
        self.least = np.minimum.reduceat(shown, parts.first)
        tied = np.flatnonzero(shown == self.least[parts.group])
        _, at = np.unique(parts.group[tied], return_index=True)
        self.best = tied[at]
        shown[self.best] = np.iinfo(np.int64).max
        self.second = np.minimum.reduceat(shown, parts.first)
        self.columns = np.append(parts.starts, parts.gain.size)
        self.groups = np.append(parts.group_starts, parts.first.size)

    def split(self, p: int) -> tuple[Int64 | None, list[Part]]:
        """Return a part as a selection where it is one, or what is left of it."""
        parts, knapsacks = self.parts, self.parts.whole
        part, origin = parts.parts[p], parts.origin
        span = slice(self.columns[p], self.columns[p + 1])
        groups = slice(self.groups[p], self.groups[p + 1])
        single = self.count[groups] == 1
        alive = self.alive[span]
        held = origin[self.best[groups][single]]
        levels = self.point.levels[groups]
        if single.all():
            return np.concatenate((part.held, held)), []
        mine = parts.group[span] - self.groups[p]
        left = alive & ~single[mine]
        whole = knapsacks.less(part, origin[span][left], held, levels[~single])
        if whole is None:
            return None, []
        whole = whole.at(self.point.prices[p])
        if int(left.sum()) < (1.0 - _SETTLED) * left.size:
            return None, [whole]
        second = np.where(single, -1, self.second[groups])
        # Rows filled without a column of a group, or with several: there the bound is to be raised.
        torn = ~single & (self.point.count[groups] != 1)
        second = np.where(torn, second, -1) if torn.any() else second
        most = np.flatnonzero(second == second.max())
        group = int(most[np.argmin(self.least[groups][most])])
        column = origin[self.best[groups][group]]
        rest = whole.origin != column
        without = knapsacks.less(whole, whole.origin[rest], _NONE, whole.levels)
        others = knapsacks.group[whole.origin] != knapsacks.group[column]
        kept = np.flatnonzero(~single) != group
        if not others.any():
            return np.append(whole.held, column), [] if without is None else [without]
        with_it = knapsacks.less(
            whole, whole.origin[others], np.array([column]), whole.levels[kept]
        )
        return None, [each for each in (without, with_it) if each is not None]


def knapsack_search(
    packing: Packing, filled: FilledRows, prices: Float64, stop: Callable[[], bool]
) -> KnapsackSearch | None:
    """Return the decomposition of a packing that serves all groups; None: no scale has room.

    `prices` are good ones of its rows; `stop` is asked often and ends the descent as it stands.
    """
    worth = packing.gain - filled.lines @ prices
    best = np.maximum.reduceat(worth, packing.starts[:-1])
    knapsacks = knapsacks_of(packing, filled, best, prices)
    if knapsacks is None:
        return None
    order = np.lexsort((-worth, packing.group))
    second = np.append(order, 0)[packing.starts[:-1] + 1]
    several = np.diff(packing.starts) > 1
    apart = (best - worth[second])[several]
    reach = float(np.median(apart)) if apart.size else 0.0
    reach = max(reach, float(apart.mean()) * 0.1 if apart.size else 0.0, 4.0 / knapsacks.scale)
    return KnapsackSearch(packing, knapsacks, best, prices[knapsacks.rows], reach, stop)
