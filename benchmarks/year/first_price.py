"""Processor time of the dearest price step: a municipality's first week, with its backlog.

python -m benchmarks.year.first_price              Aarhus' size, the least of three
python -m benchmarks.year.first_price --citizens 300 --openings 60
"""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks.results import note
from scenarios.population import Population
from scenarios.year import YearSpec
from scenarios.year.simulate import found_town
from scenarios.year.ways import price_week


def seconds(place: Population) -> float:
    """Price the first week of a municipality."""
    town = found_town(YearSpec(place, way="prices", weeks=1))
    town.turn()
    problem = town.problem()
    begun = time.process_time()
    if price_week(town, problem) is None:
        message = "too few weeks were seen: nothing was priced."
        raise RuntimeError(message)
    return time.process_time() - begun


def main() -> int:
    """Say how long it takes."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.year.first_price", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--citizens", type=int, default=None)
    parser.add_argument("--openings", type=int, default=None)
    given = parser.parse_args()
    asked = {name: value for name, value in vars(given).items() if value is not None}
    place = Population(**asked)
    least = min(seconds(place) for _ in range(3))
    print(f"{place.size} citizens: {least:.2f} s of processor time for the first week's prices")
    note("year", f"first prices, {place.size} citizens", least)
    return 0


if __name__ == "__main__":
    sys.exit(main())
