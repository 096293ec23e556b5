"""Seconds of each explanation after the run; gates on what it holds, which never varies.

python -m pytest benchmarks/explain                       the Aarhus week
python -m pytest benchmarks/explain --explained smoke     a small one
"""

from __future__ import annotations

from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from matcher.again import Resolver
from matcher.explain import bottlenecks, lever_gains, margins, unlocking
from matcher.explain.citizen_explanation import explain_one
from matcher.explain.week_explanation import MOST_ROWS
from matcher.solve import Solution


def timed(benchmark: BenchmarkFixture, function: Any, *arguments: Any, rounds: int = 1) -> Any:
    return benchmark.pedantic(function, arguments, rounds=rounds, iterations=1)


def test_one_citizen_with_a_proposal(benchmark: BenchmarkFixture, solution: Solution) -> None:
    """Why this one, three alternatives, and why not another opening."""
    resolver = Resolver(solution)
    one, other = solution.plan.placements[0], solution.plan.placements[1]
    explain_one(resolver, one.citizen_id, alternatives=0)  # what later ones share
    told = timed(benchmark, explain_one, resolver, one.citizen_id, other.opening_id, rounds=3)
    assert told.this is not None
    assert told.this.margin.proven
    assert all(part.proven for part in told.this.margin.alternatives)


def test_one_citizen_without(benchmark: BenchmarkFixture, solution: Solution) -> None:
    """The chain of reasons and what would help, pairs of changes included."""
    resolver = Resolver(solution)
    placed = {one.citizen_id for one in solution.plan.placements}
    ids = [one for one in solution.problem["citizens"]["citizen_id"] if one not in placed]
    explain_one(resolver, ids[1], pairs=False)  # what later ones share
    told = timed(benchmark, explain_one, resolver, ids[0], rounds=3)
    assert told.unplaced is not None


def test_all_margins_and_alternatives(benchmark: BenchmarkFixture, solution: Solution) -> None:
    """Every proposal barred in turn; three alternatives, most of them by a bound."""
    found = timed(benchmark, lambda: margins(Resolver(solution), alternatives=0, bounded=3))
    assert len(found) == len(solution.plan.placements)
    assert 0 < sum(len(one.alternatives) for one in found) <= 3 * len(found)
    assert all(one.proven for one in found)


def test_all_margins_and_three_exact_alternatives(
    benchmark: BenchmarkFixture, solution: Solution
) -> None:
    found = timed(benchmark, lambda: margins(Resolver(solution)))
    assert all(part.proven for one in found for part in one.alternatives)


def test_bottlenecks(benchmark: BenchmarkFixture, solution: Solution) -> None:
    """The dearest rows, each with 1, 5, 20 and any number more."""
    found = timed(benchmark, lambda: bottlenecks(Resolver(solution), most=MOST_ROWS))
    assert found
    assert all(gain.proven for one in found for gain in one.gains)


def test_what_would_help_everybody(benchmark: BenchmarkFixture, solution: Solution) -> None:
    """Single changes for everybody without a proposal, and their sums solved."""

    def helps() -> Any:
        resolver = Resolver(solution)
        return lever_gains(resolver, unlocking(resolver, pairs=False))

    assert all(one.proven for one in timed(benchmark, helps))
