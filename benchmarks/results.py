"""Figures of benchmarks: noted while they run, shown in one table, kept by release.

``results.csv`` holds what was written: a line for each release, machine, size, benchmark and case,
with the day it was measured. Seconds depend on the machine: figures are compared on machines of one
class alone, and gates are in the benchmarks themselves, on values and on ratios inside one run.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

KEPT = Path(__file__).with_name("results.csv")
NOTES = "JOBMATCH_BENCHMARK_NOTES"
"""Environment variable: the file that figures are noted in while benchmarks run."""


@dataclass(frozen=True)
class Figure:
    """What a benchmark found."""

    benchmark: str
    case: str
    figure: float
    unit: str


@dataclass(frozen=True)
class Measured:
    """Where and when figures were found."""

    release: str
    date: str
    """Day, as ISO."""
    machine: str
    """Class of the machine, see :func:`machine`."""
    size: str


@dataclass(frozen=True)
class Kept(Figure, Measured):
    """A figure of a release."""

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What it is a figure of, whatever the release."""
        return self.machine, self.size, self.benchmark, self.case


COLUMNS = ("release", "date", "machine", "size", "benchmark", "case", "figure", "unit")


def machine() -> str:
    """Class of this machine: the cores it may use and what they are."""
    return f"{len(os.sched_getaffinity(0))} cores {platform.machine()}"


def measured_now(release: str, size: str) -> Measured:
    """Return this machine, today."""
    return Measured(release, dt.date.today().isoformat(), machine(), size)


def note(benchmark: str, case: str, figure: float, unit: str = "s") -> None:
    """Note a figure, where all benchmarks are run together; else nothing."""
    if name := os.environ.get(NOTES):
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(Figure(benchmark, case, figure, unit))) + "\n")


def noted(file: Path) -> list[Figure]:
    """All figures that were noted, the newest of each case."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    found = [Figure(**json.loads(line)) for line in lines]
    return list({(one.benchmark, one.case): one for one in found}.values())


def timed(benchmark: str, file: Path) -> list[Figure]:
    """Least seconds of each test, from what pytest-benchmark wrote."""
    if not file.exists():
        return []
    return [
        Figure(benchmark, one["name"].removeprefix("test_"), one["stats"]["min"], "s")
        for one in json.loads(file.read_text("utf-8"))["benchmarks"]
    ]


def kept(file: Path = KEPT) -> list[Kept]:
    """Figures of releases, oldest first."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as stream:
        return [Kept(**{**row, "figure": float(row["figure"])}) for row in csv.DictReader(stream)]


def write(figures: Iterable[Figure], where: Measured, file: Path = KEPT) -> None:
    """Add figures of a release; what was written of it before is replaced, case by case."""
    new = [Kept(**asdict(where), **asdict(one)) for one in figures]
    replaced = {(one.release, one.name) for one in new}
    old = [one for one in kept(file) if (one.release, one.name) not in replaced]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**asdict(one), "figure": f"{one.figure:.4g}"} for one in (*old, *new))


def table(figures: Iterable[Figure], where: Measured, before: Iterable[Kept]) -> str:
    """Each figure beside the one written last on such a machine at that size, and their ratio."""
    known = {one.name: one for one in before}
    rows = [("benchmark", "case", "unit", "now", "written", "release", "ratio")]
    for one in figures:
        old = known.get(Kept(**asdict(where), **asdict(one)).name)
        past = ("", "", "") if old is None else (f"{old.figure:.4g}", old.release, _ratio(one, old))
        rows.append((one.benchmark, one.case, one.unit, f"{one.figure:.4g}", *past))
    return _aligned(rows, texts=3)


def by_release(before: Sequence[Kept]) -> str:
    """Each case by release, and how its newest figure stands to the one of the release before."""
    releases = list(dict.fromkeys(one.release for one in sorted(before, key=lambda one: one.date)))
    cases: dict[tuple[str, str, str, str], dict[str, Kept]] = {}
    for one in before:
        cases.setdefault(one.name, {})[one.release] = one
    rows = [("machine", "size", "benchmark", "case", "unit", *releases, "ratio")]
    for name, figures in cases.items():
        newest = [figures[each] for each in releases if each in figures]
        ratio = _ratio(newest[-1], newest[-2]) if len(newest) > 1 else ""
        cells = (f"{figures[each].figure:.4g}" if each in figures else "" for each in releases)
        rows.append((*name, newest[-1].unit, *cells, ratio))
    return _aligned(rows, texts=5)


def _ratio(now: Figure, before: Figure) -> str:
    return f"{now.figure / before.figure:.2f}" if before.figure else ""


def _aligned(rows: Sequence[Sequence[str]], texts: int) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            f"{cell:<{width}}" if at < texts else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
