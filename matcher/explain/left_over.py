"""Why nobody, why not filled, what was scarce: facts about everything the plan leaves over.

For an unplaced citizen the chain is walked in order: already placed, no opening in reach, killed
by rules, lost on a shared resource, lost to others. An unplaced citizen with an offer always has
every offer blocked by a full row, or the plan would not be optimal; where a limit stopped the
engine early, the cause may be that limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from matcher.offers import RULE_IDS
from matcher.solve import Solution

Ints = npt.NDArray[np.int64]

SEATS = "opening_seats"
"""The row that stands for losing to other people rather than to a scarce support."""

Cause = Literal["already_placed", "no_opening_in_reach", "rules", "resource", "others", "limit"]
OpeningCause = Literal[
    "filled", "no_seat_free", "nobody_in_reach", "rules", "resource", "placed_elsewhere"
]


@dataclass(frozen=True)
class Unplaced:
    """One citizen without a proposal, and the chain of reasons."""

    citizen_id: str
    cause: Cause
    """Where the chain ends."""
    reach: int
    """Openings in reach (by way to work)."""
    killed: Mapping[str, int]
    """Openings killed by each rule; ``commute`` of all, the others of those in reach."""
    nearest: Mapping[str, int]
    """Openings killed by this rule alone, most first: the nearest misses."""
    possible: int
    """Openings with a feasible, suitable offer."""
    lost_on: Mapping[str, int]
    """Possible openings lost on each kind of row: how many have an offer it blocks."""
    lost_at: Mapping[str, tuple[str, ...]]
    """Which rows of that kind, by id."""


@dataclass(frozen=True)
class OpeningOutcome:
    """One opening: how far it was filled, and why not further."""

    opening_id: str
    workplace_id: str
    free: int
    """Free seats before the run."""
    filled: int
    """Seats the plan fills."""
    cause: OpeningCause
    """Why no more."""
    reach: int
    """Citizens in reach."""
    killed: Mapping[str, int]
    """Citizens killed by each rule, those in reach (``commute``: of all)."""
    possible: int
    """Citizens with a feasible, suitable offer here."""
    placed_elsewhere: int
    """Of those, how many the plan places elsewhere."""
    lost_on: Mapping[str, int]
    """Of the unplaced ones, how many are blocked by each kind of row."""


@dataclass(frozen=True)
class ResourceUse:
    """One row of the model: what it had, what the plan uses."""

    rule: str
    """Kind of row."""
    key: str
    """What it is about."""
    used: int
    """Units the plan uses: places, minutes a week, or DKK a week."""
    capacity: int
    """Units there were for this run."""
    binding: bool
    """Whether an offer that was not chosen no longer fits."""
    price: float
    """Points of fit that one more unit would bring, to first order."""


@dataclass(frozen=True)
class LeftOver:
    """Everything the plan leaves over."""

    unplaced: tuple[Unplaced, ...]
    openings: tuple[OpeningOutcome, ...]
    resources: tuple[ResourceUse, ...]


def left_over(solution: Solution) -> LeftOver:
    """Explain unplaced citizens, openings and resources of a solution."""
    book, model = solution.book, solution.model
    uses = model.program.uses
    selected = np.zeros(len(book.offers), dtype=np.int64)
    selected[solution.chosen] = 1
    used = np.asarray(uses @ selected, dtype=np.int64)
    room = np.where(model.floors, np.iinfo(np.int64).max, model.capacity - used)
    entries = uses.tocoo()
    at_row, at_column = (np.asarray(where, dtype=np.int64) for where in entries.coords)
    blocks = entries.data > room[at_row]
    row, column = at_row[blocks], at_column[blocks]
    kinds = sorted(set(model.rules))
    kind_of = np.array([kinds.index(rule) for rule in model.rules], dtype=np.int64)
    placed = np.zeros(len(book.sides.citizens.ids), dtype=np.bool_)
    placed[book.offers.citizen[solution.chosen]] = True
    return LeftOver(
        unplaced=_unplaced(solution, placed, row, column, kinds, kind_of),
        openings=_openings(solution, placed, row, column, kinds, kind_of),
        resources=_resources(solution, used, set(row.tolist())),
    )


def _unplaced(
    solution: Solution,
    placed: npt.NDArray[np.bool_],
    row: Ints,
    column: Ints,
    kinds: list[str],
    kind_of: Ints,
) -> tuple[Unplaced, ...]:
    book = solution.book
    tally, width = book.tally, len(book.sides.openings.ids)
    pair = book.offers.citizen.astype(np.int64) * width + book.offers.opening
    # Openings lost per citizen and kind: a pair counts once however many offers it has.
    lost = _distinct(pair[column], kind_of[row])
    counts = np.zeros((len(placed), len(kinds)), dtype=np.int64)
    np.add.at(counts, (lost[0] // width, lost[1]), 1)
    whole = _blocked_entirely(solution, row, column, kind_of, len(kinds))
    at_rows = _distinct(book.offers.citizen[column], row)
    first = np.searchsorted(at_rows[0], np.arange(len(placed) + 1))
    already = RULE_IDS.index("already_placed")
    found = []
    for i in np.flatnonzero(~placed).tolist():
        lost_on = {kinds[k]: int(counts[i, k]) for k in np.flatnonzero(counts[i])}
        lost_at: dict[str, list[str]] = {}
        for r in at_rows[1, first[i] : first[i + 1]].tolist():
            lost_at.setdefault(solution.model.rules[r], []).append(solution.model.keys[r])
        cause: Cause
        if tally.killed[i, already]:
            cause = "already_placed"
        elif not tally.reach[i]:
            cause = "no_opening_in_reach"
        elif not tally.feasible[i]:
            cause = "rules"
        else:
            shared = [kinds[k] for k in np.flatnonzero(whole[i]) if kinds[k] != SEATS]
            cause = "resource" if shared or SEATS not in lost_on else "others"
            cause = cause if lost_on else "limit"
        found.append(
            Unplaced(
                citizen_id=book.sides.citizens.ids[i],
                cause=cause,
                reach=int(tally.reach[i]),
                killed=_by_count(tally.killed[i]),
                nearest=_by_count(tally.sole[i]),
                possible=int(tally.feasible[i]),
                lost_on=dict(sorted(lost_on.items(), key=lambda item: (-item[1], item[0]))),
                lost_at={kind: tuple(lost_at[kind]) for kind in lost_on},
            )
        )
    return tuple(found)


def _blocked_entirely(
    solution: Solution, row: Ints, column: Ints, kind_of: Ints, kinds: int
) -> npt.NDArray[np.bool_]:
    """Whether one kind of row blocks every offer of a citizen, shape (citizens, kinds)."""
    offers = solution.book.offers
    blocked = _distinct(column, kind_of[row])
    counts = np.zeros((len(solution.book.sides.citizens.ids), kinds), dtype=np.int64)
    np.add.at(counts, (offers.citizen[blocked[0]], blocked[1]), 1)
    total = np.bincount(offers.citizen, minlength=len(counts))
    return np.asarray((counts == total[:, None]) & (total[:, None] > 0), dtype=np.bool_)


def _openings(
    solution: Solution,
    placed: npt.NDArray[np.bool_],
    row: Ints,
    column: Ints,
    kinds: list[str],
    kind_of: Ints,
) -> tuple[OpeningOutcome, ...]:
    book = solution.book
    offers, tally, sides = book.offers, book.tally, book.sides
    count, people = len(sides.openings.ids), len(placed)
    filled = np.bincount(offers.opening[solution.chosen], minlength=count)
    pairs = _once(offers.opening.astype(np.int64) * people + offers.citizen)
    elsewhere = np.bincount(pairs[placed[pairs % people]] // people, minlength=count) - filled
    pair = offers.opening.astype(np.int64) * people + offers.citizen
    waiting = ~placed[offers.citizen[column]]
    lost = _distinct(pair[column[waiting]], kind_of[row[waiting]])
    counts = np.zeros((count, len(kinds)), dtype=np.int64)
    np.add.at(counts, (lost[0] // max(1, people), lost[1]), 1)
    workplaces = book.problem["openings"]["workplace_id"].tolist()
    found = []
    for j in range(count):
        lost_on = {
            kinds[k]: int(counts[j, k]) for k in np.flatnonzero(counts[j]) if kinds[k] != SEATS
        }
        cause: OpeningCause
        if filled[j] and filled[j] >= sides.openings.free[j]:
            cause = "filled"
        elif sides.openings.free[j] < 1:
            cause = "no_seat_free"
        elif not tally.opening_reach[j]:
            cause = "nobody_in_reach"
        elif not tally.opening_feasible[j]:
            cause = "rules"
        else:
            cause = "resource" if lost_on else "placed_elsewhere"
        found.append(
            OpeningOutcome(
                opening_id=sides.openings.ids[j],
                workplace_id=workplaces[j],
                free=max(0, int(sides.openings.free[j])),
                filled=int(filled[j]),
                cause=cause,
                reach=int(tally.opening_reach[j]),
                killed=_by_count(tally.opening_killed[j]),
                possible=int(tally.opening_feasible[j]),
                placed_elsewhere=int(elsewhere[j]),
                lost_on=dict(sorted(lost_on.items(), key=lambda item: (-item[1], item[0]))),
            )
        )
    return tuple(found)


def _resources(solution: Solution, used: Ints, blocking: set[int]) -> tuple[ResourceUse, ...]:
    model = solution.model
    names = model.program.row_names or ()
    return tuple(
        ResourceUse(
            rule=model.rules[row],
            key=model.keys[row],
            used=int(used[row]),
            capacity=int(model.capacity[row]),
            binding=bool(used[row] <= model.capacity[row])
            if model.floors[row]
            else row in blocking,
            price=solution.plan.prices.get(names[row], 0.0),
        )
        for row in range(len(model.rules))
    )


def _distinct(first: npt.NDArray[np.integer], second: Ints) -> Ints:
    """Distinct pairs of two columns of numbers, sorted, shape (2, pairs)."""
    width = int(second.max(initial=0)) + 1
    return np.stack(np.divmod(_once(first.astype(np.int64) * width + second), width))


def _once(numbers: Ints) -> Ints:
    """Distinct numbers, sorted; many times quicker than a table of hashes."""
    ordered: Ints = np.sort(numbers)
    new = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return np.asarray(ordered[new], dtype=np.int64)


def _by_count(counts: npt.NDArray[np.int32]) -> dict[str, int]:
    """Rules with a count, most first; equal counts in the order of the registry."""
    some = np.flatnonzero(counts)
    order = some[np.argsort(-counts[some], kind="stable")]
    return {RULE_IDS[at]: int(counts[at]) for at in order.tolist()}
