"""Seconds of each step of the weekly run; gates on its values, which never vary.

python -m pytest benchmarks/week                  the Aarhus week
python -m pytest benchmarks/week --week smoke     a small one
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.week.conftest import Size
from matcher.engine import solve as solve_program
from matcher.explain import explained
from matcher.formulation import Model, formulate
from matcher.offers import OfferBook, build_offers
from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.report import run_document, write_document
from matcher.solve import Solution, solve
from matcher.tables import check, write_folder
from matcher.verify import verify
from matcher.weekly import run_week
from scenarios.population import POLICY, make


def timed(benchmark: BenchmarkFixture, function: Any, *arguments: Any, rounds: int = 3) -> Any:
    return benchmark.pedantic(function, arguments, rounds=rounds, iterations=1)


@pytest.fixture(scope="session")
def book(made: Problem) -> OfferBook:
    return build_offers(made)


@pytest.fixture(scope="session")
def model(book: OfferBook) -> Model:
    return formulate(book)


@pytest.fixture(scope="session")
def solution(made: Problem) -> Solution:
    return solve(made)


def test_offers(benchmark: BenchmarkFixture, made: Problem, size: Size) -> None:
    book = timed(benchmark, build_offers, made)
    assert len(book.offers) == size.offers


def test_formulate(benchmark: BenchmarkFixture, book: OfferBook) -> None:
    assert timed(benchmark, formulate, book).program.n_rows > 0


def test_solve_to_the_proven_optimum(benchmark: BenchmarkFixture, model: Model, size: Size) -> None:
    answer = timed(benchmark, solve_program, model.program)
    assert answer.values[:2] == (size.placements, size.fit)
    assert all(tier.proven and tier.bound == tier.value for tier in answer.tiers)


def test_greedy_falls_short(benchmark: BenchmarkFixture, model: Model, size: Size) -> None:
    """Offers by falling fit, each taken when everything it needs is left."""
    placed = timed(benchmark, greedy, model, rounds=1)
    assert placed == size.greedy < size.placements


def test_verify(benchmark: BenchmarkFixture, made: Problem, solution: Solution) -> None:
    assert timed(benchmark, verify, made, solution.plan) == ()


def test_explain(benchmark: BenchmarkFixture, made: Problem, solution: Solution) -> None:
    plan = timed(benchmark, explained, solution)
    assert plan.left is not None
    assert len(plan.left.unplaced) + len(plan.placements) == len(made["citizens"])


def test_write(
    benchmark: BenchmarkFixture, made: Problem, solution: Solution, tmp_path: Path
) -> None:
    plan = explained(solution)

    def write() -> Any:
        document = run_document(made, plan, made_up=True)
        return write_document(document, tmp_path, language="en")

    assert timed(benchmark, write)["report"].exists()


def test_whole_run(benchmark: BenchmarkFixture, folder: Path, size: Size, tmp_path: Path) -> None:
    """From tables to report."""
    policy = load_policy(size.spec.today, folder / POLICY)
    week = timed(benchmark, run_week, folder, tmp_path, policy, size.spec.today)
    assert week.solution.plan.value("fit") == size.fit


def test_check(
    benchmark: BenchmarkFixture, size: Size, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Reading and checking; 100,000 citizens for the Aarhus size."""
    large = request.config.getoption("--week") == "aarhus"
    citizens = 100_000 if large else 1_000
    write_folder(make(size.spec, citizens=citizens, openings=citizens // 4), tmp_path)
    policy = load_policy(size.spec.today)
    reading = timed(benchmark, check, tmp_path, policy, size.spec.today, rounds=1)
    assert reading.counts["citizens"].kept == citizens
    assert not reading.errors


def greedy(model: Model) -> int:
    """Placements of greedy by fit, locks first."""
    program = model.program
    uses = program.uses.tocsc()
    room = np.where(model.floors, 2**62, model.capacity)
    free = np.ones(program.n_groups, dtype=bool)
    allowed = np.ones(program.group.shape, dtype=bool)
    if program.forbidden is not None:
        allowed[program.forbidden] = False
    locked = model.locked[program.group]
    order = np.lexsort((-program.gains[2], -program.gains[1], ~locked))
    placed = 0
    for column in order[allowed[order]].tolist():
        if free[program.group[column]]:
            span = slice(uses.indptr[column], uses.indptr[column + 1])
            rows, use = uses.indices[span], uses.data[span]
            if (use <= room[rows]).all():
                room[rows] -= use
                free[program.group[column]] = False
                placed += 1
    return placed
