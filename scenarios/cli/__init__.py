"""The `jobmatch` command: the matcher's subcommands and those around what-if and made-up data."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from matcher.cli import build_app
from matcher.commands import Asked, OnDay, add_command
from matcher.streams import run_as_process
from matcher.terminal import day_of
from scenarios.cli.asked import MadeUp
from scenarios.cli.country import run_each
from scenarios.cli.forecast import add_forecast
from scenarios.cli.serving import add_serving
from scenarios.cli.whatif import add_whatif, with_cluster_address
from scenarios.cli.year import add_year


class Form(StrEnum):
    """Formats that tables are written in."""

    csv = "csv"
    parquet = "parquet"
    excel = "excel"
    sql = "sql"


class People(StrEnum):
    """Whom a made-up municipality holds."""

    duty = "duty"
    benefits = "benefits"


@dataclass(frozen=True, kw_only=True)
class Make(MadeUp, OnDay, Asked):
    """Make a made-up municipality: a week's tables from a seed, calibrated to known facts."""

    folder: Annotated[Path, typer.Argument(metavar="DIR")]
    people: Annotated[People, typer.Option()] = People.duty
    seed: Annotated[int, typer.Option(min=0)] = 2026
    form: Annotated[Form, typer.Option("--format")] = Form.csv
    danish: Annotated[bool, typer.Option()] = False


def aarhus_week(folder: Path, today: dt.date) -> Path:
    """Write the made-up Aarhus week into a folder."""
    from scenarios.population import Population, write

    return Path(write(folder, Population(today=today)))


@cache
def whole_app() -> typer.Typer:
    """Build the command with all its subcommands."""
    app = build_app(aarhus_week, run_each)
    add_whatif(app, aarhus_week)
    add_serving(app)

    add_command(app, "make", Make, _make)
    add_year(app)
    add_forecast(app)
    return app


@cache
def _whole_command() -> Any:
    """Read the options of all subcommands; once, however often a process calls the command."""
    return get_command(whole_app())


def _make(asked: Make) -> None:
    from matcher.streams import fitting
    from matcher.tables import check_folder
    from scenarios.population import Population, write

    check_folder(asked.folder, "DIR")
    spec = Population(
        municipality=asked.municipality,
        people=asked.people.value,
        citizens=asked.citizens,
        openings=asked.openings,
        today=day_of(asked.on),
        seed=asked.seed,
    )
    address = write(asked.folder, spec, format=asked.form.value, danish=asked.danish)
    typer.echo(fitting(address, sys.stdout.encoding))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command.

    Parameters
    ----------
    arguments
        What stands behind the command's name; None: those of the process.
    """
    if arguments is None:
        sys.argv[1:] = with_cluster_address(sys.argv[1:])
        run_as_process(whole_app())
    else:
        _whole_command()(with_cluster_address(arguments))
