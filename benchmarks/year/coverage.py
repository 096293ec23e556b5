"""Whether the band of a forecast holds what it says: years against other years.

python -m benchmarks.year.coverage            40 years of 26 weeks, 300 waiting
python -m benchmarks.year.coverage --smoke    20 years of 4 weeks, 40 waiting: minutes

Half of the years make the band, and it is counted how many of the other half lie in it, week by
week, over many ways to halve them. Gate: the 80 % band of starts holds 75 to 85 %.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.results import note
from scenarios.forecast import band_of, drawn_figures, series_of
from scenarios.population import Population
from scenarios.year import YearSpec
from scenarios.year.many import simulate_many

HALVES = 500
LOW, HIGH = 0.75, 0.85


def coverage(values: npt.NDArray[np.int64], halves: int = HALVES) -> float:
    """Return the share of one half's weeks that lie in the band of the other half.

    Parameters
    ----------
    values
        A row a year, a column a week; weeks in which all years are equal are left out, for there
        any band holds all.
    """
    there = values[:, values.min(axis=0) < values.max(axis=0)]
    draw = np.random.Generator(np.random.PCG64(len(values)))
    half, held = len(there) // 2, []
    for _ in range(halves):
        order = draw.permutation(len(there))
        band = band_of(there[order[:half]])
        other = there[order[half:]]
        inside = (other >= np.array(band.low)) & (other <= np.array(band.high))
        held.append(inside.mean())
    return float(np.mean(held))


def main(arguments: Sequence[str] | None = None) -> int:
    """Live through the years and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--years", type=int, default=40)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--citizens", type=int, default=300)
    parser.add_argument("--openings", type=int, default=60)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--workers", type=int)
    given = parser.parse_args(arguments)
    if given.smoke:
        given.years, given.weeks, given.citizens, given.openings = 20, 4, 40, 10
    specs = [
        YearSpec(
            Population(citizens=given.citizens, openings=given.openings, seed=seed),
            weeks=given.weeks, seed=seed, figures=drawn_figures(seed),
        )
        for seed in range(1, given.years + 1)
    ]  # fmt: skip
    years = simulate_many(specs, given.kept, given.workers)
    good = True
    print("| counted | weeks held by the 80 % band |\n|---|---:|")
    for name in ("started", "running", "ended"):
        share = coverage(series_of(years)[name])
        print(f"| {name} | {share:.1%} |")
        note("year forecast", f"{name}: coverage of the 80 % band", share, "")
        if name == "started":
            good = LOW <= share <= HIGH
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
