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

from matcher.explain.assumed import assumed_of, columns_of_rule
from matcher.explain.balance import CAUSES, Balance, balance_of
from matcher.explain.not_known import not_known_of
from matcher.explain.why import reasons
from matcher.plan import LeftOver, OpeningCause, OpeningOutcome, Plan, Unplaced
from matcher.row_kinds import ROW_KINDS
from matcher.solve import Solution
from matcher.unknown import ASSUMED

Ints = npt.NDArray[np.int64]

MOST_TOLD = 3
"""Rows of a kind that are named for a citizen; the others are counted. A list of all would grow as
citizens times openings."""


def explained(solution: Solution) -> Plan:
    """Return the record of a solved week with all it can say: reasons, and what is left over."""
    plan = solution.plan
    whys = reasons(solution.problem, plan.placements, solution.book)
    return replace(plan, left=left_over(solution), whys=whys)


def left_over(solution: Solution) -> LeftOver:
    """Explain the citizens and openings that a solution leaves over."""
    balance = balance_of(solution)
    who = np.flatnonzero(~balance.placed)
    return LeftOver(
        unplaced=_unplaced(solution, balance, who, MOST_TOLD),
        openings=_openings(solution, balance),
    )


def left_without(solution: Solution, citizen_id: str) -> Unplaced | None:
    """Explain one citizen whom a solution leaves over, with every row; None where it places him."""
    balance = balance_of(solution)
    who = np.flatnonzero((solution.book.encoded.citizens.ids == citizen_id) & ~balance.placed)
    found = _unplaced(solution, balance, who, None)
    return found[0] if found else None


def _unplaced(
    solution: Solution, balance: Balance, who: Ints, most: int | None
) -> tuple[Unplaced, ...]:
    book = solution.book
    ids, tally = book.encoded.citizens.ids, book.tally
    killed = _by_count(tally.killed[who], tally.rules)
    nearest = _by_count(tally.sole[who], tally.rules)
    lost_at, lost_rows = _rows_of(solution, balance, who, most)
    not_known = not_known_of(book.problem, "citizens", ids[who].tolist())
    texts = book.problem["openings"][ASSUMED].unique().tolist()
    named = {column for text in texts for column in text.split(";") if column}
    resting = {rule for rule in tally.rules if named & columns_of_rule(rule)} if named else set()
    return tuple(
        Unplaced(
            citizen_id=ids[i],
            cause=CAUSES[balance.cause[i]],
            reach=int(tally.reach[i]),
            killed=killed[at],
            nearest=nearest[at],
            possible=int(tally.feasible[i]),
            lost_on=_lost_on(balance.kinds, balance.lost[i]),
            lost_at=lost_at.get(i, {}),
            lost_rows=lost_rows.get(i, {}),
            not_known=not_known.get(ids[i], {}),
            assumed=tuple(rule for rule in killed[at] if rule in resting),
        )
        for at, i in enumerate(who.tolist())
    )


def _rows_of(
    solution: Solution, balance: Balance, who: Ints, most: int | None
) -> tuple[dict[int, dict[str, tuple[str, ...]]], dict[int, dict[str, int]]]:
    """Rows that block each of some citizens, by kind: those that block most of his offers, by name.

    Returns
    -------
    named
        At most ``most`` names of each kind, the most telling first; of equal ones in the order of
        the rows.
    counts
        How many rows of each kind.
    """
    book, model = solution.book, solution.model
    wanted = np.zeros(len(book.encoded.citizens.ids), dtype=np.bool_)
    wanted[who] = True
    citizen = book.offers.citizen[balance.column].astype(np.int64)
    here = np.flatnonzero(wanted[citizen])
    # One entry for each citizen and row, with the number of offers it blocks.
    code, offers = np.unique(
        citizen[here] * len(model.rules) + balance.row[here], return_counts=True
    )
    i, row = np.divmod(code, max(1, len(model.rules)))
    kind_of = np.array([balance.kinds.index(rule) for rule in model.rules], dtype=np.int64)
    kind = kind_of[row]
    order = np.lexsort((row, -offers, kind, i))
    i, row, kind = i[order], row[order], kind[order]
    first = np.ones(len(i), dtype=np.bool_)
    first[1:] = (i[1:] != i[:-1]) | (kind[1:] != kind[:-1])
    starts = np.flatnonzero(first)
    sizes = np.diff(np.append(starts, len(i)))
    named: dict[int, dict[str, tuple[str, ...]]] = {}
    counts: dict[int, dict[str, int]] = {}
    for begin, size in zip(starts.tolist(), sizes.tolist(), strict=True):
        told = row[begin : begin + (size if most is None else min(size, most))].tolist()
        who_at, name = int(i[begin]), balance.kinds[kind[begin]]
        named.setdefault(who_at, {})[name] = tuple(model.keys[one] for one in told)
        counts.setdefault(who_at, {})[name] = size
    return named, counts


def _openings(solution: Solution, balance: Balance) -> tuple[OpeningOutcome, ...]:
    book = solution.book
    tally, encoded, filled = book.tally, book.encoded, balance.filled
    workplaces = book.problem["openings"]["workplace_id"].tolist()
    killed = _by_count(tally.opening_killed, tally.rules)
    # Seats are what an opening is; the rest of what blocks people is worth telling.
    counts = balance.lost_people * np.array([not ROW_KINDS[kind].seat for kind in balance.kinds])
    not_known = not_known_of(book.problem, "openings", encoded.openings.ids.tolist())
    assumed = assumed_of(book.problem, encoded.openings.ids.tolist())
    found = []
    for j in range(len(encoded.openings.ids)):
        lost_on = _lost_on(balance.kinds, counts[j])
        cause: OpeningCause
        if filled[j] and filled[j] >= encoded.openings.free[j]:
            cause = "filled"
        elif encoded.openings.free[j] < 1:
            cause = "no_seat_free"
        elif not tally.opening_reach[j]:
            cause = "nobody_in_reach"
        elif not tally.opening_feasible[j]:
            cause = "rules"
        else:
            cause = "resource" if lost_on else "placed_elsewhere"
        found.append(
            OpeningOutcome(
                opening_id=encoded.openings.ids[j],
                workplace_id=workplaces[j],
                free=max(0, int(encoded.openings.free[j])),
                filled=int(filled[j]),
                cause=cause,
                reach=int(tally.opening_reach[j]),
                killed=killed[j],
                possible=int(tally.opening_feasible[j]),
                placed_elsewhere=int(balance.elsewhere[j]),
                lost_on=lost_on,
                not_known=not_known.get(encoded.openings.ids[j], {}),
                assumed=assumed.get(encoded.openings.ids[j], {}),
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
