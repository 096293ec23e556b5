"""Back-ups: whoever declines, everybody whose turn comes has room, and no better queues exist."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import numpy as np
import pytest

from matcher.again import BackUp, BackUps, back_ups
from matcher.problem import Problem
from matcher.records import Lock, MentorPool
from matcher.solve import Solution, solve
from tests.weeks import citizen, opening, week, workplace

JOBS = ("9112", "9333", "5131")


def scarce(seed: int) -> Problem:
    """Seven people, four seats at three openings, and mentor time for some of those who need it."""
    rng = random.Random(seed)
    people = [
        citizen(f"C{n}", wishes=rng.choice(JOBS), mentor_hours=rng.choice((0, 0, 1, 2, 3)))
        for n in range(7)
    ]
    places = [
        opening(f"O{n}", isco=job, seats=1 + (n == 0), workplace_id=f"W{n // 2}")
        for n, job in enumerate(JOBS)
    ]
    sites = [workplace("W0"), workplace("W1", employer_id="E2")]
    pools = [MentorPool(pool_id="P", hours=rng.choice((3, 4, 6)))]
    return week(people, places, sites, mentor_pools=pools)


def offer_at(solution: Solution, one: BackUp) -> int:
    """The offer behind a back-up."""
    book = solution.book
    same = [
        at
        for at in range(len(book.offers))
        if book.encoded.citizens.ids[book.offers.citizen[at]] == one.placement.citizen_id
        and book.encoded.openings.ids[book.offers.opening[at]] == one.opening_id
        and book.encoded.measures[book.offers.measure[at]] == one.placement.measure
        and (book.offers.pool[at] >= 0) == (one.placement.pool_id is not None)
    ]
    return same[0]


Queues = dict[int, tuple[int, ...]]
"""Offers that step in, by the proposal's own offer, in order."""


def holds(solution: Solution, queues: Queues) -> bool:
    """Try everything people may say: each proposal stands, or somebody of its queue is there."""
    model = solution.model
    for stand in itertools.product(*((own, *queue) for own, queue in queues.items())):
        rest = [at for at in solution.chosen.tolist() if at not in queues]
        if (model.used(np.array([*rest, *stand])) > model.capacity).any():
            return False
    return True


def longer(solution: Solution, queues: Queues, length: int) -> Iterator[tuple[int, int]]:
    """Count and fit of every way to give queues of a length one more who is in no queue."""
    offers, chosen = solution.book.offers, solution.chosen
    busy = {int(offers.citizen[at]) for at in (*chosen, *itertools.chain(*queues.values()))}
    options = [
        [None]
        + [
            at
            for at in range(len(offers))
            if len(queue) == length
            and offers.opening[at] == offers.opening[own]
            and int(offers.citizen[at]) not in busy
        ]
        for own, queue in queues.items()
    ]
    for choice in itertools.product(*options):
        taken = [at for at in choice if at is not None]
        if len({int(offers.citizen[at]) for at in taken}) < len(taken):
            continue
        more = {
            own: queue if at is None else (*queue, at)
            for (own, queue), at in zip(queues.items(), choice, strict=True)
        }
        if holds(solution, more):
            yield len(taken), int(offers.fit[taken].sum())


def queues_of(solution: Solution, found: BackUps, rank: int) -> Queues:
    """Queues up to a rank."""
    ids = solution.book.encoded.citizens.ids
    own = {ids[solution.book.offers.citizen[at]]: at for at in solution.chosen.tolist()}
    queues: Queues = dict.fromkeys(own.values(), ())
    for one in found.each:
        if one.rank <= rank:
            queues[own[one.proposed]] += (offer_at(solution, one),)
    return queues


@pytest.mark.parametrize("seed", range(6))
def test_no_better_queues_exist_and_all_hold_whoever_declines(seed: int) -> None:
    """Held against every way to fill them, and every way to decline, of a small week."""
    solution = solve(scarce(seed))
    found = back_ups(solution, 2)
    assert found.each
    promised = [one.placement.citizen_id for one in found.each]
    assert len(set(promised)) == len(promised)
    assert not set(promised) & {one.citizen_id for one in solution.plan.placements}
    for told in found.ranks:
        before = queues_of(solution, found, told.rank - 1)
        assert (told.found, told.fit) == max(longer(solution, before, told.rank - 1))
        assert told.proven
        assert told.bound == told.found
        assert holds(solution, queues_of(solution, found, told.rank))


def test_supports_are_not_promised_twice() -> None:
    """Two hours of mentor are left: of two people who would each need them, one is a back-up.

    C1 and C2 fit best by their wish and need no mentor; C3 and C4 need two hours each.
    """
    people = [
        *(citizen(f"C{n}", wishes=JOBS[n - 1]) for n in (1, 2)),
        *(citizen(f"C{n}", mentor_hours=2) for n in (3, 4)),
    ]
    places = [opening(f"O{n}", isco=JOBS[n - 1]) for n in (1, 2)]

    def found(hours: float) -> int:
        pools = [MentorPool(pool_id="P", hours=hours)]
        solution = solve(week(people, places, mentor_pools=pools))
        assert [one.citizen_id for one in solution.plan.placements] == ["C1", "C2"]
        return len(back_ups(solution, 1).each)

    assert [found(hours) for hours in (1, 2, 3, 4)] == [0, 1, 1, 2]


def test_what_a_declined_proposal_gives_back_is_there() -> None:
    """C1 holds the pool's only hours; C2 needs as many, and gets them where C1 says no."""
    people = [citizen(f"C{n}", wishes=job, mentor_hours=2)
              for n, job in ((1, JOBS[0]), (2, JOBS[1]))]  # fmt: skip
    solution = solve(
        week(people, [opening(isco=JOBS[0])], mentor_pools=[MentorPool(pool_id="P", hours=2)])
    )
    (one,) = back_ups(solution, 3).each
    assert (one.proposed, one.placement.citizen_id, one.rank) == ("C1", "C2", 1)
    assert one.placement.pool_id == "P"


def test_an_accepted_proposal_needs_no_back_up() -> None:
    """C1 is locked: nobody waits for it to fail."""
    tables = {"locks": [Lock(citizen_id="C1", opening_id="O1")]}
    solution = solve(week([citizen("C1"), citizen("C2")], **tables))
    found = back_ups(solution, 2)
    assert found.each == ()
    assert [one.asked for one in found.ranks] == [0]


def test_the_order_of_rows_changes_nothing() -> None:
    """Equal people and openings, given the other way round."""
    people = [citizen(f"C{n}") for n in range(6)]
    places = [opening(f"O{n}", seats=2) for n in range(2)]
    one = back_ups(solve(week(people, places)), 2)
    other = back_ups(solve(week(people[::-1], places[::-1])), 2)
    assert one == other
    assert len(one.each) == 2
