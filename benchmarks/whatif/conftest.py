"""Sizes of the what-if benchmarks and the facts each must reproduce."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from matcher.problem import Problem
from scenarios.outcome import Outcome
from scenarios.patch import Scenario, library, read_text
from scenarios.population import Population, problem, write

NOT_TIMED = {"law_after_july_2025", "law_expected_2027"}
"""One asks about weeks before the reform, and nothing of it is new to the made-up week; the other
moves most people at once, which is no week of a planner."""


@dataclass(frozen=True)
class Size:
    """A made-up week, a grid, and what is known of the answers."""

    spec: Population
    grid: str
    placements: Mapping[str, int]
    """Placements of the base and of some scenarios."""
    gated: bool
    """Whether ratios of times are held: not where starting a process takes longest."""


GRID = """
[sweep.grid]
over.more_mentor_hours.hours = {}
over.evening_class.seats = {}
over.more_follow_up.placements = {}
"""
SIZES = {
    "smoke": Size(
        Population(citizens=80, openings=24, seed=1),
        GRID.format([0, 20], [0, 10], [0, 1]),
        {"base": 8, "large_employer_closes": 7, "better_transport": 9, "inflow": 14},
        gated=False,
    ),
    "aarhus": Size(
        Population(),
        GRID.format([0, 10, 20, 30, 40], [0, 5, 10, 15, 20], [0, 1, 2, 3]),
        {"base": 293, "large_employer_closes": 289, "private_openings": 296,
         "ratio_cap_lifted": 301, "budget_cut": 287, "lower_language_floor": 318},
        gated=True,
    ),
}  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sweep", default="aarhus", choices=sorted(SIZES), help="Size of the sweeps.")


@pytest.fixture(scope="session")
def size_name(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--sweep"))


@pytest.fixture(scope="session")
def size(size_name: str) -> Size:
    return SIZES[size_name]


@pytest.fixture(scope="session")
def made(size: Size) -> Problem:
    return problem(size.spec)


@pytest.fixture(scope="session")
def ready() -> list[Scenario]:
    """Twenty scenarios of the library."""
    return [one for name, one in library().scenarios.items() if name not in NOT_TIMED][:20]


@pytest.fixture(scope="session")
def grid(size: Size) -> list[Scenario]:
    return list(read_text(size.grid, "grid").all_scenarios())


@pytest.fixture(scope="session")
def week_folder(size: Size, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The week's tables as files."""
    where = tmp_path_factory.mktemp("cold") / "week"
    write(where, size.spec)
    return where


@pytest.fixture(scope="session")
def cold(week_folder: Path) -> float:
    """Seconds of one cold run: a process of its own reads the week and solves it from nothing.

    The middle one of five.
    """
    times = []
    for _ in range(5):
        started = time.perf_counter()
        (base,) = in_a_process(week_folder, [])
        times.append(time.perf_counter() - started)
        assert base.proven
    return sorted(times)[2]


def in_a_process(week: Path, names: list[str]) -> list[Outcome]:
    """Solve a week and scenarios of the library in a new process; give what it found."""
    found = week.parent / "found.pickle"
    module = "benchmarks.whatif.in_a_process"
    subprocess.run([sys.executable, "-m", module, str(week), str(found), *names], check=True)
    outcomes: list[Outcome] = pickle.loads(found.read_bytes())
    return outcomes
