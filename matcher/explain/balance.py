"""What a plan uses and what it blocks, as arrays: the sums behind who and what is left over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from matcher.plan import Cause
from matcher.row_kinds import ROW_KINDS
from matcher.solve import Solution

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CAUSES: tuple[Cause, ...] = get_args(Cause)


@dataclass(frozen=True, eq=False)
class Balance:
    """Sums over a plan. An offer is blocked by a row that has too little room left for it."""

    placed: Bools
    """Whether the plan places the citizen, shape (citizens,)."""
    cause: Ints
    """Position in :data:`CAUSES` of why a citizen is without a proposal, shape (citizens,)."""
    filled: Ints
    """Seats the plan fills, shape (openings,)."""
    kinds: tuple[str, ...]
    """Kinds of rows, sorted."""
    row: Ints
    """Row of each blocked entry of the program."""
    column: Ints
    """Offer of each blocked entry."""
    lost: Ints
    """Openings with an offer that a kind of row blocks, shape (citizens, kinds)."""
    lost_people: Ints
    """Citizens without a proposal whom a kind of row blocks, shape (openings, kinds)."""
    elsewhere: Ints
    """Citizens with an offer at an opening whom the plan places elsewhere, shape (openings,)."""


def balance_of(solution: Solution) -> Balance:
    """Add up what a solution uses, blocks and leaves."""
    book, model = solution.book, solution.model
    offers, tally = book.offers, book.tally
    people, count = len(book.encoded.citizens.ids), len(book.encoded.openings.ids)
    row, column = model.blocked(model.used(solution.chosen))
    kinds = tuple(sorted(set(model.rules)))
    kind_of = np.array([kinds.index(rule) for rule in model.rules], dtype=np.int64)
    placed = np.zeros(people, dtype=np.bool_)
    placed[offers.citizen[solution.chosen]] = True
    # By offer, then by pair: a pair counts once however many offers it has.
    by_offer = np.zeros((len(offers), len(kinds)), dtype=np.bool_)
    by_offer[column, kind_of[row]] = True
    who, where = offers.citizen, offers.opening
    first = np.ones(len(offers), dtype=np.bool_)
    first[1:] = (who[1:] != who[:-1]) | (where[1:] != where[:-1])
    starts = np.flatnonzero(first)
    by_pair = np.logical_or.reduceat(by_offer, starts, axis=0) if len(starts) else by_offer
    i, j = who[starts], where[starts]
    lost = _summed(i, by_pair, people)
    filled = np.bincount(where[solution.chosen], minlength=count)
    total = np.bincount(who, minlength=people)
    whole = (_summed(who, by_offer, people) == total[:, None]) & (total[:, None] > 0)
    seats = np.array([ROW_KINDS[kind].seat for kind in kinds], dtype=np.bool_)
    others = ~whole[:, ~seats].any(axis=1) & (lost[:, seats] > 0).any(axis=1)
    return Balance(
        placed=placed,
        cause=np.select(
            [
                tally.killed[:, tally.at("already_placed")] > 0,
                tally.reach == 0,
                tally.feasible == 0,
                ~lost.any(axis=1),
                others,
            ],
            [
                CAUSES.index(cause)
                for cause in ("already_placed", "no_opening_in_reach", "rules", "limit", "others")
            ],
            CAUSES.index("resource"),
        ).astype(np.int64),
        filled=filled,
        kinds=kinds,
        row=row,
        column=column,
        lost=lost,
        lost_people=_summed(j, by_pair & ~placed[i][:, None], count),
        elsewhere=np.bincount(j[placed[i]], minlength=count) - filled,
    )


def _summed(at: npt.NDArray[np.integer], flags: Bools, length: int) -> Ints:
    """Count the flags of each column at each position, shape (length, columns)."""
    counts = [np.bincount(at[column], minlength=length) for column in flags.T]
    return np.array(counts, dtype=np.int64).reshape(flags.shape[1], length).T
