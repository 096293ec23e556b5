"""What one solve leaves for the next: prices, cuts, a basis, in the caller's own numbering.

Hides how a linear program that ended is found again in a program that has changed. Groups,
columns and rows are kept by their numbers in the caller's program; rows that were added here
(the cap on the first tier, cuts) follow the program's rows in the order in which they were added.
Whatever no longer exists is left out. Nothing here is trusted: cuts hold for any capacities
(`cuts`), prices give valid bounds whatever they are, and a basis is only where the simplex method
begins.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from matcher.engine.context import Context
from matcher.engine.method.column_generation import RestrictedMaster, generate_columns
from matcher.engine.method.cuts import Cut
from matcher.engine.method.dual_bound import dual_bound, nearest
from matcher.engine.method.first_tier import add_cap, lower_first_tier, take_first_bound
from matcher.engine.method.fold import Fold, is_large
from matcher.engine.method.incumbent import first_selection
from matcher.engine.method.packing import Packing
from matcher.engine.method.presolve import Reduced
from matcher.engine.method.prices import columns_wanted, still_large
from matcher.engine.method.state import State
from matcher.engine.options import Start
from matcher.engine.program import Float64, Int64
from matcher.engine.solvers import AT_LOWER, BASIC

Status = npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class WarmStart:
    """The end of a solve by prices; see `Answer.warm_start`. Small, and safe to pickle."""

    shape: tuple[int, int]
    """Rows and groups of the caller's program."""
    first: Float64
    """Prices of the first tier's own linear program, float64 [m]."""
    prices: Float64
    """Prices of the folded tiers, float64 [m + added rows]."""
    capped: bool
    """Whether the first added row is the cap on the first tier."""
    cuts: tuple[Cut, ...]
    """Cuts, in the order of their rows, by the caller's groups and rows."""
    columns: Int64
    """Columns of the last linear program, sorted."""
    column_status: Status
    """Their places in its basis."""
    group_status: Status
    """Places of the groups, int8 [groups]."""
    row_status: Status
    """Places of the rows, int8 [m + added rows]."""

    def fits(self, reduced: Reduced) -> bool:
        """Whether rows and groups are numbered as they were."""
        return self.shape == (reduced.m, reduced.program.n_groups)

    def moved(self, rows: Int64, groups: Int64, shape: tuple[int, int]) -> "WarmStart":
        """Return the warm start for a program whose rows and groups have other numbers.

        `rows` and `groups` are the numbers they have now, -1 where they are gone; `shape` how many
        there are.
        """
        (m, n_groups), then = shape, self.shape[0]
        added = m + np.arange(self.prices.size - then)
        row = np.concatenate((rows, added))
        return replace(
            self,
            shape=shape,
            first=_moved(self.first, rows, np.zeros(m)),
            prices=_moved(self.prices, row, np.zeros(m + added.size)),
            cuts=tuple(cut.moved(groups, row) for cut in self.cuts),
            group_status=_moved(self.group_status, groups, np.full(n_groups, BASIC, np.int8)),
            row_status=_moved(self.row_status, row, np.full(m + added.size, BASIC, np.int8)),
        )


_Array = TypeVar("_Array", Float64, Status)


def _moved(values: _Array, at: Int64, result: _Array) -> _Array:
    result[at[at >= 0]] = values[at >= 0]
    return result


def warm_start_of(state: State) -> WarmStart:
    """Keep where a restricted master ended."""
    ended, reduced = state.master, state.fold.reduced
    packing, m = ended.packing, reduced.m
    number = _numbers(packing, m)
    added = int((packing.row < 0).sum())
    prices, status = np.zeros(m + added), np.full(m + added, BASIC, dtype=np.int8)
    np.add.at(prices, number, ended.best.prices * packing.sign / packing.unit)
    status[number] = ended.row_status
    groups = reduced.program.n_groups
    of_group = np.full(groups, BASIC, dtype=np.int8)
    of_group[reduced.names] = ended.group_status
    return WarmStart(
        shape=(m, groups),
        first=state.prices[0] if reduced.tiers > 1 else np.zeros(m),
        prices=prices,
        capped=state.capped,
        cuts=tuple(cut.moved(reduced.names, number) for cut in ended.cuts),
        columns=reduced.origin[ended.columns],
        column_status=ended.column_status[ended.columns],
        group_status=of_group,
        row_status=status,
    )


def resume(fold: Fold, start: Start, context: Context) -> State | None:
    """Go on where an earlier master ended; None where no selection is found."""
    warm, m = start.warm_start, fold.reduced.m
    assert warm is not None
    context.say("started from an earlier solve")
    with context.phase("recall"):
        places = _places(warm, fold.reduced, start.columns)
        large = is_large(fold)
        # What was not in use comes again by its loss, if it is near.
        used = places[(places >= 0) & (large | (warm.column_status != AT_LOWER))]
        master = RestrictedMaster(
            fold.packing, np.unique(used), fold.packing.prices_from(warm.prices[:m]), context
        )
        state = State.of(fold, master, np.zeros(0, dtype=np.int64), large=large)
        if fold.tiers > 1:
            first = dual_bound(fold.first_tier(), fold.packing.prices_from(warm.first))
            state = take_first_bound(state, first, context)
            if warm.capped:
                state = add_cap(state, float(warm.prices[m]))
        _recall(warm, fold.reduced, master, places)
        state = replace(state, large=large and still_large(master.best))
        near = nearest(
            master.packing, master.best, columns_wanted(master.best, again=not state.large)
        )
        master.admit(near)
    with context.phase("first selection"):
        chosen = first_selection(fold, master.packing, master.best, near, start, context)
        if chosen is None:
            return None
        state = replace(state, chosen=chosen)
    with context.phase("linear program"):
        generate_columns(master, large=state.large)
    if fold.tiers > 1 and master.solved:
        # The old prices may bound the first tier too high: a cap above it closes nothing.
        state = lower_first_tier(state, context)
    return state


def _recall(warm: WarmStart, reduced: Reduced, master: RestrictedMaster, places: Int64) -> None:
    """Put the cuts and the basis of a warm start into a restricted master that has just been made.

    `places` are the positions of its columns in the program, -1 where they are gone. The cap is
    already the first added row, where the warm start has one.
    """
    m = reduced.m
    groups = np.full(warm.shape[1], -1, dtype=np.int64)
    groups[reduced.names] = np.arange(reduced.n_groups)
    waiting: list[Cut] = []
    prices: list[float] = []
    # Where the rows of the warm start stand now; cuts that are no longer rows stay at -1.
    stands = np.full(warm.prices.size, -1, dtype=np.int64)
    stands[_numbers(master.packing, m)] = np.arange(master.packing.rows)
    fresh: list[int] = []
    for at, cut in enumerate(warm.cuts):
        number = m + int(warm.capped) + at
        if fresh and int(cut.rows.max(initial=0)) >= fresh[0]:
            _add(master, waiting, prices, fresh, stands)
            waiting, prices, fresh = [], [], []
        waiting.append(cut.moved(groups, stands))
        prices.append(float(warm.prices[number]))
        fresh.append(number)
    _add(master, waiting, prices, fresh, stands)
    known = places >= 0
    master.column_status[:] = AT_LOWER
    master.column_status[places[known]] = warm.column_status[known]
    master.group_status[:] = warm.group_status[reduced.names]
    master.row_status[:] = BASIC
    there = stands >= 0
    master.row_status[stands[there]] = warm.row_status[there]
    master.begun = True


def _add(
    master: RestrictedMaster, cuts: list[Cut], prices: list[float], numbers: list[int], place: Int64
) -> None:
    """Add cuts, and note where those that are rows now stand."""
    first = master.packing.rows
    for at in master.add_cuts(cuts, np.array(prices)):
        place[numbers[at]] = first
        first += 1


def _numbers(packing: Packing, m: int) -> Int64:
    """Return the number of each row of a packing: the program's, then the added ones in order."""
    added = packing.row < 0
    number = packing.row.copy()
    number[added] = m + np.arange(int(added.sum()))
    return number


def _places(warm: WarmStart, reduced: Reduced, columns: Int64 | None) -> Int64:
    """Return where the columns of a warm start stand in the program, -1 where they are gone."""
    then, n = warm.columns, reduced.program.n_columns
    if columns is not None:
        then = np.where(then < columns.size, columns[np.minimum(then, columns.size - 1)], -1)
    inside = np.full(n + 1, -1, dtype=np.int64)
    inside[reduced.origin] = np.arange(reduced.n)
    return inside[np.where((then >= 0) & (then < n), then, n)]
