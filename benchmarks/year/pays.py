"""Whether prices of the weeks ahead pay: years planned one way and another, held against hindsight.

python -m benchmarks.year.pays --kept years         the whole protocol, what tells most first
python -m benchmarks.year.pays --kept years --show  tables of the years that are there, no more
python -m benchmarks.year.pays --seeds 8 --stages first ways
python -m benchmarks.year.pays --smoke              2 seeds of 4 weeks: a minute

The protocol is 30 seeds of 40 weeks and 32 more, of which nothing was chosen on 8, two
municipalities of different scarcity, all ways to plan, stress, a year whose money is short, null
worlds, and what was tried to do better. It is lived through stage by stage and seed by seed, each
year kept as it is done: stopped, the same call goes on, and the tables count the seeds that are
there. Every way lives through the same years: same people, same jobs, same luck. Told are the mean
paired difference with its 95 % bootstrap interval, the worst seed and in how many seeds it is above
0; starts alone would reward short placements, so weeks in work and fit stand beside them.
Gates: null worlds exactly 0; where supports are scarce, prices in the second goal give more starts
and more fit beyond chance and no fewer weeks in work.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.results import note
from benchmarks.year.hindsight import bounds_of
from benchmarks.year.ideas import EXACT, FIRST, GREEDY, NEAR, PLAIN, PRICES, TRIED, Idea
from benchmarks.year.worlds import AMPLE, NULL, SCARCE, SHORT, STRESS, World, live_alike
from scenarios.year import Year, simulate
from scenarios.year.many import kept_year, live_many
from scenarios.year.pairs import MEASURED, paired, verdict
from scenarios.year.simulate import found_town
from scenarios.year.town import FOLLOWED

OURS = PRICES[1]
"""The way the policy has: five futures, in the second goal."""
ALL, EIGHT, REST = range(1, 31), range(1, 9), range(9, 31)
CHOSEN, UNSEEN = range(31, 55), range(55, 63)
"""Seeds on which the policy's figures were chosen, beside the first four; on which nothing was."""
SIGNS = {"starts": "starts", "fit": "fit, all starts", "person_weeks": "weeks in work",
         "mean_fit": "fit of a start", "longest_wait": "longest wait"}  # fmt: skip
BOUND, ALIKE = "bounds", "alike"


@dataclass(frozen=True)
class Stage:
    """A part of the protocol."""

    name: str
    worlds: Sequence[World]
    ideas: Sequence[Idea]
    seeds: Sequence[int]
    beside: str | None = None
    """What is worked out of each seed beside its years: a bound, or a world of equal offers."""


UNCUT = "followed"
"""Weeks in work that the end of the year does not cut; years kept before it was counted lack it."""
_MAIN = (EXACT, OURS, PLAIN, GREEDY, FIRST[1])
_FUTURES = (EXACT, OURS, PRICES[0], PRICES[2], FIRST[0], FIRST[2])
_WAYS = (*_MAIN, *(one for one in _FUTURES if one not in _MAIN))
PROTOCOL = (
    Stage("sound", NULL, (EXACT, OURS), range(1, 2), ALIKE),
    Stage("first", [SCARCE], (EXACT, OURS, PLAIN), EIGHT),
    Stage("unseen", [SCARCE], (EXACT, OURS), UNSEEN, BOUND),
    Stage("chosen", [SCARCE], (EXACT, OURS, *NEAR), CHOSEN),
    Stage("tried", [SCARCE], TRIED, EIGHT),
    Stage("ways", [SCARCE], _MAIN, EIGHT, BOUND),
    Stage("null", NULL, (EXACT, OURS), EIGHT, ALIKE),
    Stage("ample", [AMPLE], _MAIN, EIGHT, BOUND),
    Stage("stress", STRESS, (EXACT, OURS), EIGHT),
    Stage("money", [SHORT], (EXACT, OURS), EIGHT),
    Stage("futures", [SCARCE], _FUTURES, EIGHT),
    Stage("thirty", [SCARCE], _MAIN, REST, BOUND),
    Stage("more", [AMPLE], _MAIN, REST, BOUND),
    Stage("more", [*STRESS, SHORT], (EXACT, OURS), REST),
    Stage("more", NULL, (EXACT, OURS), REST, ALIKE),
    Stage("more", [SCARCE], _FUTURES, REST),
    Stage("more", [AMPLE], _FUTURES, ALL),
    Stage("more", [SCARCE], TRIED, REST),
)
"""In the order in which it is lived through: what tells most first."""


Jobs = dict[str, Callable[[], Year]]


def jobs_of(stage: Stage, seed: int, weeks: int) -> Jobs:
    """Years of a stage and seed, by the name they are kept under."""
    jobs: Jobs = {}
    for world in stage.worlds:
        for idea in stage.ideas:
            spec = idea.spec(world, seed, weeks)
            jobs[idea.kept_as(world, seed, weeks)] = partial(simulate, spec, plan=idea.plan)
        if stage.beside == BOUND:
            jobs[bound_name(world, seed, weeks)] = partial(bound, world, seed, weeks)
    if stage.beside == ALIKE:
        for idea in stage.ideas:
            jobs[alike_name(idea, seed, weeks)] = partial(live_alike, idea.way, seed, weeks)
    return jobs


def bound(world: World, seed: int, weeks: int) -> Year:
    """Bound the starts of a year, and what they are worth, from above, kept like a year."""
    spec = world.spec(seed, weeks)
    return Year(spec.to_dict(), (), asdict(bounds_of(found_town(spec), weeks)))


def bound_name(world: World, seed: int, weeks: int) -> str:
    """Name that the bound of a year is kept under."""
    return f"{BOUND}-{world.spec(seed, weeks).digest()}"


def alike_name(idea: Idea, seed: int, weeks: int) -> str:
    """Name that a year of equal offers is kept under."""
    return f"{ALIKE}-{idea.kept_as(SCARCE, seed, weeks)}"


def lived_through(given: argparse.Namespace, stages: Sequence[Stage]) -> None:
    """Live through what is not there yet: stage by stage, in each the first seeds first."""
    for stage in stages:
        jobs: Jobs = {}
        for seed in stage.seeds:
            jobs |= jobs_of(stage, seed, given.weeks)
        if any(kept_year(given.kept, name) is None for name in jobs):
            live_many(jobs, given.kept, given.workers, partial(_progress, stage.name),
                      cluster=given.cluster)  # fmt: skip


def _progress(stage: str, done: int, of: int) -> None:
    print(f"  {stage}: {done} of {of} years are there", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class YearsKept:
    """The years of a world that are there."""

    world: World
    weeks: int
    years: Mapping[str, Mapping[int, Year]]
    """By idea and seed."""

    def pairs(self, idea: Idea, against: Idea = EXACT) -> tuple[list[Year], list[Year]]:
        """Years of the seeds that both have."""
        old, new = self.years.get(against.name, {}), self.years.get(idea.name, {})
        both = sorted(old.keys() & new.keys())
        return [old[seed] for seed in both], [new[seed] for seed in both]


def there(folder: Path, world: World, stages: Sequence[Stage], weeks: int) -> YearsKept:
    """Collect the years of a world that are there."""
    found: dict[str, dict[int, Year]] = {}
    for stage in stages:
        if world not in stage.worlds:
            continue
        for idea in stage.ideas:
            for seed in stage.seeds:
                year = kept_year(folder, idea.kept_as(world, seed, weeks))
                if year is not None:
                    found.setdefault(idea.name, {})[seed] = year
    return YearsKept(world, weeks, found)


def cell(name: str, before: Sequence[Year], after: Sequence[Year]) -> str:
    """One difference: mean, interval, worst seed, and in how many seeds it is above 0."""
    one = paired(name, before, after)
    within = "" if one.low is None else f" ({one.low:+,.1f} to {one.high:+,.1f})"
    above = sum(b.totals[name] > a.totals[name] for a, b in zip(before, after, strict=True))
    said = f"{one.difference:+,.1f}{within}"
    return f"{f'**{said}**' if one.clear else said}; worst {one.worst:+,.0f}; {above} above 0"


def table(kept: YearsKept, ideas: Sequence[Idea]) -> Iterator[str]:
    """Lines of a table of pairs."""
    base, lasting = list(kept.years.get(EXACT.name, {}).values()), list[str]()
    if not any(kept.pairs(idea)[0] for idea in ideas if idea is not EXACT):
        return
    yield f"| {kept.world.title} | seeds | {' | '.join(SIGNS[name] for name in MEASURED)} |"
    yield "|---|---:|" + "---:|" * len(MEASURED)
    means = [f"{np.mean([year.totals[name] for year in base]):,.1f}" for name in MEASURED]
    yield f"| exact | {len(base)} | {' | '.join(means)} |"
    for idea in ideas:
        before, after = kept.pairs(idea)
        if idea is EXACT or not before:
            continue
        cells = [cell(name, before, after) for name in MEASURED]
        yield f"| {idea.name} | {len(before)} | {' | '.join(cells)} |"
        if uncut := followed(before, after):
            lasting.append(f"{idea.name} {uncut}")
        gain = paired("starts", before, after).difference
        note("year pays", f"{kept.world.title}, {idea.name}: starts", gain, "")
    yield ""
    if lasting:
        yield (f"Weeks in work within {FOLLOWED} weeks of each first day, the end of the year "
               f"or not: {'; '.join(lasting)}.")  # fmt: skip
        yield ""


def followed(before: Sequence[Year], after: Sequence[Year]) -> str:
    """Say the difference in weeks in work that the end of the year does not cut."""
    counted = [(a, b) for a, b in zip(before, after, strict=True)
               if UNCUT in a.totals and UNCUT in b.totals]  # fmt: skip
    if not counted:
        return ""
    olds, news = zip(*counted, strict=True)
    mean = np.mean([year.totals[UNCUT] for year in olds])
    return f"{cell(UNCUT, olds, news)}, of {mean:,.1f} ({len(counted)} seeds)"


def hindsight(folder: Path, kept: YearsKept, ideas: Sequence[Idea]) -> Iterator[str]:
    """Say how near each way comes to what no way can pass on average: means against means."""
    shares: list[str] = []
    for idea in ideas:
        years = kept.years.get(idea.name, {})
        known = [
            (years[seed].totals, most.totals)
            for seed in sorted(years)
            if (most := kept_year(folder, bound_name(kept.world, seed, kept.weeks)))
        ]
        starts = sum(most["starts"] for _, most in known)
        points = sum(most["points"] for _, most in known)
        if starts and points:
            began = sum(year["starts"] for year, _ in known)
            worth = sum(points_of(year, most) for year, most in known)
            shares.append(f"{idea.name} {began / starts:.1%} and {worth / points:.1%} "
                          f"({len(known)} seeds)")  # fmt: skip
    if shares:
        yield ("Of the starts, and of the points of fit and weeks in work, that hindsight allows "
               f"on average: {'; '.join(shares)}.")  # fmt: skip
        yield ""


def points_of(year: Mapping[str, float], most: Mapping[str, float]) -> float:
    """Say what the starts of a year are worth, in the points that its bound is in."""
    return (year["fit"] + most["start_points"] * year["starts"]
            + most["week_points"] * year["person_weeks"])  # fmt: skip


def null_worlds(folder: Path, stages: Sequence[Stage], weeks: int) -> Iterator[tuple[str, bool]]:
    """Say of each null world whether prices changed nothing at all."""
    for world in NULL:
        before, after = there(folder, world, stages, weeks).pairs(OURS)
        yield _nothing(world.title, before, after)
    yield _nothing("all offers are alike", *_alike(folder, weeks).pairs(OURS))


def _alike(folder: Path, weeks: int) -> YearsKept:
    """Collect years of equal offers: one price for all is found, and nothing else differs."""
    found: dict[str, dict[int, Year]] = {EXACT.name: {}, OURS.name: {}}
    for idea in (EXACT, OURS):
        for seed in ALL:
            if year := kept_year(folder, alike_name(idea, seed, weeks)):
                unpriced = tuple({**week, "priced": 0, "priced_kinds": {}} for week in year.weeks)
                found[idea.name][seed] = Year({}, unpriced, year.totals)
    return YearsKept(SCARCE, weeks, found)


def _nothing(title: str, before: Sequence[Year], after: Sequence[Year]) -> tuple[str, bool]:
    if not before:
        return "", True
    same = all(a.weeks == b.weeks and a.totals == b.totals
               for a, b in zip(before, after, strict=True))  # fmt: skip
    starts = np.mean([year.totals["starts"] for year in before])
    said = "exactly 0" if same else "**not 0**"
    return f"- {title}: {said} ({len(before)} seeds, {starts:.1f} starts a year)", same


def told(given: argparse.Namespace, stages: Sequence[Stage]) -> tuple[list[str], bool, bool]:
    """Return the tables of what is there as lines, and whether null worlds and gains are right."""
    lines, fine, pays = [f"Years of {given.weeks} weeks.", ""], True, True
    for world in (SCARCE, AMPLE):
        kept = there(given.kept, world, stages, given.weeks)
        lines += [*table(kept, _WAYS), *hindsight(given.kept, kept, _WAYS)]
    scarce = there(given.kept, SCARCE, stages, given.weeks)
    if any(scarce.pairs(idea)[0] for idea in TRIED):
        lines += table(scarce, (OURS, *TRIED))
    for world in (*STRESS, SHORT):
        lines += table(there(given.kept, world, stages, given.weeks), (OURS,))
    for line, same in null_worlds(given.kept, stages, given.weeks):
        if line:
            lines.append(line)
        fine &= same
    before, after = scarce.pairs(OURS)
    if before:
        pairs = {name: paired(name, before, after) for name in MEASURED}
        said = verdict(pairs)
        lines += ["", f"Where supports are scarce, by the verdict of `jobmatch year`: {said}."]
        pays = said == "pays" and pairs["fit"].clear > 0
    return lines, fine, pays


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked; 1 where a gate is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.year.pays", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--show", action="store_true", help="Live through nothing.")
    parser.add_argument("--seeds", type=int, default=max(UNSEEN))
    parser.add_argument("--weeks", type=int, default=40)
    parser.add_argument("--stages", nargs="+", choices=[*{one.name: 0 for one in PROTOCOL}])
    parser.add_argument("--kept", type=Path, default=None)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--cluster", default=None, help="'local', or a Dask scheduler's address.")
    given = parser.parse_args(arguments)
    if given.smoke:
        given.seeds, given.weeks, given.stages = 2, 4, ["first", "null"]
    wanted = [
        Stage(one.name, one.worlds, one.ideas, [seed for seed in one.seeds if seed <= given.seeds],
              one.beside)
        for one in PROTOCOL
        if given.stages is None or one.name in given.stages
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        given.kept = given.kept or Path(folder)
        if not given.show:
            lived_through(given, wanted)
        lines, fine, pays = told(given, wanted)
    print("\n".join(lines))
    # A few weeks of two years cannot show a gain, but must show nothing where nothing is scarce.
    return int(not (fine and (pays or given.smoke)))


if __name__ == "__main__":
    sys.exit(main())
