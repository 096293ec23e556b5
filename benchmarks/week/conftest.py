"""Sizes of the weekly benchmarks and the facts each must reproduce."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from matcher.problem import Problem
from scenarios.population import Population, problem, write


@dataclass(frozen=True)
class Size:
    """A made-up week and what is known of its answer."""

    spec: Population
    offers: int
    placements: int
    fit: int
    greedy: int
    """Placements when citizens take offers greedily by fit."""


SIZES = {
    "smoke": Size(
        Population(citizens=300, openings=50, seed=1),
        offers=1_223,
        placements=52,
        fit=39_216,
        greedy=39,
    ),
    "aarhus": Size(Population(), offers=42_140, placements=293, fit=211_251, greedy=218),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--week", default="aarhus", choices=sorted(SIZES), help="Size of the week.")


@pytest.fixture(scope="session")
def size(request: pytest.FixtureRequest) -> Size:
    return SIZES[request.config.getoption("--week")]


@pytest.fixture(scope="session")
def made(size: Size) -> Problem:
    return problem(size.spec)


@pytest.fixture(scope="session")
def folder(size: Size, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("week")
    write(where, size.spec)
    return where
