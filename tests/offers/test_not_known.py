"""What is not known in offers, in the check of a plan, in scenarios and in stored inputs."""

from __future__ import annotations

import pytest

from matcher.ledger.inputs import packed, unpacked
from matcher.offers import build_offers
from matcher.policy import override_of
from matcher.problem import Problem
from matcher.records import Citizen, Opening
from matcher.solve import solve
from matcher.verify import verify
from matcher.verify.facts import with_care
from scenarios.patch import apply, read_text
from tests.test_verify.world import World, named
from tests.weeks import ABLE, TODAY, citizen, opening, policy, week

HEAVY = {"demand_lift": 3}


def possible(problem: Problem) -> int:
    """Number of offers."""
    return len(build_offers(problem).offers)


@pytest.mark.parametrize(
    ("known", "unknown", "job"),
    [
        ({"oral": 4}, {"oral": None}, {"oral_floor": 4}),
        ({"reading": 4}, {"reading": None}, {"reading_floor": 4}),
        ({"capacity_hours": 10}, {"capacity_hours": None}, {"hours_min": 10}),
        ({"capacity_hours_day": 4}, {"capacity_hours_day": None}, {"hours_min": 20}),
        ({"limit_lift": 3, "must_limits": "lift"}, {"limit_lift": None, "must_limits": "lift"},
         HEAVY),
        ({"limit_lift": 1, "must_limits": "stand"}, {"limit_lift": 1, "must_limits": None}, HEAVY),
        ({"limit_lift": 3}, {"limit_lift": None, "must_limits": None}, HEAVY),
        ({"single_provider": False}, {"single_provider": None}, {"shifts": "mon-fri 17:00-21:00"}),
        ({"paper_child_record": "cleared"}, {"paper_child_record": None},
         {"papers": "child_record"}),
        ({"mentor_hours": 0}, {"mentor_hours": None}, {}),
    ],
)  # fmt: skip
def test_a_citizen_of_whom_it_is_not_known_is_not_sent_where_it_is_needed(
    known: dict[str, object], unknown: dict[str, object], job: dict[str, object]
) -> None:
    """The same job is possible for one of whom it is known."""
    assert possible(week((citizen(**known),), (opening(**job),)))
    assert not possible(week((citizen(**unknown),), (opening(**job),)))


@pytest.mark.parametrize(
    ("column", "person"),
    [
        ("oral_floor", {"oral": 3}),
        ("reading_floor", {"reading": 3}),
        ("hours_min", {"capacity_hours": 15}),
        ("demand_lift", {"limit_lift": 1, "must_limits": "lift"}),
    ],
)
def test_a_job_of_which_it_is_not_known_what_it_asks_for_is_not_easy(
    column: str, person: dict[str, object]
) -> None:
    """It is taken to ask for the most; for hours, for what it offers (20)."""
    assert possible(week((citizen(**person),), (opening(),)))
    assert not possible(week((citizen(**person),), (opening(**{column: None}),)))
    assert possible(week((citizen(),), (opening(**{column: None}),)))


def test_a_wish_that_is_not_known_weighs_and_does_not_bar() -> None:
    """The limits that are absolute are known, and lifting is not among them."""
    fits = [
        build_offers(week((citizen(limit_lift=limit),), (opening(**HEAVY),))).offers.fit.tolist()
        for limit in (3, 0, None)
    ]
    assert fits[2] == fits[1] < fits[0]


SUBSIDY = {"measures": "wage_subsidy_public"}


def test_months_are_waived_for_known_single_providers_alone() -> None:
    """Not known keeps odd hours away like yes, and waives nothing like no; the check agrees."""
    for single, count in ((True, 1), (False, 0), (None, 0)):
        problem = week((citizen(single_provider=single),), (opening(**SUBSIDY),))
        assert possible(problem) == count, single
    waived = World().but(
        citizen={"single_provider": None},
        opening=SUBSIDY,
        placement={"measure": "wage_subsidy_public"},
    )
    assert "prior_benefit" in {rule for rule, *_ in named(waived.found())}
    known = waived.but(citizen={"single_provider": True})
    assert "prior_benefit" not in {rule for rule, *_ in named(known.found())}


def test_the_check_takes_the_careful_values_by_itself() -> None:
    """Whatever stands in the cells of a row that says it is not known."""
    row = Citizen(
        citizen_id="C1", category="job_ready", age=30, postcode="8000",
        **{**ABLE, "unknown": "limit_lift;must_limits"},
    )  # fmt: skip
    counted = with_care(row, policy())
    assert (row.limit_lift, counted.limit_lift) == (3, 0)
    assert "lift" in counted.must_limits
    job = opening(hours_max=12, unknown="hours_min")
    assert isinstance(job, Opening)
    assert with_care(job, policy()).hours_min == 12
    found = World().but(citizen={"oral": None}, opening={"oral_floor": 3}).found()
    assert ("language_oral", 0, 2) in [(rule, *values) for rule, _, *values in named(found)]
    legal = week((citizen("C1", oral=None), citizen("C2", limit_lift=None)), (opening(seats=2),))
    assert verify(legal, solve(legal).plan) == ()


def test_a_scenario_that_sets_a_value_makes_it_known() -> None:
    """Of the rows it changes; the others stay as they are."""
    problem = week((citizen("C1", oral=None, reading=None), citizen("C2", oral=None)))
    text = """
[scenario.spoken]
title = { en = "spoken", da = "talt" }
[[scenario.spoken.change]]
table = "citizens"
where = { citizen_id = "C1" }
set = { oral = 4 }
"""
    changed = apply(problem, read_text(text, "my.toml").scenarios["spoken"]).problem
    assert changed["citizens"]["oral"].tolist() == [4, 0]
    assert changed["citizens"]["unknown"].tolist() == ["reading", "oral"]


def test_what_is_not_known_is_stored_and_follows_the_policy() -> None:
    """A stored input is read back equal; another value for unknown cells is another answer."""
    problem = week((citizen("C1", oral=None),), (opening(oral_floor=3),))
    frame = unpacked("citizens", packed(problem["citizens"])[1])
    assert problem.with_tables(citizens=frame).digest() == problem.digest()
    bold = override_of(problem.policy, {"unknown": {"citizens": {"oral": 3}}})
    assert not possible(problem)
    assert possible(problem.replace(policy=bold))
    assert problem.today == TODAY
