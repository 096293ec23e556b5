"""All benchmarks with one command, and one table of what they found.

python -m benchmarks                  everything at full size
python -m benchmarks --smoke          small sizes; gates on values and on ratios inside the run
python -m benchmarks --only year      some of them
python -m benchmarks --list           what each measures, at which sizes, and what it gates on
python -m benchmarks --write          add the figures to results.csv, as this release's
python -m benchmarks --compare        what results.csv has, by release, with ratios; runs nothing
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from benchmarks.results import (
    NOTES,
    Figure,
    by_release,
    kept,
    measured_now,
    noted,
    table,
    timed,
    write,
)
from matcher import __version__

LAST_LINES = 15


@dataclass(frozen=True)
class Benchmark:
    """One benchmark: a module of its own, or tests that are timed."""

    name: str
    measures: str
    smoke: str
    """Its small size."""
    full: str
    gates: str
    """What must hold, at either size."""
    size_option: str = ""
    """Of timed tests: the option that says the size; others take ``--smoke``."""

    def command(self, smoke: bool, times: Path) -> list[str]:
        """What is run."""
        if not self.size_option:
            return [f"benchmarks.{self.name}", *(["--smoke"] if smoke else [])]
        return [
            "pytest", "-q", f"benchmarks/{self.name}", self.size_option,
            "smoke" if smoke else "aarhus", f"--benchmark-json={times}",
            "--benchmark-columns=min,median,max,rounds", "--benchmark-sort=name", "-rP",
            "--show-capture=stdout",
        ]  # fmt: skip


BENCHMARKS = (
    Benchmark("week", "a whole run, part by part", "300 citizens", "1,550 citizens",
              "every tier proven; verified", "--week"),
    Benchmark("scale", "the whole command at sizes that grow", "1,500 and 6,000 citizens",
              "1,550 to 100,000 citizens", "time and bytes grow as the work"),
    Benchmark("ledger", "a ledger that lives through weeks", "40 weeks of 300 citizens",
              "104 weeks of 1,550 citizens", "no part of a week grows, on either store"),
    Benchmark("engine", "the optimiser beside other solvers", "small programs",
              "up to a whole country", "values, bounds and infeasibilities agree; warm below cold"),
    Benchmark("year", "the ledger's time in a year of decisions", "60 citizens, 52 weeks",
              "300 citizens, 52 weeks", "the last weeks take no longer than the first"),
    Benchmark("explain", "explaining one citizen and a whole week", "90 citizens",
              "1,550 citizens", "what is told is proven", "--explained"),
    Benchmark("small", "small and knotty weeks, solved and explained", "3 weeks",
              "51 weeks of 60 to 400 citizens", "all that is told is proven"),
    Benchmark("whatif", "scenarios and sweeps", "80 citizens", "1,550 citizens",
              "the same outcomes on one process and on many", "--sweep"),
    Benchmark("web", "the workbench: pages, levers, filters, what a user costs",
              "80 citizens, 5,000 people in a list", "1,550 citizens, 100,000 people in a list",
              "a change answers as from nothing; the extra stays small"),
    Benchmark("damage", "reading damaged files", "400 mutations", "10,000 mutations",
              "each is an error of the input, never of the program"),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--smoke", action="store_true", help="Small sizes, for every change.")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in BENCHMARKS])
    parser.add_argument("--list", action="store_true", help="Run nothing; say what there is.")
    parser.add_argument("--write", action="store_true", help="Add the figures to results.csv.")
    parser.add_argument("--compare", action="store_true", help="Run nothing; show releases.")
    given = parser.parse_args()
    if given.compare:
        print(by_release(kept()))
        return 0
    if given.list:
        for one in BENCHMARKS:
            print(f"{one.name}: {one.measures}\n  small: {one.smoke}; full: {one.full}\n"
                  f"  must hold: {one.gates}")  # fmt: skip
        return 0
    where = measured_now(__version__, "smoke" if given.smoke else "full")
    figures: list[Figure] = []
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for one in BENCHMARKS:
            if given.only and one.name not in given.only:
                continue
            notes, times = (Path(folder) / f"{one.name}.{end}" for end in ("notes", "json"))
            command = [sys.executable, "-m", *one.command(given.smoke, times)]
            if (last := last_lines_if_failed(command, {**os.environ, NOTES: str(notes)})) is None:
                figures += [*noted(notes), *timed(one.name, times)]
            else:
                failed[one.name] = last
    print(f"\n{table(figures, where, kept())}", flush=True)
    if given.write and not failed:
        write(figures, where)
    for name, last in failed.items():
        print(f"\nFAILED: {name}; its last lines:\n{last}", flush=True)
    return int(bool(failed))


def last_lines_if_failed(command: list[str], environment: dict[str, str]) -> str | None:
    """Run a command, its output shown as it comes; what it said last if it failed, else None."""
    last: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env=environment,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        for line in running.stdout:
            print(line, end="", flush=True)
            last.append(line)
    return "".join(last) if running.returncode else None


if __name__ == "__main__":
    sys.exit(main())
