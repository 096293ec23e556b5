"""Why not that one: every rule that fails, or the exact price of having it and who would move.

A possible opening that was not chosen is forced on the citizen and the week solved again. What the
plan loses is exact; who moves is told along the chain: whoever gives up what the one before takes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from matcher.again import Change, Found, Resolver
from matcher.errors import OptionError
from matcher.offers import Failure, failures
from matcher.problem import Problem
from matcher.solve import Solution
from matcher.tables import mask
from matcher.texts import Message, joined

Ints = npt.NDArray[np.int64]

Verdict = Literal["proposed", "rules", "locked", "short", "possible"]


@dataclass(frozen=True)
class Seat:
    """Where somebody is in a plan."""

    opening_id: str
    measure: str
    fit: int
    """0-1000."""


@dataclass(frozen=True)
class Link:
    """One step of a chain of moves."""

    rule: str
    """Kind of the row that is shared."""
    key: str
    """What the row is about."""
    other: str
    """The citizen earlier in the chain."""
    gives: bool
    """Whether this one gives up what the other takes; else he takes what the other leaves."""


@dataclass(frozen=True)
class Move:
    """One person whose proposal differs between two plans."""

    citizen_id: str
    before: Seat | None
    """None: without a proposal before."""
    after: Seat | None
    """None: without a proposal after."""
    link: Link | None = None
    """What ties him to somebody earlier in the chain; None where the chain begins."""


@dataclass(frozen=True)
class Forced:
    """The plan in which a citizen has a given opening."""

    seat: Seat
    """The offer the citizen would have: the best of those at the opening."""
    change: tuple[int, int]
    """Change of placements (or priority) and of fit against the plan; never better."""
    placed: int
    """Change of the number of people placed."""
    proven: bool
    """Whether the change is exact; else the plan loses at most this."""
    moves: tuple[Move, ...]
    """Everybody whose proposal changes, the citizen first, then along the chain."""


@dataclass(frozen=True)
class WhyNot:
    """Why a citizen is not proposed an opening."""

    citizen_id: str
    opening_id: str
    verdict: Verdict
    """``proposed``: he is; ``rules``: not possible; ``locked``: a lock stands against it;
    ``short``: rows hold too little for it, whoever else is placed."""
    failures: tuple[Failure, ...] = ()
    """Every rule that fails, with both values."""
    full: tuple[tuple[str, str], ...] = ()
    """Rows without room for any of his offers there, in the plan as it is; where the verdict is
    ``short``, those that are too small for one by themselves."""
    forced: Forced | None = None
    """What having it would cost."""


def why_not(resolver: Resolver, citizen_id: str, opening_id: str) -> WhyNot:
    """Explain why a citizen is not proposed an opening.

    Raises
    ------
    OptionError
        The citizen or the opening is not in the tables.
    """
    solution = resolver.solution
    book = solution.book
    i = position(solution, "citizens", citizen_id)
    j = position(solution, "openings", opening_id)
    own = resolver.offers_of(i)
    there = own[book.offers.opening[own] == j]
    if len(np.intersect1d(there, solution.chosen)):
        return WhyNot(citizen_id, opening_id, "proposed")
    failed = failures(book.encoded, citizen_id, opening_id)
    if failed:
        return WhyNot(citizen_id, opening_id, "rules", failed)
    if np.isin(there, solution.model.ruled_out).all():
        return WhyNot(citizen_id, opening_id, "locked")
    resolved = resolver.solve(Change(at={citizen_id: opening_id}), named=True)
    full = _full(solution, there)
    if not resolved.feasible:
        if small := _too_small(solution, there):
            return WhyNot(citizen_id, opening_id, "short", full=small)
        return WhyNot(citizen_id, opening_id, "locked", full=full)
    return WhyNot(
        citizen_id, opening_id, "possible", full=full, forced=forced(resolver, resolved, i)
    )


def position(solution: Solution, table: str, wanted: str) -> int:
    """Position of a citizen or an opening.

    Raises
    ------
    OptionError
        There is none of that id; the message names ids that begin alike, and shows no CPR number.
    """
    encoded = solution.book.encoded
    return _place(
        (encoded.citizens if table == "citizens" else encoded.openings).ids.tolist(), table, wanted
    )


def known(problem: Problem, citizen_id: str, opening_id: str | None = None) -> None:
    """Check that a week has a citizen and an opening, before any time goes into solving it.

    Raises
    ------
    OptionError
        As for :func:`position`.
    """
    _place(problem["citizens"]["citizen_id"].tolist(), "citizens", citizen_id)
    if opening_id is not None:
        _place(problem["openings"]["opening_id"].tolist(), "openings", opening_id)


def _place(ids: list[str], table: str, wanted: str) -> int:
    if wanted in ids:
        return ids.index(wanted)
    alike = [one for one in ids if one.lower().startswith(wanted.lower()[:3])][:5]
    key = "explain.citizen_not_there" if table == "citizens" else "explain.opening_not_there"
    said = Message(key, wanted=mask(wanted), count=len(ids))
    hint = Message("explain.maybe", alike=alike) if alike else ""
    raise OptionError(joined((said, hint), "\n"))


def forced(resolver: Resolver, resolved: Found, citizen: int) -> Forced:
    """Describe a plan that was forced for a citizen."""
    mine = resolved.offer_of(citizen)
    assert mine is not None
    return Forced(
        seat=seat(resolver, resolved, mine),
        change=resolved.change(resolver.base),
        placed=len(resolved.chosen) - len(resolver.solution.chosen),
        proven=resolved.proven,
        moves=moves(resolver, resolved, citizen),
    )


def seat(resolver: Resolver, resolved: Found, column: int) -> Seat:
    """Say where a chosen column places its citizen."""
    book, at = resolver.offer(column, resolved.offers)
    return Seat(
        opening_id=str(book.encoded.openings.ids[book.offers.opening[at]]),
        measure=book.encoded.measures[book.offers.measure[at]],
        fit=int(book.offers.fit[at]),
    )


def moves(resolver: Resolver, resolved: Found, first: int | None = None) -> tuple[Move, ...]:
    """Everybody whose proposal differs from the plan's, along the chain from one citizen.

    The chain: somebody takes units of a row; whoever used units of that row and no longer does
    comes next. Those no chain reaches follow by id.
    """
    solution = resolver.solution
    whose = solution.book.offers.citizen
    before = dict(zip(whose[solution.chosen].tolist(), solution.chosen.tolist(), strict=True))
    after = dict(zip(resolved.citizens.tolist(), resolved.chosen.tolist(), strict=True))
    changed = [one for one in sorted(before.keys() | after.keys())
               if before.get(one) != after.get(one)]  # fmt: skip
    columns = sorted(
        {
            column
            for one in changed
            for column in (before.get(one), after.get(one))
            if column is not None
        }
    )
    taken = resolver.units(resolved, np.array(columns, dtype=np.int64))
    more = {one: _difference(taken, before.get(one), after.get(one)) for one in changed}
    links = _chain(changed, more, first, len(solution.model.rules))
    ids, model = solution.book.encoded.citizens.ids, solution.model

    def at(citizen: int, columns: Mapping[int, int]) -> Seat | None:
        return seat(resolver, resolved, columns[citizen]) if citizen in columns else None

    return tuple(
        Move(
            str(ids[one]),
            at(one, before),
            at(one, after),
            None
            if link is None
            else Link(model.rules[link[0]], model.keys[link[0]], str(ids[link[1]]), link[2]),
        )
        for one, link in links
    )


def _chain(
    changed: list[int], more: Mapping[int, Mapping[int, int]], first: int | None, rows: int
) -> list[tuple[int, tuple[int, int, bool] | None]]:
    """Order people by who takes what from whom, breadth first; row, other and direction of each."""
    waiting = dict.fromkeys(changed)
    order: list[tuple[int, tuple[int, int, bool] | None]] = []
    while waiting:
        root = first if first in waiting else next(iter(waiting))
        del waiting[root]
        order.append((root, None))
        queue = deque([root])
        while queue:
            one = queue.popleft()
            # Whoever gives way first, then whoever takes what is left behind; rows in model order.
            for gives in (True, False):
                for row, units in sorted(more[one].items()):
                    if row >= rows or units == 0 or (units > 0) != gives:
                        continue
                    for other in list(waiting):
                        if more[other].get(row, 0) * units < 0:
                            del waiting[other]
                            order.append((other, (row, one, gives)))
                            queue.append(other)
    return order


def _difference(
    taken: Mapping[int, Mapping[int, int]], before: int | None, after: int | None
) -> dict[int, int]:
    """Units of each row that a person takes after less before."""
    old = {} if before is None else taken[before]
    new = {} if after is None else taken[after]
    return {row: new.get(row, 0) - old.get(row, 0) for row in old.keys() | new.keys()}


def _too_small(solution: Solution, offers: Ints) -> tuple[tuple[str, str], ...]:
    """Rows that an offer is too large for by itself; empty where none stops some offer."""
    model = solution.model
    row, column, units = model.entries(offers)
    over = ~model.floors[row] & (units > model.capacity[row])
    if len(np.unique(column[over])) < len(offers):
        return ()
    return tuple((model.rules[at], model.keys[at]) for at in np.unique(row[over]))


def _full(solution: Solution, offers: Ints) -> tuple[tuple[str, str], ...]:
    """Rows without room for an offer beside the plan, for those that block every given offer."""
    model = solution.model
    room = model.room(model.used(solution.chosen))
    rows, _, units = model.entries(offers)
    blocked = units > room[rows]
    counts = np.bincount(rows[blocked], minlength=len(room))
    return tuple(
        (model.rules[row], model.keys[row]) for row in np.flatnonzero(counts == len(offers))
    )
