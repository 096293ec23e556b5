"""The seam to the optimiser: the same week with one thing changed, solved again exactly.

Everything this room tells as exact goes through :meth:`Resolver.solve`. A change bars offers, asks
that citizens are served, gives a row more units, or puts new offers in the place of a citizen's
own; the first two goals are solved to their proven optimum from the prices and the selection of
the week's own answer. Where people are named, two goals more decide between equal plans: as few
changes as possible against the week's plan, then the canonical tie-break.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher import engine
from matcher.formulation import formulate
from matcher.offers import OfferBook, build_offers
from matcher.problem import Problem
from matcher.solve import Solution

Ints = npt.NDArray[np.int64]

GOALS = ("placements", "fit")
"""The goals whose change is told, as the plan names them."""


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
        program = self._changed(change)
        start = self.solution.chosen
        gains = program.gains[:2]
        if change.charge is not None:
            gains = np.stack([gains[0], gains[1] - change.charge])
        prices = self.solution.answer.prices[:2]
        if named:
            stays = np.zeros(program.n_columns, dtype=np.int64)
            stays[start] = 1
            gains = np.stack([*gains, stays, program.gains[2]])
            prices = np.concatenate([prices, np.zeros((2, prices.shape[1]))])
        more = program.n_rows - self.program.n_rows
        answer = engine.solve(
            program.replace(gains=gains),
            self.options,
            start=engine.Start(prices=np.pad(prices, ((0, 0), (0, more))), selection=start),
        )
        self.solves += 1
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

    def _changed(self, change: Change) -> engine.Program:
        program = self.program
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
    """Solve a whole week like the resolver's own, from its prices; offers are made again.

    The columns of the result are those of the other week, not of the resolver's.
    """
    base = resolver.solution
    model = formulate(build_offers(problem))
    program = model.program.replace(gains=model.program.gains[:2])
    at = {name: row for row, name in enumerate(base.model.program.row_names or ())}
    known = np.array([at.get(name, -1) for name in program.row_names or ()], dtype=np.int64)
    prices = np.zeros((2, program.n_rows))
    prices[:, known >= 0] = base.answer.prices[:2, known[known >= 0]]
    answer = engine.solve(program, resolver.options, start=engine.Start(prices=prices))
    resolver.solves += 1
    if not answer.has_selection:
        infeasible = answer.termination.reason is engine.StopReason.INFEASIBLE
        return Resolved(False, infeasible, (0, 0), _none(), model.program)
    first, second = answer.tiers
    return Resolved(
        feasible=True,
        proven=first.proven and second.proven,
        values=(first.value, second.value),
        chosen=answer.selection,
        program=model.program,
    )
