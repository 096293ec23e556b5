"""Sizes of the benchmarks of explanations."""

from __future__ import annotations

import pytest

from matcher.solve import Solution, solve
from scenarios.population import Population, problem

SIZES = {"smoke": Population(citizens=90, openings=20, seed=3), "aarhus": Population()}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--explained", default="aarhus", choices=sorted(SIZES), help="Size.")


@pytest.fixture(scope="session")
def solution(request: pytest.FixtureRequest) -> Solution:
    solved = solve(problem(SIZES[request.config.getoption("--explained")]))
    assert solved.plan.proven
    return solved
