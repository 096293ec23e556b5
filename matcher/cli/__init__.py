"""The command line: data on stdout, talk on stderr, exit codes that mean something.

0 done; 2 bad input or usage; 3 nothing can honour what is fixed; 4 nothing found within the limit;
1 our fault. Everything heavy is imported by the command that needs it, so that help is instant.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher import __version__
from matcher.cli.asking import add_asking
from matcher.cli.backing import add_backing
from matcher.cli.contest import add_contest
from matcher.cli.decisions import add_decisions
from matcher.cli.dossier import add_dossier
from matcher.cli.explaining import add_explaining
from matcher.cli.importing import add_importing
from matcher.cli.ledger import add_ledger_commands
from matcher.cli.mapping import add_mapping
from matcher.commands import (
    Answering,
    Asked,
    Dated,
    InLedger,
    OfTables,
    OnWeek,
    OnWorkers,
    Seeded,
    add_command,
)
from matcher.errors import ClashError, InputErrors, OptionError
from matcher.streams import Command, run_as_process
from matcher.terminal import (
    Lang,
    address_of,
    day_of,
    ledger_address,
    mapping_of,
    note,
    policy_of,
    print_json,
    say,
    solvers_quiet,
)
from matcher.texts import Message

if TYPE_CHECKING:
    from matcher.solve import Options
    from matcher.tables import Reading


MakeWeek = Callable[[Path, dt.date], Path]
"""Makes a made-up week in a folder and returns the folder; given by the package that can."""


PROOF_SECONDS = 7 * 24 * 3600.0
"""A limit so far away that a solve under it ends by its proof: with one, the search goes on."""


class Each(StrEnum):
    """What a week may be split by."""

    municipality = "municipality"


@dataclass(frozen=True, kw_only=True)
class Run(OnWeek, OfTables, Seeded, InLedger, OnWorkers, Answering):
    """Run the week: read tables, propose the best plan, verify it, write why and why not."""

    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("runs")
    explain: Annotated[bool, typer.Option("--explain")] = False
    no_ledger: Annotated[bool, typer.Option("--no-ledger")] = False
    parted: Annotated[Each | None, typer.Option("--each")] = None


@dataclass(frozen=True, kw_only=True)
class Check(OfTables, Answering):
    """Show everything that is wrong with the tables, all at once; change nothing."""

    data: Annotated[str, typer.Argument(metavar="DATA")]
    quarantine: Annotated[Path | None, typer.Option(metavar="DIR")] = None
    most: Annotated[int, typer.Option(min=1)] = 40


@dataclass(frozen=True, kw_only=True)
class Template(Asked):
    """Write empty tables and a data dictionary, made from the records themselves."""

    folder: Annotated[Path, typer.Argument(metavar="DIR")]
    lang: Annotated[Lang, typer.Option("--lang")] = Lang.en


@dataclass(frozen=True, kw_only=True)
class ShowPolicy(Dated, Answering):
    """Show what holds on a day: measures, rules, weights, budgets, each with its source."""


RunEach = Callable[[Run, str], None]
"""Runs each part's week by itself, from what was asked and the tables' address; given likewise."""


def build_app(make_week: MakeWeek | None = None, run_each: RunEach | None = None) -> typer.Typer:
    """Build the command with its subcommands.

    Parameters
    ----------
    make_week
        Makes the week that ``jobmatch run`` uses when no data are given.
    run_each
        Does ``jobmatch run --each``.
    """
    app = typer.Typer(
        cls=Command,
        name="jobmatch",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Plain help: laying it out in boxes takes as long as all the rest of it.
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback(invoke_without_command=True)
    def _root(
        version: Annotated[bool, typer.Option("--version")] = False,
    ) -> None:
        if version:
            typer.echo(f"jobmatch {__version__}")
            raise typer.Exit

    add_command(app, "run", Run, partial(_run, make_week, run_each))
    add_command(app, "check", Check, _check)
    add_command(app, "template", Template, _template)
    add_command(app, "policy", ShowPolicy, _show_policy)
    add_mapping(app)
    add_importing(app)
    add_decisions(app)
    add_ledger_commands(app)
    add_explaining(app)
    add_asking(app)
    add_backing(app)
    add_contest(app)
    add_dossier(app)
    return app


def main() -> None:
    """Run the command without made-up data; `jobmatch` itself is in the scenarios package."""
    run_as_process(build_app())


def _run(make_week: MakeWeek | None, run_each: RunEach | None, asked: Run) -> None:
    if asked.parted is not None:
        if run_each is None or asked.data is None:
            raise OptionError(Message("option.no_data"))
        run_each(asked, asked.data)
        return
    from matcher.console import Talk, headline_text
    from matcher.ledger import Ledger
    from matcher.tables import check_folder
    from matcher.weekly import WeekOptions, run_week

    store = None if asked.no_ledger else ledger_address(asked.ledger, asked.out)
    today = day_of(asked.on)
    options = WeekOptions(asked.language, engine_options(asked), asked.explain)
    check_folder(asked.out, "--out")
    with contextlib.ExitStack() as opened:
        talk = opened.enter_context(Talk())
        kept = None
        if store is not None:
            kept = opened.enter_context(Ledger.open(store, heard=talk.note))
        data = asked.data
        if data is None:
            if make_week is None:
                raise OptionError(Message("option.no_data"))
            talk.phase("make")
            folder = make_week(Path("aarhus-week"), today)
            talk.note(Message("note.made_up", folder=str(folder)))
            data = str(folder)
        policy = policy_of(today, asked.policy, data, talk.note)
        mapping = mapping_of(asked.mapping, data, talk.note)
        with solvers_quiet(shown=asked.debug):
            week = run_week(
                address_of(data), asked.out, policy, today, options, talk, kept, mapping=mapping
            )
    if asked.as_json:
        stored = {"run_id": week.stored.run.run_id} if week.stored else {}
        print_json({**week.document, **stored, "folder": str(week.folder)})
    else:
        typer.echo(headline_text(week, asked.language))


def engine_options(asked: Seeded) -> Options:
    """Return limits and seed of the solver as they were asked for.

    Raises
    ------
    OptionError
        One is out of its range.
    """
    from matcher.solve import options_of

    if asked.seconds is not None and not 0 < asked.seconds < math.inf:
        raise OptionError(Message("option.seconds", seconds=asked.seconds))
    if asked.prove and (asked.seconds is not None or asked.gap):
        raise OptionError(Message("option.prove"))
    seconds = PROOF_SECONDS if asked.prove else asked.seconds
    return options_of(seconds=seconds, seed=asked.seed, gap=asked.gap / 100)


def _check(asked: Check) -> None:
    from matcher.console import Talk, issues_text
    from matcher.tables import check, check_folder, write_quarantine
    from matcher.weekly import with_clashes

    today = day_of(asked.on)
    if asked.quarantine is not None:
        check_folder(asked.quarantine, "--quarantine")
    with Talk() as talk:
        talk.phase("read")
        policy = policy_of(today, asked.policy, asked.data, talk.note)
        mapping = mapping_of(asked.mapping, asked.data, talk.note)
        reading = check(address_of(asked.data), policy, today, mapping=mapping)
        if reading.usable:
            talk.phase("fixed")
            with solvers_quiet():
                reading = with_clashes(reading)
    if asked.as_json:
        print_json(reading.to_dict(asked.language))
    else:
        typer.echo(issues_text(reading, asked.most, asked.language))
    if asked.quarantine is not None:
        for path in write_quarantine(reading, asked.quarantine, asked.language):
            note(Message("note.put_aside", path=str(path)))
    _exit_unless_usable(reading)


def _exit_unless_usable(reading: Reading) -> None:
    """End as a run on these tables would: 3 where only what is fixed cannot be honoured."""
    from matcher.tables import IssueCode

    if not reading.usable:
        clash = any(issue.code is IssueCode.FIXED_CLASH for issue in reading.issues)
        raise typer.Exit(ClashError.exit_code if clash else InputErrors.exit_code)


def _template(asked: Template) -> None:
    from matcher.tables import check_folder, write_template

    check_folder(asked.folder, "DIR")
    for path in write_template(asked.folder, asked.language):
        say(str(path))


def _show_policy(asked: ShowPolicy) -> None:
    from matcher.console import policy_text

    loaded = policy_of(day_of(asked.on), asked.policy)
    if asked.as_json:
        print_json(loaded.model_dump(mode="json"))
    else:
        typer.echo(policy_text(loaded, asked.language))
