"""Fit by hand: each component at a few points, the weighted sum, and weights of nothing."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
import pytest

from matcher.offers import COMPONENTS, build_offers
from matcher.problem import Problem
from matcher.records import TravelTime
from tests.weeks import TIMES, TODAY, citizen, opening, policy, team, week, workplace

CLASS = team("L1", seats=5, blocks="mon 16:00-18:00", postcode="8000")
WHILE_225 = dt.date(2025, 6, 30)


def fits(problem: Problem) -> dict[tuple[str, str, str], dict[str, int]]:
    """Points by component, and ``fit``, of each offer, by citizen, opening and measure."""
    book = build_offers(problem)
    made, encoded = book.offers, book.encoded
    return {
        (
            encoded.citizens.ids[made.citizen[at]],
            encoded.openings.ids[made.opening[at]],
            encoded.measures[made.measure[at]],
        ): {
            **dict(zip(COMPONENTS, made.points[at].tolist(), strict=True)),
            "fit": int(made.fit[at]),
        }
        for at in range(len(made))
    }


def points(
    component: str,
    people: dict[str, dict[str, Any]],
    o: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, int]:
    """Points of one component for several citizens at O1."""
    problem = week(
        [citizen(name, **changes) for name, changes in people.items()],
        [opening(**(o or {}))],
        **more,
    )
    return {who: found[component] for (who, _, _), found in fits(problem).items()}


def at_openings(
    component: str, jobs: dict[str, dict[str, Any]], c: dict[str, Any] | None = None, **more: Any
) -> dict[str, int]:
    """Points of one component for C1 at several openings."""
    problem = week(
        [citizen(**(c or {}))], [opening(name, **changes) for name, changes in jobs.items()], **more
    )
    return {where: found[component] for (_, where, _), found in fits(problem).items()}


# ------------------------------------------------------------------------------ components


def test_measure_is_the_evidence_in_the_sector_of_the_workplace() -> None:
    """Ordinary hours 1000 everywhere; practice 500 at a private workplace, 350 at a public one."""
    both = "ordinary;work_practice"
    found = fits(
        week(
            [citizen(benefit_months=12)],
            [
                opening("O1", workplace_id="W1", measures=f"{both};wage_subsidy_public"),
                opening("O2", workplace_id="W2", measures=both),
                opening("O3", workplace_id="W3", measures=both),
            ],
            [
                workplace("W1", sector="regional"),
                workplace("W2", sector="private"),
                workplace("W3", sector="municipal"),
            ],
        )
    )
    assert {(where, how): one["measure"] for (_, where, how), one in found.items()} == {
        ("O1", "ordinary"): 1000,
        ("O1", "wage_subsidy_public"): 350,
        ("O1", "work_practice"): 350,
        ("O2", "ordinary"): 1000,
        ("O2", "work_practice"): 500,
        ("O3", "ordinary"): 1000,
        ("O3", "work_practice"): 350,
    }


def test_health_loses_points_for_each_step_over_and_each_limit_used_up() -> None:
    """300 for a step above what is wished, 60 for a limit with no slack; never below 0."""
    # O1 asks for lift 2, stand 3, pace 1 and nothing of the rest.
    found = points(
        "health",
        {
            "none": {},
            # 2 against 1: a step. 2 against 0: two steps.
            "step": {"limit_lift": 1},
            "steps": {"limit_lift": 0},
            # 2 against 2, 1 against 1: no slack, twice.
            "tight": {"limit_lift": 2, "limit_pace": 1},
            # 3 against 3 is no limit, so nothing is used up.
            "open": {"limit_stand": 3},
            # A demand of 0 uses nothing up, even where nothing is tolerated.
            "unasked": {"limit_bend": 0, "limit_skin": 0},
            "both": {"limit_lift": 1, "limit_pace": 1},
            # 2 + 3 + 1 steps are 1800 points.
            "all": {"limit_lift": 0, "limit_stand": 0, "limit_pace": 0},
        },
        {"demand_lift": 2, "demand_stand": 3, "demand_pace": 1},
    )
    assert found == {
        "none": 1000,
        "step": 700,
        "steps": 400,
        "tight": 880,
        "open": 1000,
        "unasked": 1000,
        "both": 640,
        "all": 0,
    }


def test_language_loses_points_for_each_missing_level() -> None:
    """300 a level spoken, 200 a level read; never below 0. More Danish than asked adds nothing."""
    found = points(
        "language",
        {
            "more": {"oral": 6, "reading": 6},
            "enough": {"oral": 4, "reading": 4},
            "spoken": {"oral": 3, "reading": 4},
            "read": {"oral": 4, "reading": 3},
            "both": {"oral": 2, "reading": 2},
            # 4 x 300 are more than there is.
            "none": {"oral": 0, "reading": 4},
        },
        {"oral_floor": 4, "reading_floor": 4, "language_gap_ok": 4},
        teams=[CLASS],
    )
    assert found == {"more": 1000, "enough": 1000, "spoken": 700, "read": 800, "both": 0, "none": 0}


OCCUPATIONS = {
    # O1 is 9112, cleaners in offices
    "": 500,  # nothing stated
    "9112": 1000,
    "9111": 800,  # three digits
    "9129": 550,  # two digits
    "9333": 250,  # one digit
    "5120": 0,
    # Two digits that the job begins with are the whole group; three likewise.
    "91": 1000,
    "911": 1000,
    "9": 1000,
    # Two digits of which one is equal.
    "93": 250,
    "51": 0,
    # 919 begins like 9112 for two digits.
    "919": 550,
    # DISCO-08 has six digits: the first four are compared.
    "911210": 1000,
    "911110": 800,
    "933320": 250,
    # The best of several.
    "5120;9333;9129": 550,
    "5120;91": 1000,
}


@pytest.mark.parametrize(("component", "column"), [("occupation", "wishes"), ("experience",) * 2])
def test_occupations_are_close_by_their_equal_leading_digits(component: str, column: str) -> None:
    """0, 250, 550, 800, 1000 for 0-4 digits; a shorter code that is all equal counts as four."""
    people = {f"C{at:02d}": {column: codes} for at, codes in enumerate(OCCUPATIONS)}
    found = points(component, people)
    assert {people[who][column]: many for who, many in found.items()} == OCCUPATIONS


def test_an_opening_may_name_a_group_or_six_digits_too() -> None:
    """A wish for 9112 meets all of `91`; `911210` and `911290` differ after the fourth digit."""
    jobs = {"O1": {"isco": "91"}, "O2": {"isco": "911210"}, "O3": {"isco": "93"}}
    assert at_openings("occupation", jobs, {"wishes": "9112"}) == {
        "O1": 1000,
        "O2": 1000,
        "O3": 250,
    }
    assert at_openings("experience", jobs, {"experience": "911290"}) == {
        "O1": 1000,
        "O2": 1000,
        "O3": 250,
    }


def test_hours_are_held_against_what_the_citizen_and_the_week_could_hold() -> None:
    """20 of 37 hours are 540; all one can work is 1000, whether health or the week sets it."""
    weekend = "sat-sun 08:00-18:00"
    found = points(
        "hours",
        {
            "all": {},
            # 20 of 25 hours.
            "most": {"capacity_hours": 25},
            "whole": {"capacity_hours": 12},
            # 20 hours of treatment leave 17, and 17 are worked.
            "week": {"treatment_blocks": weekend},
            # 10 hours of treatment leave 27 of 37: 20 of 27.
            "part": {"treatment_blocks": "sat 08:00-18:00"},
            # 2 hours on each of 5 days: 10 of 37.
            "days": {"capacity_hours_day": 2},
        },
    )
    assert found == {
        "all": 540,
        "most": 800,
        "whole": 1000,
        "week": 1000,
        "part": 740,
        "days": 270,
    }


def by_way(way: int, hours: float = 37, shifts: str = "mon-fri 08:00-15:30") -> int:
    """Points of the commute at a workplace so many minutes away."""
    times = [
        TravelTime(from_postcode="8000", to_postcode="8200", minutes=way),
        *(time for time in TIMES if time.from_postcode != "8000"),
    ]
    job = opening(hours_max=hours, hours_min=2, shifts=shifts)
    found = fits(week(openings=[job], travel_times=times))
    return found["C1", "O1", "ordinary"]["commute"]


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (0, 1000),
        (15, 1000),
        # 1000 x 59 // 60.
        (16, 983),
        (45, 500),
        # 37 h on 5 days are 444 minutes a day, of which a quarter is 111: 2 x 55 are less ...
        (55, 333),
        # ... and 2 x 56 are more: 316 - 250.
        (56, 66),
        (74, 0),
        (90, 0),
    ],
)
def test_the_way_costs_from_fifteen_to_seventy_five_minutes(way: int, expected: int) -> None:
    """Straight between 1000 and 0; 250 less when both ways take over a quarter of the day."""
    assert by_way(way) == expected


def test_a_short_day_makes_a_way_long() -> None:
    """4 hours a day: both ways may take 60 minutes. 30 each do (750), 31 do not (733 - 250)."""
    assert by_way(30, hours=20) == 750
    assert by_way(31, hours=20) == 483
    # The same hours on two long days: 10 h a day, a quarter is 150 minutes.
    assert by_way(31, hours=20, shifts="mon-tue 07:00-17:00") == 733
    # 2 hours on 5 days are 24 minutes a day: 2 x 3 is a quarter exactly, 2 x 4 is more.
    assert by_way(3, hours=2, shifts="mon-fri 09:00-13:00") == 1000
    assert by_way(4, hours=2, shifts="mon-fri 09:00-13:00") == 750


def test_without_shifts_nobody_knows_how_long_a_day_is() -> None:
    """2 hours a week: both ways of 16 minutes would be over a quarter of it, but nothing is lost.

    16 minutes are worth 1000 x 59 // 60.
    """
    assert by_way(16, hours=2, shifts="") == 983
    assert by_way(16, hours=2, shifts="mon 09:00-13:00") == 733


def test_prospect_is_in_thirds() -> None:
    """None, possible, good, agreed."""
    jobs = {f"O{level}": {"prospect": level} for level in range(4)}
    assert at_openings("prospect", jobs) == {"O0": 0, "O1": 333, "O2": 666, "O3": 1000}


def test_hours_225_count_ordinary_hours_toward_those_that_are_missing() -> None:
    """2 hours a week are 6,240 minutes a year, of 13,500 missing: 462 points; unknown counts as 0.

    With 100 hours worked 7,500 are missing: 832; with 125, 6,000: 1000 at most.
    """
    under = {"benefit": "cash", "benefit_months": 12}
    job = opening(hours_min=2, hours_max=2, measures="ordinary;work_practice")
    people = {
        "zero": {**under, "ordinary_hours_12m": 0},
        "unknown": under,
        "some": {**under, "ordinary_hours_12m": 100},
        "enough": {**under, "ordinary_hours_12m": 125},
    }
    problem = week(
        [citizen(name, **facts) for name, facts in people.items()], [job], today=WHILE_225
    )
    found = fits(problem)
    ordinary = {who: one["hours_225"] for (who, _, how), one in found.items() if how == "ordinary"}
    practice = {who: one["hours_225"] for (who, _, how), one in found.items() if how != "ordinary"}
    assert ordinary == {"zero": 462, "unknown": 462, "some": 832, "enough": 1000}
    assert practice == dict.fromkeys(people, 0)


def test_a_started_minute_of_the_225_hours_is_missing_as_a_whole_one() -> None:
    """224.99 hours worked: 36 seconds are missing, so the rule applies and any hours are enough."""
    under = {"benefit": "cash", "benefit_months": 12}
    problem = week(
        [
            citizen("C1", **under, ordinary_hours_12m=224.99),
            citizen("C2", **under, ordinary_hours_12m=225.0),
        ],
        today=WHILE_225,
    )
    assert {who: one["hours_225"] for (who, _, _), one in fits(problem).items()} == {
        "C1": 1000,
        "C2": 0,
    }


# ------------------------------------------------------------------------------ the sum


def test_the_fit_is_the_weighted_mean_of_the_components() -> None:
    """By hand, on the day before the 225-hour rule went, for somebody under it and somebody not.

    Both at O1, 20 minutes away, 20 of 37 hours, no wishes, no experience, prospect 2, private
    practice is not accepted: ordinary hours only. lift is one step over.

    measure 25 x 1000, health 15 x 700, language 12 x 1000, occupation 12 x 500, hours 12 x 540,
    commute 8 x 916, experience 6 x 500, prospect 5 x 666: 73,638 over 95 is 775. Under the rule
    5 x 1000 more (20 x 52 hours are over 225), over 100: 786.
    """
    under = {"benefit": "cash", "limit_lift": 1}
    people = [
        citizen("C1", **under, benefit_months=12),
        citizen("C2", **under, benefit_months=11),
        citizen("C3", **under, benefit_months=12, ordinary_hours_12m=225),
        citizen("C4", limit_lift=1, benefit="other", benefit_months=12),
    ]
    jobs = [opening(demand_lift=2, prospect=2)]
    assert sum((25000, 10500, 12000, 6000, 6480, 7328, 3000, 3330)) == 73638
    found = {
        who: one["fit"] for (who, _, _), one in fits(week(people, jobs, today=WHILE_225)).items()
    }
    assert found == {"C1": 78638 // 100, "C2": 73638 // 95, "C3": 775, "C4": 775}
    # A day later nobody is under the rule.
    later = fits(week(people, jobs, today=WHILE_225 + dt.timedelta(days=1)))
    assert {one["fit"] for one in later.values()} == {775}


@cache
def varied() -> Problem:
    """Six citizens at four openings under a rule or two: no two components are alike."""
    draw = np.random.default_rng(7)
    people = [
        citizen(
            f"C{at}",
            oral=int(draw.integers(2, 6)),
            limit_lift=int(draw.integers(4)),
            limit_pace=int(draw.integers(4)),
            capacity_hours=float(draw.integers(10, 38)),
            wishes=str(draw.choice(["", "9112", "5120", "93"])),
            experience=str(draw.choice(["", "9111", "91"])),
            benefit=str(draw.choice(["cash", "other"])),
            benefit_months=12,
        )
        for at in range(6)
    ]
    jobs = [
        opening(
            f"O{at}",
            isco=str(draw.choice(["9112", "9333"])),
            demand_lift=int(draw.integers(3)),
            demand_pace=int(draw.integers(3)),
            oral_floor=int(draw.integers(4)),
            prospect=int(draw.integers(4)),
            measures="ordinary;work_practice",
        )
        for at in range(4)
    ]
    return week(people, jobs, teams=[CLASS], today=WHILE_225)


def with_weights(**weights: int) -> dict[tuple[str, str, str], dict[str, int]]:
    """Fits of the varied week under other weights."""
    changes = {"fit": {"weights": weights}}
    return fits(varied().replace(policy=policy(changes, WHILE_225)))


def hand(one: dict[str, int], weights: dict[str, int], *, under: bool) -> int:
    """The weighted mean in plain Python; the 225-hour rule weighs only for those under it."""
    used = {name: weight for name, weight in weights.items() if under or name != "hours_225"}
    return sum(weight * one[name] for name, weight in used.items()) // sum(used.values())


def under_rule() -> dict[str, bool]:
    """Who is under the 225-hour rule: on cash benefit."""
    return {one.citizen_id: one.benefit.value == "cash" for one in varied().all_records("citizens")}


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_weight_of_nothing_is_as_if_the_component_were_not_there(component: str) -> None:
    """Points stay, and the fit is the mean of the others alone."""
    weights = {**varied().policy.fit.weights.model_dump(), component: 0}
    others = {name: weight for name, weight in weights.items() if name != component}
    found, under = with_weights(**{component: 0}), under_rule()
    assert len(found) >= 24
    for key, one in found.items():
        assert one["fit"] == hand(one, others, under=under[key[0]]), key
    plain = with_weights()
    assert [{**one, "fit": 0} for one in found.values()] == [
        {**one, "fit": 0} for one in plain.values()
    ]


def test_scaling_all_weights_changes_no_fit() -> None:
    """Only proportions count."""
    weights = varied().policy.fit.weights.model_dump()
    assert with_weights(**{name: 7 * weight for name, weight in weights.items()}) == with_weights()


def test_one_weight_alone_makes_its_points_the_fit() -> None:
    """For each component that everybody has."""
    for component in COMPONENTS[:-1]:
        alone = {**dict.fromkeys(COMPONENTS, 0), component: 3}
        found = with_weights(**alone)
        assert all(one["fit"] == one[component] for one in found.values()), component


def test_components_stand_in_the_order_of_the_policys_weights() -> None:
    """The columns of points are named by it."""
    assert list(policy(today=TODAY).fit.weights.model_dump()) == list(COMPONENTS)


def test_a_fit_at_the_floor_is_suitable_and_below_is_not() -> None:
    """C1 at O1 reaches 787: a floor of 787 keeps the offer, 788 does not."""
    for floor, count in ((787, 1), (788, 0)):
        assert len(build_offers(week(rules={"fit": {"floor": floor}})).offers) == count
