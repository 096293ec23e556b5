"""Which lever matters: the ready scenarios over the ranges of what the made-up week assumes.

    python -m benchmarks.levers                       # the table of docs/made-up-weeks.md, to read
    python -m benchmarks.levers --write               # written into docs/made-up-weeks.md
    python -m benchmarks.levers --municipality Odense --seeds 1,2 --levers evening_class

Each week is solved as it is and with each lever laid over it; a cell is how many people more (or
fewer) the best plan places. First over the seeds with every assumption at its value, then with one
theme of assumptions at a time at the scarce and at the plentiful end of its range. Numbers of
people are proven optimal unless a cell ends in ``?``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from matcher import engine
from matcher.again import earlier_of
from matcher.solve import solve
from scenarios.patch import WhatIfError, apply, library
from scenarios.population import Population, problem
from scenarios.population.assumptions import themes

PAGE = Path(__file__).parent.parent / "docs" / "made-up-weeks.md"
BEGIN, END = "<!-- levers -->", "<!-- /levers -->"
LEVERS = (
    "own_mentors", "more_mentor_hours", "lower_language_floor", "evening_class", "morning_class",
    "more_class_seats", "on_site_danish", "hygiene_courses", "faster_papers", "childcare_shifts",
    "part_time_seats", "more_follow_up", "better_transport", "private_openings",
    "private_wage_subsidy", "ratio_cap_lifted", "budget_cut",
)  # fmt: skip
# Less than one person in a thousand: the number of people is exact, the fit need not be.
_GAP = 0.0005


@dataclass(frozen=True)
class Week:
    """One made-up week and what each lever brings in it."""

    name: str
    placed: int
    seats: int
    gains: Mapping[str, str]
    """By lever: people more, signed; ``?`` behind what is not proven, empty where it cannot be
    laid over the week."""


def measured(name: str, spec: Population, levers: Sequence[str], seconds: float) -> Week:
    """Solve a week as it is and under each lever, each solve within so many seconds."""
    week, options = problem(spec), engine.Options(gap=_GAP, seconds=seconds)
    base = solve(week, options)
    earlier, placed = earlier_of(base), base.plan.tiers[0]
    gains = {}
    for lever in levers:
        try:
            changed = apply(week, library().scenarios[lever]).problem
        except WhatIfError:
            gains[lever] = ""
            continue
        under = earlier.solve(changed, options).plan.tiers[0]
        doubt = "" if under.proven and placed.proven else "?"
        gains[lever] = f"{under.value - placed.value:+d}{doubt}"
    seats = int(week["openings"]["seats"].sum())
    return Week(name, placed.value, seats, gains)


def table(weeks: Sequence[Week], levers: Sequence[str]) -> list[str]:
    """Lines of a Markdown table: levers down, weeks across."""
    lines = [
        "| lever | " + " | ".join(week.name for week in weeks) + " |",
        "|---|" + "---:|" * len(weeks),
        "| *proposals as it is* | " + " | ".join(f"*{week.placed}*" for week in weeks) + " |",
        "| *seats* | " + " | ".join(f"*{week.seats}*" for week in weeks) + " |",
    ]
    for lever in levers:
        cells = " | ".join(week.gains[lever] for week in weeks)
        lines.append(f"| `{lever}` | {cells} |")
    return lines


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Which lever matters in the made-up week.")
    parser.add_argument("--municipality", default="Aarhus")
    parser.add_argument("--seeds", default="2026,1,2", help="the first carries the themes")
    parser.add_argument("--levers", default=",".join(LEVERS))
    parser.add_argument("--themes", default=",".join(themes()), help="empty: seeds alone")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60, help="most seconds for one solve")
    parser.add_argument("--write", action="store_true", help=f"write into {PAGE.name}")
    asked = parser.parse_args()
    levers = [name for name in asked.levers.split(",") if name]
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    where = asked.municipality
    jobs = {f"seed {seed}": Population(where, seed=seed) for seed in seeds}
    for theme in filter(None, asked.themes.split(",")):
        for end in ("scarce", "plenty"):
            jobs[f"{theme} {end}"] = Population(where, seed=seeds[0], assume={theme: end})
    found: dict[str, Week] = {}
    begun = time.perf_counter()
    with ProcessPoolExecutor(asked.workers, get_context("spawn")) as pool:
        waiting = {
            name: pool.submit(measured, name, spec, levers, asked.seconds)
            for name, spec in jobs.items()
        }
        for name, future in waiting.items():
            found[name] = future.result()
            done = f"{len(found)}/{len(jobs)} {name}"
            print(f"{done}: {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    tables = [table([found[f"seed {seed}"] for seed in seeds], levers)]
    ends = [found[name] for name in jobs if not name.startswith("seed ")]
    tables += [table(ends[at : at + 8], levers) for at in range(0, len(ends), 8)]
    text = "\n\n".join("\n".join(lines) for lines in tables)
    print(text)
    if asked.write:
        page = PAGE.read_text("utf-8")
        before, _, rest = page.partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
