"""A simulated year: its stream, its books, the same luck for every way to plan, null worlds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

from matcher.errors import OptionError
from matcher.objectives import Objectives
from matcher.policy import override_of
from matcher.problem import Problem
from matcher.solve import solve
from scenarios.population import Population
from scenarios.population.stream import Pace, stream
from scenarios.year import Year, YearSpec, assumed, simulate, year_assumptions
from scenarios.year.luck import NEVER, Chance, weeks_until
from scenarios.year.pairs import interval, paired
from scenarios.year.simulate import found_town
from scenarios.year.town import FOLLOWED, HeldPlacement, Town
from scenarios.year.ways import Chosen, choose

PLACE = Population(citizens=50, openings=12, seed=4)
SPEC = YearSpec(PLACE, weeks=4, citizens_a_week=3, openings_a_week=2)
PLENTY = Population(
    citizens=50, openings=12, seed=4, class_seats=100, mentor_hours=100, budgets=1000
)


def like(**changes: Any) -> YearSpec:
    """The small year with changes."""
    return YearSpec(**{**vars(SPEC), **changes})


@cache
def lived(way: str) -> Year:
    """The small year, planned one way."""
    return simulate(like(way=way))


def test_who_comes_does_not_depend_on_what_was_seen_before() -> None:
    """And the first week is the municipality as it is made."""
    short = stream(PLACE, 5, Pace(3, 2), before=0)
    assert Counter(short.citizen_week.tolist())[0] == 50
    coming = short.citizen_week[short.citizen_week > 0]
    assert set(coming.tolist()) <= {1, 2, 3, 4}
    assert 6 <= len(coming) <= 18
    more = stream(PLACE, 5, Pace(3, 2), before=4)
    assert set(more.citizen_week[more.citizen_week < 0].tolist()) <= {-4, -3, -2, -1}
    assert len(more.tables["teams"]) == len(short.tables["teams"])
    fewer = stream(PLACE, 30, Pace(3, 2, 0.0), factor=0.5)
    assert (fewer.citizen_week > 0).sum() == pytest.approx(0.5 * 3 * 29, abs=2)


def test_dates_of_those_who_come_are_those_of_their_week() -> None:
    come = stream(PLACE, 5, Pace(3, 4), before=0)
    late = come.tables["openings"]["start_from"][come.opening_week == 4]
    assert (late >= np.datetime64(PLACE.today + dt.timedelta(weeks=4), "s")).all()


def test_something_that_happens_to_a_share_each_week() -> None:
    """Its mean is one by the share, and it never happens without one."""
    after = [weeks_until(Chance(1)("x", str(at)), 0.2) for at in range(4000)]
    assert np.mean(after) == pytest.approx(5, rel=0.05)
    assert weeks_until(0.5, 0) == NEVER
    assert weeks_until(0.99, 1) == 1


def test_the_books_balance_every_week() -> None:
    """Nobody is in two places, no seat, mentor minute or class is used twice, all who start came.

    The week's own rows are asked for what is left; the books are added up apart from them.
    """
    town = found_town(SPEC)
    started = 0
    for _ in range(SPEC.weeks):
        town.turn()
        problem = town.problem()
        chosen = choose("exact", town, problem)
        town.decide(chosen.solution.plan, chosen.lasting)
        started += town.book.started
        people = [one.citizen for one in town.held]
        assert len(people) == len(set(people))
        assert (town.stream.citizen_week[people] <= town.number).all()
        seats = Counter(one.opening for one in town.held)
        assert all(count <= town.openings["seats"].iloc[at] for at, count in seats.items())
        minutes: Counter[Any] = Counter()
        for one in town.held:
            minutes[one.pool] += one.minutes if one.pool else 0
        hours = dict(zip(problem["mentor_pools"]["pool_id"],
                         problem["mentor_pools"]["hours"], strict=True))  # fmt: skip
        assert all(used <= 60 * hours[pool] for pool, used in minutes.items() if pool)
        classes = Counter(one.team for one in town.held if one.team)
        there = dict(zip(problem["teams"]["team_id"], problem["teams"]["seats"], strict=True))
        assert all(used <= there[name] for name, used in classes.items())
        spent: Counter[str] = Counter()
        for one in town.held:
            spent.update(one.cost)
        budgets = town.policy.money.budgets
        assert all(spent[line] <= budgets[line] for line in spent)
        assert town.book.proposals == (
            town.book.accepted + town.book.rejected + town.book.undecided
        )
    over = sum(one.ended.total() for one in town.books)
    assert started - over == sum(one.begun for one in town.held)
    assert started > 0


def test_what_was_declined_is_barred_and_what_was_left_open_is_kept() -> None:
    """By the ledger's rules: a forbid for the reason's weeks, an earlier proposal for a week."""
    town = found_town(like(figures={"accepted": 0.0, "undecided": 0.5}))
    town.turn()
    chosen = choose("exact", town, town.problem())
    town.decide(chosen.solution.plan, chosen.lasting)
    assert town.book.accepted == 0
    town.turn()
    problem = town.problem()
    reasons = town.policy.forbid_reasons.codes
    assert len(problem["forbids"]) == len(town.barred) > 0
    for row in town.barred:
        rule = reasons[row["reason"]]
        assert row["until"] == PLACE.today + dt.timedelta(weeks=rule.weeks)
        assert (row["workplace_id"] is not None) == (rule.bars == "workplace")
    assert len(problem["previous"]) > 0
    again = solve(problem).plan
    pairs = {(one.citizen_id, one.opening_id) for one in again.placements}
    assert not pairs & {(row["citizen_id"], row["opening_id"]) for row in town.barred}


def test_the_same_question_has_the_same_answer() -> None:
    assert simulate(SPEC).to_dict() == lived("exact").to_dict()
    assert like(seed=1).digest() != SPEC.digest()
    assert Year.from_dict(lived("exact").to_dict()) == lived("exact")


@pytest.mark.parametrize(
    "section",
    [{"horizon": {"week_points": 399}}, {"declines": {"accepted_percent": 61}},
     {"travel": {"hard_minutes": 80}}],
)  # fmt: skip
def test_a_year_under_other_rules_is_another_year(
    monkeypatch: pytest.MonkeyPatch, section: dict[str, Any]
) -> None:
    """What is kept under the name of a question is not read where the rules have changed since."""
    before = SPEC.digest()
    simulate_room = importlib.import_module("scenarios.year.simulate")
    rules = simulate_room.policy_of_year(SPEC)
    monkeypatch.setattr(simulate_room, "policy_of_year", lambda _: override_of(rules, section))
    assert SPEC.digest() != before
    monkeypatch.undo()
    assert SPEC.digest() == before
    monkeypatch.setattr(
        simulate_room, "assumed", lambda figures: {**assumed(figures), "no_show": 0}
    )
    assert SPEC.digest() != before


def test_ways_live_through_the_same_year() -> None:
    """The same people come and go whatever is planned, and every way places as many at first."""
    exact, prices, plain = (lived(way) for way in ("exact", "prices", "plain"))
    assert exact.weeks[0]["waiting"] == prices.weeks[0]["waiting"] == plain.weeks[0]["waiting"]
    assert exact.weeks[0]["proposals"] == prices.weeks[0]["proposals"]
    assert exact.weeks[0]["proposals"] == plain.weeks[0]["proposals"]
    assert max(one["priced"] for one in prices.weeks) > 0
    assert not any(one["priced"] for one in exact.weeks)


def test_where_nothing_is_scarce_prices_change_nothing_at_all() -> None:
    """A null world: mentors, classes and money in plenty; not nearly equal but equal."""
    exact, prices = (simulate(like(population=PLENTY, way=way)) for way in ("exact", "prices"))
    assert prices.weeks == exact.weeks
    assert all(one["priced"] == 0 for one in prices.weeks)
    assert exact.totals["starts"] > 0
    assert paired("fit", [exact] * 3, [prices] * 3).difference == 0


def test_a_years_budget_is_never_overdrawn_and_a_new_year_has_its_own() -> None:
    """Paid and promised stay within it week by week; it ends in the third week of the year."""
    ends = PLACE.today + dt.timedelta(weeks=2, days=1)
    most, new = 60_000, 900_000
    money = {"year_budgets": {"mentors": most}, "new_year_budgets": {"mentors": new},
             "year_ends": f"{ends:%m-%d}"}  # fmt: skip
    town = found_town(like(policy={"money": {**found_town(SPEC).policy.money.model_dump(
        include={"budgets"}), **money}}))  # fmt: skip
    left, free = [], found_town(SPEC)
    for number in range(5):
        town.turn()
        problem = town.problem()
        left.append(problem.policy.money.year_budgets["mentors"])
        ahead = town.ahead(problem, {}, 3).left
        assert ahead["year_budget[mentors]"].tolist() == left[-1:], "what is priced is what is left"
        assert town.paid["mentors"] + left[-1] <= (most if number < 3 else new)
        chosen = choose("exact", town, problem)
        used = [row.used for row in chosen.solution.plan.rows if row.rule == "year_budget"]
        assert used[0] <= left[-1]
        town.decide(chosen.solution.plan, chosen.lasting)
        free.turn()
        week = free.problem()
        assert not week.policy.money.year_budgets
        free.decide(*((one := choose("exact", free, week)).solution.plan, one.lasting))
    assert left[0] == most > left[1] >= left[2] >= 0
    assert left[3] > most
    assert town.paid["mentors"] > 0
    assert free.paid == {}


def test_what_was_left_of_one_year_is_no_budget_of_the_next() -> None:
    """Nothing is said of the new year: it has no such limit, and what was paid is forgotten."""
    ends = PLACE.today + dt.timedelta(days=1)
    budgets = found_town(SPEC).policy.money.model_dump(include={"budgets"})
    money = {**budgets, "year_budgets": {"mentors": 7}, "year_ends": f"{ends:%m-%d}"}
    town = found_town(like(policy={"money": money}))
    town.turn()
    assert town.problem().policy.money.year_budgets == {"mentors": 7}
    town.paid["mentors"] = 7
    town.turn()
    assert town.problem().policy.money.year_budgets == {}
    assert town.paid == {}


def test_a_years_quota_is_kept_and_a_new_year_has_its_own() -> None:
    """Who begins counts, and who is promised to; those of another year do not."""
    ends = PLACE.today + dt.timedelta(weeks=3, days=1)
    money = {"year_quotas": {"ordinary": 3}, "new_year_quotas": {"ordinary": 2},
             "year_ends": f"{ends:%m-%d}"}  # fmt: skip
    town = found_town(like(policy={"money": money}))
    began: Counter[str] = Counter()
    for _ in range(7):
        town.turn()
        problem = town.problem()
        left = problem.policy.money.year_quotas["ordinary"]
        ours = [one for one in town.held if one.measure == "ordinary"]
        this = [one for one in ours if not one.begun and (one.start <= ends) == (town.day <= ends)]
        most = 3 if town.day <= ends else 2
        assert town.began["ordinary"] + len(this) + left == most
        began[str(town.day <= ends)] += town.book.by_measure["ordinary"]
        chosen = choose("exact", town, problem)
        town.decide(chosen.solution.plan, chosen.lasting)
    assert 0 < began["True"] <= 3


def test_an_employer_that_closes_ends_its_placements() -> None:
    closing = simulate(like(closing_week=2))
    assert closing.weeks[:2] == lived("exact").weeks[:2]
    assert closing.weeks[2:] != lived("exact").weeks[2:]


def test_another_way_can_be_handed_in() -> None:
    """For benchmarks: any function from a town and a week to a plan."""

    def exact(town: Town, problem: Problem) -> Chosen:
        return choose("exact", town, problem)

    assert simulate(SPEC, plan=exact).totals == lived("exact").totals


def test_weeks_at_work_are_followed_beyond_the_end_of_the_year() -> None:
    """From the first day, until it is over or 26 weeks are; what falls away counts nothing."""
    town = found_town(SPEC)
    town.turn()
    next_week = town.day + dt.timedelta(weeks=1)
    for at, (last_week, leaves) in enumerate([(3, NEVER), (NEVER, 6), (NEVER, NEVER), (9, 1)]):
        town.held.append(HeldPlacement(
            at, at, "ordinary", "private", None, None, 0, {}, 700, 0, 1, next_week, last_week,
            leaves,
        ))  # fmt: skip
    town.turn()
    assert (town.book.started, town.book.fell_away) == (3, 1)
    assert town.book.followed == 3 + 5 + FOLLOWED


def test_luck_belongs_to_the_person_and_not_to_the_job() -> None:
    """Two towns that propose other jobs, in another order: the same people say yes, and stay."""
    towns = [found_town(SPEC), found_town(SPEC)]
    proposed = []
    for town, aim in zip(towns, ("fit", "tie_break"), strict=True):
        town.turn()
        plan = solve(town.problem(), aim=Objectives(goals=("placements", aim))).plan
        placed = plan.placements if aim == "fit" else plan.placements[::-1]
        proposed.append({one.citizen_id: one.opening_id for one in placed})
        town.decide(dataclasses.replace(plan, placements=placed), [{}] * len(placed))
    both = sorted(proposed[0].keys() & proposed[1].keys())
    assert any(proposed[0][one] != proposed[1][one] for one in both), "other jobs for the same"
    number = [{town.citizen_at[one] for one in both} for town in towns]
    held = [{one.citizen: one for one in town.held if one.citizen in mine}
            for town, mine in zip(towns, number, strict=True)]  # fmt: skip
    assert held[0].keys() == held[1].keys() != number[0]
    alike = [at for at in held[0] if held[0][at].measure == held[1][at].measure]
    assert alike
    for at in alike:
        assert held[0][at].leaves - held[0][at].begins == held[1][at].leaves - held[1][at].begins


def test_who_did_not_answer_may_answer_when_asked_again() -> None:
    """Each proposal has an answer of its own: nobody goes on without one, holding the seat."""
    town = found_town(like(figures={"accepted": 0.5, "undecided": 0.5}))
    open_first: set[tuple[str, str]] = set()
    answered = asked_again = 0
    for _ in range(6):
        town.turn()
        chosen = choose("exact", town, town.problem())
        pairs = {(one.citizen_id, one.opening_id) for one in chosen.solution.plan.placements}
        town.decide(chosen.solution.plan, chosen.lasting)
        still = {(row["citizen_id"], row["opening_id"]) for row in town.undecided}
        asked_again += len(open_first & pairs)
        answered += len((open_first & pairs) - still)
        open_first = still
    assert 0 < answered < asked_again


def test_weeks_of_a_measure_are_used_up_from_the_first_day_on() -> None:
    """Waiting for the first day uses up none of the weeks that the measure allows."""
    town = found_town(SPEC)
    town.turn()
    first = town.day + dt.timedelta(weeks=3)
    town.held.append(HeldPlacement(
        0, 0, "work_practice", "private", None, None, 0, {}, 700, 0, 3, first, 6, NEVER
    ))  # fmt: skip
    before = town.weeks_used["practice"][0]
    for _ in range(7):
        town.turn()
    assert town.held == []
    assert town.weeks_used["practice"][0] - before == 4


def test_every_assumption_says_its_range_and_its_source() -> None:
    for one in year_assumptions():
        assert one.source, one.name
        if isinstance(one.value, (int, float)):
            assert one.low <= one.value <= one.high, one.name
    reasons = assumed()["reasons"]
    assert sum(reasons.values()) == pytest.approx(1)
    assert set(reasons) <= set(found_town(SPEC).policy.forbid_reasons.codes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"figures": {"acepted": 0.5}}, "acepted"),
        ({"figures": {"accepted": 1.5}}, "1.5"),
        ({"figures": {"accepted": "all"}}, "all"),
        ({"way": "best"}, "best"),
        ({"weeks": 0}, "0"),
    ],
)
def test_what_is_asked_wrongly_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        like(**changes)


@pytest.mark.parametrize("many", [6, 8, 24])
def test_an_interval_of_few_years_holds_the_mean_as_often_as_it_says(many: int) -> None:
    """95 % of 300 draws, give or take three standard deviations; plainly drawn 87 to 94 %."""
    draws = np.random.default_rng(5).normal(0, 1, (300, many))
    ends = [interval(one) for one in draws]
    held = sum(low is not None and high is not None and low <= 0 <= high for low, high in ends)
    assert 0.912 <= held / len(ends) <= 0.988


def test_differences_are_of_pairs_with_an_interval_and_a_worst_year() -> None:
    def year(starts: float) -> Year:
        return Year({}, (), {"starts": starts})

    before = [year(10), year(20), year(30)] * 2
    after = [year(12), year(21), year(33)] * 2
    found = paired("starts", before, after)
    assert (found.difference, found.worst, found.clear) == (2, 1, 1)
    assert found.low is not None
    assert 1 <= found.low <= 2 <= (found.high or 0) <= 3
    few = paired("starts", before[:5], after[:5])
    assert (few.low, few.clear) == (None, 0), "more in each of five years may be chance"
    assert paired("starts", before, before).clear == 0
