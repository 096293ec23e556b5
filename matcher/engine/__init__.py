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
Values are sums of the caller's integers over the chosen columns. A selection of whatever origin is
checked against the caller's program before it is returned. Bounds come from prices l >= 0, one per
row side, by weak duality::

    bound(l) = l.b + sum over i of max(0, max over o in i of (g[o] - sum over r of a[r,o] l[r]))

evaluated in integers at prices rounded to a grid (`dual_bound`).
What a selection is short of that bound is known to the last unit: what its columns lose, what
groups without a column give up, and priced capacity left over. So a proof is a small program: which
selections spend at most bound - target on all three (`reduced_cost_fixing`). CP-SAT
decides it, in whole numbers throughout; where it reaches its limit, or more than a few thousand
columns are left, HiGHS does, in double precision and on small whole coefficients. ``proven`` means
that value and bound are equal, in this and all earlier tiers.

The methods
-----------
==========  ==================================================================================
flow        rows form a network: minimum-cost flow, tiers folded exactly
prices      smoothed dual, master linear program, pricing of all columns, cuts; then a
            target near the bound that gives way until a selection reaches it, which proves it;
            for large programs rounding among the columns the linear program uses, and
            neighbourhoods along chains of moves, with the bound reported
direct      small programs: all columns to an integer solver
==========  ==================================================================================

`Answer.warm_start` keeps where the price method ended (prices, cuts as multipliers, basis);
``Start.after(answer)`` lets a program that differs little go on from there, to the same optimum.

`Variations` asks a solved program again with columns barred and groups to be served, each time in
a few milliseconds: what explanations are made of.

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
    "register_solver",
    "solve",
]
