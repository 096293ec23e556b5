"""One solved program asked again and again with less in it: columns barred, groups to be served.

Hides how such a question is answered in a few milliseconds. A variation only takes selections
away, so the proven bound of the first tier, the tightened rows and the cuts of the program's own
solve all hold for it. Their linear program stays in the simplex solver and is asked with a few
sides changed; its prices bound the variation exactly (`packing`), and what they
leave open near that bound is a small integer program (`reduced_cost_fixing`): first the
selections that reach the bound, then those a little below, until there is one. That one is best.
"""

from dataclasses import dataclass, replace

import numpy as np

from matcher.engine.context import Context
from matcher.engine.errors import ArithmeticRangeError
from matcher.engine.method.dual_bound import DualBound, dual_bound
from matcher.engine.method.fold import fold_tiers
from matcher.engine.method.packing import Packing, linear_model
from matcher.engine.method.presolve import presolve, value_of
from matcher.engine.method.state import State
from matcher.engine.method.sub_mip import solve_to_target
from matcher.engine.method.warm_start import resume
from matcher.engine.options import Observer, Options, Start
from matcher.engine.program import Int64, Program
from matcher.engine.solvers import Outcome
from matcher.engine.solvers.glop import StandingModel

__all__ = ["Variation", "Variations"]

_TINY = 1e-6
_GIVE = (0, 2, 6, 24, 96, 384, 1536)
"""How far below the bound a selection is looked for, each time when none was found nearer."""
_MOST_COLUMNS = 3_000
"""Columns that may be left open there: with more, a solve of its own is the better way."""
_FOLDED = 2
"""Tiers of a program that can be varied: those that are folded into one."""


@dataclass(frozen=True, eq=False)
class Variation:
    """The best selection of a variation by its folded tiers, K g0 + g1.

    K is that of the program that is varied: with fewer columns it may be less than `Answer.losses`
    has. Where both tiers are proven, that makes no difference.
    """

    values: tuple[int, int]
    """Value of each tier."""
    proven: bool
    """Whether both tiers are proven. If not, the first one is below its bound: no selection has a
    larger fold, but one with more in the first tier and less in the second might be there."""
    selection: Int64
    """Chosen columns of the program, sorted."""


class Variations:
    """Solves variations of a program; see :meth:`of`."""

    def __init__(self, state: State, context: Context) -> None:
        # No column improves the master, so its basis is one over all of them.
        every = np.arange(state.packing.n)
        packing = state.packing.part(every)
        self._packing, self._options, self._bound = packing, context.options, state.bounds[0]
        self._reduced = reduced = state.fold.reduced
        self._program = program = reduced.program
        # Where columns and groups of the program stand here, -1 for those that are gone.
        self._column = np.full(program.n_columns, -1, dtype=np.int64)
        self._column[reduced.origin] = every
        self._group = np.full(program.n_groups, -1, dtype=np.int64)
        self._group[reduced.names] = np.arange(packing.must.size)
        self._settled = np.zeros(program.n_groups, dtype=np.bool_)
        self._settled[program.group[reduced.settled]] = True
        # A barred column is never chosen; gaining little, it does not loosen the bound either.
        self._penalty = 1 + 4 * int(np.abs(packing.gain).max(initial=0))
        self._standing = StandingModel(linear_model(packing), state.master.basis(every))

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
        return None if state is None or not state.master.ended else cls(state, context)

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
        out = out[out >= 0]
        context = Context(self._options, Observer(), None)
        packing = self._varied(out, groups)
        outcome = self._standing.solve(out, groups, seconds=context.left())
        if outcome.x is None or outcome.prices is None:
            return None
        try:
            priced = dual_bound(packing, outcome.prices[packing.must.size :])
        except ArithmeticRangeError:  # the penalty makes gains larger than the program's own
            return None
        chosen = self._best(packing, priced, outcome, out, context)
        if chosen is None:
            return None
        proven = value_of(self._reduced, chosen)[0] == self._bound
        selection = np.sort(np.concatenate((self._reduced.origin[chosen], self._reduced.settled)))
        gains = self._program.gains[:, selection].sum(axis=1)
        return Variation((int(gains[0]), int(gains[1])), proven, selection)

    def _varied(self, out: Int64, groups: Int64) -> Packing:
        gain, must = self._packing.gain.copy(), self._packing.must.copy()
        gain[out] -= self._penalty
        must[groups] = True
        return replace(self._packing, gain=gain, must=must)

    def _best(
        self, packing: Packing, priced: DualBound, outcome: Outcome, out: Int64, context: Context
    ) -> Int64 | None:
        """Return the best selection, proven; None where a limit came first."""
        assert outcome.x is not None
        whole = np.flatnonzero(outcome.x > 1 - _TINY)
        if packing.admits(whole) and packing.value(whole) == priced.bound:
            return whole
        for give in _GIVE:
            target = priced.bound - give
            columns = np.setdiff1d(priced.within(target), out)
            if columns.size > _MOST_COLUMNS:
                return None
            closed = solve_to_target(
                packing, priced, columns, target, context, exactly=give == 0, cuts=False
            )
            if closed.status == "optimal":
                return closed.chosen
            if closed.status != "infeasible":
                return None
        return None
