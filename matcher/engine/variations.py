"""One solved program asked again and again with less in it: columns barred, groups to be served.

Hides how such a question is answered in a few milliseconds. A variation only takes selections
away, so the proven bound of the first tier, the tightened rows and the cuts of the program's own
solve all hold for it. Their linear program stays in the simplex solver and is asked with a few
sides changed, the first tier held at its bound. Its prices bound the variation exactly over all
columns (`dual_bound`), and what they leave open near that bound is a small integer program
(`reduced_cost_fixing`): first the selections that reach the bound, then those a little below, until
there is one. That one is best. Where no selection reaches the first tier's bound, its own linear
program says so, and the bound is lowered.
"""

from dataclasses import dataclass, replace

import numpy as np

from matcher.engine.context import Context
from matcher.engine.errors import ArithmeticRangeError
from matcher.engine.method.column_generation import RestrictedMaster
from matcher.engine.method.dual_bound import DualBound, dual_bound, nearest
from matcher.engine.method.fold import fold_tiers
from matcher.engine.method.packing import Packing, linear_model
from matcher.engine.method.presolve import presolve
from matcher.engine.method.state import State
from matcher.engine.method.sub_mip import solve_to_target
from matcher.engine.method.warm_start import resume
from matcher.engine.options import Observer, Options, Start
from matcher.engine.program import Float64, Int64, Program
from matcher.engine.solvers.glop import StandingModel

_TINY = 1e-6
_CLOSE = 1e-9
_GIVE = (0, 2, 6, 24, 96, 384, 1536)
"""How far below the bound a selection is looked for, each time when none was found nearer."""
_MOST_COLUMNS = 3_000
"""Columns that may be left open there: with more, a solve of its own is the better way."""
_LOWER = 3
"""Bounds of the first tier that are tried, each the one that the one before was lowered to."""
_WIDTHS = (1, 3, 9)
"""Columns of the linear programs that stay in the solver, in those the program's own ended with:
the first is asked first, and a wider one where another column would improve it."""
_FOLDED = 2
"""Tiers of a program that can be varied: those that are folded into one."""


@dataclass(frozen=True, eq=False)
class Variation:
    """The best selection of a variation, proven in both tiers."""

    values: tuple[int, int]
    """Value of each tier."""
    selection: Int64
    """Chosen columns of the program, sorted."""
    open: Int64
    """Columns that a selection as good may hold, sorted."""


@dataclass(frozen=True, eq=False)
class _Question:
    """A variation by the numbers of the packing."""

    out: Int64
    """Columns that may not be chosen."""
    served: Int64
    """Groups that must be served."""

    def of(self, packing: Packing) -> Packing:
        """Return a packing with less in it.

        A barred column is never chosen; gaining so little, it hardly ever loosens the bound either.
        """
        gain, must = packing.gain.copy(), packing.must.copy()
        gain[self.out] -= 1 + 4 * int(np.abs(packing.gain).max(initial=0))
        must[self.served] = True
        return replace(packing, gain=gain, must=must)


class _Standing:
    """A linear program of some columns that stays in the solver."""

    def __init__(self, packing: Packing, master: RestrictedMaster, columns: Int64) -> None:
        self._columns = columns
        self._column = np.full(packing.n, -1, dtype=np.int64)
        self._column[columns] = np.arange(columns.size)
        names = np.unique(packing.group[columns])
        self._group = np.full(packing.must.size, -1, dtype=np.int64)
        self._group[names] = np.arange(names.size)
        self._groups = names.size
        model = linear_model(packing.part(columns))
        self._model = StandingModel(model, master.basis(columns))

    def solve(
        self, asked: _Question, cap: Int64, first: int, context: Context
    ) -> tuple[float, Float64, Int64, Float64] | None:
        """Return value, prices of the rows, columns in use and how much; None: no solution."""
        groups, here = self._group[asked.served], self._column[asked.out]
        if (groups < 0).any():
            return None
        outcome = self._model.solve(
            here[here >= 0],
            groups,
            self._groups + cap,
            np.full(cap.size, float(first)),
            seconds=context.left(),
        )
        if outcome.x is None or outcome.prices is None:
            return None
        used = np.flatnonzero(outcome.x > _TINY)
        prices = outcome.prices[self._groups :]
        return outcome.bound, prices, self._columns[used], outcome.x[used]


class Variations:
    """Solves variations of a program; see :meth:`of`."""

    def __init__(self, state: State, context: Context) -> None:
        self._master, self._options = state.master, context.options
        self._packing = state.packing.part(np.arange(state.packing.n))
        self._first_tier, self._first = state.fold.first_tier(), state.bounds[0] or 0
        assert state.first is not None
        self._first_prices = state.first.prices
        # The row that holds the first tier is the first that was added.
        self._cap = np.flatnonzero(self._packing.row < 0)[:1]
        self._reduced = reduced = state.fold.reduced
        self._program = program = reduced.program
        # Where columns and groups of the program stand here, -1 for those that are gone.
        self._column = np.full(program.n_columns, -1, dtype=np.int64)
        self._column[reduced.origin] = np.arange(self._packing.n)
        self._group = np.full(program.n_groups, -1, dtype=np.int64)
        self._group[reduced.names] = np.arange(self._packing.must.size)
        self._settled = np.zeros(program.n_groups, dtype=np.bool_)
        self._settled[program.group[reduced.settled]] = True
        self._standing: dict[int, _Standing] = {}

    @classmethod
    def of(
        cls, program: Program, start: Start, options: Options | None = None
    ) -> "Variations | None":
        """Return the variations of a program; None: it cannot be varied here.

        Parameters
        ----------
        program
            Two maximised tiers.
        start
            ``Start.after`` an answer in which both tiers were proven for a program with the same
            rows, of which this one has all columns or some.
        options
            Limits of each variation, as for `solve`.
        """
        reduced, _ = presolve(program)
        if reduced is None or program.n_tiers != _FOLDED or not all(program.senses):
            return None
        if start.warm_start is None or not start.warm_start.fits(reduced):
            return None
        context = Context(options or Options(), Observer(), None)
        context.presolved(program, reduced.settled)
        fold = fold_tiers(reduced, context)
        state = None if fold is None or not fold.reduced.n else resume(fold, start, context)
        if state is None or not (state.master.ended and state.capped) or state.first is None:
            return None
        return cls(state, context)

    def solve(self, barred: Int64, served: Int64) -> Variation | None:
        """Return the best selection without some columns and with some groups served.

        Parameters
        ----------
        barred
            Columns of the program that may not be chosen.
        served
            Groups of the program that must get a column.

        Returns
        -------
        Variation or None
            None: not known: a limit was reached, too much is open near the bound, or there is none.
        """
        out = np.unique(self._column[barred])
        groups = np.unique(self._group[served[~self._settled[served]]])
        if (groups < 0).any() or np.isin(barred, self._reduced.settled).any():
            return None
        context = Context(self._options, Observer(), None)
        try:
            found = self._best(_Question(out[out >= 0], groups), context)
        except ArithmeticRangeError:  # the penalty makes gains larger than the program's own
            return None
        if found is None:
            return None
        selection, near = (
            np.sort(np.concatenate((self._reduced.origin[columns], self._reduced.settled)))
            for columns in found
        )
        gains = self._program.gains[:, selection].sum(axis=1)
        return Variation((int(gains[0]), int(gains[1])), selection, near)

    def _best(self, asked: _Question, context: Context) -> tuple[Int64, Int64] | None:
        """Return the best selection, proven, and what one as good may hold; None: not known."""
        own = asked.of(self._first_tier)
        first = min(self._first, dual_bound(own, self._first_prices).bound)
        for _ in range(_LOWER):
            found = self._at_bound(asked, first, context)
            if found is not None or context.stop():
                return found
            alone = self._master.with_objective(own, self._first_prices)
            alone.solve(primal=True)
            if alone.best.bound >= first:
                return None
            first = alone.best.bound
        return None

    def _at_bound(
        self, asked: _Question, first: int, context: Context
    ) -> tuple[Int64, Int64] | None:
        """Return the best selection of so much in the first tier; None: not known, or none."""
        gain, capacity = self._reduced.gains[0], self._packing.capacity.copy()
        capacity[self._cap] = first
        priced, held = None, replace(self._packing, capacity=capacity)
        for width in _WIDTHS:
            standing = self._standing_of(width)
            if standing is None:
                break
            found = standing.solve(asked, self._cap, first, context)
            if found is None:
                continue
            value, prices, used, x = found
            # Held from below too, the first tier weighs more than in the fold.
            more = max(0, int(np.ceil(-prices[self._cap[0]] - _TINY)))
            weighed = self._packing.gain + more * gain
            held = asked.of(replace(self._packing, capacity=capacity, gain=weighed))
            prices = prices.copy()
            prices[self._cap] += more
            priced = dual_bound(held, prices)
            value += more * first
            if priced.bound <= np.floor(value + _CLOSE * max(1.0, abs(value))):
                break  # no other column improves it
        if priced is None:
            return None
        whole = used[x > 1 - _TINY]
        best = held.admits(whole) and held.value(whole) == priced.bound
        chosen = whole if best else self._near(held, priced, asked, first, context)
        if chosen is None or int(gain[chosen].sum()) != first:
            return None
        return chosen, np.setdiff1d(priced.within(held.value(chosen)), asked.out)

    def _near(
        self, held: Packing, priced: DualBound, asked: _Question, first: int, context: Context
    ) -> Int64 | None:
        """Return the best selection near the bound; None: there is none near, or a limit came."""
        for give in _GIVE:
            target = priced.bound - give
            columns = np.setdiff1d(priced.within(target), asked.out)
            if columns.size > _MOST_COLUMNS:
                return None
            closed = solve_to_target(
                held, priced, columns, target, context, exactly=give == 0, cuts=False,
                floors=((self._reduced.gains[0], first),),
            )  # fmt: skip
            if closed.status == "optimal":
                return closed.chosen
            if closed.status != "infeasible":
                return None
        return None

    def _standing_of(self, width: int) -> _Standing | None:
        """Return the linear program of so many columns; None: no wider than the one before."""
        master, packing = self._master, self._packing
        if width not in self._standing:
            if width > 1 and (width // 3) * master.columns.size >= packing.n:
                return None
            near = nearest(packing, master.best, width * master.columns.size)
            columns = np.union1d(master.columns, near) if width > 1 else master.columns
            self._standing[width] = _Standing(packing, master, columns)
        return self._standing[width]
