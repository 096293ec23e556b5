"""Why this one: reasons by weight times points, the worst trade-off, and the facts behind them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from matcher.explain import reason_sentence, reasons
from matcher.offers import build_offers
from matcher.plan import Placement, Reason, Why
from matcher.problem import Problem
from matcher.solve import solve
from tests.test_random_weeks import random_week
from tests.weeks import TODAY, citizen, opening, team, week, workplace

NOTHING_ELSE = build_offers(week([citizen(oral=0)], [opening(oral_floor=6)]))
"""C1 could have had nothing: what he has is judged by itself."""
CLASS = team("L1", seats=5, blocks="mon 16:00-18:00", postcode="8000")


def why(problem: Problem) -> Why:
    """Reasons for the one proposal of a week."""
    (one,) = reasons(problem, solve(problem).plan.placements)
    return one


def component(problem: Problem, name: str) -> Reason:
    """One component of the one proposal."""
    return next(reason for reason in why(problem).components if reason.component == name)


def placement(points: dict[str, int], **changes: Any) -> Placement:
    """C1 at O1 with given points; what is not given has 500."""
    components = dict.fromkeys(
        ("measure", "health", "language", "occupation", "hours", "commute", "experience"), 500
    )
    return Placement(
        **{
            "citizen_id": "C1",
            "opening_id": "O1",
            "measure": "ordinary",
            "team_id": None,
            "pool_id": None,
            "mentor_minutes": 0,
            "course_ids": (),
            "minutes": 1200,
            "start": TODAY,
            "commute": 20,
            "fit": 500,
            "components": {**components, "prospect": 500, "hours_225": 0, **points},
            "cost": {},
            **changes,
        }
    )


def test_what_each_component_adds_and_lacks_is_weight_times_points_over_all_weights() -> None:
    """C1 at O1, weights 95 in all; divisions round down.

    ===========  ======  ======  ==================  =================
    component    weight  points  adds                lacks
    measure          25    1000  25000 // 95 = 263   0
    health           15    1000  15000 // 95 = 157   0
    language         12    1000  12000 // 95 = 126   0
    occupation       12     500  6000 // 95 = 63     6000 // 95 = 63
    hours            12     540  6480 // 95 = 68     5520 // 95 = 58
    commute           8     916  7328 // 95 = 77     672 // 95 = 7
    experience        6     500  3000 // 95 = 31     3000 // 95 = 31
    prospect          5       0  0                   5000 // 95 = 52
    ===========  ======  ======  ==================  =================
    """
    found = why(week())
    assert [(one.component, one.points, one.adds, one.lacks) for one in found.components] == [
        ("measure", 1000, 263, 0),
        ("health", 1000, 157, 0),
        ("language", 1000, 126, 0),
        ("occupation", 500, 63, 63),
        ("hours", 540, 68, 58),
        ("commute", 916, 77, 7),
        ("experience", 500, 31, 31),
        ("prospect", 0, 0, 52),
    ]
    assert [one.component for one in found.strongest] == ["measure", "health", "language"]
    # The one opening is the best he could have had, in everything: nothing of it is weak.
    assert found.trade_off is None
    assert {one.gap for one in found.components} == {0}
    assert found.citizen_id == "C1"


def test_a_component_is_a_reason_or_weak_by_what_this_citizen_could_have_had() -> None:
    """C1 wishes to clean and can do so at O2 alone, which has fewer hours; he gets O1 or O2.

    Hours are 540 points at O1 and 270 at O2, occupation 1000 at O2 and far less at O1; all else is
    the same and so no choice. What is weak where the other is had is the reason where it is not.
    """
    jobs = [opening(isco="5120"), opening("O2", isco="9112", hours_min=10, hours_max=10)]
    rules = {"fit": {"weights": {"commute": 0}}}  # long for a short day
    both = week([citizen(wishes="9112")], jobs, rules=rules)
    for at, (gives, lacks) in enumerate((("hours", "occupation"), ("occupation", "hours"))):
        one = week([citizen(wishes="9112")], jobs[at : at + 1], rules=rules)
        (found,) = reasons(both, solve(one).plan.placements)
        by_name = {reason.component: reason for reason in found.components}
        assert [reason.component for reason in found.components if reason.weak] == [lacks]
        assert found.trade_off == by_name[lacks]
        short = by_name[lacks].best - by_name[lacks].points
        assert by_name[lacks].gap == 12 * short // 87 > 0
        assert by_name[gives].points == by_name[gives].best > by_name[gives].worst


def test_a_reason_is_never_the_weakest_point_too() -> None:
    """In weeks with all kinds of offers; and what is named weak could have been better."""
    weak = 0
    for seed in range(4):
        problem = random_week(seed)
        solution = solve(problem)
        found = reasons(problem, solution.plan.placements, solution.book)
        assert found == reasons(problem, solution.plan.placements)
        for one in found:
            if one.trade_off is not None:
                weak += 1
                assert one.trade_off not in one.strongest
                assert one.trade_off.points < one.trade_off.best
            assert all(reason.adds and not reason.weak for reason in one.strongest)
    assert weak


def test_the_strongest_are_those_that_add_most_and_not_those_with_most_points() -> None:
    """Prospect is perfect, but weighs 5: 52 points. 15 x 400 of health are 63, and come before."""
    points = {"measure": 200, "health": 400, "language": 0, "hours": 0, "prospect": 1000}
    (found,) = reasons(week(), (placement(points),), NOTHING_ELSE)
    # measure 25 x 200 // 95 = 52, occupation 12 x 500 // 95 = 63, commute 42, experience 31.
    assert [(one.component, one.adds) for one in found.strongest] == [
        ("health", 63),
        ("occupation", 63),
        ("measure", 52),
    ]
    assert found.trade_off is None
    (found,) = reasons(week(), (placement(points),))
    # Against O1 as it is: 25 x 800 // 95 are more than all of the language, 12 x 1000 // 95 = 126,
    # and yet the kind of placement is no reason then.
    assert found.trade_off is not None
    assert (found.trade_off.component, found.trade_off.gap) == ("measure", 210)


def test_of_equal_strength_the_policys_order_decides() -> None:
    """All components with one weight and the same points: the first three, and the first again."""
    weights = dict.fromkeys(
        ("measure", "health", "language", "occupation", "hours", "commute", "experience"), 3
    )
    problem = week(rules={"fit": {"weights": {**weights, "prospect": 3, "hours_225": 3}}})
    (found,) = reasons(problem, (placement({}),), NOTHING_ELSE)
    assert [one.component for one in found.strongest] == ["measure", "health", "language"]
    full = problem["openings"].assign(prospect=3)
    (found,) = reasons(problem.with_tables(openings=full), (placement({"commute": 1000}),))
    # Everything but the way could have had 1000 points, save experience and wish: 500 to all.
    assert found.trade_off is not None
    assert found.trade_off.component == "measure"
    (found,) = reasons(problem, (placement({}),), NOTHING_ELSE)
    # 3 x 500 // 24: the 225-hour rule is over, so eight components weigh.
    assert {(one.adds, one.lacks) for one in found.components} == {(62, 62)}


def test_a_component_without_weight_is_no_reason() -> None:
    """Neither strongest nor trade-off, and the others are over 70 in all."""
    found = why(week(rules={"fit": {"weights": {"measure": 0}}}))
    assert "measure" not in [one.component for one in found.components]
    assert [(one.component, one.adds) for one in found.strongest] == [
        ("health", 15000 // 70),
        ("language", 12000 // 70),
        ("commute", 7328 // 70),
    ]


def test_what_is_added_and_lacking_makes_the_fit_and_a_thousand() -> None:
    """Up to one point of rounding for each component, in weeks with all kinds of offers."""
    for seed in range(3):
        problem = random_week(seed)
        placements = solve(problem).plan.placements
        for one, found in zip(placements, reasons(problem, placements), strict=True):
            count = len(found.components)
            added = sum(reason.adds for reason in found.components)
            assert one.fit - count < added <= one.fit
            lacking = sum(reason.lacks for reason in found.components)
            assert 1000 - one.fit - count < lacking <= 1000 - one.fit
            assert found.citizen_id == one.citizen_id


def test_the_225_hour_rule_is_a_reason_for_those_under_it_alone() -> None:
    """On cash benefit for a year, 100 of 225 hours: a ninth component, with both numbers."""
    under = {"benefit": "cash", "benefit_months": 12, "ordinary_hours_12m": 100}
    then = dt.date(2025, 6, 30)
    reason = component(week([citizen(**under)], today=then), "hours_225")
    assert dict(reason.facts) == {"worked": 100, "needed": 225, "measure": "ordinary"}
    # 5 x 1000 // 100.
    assert (reason.points, reason.adds, reason.lacks) == (1000, 50, 0)
    unknown = {**under, "ordinary_hours_12m": None}
    assert component(week([citizen(**unknown)], today=then), "hours_225").facts["worked"] == 0
    for facts, today in (
        ({**under, "benefit": "other"}, then),
        ({**under, "benefit_months": 11}, then),
        ({**under, "ordinary_hours_12m": 225}, then),
        (under, dt.date(2025, 7, 1)),
    ):
        names = [one.component for one in why(week([citizen(**facts)], today=today)).components]
        assert "hours_225" not in names


def test_the_facts_are_those_of_citizen_opening_and_offer() -> None:
    """What the sentence will say is in the records: levels, codes, wishes, hours, minutes."""
    problem = week(
        [
            citizen(
                oral=3,
                reading=4,
                wishes="9112;5120",
                experience="9111",
                limit_lift=1,
                limit_stand=2,
                capacity_hours=25,
            )
        ],
        [
            opening(
                oral_floor=4,
                reading_floor=2,
                demand_lift=2,
                demand_stand=2,
                prospect=3,
                measures="work_practice",
            )
        ],
        [workplace(sector="private")],
        teams=[CLASS],
    )
    facts = {one.component: dict(one.facts) for one in why(problem).components}
    assert facts == {
        "measure": {"measure": "work_practice", "sector": "private", "minutes": 1200},
        "health": {"over": "lift", "tight": "stand"},
        "language": {
            "oral": 3,
            "oral_floor": 4,
            "reading": 4,
            "reading_floor": 2,
            "team": "L1",
        },
        "occupation": {"isco": "9112", "wishes": "5120;9112"},
        "hours": {"minutes": 1200, "capacity": 1500},
        "commute": {"minutes": 20},
        "experience": {"isco": "9112", "experience": "9111"},
        "prospect": {"prospect": 3},
    }


def test_no_limit_is_tight_where_nothing_is_limited() -> None:
    """A demand of 3 against a tolerance of 3, which is no limit."""
    reason = component(week([citizen()], [opening(demand_lift=3)]), "health")
    assert dict(reason.facts) == {"over": "", "tight": ""}


def test_no_limit_is_tight_where_nothing_is_asked() -> None:
    """No lifting is tolerated and none is asked for: all points, and no word about lifting."""
    reason = component(week([citizen(limit_lift=0)]), "health")
    assert (reason.points, dict(reason.facts)) == (1000, {"over": "", "tight": ""})


def test_the_hours_possible_are_what_the_week_leaves() -> None:
    """37 hours less 20 of treatment: 17 of 17, which is what 1000 points mean."""
    reason = component(week([citizen(treatment_blocks="sat-sun 08:00-18:00")]), "hours")
    assert (reason.points, dict(reason.facts)) == (1000, {"minutes": 1020, "capacity": 1020})


def test_reasons_come_in_the_order_of_the_placements_and_can_all_be_told() -> None:
    """Three people: a sentence for each reason in both languages, without braces."""
    people = [citizen(name, oral=oral) for name, oral in (("C1", 3), ("C2", 4), ("C3", 6))]
    problem = week(people, [opening(seats=3, oral_floor=4)], teams=[CLASS])
    placements = solve(problem).plan.placements
    found = reasons(problem, placements)
    assert [one.citizen_id for one in found] == ["C1", "C2", "C3"]
    for one in found:
        for reason in one.components:
            english, danish = (
                reason_sentence(reason, problem.policy, language) for language in ("en", "da")
            )
            assert english
            assert english != danish
            assert not {"{", "}"} & set(english + danish)


def test_no_placements_have_no_reasons() -> None:
    """An empty plan is explained by nothing."""
    assert reasons(week(), ()) == ()
