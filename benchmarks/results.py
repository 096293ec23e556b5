"""Figures of benchmarks: noted while they run, shown in one table, kept by release.

``results.csv`` holds what was kept: a line for each release, size, benchmark and figure. A figure
depends on the machine; the table tells how it stands to the one kept last, and gates are in the
benchmarks themselves, on values and on ratios inside one run.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

KEPT = Path(__file__).with_name("results.csv")
NOTES = "JOBMATCH_BENCHMARK_NOTES"
"""Environment variable: the file that figures are noted in while benchmarks run."""


@dataclass(frozen=True)
class Figure:
    """What a benchmark found."""

    benchmark: str
    figure: str
    unit: str
    value: float


@dataclass(frozen=True)
class Kept(Figure):
    """A figure of a release."""

    release: str
    size: str


def note(benchmark: str, figure: str, value: float, unit: str = "s") -> None:
    """Note a figure, where all benchmarks are run together; else nothing."""
    if name := os.environ.get(NOTES):
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(Figure(benchmark, figure, unit, value))) + "\n")


def noted(file: Path) -> list[Figure]:
    """All figures that were noted, the newest of each name."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    found = [Figure(**json.loads(line)) for line in lines]
    return list({(one.benchmark, one.figure): one for one in found}.values())


def timed(benchmark: str, file: Path) -> list[Figure]:
    """Least seconds of each test, from what pytest-benchmark wrote."""
    if not file.exists():
        return []
    return [
        Figure(benchmark, one["name"].removeprefix("test_"), "s", one["stats"]["min"])
        for one in json.loads(file.read_text("utf-8"))["benchmarks"]
    ]


def kept(file: Path = KEPT) -> list[Kept]:
    """Figures of releases, oldest first."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as stream:
        return [Kept(**{**row, "value": float(row["value"])}) for row in csv.DictReader(stream)]


def keep(figures: Iterable[Figure], release: str, size: str, file: Path = KEPT) -> None:
    """Keep figures as those of a release; what was kept of it before is replaced by name."""
    new = [Kept(**asdict(one), release=release, size=size) for one in figures]
    names = {(one.release, one.size, one.benchmark, one.figure) for one in new}
    old = [one for one in kept(file)
           if (one.release, one.size, one.benchmark, one.figure) not in names]  # fmt: skip
    with file.open("w", encoding="utf-8", newline="") as stream:
        columns = ["release", "size", *(one.name for one in fields(Figure))]
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**asdict(one), "value": f"{one.value:.4g}"} for one in (*old, *new))


def table(figures: Iterable[Figure], size: str, before: Iterable[Kept]) -> str:
    """One table: each figure beside the one kept last at the same size, and their ratio."""
    known = {(one.benchmark, one.figure): one for one in before if one.size == size}
    rows = [("benchmark", "figure", "unit", "now", "kept", "release", "ratio")]
    for one in figures:
        old = known.get((one.benchmark, one.figure))
        past = ("", "", "")
        if old is not None:
            ratio = f"{one.value / old.value:.2f}" if old.value else ""
            past = (f"{old.value:.4g}", old.release, ratio)
        rows.append((one.benchmark, one.figure, one.unit, f"{one.value:.4g}", *past))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            f"{cell:<{width}}" if at < 3 else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
