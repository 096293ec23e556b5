"""Back-ups: whoever declines, everybody whose turn comes has room, and no better queues exist."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from matcher import engine
from matcher.again import back_ups, backups
from matcher.problem import Problem
from matcher.queues import BackUp, BackUps, Ranked, Together
from matcher.records import Lock, MentorPool
from matcher.solve import Solution, placements_of, solve
from matcher.verify import verify_back_ups
from tests.volume import daily
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


@pytest.mark.parametrize("seed", daily(2, range(6)))
def test_no_better_queues_exist_and_all_hold_whoever_declines(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held against every way to fill them, and every way to decline, of a small week.

    A few pairs at a time, as of a country millions are.
    """
    monkeypatch.setattr("matcher.again.backups._BLOCK", 3)
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


# ------------------------------------------------------------------------------ the check


@pytest.mark.parametrize("seed", daily(2, range(6)))
def test_the_independent_check_finds_nothing_in_what_is_found(seed: int) -> None:
    """It recomputes every number of a back-up, and the room of all whose turn may come."""
    solution = solve(scarce(seed))
    assert verify_back_ups(solution.problem, solution.plan, back_ups(solution, 2), 2) == ()


@pytest.mark.parametrize("seed", daily(1, range(4)))
def test_the_check_says_no_room_exactly_where_some_answer_leaves_none(seed: int) -> None:
    """Queues put together by chance, lawful but for their room, and everything people may say."""
    solution = solve(scarce(seed))
    offers, rng = solution.book.offers, random.Random(seed)
    proposed = {int(offers.citizen[at]) for at in solution.chosen}
    told = set()
    for _ in range(25):
        queues: Queues = {}
        free = [at for at in range(len(offers)) if int(offers.citizen[at]) not in proposed]
        rng.shuffle(free)
        busy: set[int] = set()
        for own in solution.chosen.tolist():
            queue = []
            for at in free:
                who = int(offers.citizen[at])
                if offers.opening[at] == offers.opening[own] and who not in busy and len(queue) < 2:
                    queue.append(at)
                    busy.add(who)
            queues[own] = tuple(queue)
        wrong = verify_back_ups(solution.problem, solution.plan, listed(solution, queues), 2)
        assert {one.rule for one in wrong} <= {"back_ups"}
        assert (not wrong) == holds(solution, queues)
        told.add(bool(wrong))
    assert seed or told == {True, False}


def listed(solution: Solution, queues: Queues) -> BackUps:
    """Put queues down as the record has them."""
    each = []
    for own, queue in queues.items():
        (first,) = placements_of(solution.book, solution.model, np.array([own]))
        made = placements_of(solution.book, solution.model, np.array(queue, dtype=np.int64))
        each += [
            BackUp(first.opening_id, first.citizen_id, rank, one)
            for rank, one in enumerate(made, start=1)
        ]
    each.sort(key=lambda one: (one.opening_id, one.proposed, one.rank))
    ranks, asked = [], len(queues)
    for rank in (1, 2):
        there = [one for one in each if one.rank == rank]
        fit = sum(one.placement.fit for one in there)
        ranks.append(Ranked(rank, asked, len(there), len(there), fit, proven=True))
        asked = len(there)
    return BackUps(tuple(each), tuple(ranks))


def first_changed(found: BackUps, **changes: object) -> BackUps:
    """Change the first back-up."""
    return replace(found, each=(replace(found.each[0], **changes), *found.each[1:]))  # type: ignore[arg-type]


def first_placed(found: BackUps, **changes: object) -> BackUps:
    """Change what the first back-up would begin with."""
    return first_changed(found, placement=replace(found.each[0].placement, **changes))  # type: ignore[arg-type]


PLANTED: dict[str, tuple[Callable[[BackUps], BackUps], str]] = {
    "promised twice": (
        lambda found: first_placed(found, citizen_id=found.each[1].placement.citizen_id),
        "is promised 2 places",
    ),
    "has a proposal": (
        lambda found: first_placed(found, citizen_id=found.each[0].proposed),
        "is promised 2 places",
    ),
    "no such proposal": (
        lambda found: first_changed(found, proposed="C9"),
        "C9 has no open proposal at O1",
    ),
    "another opening": (
        lambda found: first_placed(found, opening_id="O2"),
        "the back-up is for O2",
    ),
    "not the first": (lambda found: first_changed(found, rank=2), "has the ranks 2, 2"),
    "wrong fit": (lambda found: first_placed(found, fit=1), ": fit: the plan says 1"),
    "a measure that is not accepted there": (
        lambda found: first_placed(found, measure="work_practice"),
        "measure",
    ),
    "more than there are": (
        lambda found: replace(found, ranks=(replace(found.ranks[0], found=9), *found.ranks[1:])),
        "rank 1: found: the plan says 9",
    ),
    "proven, and more may be": (
        lambda found: replace(
            found, ranks=(found.ranks[0], replace(found.ranks[1], bound=found.ranks[1].bound + 1))
        ),
        "cannot have the bound",
    ),
    "not in order": (
        lambda found: replace(found, each=found.each[::-1]),
        "are not sorted",
    ),
    "asked at once though no policy lets anybody": (
        lambda found: replace(found, together=(Together(found.each[0].proposed, 1, 1),)),
        "asked beside: the plan says 1; the records give 0",
    ),
}


@pytest.fixture(scope="module")
def queued() -> tuple[Solution, BackUps]:
    """Two openings, six people: each proposal has two back-ups."""
    people = [citizen(f"C{n}", wishes=JOBS[n % 2]) for n in range(6)]
    places = [opening(f"O{n}", isco=JOBS[n - 1]) for n in (1, 2)]
    solution = solve(week(people, places))
    found = back_ups(solution, 2)
    assert [one.rank for one in found.each] == [1, 2, 1, 2]
    assert verify_back_ups(solution.problem, solution.plan, found) == ()
    return solution, found


@pytest.mark.parametrize("name", PLANTED)
def test_the_check_finds_each_planted_fault(queued: tuple[Solution, BackUps], name: str) -> None:
    """One thing changed in queues that are right."""
    solution, found = queued
    change, said = PLANTED[name]
    wrong = verify_back_ups(solution.problem, solution.plan, change(found))
    assert any(said in one.message for one in wrong), [one.message for one in wrong]


def test_more_back_ups_than_the_policy_allows_are_found(queued: tuple[Solution, BackUps]) -> None:
    """Two where one may be."""
    solution, found = queued
    (one, other) = verify_back_ups(solution.problem, solution.plan, found, 1)
    assert "has the ranks 1, 2" in one.message
    assert "has the ranks 1, 2" in other.message


@pytest.mark.parametrize(("many", "gap"), [(3_000_000, 0.0), (0, 0.001)])
def test_only_of_a_country_near_the_bound_is_good_enough(
    many: int, gap: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    gaps: list[float] = []
    exact = backups.engine.solve

    def noted(program: engine.Program, options: engine.Options) -> engine.Answer:
        gaps.append(options.gap)
        return exact(program, options)

    solution = solve(scarce(0))
    monkeypatch.setattr(backups.engine, "solve", noted)
    monkeypatch.setattr(backups, "_MANY", many)
    found = back_ups(solution, 1)
    assert found.each
    assert gaps == [gap]
