"""Commands on the ledger: runs shown, compared and made again; forgetting and purging."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.errors import LedgerError, OptionError
from matcher.streams import spoken
from matcher.terminal import (
    DebugOption,
    JsonOption,
    Lang,
    LangOption,
    LedgerOption,
    OnOption,
    PolicyOption,
    YesOption,
    address_of,
    day_of,
    error_text,
    errors_shown,
    ledger_opened,
    newest_run,
    policy_of,
    print_json,
    say,
    solvers_quiet,
)
from matcher.texts import Language, Message, joined, tell

if TYPE_CHECKING:
    from matcher.ledger import Ledger

RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN"),
]
MostOption = Annotated[int, typer.Option(min=1)]


def add_ledger_commands(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    runs = typer.Typer(
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    app.add_typer(runs, name="runs")

    @runs.callback()
    def _runs(
        context: typer.Context,
        ledger: LedgerOption = None,
        most: Annotated[int, typer.Option(min=1)] = 30,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        context.obj = ledger
        if context.invoked_subcommand is None:
            with errors_shown(debug, as_json=as_json):
                _list(ledger, most, lang.value, as_json)

    @runs.command()
    def show(
        context: typer.Context,
        run: RunArgument,
        ledger: LedgerOption = None,
        most: MostOption = 20,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        """Show a run: where it came from, what it reached, what was scarce; --json: everything."""
        with errors_shown(debug, as_json=as_json):
            _show(ledger or context.obj, run, most, lang.value, as_json)

    @runs.command()
    def diff(
        context: typer.Context,
        before: Annotated[str, typer.Argument(metavar="BEFORE")],
        after: Annotated[str, typer.Argument(metavar="AFTER")],
        ledger: LedgerOption = None,
        most: MostOption = 20,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        """Show after minus before: who came, left, moved, and what became scarce."""
        with errors_shown(debug, as_json=as_json):
            _diff(ledger or context.obj, before, after, most, lang.value, as_json)

    @runs.command()
    def verify(
        context: typer.Context,
        run: Annotated[
            str | None,
            typer.Argument(metavar="RUN"),
        ] = None,
        data: Annotated[
            str | None,
            typer.Option(
                metavar="DATA",
            ),
        ] = None,
        ledger: LedgerOption = None,
        most: MostOption = 20,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        """Make a stored run again and compare; ends with 1 when it comes out differently."""
        with errors_shown(debug, as_json=as_json):
            _verify(ledger or context.obj, run, data, most, lang.value, as_json, debug)

    @app.command()
    def forget(
        citizen: Annotated[str, typer.Argument(metavar="CITIZEN")],
        yes: YesOption = False,
        ledger: LedgerOption = None,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        """Remove a citizen from the ledger, its stored tables and every run folder it knows."""
        with errors_shown(debug, as_json=as_json):
            _sure(
                yes,
                Message("ask.forget"),
            )
            _forget(ledger, citizen, lang.value, as_json)

    @app.command()
    def purge(
        on: OnOption = None,
        policy: PolicyOption = None,
        yes: YesOption = False,
        ledger: LedgerOption = None,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        """Delete what the policy's retention keeps no longer: tables, folders, ids, runs."""
        with errors_shown(debug, as_json=as_json):
            rules = policy_of(day_of(on), policy).retention
            _sure(
                yes,
                Message(
                    "ask.purge",
                    tables=rules.input_weeks,
                    folders=rules.folder_weeks,
                    ids=rules.person_weeks,
                    runs=rules.run_weeks,
                ),
            )
            _purge(ledger, on, policy, lang.value, as_json)


def _sure(yes: bool, warning: Message) -> None:
    """Ask at a terminal; elsewhere only ``--yes`` will do."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise OptionError(joined((warning, Message("ask.say_yes"))))
    question = joined((warning, Message("ask.go_on")))
    typer.confirm(tell(question, spoken()), abort=True, err=True)


def _list(given: str | None, most: int, language: Language, as_json: bool) -> None:
    from matcher.cli.ledger_text import runs_text

    with ledger_opened(given) as ledger:
        runs = ledger.runs(most=most)
        if as_json:
            print_json({"schema_version": 1, "runs": [run.to_dict() for run in runs]})
        else:
            say(runs_text(runs, ledger.address, language))


def _show(given: str | None, name: str, most: int, language: Language, as_json: bool) -> None:
    from dataclasses import asdict

    from matcher.cli.ledger_text import run_text

    with ledger_opened(given) as ledger:
        run = ledger.run(name)
        resources, folders = ledger.resources(run.run_id), ledger.folders(run.run_id)
        decisions = ledger.decisions(run_id=run.run_id)
        try:
            ledger.problem(run.run_id)
            gone = None
        except LedgerError as error:
            gone = error_text(error)
        if as_json:
            print_json(
                {
                    "schema_version": 1,
                    **run.to_dict(),
                    "input_gone": gone and tell(gone, language),
                    "folders": [str(folder) for folder in folders],
                    "proposals": [asdict(one) for one in ledger.proposals(run.run_id)],
                    "left_over": [asdict(one) for one in ledger.unplaced(run.run_id)],
                    "resources": [{"run_id": run.run_id, **one.to_dict()} for one in resources],
                    "decisions": [asdict(one) for one in decisions],
                }
            )
        else:
            say(run_text(run, resources, folders, decisions, gone, most, language))


def _diff(
    given: str | None, before: str, after: str, most: int, language: Language, as_json: bool
) -> None:
    from matcher.cli.ledger_text import difference_text
    from matcher.ledger import difference

    with ledger_opened(given) as ledger:
        change = difference(ledger, before, after)
    if as_json:
        print_json(change.to_dict())
    else:
        say(difference_text(change, most, language))


def _verify(
    given: str | None,
    name: str | None,
    data: str | None,
    most: int,
    language: Language,
    as_json: bool,
    debug: bool,
) -> None:
    from matcher.cli.ledger_text import remade_text
    from matcher.remake import remake

    with ledger_opened(given) as ledger:
        name = newest_run(ledger, name).run_id
        with solvers_quiet(shown=debug):
            remade = remake(ledger, name, None if data is None else address_of(data))
    if as_json:
        print_json(remade.to_dict())
    else:
        say(remade_text(remade, most, language))
    if not remade.same:
        raise typer.Exit(1)


@contextmanager
def _tidied(given: str | None) -> Iterator[Ledger]:
    """Hold a ledger whose run folders are whole: what killed runs left is named or cleaned away."""
    from matcher.run_folder import clean

    with ledger_opened(given) as ledger, ledger.lock():
        ledger.settle()
        for out in ledger.out_folders():
            clean(out, ledger)
        yield ledger


def _forget(given: str | None, citizen: str, language: Language, as_json: bool) -> None:
    from dataclasses import asdict

    from matcher.cli.ledger_text import forgotten_text
    from matcher.erasure import forget

    with _tidied(given) as ledger:
        done = forget(ledger, citizen)
    if as_json:
        print_json({"schema_version": 1, **asdict(done), "found": done.found})
    else:
        say(forgotten_text(done, language))


def _purge(
    given: str | None, on: str | None, policy: Path | None, language: Language, as_json: bool
) -> None:
    from dataclasses import asdict

    from matcher.cli.ledger_text import purged_text
    from matcher.ledger import purge

    today = day_of(on)
    with _tidied(given) as ledger:
        done = purge(ledger, policy_of(today, policy), today)
    if as_json:
        print_json({"schema_version": 1, **asdict(done), "found": done.found})
    else:
        say(purged_text(done, language))
