"""Commands on the ledger: runs shown, compared and made again; forgetting and purging."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.commands import Answering, Confirmed, Dated, InLedger, add_command, called_with
from matcher.errors import LedgerError, OptionError
from matcher.streams import spoken
from matcher.terminal import (
    address_of,
    day_of,
    error_text,
    ledger_opened,
    newest_run,
    policy_of,
    print_json,
    say,
    solvers_quiet,
)
from matcher.texts import Message, joined, tell

if TYPE_CHECKING:
    from matcher.ledger import AskedBeside, Ledger


@dataclass(frozen=True, kw_only=True)
class Runs(InLedger, Answering):
    """Show the stored runs, newest first; show one, compare two, make one again."""

    context: typer.Context
    most: Annotated[int, typer.Option(min=1)] = 30


@dataclass(frozen=True, kw_only=True)
class OfRuns(InLedger, Answering):
    """Commands below ``runs``: the ledger may be named before them as well."""

    context: typer.Context
    most: Annotated[int, typer.Option(min=1)] = 20

    @property
    def address(self) -> str | None:
        """The ledger that is named, nearest first."""
        before: Runs = self.context.obj
        return self.ledger or before.ledger


@dataclass(frozen=True, kw_only=True)
class Show(OfRuns):
    """Show a run: where it came from, what it reached, what was scarce; --json: everything."""

    run: Annotated[str, typer.Argument(metavar="RUN")]


@dataclass(frozen=True, kw_only=True)
class Diff(OfRuns):
    """Show after minus before: who came, left, moved, and what became scarce."""

    before: Annotated[str, typer.Argument(metavar="BEFORE")]
    after: Annotated[str, typer.Argument(metavar="AFTER")]


@dataclass(frozen=True, kw_only=True)
class Verify(OfRuns):
    """Make a stored run again and compare; ends with 1 when it comes out differently."""

    run: Annotated[str | None, typer.Argument(metavar="RUN")] = None
    data: Annotated[str | None, typer.Option(metavar="DATA")] = None


@dataclass(frozen=True, kw_only=True)
class Forget(Confirmed, InLedger, Answering):
    """Remove a citizen from the ledger, its stored tables and every run folder it knows."""

    citizen: Annotated[str, typer.Argument(metavar="CITIZEN")]


@dataclass(frozen=True, kw_only=True)
class Purge(Dated, Confirmed, InLedger, Answering):
    """Delete what the policy's retention keeps no longer: tables, folders, ids, runs."""


def add_ledger_commands(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    runs = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
    app.add_typer(runs, name="runs")
    runs.callback()(called_with(Runs, _runs))
    add_command(runs, "show", Show, _show)
    add_command(runs, "diff", Diff, _diff)
    add_command(runs, "verify", Verify, _verify)
    add_command(app, "forget", Forget, _forget)
    add_command(app, "purge", Purge, _purge)


def _sure(yes: bool, warning: Message) -> None:
    """Ask at a terminal; elsewhere only ``--yes`` will do."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise OptionError(joined((warning, Message("ask.say_yes"))))
    question = joined((warning, Message("ask.go_on")))
    typer.confirm(tell(question, spoken()), abort=True, err=True)


def _runs(asked: Runs) -> None:
    from matcher.cli.ledger_text import runs_text

    asked.context.obj = asked
    if asked.context.invoked_subcommand is not None:
        return
    with ledger_opened(asked.ledger) as ledger:
        runs = ledger.runs(most=asked.most)
        if asked.as_json:
            print_json({"schema_version": 1, "runs": [run.to_dict() for run in runs]})
        else:
            say(runs_text(runs, ledger.address, asked.language))


def _show(asked: Show) -> None:
    from dataclasses import asdict

    from matcher.cli.ledger_text import run_text

    with ledger_opened(asked.address) as ledger:
        run = ledger.run(asked.run)
        resources, folders = ledger.resources(run.run_id), ledger.folders(run.run_id)
        decisions, beside = ledger.decisions(run_id=run.run_id), ledger.asked(run.run_id)
        try:
            ledger.problem(run.run_id)
            gone = None
        except LedgerError as error:
            gone = error_text(error)
        if asked.as_json:
            print_json(
                {
                    "schema_version": 1,
                    **run.to_dict(),
                    "input_gone": gone and tell(gone, asked.language),
                    "folders": [str(folder) for folder in folders],
                    "proposals": [asdict(one) for one in ledger.proposals(run.run_id)],
                    "left_over": [asdict(one) for one in ledger.unplaced(run.run_id)],
                    "resources": [{"run_id": run.run_id, **one.to_dict()} for one in resources],
                    "asked_beside": [_asked_dict(one) for one in beside],
                    "decisions": [asdict(one) for one in decisions],
                }
            )
        else:
            told = (resources, folders, decisions, beside, gone)
            say(run_text(run, *told, asked.most, asked.language))


def _asked_dict(one: AskedBeside) -> dict[str, Any]:
    """Return who was asked beside others as plain values, without what only a proposal has."""
    from dataclasses import asdict

    told = asdict(one)
    return {name: told[name] for name in told if name not in {"reasons", "trade_off", "locked"}}


def _diff(asked: Diff) -> None:
    from matcher.cli.ledger_text import difference_text
    from matcher.ledger import difference

    with ledger_opened(asked.address) as ledger:
        change = difference(ledger, asked.before, asked.after)
    if asked.as_json:
        print_json(change.to_dict())
    else:
        say(difference_text(change, asked.most, asked.language))


def _verify(asked: Verify) -> None:
    from matcher.cli.ledger_text import remade_text
    from matcher.remake import remake

    with ledger_opened(asked.address) as ledger:
        name = newest_run(ledger, asked.run).run_id
        with solvers_quiet(shown=asked.debug):
            remade = remake(ledger, name, None if asked.data is None else address_of(asked.data))
    if asked.as_json:
        print_json(remade.to_dict())
    else:
        say(remade_text(remade, asked.most, asked.language))
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


def _forget(asked: Forget) -> None:
    from dataclasses import asdict

    from matcher.cli.ledger_text import forgotten_text
    from matcher.erasure import forget

    _sure(asked.yes, Message("ask.forget"))
    with _tidied(asked.ledger) as ledger:
        done = forget(ledger, asked.citizen)
    if asked.as_json:
        print_json({"schema_version": 1, **asdict(done), "found": done.found})
    else:
        say(forgotten_text(done, asked.language))


def _purge(asked: Purge) -> None:
    from dataclasses import asdict

    from matcher.cli.ledger_text import purged_text
    from matcher.ledger import purge

    today = day_of(asked.on)
    policy = policy_of(today, asked.policy)
    kept = policy.retention
    _sure(
        asked.yes,
        Message(
            "ask.purge",
            tables=kept.input_weeks,
            folders=kept.folder_weeks,
            ids=kept.person_weeks,
            runs=kept.run_weeks,
        ),
    )
    with _tidied(asked.ledger) as ledger:
        done = purge(ledger, policy, today)
    if asked.as_json:
        print_json({"schema_version": 1, **asdict(done), "found": done.found})
    else:
        say(purged_text(done, asked.language))
