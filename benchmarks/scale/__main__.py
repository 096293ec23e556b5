"""The whole command at sizes that grow: seconds, memory and bytes must grow as the work does.

python -m benchmarks.scale             the Aarhus week, 20,000 and 100,000 citizens of the country
python -m benchmarks.scale --smoke     small sizes; gates on the exponents and on bytes a citizen

Each size is made, then `jobmatch run` is a process of its own, from tables to report, everything
stored. Work is citizens plus openings plus offers, and the exponent that of a power of it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.results import note
from scenarios.population import Population, write

MOST_EXPONENT = 1.15
"""Of bytes, and, at full size, of seconds."""
MOST_EXPONENT_SMALL = 1.3
"""Of processor time of small runs, on a machine that does other things as well."""
MOST_BYTES = 3_000
"""Of the run folder, a citizen."""
FULL = (
    Population(),
    Population("Danmark", citizens=20_000, openings=3_000),
    Population("Danmark", citizens=100_000, openings=4_000),
)
SMALL = tuple(
    Population("Danmark", citizens=size, openings=size * 3 // 20) for size in (1_500, 6_000)
)
TINY = Population(citizens=20, openings=5)
"""What the command costs before it has anything to do; taken off where growth is measured."""
COMMAND = "import sys; from scenarios.cli import main; sys.exit(main())"


@dataclass(frozen=True)
class Measured:
    """One size, run."""

    citizens: int
    openings: int
    offers: int
    placed: int
    bound: int
    proven: bool
    wall: float
    """Seconds on the wall."""
    own: float
    """Seconds of processor time."""
    memory: int
    """Largest resident set, bytes."""
    folder: int
    """Bytes of the run folder."""

    @property
    def work(self) -> int:
        """What cost should grow with."""
        return self.citizens + self.openings + self.offers


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--smoke", action="store_true", help="Small sizes.")
    parser.add_argument("--sizes", type=int, nargs="+", help="Only these of the full sizes (0-2).")
    given = parser.parse_args()
    specs = SMALL if given.smoke else tuple(FULL[one] for one in given.sizes or range(len(FULL)))
    print(f"{'citizens':>9} {'openings':>9} {'offers':>10} {'placed':>7} {'at most':>8}"
          f" {'proven':>7} {'seconds':>8} {'own':>7} {'GiB':>6} {'kB/citizen':>11}",
          flush=True)  # fmt: skip
    found = []
    anyway = measured(TINY).own
    for spec in specs:
        one = measured(spec)
        found.append(one)
        print(f"{one.citizens:9,} {one.openings:9,} {one.offers:10,} {one.placed:7,}"
              f" {one.bound:8,} {one.proven!s:>7} {one.wall:8.1f} {one.own:7.1f}"
              f" {one.memory / 2**30:6.2f} {one.folder / one.citizens / 1000:11.2f}",
              flush=True)  # fmt: skip
        note("scale", f"run of {one.citizens:,} citizens", one.wall)
    if len(found) < 2:
        return 0
    first, last = found[0], found[-1]
    own = exponent(first, last, first.own - anyway, last.own - anyway)
    folder = exponent(first, last, first.folder, last.folder)
    print(f"exponent of the work: processor time {own:.2f}, bytes {folder:.2f}")
    note("scale", "exponent of processor time", own, "")
    faults = []
    if own > (MOST_EXPONENT_SMALL if given.smoke else MOST_EXPONENT):
        faults.append(f"processor time grows as the work to the power of {own:.2f}")
    if folder > MOST_EXPONENT:
        faults.append(f"the folder grows as the work to the power of {folder:.2f}")
    if last.folder > MOST_BYTES * last.citizens:
        faults.append(f"{last.folder / last.citizens:.0f} bytes a citizen, at most {MOST_BYTES}")
    for fault in faults:
        print(f"FAILED: {fault}")
    return int(bool(faults))


def exponent(first: Measured, last: Measured, before: float, after: float) -> float:
    """Power of the work that a cost grew by."""
    return math.log(after / before) / math.log(last.work / first.work)


def measured(spec: Population) -> Measured:
    """Make tables of a size and run the command on them."""
    with tempfile.TemporaryDirectory(prefix="jobmatch-") as folder:
        week, out = Path(folder) / "week", Path(folder) / "runs"
        write(week, spec)
        began = time.perf_counter()
        command = [sys.executable, "-c", COMMAND, "run", str(week), "--out", str(out),
                   "--on", spec.today.isoformat()]  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
            _, status, used = os.wait4(running.pid, 0)
            running.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        if running.returncode:
            raise SystemExit(f"the run of {spec.size} citizens ended with {running.returncode}")
        (report,) = out.glob("*/run.json")
        document = json.loads(report.read_text("utf-8"))
        goal = document["tiers"][0]
        return Measured(
            citizens=spec.size,
            openings=spec.batch,
            offers=document["provenance"]["engine"]["columns"],
            placed=goal["value"],
            bound=goal["bound"],
            proven=all(tier["proven"] for tier in document["tiers"][:2]),
            wall=wall,
            own=used.ru_utime + used.ru_stime,
            memory=used.ru_maxrss * 1024,
            folder=sum(path.stat().st_size for path in report.parent.rglob("*") if path.is_file()),
        )


if __name__ == "__main__":
    sys.exit(main())
