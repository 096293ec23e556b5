"""The command for somebody who asks why: the sheet, and what came of asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher import clock
from matcher.commands import Answering, InLedger, WordFile, add_command
from matcher.errors import OptionError
from matcher.terminal import (
    address_of,
    day_of,
    ledger_opened,
    newest_run,
    note,
    print_json,
    say,
    solvers_quiet,
)
from matcher.texts import Message

if TYPE_CHECKING:
    from matcher.ledger import Ledger, Question


class CameOfIt(StrEnum):
    """What came of a question."""

    pending = "pending"
    upheld = "upheld"
    changed = "changed"
    withdrawn = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Case(WordFile, InLedger, Answering):
    """Answer somebody who asks why, by a sheet that stays as it is; note what came of asking."""

    citizen: Annotated[str, typer.Argument(metavar="CITIZEN")]
    run: Annotated[str | None, typer.Option("--run", metavar="RUN")] = None
    asked: Annotated[str | None, typer.Option("--asked", metavar="DATE")] = None
    new: Annotated[bool, typer.Option("--new")] = False
    outcome: Annotated[CameOfIt | None, typer.Option("--outcome")] = None
    check: Annotated[bool, typer.Option("--check")] = False
    data: Annotated[str | None, typer.Option("--data", metavar="DATA")] = None


def add_contest(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "case", Case, _case)


def _case(asked: Case) -> None:
    from matcher.chapters import check_word_file
    from matcher.contest import ask, sheet_of

    if asked.docx is not None:
        check_word_file(asked.docx)
    with ledger_opened(asked.ledger) as ledger:
        run_id = newest_run(ledger, asked.run).run_id
        question = None if asked.new else sheet_of(ledger, run_id, asked.citizen)
        if asked.check or asked.outcome is not None:
            if question is None:
                what = "check" if asked.check else "outcome"
                raise OptionError(
                    Message("contest.not_asked", run=run_id, what=Message(f"contest.what_{what}"))
                )
            if asked.outcome is not None:
                _note_outcome(ledger, question, asked)
            else:
                _check(ledger, question, asked)
            return
        if question is None:
            with solvers_quiet(shown=asked.debug):
                day = None if asked.asked is None else day_of(asked.asked, "--asked")
                question = ask(ledger, run_id, asked.citizen, day, _tables(asked))
            others = tuple(one.value for one in CameOfIt if one is not CameOfIt.pending)
            note(
                Message(
                    "contest.frozen", number=question.number, citizen=asked.citizen, run=run_id,
                    outcomes="|".join(others),
                )
            )  # fmt: skip
        else:
            note(Message("contest.again", number=question.number, day=question.asked_on))
    _show(question, asked)


def _tables(asked: Case) -> str | Path | None:
    return None if asked.data is None else address_of(asked.data)


def _show(question: Question, asked: Case) -> None:
    """Give the sheet as it is stored: as data to the byte, in words, or as a Word file."""
    import json

    from matcher.chapters import Chapter, Line, Paper, write_word
    from matcher.cli.explaining import parts_text
    from matcher.contest import parts_of

    if question.sheet is None:
        raise OptionError(Message("contest.sheet_gone", number=question.number))
    parts = parts_of(question.sheet, asked.language)
    if asked.docx is not None:
        title, *rest = parts
        chapters = [
            Chapter(one.heading, tuple(Line(text) for text in one.lines))
            for one in (type(title)("", title.lines), *rest)
        ]
        paper = Paper(title.heading, tuple(chapters), asked.language, question.asked_on)
        write_word(paper, asked.docx)
        note(Message("note.letter_in", path=str(asked.docx)))
    if asked.as_json:
        print_json(json.loads(question.sheet))
    elif asked.docx is None:
        say(parts_text(parts))


def _note_outcome(ledger: Ledger, question: Question, asked: Case) -> None:
    came = asked.outcome
    assert came is not None
    open_still = came is CameOfIt.pending
    ledger.note_outcome(question.number, came.value, None if open_still else clock.today())
    if asked.as_json:
        print_json({"number": question.number, "run_id": question.run_id, "outcome": came.value})
    else:
        outcome = Message(f"outcome.{came.value}")
        say(Message("contest.noted", number=question.number, outcome=outcome))


def _check(ledger: Ledger, question: Question, asked: Case) -> None:
    from matcher.contest import check_sheet

    with solvers_quiet(shown=asked.debug):
        checked = check_sheet(ledger, question, _tables(asked))
    if asked.as_json:
        print_json(
            {
                "number": question.number,
                "run_id": question.run_id,
                "same": checked.same,
                "words_alone": checked.words_alone,
            }
        )
    else:
        key = "same" if checked.same else "words_differ" if checked.words_alone else "differs"
        say(Message(f"contest.{key}", number=question.number, run=question.run_id))
    if not (checked.same or checked.words_alone):
        raise typer.Exit(1)
