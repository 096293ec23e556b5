"""Why nobody, why not filled, what was scarce: facts about everything the plan leaves over.

For an unplaced citizen the chain is walked in order: already placed, no opening in reach, killed
by rules, lost on a shared resource, lost to others. An unplaced citizen with an offer always has
every offer blocked by a full row, or the plan would not be optimal; where a limit stopped the
engine early, the cause may be that limit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.explain.balance import CAUSES, Balance, balance_of
from matcher.explain.not_known import not_known_of
from matcher.explain.why import reasons
from matcher.plan import LeftOver, OpeningCause, OpeningOutcome, Plan, Unplaced
from matcher.row_kinds import ROW_KINDS
from matcher.solve import Solution

Ints = npt.NDArray[np.int64]


def explained(solution: Solution) -> Plan:
    """Return the record of a solved week with all it can say: reasons, and what is left over."""
    plan = solution.plan
    whys = reasons(solution.problem, plan.placements, solution.book)
    return replace(plan, left=left_over(solution), whys=whys)


def left_over(solution: Solution) -> LeftOver:
    """Explain the citizens and openings that a solution leaves over."""
    balance = balance_of(solution)
    return LeftOver(
        unplaced=_unplaced(solution, balance),
        openings=_openings(solution, balance),
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
