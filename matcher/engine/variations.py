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
from matcher.engine.method.column_generation import linear_model
from matcher.engine.method.folded import Folded
from matcher.engine.method.packing import DualBound, Packing, dual_bound
from matcher.engine.method.presolve import presolve, value_of
from matcher.engine.method.sub_mip import solve_to_target
from matcher.engine.options import Observer, Options, Start
from matcher.engine.program import Int64, Program
from matcher.engine.solvers.mathopt import Basis, LinearModel, Outcome, Standing

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

    def __init__(self, own: "_Own", packing: Packing) -> None:
        self._own, self._stage = own, packing
        self._core, self._program = own.core, own.program
        # Where columns and groups of the program stand here, -1 for those that are gone.
        self._column = np.full(own.program.n_columns, -1, dtype=np.int64)
        self._column[self._core.origin] = np.arange(packing.n)
        self._group = np.full(own.program.n_groups, -1, dtype=np.int64)
        self._group[self._core.names] = np.arange(packing.must.size)
        self._settled = np.zeros(own.program.n_groups, dtype=np.bool_)
        self._settled[own.program.group[self._core.settled]] = True
        # A barred column is never chosen; gaining little, it does not loosen the bound either.
        self._penalty = 1 + 4 * int(np.abs(packing.gain).max(initial=0))
        self._standing = Standing(own.model, own.basis)

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
        options = options or Options()
        reduced, _ = presolve(program)
        if reduced is None or start.warm_start is None or program.n_tiers != _FOLDED:
            return None
        if not all(program.senses) or not start.warm_start.fits(reduced, program.n_groups):
            return None
        context = Context(options, Observer(), None)
        context.settled = tuple(program.gains[:, reduced.settled].sum(axis=1).tolist())
        context.signs = (1,) * _FOLDED
        own = _Own(program, reduced, context, start)
        packing = own.begun()
        return None if packing is None else cls(own, packing)

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
        if (groups < 0).any() or np.isin(barred, self._core.settled).any():
            return None
        out = out[out >= 0]
        context = Context(self._own.context.options, Observer(), None)
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
        proven = value_of(self._core, chosen)[0] == self._own.bounds[0]
        selection = np.sort(np.concatenate((self._core.origin[chosen], self._core.settled)))
        gains = self._program.gains[:, selection].sum(axis=1)
        return Variation((int(gains[0]), int(gains[1])), proven, selection)

    def _varied(self, out: Int64, groups: Int64) -> Packing:
        gain, must = self._stage.gain.copy(), self._stage.must.copy()
        gain[out] -= self._penalty
        must[groups] = True
        return replace(self._stage, gain=gain, must=must)

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
                packing,
                priced,
                columns,
                target,
                context,
                exactly=give == 0,
                cuts=False,
            )
            if closed.status == "optimal":
                return closed.chosen
            if closed.status != "infeasible":
                return None
        return None


class _Own(Folded):
    """The program itself, where its linear program ended."""

    model: LinearModel
    basis: Basis

    def begun(self) -> Packing | None:
        """Find that linear program again, on all columns; return its packing."""
        if not self._folds():
            return None
        tight = self._tight()
        if tight is None or not self.core.n:
            return None
        begun = self._begin_again(tight[0])
        if begun is None:
            return None
        master = begun[0]
        if not master.ended:
            return None
        # No column improves it, so its basis is one over all of them.
        every = np.arange(master.packing.n)
        packing = master.packing.part(every)
        self.model = linear_model(packing)
        self.basis = master.basis(every)
        return packing
