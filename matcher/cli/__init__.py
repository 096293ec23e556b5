"""The command line: data on stdout, talk on stderr, exit codes that mean something.

0 done; 2 bad input or usage; 3 nothing can honour what is fixed; 4 nothing found within the limit;
1 our fault. Everything heavy is imported by the command that needs it, so that help is instant.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher import __version__
from matcher.cli.decisions import add_decisions
from matcher.cli.explaining import add_explaining
from matcher.cli.ledger import add_ledger_commands
from matcher.errors import ClashError, InputErrors, OptionError
from matcher.streams import Command, run_as_process
from matcher.terminal import (
    DataArgument,
    DebugOption,
    JsonOption,
    Lang,
    LangOption,
    LedgerOption,
    OnOption,
    PolicyOption,
    SeedOption,
    address_of,
    day_of,
    errors_shown,
    ledger_address,
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


def build_app(make_week: MakeWeek | None = None) -> typer.Typer:
    """Build the command with its subcommands.

    Parameters
    ----------
    make_week
        Makes the week that ``jobmatch run`` uses when no data are given.
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

    @app.command()
    def run(
        data: Annotated[
            str | None,
            typer.Argument(
                metavar="DATA",
            ),
        ] = None,
        out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("runs"),
        on: OnOption = None,
        policy: PolicyOption = None,
        lang: LangOption = Lang.en,
        seconds: Annotated[
            float | None,
            typer.Option(),
        ] = None,
        seed: SeedOption = 0,
        explain: Annotated[
            bool,
            typer.Option(
                "--explain",
            ),
        ] = False,
        ledger: LedgerOption = None,
        no_ledger: Annotated[bool, typer.Option("--no-ledger")] = False,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        """Run the week: read tables, propose the best plan, verify it, write why and why not."""
        with errors_shown(debug, as_json=as_json):
            store = None if no_ledger else ledger_address(ledger, out)
            _run(
                make_week,
                data,
                out,
                on,
                policy,
                lang,
                seconds,
                seed,
                explain,
                store,
                as_json,
                debug,
            )

    @app.command()
    def check(
        data: DataArgument,
        on: OnOption = None,
        policy: PolicyOption = None,
        quarantine: Annotated[
            Path | None,
            typer.Option(metavar="DIR"),
        ] = None,
        most: Annotated[int, typer.Option(min=1)] = 40,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        """Show everything that is wrong with the tables, all at once; change nothing."""
        with errors_shown(debug, as_json=as_json):
            _check(data, on, policy, quarantine, most, lang, as_json)

    @app.command()
    def template(
        folder: Annotated[Path, typer.Argument(metavar="DIR")],
        lang: Annotated[Lang, typer.Option("--lang")] = Lang.en,
        debug: DebugOption = False,
    ) -> None:
        """Write empty tables and a data dictionary, made from the records themselves."""
        with errors_shown(debug):
            from matcher.tables import check_folder, write_template

            check_folder(folder, "DIR")
            for path in write_template(folder, lang.value):
                say(str(path))

    @app.command("policy")
    def show_policy(
        on: OnOption = None,
        policy: PolicyOption = None,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        """Show what holds on a day: measures, rules, weights, budgets, each with its source."""
        with errors_shown(debug, as_json=as_json):
            loaded = policy_of(day_of(on), policy)
            if as_json:
                print_json(loaded.model_dump(mode="json"))
            else:
                from matcher.console import policy_text

                typer.echo(policy_text(loaded, lang.value))

    add_decisions(app)
    add_ledger_commands(app)
    add_explaining(app)
    return app


def main() -> None:
    """Run the command without made-up data; `jobmatch` itself is in the scenarios package."""
    run_as_process(build_app())


def _run(
    make_week: MakeWeek | None,
    data: str | None,
    out: Path,
    on: str | None,
    policy_file: Path | None,
    lang: Lang,
    seconds: float | None,
    seed: int,
    explain: bool,
    store: str | Path | None,
    as_json: bool,
    debug: bool,
) -> None:
    from matcher.console import Talk, headline_text
    from matcher.ledger import Ledger
    from matcher.tables import check_folder
    from matcher.weekly import WeekOptions, run_week

    today = day_of(on)
    options = WeekOptions(lang.value, _engine_options(seconds, seed), explain)
    check_folder(out, "--out")
    with contextlib.ExitStack() as opened:
        talk = opened.enter_context(Talk())
        kept = None
        if store is not None:
            kept = opened.enter_context(Ledger.open(store, heard=talk.note))
        if data is None:
            if make_week is None:
                raise OptionError(Message("option.no_data"))
            talk.phase("make")
            folder = make_week(Path("aarhus-week"), today)
            talk.note(Message("note.made_up", folder=str(folder)))
            data = str(folder)
        policy = policy_of(today, policy_file, data, talk.note)
        with solvers_quiet(shown=debug):
            week = run_week(address_of(data), out, policy, today, options, talk, kept)
    if as_json:
        stored = {"run_id": week.stored.run.run_id} if week.stored else {}
        print_json({**week.document, **stored, "folder": str(week.folder)})
    else:
        typer.echo(headline_text(week, lang.value))


def _engine_options(seconds: float | None, seed: int) -> Options:
    from matcher.solve import options_of

    if seconds is not None and not 0 < seconds < math.inf:
        raise OptionError(Message("option.seconds", seconds=seconds))
    return options_of(seconds=seconds, seed=seed)


def _check(
    data: str,
    on: str | None,
    policy_file: Path | None,
    quarantine: Path | None,
    most: int,
    lang: Lang,
    as_json: bool,
) -> None:
    from matcher.console import Talk, issues_text
    from matcher.tables import check, check_folder, write_quarantine
    from matcher.weekly import with_clashes

    today = day_of(on)
    if quarantine is not None:
        check_folder(quarantine, "--quarantine")
    with Talk() as talk:
        talk.phase("read")
        policy = policy_of(today, policy_file, data, talk.note)
        reading = check(address_of(data), policy, today)
        if reading.usable:
            talk.phase("fixed")
            with solvers_quiet():
                reading = with_clashes(reading)
    if as_json:
        print_json(reading.to_dict(lang.value))
    else:
        typer.echo(issues_text(reading, most, lang.value))
    if quarantine is not None:
        for path in write_quarantine(reading, quarantine, lang.value):
            note(Message("note.put_aside", path=str(path)))
    _exit_unless_usable(reading)


def _exit_unless_usable(reading: Reading) -> None:
    """End as a run on these tables would: 3 where only what is fixed cannot be honoured."""
    from matcher.tables import IssueCode

    if not reading.usable:
        clash = any(issue.code is IssueCode.FIXED_CLASH for issue in reading.issues)
        raise typer.Exit(ClashError.exit_code if clash else InputErrors.exit_code)
