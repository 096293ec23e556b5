"""A solved week that can be asked again: the same week with one thing changed, solved exactly.

Everything that is told as exact goes through :meth:`Resolver.solve`. A change bars offers, asks
that citizens are placed, gives a row more units, or puts new offers in the place of a citizen's
own; the first two goals are solved to their proven optimum from the prices and the selection of
the week's own answer. Where people are named, two goals more decide between equal plans: as few
changes as possible against the week's plan, then the canonical tie-break.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from matcher import engine
from matcher.again.changes import Change, Found, NewOffers
from matcher.again.earlier import earlier_of
from matcher.again.programs import (
    Levers,
    part_of,
    with_columns,
    with_levers,
    with_more,
    with_room,
)
from matcher.objectives import Objectives
from matcher.offers import OfferBook
from matcher.problem import Problem
from matcher.solve import Solution, solve_aimed

Ints = npt.NDArray[np.int64]
Item = TypeVar("Item")
Told = TypeVar("Told")

_WORTH_A_WORKER = 4
"""Items for which another thread pays."""


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Pulled:
    """The lever that was pulled."""

    row: str = ""
    """Name of the row that is larger, if one is."""
    offer: int = -1
    """Else the new offer that no employer asks for yet, by position among the new ones."""


@dataclass(frozen=True, eq=False)
class _Asked:
    """Positions of what a change names."""

    barred: Ints
    """Offers."""
    served: Ints
    """Citizens."""


class Resolver:
    """Solves changed weeks, each from the week's own answer.

    Parameters
    ----------
    solution
        A week with a plan.
    options
        Limits of each solve; None: the engine's defaults, which repeat exactly.
    """

    def __init__(self, solution: Solution, options: engine.Options | None = None) -> None:
        self.solution = solution
        self.options = options or engine.Options()
        self._program = solution.model.program
        self.base: tuple[int, int] = (
            int(self._program.gains[0][solution.chosen].sum()),
            int(self._program.gains[1][solution.chosen].sum()),
        )
        # Few offers need no cuts: what is left is settled sooner by the integer solver.
        alone = replace(self.options.switches, race=False)
        self._quick = replace(self.options, switches=replace(alone, cuts=False))
        # A search among neighbours is for what no proof is within reach of: not at first.
        self._brief = replace(self.options, switches=replace(alone, neighbourhood=False))
        self._aims: dict[tuple[object, ...], engine.Answer] = {}

    def twin(self) -> Resolver:
        """Return a resolver of the same week that another thread may use meanwhile."""
        _ = self.prices  # worked out once, before threads ask for it
        return Resolver(self.solution, self.options)

    def each(
        self, items: Sequence[Item], one: Callable[[Resolver, Item], Told], workers: int | None
    ) -> Iterator[Told]:
        """Give what each item comes to, in order; solvers run without Python's lock, in threads.

        Parameters
        ----------
        items, one
            What is asked about, and what asks: the same answer whichever resolver it is given.
        workers
            Items at a time; None: one for each processor.
        """
        workers = min(workers or os.cpu_count() or 1, len(items) // _WORTH_A_WORKER)
        if workers < 2:
            yield from (one(self, item) for item in items)
            return
        free: SimpleQueue[Resolver] = SimpleQueue()
        for _ in range(workers):
            free.put(self.twin())

        def asked(item: Item) -> Told:
            mine = free.get()
            try:
                return one(mine, item)
            finally:
                free.put(mine)

        pool = ThreadPoolExecutor(workers)
        try:
            yield from pool.map(asked, items)
        finally:
            pool.shutdown(cancel_futures=True)

    @cached_property
    def _citizen(self) -> dict[str, int]:
        """Position of each citizen by id."""
        return {
            name: at for at, name in enumerate(self.solution.book.encoded.citizens.ids.tolist())
        }

    @property
    def prices(self) -> npt.NDArray[np.float64]:
        """What one more unit of each row brings in each goal, to first order; (goals, rows)."""
        return self.solution.answer.prices

    def solve(self, change: Change, *, named: bool = False) -> Found:
        """Solve the changed week.

        Parameters
        ----------
        change
            What differs.
        named
            Whether people will be named: equal plans are then told apart by fewest changes
            against the week's plan and the canonical tie-break.
        """
        asked = self._positions(change)
        varied = self._varied(change, asked, named=named)
        if varied is not None:
            return varied
        program = self._changed(self._program, change, asked)
        start = engine.Start.after(self.solution.answer)
        losses = self.solution.answer.losses
        if change.offers is None and losses is not None:
            start = replace(start, selection=with_room(program, start.selection, losses.loss))
        aimed = self._aimed(program, change, named=named)
        answer = engine.solve(aimed, self._brief, start=start)
        if answer.has_selection and not all(tier.proven for tier in answer.tiers[:2]):
            # What was remembered can lead a linear program astray: from the selection alone.
            found = engine.Start(selection=answer.selection)
            answer = engine.solve(aimed, self.options, start=found)
        if not answer.has_selection:
            infeasible = answer.termination.reason is engine.StopReason.INFEASIBLE
            return Found(False, infeasible, (0, 0), _none(), _none(), change.offers)
        first, second = answer.tiers[0], answer.tiers[1]
        return Found(
            feasible=True,
            proven=first.proven and second.proven,
            values=(first.value, int(program.gains[1][answer.selection].sum())),
            chosen=answer.selection,
            citizens=program.group[answer.selection],
            offers=change.offers,
        )

    def another(self, problem: Problem) -> Found:
        """Solve another week like this one: other tables, or another policy.

        The offers and citizens of what is found are those of the other week.
        """
        solution = earlier_of(self.solution).solve(problem, self.options)
        if not solution.plan.has_plan:
            return Found(False, False, (0, 0), _none(), _none())
        return Found(
            feasible=True,
            proven=solution.plan.proven,
            values=(solution.plan.value("placements"), solution.plan.value("fit")),
            chosen=solution.chosen,
            citizens=solution.book.offers.citizen[solution.chosen].astype(np.int64),
        )

    def aimed(self, aim: Objectives) -> Solution:
        """Solve the week under another aim, each from where the last one like it ended."""
        kind = (aim.goals, tuple(aim.at_most), aim.without)
        before = self._aims.get(kind)
        start = None if before is None else engine.Start.after(before)
        found = solve_aimed(self.solution, aim, self.options, start)
        self._aims[kind] = found.answer
        return found

    def units(self, found: Found, offers: Ints) -> dict[int, dict[int, int]]:
        """Units of each row (by position; fresh ones follow) that offers take, by offer."""
        uses = self._program.uses
        if found.offers is not None:
            uses = with_columns(self._program, found.offers).uses
        part = uses[:, offers].tocsc()
        ends = zip(part.indptr[:-1].tolist(), part.indptr[1:].tolist(), strict=True)
        rows, units = part.indices.tolist(), part.data.tolist()
        taken = (dict(zip(rows[a:b], units[a:b], strict=True)) for a, b in ends)
        return dict(zip(offers.tolist(), taken, strict=True))

    def loses_at_least(self, offers: Ints) -> npt.NDArray[np.float64] | None:
        """Return what a plan with an offer loses at least, in placements or else points of fit.

        With F the weighed sum of both goals, a plan with an offer has F <= bound - loss: it loses
        placements, or at least so much fit; shape (offers,), infinite where no plan has it. None:
        not known.
        """
        losses = self.solution.answer.losses
        if losses is None or not self.solution.plan.proven:
            return None
        reached = losses.weight * self.base[0] + self.base[1]
        loss = losses.loss[offers] - (losses.bound - reached) - 1e-6 * abs(losses.bound)
        return np.asarray(loss, dtype=np.float64)

    def most_placed(self, citizens: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.float64], float]:
        """Prices of the rows, and what no plan over some citizens passes in the first goal.

        By weak duality, for any prices of 0 or more.
        """
        model, program = self.solution.model, self._program
        prices = np.where(model.floors, 0.0, np.maximum(self.prices[0], 0.0))
        worth = program.gains[0] - program.uses.T @ prices
        best = np.zeros(program.n_groups)
        np.maximum.at(best, program.group, worth)
        rent = prices * np.where(model.floors, 0, model.capacity)
        return prices, float(rent.sum() + best[citizens].sum())

    def cheapest_lever(self, change: Change, levers: Levers) -> tuple[Found | None, Pulled | None]:
        """Find the cheapest single lever with which a changed week places the most people.

        All levers stand in one program, at most one of them pulled: goal 1, people placed; goal 2,
        the least cost and then the fewest moves.

        Returns
        -------
        tuple
            The best plan, and the lever it pulls, if any. None in place of the plan: not settled.
        """
        asked = self._positions(change)
        week = self._changed(self._program, change, asked)
        return self._pull(with_levers(week, self.solution, levers), week, change, levers)

    def _pull(
        self, program: engine.Program, week: engine.Program, change: Change, levers: Levers
    ) -> tuple[Found | None, Pulled | None]:
        known = np.append(self.prices[0], np.zeros(program.n_rows - self._program.n_rows))
        prices = np.stack([known, levers.weight * known])
        answer = engine.solve(
            program, self._quick, start=engine.Start(prices, self.solution.chosen)
        )
        if not answer.has_selection or not all(tier.proven for tier in answer.tiers[:2]):
            return None, None
        kept = answer.selection[answer.selection < week.n_columns]
        found = Found(
            True, True, (answer.values[0], answer.values[1]), kept, week.group[kept], change.offers
        )
        rows = answer.selection[answer.selection >= week.n_columns] - week.n_columns
        if len(rows):
            return found, Pulled(row=levers.rows[int(rows[0])])
        new = kept[kept >= self._program.n_columns] - self._program.n_columns
        pulled = new[levers.unasked[new] > 0]
        return found, Pulled(offer=int(pulled[0])) if len(pulled) else None

    def _positions(self, change: Change) -> _Asked:
        """Find what a change names: offers that are barred, citizens who must be placed."""
        who, openings = self._citizen, self.solution.book.encoded.openings.ids
        barred = []
        by_citizen: dict[str, set[str]] = {}
        for citizen, opening in change.barred:
            by_citizen.setdefault(citizen, set()).add(opening)
        for citizen, those in by_citizen.items():
            own = self.offers_of(who[citizen])
            there = openings[self.solution.book.offers.opening[own]]
            barred.append(own[np.isin(there, list(those))])
        for citizen, opening in change.at.items():
            own = self.offers_of(who[citizen])
            barred.append(own[openings[self.solution.book.offers.opening[own]] != opening])
        served = sorted({who[one] for one in (*change.must_place, *change.at)})
        return _Asked(
            np.unique(np.concatenate([_none(), *barred])), np.array(served, dtype=np.int64)
        )

    def _aimed(self, program: engine.Program, change: Change, *, named: bool) -> engine.Program:
        """Return a program with the goals it is solved for."""
        gains = program.gains[:2]
        if change.charge is not None:
            gains = np.stack([gains[0], gains[1] - change.charge])
        if named:
            stays = np.zeros(program.n_columns, dtype=np.int64)
            stays[self.solution.chosen] = 1
            gains = np.stack([*gains, stays, program.gains[2]])
        return program.replace(gains=gains)

    @cached_property
    def _variations(self) -> engine.Variations | None:
        """The week's program, asked with less in it; None: not possible."""
        if self.solution.answer.losses is None or not self.solution.plan.proven:
            return None
        both = self._program.replace(gains=self._program.gains[:2])
        return engine.Variations.of(both, engine.Start.after(self.solution.answer), self.options)

    def _varied(self, change: Change, asked: _Asked, *, named: bool) -> Found | None:
        """Solve a change that only takes away; None: it does more, or not known."""
        if not change.narrows or change.more or change.only is not None:
            return None
        variations = self._variations
        varied = None if variations is None else variations.solve(asked.barred, asked.served)
        chosen = None if varied is None else varied.selection
        if varied is not None and named:
            chosen = self._told_apart(varied, change, asked)
        if varied is None or chosen is None:
            return None
        return Found(True, True, varied.values, chosen, self._program.group[chosen])

    def _told_apart(self, varied: engine.Variation, change: Change, asked: _Asked) -> Ints | None:
        """Return the one of equal plans that is told; None: not proven to be that one.

        What such a plan may hold is a few hundred offers.
        """
        part, to = part_of(self._program, varied.open)
        barred = to[asked.barred]
        here = replace(asked, barred=barred[barred >= 0])
        program = self._changed(part, change, here)
        stays = np.isin(varied.open, self.solution.chosen).astype(np.int64)
        program = program.replace(gains=np.stack([*part.gains[:2], stays, part.gains[2]]))
        start = engine.Start(selection=to[varied.selection])
        answer = engine.solve(program, self._quick, start=start)
        if not answer.has_selection or answer.values[:2] != varied.values:
            return None
        if not all(tier.proven for tier in answer.tiers):
            return None
        return np.asarray(varied.open[answer.selection], dtype=np.int64)

    def _changed(self, program: engine.Program, change: Change, asked: _Asked) -> engine.Program:
        """Return the program of a changed week, with all the week's goals."""
        barred = [asked.barred]
        if program.forbidden is not None:
            barred.append(program.forbidden)
        if change.more:
            program = with_more(program, self.solution.model, change.more)
        if change.only is not None:
            only = np.isin(self.solution.book.encoded.citizens.ids, list(change.only))
            barred.append(np.flatnonzero(~only[program.group]))
        if change.offers is not None:
            replaced = np.zeros(program.n_groups, dtype=np.bool_)
            replaced[change.offers.instead] = True
            barred.append(np.flatnonzero(replaced[program.group]))
            barred.append(program.n_columns + change.offers.barred)
            program = with_columns(program, change.offers)
        must = (
            np.zeros(program.n_groups, dtype=np.bool_)
            if program.exactly_one is None
            else program.exactly_one.copy()
        )
        must[[self._citizen[one] for one in change.free]] = False
        must[asked.served] = True
        return program.replace(
            forbidden=np.unique(np.concatenate(barred)),
            exactly_one=must if must.any() else None,
        )

    def offers_of(self, citizen: int) -> Ints:
        """Offers of a citizen, positions; sorted."""
        of = self.solution.book.offers.citizen
        first, last = np.searchsorted(of, [citizen, citizen + 1])
        return np.arange(first, last, dtype=np.int64)

    def offer(self, offer: int, new: NewOffers | None = None) -> tuple[OfferBook, int]:
        """Return the book an offer stands in and its position there."""
        book = self.solution.book
        if offer < len(book.offers):
            return book, offer
        if new is None:
            raise IndexError(offer)
        return new.book, offer - len(book.offers)
