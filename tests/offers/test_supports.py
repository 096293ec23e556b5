"""What an offer holds besides the job: classes, courses, mentors, hours, start and cost."""

from __future__ import annotations

from typing import Any

import pytest

from matcher.offers import build_offers, failures
from matcher.records import Course, LanguageClass, MentorPool, Running
from tests.offers.supported import IN, Offer, course, offers, only, pool, team
from tests.weeks import TODAY, citizen, opening, week, workplace

# ------------------------------------------------------------------------------ Danish classes


def learning(
    teams: list[LanguageClass], c: dict[str, Any] | None = None, **more: Any
) -> list[str | None]:
    """Classes offered to C1, who is one level short of what O1 asks for."""
    problem = week(
        [citizen(**{"oral": 3, **(c or {})})], [opening(oral_floor=4)], teams=teams, **more
    )
    return [offer.team for offer in offers(problem)]


def test_no_class_is_added_where_danish_is_enough() -> None:
    """A class that is not needed takes no seat and costs nothing."""
    offer = only(week([citizen(oral=4)], [opening(oral_floor=4)], teams=[team()]))
    assert offer.team is None
    assert offer.cost == {}


def test_classes_are_ranked_at_the_workplace_then_by_the_way_then_by_id() -> None:
    """At W1 first; then 12 minutes in 8000 (L3 before L4), then 20 to 8200; 8300 comes last."""
    teams = [
        team("L1", postcode="8300"),
        team("L2", postcode="8200"),
        team("L4"),
        team("L3"),
        team("L5", postcode="8200", workplace_id="W1"),
    ]
    many = {"language": {"classes_per_offer": 20}}
    assert learning(teams, rules=many) == ["L5", "L3", "L4", "L2", "L1"]


@pytest.mark.parametrize(("most", "expected"), [(1, ["L2"]), (2, ["L2", "L1"])])
def test_the_policy_says_how_many_classes_are_weighed(most: int, expected: list[str]) -> None:
    """The best ranked ones: an offer each."""
    teams = [team("L1"), team("L2", workplace_id="W1", postcode="8200"), team("L3")]
    assert learning(teams, rules={"language": {"classes_per_offer": most}}) == expected


def test_a_class_at_a_workplace_is_for_those_who_work_there() -> None:
    """L1 meets at W2, across the street from W1: not for O1, for O2 alone."""
    problem = week(
        [citizen(oral=3)],
        [opening("O1", oral_floor=4), opening("O2", workplace_id="W2", oral_floor=4)],
        [workplace("W1"), workplace("W2")],
        teams=[team("L1", workplace_id="W2", postcode="8200"), team("L2")],
    )
    assert [(offer.opening, offer.team) for offer in offers(problem)] == [
        ("O1", "L2"),
        ("O2", "L1"),
        ("O2", "L2"),
    ]


CLASHES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # what: (C1, L1) where the class cannot be joined; L2 on Saturday always can
    # The shift ends at 13:00 and is widened to 13:30.
    "shift": ({}, {"blocks": "mon 13:15-15:00"}),
    "own class": ({"class_blocks": "mon 17:45-18:30"}, {}),
    "treatment": ({"treatment_blocks": "mon 15:00-16:15"}, {}),
    "other": ({"other_blocks": "mon 17:00-17:15"}, {}),
    # Day care closes at 16:30 on Mondays.
    "care": ({"youngest_child": 3}, {}),
    "own care": (
        {"youngest_child": 3, "care_blocks": "mon 06:00-17:45; tue-sat 06:00-18:00"},
        {},
    ),
    "level too low": ({}, {"level_from": 4}),
    "level too high": ({}, {"level_to": 2}),
    "full": ({}, {"seats": 0}),
    # 20 minutes to 8200 are allowed and no more; 8300 is 20 km away.
    "way": ({"max_commute": 20}, {"postcode": "8300"}),
}


@pytest.mark.parametrize("what", list(CLASHES))
def test_a_class_that_does_not_fit_is_not_chosen(what: str) -> None:
    """L1 is first by id, but only L2 on Saturday morning fits."""
    c, first = CLASHES[what]
    rules = {"childcare": {"open": "mon 06:30-16:30; tue-sat 06:30-17:00"}}
    later = team("L2", blocks="sat 09:00-11:00")
    assert learning([team("L1", **first), later], c, rules=rules) == ["L2"]


def test_without_a_class_that_fits_the_class_is_the_rule_that_failed() -> None:
    """L1 meets while C1 is at work: no class of one that is needed."""
    problem = week(
        [citizen(oral=3)], [opening(oral_floor=4)], teams=[team(blocks="mon 13:15-15:00")]
    )
    (failure,) = failures(build_offers(problem).encoded, "C1", "O1")
    assert (failure.rule, failure.value, failure.limit) == ("language_class", 0, 1)


FITS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # the same, moved by the quarter, level or minute that makes it fit
    "shift": ({}, {"blocks": "mon 13:30-15:00"}),
    "own class": ({"class_blocks": "mon 18:00-18:30"}, {}),
    "treatment": ({"treatment_blocks": "mon 15:00-16:00"}, {}),
    "other": ({"other_blocks": "mon 18:00-18:15"}, {}),
    "care": ({"youngest_child": 3}, {"blocks": "mon 14:30-16:30"}),
    "no child": ({"youngest_child": 6}, {}),
    "partner": ({"youngest_child": 3, "partner_can_care": True}, {}),
    "own care": (
        {"youngest_child": 3, "care_blocks": "mon 06:00-18:00; tue-sat 06:00-18:00"},
        {},
    ),
    "level": ({}, {"level_from": 3, "level_to": 3}),
    "way": ({"max_commute": 20}, {"postcode": "8200"}),
}


@pytest.mark.parametrize("what", list(FITS))
def test_a_class_that_just_fits_is_chosen(what: str) -> None:
    """No buffer between a class and other fixed times, no way added to the care of the child."""
    c, changes = FITS[what]
    assert learning([team("L1", **changes)], c) == ["L1"]


def test_a_seat_in_use_is_not_offered() -> None:
    """Two seats, one of them taken by C2, who is placed: one is left. With one seat, none."""
    running = [
        Running(citizen_id="C2", opening_id="O2", measure="ordinary", start=TODAY, team_id="L1")
    ]
    for seats, expected in ((2, ["L1"]), (1, [])):
        problem = week(
            [citizen("C1", oral=3), citizen("C2")],
            [opening("O1", oral_floor=4), opening("O2")],
            teams=[team(seats=seats)],
            running=running,
        )
        assert [offer.team for offer in offers(problem) if offer.opening == "O1"] == expected


def test_reading_alone_asks_for_a_class_too_chosen_by_spoken_danish() -> None:
    """One level of reading short: the class must suit the level spoken, 5."""
    people, jobs = [citizen(oral=5, reading=2)], [opening(reading_floor=3)]
    assert only(week(people, jobs, teams=[team(level_from=5)])).team == "L1"
    assert offers(week(people, jobs, teams=[team(level_to=4)])) == []


def test_the_opening_may_allow_a_wider_gap_than_the_policy_or_none() -> None:
    """`language_gap_ok` takes the place of the policy's one level."""
    for oral, gap, count in ((1, 3, 1), (1, 2, 0), (3, 0, 0), (3, None, 1)):
        problem = week(
            [citizen(oral=oral)], [opening(oral_floor=4, language_gap_ok=gap)], teams=[team()]
        )
        assert len(offers(problem)) == count, (oral, gap)


def test_each_measure_has_its_own_offer_with_each_class() -> None:
    """Two measures, two classes: four offers."""
    problem = week(
        [citizen(oral=3)],
        [opening(oral_floor=4, measures="ordinary;work_practice")],
        teams=[team("L1"), team("L2", blocks="tue 16:00-18:00")],
    )
    assert [(offer.measure, offer.team) for offer in offers(problem)] == [
        ("ordinary", "L1"),
        ("ordinary", "L2"),
        ("work_practice", "L1"),
        ("work_practice", "L2"),
    ]


# ------------------------------------------------------------------------------ short courses


def attending(*courses: Course, o: dict[str, Any] | None = None, **more: Any) -> list[Offer]:
    """Offers of C1 at O1, which asks for a hygiene certificate."""
    job = opening(**{"papers": "hygiene", **(o or {})})
    return offers(week(openings=[job], courses=courses, **more))


def test_courses_are_weighed_earliest_first_then_by_id_and_capped() -> None:
    """K4 in 3 days, then K2 and K3 in 5, K1 in 9; the policy weighs four, or fewer."""
    sessions = [
        course("K1", days=9),
        course("K3", days=5),
        course("K2", days=5),
        course("K4", days=3),
        course("K5", days=30),
    ]
    found = [offer.courses for offer in attending(*sessions)]
    assert found == [("K4",), ("K2",), ("K3",), ("K1",)]
    two = {"papers": {"courses_per_offer": 2}}
    assert [offer.courses for offer in attending(*sessions, rules=two)] == [("K4",), ("K2",)]


def test_the_start_waits_for_the_course() -> None:
    """The paper must be in hand first; a paper in hand before the first day delays nothing."""
    found = attending(course("K1", days=12), course("K2", days=0))
    assert [(offer.courses, offer.start) for offer in found] == [
        (("K2",), TODAY + IN(1)),
        # Day 12 is a Saturday: Monday.
        (("K1",), TODAY + IN(14)),
    ]


def test_a_course_must_be_in_time_and_have_a_seat() -> None:
    """Work must start by day 20, a Sunday: the session of Friday will do, Saturday's not."""
    sessions = [course("K1", days=3, seats=0), course("K2", days=18), course("K3", days=19)]
    found = attending(*sessions, o={"start_to": TODAY + IN(20)})
    assert [offer.courses for offer in found] == [("K2",)]


def test_a_course_is_for_those_who_lack_the_paper() -> None:
    """In order or under way: no seat is taken; under way takes 3 days."""
    for status, days in (("cleared", 1), ("pending", 3)):
        problem = week(
            [citizen(paper_hygiene=status)], [opening(papers="hygiene")], courses=[course("K1")]
        )
        offer = only(problem)
        assert offer.courses == ()
        assert offer.start == TODAY + IN(days)


def test_a_paper_nobody_asks_for_takes_no_course() -> None:
    """C1 lacks the certificate, O1 does not want it."""
    assert only(week(courses=[course("K1")])).courses == ()


def test_two_missing_papers_take_two_courses_at_once() -> None:
    """Each session of one with each of the other; the start waits for the later of the two."""
    found = attending(
        course("K1", days=4, cost=800),
        course("K2", days=8, cost=700),
        course("K8", "first_aid", days=6, cost=300),
        course("K9", "first_aid", days=2, cost=400),
        o={"papers": "hygiene;first_aid"},
    )
    assert sorted((offer.courses, offer.start, offer.cost["courses"]) for offer in found) == [
        (("K1", "K8"), TODAY + IN(7), 1100),  # ready on a Sunday
        (("K1", "K9"), TODAY + IN(4), 1200),
        (("K2", "K8"), TODAY + IN(8), 1000),
        (("K2", "K9"), TODAY + IN(8), 1100),
    ]


def test_one_of_two_papers_without_a_course_leaves_nothing() -> None:
    """Hygiene alone does not make the match."""
    assert attending(course("K1"), o={"papers": "hygiene;first_aid"}) == []


# ------------------------------------------------------------------------------ mentors


def guided(
    *pools: MentorPool,
    c: dict[str, Any] | None = None,
    o: dict[str, Any] | None = None,
    **more: Any,
) -> list[tuple[str | None, int]]:
    """Pool and mentor minutes of each offer of C1, who needs two hours, at O1."""
    problem = week(
        [citizen(**{"mentor_hours": 2, **(c or {})})],
        [opening(**(o or {}))],
        [workplace("W1"), workplace("W2")],
        mentor_pools=pools,
        **more,
    )
    return [(offer.pool, offer.mentor) for offer in offers(problem)]


def test_the_workplaces_pool_and_the_municipalitys_both_make_an_offer() -> None:
    """The workplace's first; a pool of another workplace serves nobody here."""
    found = guided(pool("P1"), pool("P2", workplace_id="W1"), pool("P3", workplace_id="W2"))
    assert found == [("P2", 120), ("P1", 120)]


def test_a_pool_too_small_makes_none() -> None:
    """Two hours are just enough; a quarter less is not."""
    assert guided(pool("P1", 1.75), pool("P2", 2), pool("P3", 0)) == [("P2", 120)]
    assert guided(pool("P1", 1.75)) == []


def test_pools_are_not_added_together() -> None:
    """Two mentors of one hour each are not two hours of one who knows you."""
    assert guided(pool("P1", 1), pool("P2", 1)) == []


def test_the_workplaces_own_hours_reduce_the_need() -> None:
    """Of two hours the workplace gives 1.25; 45 minutes are left, or nothing at all."""
    assert guided(pool("P1", 0.75), o={"mentor_hours": 1.25}) == [("P1", 45)]
    assert guided(pool("P1"), o={"mentor_hours": 2}) == [(None, 0)]
    assert guided(o={"mentor_hours": 5}) == [(None, 0)]


def test_what_running_placements_use_is_gone() -> None:
    """Three hours, of which C2 uses 1.25: two are not left."""
    problem = week(
        [citizen("C1", mentor_hours=2), citizen("C2")],
        [opening(seats=2)],
        mentor_pools=[pool("P1", 3)],
        running=[
            Running(
                citizen_id="C2",
                opening_id="O1",
                measure="ordinary",
                start=TODAY,
                pool_id="P1",
                mentor_hours=1.25,
            )
        ],
    )
    assert offers(problem) == []


@pytest.mark.parametrize(
    ("municipality", "expected"),
    [
        # P1 serves 751, P2 serves 461, P3 names none and serves all.
        ("751", ["P1", "P3"]),
        ("461", ["P2", "P3"]),
        ("101", ["P3"]),
        # A citizen without a municipality fits all.
        (None, ["P1", "P2", "P3"]),
    ],
)
def test_pools_serve_the_citizens_of_their_municipality(
    municipality: str | None, expected: list[str]
) -> None:
    """An empty field on either side fits all."""
    pools = (
        pool("P1", municipality="751"),
        pool("P2", municipality="461"),
        pool("P3"),
    )
    found = guided(*pools, c={"municipality": municipality})
    assert [name for name, _ in found] == expected


def test_a_workplaces_pool_serves_whoever_works_there() -> None:
    """Whatever municipality it names: it is the workplace that has the hours."""
    mine = pool("P1", workplace_id="W1", municipality="461")
    assert guided(mine, c={"municipality": "751"}) == [("P1", 120)]


def test_classes_courses_and_pools_are_combined() -> None:
    """Two classes x two courses x two pools: eight offers, all different."""
    problem = week(
        [citizen(oral=3, mentor_hours=1)],
        [opening(oral_floor=4, papers="hygiene")],
        teams=[team("L1"), team("L2", blocks="tue 16:00-18:00")],
        courses=[course("K1"), course("K2", days=9)],
        mentor_pools=[pool("P1"), pool("P2")],
    )
    found = [(offer.team, offer.courses, offer.pool) for offer in offers(problem)]
    assert len(found) == len(set(found)) == 8
