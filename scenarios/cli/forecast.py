"""The command `jobmatch forecast`: will a target be reached, when, and what would move it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.commands import Answering, add_command
from matcher.errors import OptionError
from matcher.terminal import day_of, ledger_opened, print_json, say, solvers_quiet
from matcher.texts import Message
from scenarios.cli.asked import Living

if TYPE_CHECKING:
    from scenarios.forecast import YearLever
    from scenarios.progress import Progress
    from scenarios.year import Way, Year, YearSpec
    from scenarios.year.from_ledger import OwnWeeks

YEARS = 20
"""Years where nothing is asked: the ends of the band lie between the second and the third."""

Live = Callable[["YearLever | None"], list["Year"]]


@dataclass(frozen=True, kw_only=True)
class ForecastAsked(Living, Answering):
    """Say whether a number of placements will be reached."""

    target: Annotated[int | None, typer.Option("--target", min=1)] = None
    already: Annotated[int, typer.Option("--already", min=0)] = 0
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
            if "accepted" in found:
                raise OptionError(Message("forecast.accept_twice"))
            found["accepted"] = round(self.accept / 100, 4)
        return found


def add_forecast(app: typer.Typer) -> None:
    """Add the command to the command."""
    add_command(app, "forecast", ForecastAsked, _forecast)


def _forecast(asked: ForecastAsked) -> None:
    from matcher.report import need_page
    from matcher.tables import check_folder
    from scenarios.forecast import answer, document_of, forecast, levers, told_lever, write_forecast
    from scenarios.forecast.bands import FEWEST, week_by
    from scenarios.forecast.page import lever_line
    from scenarios.progress import Progress
    from scenarios.year import assumed

    # All that can be asked wrongly is said before years are lived through.
    many = YEARS if asked.years is None else asked.years
    if many < FEWEST:
        raise OptionError(Message("forecast.too_few", years=many, fewest=FEWEST))
    if asked.target is None and (asked.until is not None or asked.already):
        raise OptionError(Message("forecast.target_words"))
    changes = asked.changes()
    assumed(changes)
    check_folder(asked.out, "--out")
    need_page()
    by = None if asked.until is None else day_of(asked.until)
    with Progress() as talk, solvers_quiet(shown=asked.debug):
        talk.phase("year")
        tried = levers() if asked.levers else ()
        if asked.from_ledger:
            own = _own_weeks(asked, changes)
            day = own.problem.today
            tried = tuple(one for one in tried if one.own)
            seeds = range(1, many + 1)
            live: Live = partial(_own, own, asked, changes, seeds, talk)
        else:
            day = day_of(asked.on)
            live = partial(_made_up, _specs(asked, changes, many), asked, talk)
        week_by(day, asked.length, by)
        make = partial(forecast, day=day, target=asked.target, already=asked.already, by=by)
        years = live(None)
        found = make(years)
        pulled = []
        for lever in tried:
            other = live(lever)
            pulled.append(told_lever(lever, years, other, make(other)))
    document = document_of(
        found, pulled, asked.language, made_up=not asked.from_ledger, figures=changes,
        drawn=not asked.fixed,
    )  # fmt: skip
    page = write_forecast(document, found, pulled, asked.out)
    if asked.as_json:
        print_json({**document, "page": str(page)})
        return
    for line in answer(found):
        say(line)
    for one in pulled:
        say(lever_line(found, one))
    say(Message("forecast.not_drawn" if asked.fixed else "forecast.drawn"))
    say(Message("year.worth"))
    say(Message("country.open_page", path=str(page)))


def _specs(asked: ForecastAsked, changes: Mapping[str, float], many: int) -> list[YearSpec]:
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
            weeks=asked.length, seed=seed,
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


def _own_weeks(asked: ForecastAsked, changes: Mapping[str, float]) -> OwnWeeks:
    from scenarios.year.from_ledger import own_weeks

    with ledger_opened(asked.ledger) as ledger:
        return own_weeks(ledger, changes)


def _own(
    own: OwnWeeks,
    asked: ForecastAsked,
    changes: Mapping[str, float],
    seeds: Sequence[int],
    talk: Progress,
    lever: YearLever | None,
) -> list[Year]:
    """Live through the municipality's own weeks, drawn again, planned as its policy says."""
    from scenarios.forecast import drawn_figures, pulled_figures
    from scenarios.year import assumed
    from scenarios.year.from_ledger import OwnYear
    from scenarios.year.many import live_many

    horizon = own.problem.policy.horizon
    way: Way = "prices" if horizon is not None and horizon.on else "exact"
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
