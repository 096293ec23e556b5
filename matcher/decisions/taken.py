"""What came of forms that were handed in: rows taken, rows not taken and why, what is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher.decisions.checking import DatedBy
from matcher.decisions.reading import FormRow
from matcher.errors import InternalError
from matcher.ledger import Decision
from matcher.report import LANGUAGES, Words


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken."""

    row: FormRow
    code: str
    """What is wrong: key of the texts ``row_problem``."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the sentence names: the cell, what was expected. Never free text of a cell."""
    shown: Mapping[str, str] = field(default_factory=dict)
    """Cells by field whose content may be told, for it is known already."""

    def sentence(self, words: Words) -> str:
        """Say what is wrong, where, and what to do."""
        facts = dict(self.facts)
        if "moment" in facts:
            facts["moment"] = words.moment(dt.datetime.fromisoformat(facts["moment"]))
        text = words(f"row_problem.{self.code}", **facts)
        if "meant_verdict" in self.facts:
            name = words(f"verdict.{self.facts['meant_verdict']}")
            return text + words("row_hint.meant", name=name)
        meant = self.facts.get(f"meant_{words.language}")
        return text + (words("row_hint.meant", name=meant) if meant else "")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "row": self.row.number,
            "sheet": self.row.sheet,
            "code": self.code,
            "facts": dict(self.facts),
            "sentence": {language: self.sentence(Words(language)) for language in LANGUAGES},
        }


@dataclass(frozen=True)
class Note:
    """What is to be said of a row that was taken: another says something else of its proposal."""

    row: FormRow
    code: str
    """Key of the texts ``row_note``."""
    citizen_id: str
    said: str
    """Verdict that does not count."""
    at: dt.datetime
    """When that was decided."""
    winner: str
    """Verdict that counts, decided later."""
    other: str = ""
    """File and row of the winner, where it is among the forms handed in; of a note about somebody
    asked beside, the number of who it is."""

    def sentence(self, words: Words) -> str:
        """Say what was said, and what counts."""
        return words(
            f"row_note.{self.code}",
            citizen=self.citizen_id,
            said=words(f"verdict.{self.said}"),
            winner=words(f"verdict.{self.winner}"),
            moment=words.moment(self.at),
            other=self.other,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "row": self.row.number,
            "sheet": self.row.sheet,
            "code": self.code,
            "sentence": {language: self.sentence(Words(language)) for language in LANGUAGES},
        }


@dataclass(frozen=True)
class DatedDecisions:
    """Decisions that came without a moment of their own, and the moment they were given."""

    by: DatedBy
    """``workbook``: when it was saved, as it says itself; ``file``: when the file was last
    written; ``given``: by whoever handed it in; ``now``: the file's time is before the run."""
    at: dt.datetime
    rows: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"by": self.by, "at": self.at.isoformat(), "rows": self.rows}


@dataclass(frozen=True)
class Taken:
    """What became of a form."""

    path: Path
    rows: int
    """Rows of the form: new, known, undecided and not taken together."""
    new: int
    """Decisions that were stored."""
    known: int
    """Decisions that were there already, or stand as they stood."""
    undecided: int
    """Rows that say nothing."""
    by_verdict: Mapping[str, int]
    """Decisions of the good rows."""
    bad: tuple[BadRow, ...]
    """Rows not taken, in the order of the file."""
    ignored: tuple[str, ...]
    """Columns that are not read."""
    decisions: tuple[Decision, ...]
    """What the good rows say."""
    dated: tuple[DatedDecisions, ...] = ()
    """Of the good rows those without a moment of their own."""
    notes: tuple[Note, ...] = ()
    """What is to be said of good rows."""

    def __post_init__(self) -> None:
        """Nothing may be lost."""
        if self.rows != self.new + self.known + self.undecided + len(self.bad):
            raise InternalError(f"{self.path.name}: rows taken and not taken are not the rows read")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "file": str(self.path),
            "rows": self.rows,
            "new": self.new,
            "known": self.known,
            "undecided": self.undecided,
            "by_verdict": dict(self.by_verdict),
            "not_taken": [bad.to_dict() for bad in self.bad],
            "columns_not_read": list(self.ignored),
            "dated": [one.to_dict() for one in self.dated],
            "notes": [one.to_dict() for one in self.notes],
        }
