"""What a placement holds in later weeks, its price by hand, in the second goal and in the check."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.explain.ahead import ahead_change
from matcher.held import price_points
from matcher.horizon import SeenArrivals, freeze, price_ahead
from matcher.objectives import Objectives
from matcher.policy import policy_read_again
from matcher.problem import Problem
from matcher.records import Course, MentorPool
from matcher.report import Words
from matcher.report.sections import ahead_parts
from matcher.solve import Solution, solve
from matcher.verify import verify
from tests.weeks import TODAY, citizen, opening, team, week, workplace

MENTORS, CLASS, LINE = "mentor_hours[P1]", "team_seats[L1]", "budget[mentors]"
POINT = 1_000_000
NOTICE = 1
"""Weeks from the run until whoever is proposed something can begin."""


def problem(**changes: Any) -> Problem:
    """Two who need a mentor, one an hour and one two, and one seat."""
    return week(
        citizens=(citizen("C1", mentor_hours=1), citizen("C2", mentor_hours=2)),
        openings=(opening(**{"measures": ("work_practice",), **changes}),),
        workplaces=(workplace(),),
        mentor_pools=(MentorPool(pool_id="P1", hours=5),),
    )


def three_weeks(**changes: Any) -> Problem:
    """One who needs a mentor for an hour, and has three weeks of practice left."""
    return week(
        citizens=(citizen(mentor_hours=1, practice_weeks_used=10),),
        openings=(opening(measures=("work_practice",), **changes),),
        mentor_pools=(MentorPool(pool_id="P1", hours=5),),
    )


def priced(
    base: Problem, prices: dict[str, tuple[int, ...]], survival: Any = None, **keys: Any
) -> Problem:
    """The week with prices frozen into its policy; weeks at work count nothing unless asked."""
    keys = {"week_points": 0, "start_points": 1000, **keys}
    policy = freeze(base.policy, prices, survival or {})
    assert policy.horizon is not None
    horizon = policy.horizon.model_copy(update=keys)
    return base.replace(policy=policy.model_copy(update={"horizon": horizon}))


def points(base: Problem) -> dict[tuple[str, str], int]:
    """Price of each offer by citizen and measure."""
    book = solve(base).book
    ids, measures = book.encoded.citizens.ids, book.encoded.measures
    return {
        (str(ids[who]), measures[how]): one
        for who, how, one in zip(
            book.offers.citizen, book.offers.measure, price_points(book).tolist(), strict=True
        )
    }


def fits_checked(solution: Solution) -> int:
    """The second goal, once the check has recomputed it."""
    assert verify(solution.problem, solution.plan) == ()
    return solution.plan.value("fit")


def test_a_price_is_units_times_weeks() -> None:
    """A tenth of a point a minute for three weeks: 18 points for an hour, 36 for two."""
    found = points(priced(problem(), {MENTORS: (100_000,) * 3}))
    assert found == {("C1", "work_practice"): 18, ("C2", "work_practice"): 36}


def test_weeks_that_the_measure_does_not_allow_cost_nothing() -> None:
    """Ten of thirteen weeks of practice are used: three are left, from its first day on."""
    assert points(priced(three_weeks(), {MENTORS: (100_000,) * 13})) == {
        ("C1", "work_practice"): 6 * (NOTICE + 2)
    }


def test_what_is_kept_until_it_begins_is_paid_for() -> None:
    """Four weeks later the mentor is held for four weeks more; the check counts them, too."""
    begins = TODAY + dt.timedelta(weeks=NOTICE + 4)
    late = priced(three_weeks(start_from=begins), {MENTORS: (100_000,) * 13}, week_points=1)
    assert points(late) == {("C1", "work_practice"): 6 * (NOTICE + 4 + 2) - 3}
    fits_checked(solve(late))


def test_a_run_that_was_stored_before_has_the_price_it_had() -> None:
    """Its policy has no ``least``: three weeks from the run on, whenever it begins."""
    begins = TODAY + dt.timedelta(weeks=NOTICE + 4)
    now = priced(three_weeks(start_from=begins), {MENTORS: (100_000,) * 13})
    content = now.policy.model_dump(mode="json")
    del content["horizon"]["least"]
    then = now.replace(policy=policy_read_again(content))
    assert then.policy.filled == ()
    assert points(then) == {("C1", "work_practice"): 6 * 2}
    fits_checked(solve(then))
    assert points(now) == {("C1", "work_practice"): 6 * (NOTICE + 4 + 2)}
    content["horizon"]["least"] = None
    assert then.policy.digest() == policy_read_again(content).digest()
    assert then.policy.digest() != now.policy.digest(), "another price: another input"


def test_only_the_share_that_still_runs_pays() -> None:
    """Of 1000 placements 500 run after a week and 250 from then on: 6 x (500 + 250 + 250)."""
    survival = {"work_practice": {"municipal": (500, 250)}}
    found = points(priced(problem(), {MENTORS: (100_000,) * 3}, survival))
    assert found["C1", "work_practice"] == 6


def test_a_price_is_rounded_down_once_and_capped() -> None:
    """Money and minutes: 60 x 0.0166 + 320 x 0.00312 = 0.996 + 0.9984."""
    both = {MENTORS: (16_600,), LINE: (3_120,)}
    assert points(priced(problem(), both))["C1", "work_practice"] == 1
    dear = priced(problem(), {MENTORS: (POINT,) * 13}, cap=250)
    assert set(points(dear).values()) == {250}


def test_what_its_own_weeks_are_worth_is_not_paid_for() -> None:
    """Held for thirteen weeks, at work in those from its first day on: 2 points each less."""
    prices = {MENTORS: (100_000,) * 13}
    base, worked = problem(), 13 - NOTICE + 1
    assert points(priced(base, prices)) == {
        ("C1", "work_practice"): 78, ("C2", "work_practice"): 156,
    }  # fmt: skip
    for week_points in (2, 20):
        paid = priced(base, prices, week_points=week_points)
        assert points(paid) == {
            ("C1", "work_practice"): 78 - week_points * worked,
            ("C2", "work_practice"): 156 - week_points * worked,
        }, "below 0 it is a gain"
        fits_checked(solve(paid))
    gain = priced(base, prices, week_points=100, cap=250)
    assert set(points(gain).values()) == {-250}, "as far below 0 as above"
    fits_checked(solve(gain))


def test_of_two_that_take_as_much_the_longer_is_chosen() -> None:
    """Both need the mentor for an hour; of practice one has three weeks left and one thirteen."""
    base = week(
        citizens=(
            citizen("C1", mentor_hours=1, practice_weeks_used=10), citizen("C2", mentor_hours=1),
        ),
        openings=(opening(measures=("work_practice",)),),
        mentor_pools=(MentorPool(pool_id="P1", hours=1),),
    )  # fmt: skip
    prices = {MENTORS: (100_000,) * 13}

    def who(week_points: int) -> set[str]:
        solution = solve(priced(base, prices, week_points=week_points))
        fits_checked(solution)
        return {one.citizen_id for one in solution.plan.placements}

    assert who(0) == {"C1"}, "the price alone pays for lasting"
    assert who(20) == {"C2"}


def test_a_course_is_paid_once_and_a_class_is_held() -> None:
    base = week(
        citizens=(citizen(oral=3),),
        openings=(opening(oral_floor=4),),
        teams=(team("L1", seats=1, blocks="tue 17:00-19:00", postcode="8000"),),
    )
    found = points(priced(base, {CLASS: (3 * POINT, 4 * POINT), "budget[courses]": (POINT,)}))
    assert found == {("C1", "ordinary"): 7}


def test_the_second_goal_pays_and_the_check_recomputes_it() -> None:
    base = problem()
    before, after = solve(base), solve(priced(base, {MENTORS: (100_000,) * 3}))
    who = {one.citizen_id for one in after.plan.placements}
    assert who == {"C1"}, "who takes less of what will be scarce"
    assert fits_checked(after) == fits_checked(before) - 18
    told = replace(after.plan, tiers=(
        after.plan.tiers[0],
        replace(after.plan.tiers[1], value=after.plan.value("fit") + 18,
                bound=after.plan.value("fit") + 18),
        after.plan.tiers[2],
    ))  # fmt: skip
    assert verify(after.problem, told), "a value without the price does not pass"


def test_the_first_goal_is_never_touched() -> None:
    """However dear, whoever can be placed this week is."""
    base = problem(seats=2)
    dear = priced(base, {MENTORS: (POINT,) * 13}, cap=1000)
    assert solve(dear).plan.value("placements") == solve(base).plan.value("placements") == 2


def test_without_prices_everything_is_as_it_was() -> None:
    """To the digest: neither the section nor prices of 0 change the plan or its input."""
    base = problem(seats=2)
    none = base.replace(policy=base.policy.model_copy(update={"horizon": None}))
    empty = priced(base, {})
    zero = priced(base, {MENTORS: (0,) * 13}, week_points=200)
    plan = solve(none).plan
    assert none.digest() == base.digest() == empty.digest()
    for other in (base, empty, zero):
        found = solve(other).plan
        assert found.placements == plan.placements
        assert [one.to_dict() for one in found.tiers] == [one.to_dict() for one in plan.tiers]


@pytest.mark.parametrize(
    ("goals", "expected"),
    [(("placements", "price", "fit", "tie_break"), 18), (("ahead", "tie_break"), None)],
    ids=["plain rule", "one sum"],
)
def test_prices_can_be_goals_of_their_own(goals: tuple[str, ...], expected: int | None) -> None:
    """For comparison and what-if; the check knows them."""
    base = priced(problem(), {MENTORS: (100_000,) * 3})
    found = solve(base, aim=Objectives(goals=goals))
    assert verify(base, found.plan) == ()
    if expected is not None:
        assert found.plan.value("price") == expected
    else:
        fit = solve(base).plan.value("fit")
        assert found.plan.value("ahead") == 1000 + fit


# ------------------------------------------------------------------ money of the year: used up

YEAR = "year_budget[mentors]"
QUOTA = "year_quota[work_practice]"
HOUR = 320
"""DKK that a mentor costs for an hour."""


def of_a_year(left: int, days: int = 13, quota: int | None = None, **changes: Any) -> Problem:
    """C1 and C2, who need a mentor for an hour, two jobs alike, and what is left of the year."""
    ends = TODAY + dt.timedelta(days=days)
    money: dict[str, Any] = {"year_budgets": {"mentors": left}, "year_ends": f"{ends:%m-%d}"}
    if quota is not None:
        money["year_quotas"] = {"work_practice": quota}
    return week(
        citizens=(citizen("C1", mentor_hours=1), citizen("C2", **{"mentor_hours": 1, **changes})),
        openings=tuple(opening(name, measures=("work_practice",)) for name in ("O1", "O2")),
        mentor_pools=(MentorPool(pool_id="P1", hours=50),),
        rules={"money": money},
    )


def one_week_ahead(base: Problem, accepted: float = 1.0, **keys: Any) -> dict[str, tuple[int, ...]]:
    """Prices where C2 and O2 come each week and only the next one is looked at."""
    week_one = {"weeks": 1, "futures": 1, "least": 0, "start_points": 1000, "week_points": 0}
    there = priced(base, {}, **{**week_one, **keys})

    def rows(name: str, key: str, ids: set[str]) -> pd.DataFrame:
        frame = base[name]
        return frame[frame[key].isin(ids)].reset_index(drop=True)

    now = there.replace(tables={
        **there.tables,
        "citizens": rows("citizens", "citizen_id", {"C1"}),
        "openings": rows("openings", "opening_id", {"O1"}),
    })  # fmt: skip
    one = np.zeros(1, dtype=np.int64)
    come = (
        rows("citizens", "citizen_id", {"C2"}),
        one,
        rows("openings", "opening_id", {"O2"}),
        one,
    )
    seen = SeenArrivals((TODAY,), *come, base["workplaces"])
    return dict(price_ahead(now, seen, {}, accepted=accepted).prices)


def test_money_of_the_year_has_the_price_of_who_would_go_without() -> None:
    """By hand: proposed now somebody costs two weeks of mentor until the year ends, proposed next
    week one; so a third of what is left falls to the next week. In it two could
    start for 320 kroner each, at 1000 points and their fit."""
    fit = {one.fit for one in solve(of_a_year(10**6)).plan.placements}
    assert len(fit) == 1
    a_krone = (POINT * (1000 + fit.pop()) // HOUR,)
    assert one_week_ahead(of_a_year(3 * HOUR)) == {YEAR: a_krone}, "for one of the two"
    assert one_week_ahead(of_a_year(6 * HOUR - 3)) == {YEAR: a_krone}, "three kroner too few"
    assert one_week_ahead(of_a_year(6 * HOUR)) == {}, "for both: one krone more brings nothing"
    assert one_week_ahead(of_a_year(0, days=6)) == {}, "what begins then costs this year nothing"


def test_what_falls_to_the_weeks_ahead_goes_by_what_they_would_cost() -> None:
    """Proposed now four weeks of mentor until the year ends, then three, two and one: of ten
    shares three are the next week's, in which two could start for 960 kroner each."""
    two = 2 * 3 * HOUR
    assert one_week_ahead(of_a_year(two * 10 // 3, days=27)) == {}
    assert list(one_week_ahead(of_a_year(two * 10 // 3 - 4, days=27))) == [YEAR]


def test_money_of_the_year_counts_once_whatever_the_shares() -> None:
    """Two weeks of an hour until the year ends are 640 kroner; half leave at once, all is paid."""
    prices = {YEAR: (15_625,)}
    base = of_a_year(10**6, mentor_hours=2)
    survival = {"work_practice": {"municipal": (500,) * 13}}
    for other in (priced(base, prices), priced(base, prices, survival)):
        assert points(other) == {("C1", "work_practice"): 10, ("C2", "work_practice"): 20}
        fits_checked(solve(other))
    both = priced(base, {**prices, MENTORS: (100_000,)})
    assert points(both)["C1", "work_practice"] == 10 + 6, "beside what is held each week"
    fits_checked(solve(both))


def test_a_quota_of_the_year_has_the_price_of_who_would_go_without() -> None:
    """This week and the next are left: half of the quota is the next week's. In it two could start;
    one of them has the price of the other."""
    fit = solve(of_a_year(10**6)).plan.placements[0].fit
    base = of_a_year(10**6, quota=2)
    assert one_week_ahead(base) == {QUOTA: (POINT * (1000 + fit),)}
    assert one_week_ahead(of_a_year(10**6, quota=4)) == {}, "for both"
    assert one_week_ahead(of_a_year(10**6, days=6, quota=0)) == {}, "the year's last week"
    paid = priced(base, {QUOTA: (7 * POINT,)}, {"work_practice": {"municipal": (500,) * 13}})
    assert set(points(paid).values()) == {7}, "one each, whatever the shares"
    fits_checked(solve(paid))


def test_of_two_the_one_who_costs_the_year_less_is_proposed() -> None:
    """The first goal as it is; the check adds up the price by itself; the page says for what."""
    base = of_a_year(10**6, mentor_hours=2)
    alone = base.replace(tables={**base.tables, "openings": base["openings"].head(1)})
    after = solve(priced(alone, {YEAR: (15_625,)}))
    assert {one.citizen_id for one in after.plan.placements} == {"C1"}
    value = fits_checked(after)
    (one,) = after.plan.placements
    assert value == one.fit - 10
    told = replace(after.plan, tiers=(
        after.plan.tiers[0],
        replace(after.plan.tiers[1], value=value + 10, bound=value + 10),
        after.plan.tiers[2],
    ))  # fmt: skip
    assert verify(after.problem, told), "a value without the price does not pass"
    change = ahead_change(after)
    assert change is not None
    ((rule, key, dear),) = [(one.rule, one.key, one.points) for one in change.dearest]
    assert (rule, key, dear) == ("year_budget", "mentors", 15.6)
    document = {"futures": 1, "seen_weeks": 1, "expected": {}, "missed": [],
                "prices": {YEAR: [15_625]}, "change": change.to_dict()}  # fmt: skip
    for language, said in (("en", "about 15.6 points for 1,000 kroner"),
                           ("da", "omkring 15,6 point for 1.000 kroner")):  # fmt: skip
        words = Words(language)
        parts = ahead_parts({**document, "expected": {"citizens": 1.0, "openings": 1.0}}, words)
        (price,) = parts["prices"]
        assert price.endswith(said), "not a week: it is used up"
        name = words("row_name.year_budget")
        assert price.startswith(f"{name[:1].upper()}{name[1:]} · ")
        assert words("ahead.lead_year") in parts["lines"]
        held = {
            **document,
            "expected": {"citizens": 1.0, "openings": 1.0},
            "prices": {MENTORS: [1]},
        }
        assert words("ahead.lead_year") not in ahead_parts(held, words)["lines"]


# ------------------------------------------------------------------ courses: seats gone for good

SEAT = "course_seats[K1]"


def with_course(seats: int, days: int = 7, **keys: Any) -> Problem:
    """C1 and C2, who lack a paper that two jobs ask for, and a course that is over in some days."""
    begins = TODAY + dt.timedelta(weeks=4)
    course = Course(course_id="K1", paper="hygiene", seats=seats, cost=0,
                    ready_on=TODAY + dt.timedelta(days=days))  # fmt: skip
    return week(
        citizens=(citizen("C1"), citizen("C2")),
        openings=tuple(
            opening(name, measures=("work_practice",), papers=("hygiene",), start_from=begins)
            for name in ("O1", "O2")
        ),
        courses=(course,),
        **keys,
    )


def test_a_seat_of_a_course_has_the_price_of_who_would_go_without() -> None:
    """It is over in a week: this week and the next can take it, and half of it is the next one's.
    In it two could start."""
    plan = solve(with_course(4)).plan
    assert [one.course_ids for one in plan.placements] == [("K1",), ("K1",)]
    fit = plan.placements[0].fit
    assert one_week_ahead(with_course(2)) == {SEAT: (POINT * (1000 + fit),)}
    assert one_week_ahead(with_course(4)) == {}, "for both"
    assert one_week_ahead(with_course(2, days=6)) == {}, "over before the next week's run"
    dear = one_week_ahead(with_course(4, days=14))
    assert dear == {SEAT: (POINT * (1000 + fit),)}, "a third of it is the next one's"


def test_who_declines_takes_nothing() -> None:
    """Half of those asked accept: the seats left for the next week serve both."""
    assert one_week_ahead(with_course(2), accepted=0.5) == {}


def test_a_seat_of_a_course_counts_once_and_the_check_recomputes_it() -> None:
    base = with_course(1, rules={"horizon": {"weeks": 2}})
    paid = priced(base, {SEAT: (7 * POINT,)}, {"work_practice": {"municipal": (500, 500)}})
    assert set(points(paid).values()) == {7}, "one each, whatever the shares"
    value = fits_checked(solve(paid))
    told = solve(paid)
    (one,) = told.plan.placements
    assert value == one.fit - 7
    change = ahead_change(told)
    assert change is not None
    assert [(row.rule, row.key, row.points) for row in change.dearest] == [
        ("course_seats", "K1", 7.0)
    ]
