"""The ready scenarios: each says what it is, changes a week, and is solved warm as from nothing."""

from __future__ import annotations

import datetime as dt
from importlib import resources

import pytest

from matcher.again import Earlier, earlier_of
from matcher.offers import build_offers
from matcher.problem import Problem
from matcher.solve import solve
from matcher.verify import verify
from scenarios.patch import WhatIfError, apply, library, parameters_of, read_text
from scenarios.population import Population, problem
from tests.volume import daily

NAMES = sorted(library().scenarios)
ASKED = {
    # What a municipality asks, and the ready scenario that answers.
    "more mentors": "more_mentor_hours",
    "one more class in the evening": "evening_class",
    "one more class in the morning": "morning_class",
    "on-site Danish": "on_site_danish",
    "language floor lowered by one in welfare jobs": "lower_language_floor",
    "shifts that fit childcare": "childcare_shifts",
    "more part-time seats": "part_time_seats",
    "more private wage-subsidy places": "private_wage_subsidy",
    "twenty private openings": "private_openings",
    "ratio cap lifted": "ratio_cap_lifted",
    "hygiene courses": "hygiene_courses",
    "longer commute by better transport": "better_transport",
    "a large employer closing": "large_employer_closes",
    "an inflow of 200 citizens": "inflow",
    "more starts a week at workplaces": "more_starts",
    "budget cut by a fifth": "budget_cut",
    "the law before 1 July 2025": "law_before_july_2025",
    "the law after 1 July 2025": "law_after_july_2025",
    "the act expected on 1 January 2027": "law_expected_2027",
}
BEFORE_REFORM = dt.date(2025, 6, 23)
OF_OLD_WEEKS = {"law_after_july_2025"}
"""Scenarios that ask about weeks before the reform of 1 July 2025."""


@pytest.fixture(scope="module")
def aarhus() -> dict[bool, Problem]:
    """The made-up Aarhus week, and one from before the reform."""
    return {False: problem(), True: problem(Population(today=BEFORE_REFORM))}


@pytest.fixture(scope="module")
def busy() -> list[tuple[Problem, Earlier, tuple[int, int]]]:
    """Small weeks in which something else runs out each time, solved."""
    specs = (
        Population(citizens=260, openings=50, seed=5),
        Population(citizens=220, openings=60, seed=11, class_seats=4, mentor_hours=0.5),
    )
    found = []
    for spec in specs:
        week = problem(spec)
        solution = solve(week)
        tiers = solution.plan.tiers
        found.append((week, earlier_of(solution), (tiers[0].value, tiers[1].value)))
    return found


@pytest.fixture(scope="module")
def small() -> dict[bool, tuple[Problem, Earlier]]:
    """A small week, and one from before the reform, solved."""
    weeks = {
        old: problem(Population(citizens=60, openings=50, seed=3, today=day))
        for old, day in ((False, dt.date(2026, 11, 23)), (True, BEFORE_REFORM))
    }
    return {old: (week, earlier_of(solve(week))) for old, week in weeks.items()}


def test_every_question_has_its_scenario() -> None:
    assert set(ASKED.values()) <= set(NAMES)
    assert len(NAMES) >= 14


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is_in_both_languages(name: str) -> None:
    """Title, question, explanation and parameters in Danish and English, and where figures are
    from."""
    scenario = library().scenarios[name]
    for text in (scenario.title, scenario.question, scenario.explanation):
        assert text.en
        assert text.da
        assert text.en != text.da
    assert scenario.question.en.endswith("?")
    assert scenario.question.da.endswith("?")
    assert scenario.source
    for stated in parameters_of(library(), name).values():
        assert stated.text.en
        assert stated.text.da
        assert stated.from_ is not None
        assert stated.to is not None
        assert stated.step is not None
        assert stated.from_ <= stated.default <= stated.to


@pytest.mark.parametrize("name", NAMES)
def test_one_file_each(name: str) -> None:
    """Named like the scenario in it."""
    text = resources.files("scenarios").joinpath("library", f"{name}.toml").read_text("utf-8")
    assert list(read_text(text, name, alone=True).scenarios) == [name]


@pytest.mark.parametrize("name", NAMES)
def test_it_changes_the_aarhus_week(name: str, aarhus: dict[bool, Problem]) -> None:
    """And says how."""
    week = aarhus[name in OF_OLD_WEEKS]
    applied = apply(week, library().scenarios[name])
    assert applied.problem.digest() != week.digest()
    assert applied.changes
    assert all(change.old != change.new for change in applied.changes)


@pytest.mark.parametrize("name", NAMES)
def test_every_range_it_states_can_be_tried(name: str, aarhus: dict[bool, Problem]) -> None:
    """The least and the largest value of each parameter make a week, too."""
    week = aarhus[name in OF_OLD_WEEKS]
    for key, stated in parameters_of(library(), name).items():
        for value in (stated.from_, stated.to):
            apply(week, library().scenario(name, **{key: value}))


@pytest.mark.parametrize("name", daily(8, sorted(NAMES, key=lambda name: NAMES.index(name) % 3)))
def test_it_is_solved_warm_as_from_nothing(
    name: str, small: dict[bool, tuple[Problem, Earlier]]
) -> None:
    """The same proposals to the last cell, verified by the independent check."""
    week, earlier = small[name in OF_OLD_WEEKS]
    changed = apply(week, library().scenarios[name]).problem
    warm, cold = earlier.solve(changed), solve(changed)
    assert warm.plan.tiers == cold.plan.tiers
    assert warm.plan.placements == cold.plan.placements
    assert not verify(changed, warm.plan)


def adding() -> list[str]:
    return [name for name in NAMES if library().scenarios[name].only_adds]


def test_what_adds_says_so() -> None:
    """Fourteen only add; those that move, take away or change the law do not say it."""
    assert len(adding()) == 15
    moving = {"childcare_shifts", "large_employer_closes", "budget_cut", "law_before_july_2025"}
    assert not moving & set(adding())


@pytest.mark.parametrize("at", daily(1, range(2)))
@pytest.mark.parametrize("name", daily(6, adding()))
def test_what_only_adds_lowers_nothing(
    name: str, at: int, busy: list[tuple[Problem, Earlier, tuple[int, int]]]
) -> None:
    """Never fewer placements; with as many, never less of the second goal. In several weeks."""
    week, earlier, best = busy[at]
    changed = apply(week, library().scenarios[name]).problem
    under = earlier.solve(changed).plan
    assert all(tier.proven for tier in under.tiers[:2])
    assert (under.tiers[0].value, under.tiers[1].value) >= best


def test_a_new_class_pushes_none_out_of_the_offers(
    busy: list[tuple[Problem, Earlier, tuple[int, int]]],
) -> None:
    """Every offer of the week is still there when there is one more class, at work or for all."""
    week = busy[1][0]

    def offers(problem: Problem) -> set[tuple[str, str, str, str, str]]:
        book = build_offers(problem)
        teams = [*problem["teams"]["team_id"].tolist(), ""]
        pools = [*problem["mentor_pools"]["pool_id"].tolist(), ""]
        encoded, found = book.encoded, book.offers
        measures = encoded.measures
        return {
            (
                encoded.citizens.ids[i], encoded.openings.ids[j], measures[m], teams[team],
                pools[pool],
            )
            for i, j, m, team, pool in zip(
                found.citizen.tolist(), found.opening.tolist(), found.measure.tolist(),
                found.team.tolist(), found.pool.tolist(), strict=True,
            )
        }  # fmt: skip

    before = offers(week)
    assert sum(team != "" for _, _, _, team, _ in before) > 20
    for name in ("evening_class", "on_site_danish"):
        assert before <= offers(apply(week, library().scenarios[name]).problem), name


def test_the_law_after_leaves_a_later_week_as_it_is(aarhus: dict[bool, Problem]) -> None:
    """It has that law already: no fault, and no change."""
    applied = apply(aarhus[False], library().scenarios["law_after_july_2025"])
    assert applied.changes == ()
    assert applied.problem.digest() == aarhus[False].digest()


def test_the_law_there_and_back_is_no_change_of_law(aarhus: dict[bool, Problem]) -> None:
    """Before the reform, then after it: today's rules, up to the days they hold from."""
    week = aarhus[False]
    before = apply(week, library().scenarios["law_before_july_2025"]).problem
    assert before.policy.hours_225 is not None
    assert before.policy.target_group.benefits == ("transition",)
    assert set(before["citizens"]["benefit"]) == {"transition", "cash", "other"}
    assert before.policy.on == week.policy.on


def test_money_follows_what_costs_it(aarhus: dict[bool, Problem]) -> None:
    """20 mentor hours at 320 DKK, 10 class seats at 900 DKK: what the policy says they cost."""
    week = aarhus[False]
    money = week.policy.money
    more = apply(week, library().scenario("more_mentor_hours", hours=20)).problem.policy.money
    assert more.budgets["mentors"] - money.budgets["mentors"] == 20 * money.mentor_cost_per_hour
    for name in ("evening_class", "morning_class"):
        more = apply(week, library().scenario(name, seats=10)).problem.policy.money
        assert more.budgets["classes"] - money.budgets["classes"] == 10 * money.class_cost_per_week
    more = apply(week, library().scenario("on_site_danish", workplaces=5)).problem.policy.money
    assert more.budgets["classes"] - money.budgets["classes"] == 5 * 8 * money.class_cost_per_week


def test_shifts_are_laid_inside_day_care(aarhus: dict[bool, Problem]) -> None:
    """All of them: no welfare opening of up to 15 hours is left with odd hours, and each can still
    give the hours it asks for."""
    openings = apply(aarhus[False], library().scenario("childcare_shifts", share=1)).problem[
        "openings"
    ]
    moved = openings[openings["shifts"] == "mon-fri 12:30-15:30"]
    assert len(moved) >= 10
    assert (moved["hours_min"] <= 15).all()
    with pytest.raises(WhatIfError, match="empty selection"):
        apply(aarhus[False].with_tables(openings=openings), library().scenarios["childcare_shifts"])
