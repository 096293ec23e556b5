"""The command for declines: who steps in where a proposal is declined."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.explaining import Explaining, solved, stored_run
from matcher.commands import add_command
from matcher.terminal import note, print_json, say
from matcher.texts import Message


@dataclass(frozen=True, kw_only=True)
class AskBackUps(Explaining):
    """Say who steps in where a proposal is declined: ordered back-ups, nobody promised twice."""

    ranks: Annotated[int | None, typer.Option("--ranks", min=1, max=20)] = None
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR")] = None


def add_backing(app: typer.Typer) -> None:
    """Add the command to the application."""
    add_command(app, "backups", AskBackUps, _backups)


def _backups(asked: AskBackUps) -> None:
    from matcher.again import back_ups
    from matcher.decisions import asked_together
    from matcher.report import Words, backups_document, backups_lines, write_backups
    from matcher.tables import check_folder
    from matcher.verify import ensure_back_ups_verified

    if asked.out is not None:
        check_folder(asked.out, "--out")
    with solved(asked) as (resolver, _):
        policy = resolver.solution.problem.policy
        ranks = asked.ranks or policy.declines.back_ups
        found = back_ups(resolver.solution, ranks, resolver.options)
    problem, plan = resolver.solution.problem, resolver.solution.plan
    if asked.data is None:
        with stored_run(asked) as (ledger, _):
            found = asked_together(problem, plan, found, ledger)
    ensure_back_ups_verified(problem, plan, found, ranks)
    document = backups_document(problem, found)
    if asked.out is not None:
        for path in write_backups(document, asked.out, Words(asked.language)):
            note(Message("backups.written", path=path))
    if asked.as_json:
        print_json(document)
        return
    say("\n".join(backups_lines(document, Words(asked.language))))
