"""Why nobody, why not filled, what was scarce: facts about everything the plan leaves over.

For an unplaced citizen the chain is walked in order: already placed, no opening in reach, killed
by rules, lost on a shared resource, lost to others. An unplaced citizen with an offer always has
every offer blocked by a full row, or the plan would not be optimal; where a limit stopped the
engine early, the cause may be that limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.explain.balance import CAUSES, Balance, Cause, balance_of
from matcher.explain.not_known import NotKnown, not_known_of
from matcher.row_kinds import ROW_KINDS
from matcher.solve import Solution

Ints = npt.NDArray[np.int64]

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
    not_known: NotKnown = field(default_factory=dict)
    """What is not known of the citizen, with the careful values that counted."""


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
    not_known: NotKnown = field(default_factory=dict)
    """What the job asks for is not known, with the careful values that counted."""


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
    balance = balance_of(solution)
    return LeftOver(
        unplaced=_unplaced(solution, balance),
        openings=_openings(solution, balance),
        resources=_resources(solution, balance),
    )


def _unplaced(solution: Solution, balance: Balance) -> tuple[Unplaced, ...]:
    book, model = solution.book, solution.model
    ids, tally = book.sides.citizens.ids, book.tally
    who = np.flatnonzero(~balance.placed)
    killed = _by_count(tally.killed[who], tally.rules)
    nearest = _by_count(tally.sole[who], tally.rules)
    # Rows that block each citizen: duplicates are folded, and sorted, where the matrix is made.
    citizen = book.offers.citizen[balance.column]
    waiting = ~balance.placed[citizen]
    at_rows = sp.coo_array(
        (np.ones(int(waiting.sum()), dtype=np.int32), (citizen[waiting], balance.row[waiting])),
        shape=(len(ids), len(model.rules)),
    ).tocsr()
    at_rows.sort_indices()
    not_known = not_known_of(book.problem, "citizens", ids[who].tolist())
    found = []
    for at, i in enumerate(who.tolist()):
        lost_at: dict[str, list[str]] = {}
        for row in at_rows.indices[at_rows.indptr[i] : at_rows.indptr[i + 1]].tolist():
            lost_at.setdefault(model.rules[row], []).append(model.keys[row])
        lost_on = _lost_on(balance.kinds, balance.lost[i])
        found.append(
            Unplaced(
                citizen_id=ids[i],
                cause=CAUSES[balance.cause[i]],
                reach=int(tally.reach[i]),
                killed=killed[at],
                nearest=nearest[at],
                possible=int(tally.feasible[i]),
                lost_on=lost_on,
                lost_at={kind: tuple(lost_at[kind]) for kind in sorted(lost_on)},
                not_known=not_known.get(ids[i], {}),
            )
        )
    return tuple(found)


def _openings(solution: Solution, balance: Balance) -> tuple[OpeningOutcome, ...]:
    book = solution.book
    tally, sides, filled = book.tally, book.sides, balance.filled
    workplaces = book.problem["openings"]["workplace_id"].tolist()
    killed = _by_count(tally.opening_killed, tally.rules)
    # Seats are what an opening is; the rest of what blocks people is worth telling.
    counts = balance.lost_people * np.array([not ROW_KINDS[kind].seat for kind in balance.kinds])
    not_known = not_known_of(book.problem, "openings", sides.openings.ids.tolist())
    found = []
    for j in range(len(sides.openings.ids)):
        lost_on = _lost_on(balance.kinds, counts[j])
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
                killed=killed[j],
                possible=int(tally.opening_feasible[j]),
                placed_elsewhere=int(balance.elsewhere[j]),
                lost_on=lost_on,
                not_known=not_known.get(sides.openings.ids[j], {}),
            )
        )
    return tuple(found)


def _resources(solution: Solution, balance: Balance) -> tuple[ResourceUse, ...]:
    model = solution.model
    names = model.program.row_names or ()
    return tuple(
        ResourceUse(
            rule=model.rules[row],
            key=model.keys[row],
            used=int(balance.used[row]),
            capacity=int(model.capacity[row]),
            binding=bool(balance.binding[row]),
            price=solution.plan.prices.get(names[row], 0.0),
        )
        for row in range(len(model.rules))
    )


def _lost_on(kinds: tuple[str, ...], counts: Ints) -> dict[str, int]:
    """Kinds of rows with a count, most first, then by name."""
    some = [(kinds[at], int(counts[at])) for at in np.flatnonzero(counts).tolist()]
    return dict(sorted(some, key=lambda item: (-item[1], item[0])))


def _by_count(counts: npt.NDArray[np.int32], rules: tuple[str, ...]) -> list[dict[str, int]]:
    """Rules with a count, most first, for each row; equal counts in the order of the registry."""
    order = np.argsort(-counts, axis=1, kind="stable")
    ordered = np.take_along_axis(counts, order, axis=1).tolist()
    some = np.count_nonzero(counts, axis=1).tolist()
    return [
        {rules[at]: number for at, number in zip(which[:n], numbers[:n], strict=True)}
        for which, numbers, n in zip(order.tolist(), ordered, some, strict=True)
    ]
