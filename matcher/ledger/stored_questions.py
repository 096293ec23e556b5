"""The part of the ledger about questions: why this proposal, or none, and what came of asking."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from matcher.ledger.access import Store
from matcher.ledger.records import Outcome, Question
from matcher.ledger.schema import QUESTIONS


class StoredQuestions(Store):
    """Questions with the sheets that answer them."""

    def freeze(
        self, run_id: str, citizen_id: str, asked_on: dt.date, at: dt.datetime, sheet: str
    ) -> Question:
        """Store a question and its answer; neither is ever changed.

        Parameters
        ----------
        run_id
            Whole name of a stored run.
        asked_on
            Day of the question.
        at
            Moment the sheet was made.
        sheet
            The answer; it is given back to the byte.
        """
        row = {
            "run_id": run_id, "citizen_id": citizen_id, "asked_on": asked_on, "frozen_at": at,
            "sheet": sheet, "outcome": "pending", "settled_on": None,
        }  # fmt: skip
        with self.writing() as connection:
            stored = connection.execute(sa.insert(QUESTIONS).values(row).returning(QUESTIONS.c.id))
            number = stored.scalar_one()
        return Question(number, run_id, citizen_id, asked_on, at, sheet)

    def questions(
        self,
        *,
        run_id: str | None = None,
        citizen_id: str | None = None,
        since: dt.date | None = None,
        sheets: bool = True,
    ) -> tuple[Question, ...]:
        """Return stored questions in the order they were stored.

        Parameters
        ----------
        run_id, citizen_id
            Only those about this run, this citizen.
        since
            Only those asked on or after this day.
        sheets
            Whether the sheets come with them; a log needs none.
        """
        columns = [one for one in QUESTIONS.c if sheets or one is not QUESTIONS.c.sheet]
        left_out = [] if sheets else [sa.null().label("sheet")]
        query = sa.select(*columns, *left_out).order_by(QUESTIONS.c.id)
        if run_id is not None:
            query = query.where(QUESTIONS.c.run_id == run_id)
        if citizen_id is not None:
            query = query.where(QUESTIONS.c.citizen_id == citizen_id)
        if since is not None:
            query = query.where(QUESTIONS.c.asked_on >= since)
        return self._all(query, _question_of)

    def note_outcome(self, number: int, outcome: Outcome, day: dt.date | None) -> None:
        """Note what came of a question; a later outcome takes the place of an earlier one.

        Parameters
        ----------
        day
            Day of the outcome; None where nothing has come of it yet.
        """
        with self.writing() as connection:
            connection.execute(
                sa.update(QUESTIONS)
                .where(QUESTIONS.c.id == number)
                .values(outcome=outcome, settled_on=day)
            )


def _question_of(row: sa.Row[Any]) -> Question:
    named = (one.name for one in fields(Question) if one.name != "number")
    return Question(number=row.id, **{name: getattr(row, name) for name in named})
