"""The optimiser: knows groups, columns, rows and tiers; nothing of what they stand for.

The program
-----------
Sets: groups i, columns o (each in one group), rows r, tiers t = 0, 1, ... in order of importance.
Parameters, all integers: gain g[t,o], use a[r,o], sides lower[r] <= upper[r]. Variables x[o] in
{0, 1}::

    for t = 0, 1, ... in turn, the earlier tiers held at their values:
    maximise (or minimise)   sum over o of g[t,o] x[o]
    group[i]:   sum over o in i of x[o] <= 1        (= 1 where exactly_one[i])
    row[r]:     lower[r] <= sum over o of a[r,o] x[o] <= upper[r]
    fixed, forbidden:        x[o] = 1, x[o] = 0

The answer
----------
Values are sums of the caller's integers over the chosen columns. Bounds come from prices of the
rows by weak duality, in whole numbers (`method.dual_bound`); ``proven`` means that value and bound
are equal, in this and all earlier tiers. What a selection is short of the bound is known to the
last unit, so a proof is a small program: which selections lose no more than bound - target
(`method.reduced_cost_fixing`), decided in `method.proof`. No solver is believed (`method.claims`).

The rooms
---------
=========================  ======================================================================
program, options, answer   what is asked, and what comes back
solve                      the recipe: presolve, a method, its selection checked
method                     `flow` where rows form a network; `price_method`, whose passes are
                           prices, column_generation, first_tier, cuts, incumbent, proof and
                           later_tiers; `knapsack_method` where few wide rows are used in many
                           sizes; `direct` for small programs that prices do not prove; `race`
                           for knotty ones, a direct solver beside the others
solvers                    OR-Tools' behind one protocol; a new one is a class
=========================  ======================================================================

``Start.after(answer)`` lets a program that differs little go on where one ended, to the same
optimum. `Variations` asks a solved program again with columns barred and groups to be served, each
time in a few milliseconds: what explanations are made of.

Without ``seconds`` no clock enters a decision: the same program, options and versions give the same
answer. ``work`` is the deterministic limit.
"""

from matcher.engine.answer import (
    Answer,
    InfeasibleSubset,
    Limit,
    Losses,
    StopReason,
    Termination,
    TierAnswer,
)
from matcher.engine.errors import (
    ArithmeticRangeError,
    BackendError,
    EngineError,
    NoSelectionError,
    OptionError,
    ProgramError,
)
from matcher.engine.least import least_prices
from matcher.engine.method.warm_start import WarmStart
from matcher.engine.options import Observer, Options, Start, Switches
from matcher.engine.program import UNBOUNDED, Program
from matcher.engine.solve import solve
from matcher.engine.solvers import (
    SOLVERS,
    Ability,
    LinearModel,
    Network,
    Outcome,
    Solver,
    Solvers,
    Status,
    Task,
    register_solver,
)
from matcher.engine.variations import Variation, Variations

__all__ = [
    "SOLVERS",
    "UNBOUNDED",
    "Ability",
    "Answer",
    "ArithmeticRangeError",
    "BackendError",
    "EngineError",
    "InfeasibleSubset",
    "Limit",
    "LinearModel",
    "Losses",
    "Network",
    "NoSelectionError",
    "Observer",
    "OptionError",
    "Options",
    "Outcome",
    "Program",
    "ProgramError",
    "Solver",
    "Solvers",
    "Start",
    "Status",
    "StopReason",
    "Switches",
    "Task",
    "Termination",
    "TierAnswer",
    "Variation",
    "Variations",
    "WarmStart",
    "least_prices",
    "register_solver",
    "solve",
]
