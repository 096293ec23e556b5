"""From text to typed cells, with the fields of the records as the only truth.

From what a column is (:mod:`matcher.tables.fields`), and from nothing else, come the conversion of
text and the validation (pydantic, on the distinct texts of a column at once).
"""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import ConfigDict, TypeAdapter, ValidationError

from matcher.errors import InternalError
from matcher.problem import column_type
from matcher.records import (
    TABLES,
    LastDay,
    Record,
    UnknownIsAValue,
)
from matcher.tables.dates import NoDay, Order, read_day, stands_for
from matcher.tables.fields import TableField
from matcher.tables.issues import IssueCode
from matcher.tables.names import fold
from matcher.tables.nothing import nothing
from matcher.tables.numbers import NotANumber, NumberStyle, read_number
from matcher.tables.writing import ColumnStyle, advice_on_number, how_written, level_named
from matcher.texts import Both, Message
from matcher.week import BlockError

YES = frozenset({"yes", "y", "true", "1", "ja", "j", "sand"})
NO = frozenset({"no", "n", "false", "0", "nej", "falsk"})
_WHOLE_IN_DECIMALS = re.compile(r"[0-9]+[.,]0+")
_CUT_DIGITS = re.compile(r"[0-9](?:[.,][0-9]+)?[eE][+][0-9]+")
_ZEROS = re.compile(r"0+(?:[.,]0+)?|-1")
_SERIAL_YEARS = (1990, 2100)
"""Day counts outside these years are taken for numbers that stand in the wrong column."""
_OUT_OF_RANGE = {
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "finite_number",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong, or worth a warning, with one text."""

    code: IssueCode
    value: str
    expected: str
    advice: str = ""


@dataclass(frozen=True)
class Cells:
    """Distinct texts of a column after conversion, in the order of the texts."""

    canonical: list[Any]
    """Canonical values; None where missing or faulty."""
    faults: dict[int, Fault]
    """Errors by position of the text."""
    notes: dict[int, Fault]
    """Warnings by position of the text."""
    notices: dict[int, Fault] = field(default_factory=dict)
    """What was read otherwise than it stands, by position: told once a column, with a count."""
    empty: frozenset[int] = frozenset()
    """Positions of the texts that say nothing."""


class _Refused(Exception):
    """A text that cannot be converted; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, eq=False)
class ReadColumn(TableField):
    """A field of a record, as a column whose texts become canonical values."""

    @property
    def _adapter(self) -> TypeAdapter[list[Any]]:
        return _adapter(self.record, self.name)

    def convert(
        self,
        texts: Sequence[str],
        *,
        serial_zero: dt.date | None = None,
        written: ColumnStyle | None = None,
    ) -> Cells:
        """Turn distinct texts into canonical values.

        Parameters
        ----------
        texts
            Distinct texts of the column, stripped.
        serial_zero
            Day 0 of a spreadsheet's day counts, where a plain number may be one.
        written
            How the column is written, from :func:`how_written`. None: its own texts decide.
        """
        written = how_written({self.name: (self, texts)})[self.name] if written is None else written
        values: list[Any] = [None] * len(texts)
        faults: dict[int, Fault] = {}
        notes: dict[int, Fault] = {}
        notices: dict[int, Fault] = {}
        empty: set[int] = set()
        candidates: list[Any] = []
        places: list[int] = []
        in_decimals = self._in_decimals(texts)
        for position, text in enumerate(texts):
            if "\0" in text:
                faults[position] = Fault(
                    IssueCode.WRONG_FORM,
                    text,
                    Message("expected.without_nul"),
                    Message("advice.damaged_there"),
                )
                continue
            if self.takes_none and nothing(text) == "none":
                values[position] = "" if self.kind in {"blocks", "words"} else self.default
                continue
            if said := self._says_nothing(text):
                (faults if self.needed else notices)[position] = said
                values[position] = self.default
                empty.add(position)
                continue
            if not text:
                empty.add(position)
                if self.needed:
                    faults[position] = self._missing()
                values[position] = self.default
                continue
            try:
                candidate, note = self._candidate(text, serial_zero, written)
                if self.kind == "date":
                    candidate, note = self._stated_day(text, candidate)
            except _Refused as refused:
                faults[position] = refused.fault
                continue
            if in_decimals:
                candidate = re.split("[.,]", text)[0]
                note = Fault(
                    IssueCode.ID_IN_DECIMALS, text, self.expected, Message("advice.decimals")
                )
            if note is not None:
                told = notices if note.code in _TOLD_ONCE else notes
                told[position] = note
            candidates.append(candidate)
            places.append(position)
        for place, value, fault in self._validated(candidates, places, texts):
            if fault is not None:
                faults[place] = fault
            elif value == "" and self.needed:
                faults[place] = self._missing()
            else:
                values[place] = value
        return Cells(
            values,
            faults,
            {place: notes[place] for place in notes if place not in faults},
            {place: notices[place] for place in notices if place not in faults},
            frozenset(empty),
        )

    def _says_nothing(self, text: str) -> Fault | None:
        """Tell whether a text stands for an empty cell: a word for nothing, or zeros as an id."""
        said = nothing(text) if text else ""
        if not said and not (self.is_key and not self._names_rows and _ZEROS.fullmatch(text)):
            return None
        if self.vocabulary is not None and fold(text) in self.vocabulary:
            return None
        if said == "unknown" and any(isinstance(mark, UnknownIsAValue) for mark in self._marks):
            return None
        if self.kind in {"words", "blocks"} and (said == "none" or not text.strip(" ;,\n")):
            return None  # a list may say that it has no entries
        if said == "none" and (self.levels or self.kind in {"whole", "number", "yes_no", "choice"}):
            return None
        advice = Message("advice.nothing_needed" if self.needed else "advice.nothing")
        return Fault(IssueCode.WORD_FOR_NOTHING, text, self.expected, advice)

    @cached_property
    def _names_rows(self) -> bool:
        """Whether the ids are those of a table's rows, so that 0 may be one of them."""
        return any(self.name == table.key[0] for table in TABLES.values())

    def _in_decimals(self, texts: Sequence[str]) -> bool:
        """Whether every id of the column is a whole number with decimals, as ``7.0``."""
        found = False
        for text in texts if self.is_key else ():
            if _WHOLE_IN_DECIMALS.fullmatch(text):
                found = True
            elif text and not nothing(text):
                return False
        return found

    def _stated_day(self, text: str, day: dt.date | None) -> tuple[dt.date | None, Fault | None]:
        """Take dates that stand for no day for an empty cell; refuse what must be a slip."""
        means = "" if day is None else stands_for(day)
        if not means:
            return day, None
        ends = any(isinstance(mark, LastDay) for mark in self._marks)
        if not self.needed and means != "slip" and (ends or means == "beginning"):
            advice = Message("advice.no_such_day")
            return None, Fault(IssueCode.STANDS_FOR_NO_DAY, text, self.expected, advice)
        advice = Message(f"advice.day_{means}")
        raise _Refused(Fault(IssueCode.OUT_OF_RANGE, text, self.expected, advice))

    def _missing(self) -> Fault:
        return Fault(IssueCode.MISSING_VALUE, "", self.expected, Message("advice.fill"))

    def _candidate(
        self, text: str, serial_zero: dt.date | None, written: ColumnStyle
    ) -> tuple[Any, Fault | None]:
        """Value to validate, and a note; raises where the text is not of the kind at all."""
        kind, text = self.kind, str(text)
        if self.vocabulary is not None:
            return self._words(text) if kind == "words" else self._word(text)
        if kind == "yes_no":
            word = text.lower()
            word = word[:-2] if word in {"1.0", "0.0"} else word
            if word in YES or word in NO:
                return word in YES, None
            advice = Message("advice.yes_or_no")
            raise _Refused(Fault(IssueCode.WRONG_TYPE, text, self.expected, advice))
        if kind in {"whole", "number"}:
            return self._number(text, written.numbers), None
        if kind == "date":
            return self._date(text, serial_zero, written.days), None
        if self.is_key and _CUT_DIGITS.fullmatch(text):
            raise _Refused(
                Fault(IssueCode.WRONG_FORM, text, self.expected, Message("advice.cut_digits"))
            )
        if self.digits:
            text = re.sub(
                r"(?<=[0-9])[.]0+(?![0-9])", "", text
            )  # digits that a system made a number
        if kind == "text" and re.fullmatch("[0-9]{3}", text) and self._pads():
            note = Fault(
                IssueCode.ZERO_ADDED,
                text,
                self.expected,
                Message("advice.leading_zeros"),
            )
            return f"0{text}", note
        return text, None

    def _pads(self) -> bool:
        """Whether the field is four digits: the one form in which a lost zero is certain."""
        return any(getattr(mark, "pattern", None) == r"^\d{4}$" for mark in self._marks)

    def _word(self, text: str) -> tuple[str, Fault | None]:
        word = self.vocabulary.get(fold(text)) if self.vocabulary is not None else None
        if word is None:
            fault = Fault(IssueCode.NOT_ALLOWED, text, self.expected, Message("advice.word"))
            if self.keeps_unknown:
                return text, Fault(fault.code, text, self.expected, Message("advice.kept_word"))
            if self.fallback is None:
                raise _Refused(fault)
            used = Both(self.fallback, self.danish_words.get(self.fallback, self.fallback))
            advice = Message("advice.used_instead", word=used)
            return self.fallback, Fault(fault.code, text, self.expected, advice)
        return word, self._effect([word])

    def _words(self, text: str) -> tuple[str, Fault | None]:
        vocabulary = self.vocabulary or {}
        parts = [part.strip() for part in re.split("[;,]", text) if part.strip()]
        unknown = [part for part in parts if fold(part) not in vocabulary]
        if unknown:
            raise _Refused(
                Fault(
                    IssueCode.NOT_ALLOWED,
                    "; ".join(unknown),
                    self.expected,
                    Message("advice.word"),
                )
            )
        words = [vocabulary[fold(part)] for part in parts]
        return ";".join(words), self._effect(words)

    def _effect(self, words: Sequence[str]) -> Fault | None:
        idle = [word for word in words if word in self.not_in_force]
        if not idle:
            return None
        return Fault(
            IssueCode.NOT_IN_FORCE,
            ", ".join(idle),
            "",
            Message("advice.not_in_force"),
        )

    def _number(self, text: str, way: NumberStyle) -> int | float:
        if self.levels and (level := level_named(text)) is not None:
            return level
        try:
            value = read_number(text, way, self.unit, whole=self.kind == "whole")
        except NotANumber as refused:
            advice = refused.args[0] if refused.args else advice_on_number(text)
            raise _Refused(Fault(IssueCode.WRONG_TYPE, text, self.expected, advice)) from None
        return int(value) if self.kind == "whole" else float(value)

    def _date(self, text: str, serial_zero: dt.date | None, order: Order) -> dt.date:
        if serial_zero is not None and re.fullmatch("[0-9]{5}", text):
            day = serial_zero + dt.timedelta(days=int(text))
            if _SERIAL_YEARS[0] <= day.year <= _SERIAL_YEARS[1]:
                return day
        try:
            return read_day(text, order)
        except NoDay as reason:
            raise _Refused(
                Fault(IssueCode.WRONG_TYPE, text, self.expected, reason.args[0])
            ) from None

    def _validated(
        self, candidates: list[Any], places: list[int], texts: Sequence[str]
    ) -> list[tuple[int, Any, Fault | None]]:
        """Validate all candidates at once with the field's own definition."""
        try:
            valid, faults = self._adapter.validate_python(candidates), {}
        except ValidationError as error:
            faults = {
                int(problem["loc"][0]): self._fault(texts[places[int(problem["loc"][0])]], problem)
                for problem in reversed(error.errors(include_url=False))
            }
            good = [value for at, value in enumerate(candidates) if at not in faults]
            valid = self._adapter.validate_python(good)
        dumped = iter(self._dumped(valid))
        return [
            (place, None, faults[at]) if at in faults else (place, next(dumped), None)
            for at, place in enumerate(places)
        ]

    def _dumped(self, valid: list[Any]) -> list[Any]:
        if self.kind in {"blocks", "words"}:
            return self._adapter.dump_python(valid)  # type: ignore[no-any-return]
        return [value.value for value in valid] if self.kind == "choice" else valid

    def _fault(self, text: str, problem: Any) -> Fault:
        kind = str(problem["type"])
        if kind in _OUT_OF_RANGE:
            swapped = self.name in {"latitude", "longitude"}
            advice = Message("advice.swapped_places" if swapped else "advice.unit")
            return Fault(IssueCode.OUT_OF_RANGE, text, self.expected, advice)
        if self.kind == "blocks":
            reason = problem["ctx"]["error"]
            if not isinstance(reason, BlockError):
                raise InternalError(f"{self.name}: {reason}")
            said = Message(f"blocks.{reason.kind}", part=reason.part)
            advice = Message("advice.sentence", text=said)
            return Fault(IssueCode.WRONG_FORM, text, self.expected, advice)
        return Fault(IssueCode.WRONG_FORM, text, self.expected, Message("advice.correct"))

    def array(self, cells: Cells, codes: Any) -> Any:
        """Column of canonical type for all rows; faulty cells hold a placeholder."""
        kind = column_type(self.record, self.name)
        values = cells.canonical
        if kind == "Int64":
            return pd.array(values or [None], dtype="Int64").take(codes)
        if kind == "str":
            distinct = np.empty(len(values), dtype=object)
            distinct[:] = values
        else:
            blank = {"bool": False, "int64": 0, "float64": np.nan}.get(kind)
            distinct = np.array([blank if value is None else value for value in values], dtype=kind)
        return distinct[codes]


@lru_cache(maxsize=1024)
def _adapter(record: type[Record], name: str) -> TypeAdapter[list[Any]]:
    """Build the validator of a list of cells from the field's own definition."""
    info = record.model_fields[name]
    annotation: Any = Annotated.__class_getitem__(  # type: ignore[attr-defined]
        (info.annotation, *info.metadata)
    )
    whole: Any = types.GenericAlias(list, (annotation,))
    return TypeAdapter(whole, config=ConfigDict(allow_inf_nan=False))


_TOLD_ONCE = {IssueCode.STANDS_FOR_NO_DAY, IssueCode.ID_IN_DECIMALS}
