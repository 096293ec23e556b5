"""Random small weeks: the optimum by trying everything, and how it must change."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.plan import Plan, Tier
from matcher.problem import Problem
from matcher.records import (
    Caseworker,
    Course,
    MentorPool,
    Record,
)
from matcher.solve import Solution, solve
from matcher.verify import verify
from tests.test_solve import solved
from tests.volume import daily
from tests.weeks import TODAY, citizen, opening, team, week, workplace


def random_week(seed: int) -> Problem:
    """A tiny week in which every kind of row can bind."""
    draw = np.random.default_rng(seed)

    def one_of(*choices: Any) -> Any:
        return choices[draw.integers(len(choices))]

    people = [
        citizen(
            f"C{k}",
            oral=int(one_of(1, 2, 3)),
            mentor_hours=float(one_of(0, 0, 1, 2)),
            benefit=one_of("minimum_rate", "raised_rate"),
            benefit_months=12,
            wishes=one_of("", "9112", "9333"),
            limit_lift=int(one_of(1, 3)),
            must_limits=one_of("", "lift"),
            caseworker_id=one_of("S1", "S2"),
            paper_hygiene=one_of("missing", "cleared"),
            household_id=one_of(None, "H1") if k < 2 else None,
            youngest_child=2,
            partner_can_care=bool(k >= 2),
            weeks_waiting=int(draw.integers(100)),
        )
        for k in range(4)
    ]
    jobs = [
        opening(
            f"O{k}",
            workplace_id=one_of("W1", "W2"),
            isco=one_of("9112", "9333"),
            seats=int(one_of(1, 1, 2)),
            oral_floor=int(one_of(1, 2, 3)),
            demand_lift=int(one_of(0, 2)),
            papers=one_of("", "", "hygiene"),
            measures=one_of("ordinary", "work_practice", "nytteindsats;work_practice"),
            shifts=one_of("mon-fri 09:00-13:00", "mon-wed 14:00-19:00"),
        )
        for k in range(3)
    ]
    more: dict[str, list[Record]] = {
        "teams": [
            team("L1", seats=1, blocks="thu 18:00-20:00", postcode="8000"),
            team("L2", seats=1, blocks="mon 14:00-15:00", postcode="8200"),
        ],
        "mentor_pools": [
            MentorPool(pool_id="P1", hours=2),
            MentorPool(pool_id="P2", hours=1, workplace_id="W1"),
        ],
        "courses": [Course(course_id="K1", paper="hygiene", seats=1, ready_on=TODAY, cost=900)],
        "caseworkers": [
            Caseworker(caseworker_id="S1", capacity=int(one_of(1, 2))),
            Caseworker(caseworker_id="S2", capacity=1),
        ],
    }
    places = [
        workplace("W1", ordinary_staff=4),
        workplace("W2", employer_id="E2", intake_per_week=int(one_of(1, 2))),
    ]
    rules = {
        "money": {"budgets": {"mentors": int(one_of(320, 960)), "classes": 900}},
        "tiers": {"priority_step_weeks": int(one_of(0, 26))},
    }
    return week(people, jobs, places, rules=rules, **more)


def best_by_enumeration(solution: Solution) -> tuple[int, int]:
    """Best value over all selections of offers that the independent verifier calls legal.

    Uses the offers and their gains, but nothing of the formulation's rows: legality is the
    verifier's word. Nothing is asked of these weeks but limits, so what holds two offers that
    cannot be chosen together is not legal either and need not be looked at.
    """
    from matcher.solve import placements_of

    book, gains = solution.book, solution.model.program.gains

    def legal(kept: Sequence[int]) -> bool:
        offers = np.array(kept, dtype=np.int64)
        tiers = tuple(
            Tier(name, amount, amount, proven=True)
            for name, amount in zip(("placements", "fit"), worth(kept), strict=True)
        )
        plan = Plan(placements_of(book, solution.model, offers), tiers, "optimal")
        return not verify(solution.problem, plan)

    first, second = gains[:2].tolist()

    def worth(kept: Sequence[int]) -> tuple[int, int]:
        return sum(first[at] for at in kept), sum(second[at] for at in kept)

    @cache
    def beside(pair: tuple[int, int]) -> bool:
        return legal(pair)

    by_citizen: dict[int, list[int | None]] = {}
    for at, one in enumerate(book.offers.citizen.tolist()):
        by_citizen.setdefault(one, [None]).append(at)
    every = [
        tuple(at for at in chosen if at is not None)
        for chosen in itertools.product(*by_citizen.values())
    ]
    # The best first: those after the first legal one need not be looked at.
    return next(
        worth(kept)
        for kept in sorted(every, key=worth, reverse=True)
        if all(map(beside, itertools.combinations(kept, 2))) and legal(kept)
    )


@pytest.mark.parametrize("seed", daily(8, range(100)))
def test_the_optimum_is_what_trying_everything_finds(seed: int) -> None:
    """Random tiny weeks: every selection is tried, the verifier says which are legal."""
    solution = solved(random_week(seed))
    found = (solution.plan.value("placements"), solution.plan.value("fit"))
    assert found == best_by_enumeration(solution), f"seed {seed}"


@pytest.mark.parametrize("seed", daily(1, range(3)))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    """The same records in another order: the same digest, the same plan."""
    problem = random_week(seed)
    draw = np.random.default_rng(seed)
    shuffled: dict[str, tuple[Record, ...]] = {}
    for name in problem.tables:
        rows = problem.all_records(name)
        draw.shuffle(rows)
        shuffled[name] = tuple(rows)
    other = Problem.from_records(problem.policy, problem.today, **shuffled)
    assert other.digest() == problem.digest()
    assert solve(other).plan.placements == solve(problem).plan.placements


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), change=st.sampled_from(["seat", "mentor", "class", "case"]))
def test_more_of_a_resource_is_never_worse(seed: int, change: str) -> None:
    """One seat, mentor hour, class seat or follow-up more: placements and fit do not fall."""
    problem = random_week(seed)
    table, column = {
        "seat": ("openings", "seats"),
        "mentor": ("mentor_pools", "hours"),
        "class": ("teams", "seats"),
        "case": ("caseworkers", "capacity"),
    }[change]
    frame = problem[table].copy()
    frame[column] = frame[column] + 1
    before, after = solve(problem).plan, solve(problem.with_tables(**{table: frame})).plan
    assert (after.value("placements"), after.value("fit")) >= (
        before.value("placements"),
        before.value("fit"),
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_locking_the_optimum_keeps_its_value(seed: int) -> None:
    """Every proposal locked: the plan is the same."""
    problem = random_week(seed)
    plan = solve(problem).plan
    locks = pd.DataFrame(
        [(one.citizen_id, one.opening_id, one.measure) for one in plan.placements],
        columns=["citizen_id", "opening_id", "measure"],
        dtype="str",
    )
    again = solve(problem.with_tables(locks=locks)).plan
    assert again.value("fit") == plan.value("fit")
    assert again.value("placements") == plan.value("placements")
