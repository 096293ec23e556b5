"""Asking: a sheet is made once of a stored run, kept in the ledger, and given again as it is."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from matcher import clock
from matcher.contest.sheet import made_sheet, same_but_words
from matcher.errors import LedgerError, OptionError
from matcher.explain.why_not import known
from matcher.ledger import Ledger, Question, Run
from matcher.plan import Placement
from matcher.remake import input_of, options_of_run
from matcher.solve import Solution, solve
from matcher.texts import Message


@dataclass(frozen=True)
class Checked:
    """A frozen sheet held against one made again from the stored run."""

    question: Question
    same: bool
    """Whether it came out the same, byte for byte."""
    words_alone: bool
    """Whether only words differ: a version with other texts made it again."""


def sheet_of(ledger: Ledger, run_id: str, citizen_id: str) -> Question | None:
    """Return the newest question about a citizen in a run; None: nobody has asked.

    Parameters
    ----------
    run_id
        Whole name of a stored run.
    """
    asked = ledger.questions(run_id=run_id, citizen_id=citizen_id)
    return asked[-1] if asked else None


def ask(
    ledger: Ledger,
    run_id: str,
    citizen_id: str,
    asked_on: dt.date | None = None,
    data: str | Path | None = None,
) -> Question:
    """Freeze a sheet for a question and note the question.

    Parameters
    ----------
    run_id
        A stored run.
    asked_on
        Day of the question. None: today.
    data
        Address of the tables, where the ledger no longer has them; they must be the very same.

    Raises
    ------
    LedgerError
        The run's input is not there any more, or the run comes out otherwise than it is stored.
    OptionError
        The citizen is not in the run, or the day is before it or to come.
    """
    run = ledger.run(run_id)
    day = asked_on or clock.today()
    if not run.day <= day <= clock.today():
        raise OptionError(Message("contest.wrong_day", day=day, first=run.day, last=clock.today()))
    solution = _as_stored(ledger, run, citizen_id, data)
    # Between what the ledger knows now and the moment that is noted nobody may write.
    with ledger.lock():
        at = clock.now()
        sheet = made_sheet(ledger, run, citizen_id, day, at, solution)
        return ledger.freeze(run.run_id, citizen_id, day, at, sheet)


def check_sheet(ledger: Ledger, question: Question, data: str | Path | None = None) -> Checked:
    """Make the sheet of a question again from the stored run, and compare.

    Parameters
    ----------
    data
        As :func:`ask`.

    Raises
    ------
    LedgerError
        As :func:`ask`; or the sheet is kept no longer.
    """
    if question.sheet is None:
        raise LedgerError(Message("contest.sheet_gone", number=question.number))
    run = ledger.run(question.run_id)
    solution = _as_stored(ledger, run, question.citizen_id, data)
    again = made_sheet(
        ledger, run, question.citizen_id, question.asked_on, question.frozen_at, solution
    )
    same = again == question.sheet
    alike = same_but_words(json.loads(again), json.loads(question.sheet))
    return Checked(question, same, words_alone=alike and not same)


def _as_stored(ledger: Ledger, run: Run, citizen_id: str, data: str | Path | None) -> Solution:
    """Solve a stored run again; its answer about the citizen must be the one that is stored."""
    problem = input_of(ledger, run, data)
    known(problem, citizen_id)
    solution = solve(problem, options_of_run(run))
    solution.plan.need_plan()
    stored = next(
        (one for one in ledger.proposals(run.run_id) if one.citizen_id == citizen_id), None
    )
    made = next((one for one in solution.plan.placements if one.citizen_id == citizen_id), None)
    if _values(stored) != _values(made):
        raise LedgerError(
            Message(
                "contest.otherwise_limit" if run.options.get("seconds") else "contest.otherwise",
                run=run.run_id,
                version=run.versions.get("jobmatch") or Message("ledger.another"),
            )
        )
    return solution


def _values(placement: Placement | None) -> dict[str, Any] | None:
    if placement is None:
        return None
    content = {one.name: getattr(placement, one.name) for one in fields(Placement)}
    return {
        name: dict(value) if hasattr(value, "items") else value for name, value in content.items()
    }
