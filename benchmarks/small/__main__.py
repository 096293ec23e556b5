"""Small and knotty weeks: seconds of each solve, and of all that `run --explain` solves again.

python -m benchmarks.small                     240 x 60 of seed 6, and 50 seeds between 60 and 400
python -m benchmarks.small --smoke             three of them
python -m benchmarks.small --seeds 6 17        some of the 50 seeds

Small weeks are knottier than large ones: nearly everything is scarce, and one placement more or
less is in doubt. Gates: every solve is proven, and everything told of it is. Goals at full size, on
2 cores: a solve in 1 s, the explanations in 25 s; they are told, and the worst of each is noted.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

from benchmarks.results import note
from matcher.again import Resolver
from matcher.explain.week_explanation import WeekExplanation, depth
from matcher.solve import solve
from scenarios.population import Population, problem

KNOTTY = Population(citizens=240, openings=60, seed=6)
FEWEST, MOST = 60, 400
SEEDS = range(1, 51)
SOLVE_SECONDS, EXPLAIN_SECONDS = 1.0, 25.0
"""Goals."""


@dataclass(frozen=True)
class Measured:
    """One week: seconds on the wall, and what is not proven."""

    offers: int
    placed: int
    solve: float
    explain: float
    own: float
    """Seconds of processor time of the explanations."""
    unproven: tuple[str, ...]


def week(seed: int) -> Population:
    """Return the week of a seed: sizes rise evenly with the seeds, four citizens an opening."""
    citizens = FEWEST + (MOST - FEWEST) * (seed - SEEDS[0]) // (len(SEEDS) - 1)
    return Population(citizens=citizens, openings=citizens // 4, seed=seed)


def measured(spec: Population) -> Measured:
    """Solve and explain one week."""
    given = problem(spec)
    began = time.perf_counter()
    solution = solve(given)
    solved = time.perf_counter()
    if not solution.plan.proven:
        return Measured(len(solution.book.offers), len(solution.chosen), solved - began, 0.0, 0.0,
                        ("the plan",))  # fmt: skip
    own = time.process_time()
    told = depth(Resolver(solution))
    return Measured(
        offers=len(solution.book.offers),
        placed=len(solution.chosen),
        solve=solved - began,
        explain=time.perf_counter() - solved,
        own=time.process_time() - own,
        unproven=tuple(unproven(told)),
    )


def unproven(told: WeekExplanation) -> list[str]:
    """What of the explanations is not proven, by name."""
    found = [f"margin of {one.citizen_id}" for one in told.margins if not one.proven]
    found += [
        f"{part.seat.opening_id} for {one.citizen_id}"
        for one in told.margins
        for part in one.alternatives
        if not part.proven
    ]
    found += [f"lever {one.lever}" for one in told.levers if not one.proven]
    found += [
        f"{gain.more} more of {one.rule} {one.key}"
        for one in told.bottlenecks
        for gain in (*one.gains, one.most)
        if not gain.proven
    ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.small", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--smoke", action="store_true", help="Three weeks.")
    parser.add_argument("--seeds", type=int, nargs="+", choices=SEEDS, metavar="SEED",
                        help="Some of the 50 seeds, without the week of 240 x 60.")  # fmt: skip
    given = parser.parse_args()
    specs = [KNOTTY, *map(week, SEEDS)]
    if given.smoke:
        specs = [week(seed) for seed in (1, 2, 3)]
    elif given.seeds:
        specs = [week(seed) for seed in given.seeds]
    print(f"{'seed':>4} {'citizens':>8} {'openings':>8} {'offers':>7} {'placed':>6} {'solve':>7}"
          f" {'explain':>8} {'own':>7}", flush=True)  # fmt: skip
    found = []
    for spec in specs:
        one = measured(spec)
        found.append(one)
        print(f"{spec.seed:4} {spec.size:8,} {spec.batch:8,} {one.offers:7,} {one.placed:6,}"
              f" {one.solve:6.2f}s {one.explain:7.2f}s {one.own:6.2f}s", flush=True)  # fmt: skip
        for fault in one.unproven:
            print(f"FAILED: not proven: {fault}", flush=True)
    for what, goal, seconds in (
        ("solve", SOLVE_SECONDS, [one.solve for one in found]),
        ("explain", EXPLAIN_SECONDS, [one.explain for one in found]),
    ):
        over = sum(one > goal for one in seconds)
        print(f"{what}: {max(seconds):.2f} s at worst; {over} of {len(seconds)} weeks take more"
              f" than {goal:.0f} s")  # fmt: skip
        note("small", f"worst {what}", max(seconds))
    return int(any(one.unproven for one in found))


if __name__ == "__main__":
    sys.exit(main())
