"""Seconds of sweeps; gates on their values, and on what they take against one cold run.

python -m pytest benchmarks/whatif                    the Aarhus week; a 5 x 5 x 4 grid
python -m pytest benchmarks/whatif --sweep smoke      a small one
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.whatif.conftest import SIZES, Size, in_a_process
from matcher.again import earlier_of
from matcher.problem import Problem
from matcher.solve import solve
from matcher.weekly import Observer
from scenarios.outcome import Outcome
from scenarios.patch import Scenario, apply, library, read_text
from scenarios.population import problem
from scenarios.sweep import Cache, run

SWEEP_AGAINST_COLD = 5.0
"""A sweep of twenty takes no more than so many cold runs."""
CLUSTER_AGAINST_LOCAL = 1.3
_SLOW = 1.25
"""Noise of a shared machine that a gate lets pass."""


def once(benchmark: BenchmarkFixture, function: Any, **named: Any) -> Any:
    return benchmark.pedantic(function, kwargs=named, rounds=1, iterations=1)


def plain(outcome: Outcome) -> dict[str, Any]:
    return {**outcome.to_dict(), "seconds": 0}


def test_apply(benchmark: BenchmarkFixture, made: Problem, ready: list[Scenario]) -> None:
    """Laying twenty scenarios over the week, one after the other."""
    applied = once(benchmark, lambda: [apply(made, scenario) for scenario in ready])
    assert all(one.changes for one in applied)


def test_one_scenario_warm(benchmark: BenchmarkFixture, made: Problem) -> None:
    """One capacity changes: solved from the base's offers, prices and basis."""
    earlier = earlier_of(solve(made))
    changed = apply(made, library().scenarios["more_mentor_hours"]).problem
    warm = benchmark.pedantic(earlier.solve, (changed,), rounds=3, iterations=1)
    assert warm.plan.placements == solve(changed).plan.placements


def test_sweep_of_twenty(
    benchmark: BenchmarkFixture,
    ready: list[Scenario],
    size: Size,
    week_folder: Path,
    cold: float,
) -> None:
    """Against one cold run, both from nothing to an answer in a process of their own: start and
    imports, the week read from its tables; then one solve, verified, with its outcome, or the base
    and twenty scenarios, each of them verified, with its outcome."""
    assert len(ready) == 20
    outcomes = once(benchmark, lambda: in_a_process(week_folder, [one.name for one in ready]))
    placed = {one.name: one.placed for one in outcomes}
    assert {name: placed[name] for name in size.placements} == size.placements
    assert all(one.proven for one in outcomes)
    took = benchmark.stats.stats.min
    ratio = took / cold
    print(f"\nsweep of 20: {took:.1f} s; one cold run: {cold:.1f} s; {ratio:.2f} times that")
    assert not size.gated or ratio <= SWEEP_AGAINST_COLD * _SLOW


def test_grid_killed_and_resumed(
    benchmark: BenchmarkFixture,
    made: Problem,
    grid: list[Scenario],
    size: Size,
    size_name: str,
    tmp_path: Path,
) -> None:
    """kill -9 when a third is there; the second run solves what is missing and nothing else."""
    command = [sys.executable, "-m", "benchmarks.whatif.test_whatif", size_name, str(tmp_path)]
    first = subprocess.Popen(command)
    while len(list(tmp_path.glob("*.json"))) < 1 + len(grid) // 3:
        assert first.poll() is None
        time.sleep(0.05)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    known = len(list(tmp_path.glob("*.json"))) - 1
    counted = Counted()
    outcomes = once(benchmark, lambda: run(made, grid, cache=Cache(tmp_path), observer=counted))
    assert counted.last == (len(grid) - known, len(grid) - known)
    assert len(outcomes) == 1 + len(grid)
    assert all(one.proven for one in outcomes)
    # More of a resource is never worse.
    placed = [one.placed for one in outcomes[1:]]
    assert placed[0] == size.placements["base"] == min(placed)
    assert placed[-1] == max(placed)
    took = benchmark.stats.stats.min
    print(f"\ngrid of {len(grid)}: {known} known, {len(grid) - known} solved in {took:.1f} s")


def test_cluster_against_processes(
    benchmark: BenchmarkFixture, made: Problem, grid: list[Scenario], size: Size
) -> None:
    """The same grid on processes and on a Dask cluster on this machine: equal, and as quick."""
    started = time.perf_counter()
    local = run(made, grid)
    took = time.perf_counter() - started
    clustered = once(benchmark, lambda: run(made, grid, cluster="local"))
    assert [plain(one) for one in clustered] == [plain(one) for one in local]
    ratio = benchmark.stats.stats.min / took
    print(f"\ngrid: {took:.1f} s on processes, {ratio:.2f} times that on Dask")
    assert not size.gated or ratio <= CLUSTER_AGAINST_LOCAL * _SLOW


class Counted(Observer):
    """Keeps how far it was."""

    last = (0, 0)

    def step(self, done: int, total: int) -> None:
        self.last = (done, total)


if __name__ == "__main__":
    wanted = SIZES[sys.argv[1]]
    run(
        problem(wanted.spec),
        read_text(wanted.grid, "grid").all_scenarios(),
        cache=Cache(Path(sys.argv[2])),
    )
