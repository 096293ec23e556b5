"""Why nobody, why not filled, what was scarce: every branch by hand, and all of it re-derived."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.explain import CAUSES, balance_of, left_over
from matcher.explain.left_over import MOST_TOLD, left_without
from matcher.plan import LeftOver, OpeningOutcome, Plan, Row, Tier, Unplaced
from matcher.records import Caseworker, Course, MentorPool, Running
from matcher.solve import Solution, placements_of, solve
from matcher.verify import Violation, verify
from tests.test_random_weeks import random_week
from tests.volume import daily
from tests.weeks import TODAY, citizen, opening, team, week, workplace

CLASS = team("L1", seats=1, blocks="mon 16:00-18:00", postcode="8000")
COURSE = Course(course_id="K1", paper="hygiene", seats=1, ready_on=TODAY)


def explained(*arguments: Any, **tables: Any) -> LeftOver:
    """What is left over of a week."""
    return left_over(solve(week(*arguments, **tables)))


def by_id(left: LeftOver) -> dict[str, Unplaced]:
    """Unplaced citizens by id."""
    return {one.citizen_id: one for one in left.unplaced}


def outcomes(left: LeftOver) -> dict[str, OpeningOutcome]:
    """Openings by id."""
    return {one.opening_id: one for one in left.openings}


def rows(*arguments: Any, **tables: Any) -> dict[tuple[str, str], Row]:
    """Rows of a solved week by kind and key."""
    return {(one.rule, one.key): one for one in solve(week(*arguments, **tables)).plan.rows}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_sums_are_those_that_are_told(seed: int) -> None:
    """Arrays and facts of one plan say the same of everybody and of every row."""
    solution = solve(random_week(seed))
    balance, left = balance_of(solution), left_over(solution)
    ids = solution.book.encoded.citizens.ids
    told = {one.citizen_id: one.cause for one in left.unplaced}
    summed = {ids[i]: CAUSES[balance.cause[i]] for i in range(len(ids)) if not balance.placed[i]}
    assert summed == told
    assert balance.filled.tolist() == [one.filled for one in left.openings]
    blocks = {balance.row.tolist()[at] for at in range(len(balance.row))}
    for at, row in enumerate(solution.plan.rows):
        assert row.binding == (row.used <= row.capacity if row.floor else at in blocks)


# ------------------------------------------------------------------------------ the chain


def test_who_is_in_a_placement_is_left_over_for_that() -> None:
    """The seat it uses is not what C1 is lost on."""
    running = [Running(citizen_id="C1", opening_id="O1", measure="ordinary", start=TODAY)]
    one = by_id(explained(openings=[opening(seats=2)], running=running))["C1"]
    assert one.cause == "already_placed"
    assert dict(one.killed) == {"already_placed": 1}
    assert (one.reach, one.possible, dict(one.lost_on)) == (1, 0, {})


def test_who_has_no_opening_in_reach_is_left_over_for_that() -> None:
    """Two openings, both 20 minutes away, five are acceptable."""
    one = by_id(explained([citizen(max_commute=5)], [opening("O1"), opening("O2")]))["C1"]
    assert one.cause == "no_opening_in_reach"
    assert dict(one.killed) == {"commute": 2}
    assert dict(one.nearest) == {"commute": 2}
    assert (one.reach, one.possible) == (0, 0)


def test_rules_are_counted_most_first_with_the_nearest_misses_apart() -> None:
    """O1 breaks two rules, O2 only the language, O3 only the hours, O4 is out of reach.

    Language and hours both stop two of three; language stands first in the registry of rules,
    after the hours: equal counts keep its order, and hours come before language there.
    """
    jobs = [
        opening("O1", oral_floor=6, hours_min=30, hours_max=30),
        opening("O2", oral_floor=6),
        opening("O3", hours_min=30, hours_max=30),
        opening("O4", workplace_id="W3"),
    ]
    places = [workplace("W1"), workplace("W3", postcode="8300")]
    left = explained([citizen(oral=1, capacity_hours=20, max_commute=30)], jobs, places)
    one = by_id(left)["C1"]
    assert one.cause == "rules"
    assert (one.reach, one.possible) == (3, 0)
    assert list(one.killed.items()) == [("hours", 2), ("language_oral", 2), ("commute", 1)]
    assert list(one.nearest.items()) == [("hours", 1), ("language_oral", 1), ("commute", 1)]


def test_one_resource_that_takes_every_offer_is_the_cause() -> None:
    """The caseworker can follow up one of two; the seats would do for both."""
    people = [citizen(name, caseworker_id="S1") for name in ("C1", "C2")]
    left = explained(
        people, [opening(seats=2)], caseworkers=[Caseworker(caseworker_id="S1", capacity=1)]
    )
    (one,) = left.unplaced
    assert one.cause == "resource"
    assert dict(one.lost_on) == {"caseload": 1}
    assert dict(one.lost_at) == {"caseload": ("S1",)}


def test_several_resources_that_take_every_offer_between_them_are_the_cause() -> None:
    """O1 needs the only seat in the class, O2 the only one on the course; both jobs have room."""
    people = [citizen(name, oral=3) for name in ("C1", "C2", "C3")]
    jobs = [opening("O1", seats=3, oral_floor=4), opening("O2", seats=3, papers="hygiene")]
    left = explained(people, jobs, teams=[CLASS], courses=[COURSE])
    (one,) = left.unplaced
    assert one.cause == "resource"
    assert one.possible == 2
    assert list(one.lost_on.items()) == [("course_seats", 1), ("team_seats", 1)]
    assert dict(one.lost_at) == {"course_seats": ("K1",), "team_seats": ("L1",)}


def test_seats_that_went_to_others_are_the_cause_where_no_resource_took_everything() -> None:
    """O1's only seat went to somebody, O2's course to somebody else."""
    people = [citizen(name) for name in ("C1", "C2", "C3")]
    jobs = [opening("O1"), opening("O2", seats=3, papers="hygiene")]
    (one,) = explained(people, jobs, courses=[COURSE]).unplaced
    assert one.cause == "others"
    assert list(one.lost_on.items()) == [("course_seats", 1), ("opening_seats", 1)]
    assert dict(one.lost_at) == {"course_seats": ("K1",), "opening_seats": ("O1",)}


def test_few_rows_are_named_for_somebody_and_all_are_counted() -> None:
    """Six people, five jobs of one seat: three are named, five counted; who asks hears of all."""
    people = [citizen(f"C{n}") for n in range(1, 7)]
    places = [workplace(f"W{n}") for n in range(1, 6)]
    jobs = [opening(f"O{n}", workplace_id=f"W{n}") for n in range(1, 6)]
    solution = solve(week(people, jobs, places))
    (one,) = left_over(solution).unplaced
    assert one.lost_on == {"opening_seats": 5}
    assert dict(one.lost_at) == {"opening_seats": ("O1", "O2", "O3")}
    assert dict(one.lost_rows) == {"opening_seats": 5}
    every = left_without(solution, one.citizen_id)
    assert every is not None
    assert dict(every.lost_at) == {"opening_seats": ("O1", "O2", "O3", "O4", "O5")}
    assert left_without(solution, solution.plan.placements[0].citizen_id) is None


def test_a_row_that_stops_most_of_his_offers_is_named_first() -> None:
    """Two jobs at W2, one at W1, and each workplace can receive one: W2 stands in the way twice."""
    people = [citizen(name) for name in ("C1", "C2", "C3")]
    places = [workplace("W1", intake_per_week=1), workplace("W2", intake_per_week=1)]
    jobs = [
        opening("O1", workplace_id="W1", seats=2),
        opening("O2", workplace_id="W2", seats=2),
        opening("O3", workplace_id="W2", seats=2),
    ]
    (one,) = left_over(solve(week(people, jobs, places))).unplaced
    assert dict(one.lost_at) == {"workplace_intake": ("W2", "W1")}


def test_a_resource_that_took_everything_comes_before_the_seats() -> None:
    """One seat and one follow-up: a second seat would not have helped."""
    people = [citizen(name, caseworker_id="S1") for name in ("C1", "C2")]
    (one,) = explained(
        people, [opening()], caseworkers=[Caseworker(caseworker_id="S1", capacity=1)]
    ).unplaced
    assert one.cause == "resource"
    assert list(one.lost_on.items()) == [("caseload", 1), ("opening_seats", 1)]


def test_openings_lost_are_counted_once_however_many_offers_they_have() -> None:
    """C2 could have O1 and O2 under two measures each: two openings, not four offers."""
    people = [citizen("C1"), citizen("C2")]
    jobs = [opening("O1", measures="ordinary;work_practice")]
    pools = [MentorPool(pool_id="P1", hours=9)]
    (one,) = explained(people, jobs, mentor_pools=pools).unplaced
    assert one.possible == 1
    assert dict(one.lost_on) == {"opening_seats": 1}


def without_a_plan(solution: Solution) -> Solution:
    """The same week as a limit would have left it before anything was found."""
    nothing = SimpleNamespace(has_selection=False, selection=np.zeros(0, dtype=np.int64))
    return replace(solution, answer=nothing)  # type: ignore[arg-type]


def test_where_a_limit_came_first_the_limit_is_the_cause() -> None:
    """Nothing is chosen and nothing is full: no reason can be given yet; rules are rules."""
    solution = solve(week([citizen("C1"), citizen("C2", capacity_hours=1)]))
    left = left_over(without_a_plan(solution))
    assert {name: one.cause for name, one in by_id(left).items()} == {"C1": "limit", "C2": "rules"}
    assert by_id(left)["C1"].possible == 1


def test_citizens_come_in_the_order_of_their_ids_and_the_placed_are_not_there() -> None:
    """C2 is placed: he has the wish."""
    people = [citizen("C3"), citizen("C1"), citizen("C2", wishes="9112")]
    assert [one.citizen_id for one in explained(people).unplaced] == ["C1", "C3"]


# ------------------------------------------------------------------------------ openings


def test_a_filled_opening_and_one_without_a_free_seat() -> None:
    """O1's seat goes to C1; O2's is taken by C9, who is placed there, and O3 is closed."""
    running = [Running(citizen_id="C9", opening_id="O2", measure="ordinary", start=TODAY)]
    left = explained(
        [citizen("C1"), citizen("C9")],
        [opening("O1"), opening("O2"), opening("O3", seats=0)],
        running=running,
    )
    found = outcomes(left)
    assert {name: one.cause for name, one in found.items()} == {
        "O1": "filled",
        "O2": "no_seat_free",
        "O3": "no_seat_free",
    }
    assert (found["O1"].free, found["O1"].filled, found["O1"].possible) == (1, 1, 1)
    assert (found["O2"].free, found["O2"].filled) == (0, 0)
    assert dict(found["O2"].killed) == {"opening_full": 2, "already_placed": 1}


def test_more_running_placements_than_seats_leave_none_and_not_less_than_none() -> None:
    """Two people in one seat: the table is wrong, the figure is not negative."""
    running = [
        Running(citizen_id=name, opening_id="O1", measure="ordinary", start=TODAY)
        for name in ("C1", "C2")
    ]
    one = outcomes(explained([citizen("C1"), citizen("C2")], running=running))["O1"]
    assert (one.cause, one.free, one.filled) == ("no_seat_free", 0, 0)


def test_an_opening_nobody_can_reach_and_one_the_rules_stop() -> None:
    """O1 is 20 minutes from everybody, who accept five; O2 asks for Danish nobody has."""
    one = outcomes(explained([citizen("C1", max_commute=5), citizen("C2", max_commute=5)]))["O1"]
    assert (one.cause, one.reach, dict(one.killed)) == ("nobody_in_reach", 0, {"commute": 2})
    people = [citizen("C1", oral=1), citizen("C2", oral=1, capacity_hours=1)]
    one = outcomes(explained(people, [opening("O2", oral_floor=6)]))["O2"]
    assert (one.cause, one.reach, one.possible) == ("rules", 2, 0)
    # C2 can work one hour: too few to start with and fewer than the job's ten.
    assert list(one.killed.items()) == [("language_oral", 2), ("fewest_hours", 1), ("hours", 1)]


def test_an_opening_whose_candidates_are_blocked_elsewhere_lost_on_a_resource() -> None:
    """Both need the one class seat: one of three seats is filled, one candidate waits."""
    people = [citizen(name, oral=3) for name in ("C1", "C2")]
    one = outcomes(explained(people, [opening(seats=3, oral_floor=4)], teams=[CLASS]))["O1"]
    assert (one.cause, one.free, one.filled, one.possible) == ("resource", 3, 1, 2)
    assert dict(one.lost_on) == {"team_seats": 1}
    assert one.placed_elsewhere == 0


def test_an_opening_whose_candidates_are_placed_elsewhere() -> None:
    """C1 wishes for O2."""
    left = explained([citizen(wishes="9333")], [opening("O1"), opening("O2", isco="9333")])
    one = outcomes(left)["O1"]
    assert (one.cause, one.filled, one.possible) == ("placed_elsewhere", 0, 1)
    assert one.placed_elsewhere == 1
    assert outcomes(left)["O2"].placed_elsewhere == 0


def test_seats_are_not_what_an_opening_lost_its_own_candidates_on() -> None:
    """C2 waits for the only seat: O1 is filled, and nothing was scarce but that."""
    one = outcomes(explained([citizen("C1"), citizen("C2")]))["O1"]
    assert (one.cause, one.possible, dict(one.lost_on)) == ("filled", 2, {})


# ------------------------------------------------------------------------------ resources


def test_resources_say_what_was_used_what_there_was_and_whether_it_bound() -> None:
    """Three hours of mentor, two used: an offer of two hours no longer fits. P2 is too small."""
    people = [citizen(name, mentor_hours=2) for name in ("C1", "C2")]
    found = rows(
        people,
        [opening(seats=3)],
        mentor_pools=[MentorPool(pool_id="P1", hours=3), MentorPool(pool_id="P2", hours=1)],
    )
    pool = found["mentor_hours", "P1"]
    assert (pool.used, pool.capacity, pool.binding) == (120, 180, True)
    small = found["mentor_hours", "P2"]
    assert (small.used, small.capacity, small.binding) == (0, 60, False)
    seats = found["opening_seats", "O1"]
    assert (seats.used, seats.capacity, seats.binding) == (1, 3, False)
    # 2 hours x 320 DKK.
    money = found["budget", "mentors"]
    assert (money.used, money.capacity, money.binding) == (640, 10**7, False)


def test_a_floor_binds_when_nothing_is_above_it() -> None:
    """At least one of the job-ready: one is placed, so it binds; of the other group two are."""
    people = [
        citizen("C1", category="job_ready"),
        citizen("C2", wishes="9112"),
        citizen("C3", wishes="9112"),
    ]
    floors = {
        "group_floors": [
            {"column": "category", "value": value, "at_least": 1}
            for value in ("job_ready", "activity_ready")
        ]
    }
    found = rows(people, [opening(seats=3)], rules=floors)
    tight = found["group_floor", "category=job_ready"]
    ample = found["group_floor", "category=activity_ready"]
    assert (tight.used, tight.capacity, tight.binding) == (1, 1, True)
    assert (ample.used, ample.capacity, ample.binding) == (2, 1, False)


def test_running_placements_are_taken_off_before_what_is_used() -> None:
    """Two ratio places, one used by C9: one is left, and C1 takes it."""
    running = [Running(citizen_id="C9", opening_id="O1", measure="work_practice", start=TODAY)]
    found = rows(
        [citizen("C1"), citizen("C9"), citizen("C2")],
        [opening(seats=5, measures="work_practice")],
        [workplace(ordinary_staff=10)],
        running=running,
    )
    ratio = found["workplace_ratio", "W1"]
    assert (ratio.used, ratio.capacity, ratio.binding) == (1, 1, True)
    assert found["opening_seats", "O1"].capacity == 4


# ------------------------------------------------------------------------------ made-up weeks


def one_more(solution: Solution, offer: int) -> tuple[Violation, ...]:
    """What the independent check says of the plan with one offer more."""
    gains = solution.model.program.gains
    kept = np.sort(np.append(solution.chosen, offer))
    tiers = tuple(
        Tier(name, value, value, proven=True)
        for name, value in zip(
            ("placements", "fit"), gains[:2, kept].sum(axis=1).tolist(), strict=True
        )
    )
    plan = Plan(placements_of(solution.book, solution.model, kept), tiers, "optimal")
    return verify(solution.problem, plan)


@settings(max_examples=7, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_offer_of_who_is_left_over_is_blocked_and_counted_as_the_check_finds(
    seed: int,
) -> None:
    """Add the offer to the plan: the verifier, which knows no rows of ours, objects to a row.

    So nobody was left over without need, and what they were lost on is what the verifier names.
    """
    solution = solve(random_week(seed))
    offers, encoded = solution.book.offers, solution.book.encoded
    for one in left_over(solution).unplaced:
        position = encoded.citizens.ids.tolist().index(one.citizen_id)
        lost: dict[str, set[int]] = {}
        keys: dict[str, set[str]] = {}
        for at in np.flatnonzero(offers.citizen == position).tolist():
            found = one_more(solution, at)
            assert found, f"seed {seed}: {one.citizen_id} could have had offer {at}"
            for violation in found:
                lost.setdefault(violation.rule, set()).add(int(offers.opening[at]))
                key = violation.where.removeprefix(f"{violation.rule}[").removesuffix("]")
                keys.setdefault(violation.rule, set()).add(key)
        assert one.lost_on == {rule: len(where) for rule, where in lost.items()}, f"seed {seed}"
        every = left_without(solution, one.citizen_id)
        assert every is not None
        for rule in lost:
            assert every.lost_rows[rule] == len(every.lost_at[rule]) == one.lost_rows[rule]
            assert every.lost_at[rule][:MOST_TOLD] == one.lost_at[rule], f"seed {seed}"
            # Quarters in which the same people are away make one row, under the first's name.
            if rule != "household_care":
                assert set(every.lost_at[rule]) == keys[rule], f"seed {seed}"
            else:
                assert set(every.lost_at[rule]) <= keys[rule], f"seed {seed}"


@settings(max_examples=7, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_all_counts_add_up(seed: int) -> None:
    """Everybody is placed or left over; in reach or not; possible or stopped by some rule."""
    problem = random_week(seed)
    running = [
        Running(citizen_id="C3", opening_id="O2", measure="ordinary", start=dt.date(2026, 1, 5))
    ]
    with_running = week(running=running)["running"]
    solution = solve(problem.with_tables(running=with_running))
    left, placed = left_over(solution), solution.plan.placements
    people, jobs = len(problem["citizens"]), len(problem["openings"])
    names = {one.citizen_id for one in placed} | {one.citizen_id for one in left.unplaced}
    assert len(placed) + len(left.unplaced) == people == len(names), f"seed {seed}"
    for one in left.unplaced:
        assert one.reach + one.killed.get("commute", 0) == jobs
        assert one.possible <= one.reach
        assert sum(one.nearest.values()) <= jobs - one.possible <= sum(one.killed.values())
        assert all(one.nearest[rule] <= one.killed[rule] for rule in one.nearest)
        assert list(one.killed.values()) == sorted(one.killed.values(), reverse=True)
        assert (one.cause == "already_placed") == (one.citizen_id == "C3")
        assert bool(one.lost_on) == (one.possible > 0)
        assert set(one.lost_at) == set(one.lost_on)
        assert one.cause != "limit"
    assert sum(one.filled for one in left.openings) == len(placed)
    waiting = _waiting(solution)
    for job in left.openings:
        assert job.reach + job.killed.get("commute", 0) == people
        assert job.filled <= job.free
        assert job.filled + job.placed_elsewhere + waiting.get(job.opening_id, 0) == job.possible
        assert all(count <= waiting.get(job.opening_id, 0) for count in job.lost_on.values())
    for row in solution.plan.rows:
        assert 0 <= row.used <= row.capacity, f"seed {seed}: {row}"


def _waiting(solution: Solution) -> dict[str, int]:
    """How many unplaced citizens have an offer at each opening."""
    book = solution.book
    placed = {one.citizen_id for one in solution.plan.placements}
    pairs = {
        (book.encoded.citizens.ids[i], book.encoded.openings.ids[j])
        for i, j in zip(book.offers.citizen.tolist(), book.offers.opening.tolist(), strict=True)
    }
    found: dict[str, int] = {}
    for who, where in pairs:
        if who not in placed:
            found[where] = found.get(where, 0) + 1
    return found


@pytest.mark.parametrize("seed", daily(1, range(2)))
def test_the_explanation_is_the_same_each_time(seed: int) -> None:
    """Facts in a fixed order, down to the keys of the counts."""
    first, second = (left_over(solve(random_week(seed))) for _ in range(2))
    assert repr(first) == repr(second)
