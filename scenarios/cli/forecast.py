"""The command `jobmatch forecast`: will a target be reached, when, and what would move it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.commands import Answering, add_command
from matcher.terminal import day_of, ledger_opened, print_json, say, solvers_quiet
from matcher.texts import Message
from scenarios.cli.asked import Living, raise_faults

if TYPE_CHECKING:
    from matcher.decisions import TargetOutlook
    from scenarios.forecast import Forecast, LeverPulled, PricedYears, YearLever
    from scenarios.progress import Progress
    from scenarios.year import Year, YearSpec
    from scenarios.year.from_ledger import OwnWeeks

YEARS = 20
"""Years where nothing is asked: the ends of the band lie between the second and the third."""

Live = Callable[["YearLever | None"], list["Year"]]


@dataclass(frozen=True, kw_only=True)
class ForecastAsked(Living, Answering):
    """Say whether a number of placements will be reached."""

    target: Annotated[int | None, typer.Option("--target", min=1)] = None
    already: Annotated[int | None, typer.Option("--already", min=0)] = None
    until: Annotated[str | None, typer.Option("--until", metavar="DATE")] = None
    accept: Annotated[float | None, typer.Option("--accept", metavar="PERCENT", min=0, max=100)] = (
        None
    )
    levers: Annotated[bool, typer.Option("--levers")] = False
    fixed: Annotated[bool, typer.Option("--fixed")] = False
    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("forecasts")

    def changes(self) -> dict[str, float]:
        """Return the figures that are to be others."""
        found = super().changes()
        if self.accept is not None:
            found["accepted"] = round(self.accept / 100, 4)
        return found

    @property
    def many(self) -> int:
        """Years that are simulated."""
        return YEARS if self.years is None else self.years

    def faults(self) -> list[Message]:
        """Say all that is asked wrongly, as far as it can be seen before years are lived."""
        from scenarios.forecast.bands import FEWEST

        faults = super().faults()
        if self.accept is not None and "accepted" in super().changes():
            faults.append(Message("forecast.accept_twice"))
        if self.many < FEWEST:
            faults.append(Message("forecast.too_few", years=self.many, fewest=FEWEST))
        alone = self.target is None and not self.from_ledger
        if alone and (self.until is not None or self.already):
            faults.append(Message("forecast.target_words"))
        if len(set(self.way or ())) > 1:
            faults.append(Message("forecast.one_way", ways=tuple(dict.fromkeys(self.way or ()))))
        return faults

    @property
    def planned(self) -> str | None:
        """How weeks are to be planned. None: as the policy says."""
        return self.way[0] if self.way else None


@dataclass(frozen=True)
class Goal:
    """What is to be reached, and when."""

    target: int | None
    """Starts; None: no target."""
    already: int
    """Starts before the first week, which count."""
    by: dt.date | None
    """None: the last week."""


def add_forecast(app: typer.Typer) -> None:
    """Add the command to the command."""
    add_command(app, "forecast", ForecastAsked, _forecast)


def _forecast(asked: ForecastAsked) -> None:
    from matcher.report import need_page
    from matcher.tables import check_folder
    from scenarios.forecast import (
        document_of,
        forecast,
        levers,
        told_lever,
        told_prices,
        write_forecast,
    )
    from scenarios.forecast.bands import week_by
    from scenarios.progress import Progress

    # All that can be asked wrongly is said before years are lived through.
    raise_faults(asked.faults())
    changes, many, earlier, made_up = asked.changes(), asked.many, None, True
    check_folder(asked.out, "--out")
    need_page()
    by = None if asked.until is None else day_of(asked.until, "--until")
    goal = Goal(asked.target, asked.already or 0, by)
    with Progress() as talk, solvers_quiet(shown=asked.debug):
        tried = levers() if asked.levers else ()
        if asked.from_ledger:
            own, known, earlier = _own_weeks(asked, changes)
            way, day, made_up = _way_of(asked, own), own.problem.today, own.made_up
            goal = _goal_of(asked, known, day, by)
            tried = tuple(one for one in tried if one.own)
            live: Live = partial(_own, own, way, asked, changes, range(1, many + 1), talk)
        else:
            way, day = asked.planned or "exact", day_of(asked.on)
            live = partial(_made_up, _specs(asked, changes, way, many), asked, talk)
        week_by(day, asked.length, goal.by)
        talk.phase("year")
        make = partial(forecast, day=day, target=goal.target, already=goal.already, by=goal.by)
        years = live(None)
        found = make(years)
        priced = _beside_exact(way, years, live)
        pulled = []
        for lever in tried:
            if lever.way == way:
                continue  # The years are planned so already.
            other = live(lever)
            pulled.append(told_lever(lever, years, other, make(other)))
            if lever.way == "prices" and priced is None:
                priced = told_prices(years, other)
    document = document_of(
        found, pulled, asked.language, made_up=made_up, figures=changes,
        drawn=not asked.fixed, priced=priced, earlier=earlier,
    )  # fmt: skip
    page = write_forecast(document, found, pulled, asked.out, priced)
    if asked.as_json:
        print_json({**document, "page": str(page)})
        return
    for line in _lines(asked, found, pulled, priced, earlier):
        say(line)
    say(Message("country.open_page", path=str(page)))


def _lines(
    asked: ForecastAsked,
    found: Forecast,
    pulled: Sequence[LeverPulled],
    priced: PricedYears | None,
    earlier: Mapping[str, Any] | None,
) -> list[str]:
    """Say what is to be expected, what would move it, and what earlier forecasts came to."""
    from matcher.report import Words, past_lines
    from scenarios.forecast import answer, priced_lines
    from scenarios.forecast.page import lever_line

    lines: list[str] = [*answer(found), *(lever_line(found, one) for one in pulled)]
    if priced is not None:
        lines += priced_lines(priced, found.weeks)
    if earlier is not None:
        words = Words(asked.language)
        lines += [words("past.title"), *(f"  {line}" for line in past_lines(earlier, words))]
    return [
        *lines,
        Message("forecast.not_drawn" if asked.fixed else "forecast.drawn"),
        Message("year.worth"),
    ]


def _goal_of(asked: ForecastAsked, known: TargetOutlook, day: dt.date, by: dt.date | None) -> Goal:
    """Take what is asked; what is not, the programme and the ledger say.

    A programme whose last day is beyond the weeks that are simulated is asked about their last; one
    that is over, or has not begun, has no target by itself.
    """
    last = day + dt.timedelta(weeks=asked.length, days=-1)
    until = known.until
    running = until is not None and until >= day
    target = asked.target or (known.target if running else None)
    already = known.already if asked.already is None else asked.already
    if by is None and asked.target is None and until is not None and running and until <= last:
        by = until
    return Goal(target, already, by)


def _beside_exact(way: str, years: Sequence[Year], live: Live) -> PricedYears | None:
    """Live through the same years without prices where they were planned with; None: they were not.

    Its weeks say what had a price, and the difference what came of it.
    """
    from scenarios.forecast import YearLever, told_prices

    if way != "prices":
        return None
    return told_prices(live(YearLever("exact", way="exact")), years)


def _way_of(asked: ForecastAsked, own: OwnWeeks) -> str:
    """How the municipality's weeks are planned: as asked, or as its policy says."""
    horizon = own.problem.policy.horizon
    return asked.planned or ("prices" if horizon is not None and horizon.on else "exact")


def _specs(
    asked: ForecastAsked, changes: Mapping[str, float], way: Any, many: int
) -> list[YearSpec]:
    """Years of a made-up municipality, each from a seed of its own."""
    from scenarios.forecast import drawn_figures
    from scenarios.population import Population
    from scenarios.year import YearSpec

    return [
        YearSpec(
            Population(
                municipality=asked.municipality, citizens=asked.citizens,
                openings=asked.openings, today=day_of(asked.on), seed=seed,
            ),
            way=way, weeks=asked.length, seed=seed,
            figures=changes if asked.fixed else drawn_figures(seed, changes),
        )
        for seed in range(1, many + 1)
    ]  # fmt: skip


def _made_up(
    specs: Sequence[YearSpec], asked: ForecastAsked, talk: Progress, lever: YearLever | None
) -> list[Year]:
    """Live through years on processes, kept as they come."""
    from scenarios.forecast import pulled
    from scenarios.year.many import simulate_many

    wanted = [spec if lever is None else pulled(spec, lever) for spec in specs]
    if lever is not None:
        talk.phase(lever.said())
    return simulate_many(wanted, asked.kept, asked.workers, talk.step, cluster=asked.cluster)


def _own_weeks(
    asked: ForecastAsked, changes: Mapping[str, float]
) -> tuple[OwnWeeks, TargetOutlook, dict[str, Any]]:
    """Read the ledger's own weeks, what it knows of the target, and what forecasts came to."""
    from matcher.decisions import outlook, past_outlooks
    from scenarios.year.from_ledger import own_weeks

    with ledger_opened(asked.ledger) as ledger:
        own = own_weeks(ledger, changes)
        past = past_outlooks(ledger, own.problem.policy, own.problem.today)
        return own, outlook(own.problem, ledger), past


def _own(
    own: OwnWeeks,
    way: Any,
    asked: ForecastAsked,
    changes: Mapping[str, float],
    seeds: Sequence[int],
    talk: Progress,
    lever: YearLever | None,
) -> list[Year]:
    """Live through the municipality's own weeks, drawn again."""
    from scenarios.forecast import drawn_figures, pulled_figures
    from scenarios.year import assumed
    from scenarios.year.from_ledger import OwnYear
    from scenarios.year.many import live_many

    # What the ledger itself has counted is not drawn: it differs from what is assumed.
    counted = {name: value for name, value in own.figures.items() if value != assumed()[name]}
    years: list[OwnYear] = []
    for seed in seeds:
        figures: dict[str, Any] = dict(own.figures)
        if not asked.fixed:
            figures |= drawn_figures(seed, {**counted, **changes})
        if lever is not None:
            figures = pulled_figures(lever, figures)
        planned = way if lever is None or lever.way is None else lever.way
        years.append(OwnYear(replace(own, figures=figures), planned, asked.length, seed))
    if lever is not None:
        talk.phase(lever.said())
    jobs = {year.name: year.live for year in years}
    found = live_many(jobs, asked.kept, asked.workers, talk.step, asked.cluster)
    return [found[year.name] for year in years]
