"""The command `jobmatch year`: a simulated year, planned one way and another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from matcher.commands import Answering, add_command
from matcher.terminal import day_of, ledger_opened, print_json, say, solvers_quiet
from matcher.texts import Message, joined
from scenarios.cli.asked import Living, raise_faults

if TYPE_CHECKING:
    from scenarios.progress import Progress
    from scenarios.year import Way, Year

SCHEMA_VERSION = 1
YEARS = 6
"""Years of each way where nothing is asked: the fewest from which an interval is told."""


@dataclass(frozen=True, kw_only=True)
class YearAsked(Living, Answering):
    """Live through simulated years, planned one way and another, and hold them together."""

    @property
    def many(self) -> int:
        """Years of each way."""
        return self.years or YEARS


def add_year(app: typer.Typer) -> None:
    """Add the command to the command."""
    add_command(app, "year", YearAsked, _year)


def _year(asked: YearAsked) -> None:
    from scenarios.progress import Progress

    ways: list[Any] = list(dict.fromkeys(asked.way or ["exact", "prices"]))
    raise_faults(asked.faults())
    changes = asked.changes()
    with Progress() as talk, solvers_quiet(shown=asked.debug):
        lived = (_own if asked.from_ledger else _made_up)(asked, ways, changes, talk)
    if asked.as_json:
        print_json({
            "schema_version": SCHEMA_VERSION,
            "weeks": asked.length,
            "ways": {way: [year.to_dict() for year in lived[way]] for way in ways},
            "pairs": [_pair(lived, ways[0], way) for way in ways[1:]],
            "priced": {way: _priced(lived[way]) for way in ways},
            "steady": {way: _steady(lived[way]) for way in ways},
        })  # fmt: skip
        return
    for line in _lines(lived, ways, asked):
        say(line)


def _made_up(
    asked: YearAsked, ways: list[Any], changes: dict[str, float], talk: Progress
) -> dict[str, list[Year]]:
    """Live through years of a made-up municipality, on processes, kept as they come."""
    from scenarios.population import Population
    from scenarios.year import YearSpec
    from scenarios.year.many import simulate_many

    specs = [
        YearSpec(
            Population(
                municipality=asked.municipality, citizens=asked.citizens,
                openings=asked.openings, today=day_of(asked.on), seed=seed,
            ),
            way=way, weeks=asked.length, seed=seed, figures=changes,
        )
        for way in ways
        for seed in range(1, asked.many + 1)
    ]  # fmt: skip
    talk.phase("year")
    found = simulate_many(specs, asked.kept, asked.workers, talk.step, cluster=asked.cluster)
    return {way: found[at * asked.many : (at + 1) * asked.many] for at, way in enumerate(ways)}


def _own(
    asked: YearAsked, ways: list[Way], changes: dict[str, float], talk: Progress
) -> dict[str, list[Year]]:
    """Live through the municipality's own weeks, drawn again."""
    from scenarios.year.from_ledger import OwnYear, own_weeks
    from scenarios.year.many import live_many

    with ledger_opened(asked.ledger) as ledger:
        own = own_weeks(ledger, changes)
    years = {
        (way, seed): OwnYear(own, way, asked.length, seed)
        for way in ways
        for seed in range(1, asked.many + 1)
    }
    talk.phase("year")
    jobs = {year.name: year.live for year in years.values()}
    found = live_many(jobs, asked.kept, asked.workers, talk.step, asked.cluster)
    lived: dict[str, list[Year]] = {way: [] for way in ways}
    for (way, _), year in years.items():
        lived[way].append(found[year.name])
    return lived


def _steady(years: list[Year]) -> dict[str, Any] | None:
    from scenarios.year.pairs import steady

    found = steady(years)
    return None if found is None else found.to_dict()


def _priced(years: list[Year]) -> dict[str, Any]:
    from scenarios.forecast import priced_weeks

    return {name: {"low": band.low[0], "middle": band.middle[0], "high": band.high[0]}
            for name, band in priced_weeks(years).items()}  # fmt: skip


def _steady_line(way: str, years: list[Year]) -> list[str]:
    """Say how many start in a week once the first weeks' backlog is placed."""
    found = _steady(years)
    if found is None:
        return []
    return [Message("year.steady", way=way, year=round(52 * found["a_week"]), **found)]


def _priced_line(way: str, years: list[Year]) -> list[str]:
    """Say in how many weeks what had a price, where anything had."""
    from scenarios.forecast import priced_line, priced_weeks
    from scenarios.forecast.priced import ANY

    found = priced_weeks(years)
    if ANY not in found or not any(found[ANY].high):
        return []
    return [Message("year.priced", way=way, said=priced_line(found, len(years[0].weeks)))]


def _pair(lived: dict[str, list[Year]], before: str, after: str) -> dict[str, Any]:
    from scenarios.year.pairs import MEASURED, paired, verdict

    found = {name: paired(name, lived[before], lived[after]) for name in MEASURED}
    return {
        "before": before,
        "after": after,
        "verdict": verdict(found),
        **{name: one.to_dict() for name, one in found.items()},
    }


def _lines(lived: dict[str, list[Year]], ways: list[str], asked: YearAsked) -> list[str]:
    from scenarios.year.pairs import MEASURED, paired, signed, verdict

    lines: list[str] = []
    if len(ways) == 1:
        for name in MEASURED:
            years = lived[ways[0]]
            mean = sum(year.totals[name] for year in years) / len(years)
            lines.append(Message("year.alone", total=Message(f"year.total_{name}"), value=mean))
        lines += _priced_line(ways[0], lived[ways[0]])
        return [*lines, *_steady_line(ways[0], lived[ways[0]]), Message("year.worth")]
    before = ways[0]
    for after in ways[1:]:
        lines.append(
            Message("year.head", count=asked.many, years=asked.many, weeks=asked.length,
                    before=before, after=after)
        )  # fmt: skip
        found = {name: paired(name, lived[before], lived[after]) for name in MEASURED}
        for name, one in found.items():
            within: str = ""
            if one.low is not None and one.high is not None:
                within = Message("year.interval", low=signed(one.low), high=signed(one.high))
            lines.append(
                Message(
                    "year.line",
                    total=Message(f"year.total_{name}"),
                    old=one.before,
                    new=one.after,
                    difference=signed(one.difference),
                    interval=within,
                    worst=signed(one.worst),
                )
            )
        said = verdict(found)
        if said == "pays_not":
            worse = [Message(f"year.total_{name}") for name in ("starts", "fit", "person_weeks")
                     if found[name].clear < 0]  # fmt: skip
            why = Message("year.fewer", totals=joined(worse, ", "))
            lines.append(Message("year.pays_not", why=why))
        else:
            lines.append(Message(f"year.{said}", years=asked.many))
    for way in ways:
        lines += _priced_line(way, lived[way])
    for way in ways:
        lines += _steady_line(way, lived[way])
    return [*lines, Message("year.worth")]
