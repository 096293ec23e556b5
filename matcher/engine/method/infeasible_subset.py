"""Why a program is infeasible: a small set of rows that cannot hold together.

Hides how the set is shrunk and checked. Every candidate set is solved again from scratch, in
integer arithmetic and without any use of a solver's own infeasibility reduced (those are unreliable
under presolve): a deletion filter (Chinneck 2008, "Feasibility and Infeasibility in
Optimization") that drops halves first, then single members.
"""

import numpy as np
import scipy.sparse as sp

from matcher.engine.answer import InfeasibleSubset
from matcher.engine.context import Context
from matcher.engine.method.claims import check_infeasible
from matcher.engine.method.presolve import presolve
from matcher.engine.method.sub_mip import feasible
from matcher.engine.program import UNBOUNDED, Program

_MOST_CHECKS = 200
_FEW_CHECKS = 40
_MANY_COLUMNS = 20_000


def find_infeasible_subset(program: Program, context: Context) -> InfeasibleSubset:
    """Return a clash of an infeasible program, every step checked by solving again."""
    program = _what_decides(program)
    rows = np.flatnonzero((program.upper < UNBOUNDED) | (program.lower_sides > -UNBOUNDED))
    must = np.zeros(0, dtype=np.int64)
    if program.exactly_one is not None:
        must = np.flatnonzero(program.exactly_one)
    members = [(0, int(row)) for row in rows] + [(1, int(group)) for group in must]
    checks, most = 0, _MOST_CHECKS if program.n_columns <= _MANY_COLUMNS else _FEW_CHECKS

    def clashes(kept: list[tuple[int, int]]) -> bool | None:
        nonlocal checks
        if checks >= most or context.stop():
            return None
        checks += 1
        return _infeasible(program, kept, context)

    size = max(1, len(members) // 2)
    minimal = True
    while members:
        position = 0
        minimal = True
        while position < len(members):
            trial = members[:position] + members[position + size :]
            verdict = clashes(trial)
            if verdict:
                members = trial
            else:
                minimal = minimal and verdict is False and size == 1
                position += size
        if size == 1 or checks >= most:
            break
        size = max(1, size // 2)
    context.count("clash checks", checks)
    check_infeasible(program, _infeasible(program, members, context))
    return InfeasibleSubset(
        tuple(sorted(index for kind, index in members if kind == 0)),
        tuple(sorted(index for kind, index in members if kind == 1)),
        minimal,
    )


def _what_decides(program: Program) -> Program:
    """Return the program without the columns that no selection needs in order to be feasible.

    A column of a group that may stay empty, with no use below 0 and none in a row with a lower
    side, can be left out of every feasible selection: the groups still hold, and no row is used
    more. So these few columns decide for any of the rows and groups, and a clash in a program of
    millions of columns is found among those that have to do with it.
    """
    floored = program.lower_sides > -UNBOUNDED
    entries = program.uses.tocoo()
    at_row, at_column = entries.coords
    needed = np.zeros(program.n_columns, dtype=np.bool_)
    needed[at_column[(entries.data < 0) | floored[at_row]]] = True
    if program.exactly_one is not None:
        needed |= program.exactly_one[program.group]
    fixed, forbidden = program.fixed, program.forbidden
    if forbidden is not None:
        needed[forbidden] = False
    if fixed is not None:
        needed[fixed] = True
    kept = np.flatnonzero(needed)
    return program.replace(
        group=program.group[kept],
        gains=program.gains[:, kept],
        uses=sp.csr_array(program.uses[:, kept]),
        fixed=None if fixed is None else np.searchsorted(kept, fixed),
        # What is left of them is fixed, too: that is the clash.
        forbidden=None if forbidden is None else np.flatnonzero(np.isin(kept, forbidden)),
    )


def _infeasible(program: Program, members: list[tuple[int, int]], context: Context) -> bool | None:
    """Whether the program with only these members has no selection; None: not settled."""
    rows = np.array([index for kind, index in members if kind == 0], dtype=np.int64)
    groups = np.array([index for kind, index in members if kind == 1], dtype=np.int64)
    must = np.zeros(program.n_groups, dtype=np.bool_)
    must[groups] = True
    reduced, _ = presolve(
        program.replace(
            uses=program.uses[rows],
            upper=program.upper[rows],
            lower=program.lower_sides[rows],
            exactly_one=must,
            row_names=None,
        )
    )
    if reduced is None:
        return True
    verdict = feasible(reduced, context)
    return None if verdict is None else not verdict
