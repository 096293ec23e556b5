"""Small weeks and the plain way to solve them: tables changed, formulated afresh, all columns.

What an explanation says is held against this: nothing here shares code with it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from matcher.engine import Options, Program
from matcher.engine import solve as solve_program
from matcher.formulation import Model, formulate
from matcher.offers import OfferBook, build_offers
from matcher.problem import Problem, as_frame
from matcher.records import TABLES
from matcher.solve import Solution, solve
from scenarios.population import Population, problem

DIRECT = Options(method="direct")
SEEDS = (2, 3, 11)
Formulated = tuple[OfferBook, Model]


@cache
def small_week(seed: int) -> Problem:
    """A made-up week in which people compete: 45 citizens, 8 openings."""
    return problem(Population(citizens=45, openings=8, seed=seed))


@cache
def solved_week(seed: int) -> Solution:
    """Its proven optimum."""
    solution = solve(small_week(seed))
    assert solution.plan.proven, solution.plan.detail
    return solution


def afresh(week: Problem, must: frozenset[str] = frozenset()) -> tuple[int, int] | None:
    """Placements and fit of the optimum of a week, solved the plain way; None: no plan.

    Parameters
    ----------
    must
        Citizens who have to be placed.
    """
    program = with_served(formulated(week), must)
    answer = solve_program(program.replace(gains=program.gains[:2]), DIRECT)
    if not answer.has_selection:
        return None
    assert all(tier.proven for tier in answer.tiers)
    return answer.values[0], answer.values[1]


def can_be(week: Formulated, must: frozenset[str]) -> bool:
    """Whether there is a plan of a week in which some citizens are placed, whatever its worth."""
    program = with_served(week, must)
    return solve_program(program.replace(gains=0 * program.gains[:1]), DIRECT).has_selection


def with_served(week: Formulated, must: frozenset[str]) -> Program:
    """The program of a week in which some citizens have to be placed."""
    book, model = week
    program = model.program
    served = np.zeros(program.n_groups, dtype=np.bool_)
    if program.exactly_one is not None:
        served |= program.exactly_one
    served |= np.isin(book.encoded.citizens.ids.astype(str), sorted(must))
    return program.replace(exactly_one=served)


def formulated(week: Problem) -> Formulated:
    book = build_offers(week)
    return book, formulate(book)


def with_rows(week: Problem, name: str, **columns: str) -> Problem:
    """The week with one more row in a table."""
    fresh = as_frame(TABLES[name], {key: [value] for key, value in columns.items()})
    both = pd.concat([week[name], fresh]) if len(week[name]) else fresh
    keys = list(TABLES[name].key)
    return week.with_tables(**{name: both.sort_values(keys, ignore_index=True)})


def locked(week: Problem, citizen: str, opening: str) -> Problem:
    return with_rows(week, "locks", citizen_id=citizen, opening_id=opening)


def forbidden(week: Problem, citizen: str, opening: str) -> Problem:
    return with_rows(week, "forbids", citizen_id=citizen, opening_id=opening, reason="other")


def more_of(week: Problem, rule: str, key: str, units: int) -> Problem:
    """The week with more of one resource, in its table (mentor hours in minutes)."""
    if rule == "budget":
        from matcher.policy import override_of

        left = week.policy.money.budgets[key] + units
        return week.replace(policy=override_of(week.policy, {"money": {"budgets": {key: left}}}))
    table, column = {
        "opening_seats": ("openings", "seats"),
        "team_seats": ("teams", "seats"),
        "mentor_hours": ("mentor_pools", "hours"),
        "course_seats": ("courses", "seats"),
        "caseload": ("caseworkers", "capacity"),
        "workplace_intake": ("workplaces", "intake_per_week"),
    }[rule]
    frame = week[table].copy()
    at = frame[TABLES[table].key[0]] == key
    assert at.sum() == 1
    amount = units / 60 if rule == "mentor_hours" else units
    frame.loc[at, column] = frame.loc[at, column] + amount
    return week.with_tables(**{table: frame})


def placed(solution: Solution) -> frozenset[str]:
    return frozenset(one.citizen_id for one in solution.plan.placements)


def base(solution: Solution) -> tuple[int, int]:
    return solution.plan.value("placements"), solution.plan.value("fit")
