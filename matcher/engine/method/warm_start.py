"""What one solve leaves for the next: prices, cuts, a basis, in the caller's own numbering.

Hides how a linear program that ended is found again in a program that has changed. Groups,
columns and rows are kept by their numbers in the caller's program; rows that were added here
(the cap on the first tier, cuts) follow the program's rows in the order in which they were added.
Whatever no longer exists is left out. Nothing here is trusted: cuts hold for any capacities
(`cuts`), prices give valid bounds whatever they are, and a basis is only where
the simplex method begins.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from matcher.engine.method.column_generation import RestrictedMaster
from matcher.engine.method.cuts import Cut
from matcher.engine.method.packing import Packing
from matcher.engine.method.presolve import Reduced
from matcher.engine.program import Int64, Program
from matcher.engine.solvers.mathopt import AT_LOWER, BASIC

__all__ = ["WarmStart", "positions_of", "resume", "warm_start_of"]

Float64 = npt.NDArray[np.float64]
Status = npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class WarmStart:
    """The end of a solve by prices; see `Answer.memory`. Small, and safe to pickle."""

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

    def fits(self, reduced: Reduced, groups: int) -> bool:
        """Whether rows and groups are numbered as they were."""
        return self.shape == (reduced.m, groups)

    def moved(self, rows: Int64, groups: Int64, shape: tuple[int, int]) -> "WarmStart":
        """Return the memory for a program whose rows and groups have other numbers.

        Parameters
        ----------
        rows, groups
            Number that each row and each group has now, -1 where it is gone.
        shape
            Rows and groups there are now.
        """
        (m, n_groups), then = shape, self.shape[0]
        added = m + np.arange(self.prices.size - then)
        row = np.concatenate((rows, added))
        cuts = []
        for cut in self.cuts:
            kept, there = groups[cut.groups] >= 0, row[cut.rows] >= 0
            cuts.append(
                Cut(
                    groups[cut.groups][kept],
                    cut.of_group[kept],
                    row[cut.rows][there],
                    cut.of_row[there],
                    cut.divisor,
                )
            )
        return replace(
            self,
            shape=shape,
            first=_moved(self.first, rows, np.zeros(m)),
            prices=_moved(self.prices, row, np.zeros(m + added.size)),
            cuts=tuple(cuts),
            group_status=_moved(self.group_status, groups, np.full(n_groups, BASIC, np.int8)),
            row_status=_moved(self.row_status, row, np.full(m + added.size, BASIC, np.int8)),
        )


_Array = TypeVar("_Array", Float64, Status)


def _moved(values: _Array, at: Int64, result: _Array) -> _Array:
    result[at[at >= 0]] = values[at >= 0]
    return result


def warm_start_of(
    reduced: Reduced, groups: int, ended: RestrictedMaster, first: Float64, capped: bool
) -> WarmStart:
    """Keep where a master linear program ended.

    Parameters
    ----------
    reduced
        The program as the methods see it.
    groups
        Groups of the caller's program.
    ended
        The linear program of the folded tiers.
    first
        Prices of the first tier by the reduced's rows, float64 [m].
    capped
        Whether its first added row is the cap on the first tier.
    """
    packing, m = ended.packing, reduced.m
    number = _numbers(packing, m)
    added = int((packing.row < 0).sum())
    prices, status = np.zeros(m + added), np.full(m + added, BASIC, dtype=np.int8)
    np.add.at(prices, number, ended.best.prices * packing.sign / packing.unit)
    status[number] = ended.row_status
    of_group = np.full(groups, BASIC, dtype=np.int8)
    of_group[reduced.names] = ended.group_status
    cuts = tuple(
        Cut(reduced.names[cut.groups], cut.of_group, number[cut.rows], cut.of_row, cut.divisor)
        for cut in ended.cuts
    )
    return WarmStart(
        shape=(m, groups),
        first=first,
        prices=prices,
        capped=capped,
        cuts=cuts,
        columns=reduced.origin[ended.columns],
        column_status=ended.column_status[ended.columns],
        group_status=of_group,
        row_status=status,
    )


def resume(memory: WarmStart, reduced: Reduced, master: RestrictedMaster, seats: Int64) -> None:
    """Put remembered cuts and basis into a master linear program that has just been made.

    Parameters
    ----------
    memory
        What was kept; fits the reduced.
    reduced
        The program now.
    master
        A new linear program, with the cap as its first added row where the memory has one.
    seats
        Position of each remembered column in the reduced, int64; -1 where it is gone.
    """
    m = reduced.m
    groups = np.full(memory.shape[1], -1, dtype=np.int64)
    groups[reduced.names] = np.arange(reduced.n_groups)
    waiting: list[Cut] = []
    prices: list[float] = []
    # Where the rows of the memory stand now; cuts that are no longer rows stay at -1.
    place = np.full(memory.prices.size, -1, dtype=np.int64)
    place[_numbers(master.packing, m)] = np.arange(master.packing.rows)
    fresh: list[int] = []
    for at, cut in enumerate(memory.cuts):
        number = m + int(memory.capped) + at
        if fresh and int(cut.rows.max(initial=0)) >= fresh[0]:
            _add(master, waiting, prices, fresh, place)
            waiting, prices, fresh = [], [], []
        kept, there = groups[cut.groups] >= 0, place[cut.rows] >= 0
        waiting.append(
            Cut(
                groups[cut.groups][kept],
                cut.of_group[kept],
                place[cut.rows][there],
                cut.of_row[there],
                cut.divisor,
            )
        )
        prices.append(float(memory.prices[number]))
        fresh.append(number)
    _add(master, waiting, prices, fresh, place)
    known = seats >= 0
    master.column_status[:] = AT_LOWER
    master.column_status[seats[known]] = memory.column_status[known]
    master.group_status[:] = memory.group_status[reduced.names]
    master.row_status[:] = BASIC
    there = place >= 0
    master.row_status[place[there]] = memory.row_status[there]
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
    """Return the number of each row of a packing: the reduced's, then the added ones in order."""
    added = packing.row < 0
    number = packing.row.copy()
    number[added] = m + np.arange(int(added.sum()))
    return number


def positions_of(
    memory: WarmStart, program: Program, reduced: Reduced, columns: Int64 | None
) -> Int64:
    """Return where the remembered columns stand in the reduced, -1 where they are gone."""
    then = memory.columns
    if columns is not None:
        then = np.where(then < columns.size, columns[np.minimum(then, columns.size - 1)], -1)
    inside = np.full(program.n_columns + 1, -1, dtype=np.int64)
    inside[reduced.origin] = np.arange(reduced.n)
    return inside[np.where((then >= 0) & (then < program.n_columns), then, program.n_columns)]
