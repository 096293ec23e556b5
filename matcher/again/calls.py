"""Which changes at openings bring most, one after the other: each counted on top of those before.

All openings as they might be stand beside the openings as they are, and share their seats. A change
lets its own placements in, shuts out those of the opening as it was where it replaces it, and may
add units to rows. What a change can bring at most is known from prices by weak duality: so many of
its placements as there are seats, each by what it is worth above the best its citizen has. Changes
are solved for in that order, until none left could bring more people than the best found.

People alone count. Fit comes second all the same: with it hardly two plans are alike, and what no
plan passes in people is proven in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher import engine
from matcher.formulation import Model

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_SURE = 1e-6
_BRIEF = engine.Options(switches=engine.Switches(neighbourhood=False))
_MOST_ASKED = 40
"""Changes solved for in search of one; what is then left open is said not to be proven."""


@dataclass(frozen=True, eq=False)
class Changes:
    """Changes at openings by position; placements are those of the week that holds all openings."""

    place: Ints
    """Workplace of each change; of changes at one workplace only one is made, shape (changes,)."""
    of: Ints
    """Change that lets a placement in, -1 for the openings as they are, shape (placements,)."""
    shuts: Mapping[int, Ints]
    """Placements that a change shuts out."""
    adds: Mapping[int, Mapping[int, int]]
    """Units that a change adds, by row."""
    seats: Ints
    """Placements that a change can let in at most, shape (changes,)."""


@dataclass(frozen=True)
class Counted:
    """One change, and what it brings on top of those before it."""

    change: int
    people: int
    alone: int
    """People more that it would bring by itself."""
    proven: bool
    """Whether these are exact, and no other change would have brought more people."""


def counted_calls(
    model: Model,
    merged: Ints,
    changes: Changes,
    most: int,
    progress: Callable[[int, int], None] | None = None,
    *,
    begun: Ints,
) -> tuple[Counted, ...]:
    """Choose changes one after the other, each the one that brings most people given the others.

    Parameters
    ----------
    model
        The week that holds all openings, as they are and as they might be.
    merged
        Row that each row of it counts in: the seats of an opening as it might be are the opening's.
    changes
        The changes.
    most
        Changes at most; fewer where none brings anybody more.
    progress
        Called with (changes chosen, ``most``).
    begun
        Placements of the plan as it is: the count begins with them.
    """
    asking = _Asking(model, merged, changes, begun)
    found: list[Counted] = []
    base = now = asking.solve(())
    taken: tuple[int, ...] = ()
    while len(found) < most and now.has_selection:
        chosen = asking.best(taken, now)
        if chosen is None:
            break
        change, answer, sure = chosen
        by_itself = answer if not taken else asking.solve((change,))
        gain = asking.people(answer) - asking.people(now)
        alone = asking.people(by_itself) - asking.people(base)
        proven = sure and all(one.tiers[0].proven for one in (answer, now, by_itself, base))
        found.append(Counted(change, gain, alone, proven))
        taken, now = (*taken, change), answer
        if progress is not None:
            progress(len(found), most)
    return tuple(found)


def _settled(answer: engine.Answer) -> bool:
    """Whether it is known how many are placed."""
    return bool(answer.has_selection and answer.tiers[0].proven)


class _Asking:
    """Solves the week with some changes made: most people, then fit."""

    def __init__(self, model: Model, merged: Ints, changes: Changes, begun: Ints) -> None:
        self._changes, given = changes, model.program
        rows, kept = given.n_rows, np.unique(merged)
        to = np.searchsorted(kept, merged)
        fold = sp.csr_array((np.ones(rows, dtype=np.int64), (to, np.arange(rows))),
                            shape=(len(kept), rows))  # fmt: skip
        people = np.ones(given.n_columns, dtype=np.int64)
        self._row_of = {int(row): at for at, row in enumerate(kept)}
        self._program = given.replace(
            gains=np.stack([people, given.gains[1]]),
            uses=sp.csr_array(fold @ given.uses).astype(np.int64),
            upper=given.upper[kept],
            lower=None if given.lower is None else given.lower[kept],
            row_names=None,
        )
        self._ruled_out = model.ruled_out
        self._start = engine.Start(selection=begun)

    @staticmethod
    def people(answer: engine.Answer) -> int:
        """Return how many are placed; nobody without a plan."""
        return answer.tiers[0].achieved or 0

    def _made(self, made: tuple[int, ...]) -> engine.Program:
        out = (self._changes.of >= 0) & ~np.isin(self._changes.of, made)
        out[self._ruled_out] = True
        upper = self._program.upper.copy()
        for change in made:
            out[self._changes.shuts.get(change, np.zeros(0, dtype=np.int64))] = True
            for row, units in self._changes.adds.get(change, {}).items():
                upper[self._row_of[row]] += units
        return self._program.replace(forbidden=np.flatnonzero(out), upper=upper)

    def solve(self, made: tuple[int, ...]) -> engine.Answer:
        """Place as many as can be; begin where the last such week ended."""
        answer = self._brief(made)
        return answer if _settled(answer) else self._whole(made, answer)

    def _brief(self, made: tuple[int, ...]) -> engine.Answer:
        answer = engine.solve(self._made(made), _BRIEF, start=self._start)
        if answer.has_selection:
            self._start = engine.Start(answer.prices, answer.selection)
        return answer

    def _whole(self, made: tuple[int, ...], brief: engine.Answer) -> engine.Answer:
        """Go on from a brief answer that is not proven, with all there is to find a better one."""
        start = engine.Start(brief.prices, brief.selection) if brief.has_selection else None
        answer = engine.solve(self._made(made), start=start)
        if answer.has_selection:
            self._start = engine.Start(answer.prices, answer.selection)
        return answer

    def best(
        self, taken: tuple[int, ...], now: engine.Answer
    ) -> tuple[int, engine.Answer, bool] | None:
        """Return the change that brings most people now, its week, and whether that is sure."""
        most = self._at_most(taken, now)
        reached, sure, best = self.people(now), True, None
        beyond = 0  # what some week may place that it is not known of
        order = np.lexsort((np.arange(len(most)), -most))
        for tried, change in enumerate(order.tolist()):
            there = reached if best is None else max(reached, self.people(best[1]))
            if np.floor(most[change] + _SURE) <= there:
                break
            if tried >= _MOST_ASKED:
                sure = False
                break
            made = (*taken, change)
            answer = self._brief(made)
            bound = answer.tiers[0].bound
            if bound is not None and bound <= there:
                continue  # it brings no more than the best found, whatever it brings
            if not _settled(answer):
                answer = self._whole(made, answer)
            if not _settled(answer):
                bound = answer.tiers[0].bound
                sure, beyond = sure and bound is not None, max(beyond, bound or 0)
            if self.people(answer) > there:
                best = (change, answer)
        if best is None:
            return None
        return (*best, sure and beyond <= self.people(best[1]))

    def _at_most(self, taken: tuple[int, ...], now: engine.Answer) -> npt.NDArray[np.float64]:
        """People placed at most with each change made too, by weak duality; shape (changes,)."""
        program, changes = self._made(taken), self._changes
        prices = np.maximum(now.prices[0], 0.0)
        floored = program.upper >= engine.UNBOUNDED
        prices = np.where(floored, 0.0, prices)
        worth = program.gains[0] - program.uses.T @ prices
        allowed = np.ones(program.n_columns, dtype=np.bool_)
        if program.forbidden is not None:
            allowed[program.forbidden] = False
        best = np.zeros(program.n_groups)
        np.maximum.at(best, program.group[allowed], worth[allowed])
        bound = float((prices * np.where(floored, 0, program.upper)).sum() + best.sum())
        above = np.zeros(len(changes.place))
        ruled_out = np.zeros(program.n_columns, dtype=np.bool_)
        ruled_out[self._ruled_out] = True
        own = np.flatnonzero((changes.of >= 0) & ~ruled_out)
        more = np.maximum(worth[own] - best[program.group[own]], 0.0)
        # The best placement of each citizen under a change, then as many as there are seats.
        order = np.lexsort((-more, program.group[own], changes.of[own]))
        of, who, more = changes.of[own][order], program.group[own][order], more[order]
        first = np.append(True, (of[1:] != of[:-1]) | (who[1:] != who[:-1]))[: len(of)]
        of, more = of[first], more[first]
        order = np.lexsort((-more, of))
        of, more = of[order], more[order]
        begins = np.searchsorted(of, np.arange(len(changes.place)))
        counts = np.arange(len(of)) - begins[of] < changes.seats[of]
        np.add.at(above, of[counts], more[counts])
        for change, rows in changes.adds.items():
            above[change] += sum(prices[self._row_of[row]] * units for row, units in rows.items())
        places = changes.place[list(taken)] if taken else np.zeros(0, dtype=np.int64)
        above[np.isin(changes.place, places)] = -np.inf
        own_bound = now.tiers[0].bound
        # With no change at all nobody is above the bound that is known.
        slack = bound if own_bound is None else max(bound, float(own_bound))
        most = np.asarray(slack + above, dtype=np.float64)
        if own_bound is not None and self._removable(own):
            # Without what a change lets in, a plan is one of the week as it was.
            lets_in = np.bincount(changes.of[own], minlength=len(most)) > 0
            units = np.where(lets_in, changes.seats, 0)
            for change, rows in changes.adds.items():
                units[change] += max(rows.values())
            most = np.minimum(most, own_bound + units)
        return most

    def _removable(self, own: Ints) -> bool:
        """Whether placements that changes let in can be left out of any plan: no floor, no lock."""
        program = self._program
        must = program.exactly_one
        return program.lower is None and (must is None or not must[program.group[own]].any())
