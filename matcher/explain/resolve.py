"""The seam to the optimiser: the same week with one thing changed, solved again exactly.

Everything this room tells as exact goes through :meth:`Resolver.solve`. A change bars offers, asks
that citizens are served, gives a row more units, or puts new offers in the place of a citizen's
own; the first two goals are solved to their proven optimum from the prices and the selection of
the week's own answer. Where people are named, two goals more decide between equal plans: as few
changes as possible against the week's plan, then the canonical tie-break.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher import engine
from matcher.explain.left_over import left_over
from matcher.offers import OfferBook
from matcher.plan import LeftOver
from matcher.problem import Problem
from matcher.solve import Earlier, Solution, earlier_of, solve

Ints = npt.NDArray[np.int64]

GOALS = ("placements", "fit")
"""The goals whose change is told, as the plan names them."""


_NEAR = 30.0
"""Points of fit lost up to which offers are looked at first, beyond what cannot be avoided."""
_ROOMS = (40.0, 1.5)
"""Such points come in few sizes, the least and what the next is larger by: each size has a program
of its own."""
_TRIED = 25
"""Offers of somebody who must be placed that others are asked to give way to, one by one."""
_TRIES = 3
"""Rooms tried before the whole week is."""
_FEW = 0.5
"""Share of the offers above which looking at few of them saves nothing."""


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Columns:
    """New offers that stand in the place of all offers of some citizens."""

    book: OfferBook
    """The offers, in the order of the arrays below."""
    citizens: Ints
    """Whose offers they replace: positions in the week's citizens."""
    group: Ints
    """Citizen of each new offer, a position in the week's citizens, shape (offers,)."""
    gains: Ints
    """Gains in the week's goals, shape (goals, offers)."""
    uses: sp.csr_array
    """Units of each row, those of the week first, shape (rows + fresh rows, offers)."""
    fresh: Ints
    """Capacity of rows the week does not have, shape (fresh rows,)."""
    barred: Ints
    """Those that locks rule out: positions in the arrays above."""


@dataclass(frozen=True, eq=False)
class Change:
    """How a program differs from the week's own."""

    barred: Ints = field(default_factory=_none)
    """Offers that may not be chosen: columns of the week's program."""
    served: Ints = field(default_factory=_none)
    """Citizens who must be placed: positions."""
    only: npt.NDArray[np.bool_] | None = None
    """Citizens who may be placed at all, shape (citizens,); None: everybody."""
    more: Mapping[int, int] = field(default_factory=dict)
    """Units more by row; fewer where negative."""
    columns: Columns | None = None
    """New offers; their columns follow those of the week."""
    charge: Ints | None = None
    """Points taken off the fit of each offer while solving, shape (offers,); not in the values."""

    @property
    def narrows(self) -> bool:
        """Whether it only takes plans away: every plan left is one of the week's own."""
        fewer = all(units <= 0 for units in self.more.values())
        return fewer and self.columns is None and self.charge is None


@dataclass(frozen=True, eq=False)
class Resolved:
    """What the changed week comes to."""

    feasible: bool
    """Whether there is any plan."""
    proven: bool
    """Whether the values are the proven optimum."""
    values: tuple[int, int]
    """Value of placements (or priority) and of fit; zeros when not feasible."""
    chosen: Ints
    """Chosen columns, sorted; those beyond the week's own are new offers."""
    program: engine.Program
    """The program that was solved, without the goals that only tell equal plans apart."""
    columns: Columns | None = None
    """The new offers, if any."""

    def change(self, base: tuple[int, int]) -> tuple[int, int]:
        """Return the difference of each goal from a base: negative is a loss."""
        return self.values[0] - base[0], self.values[1] - base[1]


@dataclass(frozen=True, eq=False)
class _Few:
    """The part of the week's program that is looked at first."""

    kept: Ints
    """Its columns, positions in the week's program."""
    to: Ints
    """Where each column of the week went, -1 for out."""
    program: engine.Program
    losses: npt.NDArray[np.float64]
    """What each of its columns loses."""
    start: engine.Start
    stays: Ints
    """1 for the plan's own columns."""
    options: engine.Options

    @cached_property
    def variations(self) -> engine.Variations | None:
        """The program asked with less in it; None: not possible."""
        both = self.program.replace(gains=self.program.gains[:2])
        return engine.Variations.of(both, self.start, self.options)


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
        self.program = solution.model.program
        self.base: tuple[int, int] = (
            int(self.program.gains[0][solution.chosen].sum()),
            int(self.program.gains[1][solution.chosen].sum()),
        )
        self.solves = 0
        """Programs handed to the engine so far."""
        # Few offers need no cuts: what is left is settled sooner by the integer solver.
        self._quick = replace(self.options, switches=replace(self.options.switches, cuts=False))
        # A search among neighbours is for what no proof is within reach of: not at first.
        self._brief = replace(
            self.options, switches=replace(self.options.switches, neighbourhood=False)
        )
        self._parts: dict[tuple[float, float], _Few | None] = {}

    def twin(self) -> Resolver:
        """Return a resolver of the same week that another thread may use meanwhile."""
        return Resolver(self.solution, self.options)

    @cached_property
    def earlier(self) -> Earlier:
        """What makes similar weeks quick to solve."""
        return earlier_of(self.solution)

    @cached_property
    def left(self) -> LeftOver:
        """What the plan leaves over, for everybody."""
        return left_over(self.solution)

    def solve(self, change: Change, *, named: bool = False) -> Resolved:
        """Solve the changed week.

        Parameters
        ----------
        change
            What differs.
        named
            Whether people will be named: equal plans are then told apart by fewest changes
            against the week's plan and the canonical tie-break.
        """
        near = self._near(change, named=named) if change.narrows else None
        if near is not None:
            return near
        program = self._changed(self.program, change)
        start = engine.Start.after(self.solution.answer)
        losses = self.solution.answer.losses
        if change.columns is None and losses is not None:
            start = replace(start, selection=_with_room(program, start.selection, losses.loss))
        asked = self._asked(program, change, named=named)
        answer = self._solve(asked, self._brief, start)
        if answer.has_selection and not all(tier.proven for tier in answer.tiers[:2]):
            # What was remembered can lead a linear program astray: from the prices alone.
            found = answer.selection
            answer = self._solve(asked, self.options, engine.Start(start.prices, found))
        if not answer.has_selection:
            infeasible = answer.termination.reason is engine.StopReason.INFEASIBLE
            return Resolved(False, infeasible, (0, 0), _none(), program, change.columns)
        first, second = answer.tiers[0], answer.tiers[1]
        return Resolved(
            feasible=True,
            proven=first.proven and second.proven,
            values=(first.value, int(program.gains[1][answer.selection].sum())),
            chosen=answer.selection,
            program=program,
            columns=change.columns,
        )

    def changed(self, change: Change) -> engine.Program:
        """Return the program of a changed week, with all the week's goals."""
        return self._changed(self.program, change)

    def ask(
        self, program: engine.Program, prices: npt.NDArray[np.float64] | None = None
    ) -> engine.Answer:
        """Solve a program that is made of the week's and has other goals; from the week's plan."""
        return self._solve(program, self._quick, engine.Start(prices, self.solution.chosen))

    def _asked(self, program: engine.Program, change: Change, *, named: bool) -> engine.Program:
        """Return a program with the goals it is solved for."""
        gains = program.gains[:2]
        if change.charge is not None:
            gains = np.stack([gains[0], gains[1] - change.charge])
        if named:
            stays = np.zeros(program.n_columns, dtype=np.int64)
            stays[self.solution.chosen] = 1
            gains = np.stack([*gains, stays, program.gains[2]])
        return program.replace(gains=gains)

    def _solve(
        self, program: engine.Program, options: engine.Options, start: engine.Start
    ) -> engine.Answer:
        self.solves += 1
        return engine.solve(program, options, start=start)

    def _near(self, change: Change, *, named: bool) -> Resolved | None:
        """Solve over the few offers that lose little at the week's own prices; None: not enough.

        A change that only takes away leaves the bound behind the losses valid. Let F be what the
        few come to: an offer that was left out and loses more than bound - F is in no plan of F
        or more, so the optimum of the few is everybody's if no more placements are possible.
        """
        losses = self.solution.answer.losses
        if losses is None or not self.solution.plan.proven or change.only is not None:
            return None
        least = 0.0
        for citizen in change.served.tolist():
            mine = np.setdiff1d(self.columns_of(citizen), change.barred)
            least = max(least, float(losses.loss[mine].min(initial=np.inf)))
        if not np.isfinite(least):
            return None
        slack = 1e-6 * abs(losses.bound)
        beyond = _NEAR
        for _ in range(_TRIES):
            few = self._few(_whole_room(least + beyond), self._rest(change, least, beyond))
            found = None if few is None else self._over(few, change, named=named)
            if few is None or found is None:
                return None
            values, chosen = found
            needed = losses.bound - (losses.weight * values[0] + values[1]) + slack
            if needed < least + beyond:
                # With fewer placements, a plan with as many but a smaller sum might be there. With
                # as many, the sum is largest where the fit is, whatever placements weigh.
                as_many = values[0] == self.base[0]
                kept = few.kept[chosen]
                return Resolved(True, True, values, kept, self.program) if as_many else None
            beyond = needed - least + 1
        return None

    def _rest(self, change: Change, least: float, beyond: float) -> float:
        """Return what offers of people without a proposal may lose, to be among the few.

        A plan loses what its offers lose together. Who must be placed loses what cannot be avoided,
        so that an offer of somebody else is in the plan only if it loses no more than is beyond it.
        """
        placed = np.isin(change.served, self.program.group[self.solution.chosen])
        return _whole_room(beyond if placed.all() else least + beyond)

    def _over(
        self, few: _Few, change: Change, *, named: bool
    ) -> tuple[tuple[int, int], Ints] | None:
        """Return the values of the best plan over few offers, and its offers; None: not proven.

        Best is what loses least of the weighed sum of both goals.
        """
        barred = few.to[change.barred]
        here = replace(change, barred=barred[barred >= 0])
        if not named and not change.more and few.variations is not None:
            self.solves += 1
            varied = few.variations.solve(here.barred, here.served)
            return None if varied is None else (varied.values, varied.selection)
        gains = few.program.gains[:2]
        if named:
            gains = np.stack([*gains, few.stays, few.program.gains[2]])
        program = self._changed(few.program, here).replace(gains=gains)
        room = _with_room(program, few.start.selection, few.losses)
        answer = self._solve(program, self._quick, replace(few.start, selection=room))
        if not answer.has_selection or not all(tier.proven for tier in answer.tiers[:2]):
            return None
        return (answer.tiers[0].value, answer.tiers[1].value), answer.selection

    def _few(self, room: float, rest: float) -> _Few | None:
        """Return the program of the offers that lose little; None: too many.

        Parameters
        ----------
        room, rest
            What offers may lose, of people with a proposal and of others.
        """
        if (room, rest) not in self._parts:
            losses = self.solution.answer.losses
            assert losses is not None
            most = np.full(self.program.n_groups, rest)
            most[self.program.group[self.solution.chosen]] = room
            near = losses.loss <= most[self.program.group]
            kept = np.union1d(np.flatnonzero(near), self.solution.chosen)
            few = None
            if len(kept) <= _FEW * self.program.n_columns:
                part, to = _part(self.program, kept)
                start = engine.Start.after(self.solution.answer, to)
                stays = np.isin(kept, self.solution.chosen).astype(np.int64)
                few = _Few(kept, to, part, losses.loss[kept], start, stays, self.options)
            self._parts[room, rest] = few
        return self._parts[room, rest]

    def _changed(self, program: engine.Program, change: Change) -> engine.Program:
        barred = [change.barred] if program.forbidden is None else [program.forbidden,
                                                                    change.barred]  # fmt: skip
        upper = program.upper
        if change.more:
            upper = upper.copy()
            lower = program.lower_sides.copy()
            for row, units in change.more.items():
                if self.solution.model.floors[row]:
                    lower[row] = max(0, lower[row] - units)
                else:
                    upper[row] = max(0, upper[row] + units)
            program = program.replace(upper=upper, lower=None if program.lower is None else lower)
        if change.only is not None:
            barred.append(np.flatnonzero(~change.only[program.group]))
        if change.columns is not None:
            replaced = np.zeros(program.n_groups, dtype=np.bool_)
            replaced[change.columns.citizens] = True
            barred.append(np.flatnonzero(replaced[program.group]))
            barred.append(program.n_columns + change.columns.barred)
            program = _with_columns(program, change.columns)
        must = (
            np.zeros(program.n_groups, dtype=np.bool_)
            if program.exactly_one is None
            else program.exactly_one.copy()
        )
        must[change.served] = True
        return program.replace(
            forbidden=np.unique(np.concatenate(barred)),
            exactly_one=must if must.any() else None,
        )

    def columns_of(self, citizen: int) -> Ints:
        """Offers of a citizen, positions; sorted."""
        of = self.solution.book.offers.citizen
        first, last = np.searchsorted(of, [citizen, citizen + 1])
        return np.arange(first, last, dtype=np.int64)

    def offer(self, column: int, new: Columns | None = None) -> tuple[OfferBook, int]:
        """Return the book a column stands in and its position there."""
        book = self.solution.book
        if column < len(book.offers):
            return book, column
        if new is None:
            raise IndexError(column)
        return new.book, column - len(book.offers)


def _whole_room(points: float) -> float:
    """Return the least size of room that is no smaller."""
    least, step = _ROOMS
    return least * step ** max(0, math.ceil(math.log(points / least, step) - 1e-9))


def _with_room(
    program: engine.Program, selection: Ints | None, losses: npt.NDArray[np.float64]
) -> Ints | None:
    """Make a selection legal where somebody must be placed: others give way to a good offer.

    Without it a solve has to look for some legal plan first, and may look long.
    """
    if selection is None or program.exactly_one is None:
        return selection
    must = program.exactly_one
    barred = np.zeros(program.n_columns, dtype=np.bool_)
    if program.forbidden is not None:
        barred[program.forbidden] = True
    chosen = selection[~barred[selection]]
    for group in np.setdiff1d(np.flatnonzero(must), program.group[chosen]).tolist():
        own = np.flatnonzero((program.group == group) & ~barred)
        for offer in own[np.argsort(losses[own], kind="stable")][:_TRIED].tolist():
            given = _given_way(program, chosen, offer, must)
            if given is not None:
                chosen = given
                break
    return chosen


def _given_way(
    program: engine.Program, chosen: Ints, offer: int, must: npt.NDArray[np.bool_]
) -> Ints | None:
    """Return a selection with one more offer and without those in its way; None: not possible."""
    chosen = np.append(chosen, offer)
    part = program.uses[:, chosen].tocsr()
    short = np.asarray(part.sum(axis=1)).reshape(-1) - program.upper
    away = np.zeros(len(chosen), dtype=np.bool_)
    free = ~must[program.group[chosen]]
    for row in np.flatnonzero(short > 0).tolist():
        taken = part[[row]].toarray().reshape(-1)
        more = int(short[row]) - int(taken[away].sum())
        holders = np.flatnonzero((taken > 0) & free & ~away)
        # The largest takers first: as few as possible give way.
        order = holders[np.lexsort((chosen[holders], -taken[holders]))]
        if int(taken[order].sum()) < more:
            return None
        if more > 0:
            away[order[: int(np.searchsorted(np.cumsum(taken[order]), more)) + 1]] = True
    return np.sort(chosen[~away])


def _part(program: engine.Program, kept: Ints) -> tuple[engine.Program, Ints]:
    """Return the program with only some of its columns, and where each column went (-1: out)."""
    to = np.full(program.n_columns, -1, dtype=np.int64)
    to[kept] = np.arange(len(kept))
    barred = _none() if program.forbidden is None else to[program.forbidden]
    part = program.replace(
        group=program.group[kept],
        gains=program.gains[:, kept],
        uses=program.uses[:, kept],
        forbidden=barred[barred >= 0],
    )
    return part, to


def _with_columns(program: engine.Program, new: Columns) -> engine.Program:
    """Return the program with more columns, and rows where the new ones need their own."""
    fresh = len(new.fresh)
    below = sp.csr_array((fresh, program.n_columns), dtype=np.int64)
    uses = sp.hstack([sp.vstack([program.uses, below], format="csr"), new.uses], format="csr")
    lower = program.lower
    if lower is not None:
        lower = np.concatenate([lower, np.full(fresh, -engine.UNBOUNDED, dtype=np.int64)])
    return replace(
        program,
        group=np.concatenate([program.group, new.group]),
        gains=np.concatenate([program.gains, new.gains], axis=1),
        uses=sp.csr_array(uses),
        upper=np.concatenate([program.upper, new.fresh]),
        lower=lower,
        row_names=None,
    )


def resolve_week(resolver: Resolver, problem: Problem) -> Resolved:
    """Solve another week like the resolver's own, from its offers and prices.

    The columns of the result are those of the other week, not of the resolver's.
    """
    solution = solve(problem, resolver.options, earlier=resolver.earlier)
    resolver.solves += 1
    program = solution.model.program
    if not solution.plan.has_plan:
        return Resolved(False, False, (0, 0), _none(), program)
    return Resolved(
        feasible=True,
        proven=solution.plan.proven,
        values=(solution.plan.value("placements"), solution.plan.value("fit")),
        chosen=solution.chosen,
        program=program,
    )
