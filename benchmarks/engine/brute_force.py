"""Small random programs of every row type against trying every selection.

python -m benchmarks.engine.brute_force [--count 20000] [--first 0]

Floors, ranges, negative uses, groups that must be served, fixed and forbidden columns, up to three
tiers of either sense, gains in ones or to nine digits; one in three is knotty: few wide rows that
columns use in many sizes, so that rows are filled as knapsacks. Every method is asked; a value, a
proof or an infeasibility that enumeration refutes is told with its seed and ends the run with 1.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from matcher.engine import ArithmeticRangeError, Options, StopReason, solve
from tests.engine.engine_oracle import brute, knotty, legal, random_program

METHODS = ("auto", "prices", "direct")
SEVERAL_DIGITS = 7
"""Every so many programs have gains of nine digits."""
KNOTTY = 3
"""Every so many programs are generalised assignment, some with a narrow row beside."""
REFUSED = "too large for exact arithmetic"
"""What a method may say that is asked for by name: folded tiers of nine digits each."""


def program_of(seed: int):
    """Return the program of a seed."""
    program = random_program(seed)
    if seed % KNOTTY == 0:
        program = knotty(
            seed, groups=4 + seed % 4, rows=2, priced=seed % 2, must=1.0, width=1 + seed % 5 // 4
        )
    if seed % SEVERAL_DIGITS:
        return program
    draw = np.random.default_rng([5, seed])
    fine = draw.integers(0, 10**6, program.gains.shape)
    return program.replace(gains=program.gains * 10**6 + fine * np.sign(program.gains))


def wrong(program, method: str, best) -> str | None:
    """Return what enumeration refutes of an answer; None: nothing."""
    try:
        answer = solve(program, Options(method=method))
    except ArithmeticRangeError:
        return REFUSED
    if answer.termination.reason is StopReason.INFEASIBLE or best is None:
        right = answer.termination.reason is StopReason.INFEASIBLE and best is None
        return None if right else f"{answer.termination.reason.value}, the best is {best}"
    if answer.termination.reason is not StopReason.OPTIMAL:
        return f"not proven: {answer.tiers}"
    if answer.values != best or not legal(program, answer.selection):
        return f"{answer.values} is told to be proven, the best is {best}"
    return None


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine.brute_force")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args(arguments)
    found = refused = 0
    for seed in range(chosen.first, chosen.first + chosen.count):
        program = program_of(seed)
        best = brute(program)
        for method in METHODS:
            problem = wrong(program, method, best)
            if problem is REFUSED and method != "auto":
                refused += 1
            elif problem is not None:
                found += 1
                print(f"seed {seed}, {method}: {problem}", file=sys.stderr)
    print(f"{chosen.count} programs, {len(METHODS)} methods: {found} wrong, {refused} refused")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
