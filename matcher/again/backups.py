"""Who steps in where somebody declines: ordered back-ups for the proposals of a solved week.

Queue of a proposal p (offer o_p): citizens without a proposal, first, second, ..., each with an
offer at the same opening. Whoever declines, everybody whose turn comes can begin: the queues hold
together if and only if on each row r

    sum over p of max(0, use[b,r] - use[o_p,r] for b in the queue of p)  <=  what the plan leaves,

because queues move independently and each row is tightest where every queue stands at its largest
user. Rank by rank: as many proposals with a first back-up as can be, of those the best fit, then a
canonical tie-break; then the second ones beside them, and so on. A floor asks something of
proposals, not of who steps in.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher import engine
from matcher.queues import BackUp, BackUps, Ranked
from matcher.solve import Options, Solution, placements_of

Ints = npt.NDArray[np.int64]

_TIES = 1023
"""Largest number of the tie-break."""
_BLOCK = 500_000
"""Pairs of a queue and an offer whose uses are compared at a time: a country has millions."""
_MANY = 3_000_000
"""Pairs from which on queues near to the bound are good enough."""
_NEAR = 0.001
"""How near: relative gap."""


def back_ups(solution: Solution, ranks: int, options: Options | None = None) -> BackUps:
    """Find ordered back-ups for the proposals that are still to be decided.

    Parameters
    ----------
    solution
        A week with a plan; proposals of locked citizens were accepted before and need none.
    ranks
        Most back-ups of a proposal, at least 1.

    Raises
    ------
    ClashError, NoPlanError
        The week has no plan.
    """
    solution.plan.need_plan()
    queues = _Queues(solution)
    told: list[Ranked] = []
    for rank in range(1, ranks + 1):
        told.append(queues.extend(rank, options or Options()))
        if not told[-1].found:
            break
    return BackUps(queues.listed(), tuple(told))


class _Queues:
    """Queues so far, what each holds of every row at its largest, and what nobody may need."""

    def __init__(self, solution: Solution) -> None:
        model, offers = solution.model, solution.book.offers
        self._solution, self._offers = solution, offers
        chosen = solution.chosen
        self._rows = np.flatnonzero(~model.floors)
        self._room = model.room(model.used(chosen))[self._rows]
        self._uses = model.program.uses.tocsr()[self._rows].tocsc()
        self._proposals = chosen[~model.locked[offers.citizen[chosen]]].astype(np.int64)
        self._held = self._uses[:, self._proposals]
        self._open = np.ones(len(self._proposals), dtype=np.bool_)
        self._free = np.ones(len(model.locked), dtype=np.bool_)
        self._free[offers.citizen[chosen]] = False
        self._barred = np.zeros(len(offers), dtype=np.bool_)
        self._barred[model.ruled_out] = True
        self._found: list[tuple[int, int, int]] = []

    def extend(self, rank: int, options: Options) -> Ranked:
        """Add the best next back-up to every queue that can have one."""
        proposal, offer = self._pairs()
        asked = int(self._open.sum())
        if not len(offer):
            self._open[:] = False
            return Ranked(rank, asked, 0, 0, 0, proven=True)
        program = self._program(proposal, offer)
        if program.n_columns > _MANY:
            options = replace(options, gap=max(options.gap, _NEAR))
        answer = engine.solve(program, options)
        taken = answer.selection if answer.has_selection else np.zeros(0, dtype=np.int64)
        first = answer.tiers[0]
        bound = min(asked, program.n_groups) if first.bound is None else int(first.bound)
        self._take(rank, proposal[taken], offer[taken])
        return Ranked(
            rank=rank,
            asked=asked,
            found=len(taken),
            bound=bound,
            fit=int(self._offers.fit[offer[taken]].sum()),
            proven=answer.has_selection and all(tier.proven for tier in answer.tiers[:2]),
        )

    def _pairs(self) -> tuple[Ints, Ints]:
        """Pair each open queue with the offers at its opening of people who are still free."""
        where = self._offers.opening
        at_hand = np.flatnonzero(self._free[self._offers.citizen] & ~self._barred)
        at_hand = at_hand[np.argsort(where[at_hand], kind="stable")]
        queues = np.flatnonzero(self._open)
        there = where[self._proposals[queues]]
        begin = np.searchsorted(where[at_hand], there, side="left")
        count = np.searchsorted(where[at_hand], there, side="right") - begin
        proposal = np.repeat(queues, count)
        within = np.arange(len(proposal)) - np.repeat(np.cumsum(count) - count, count)
        return proposal.astype(np.int64), at_hand[np.repeat(begin, count) + within]

    def _ties(self, proposal: Ints, offer: Ints) -> Ints:
        """Order equal choices by hashes of the ids: offer and proposal both count."""
        own = self._solution.model.gains[-1]
        mixed: Ints = (own[offer] + 389 * own[self._proposals[proposal]]) & _TIES
        return mixed

    def _program(self, proposal: Ints, offer: Ints) -> engine.Program:
        """Return the choice of one pair for each queue and citizen at most, as a program."""
        uses, room = self._uses_that_count(proposal, offer)
        once = sp.csr_array(
            (
                np.ones(len(offer), dtype=np.int64),
                np.arange(len(offer), dtype=np.int32),
                np.searchsorted(proposal, np.arange(len(self._proposals) + 1)),
            ),
            shape=(len(self._proposals), len(offer)),
        )
        people, group = np.unique(self._offers.citizen[offer], return_inverse=True)
        return engine.Program(
            group=group.astype(np.int64),
            n_groups=len(people),
            gains=np.stack(
                [
                    np.ones(len(offer), dtype=np.int64),
                    self._offers.fit[offer].astype(np.int64),
                    self._ties(proposal, offer),
                ]
            ),
            uses=sp.csr_array(sp.vstack([uses, once], format="csr")),
            upper=np.append(room, np.ones(len(self._proposals), dtype=np.int64)),
        )

    def _more(self, proposal: Ints, offer: Ints) -> sp.csc_array:
        """Return what an offer uses of a row beyond what its queue holds, shape (rows, pairs)."""
        more = self._uses[:, offer] - self._held[:, proposal]
        more.data = np.maximum(more.data, 0)
        more.eliminate_zeros()
        return sp.csc_array(more)

    def _uses_that_count(self, proposal: Ints, offer: Ints) -> tuple[sp.csr_array, Ints]:
        """Return the rows that could become too full, and their room.

        A row holds any choice where the largest users of all queues together fit in it. Pairs are
        sorted by queue.
        """
        most, parts = np.zeros(len(self._rows), dtype=np.int64), []
        for begin in _blocks(proposal):
            part = self._more(proposal[begin], offer[begin]).tocsr()
            row = np.repeat(np.arange(len(most)), np.diff(part.indptr))
            queue = proposal[begin][part.indices]
            first = np.flatnonzero(np.diff(row, prepend=-1) | np.diff(queue, prepend=-1))
            if first.size:
                np.add.at(most, row[first], np.maximum.reduceat(part.data, first))
            parts.append(part)
        tight = np.flatnonzero(most > self._room)
        return sp.csr_array(sp.hstack([part[tight] for part in parts], "csr")), self._room[tight]

    def _take(self, rank: int, proposal: Ints, offer: Ints) -> None:
        """Note who was found, and what their queues may need now."""
        more = self._more(proposal, offer)
        self._found += zip(proposal.tolist(), [rank] * len(offer), offer.tolist(), strict=True)
        self._room = self._room - np.asarray(more.sum(axis=1), dtype=np.int64).reshape(-1)
        spread = sp.coo_array(
            (np.ones(len(proposal), dtype=np.int64), (np.arange(len(proposal)), proposal)),
            shape=(len(proposal), len(self._proposals)),
        )
        self._held = sp.csc_array(self._held + more @ spread.tocsc())
        self._free[self._offers.citizen[offer]] = False
        self._open[:] = False
        self._open[proposal] = True

    def listed(self) -> tuple[BackUp, ...]:
        """Return all queues, by opening, citizen proposed and rank."""
        solution, order = self._solution, sorted(self._found)
        made = placements_of(
            solution.book, solution.model, np.array([one[2] for one in order], dtype=np.int64)
        )
        proposed = placements_of(
            solution.book, solution.model, self._proposals[[one[0] for one in order]]
        )
        each = (
            BackUp(before.opening_id, before.citizen_id, rank, placement)
            for (_, rank, _), before, placement in zip(order, proposed, made, strict=True)
        )
        return tuple(sorted(each, key=lambda one: (one.opening_id, one.proposed, one.rank)))


def _blocks(queue: Ints) -> list[slice]:
    """Cut pairs, sorted by queue, into blocks that hold each queue whole."""
    starts = np.flatnonzero(np.diff(queue, prepend=-1))
    first = starts[np.flatnonzero(np.diff(starts // _BLOCK, prepend=-1))].tolist()
    return [slice(*ends) for ends in pairwise([*first, len(queue)])]
