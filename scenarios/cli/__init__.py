"""The `jobmatch` command: the matcher's subcommands and those around what-if and made-up data."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from matcher.cli import build_app
from matcher.streams import run_as_process
from matcher.terminal import DebugOption, Lang, LangOption, OnOption, day_of, errors_shown
from scenarios.cli.whatif import add_whatif, with_cluster_address


class Form(StrEnum):
    """Formats that tables are written in."""

    csv = "csv"
    parquet = "parquet"
    excel = "excel"
    sql = "sql"


def aarhus_week(folder: Path, today: dt.date) -> Path:
    """Write the made-up Aarhus week into a folder."""
    from scenarios.population import Population, write

    return Path(write(folder, Population(today=today)))


def whole_app() -> typer.Typer:
    """Build the command with all its subcommands."""
    app = build_app(aarhus_week)
    add_whatif(app, aarhus_week)

    @app.command("make")
    def make(
        folder: Annotated[Path, typer.Argument(metavar="DIR")],
        municipality: Annotated[str, typer.Option()] = "Aarhus",
        citizens: Annotated[int | None, typer.Option(min=0)] = None,
        openings: Annotated[int | None, typer.Option(min=0)] = None,
        seed: Annotated[int, typer.Option(min=0)] = 2026,
        form: Annotated[Form, typer.Option("--format")] = Form.csv,
        danish: Annotated[bool, typer.Option()] = False,
        on: OnOption = None,
        lang: LangOption = Lang.en,
        debug: DebugOption = False,
    ) -> None:
        """Make a made-up municipality: a week's tables from a seed, calibrated to known facts."""
        with errors_shown(debug):
            from matcher.streams import fitting
            from matcher.tables import check_folder
            from scenarios.population import Population, write

            check_folder(folder, "DIR")
            spec = Population(
                municipality=municipality,
                citizens=citizens,
                openings=openings,
                today=day_of(on),
                seed=seed,
            )
            address = write(folder, spec, format=form.value, danish=danish)
            typer.echo(fitting(address, sys.stdout.encoding))

    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command.

    Parameters
    ----------
    arguments
        What stands behind the command's name; None: those of the process.
    """
    app = whole_app()
    if arguments is None:
        sys.argv[1:] = with_cluster_address(sys.argv[1:])
        run_as_process(app)
    else:
        app(with_cluster_address(arguments))
