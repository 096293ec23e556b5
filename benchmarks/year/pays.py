"""Whether prices of the weeks ahead pay: years planned one way and another, held against hindsight.

python -m benchmarks.year.pays                   30 seeds, two municipalities, 52 weeks: a night
python -m benchmarks.year.pays --smoke           2 seeds of 6 weeks: minutes
python -m benchmarks.year.pays --seeds 8 --places scarce --ways exact prices --futures 1 5 15
python -m benchmarks.year.pays --null            null worlds: differences must be exactly 0
python -m benchmarks.year.pays --stress          arrivals +-30 %, an employer closes, wrong survival

Each year is kept as it is done (``--kept``): stopped, the same call goes on. Every way lives
through the same years: same people, same jobs, same luck. Told are mean and worst paired difference
with a 95 % bootstrap interval, in starts, fit, weeks in work, mean fit and the longest wait; starts
alone would reward short placements. Gates: null worlds exactly 0; where supports are scarce, prices
in the second goal give more starts and more fit beyond chance and no fewer weeks in work.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.results import note
from benchmarks.year.greedy import greedy
from benchmarks.year.hindsight import most_starts
from matcher.records import UNLIMITED
from matcher.week import parse_week, week_text
from scenarios.population import Population
from scenarios.year import Year, YearSpec
from scenarios.year.many import simulate_many
from scenarios.year.pairs import MEASURED, paired, verdict
from scenarios.year.simulate import found_town, live
from scenarios.year.town import Town
from scenarios.year.ways import choose

PLACES: Mapping[str, Mapping[str, Any]] = {
    # Few mentors and classes for 300 who wait: what the calibration has.
    "scarce": {"population": {"citizens": 300, "openings": 60}, "pace": (12.0, 6.0)},
    # Four times the help for as many: seats begin to be what is short.
    "ample": {
        "population": {"citizens": 300, "openings": 60, "mentor_hours": 4.0, "class_seats": 4.0,
                       "budgets": 4.0},
        "pace": (12.0, 6.0),
    },
}  # fmt: skip
PLENTY = {"mentor_hours": 1000.0, "class_seats": 1000.0, "budgets": 1000.0, "course_seats": 100.0}


@dataclass(frozen=True)
class Variant:
    """A way to plan, with what its policy changes."""

    name: str
    way: Any
    horizon: Mapping[str, Any] = field(default_factory=dict)
    greedy: bool = False


def variants(wanted: Sequence[str], futures: Sequence[int]) -> list[Variant]:
    """All ways that are asked for."""
    found: list[Variant] = []
    for name in wanted:
        if name in {"prices", "first"}:
            found += [Variant(f"{name}-{many}", name, {"futures": many}) for many in futures]
        else:
            found.append(Variant(name, "exact" if name == "greedy" else name,
                                 greedy=name == "greedy"))  # fmt: skip
    return found


def spec_of(place: str, seed: int, weeks: int, variant: Variant, **more: Any) -> YearSpec:
    """One year of a municipality."""
    shape = PLACES[place]
    citizens, openings = shape["pace"]
    return YearSpec(
        Population(seed=seed, **shape["population"]),
        way=variant.way, weeks=weeks, seed=seed, citizens_a_week=citizens,
        openings_a_week=openings, horizon=variant.horizon, **more,
    )  # fmt: skip


def lived(
    place: str, given: argparse.Namespace, seeds: Sequence[int], **more: Any
) -> dict[str, list[Year]]:
    """Years of every way, seed by seed."""
    ways = variants(given.ways, given.futures)
    specs = [spec_of(place, seed, given.weeks, one, **more) for one in ways for seed in seeds]
    plans = [greedy if one.greedy else None for one in ways for _ in seeds]
    years = simulate_many(specs, given.kept, given.workers, _told(given), plans)
    return {one.name: years[at * len(seeds) : (at + 1) * len(seeds)] for at, one in enumerate(ways)}


def _told(given: argparse.Namespace) -> Any:
    return lambda done, total: print(f"  {done} of {total} years", file=sys.stderr, flush=True)


def table(title: str, found: Mapping[str, list[Year]], against: str = "exact") -> bool:
    """Print a table of pairs; whether the first way with prices pays."""
    print(f"\n### {title}\n")
    print("| way | against exact | " + " | ".join(MEASURED) + " |")
    print("|---|---|" + "---:|" * len(MEASURED))
    base, pays = found[against], True
    means = [f"{np.mean([year.totals[name] for year in base]):.1f}" for name in MEASURED]
    print(f"| {against} | {len(base)} years | " + " | ".join(means) + " |")
    for name, years in found.items():
        if name == against:
            continue
        pairs = {total: paired(total, base, years) for total in MEASURED}
        cells = []
        for one in pairs.values():
            within = "" if one.low is None else f" ({one.low:+.1f} to {one.high:+.1f})"
            cells.append(f"{one.difference:+.1f}{within}, worst {one.worst:+.1f}")
        said = verdict(pairs)
        print(f"| {name} | {said} | " + " | ".join(cells) + " |", flush=True)
        note("year pays", f"{title}, {name}: starts", pairs["starts"].difference, "")
        if name.startswith("prices"):
            pays &= said == "pays"
    return pays


def hindsight(place: str, given: argparse.Namespace, found: Mapping[str, list[Year]],
              seeds: Sequence[int]) -> None:  # fmt: skip
    """Print how near each way comes to what no plan of the whole year can pass."""
    exact = Variant("exact", "exact")
    bounds = [most_starts(found_town(spec_of(place, seed, given.weeks, exact)), given.weeks)
              for seed in seeds]  # fmt: skip
    print(f"\nHindsight, at most: {np.mean(bounds):.1f} starts a year.")
    for name, years in found.items():
        share = [year.totals["starts"] / max(1, most)
                 for year, most in zip(years, bounds, strict=True)]  # fmt: skip
        print(f"- {name}: {np.mean(share):.1%} of it, worst {min(share):.1%}")


def equal_offers(town: Town) -> Town:
    """Make every offer alike: same need, same place, same job; only who and where differ."""
    shifts = week_text(parse_week("mon-fri 09:00-13:00"))
    alike: dict[str, dict[str, Any]] = {
        "citizens": {**_easy("citizens"), "mentor_hours": 0.5, "category": "activity_ready",
                     "household_id": None, "available_from": None, "practice_weeks_used": 0.0},
        "openings": {**_easy("openings"), "hours_min": 10.0, "hours_max": 20.0, "shifts": shifts,
                     "measures": "work_practice", "mentor_hours": 0.0, "isco": "9112",
                     "ramp_weeks": 0, "prospect": 0},
    }  # fmt: skip
    own = {"citizens": {"citizen_id", "caseworker_id", "weeks_waiting", "unknown"},
           "openings": {"opening_id", "workplace_id", "start_from", "start_to", "seats",
                        "unknown"}}  # fmt: skip
    tables = dict(town.stream.tables)
    for name, fields in alike.items():
        frame = tables[name]
        first = frame.iloc[0].to_dict()
        tables[name] = frame.assign(**{
            column: pd.Series([fields.get(column, first[column])] * len(frame),
                              dtype=frame[column].dtype)
            for column in frame.columns if column not in own[name]
        })  # fmt: skip
    tables["workplaces"] = tables["workplaces"].assign(
        postcode=tables["citizens"]["postcode"].iloc[0], sector="municipal", ordinary_staff=40,
        representative_agrees=True,
    )  # fmt: skip
    return Town(replace(town.stream, tables=tables), town.policy, town.figures, 1)


def _easy(name: str) -> dict[str, Any]:
    """What stands in nobody's way, as a table holds it."""
    return {
        key: (";".join(value) or None if isinstance(value, tuple) else value)
        for key, value in UNLIMITED[name].items()
    }


def null_worlds(given: argparse.Namespace, seeds: Sequence[int]) -> bool:
    """Live in worlds in which prices can bring nothing; whether they change nothing at all."""
    print("\n### Null worlds\n")
    exact, prices = Variant("exact", "exact"), Variant("prices", "prices")
    fine = True
    worlds: dict[str, Mapping[str, Any]] = {
        "nothing is scarce": {**PLENTY},
        "seats alone are scarce": {**PLENTY, "seats": 0.5, "openings": 25},
    }
    for name, changes in worlds.items():
        specs = []
        for one in (exact, prices):
            for seed in seeds:
                spec = spec_of("scarce", seed, given.weeks, one)
                specs.append(replace(spec, population=replace(spec.population, **changes)))
        years = simulate_many(specs, given.kept, given.workers, _told(given))
        same = all(a.weeks == b.weeks for a, b in
                   zip(years[: len(seeds)], years[len(seeds) :], strict=True))  # fmt: skip
        starts = np.mean([year.totals["starts"] for year in years[: len(seeds)]])
        print(f"- {name}: {'exactly 0' if same else 'NOT 0'} ({starts:.1f} starts a year)")
        fine &= same
    for seed in seeds[:2]:
        made = []
        for one in (exact, prices):
            spec = spec_of("scarce", seed, given.weeks, one)
            # All alike is hard to prove: a small place.
            few = replace(spec.population, citizens=60, openings=12)
            small = replace(spec, population=few, citizens_a_week=2.0, openings_a_week=1.0)
            town = equal_offers(found_town(small))
            made.append(live(town, given.weeks, {}, lambda t, p, way=one.way: choose(way, t, p)))
        same = made[0].totals == made[1].totals
        print(f"- all offers equal, seed {seed}: {'exactly 0' if same else 'NOT 0'} "
              f"({made[0].totals['starts']} starts)")  # fmt: skip
        fine &= same
    return fine


STRESS: Mapping[str, Mapping[str, Any]] = {
    "a third fewer come than were seen": {"arrivals": 0.7},
    "a third more come than were seen": {"arrivals": 1.3},
    "the largest employer closes in week 20": {"closing_week": 20},
    "placements are taken to last (nobody leaves early)": {
        "policy": {"horizon": {"leaving_permille": 0, "leaving_weight": 1_000_000}}
    },
    "placements are taken to end four times as often": {
        "policy": {"horizon": {"leaving_permille": 100, "leaving_weight": 1_000_000}}
    },
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked; 1 where a gate is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.year.pays", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--places", nargs="+", default=list(PLACES), choices=list(PLACES))
    parser.add_argument("--ways", nargs="+",
                        default=["exact", "greedy", "plain", "prices", "first"])  # fmt: skip
    parser.add_argument("--futures", nargs="+", type=int, default=[5])
    parser.add_argument("--null", action="store_true")
    parser.add_argument("--stress", action="store_true")
    parser.add_argument("--no-hindsight", action="store_true")
    parser.add_argument("--kept", type=Path, default=None)
    parser.add_argument("--workers", type=int, default=None)
    given = parser.parse_args(arguments)
    if given.smoke:
        given.seeds, given.weeks, given.places = 2, 6, ["scarce"]
        given.ways = ["exact", "greedy", "plain", "prices"]
    seeds = list(range(given.first_seed, given.first_seed + given.seeds))
    if given.null:
        return int(not null_worlds(given, seeds))
    if given.stress:
        given.ways = ["exact", "prices"]
        for name, more in STRESS.items():
            table(f"scarce, {name}", lived("scarce", given, seeds, **more))
        return 0
    missed = False
    for place in given.places:
        found = lived(place, given, seeds)
        pays = table(place, found)
        if not given.no_hindsight:
            hindsight(place, given, found, seeds)
        if place == "scarce" and not given.smoke:
            missed |= not pays
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
