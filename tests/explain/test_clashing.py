"""Locks that clash: the contradiction is smallest, and each way out is the cheapest."""

from __future__ import annotations

import itertools

import pytest

from matcher.again import Raise, WaysOut, ways_out
from matcher.errors import ClashError
from matcher.plan import Clash
from matcher.problem import Problem
from matcher.records import Lock, MentorPool, Record, Workplace
from matcher.solve import solve
from tests.explain.replay import afresh, more_of
from tests.weeks import citizen, opening, week, workplace


def at(*pairs: tuple[str, str]) -> list[Record]:
    return [Lock(citizen_id=who, opening_id=where) for who, where in pairs]


def clash_of(problem: Problem) -> tuple[Clash, WaysOut]:
    solution = solve(problem)
    assert solution.plan.clash is not None
    return solution.plan.clash, ways_out(solution)


def rows(clash: Clash) -> list[tuple[str, int, bool]]:
    return [(row.name, row.capacity, row.floor) for row in clash.rows]


def test_two_locks_on_one_seat() -> None:
    """Either lock goes, or one seat more."""
    problem = week([citizen("C1"), citizen("C2")], locks=at(("C1", "O1"), ("C2", "O1")))
    clash, ways = clash_of(problem)
    assert rows(clash) == [("opening_seats[O1]", 1, False)]
    assert clash.locks == (("C1", "O1"), ("C2", "O1"))
    assert clash.minimal
    assert len(ways.let_go) == 1
    assert ways.raises == (Raise("opening_seats", "O1", 1),)


def test_mentor_hours_that_do_not_suffice_for_all_locks() -> None:
    """3 + 2 + 1 hours locked against 4: letting go of the one with 3 or with 2 is enough."""
    problem = week(
        [citizen("C1", mentor_hours=3), citizen("C2", mentor_hours=2),
         citizen("C3", mentor_hours=1)],
        [opening("O1"), opening("O2"), opening("O3")],
        mentor_pools=[MentorPool(pool_id="P1", hours=4)],
        locks=at(("C1", "O1"), ("C2", "O2"), ("C3", "O3")),
    )  # fmt: skip
    clash, ways = clash_of(problem)
    assert rows(clash) == [("mentor_hours[P1]", 240, False)]
    assert clash.minimal
    assert len(ways.let_go) == 1
    assert ways.let_go[0][0] in {"C1", "C2"}
    assert ways.raises == (Raise("mentor_hours", "P1", 120),)
    held_against(problem)


def test_a_workplace_that_can_receive_fewer_than_are_locked() -> None:
    problem = week(
        [citizen(f"C{n}") for n in range(4)],
        [opening("O1", seats=4)],
        [workplace(intake_per_week=1)],
        locks=at(*((f"C{n}", "O1") for n in range(4))),
    )
    _, ways = clash_of(problem)
    assert len(ways.let_go) == 3
    assert ways.raises == (Raise("workplace_intake", "W1", 3),)
    held_against(problem)


def test_a_floor_nobody_can_reach() -> None:
    """No lock takes part: only the floor can give way."""
    floors = {"group_floors": [{"column": "category", "value": "job_ready", "at_least": 2}]}
    clash, ways = clash_of(week([citizen("C1"), citizen("C2", category="job_ready")], rules=floors))
    assert rows(clash) == [("group_floor[category=job_ready]", 2, True)]
    assert clash.locks == ways.let_go == ()
    assert ways.raises == (Raise("group_floor", "category=job_ready", 1),)


def test_without_a_clash_there_is_nothing_to_get_out_of() -> None:
    solution = solve(week())
    assert solution.plan.clash is None
    assert ways_out(solution) == WaysOut((), ())


def test_a_lock_that_breaks_a_rule_by_itself_names_the_rule() -> None:
    problem = week([citizen(capacity_hours=4)], locks=at(("C1", "O1")))
    solution = solve(problem)
    with pytest.raises(ClashError, match="the job needs 10 hours"):
        solution.plan.need_plan()
    assert ways_out(solution) == WaysOut((), ())


def held_against(problem: Problem) -> None:
    """By brute force: the locks told are a smallest set to let go; each raise is the least."""
    _, ways = clash_of(problem)
    locks = problem["locks"]
    assert afresh(problem) is None

    def without(gone: tuple[str, ...]) -> Problem:
        kept = locks[~locks["citizen_id"].isin(gone)].reset_index(drop=True)
        return problem.with_tables(locks=kept)

    assert afresh(without(tuple(who for who, _ in ways.let_go))) is not None
    for fewer in itertools.combinations(locks["citizen_id"], len(ways.let_go) - 1):
        assert afresh(without(fewer)) is None
    for one in ways.raises:
        assert afresh(more_of(problem, one.rule, one.key, one.more)) is not None
        assert afresh(more_of(problem, one.rule, one.key, one.more - 1)) is None
    assert isinstance(Workplace, type)
