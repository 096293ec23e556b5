"""Damage a small made-up week thousands of times.

python -m benchmarks.damage              ten thousand mutations
python -m benchmarks.damage --smoke      four hundred
python -m benchmarks.damage --from 17 --number 1 --trace    one of them again
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
import traceback
from pathlib import Path

from benchmarks.damage import FORMS, faults
from benchmarks.results import note
from matcher.policy import load_policy
from scenarios.population import make

ROWS = 30
"""Of each table: damage shows in a few rows as well."""
TODAY = dt.date(2026, 11, 23)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.damage", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="Small sizes, for every change.")
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--form", choices=FORMS)
    parser.add_argument("--trace", action="store_true")
    options = parser.parse_args()
    number = options.number or (400 if options.smoke else 10_000)
    policy = load_policy(TODAY)
    made = make(citizens=30, openings=12)
    tables = {name: frame.head(ROWS) for name, frame in made.items()}
    began, found = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        forms = (options.form,) if options.form else FORMS
        seeds = range(options.first, options.first + number)
        for fault in faults(tables, policy, Path(folder), seeds, forms):
            found += 1
            print(
                f"{fault.form}, seed {fault.seed}: {fault.what}\n    {fault.error!r:.300}",
                flush=True,
            )
            if options.trace:
                traceback.print_exception(fault.error)
    seconds = time.perf_counter() - began
    print(f"{number} mutations, {found} faults, {seconds:.0f} s")
    note("damage", "a mutation", 1000 * seconds / number, "ms")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
