"""Whole small weeks whose optimum is derived by hand, and what a plan carries."""

from __future__ import annotations

import datetime as dt
from threading import Event
from typing import Any

import pytest

from matcher.errors import ClashError
from matcher.explain import left_over
from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.records import (
    Caseworker,
    Course,
    Forbid,
    Lock,
    MentorPool,
    Previous,
    Running,
)
from matcher.solve import Solution, Standing, solve
from matcher.verify import ensure_verified, verify
from scenarios.population import Population
from scenarios.population import problem as made_up
from tests.weeks import TODAY, citizen, opening, team, week, workplace


def pairs(solution: Solution) -> dict[str, str]:
    """Who goes where."""
    return {one.citizen_id: one.opening_id for one in solution.plan.placements}


def solved(problem: Problem) -> Solution:
    """Solve and verify."""
    solution = solve(problem)
    ensure_verified(problem, solution.plan)
    assert solution.plan.proven, solution.plan
    return solution


def test_two_placements_beat_one_better_one() -> None:
    """Tier one counts people: C1 gives way to C2, who has nowhere else to go.

    O1 suits both, O2 only C1 (C2 may not lift). By fit alone C1 takes O1 (his wish).
    """
    people = [
        citizen("C1", wishes="9112"),
        citizen("C2", limit_lift=0, must_limits="lift"),
    ]
    jobs = [opening("O1", isco="9112"), opening("O2", isco="9333", demand_lift=2)]
    solution = solved(week(people, jobs))
    assert pairs(solution) == {"C1": "O2", "C2": "O1"}
    assert solution.plan.value("placements") == 2


def test_of_equally_many_the_better_fit_wins() -> None:
    """One seat, two citizens: the one who wishes for the job fits better.

    Occupation weighs 12 of 95: 1000 against 500 points is 63 points of fit.
    """
    people = [citizen("C1"), citizen("C2", wishes="9112")]
    solution = solved(week(people))
    assert pairs(solution) == {"C2": "O1"}


@pytest.mark.parametrize(("hours_a_day", "placed"), [(7.4, {"C1": "O1"}), (7.38, {})])
def test_a_danish_day_is_counted_to_the_minute(hours_a_day: float, placed: dict[str, str]) -> None:
    """37 hours in five days are 7 h 24 min each: 444 minutes are enough, 443 are not."""
    people = [citizen("C1", capacity_hours=37, capacity_hours_day=hours_a_day)]
    jobs = [opening("O1", hours_min=37, hours_max=37, shifts="mon-fri 07:36-15:00")]
    assert pairs(solved(week(people, jobs))) == placed


def test_a_mentor_hour_decides_who_can_be_placed() -> None:
    """Two need two hours each, the pool has three: one is placed, the other lost on the mentor."""
    people = [citizen("C1", mentor_hours=2), citizen("C2", mentor_hours=2)]
    jobs = [opening(seats=2)]
    solution = solved(week(people, jobs, mentor_pools=[MentorPool(pool_id="P1", hours=3)]))
    assert solution.plan.value("placements") == 1
    (left,) = left_over(solution).unplaced
    assert left.cause == "resource"
    assert left.lost_on == {"mentor_hours": 1}
    assert left.lost_at == {"mentor_hours": ("P1",)}


ROWS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # rule: (changes that make the row bind at one of two, changes that free it)
    "opening_seats": ({"o": {"seats": 1}}, {"o": {"seats": 2}}),
    "workplace_ratio": (
        {"o": {"measures": "work_practice"}, "w": {"ordinary_staff": 9}},
        {"o": {"measures": "work_practice"}, "w": {"ordinary_staff": 10}},
    ),
    "mentor_hours": (
        {"c": {"mentor_hours": 1}, "mentor_pools": [MentorPool(pool_id="P1", hours=1.75)]},
        {"c": {"mentor_hours": 1}, "mentor_pools": [MentorPool(pool_id="P1", hours=2)]},
    ),
    "team_seats": (
        {
            "c": {"oral": 1},
            "o": {"oral_floor": 2},
            "teams": [team("L1", seats=1, blocks="mon 16:00-18:00", postcode="8000")],
        },
        {
            "c": {"oral": 1},
            "o": {"oral_floor": 2},
            "teams": [team("L1", seats=2, blocks="mon 16:00-18:00", postcode="8000")],
        },
    ),
    "course_seats": (
        {
            "o": {"papers": "hygiene"},
            "courses": [Course(course_id="K1", paper="hygiene", seats=1, ready_on=TODAY)],
        },
        {
            "o": {"papers": "hygiene"},
            "courses": [Course(course_id="K1", paper="hygiene", seats=2, ready_on=TODAY)],
        },
    ),
    # 20 h x 139.80 DKK = 2,796 DKK a week each.
    "budget": (
        {
            "c": {"benefit_months": 12},
            "o": {"measures": "wage_subsidy_public"},
            "rules": {"money": {"budgets": {"wage_subsidy": 5591}}},
        },
        {
            "c": {"benefit_months": 12},
            "o": {"measures": "wage_subsidy_public"},
            "rules": {"money": {"budgets": {"wage_subsidy": 5592}}},
        },
    ),
    # Six weeks of it are begun before the year ends.
    "year_budget": (
        {
            "c": {"benefit_months": 12},
            "o": {"measures": "wage_subsidy_public"},
            "rules": {"money": {"year_budgets": {"wage_subsidy": 6 * 5592 - 1}}},
        },
        {
            "c": {"benefit_months": 12},
            "o": {"measures": "wage_subsidy_public"},
            "rules": {"money": {"year_budgets": {"wage_subsidy": 6 * 5592}}},
        },
    ),
    # The quota is for those who begin until the year ends.
    "year_quota": (
        {
            "o": {"measures": "work_practice"},
            "rules": {"money": {"year_quotas": {"work_practice": 1}}},
        },
        {
            "o": {"measures": "work_practice"},
            "rules": {"money": {"year_quotas": {"work_practice": 2}}},
        },
    ),
    "caseload": (
        {
            "c": {"caseworker_id": "S1"},
            "caseworkers": [Caseworker(caseworker_id="S1", capacity=1)],
        },
        {
            "c": {"caseworker_id": "S1"},
            "caseworkers": [Caseworker(caseworker_id="S1", capacity=2)],
        },
    ),
    # Shifts end at 20:00, day care at 16:30: one parent must be home.
    "household_care": (
        {
            "c": {"household_id": "H1", "youngest_child": 2},
            "o": {"shifts": "mon 14:00-20:00; tue 14:00-20:00"},
        },
        {
            "c": {"household_id": "H1", "youngest_child": 6},
            "o": {"shifts": "mon 14:00-20:00; tue 14:00-20:00"},
        },
    ),
    "workplace_intake": ({"w": {"intake_per_week": 1}}, {"w": {"intake_per_week": 2}}),
}


def two_people(
    c: dict[str, Any] | None = None,
    o: dict[str, Any] | None = None,
    w: dict[str, Any] | None = None,
    **more: Any,
) -> Problem:
    """C1 and C2, alike, and O1 with two seats."""
    return week(
        [citizen("C1", **(c or {})), citizen("C2", **(c or {}))],
        [opening(**{"seats": 2, **(o or {})})],
        [workplace(**(w or {}))],
        **more,
    )


@pytest.mark.parametrize("rule", list(ROWS))
def test_each_row_holds_at_its_capacity_and_not_below(rule: str) -> None:
    """With room for one of two, one is placed and the other lost on that row; one more frees it."""
    tight, ample = ROWS[rule]
    solution = solved(two_people(**tight))
    assert solution.plan.value("placements") == 1
    left = left_over(solution)
    assert list(left.unplaced[0].lost_on) == [rule]
    assert left.unplaced[0].cause == ("others" if rule == "opening_seats" else "resource")
    assert {row.rule for row in solution.plan.rows if row.binding} == {rule}
    assert solved(two_people(**ample)).plan.value("placements") == 2


@pytest.mark.parametrize(
    ("ends", "weeks"),
    [
        ("12-31", 6), ("12-02", 2), ("11-26", 1),
        # No longer than the measure allows: 26 weeks.
        ("11-22", 26),
    ],
)  # fmt: skip
def test_a_years_budget_pays_for_the_weeks_begun_until_it_ends(ends: str, weeks: int) -> None:
    """What one placement costs until then; the engine's number and the check's are the same."""
    rules = {"money": {"year_budgets": {"wage_subsidy": weeks * 2796}, "year_ends": ends}}
    own = {"benefit_months": 12}
    found = solved(two_people(own, {"measures": "wage_subsidy_public"}, rules=rules))
    (row,) = [row for row in found.plan.rows if row.rule == "year_budget"]
    assert row.unit == "dkk_year"
    assert (row.used, row.capacity) == (weeks * 2796, weeks * 2796)
    assert verify(found.problem, found.plan) == ()
    less = {"money": {**rules["money"], "year_budgets": {"wage_subsidy": weeks * 2796 - 1}}}
    short = two_people(own, {"measures": "wage_subsidy_public"}, rules=less)
    (broken,) = verify(short, found.plan)
    assert (broken.rule, broken.value) == ("year_budget", weeks * 2796)


def test_who_begins_after_the_year_has_ended_is_none_of_its_quota() -> None:
    """The first day is a Tuesday; engine and check count alike."""
    for ends, used in (("11-24", 2), ("11-23", 0)):
        rules = {"money": {"year_quotas": {"work_practice": used}, "year_ends": ends}}
        found = solved(two_people({}, {"measures": "work_practice"}, rules=rules))
        assert {one.start for one in found.plan.placements} == {dt.date(2026, 11, 24)}
        (row,) = [row for row in found.plan.rows if row.rule == "year_quota"]
        assert (row.key, row.used) == ("work_practice", used)
        assert len(found.plan.placements) == 2
        assert verify(found.problem, found.plan) == ()


def test_a_year_ends_on_a_day_that_there_is() -> None:
    """The last of February; the day itself belongs to the year that ends on it."""
    money = load_policy(TODAY, {"money": {"year_ends": "02-29"}}).money
    assert money.year_end(TODAY) == dt.date(2027, 2, 28)
    assert money.year_end(dt.date(2027, 2, 28)) == dt.date(2027, 2, 28)
    assert money.year_end(dt.date(2027, 3, 1)) == dt.date(2028, 2, 29)
    assert load_policy(TODAY).money.year_end(dt.date(2026, 12, 31)) == dt.date(2026, 12, 31)


def test_a_group_floor_places_from_the_group_at_the_cost_of_fit() -> None:
    """One seat: the floor gives it to the job-ready C1, though C2 fits better."""
    people = [citizen("C1", category="job_ready"), citizen("C2", wishes="9112")]
    floor = {"group_floors": [{"column": "category", "value": "job_ready", "at_least": 1}]}
    assert pairs(solved(week(people, rules=floor))) == {"C1": "O1"}
    too_high = {"group_floors": [{"column": "category", "value": "job_ready", "at_least": 2}]}
    with pytest.raises(ClashError, match=r"group_floor\[category=job_ready\]: at least 2"):
        solve(week(people, rules=too_high)).plan.need_plan()


def test_running_placements_use_seats_and_ratio_places() -> None:
    """C2 is at work already: of two seats one is left, and the running citizen is not matched."""
    running = [Running(citizen_id="C2", opening_id="O1", measure="work_practice", start=TODAY)]
    problem = week(
        [citizen("C1"), citizen("C2"), citizen("C3")],
        [opening(seats=2, measures="work_practice")],
        [workplace(ordinary_staff=10)],
        running=running,
    )
    solution = solved(problem)
    assert solution.plan.value("placements") == 1
    causes = {one.citizen_id: one.cause for one in left_over(solution).unplaced}
    assert causes.pop("C2") == "already_placed"
    assert set(causes.values()) == {"resource"}


def test_a_running_parent_keeps_the_other_home_outside_care() -> None:
    """C2 works evenings already, so C1 cannot take the evening job; the row has no room."""
    evening = "mon-fri 15:00-19:00"
    family = {"household_id": "H1", "youngest_child": 2}
    problem = week(
        [citizen("C1", **family), citizen("C2", **family)],
        [opening("O1", shifts=evening), opening("O2", shifts=evening)],
        running=[Running(citizen_id="C2", opening_id="O2", measure="ordinary", start=TODAY)],
    )
    solution = solved(problem)
    assert solution.plan.placements == ()
    left = {one.citizen_id: one for one in left_over(solution).unplaced}
    assert left["C1"].lost_on == {"household_care": 1}


def test_a_lock_holds_though_it_costs_and_a_forbid_rules_out() -> None:
    """Locked C1 keeps O1 against the better C2; a forbid takes the pair out."""
    people = [citizen("C1"), citizen("C2", wishes="9112")]
    locked = solved(week(people, locks=[Lock(citizen_id="C1", opening_id="O1")]))
    assert pairs(locked) == {"C1": "O1"}
    assert locked.plan.placements[0].locked
    ruled_out = solved(week(people, forbids=[Forbid(citizen_id="C2", opening_id="O1")]))
    assert pairs(ruled_out) == {"C1": "O1"}


def test_a_lock_names_the_measure() -> None:
    """Practice is worth less than ordinary hours, but it is what was agreed."""
    lock = Lock(citizen_id="C1", opening_id="O1", measure="work_practice")
    solution = solved(week(openings=[opening(measures="ordinary;work_practice")], locks=[lock]))
    assert solution.plan.placements[0].measure == "work_practice"


def test_locks_that_clash_are_named() -> None:
    """Two locks on one seat, a lock without an offer, two locks of one citizen."""
    people = [citizen("C1"), citizen("C2")]
    both = [Lock(citizen_id=one, opening_id="O1") for one in ("C1", "C2")]
    plan = solve(week(people, locks=both)).plan
    assert (plan.termination, plan.placements, plan.has_plan) == ("infeasible", (), False)
    assert plan.clash is not None
    assert [(row.name, row.capacity) for row in plan.clash.rows] == [("opening_seats[O1]", 1)]
    assert plan.clash.locks == (("C1", "O1"), ("C2", "O1"))
    with pytest.raises(ClashError) as clash:
        plan.need_plan()
    assert set(clash.value.facts) == {
        "opening_seats[O1]: at most 1",
        "lock of C1 at O1",
        "lock of C2 at O1",
    }
    with pytest.raises(ClashError, match="lock C1 at O1: The citizen's spoken Danish is below A1"):
        solve(week([citizen(oral=0)], [opening(oral_floor=6)], locks=both[:1])).plan.need_plan()
    practice = [Lock(citizen_id="C1", opening_id="O1", measure="work_practice")]
    with pytest.raises(ClashError, match="under work_practice: possible, but not under this"):
        solve(week(locks=practice)).plan.need_plan()
    with pytest.raises(ClashError, match="at O1: under ordinary, work_practice, but one at most"):
        solve(
            week(locks=[*practice, Lock(citizen_id="C1", opening_id="O1", measure="ordinary")])
        ).plan.need_plan()
    with pytest.raises(ClashError, match="locks of C1: at O1, O2, but one place at most"):
        solve(
            week(
                openings=[opening("O1"), opening("O2")],
                locks=[Lock(citizen_id="C1", opening_id=one) for one in ("O1", "O2")],
            )
        ).plan.need_plan()


def test_a_lock_whose_placement_is_running_has_done_its_work() -> None:
    """The lock of last week and the running placement of this week stand side by side."""
    running = [Running(citizen_id="C1", opening_id="O1", measure="ordinary", start=TODAY)]
    locks = [Lock(citizen_id="C1", opening_id="O1")]
    solution = solved(week([citizen(), citizen("C2")], [opening(seats=2)], running=running,
                           locks=locks))  # fmt: skip
    assert pairs(solution) == {"C2": "O1"}


def test_hours_stay_within_the_shifts() -> None:
    """37 hours offered in a pattern of twenty are twenty; without shifts what is offered counts."""
    full = solved(week(openings=[opening(hours_max=37)])).plan.placements[0]
    assert full.minutes == 20 * 60
    free = solved(week(openings=[opening(hours_max=37, shifts="")])).plan.placements[0]
    assert free.minutes == 37 * 60


def test_a_measure_needs_its_hours_within_the_citizens_days() -> None:
    """Three hours a day on five days are 15: too few for the 25 of an IGU."""
    long_days = opening(measures="igu", hours_max=30, shifts="mon-fri 08:00-14:00")
    person = {"refugee_or_reunified": True, "years_in_denmark": 5.0}
    assert solved(week([citizen(**person)], [long_days])).plan.placements
    assert not solved(week([citizen(capacity_hours_day=3, **person)], [long_days])).plan.placements


def test_parents_are_not_both_away_for_class_either() -> None:
    """Both would sit in the same class on Monday evening, and the child has no care then."""
    family = {"household_id": "H1", "youngest_child": 2, "oral": 1}
    evening = [team("L1", seats=5, blocks="mon 19:00-21:00", postcode="8000")]
    jobs = [opening(seats=2, oral_floor=2)]
    people = [citizen("C1", **family), citizen("C2", **family)]
    assert solved(week(people, jobs, teams=evening)).plan.value("placements") == 1
    own = {"class_blocks": "mon 19:00-20:00"}
    people = [citizen("C1", **family), citizen("C2", **{**family, "oral": 6}, **own)]
    assert pairs(solved(week(people, jobs, teams=evening))) == {"C2": "O1"}


def test_what_counts_toward_the_week_is_the_policys() -> None:
    """Thirty hours of own class leave seven for the job, unless class does not count."""
    person = [citizen(class_blocks="mon-wed 08:00-18:00")]
    job = [opening(shifts="thu-fri 09:00-14:00")]
    assert not solved(week(person, job)).plan.placements
    counts = {"duty_week": {"counts": ["job"]}}
    assert solved(week(person, job, rules=counts)).plan.placements[0].minutes == 600


def test_a_previous_measure_that_is_gone_cannot_be_kept() -> None:
    """Any proposal is a change then: nothing is worth the 100 points of keeping."""
    previous = [Previous(citizen_id="C1", opening_id="O1", measure="gone")]
    with_it = solved(week(previous=previous)).plan
    assert with_it.value("fit") == with_it.placements[0].fit


def test_a_previous_proposal_stays_unless_something_clearly_better_comes() -> None:
    """Changing costs 100 points: O2 is the wish (63 points more), which is not enough."""
    person = [citizen(wishes="9333")]
    jobs = [opening("O1", isco="9112"), opening("O2", isco="9333")]
    previous = [Previous(citizen_id="C1", opening_id="O1")]
    assert pairs(solved(week(person, jobs))) == {"C1": "O2"}
    assert pairs(solved(week(person, jobs, previous=previous))) == {"C1": "O1"}
    cheap = {"tiers": {"change_cost": 10}}
    assert pairs(solved(week(person, jobs, previous=previous, rules=cheap))) == {"C1": "O2"}


def test_a_previous_proposal_is_not_dropped_for_somebody_slightly_better() -> None:
    """One seat: C2 wishes for it (95 points more than C1), which is below the price of 100."""
    people = [citizen("C1", wishes="9333"), citizen("C2", wishes="9112")]
    previous = [Previous(citizen_id="C1", opening_id="O1")]
    assert pairs(solved(week(people))) == {"C2": "O1"}
    assert pairs(solved(week(people, previous=previous))) == {"C1": "O1"}
    cheap = {"tiers": {"change_cost": 10}}
    assert pairs(solved(week(people, previous=previous, rules=cheap))) == {"C2": "O1"}


def test_waiting_counts_where_the_policy_gives_it_priority() -> None:
    """One seat: without priority the better fit wins, with it the one who has waited longest."""
    people = [citizen("C1", weeks_waiting=60), citizen("C2", wishes="9112")]
    assert pairs(solved(week(people))) == {"C2": "O1"}
    waiting = {"tiers": {"priority_step_weeks": 26}}
    solution = solved(week(people, rules=waiting))
    assert pairs(solution) == {"C1": "O1"}
    assert solution.plan.value("placements") == 12  # 10 + 60 // 26


def test_an_empty_week_is_an_empty_plan() -> None:
    """No citizens at all, no openings at all: a plan, proven, with nothing in it."""
    empty = week().with_tables(citizens=week()["citizens"].iloc[:0])
    for problem in (empty, week().with_tables(openings=week()["openings"].iloc[:0])):
        solution = solved(problem)
        assert solution.plan.placements == ()
        assert solution.plan.value("placements") == 0


@pytest.mark.parametrize("today", ["2022-06-01", "2024-12-31", "2025-03-03", "2025-07-01"])
@pytest.mark.parametrize("place", ["Aarhus", "Læsø"])
def test_a_made_up_week_verifies_under_every_law(today: str, place: str) -> None:
    """Before and after each change of the law the independent verifier agrees with the plan."""
    day = dt.date.fromisoformat(today)
    spec = Population(place, citizens=60, openings=20, seed=day.year, today=day)
    solution = solved(made_up(spec))
    assert solution.plan.value("placements") > 0


def test_the_plan_carries_how_it_was_made() -> None:
    """Digest, policy, versions, options and phase times are in the provenance."""
    solution = solve(week())
    made = solution.plan.provenance
    assert made["input_digest"] == solution.problem.digest()
    assert made["policy"]["version"] == solution.problem.policy.version
    assert {"jobmatch", "ortools", "python"} <= set(made["versions"])
    assert made["options"]["seed"] == 0
    assert set(made["phase_times"]) == {"offers", "formulate", "solve"}


def test_a_solve_tells_how_far_it_has_come() -> None:
    """Goals in turn, values that never fall below the ones before, bounds no plan passes."""
    told: list[Standing] = []
    solution = solve(made_up(Population(citizens=120, openings=30)), heard=told.append)
    value = solution.plan.value("placements")
    placed = [one for one in told if one.goal == "placements"]
    assert placed
    assert all(one.value is None or one.value <= value for one in placed)
    assert all(one.bound is None or one.bound >= value for one in placed)


def test_a_solve_that_is_stopped_keeps_the_best_plan_so_far() -> None:
    """It holds every row, says that it is not proven, and why it ended."""
    stop = Event()

    def at_once(standing: Standing) -> None:
        if standing.value is not None:
            stop.set()

    week = made_up(Population(citizens=400, openings=60))
    solution = solve(week, heard=at_once, cancel=stop)
    assert solution.plan.has_plan
    assert solution.plan.termination == "feasible"
    assert solution.plan.provenance["engine"]["limit"] == "cancelled"
    ensure_verified(week, solution.plan)
