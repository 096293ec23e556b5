"""The command for the papers a municipality must have."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.commands import Answering, Dated, InLedger, add_command
from matcher.terminal import (
    day_of,
    ledger_address,
    ledger_opened,
    note,
    policy_of,
    print_json,
    say,
)
from matcher.texts import Message

if TYPE_CHECKING:
    from matcher.ledger import Ledger


@dataclass(frozen=True, kw_only=True)
class Write(Dated, InLedger, Answering):
    """Write the papers a municipality must have before and while it uses the program."""

    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path("dossier")
    word: Annotated[bool, typer.Option("--word")] = False


def add_dossier(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "dossier", Write, _dossier)


def _dossier(asked: Write) -> None:
    from matcher.dossier import Sources, check_dossier, dossier_of, write_dossier

    day = day_of(asked.on)
    if not asked.as_json:
        check_dossier(asked.folder, word=asked.word)
    policy = policy_of(day, asked.policy)
    where = ledger_address(asked.ledger)
    with ExitStack() as opened:
        ledger: Ledger | None = None
        # Before anything was run there is none, and the papers are written all the same.
        if asked.ledger is not None or (isinstance(where, Path) and where.exists()):
            ledger = opened.enter_context(ledger_opened(asked.ledger))
        sources = Sources.gather(
            policy, day, asked.language, ledger,
            policy_file=asked.policy,
            ledger_named=None if asked.ledger is None or ledger is None else ledger.address,
        )  # fmt: skip
        dossier = dossier_of(sources)
    if sources.runs and (others := sources.changes_of_the_newest_run):
        note(Message("dossier.other_policy", run=sources.runs[0].run_id, count=len(others)))
    if asked.as_json:
        print_json(dossier.to_dict())
        return
    for path in write_dossier(dossier, asked.folder, word=asked.word):
        say(str(path))
