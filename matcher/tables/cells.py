"""From text to typed cells, with the fields of the records as the only truth.

Each field says what it is (annotation), what it may hold (range, pattern, length) and what an
empty cell means (default). From that, and from nothing else, come the conversion of text, the
validation (pydantic, on the distinct texts of a column at once) and the words of "expected".
A few fields hold words whose list lies elsewhere (papers, health codes, measures, reasons of
rejection): their vocabularies are handed in.
"""

from __future__ import annotations

import datetime as dt
import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from matcher.errors import InternalError
from matcher.problem import column_type
from matcher.records import (
    LEVELS,
    TABLES,
    Choice,
    LastDay,
    Protects,
    Record,
    Scale,
    Unit,
    UnknownIsAValue,
    careful_fields,
    danish_name,
    protected_fields,
)
from matcher.tables.dates import NoDay, Order, read_day, stands_for
from matcher.tables.issues import IssueCode
from matcher.tables.names import Vocabulary, choices, fold
from matcher.tables.nothing import nothing
from matcher.tables.numbers import Refused, Seen, Way, read_number
from matcher.tables.raw import Typed
from matcher.tables.writing import Written, advice_on_number, how_written, level_named
from matcher.texts import LANGUAGES, Both, Message, joined, own_catalogue
from matcher.week import Block, BlockError

YES = frozenset({"yes", "y", "true", "1", "ja", "j", "sand"})
NO = frozenset({"no", "n", "false", "0", "nej", "falsk"})
_WHOLE_IN_DECIMALS = re.compile(r"[0-9]+[.,]0+")
_CUT_DIGITS = re.compile(r"[0-9](?:[.,][0-9]+)?[eE][+][0-9]+")
_ZEROS = re.compile(r"0+(?:[.,]0+)?|-1")
_DIGITS = re.compile(r"\^\\d\{(\d+)(?:,(\d+))?\}\$")
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
class Column:
    """A field of a record, as a column of a table."""

    record: type[Record]
    name: str
    vocabulary: Vocabulary | None = None
    """Words the field may hold, where the list is not in the record."""
    danish_words: Mapping[str, str] = field(default_factory=dict)
    """What the words of the vocabulary are called in Danish, where they have a name."""
    not_in_force: frozenset[str] = frozenset()
    """Words of the vocabulary that are known but have no effect on the day."""
    fallback: str | None = None
    """Word used, with a warning, for one that is not in the vocabulary. None: an error."""
    keeps_unknown: bool = False
    """Whether a word that is not in the vocabulary is kept as it is, with a warning."""
    _marks: list[Any] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if self.vocabulary is None and self.kind == "choice":
            object.__setattr__(self, "vocabulary", choices(self.inner))
        self._marks.extend(_marks(self.info.annotation, self.info.metadata))

    @property
    def info(self) -> FieldInfo:
        """The field's definition."""
        return self.record.model_fields[self.name]

    @property
    def danish(self) -> str:
        """Danish column name."""
        return danish_name(self.record, self.name)

    @property
    def meaning(self) -> str:
        """What the field means, in one sentence, in both languages where both are there."""
        key = f"field.{self.record.__name__}_{self.name}"
        return Both.of({one: own_catalogue(one).get(key, self.sentence) for one in LANGUAGES})

    @property
    def sentence(self) -> str:
        """What the field means, in one sentence."""
        return " ".join((self.info.description or "").split())

    @cached_property
    def inner(self) -> Any:
        """The type of a cell that is not empty."""
        annotation: Any = self.info.annotation
        if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
            annotation = next(
                part for part in typing.get_args(annotation) if part is not type(None)
            )
        while typing.get_origin(annotation) is Annotated:
            annotation = typing.get_args(annotation)[0]
        return annotation

    @cached_property
    def kind(self) -> str:
        """One of text, whole, number, yes_no, date, choice, blocks, words."""
        inner = self.inner
        if typing.get_origin(inner) is tuple:
            return "blocks" if typing.get_args(inner)[0] is Block else "words"
        if isinstance(inner, type) and issubclass(inner, Choice):
            return "choice"
        plain = {bool: "yes_no", int: "whole", float: "number", dt.date: "date"}
        return plain.get(inner, "text")

    @cached_property
    def protects(self) -> Protects | None:
        """How the field protects somebody; None where it does not."""
        return protected_fields(self.record).get(self.name)

    @property
    def careful(self) -> bool:
        """Whether an empty cell is not known, which the column ``unknown`` of its row says."""
        return self.name in careful_fields(self.record)

    @cached_property
    def takes_none(self) -> bool:
        """Whether a cell may say that there is none, as a word."""
        listed = self.kind in {"blocks", "words"}
        return self.protects is not None and (listed or not self.careful)

    @property
    def needed(self) -> bool:
        """Whether the column must be there and filled."""
        return self.info.is_required()

    @cached_property
    def default(self) -> Any:
        """Canonical value of an empty cell; None where there is none, or where it is 'missing'."""
        if self.needed:
            return None
        value = self.info.get_default()
        if isinstance(value, Choice):
            return value.value
        return ";".join(value) if isinstance(value, tuple) else value

    def limit(self, name: str) -> Any:
        """Tightest bound of a kind (``ge``, ``gt``, ``le``, ``lt``, ...)."""
        found = [
            getattr(mark, name) for mark in self._marks if getattr(mark, name, None) is not None
        ]
        if not found:
            return None
        return max(found) if name in {"ge", "gt", "min_length"} else min(found)

    @cached_property
    def pattern(self) -> str:
        """Regular expression of the text, or of each word of a list; empty: any."""
        return next((mark.pattern for mark in self._marks if getattr(mark, "pattern", None)), "")

    @cached_property
    def expected(self) -> str:
        """What belongs in a cell, in words made from the field."""
        if self.vocabulary is not None:
            codes = sorted(set(self.vocabulary.values()))
            words = [Both(code, self.danish_words.get(code, code)) for code in codes]
            if self.kind == "choice":
                words = [
                    Both(f"{member.value} ({member.danish})", member.danish)
                    for member in self.inner
                ]
            return Message(f"expected.{'words' if self.kind == 'words' else 'one'}_of", words=words)
        if self.kind == "words":
            return Message("expected.list_of", form=_form(self.pattern, self))
        if self.kind == "text":
            return _form(self.pattern, self)
        if self.kind in {"whole", "number"}:
            what = "hours" if self.unit == "hours" else self.kind
            return joined((Message(f"expected.{what}"), *self._range()), "")
        return Message(f"expected.{self.kind}")

    def _range(self) -> list[Message]:
        """Bounds of the numbers that the field may hold, and other ways to write them."""
        least, above = self.limit("ge"), self.limit("gt")
        most, below = self.limit("le"), self.limit("lt")
        said: list[Message] = []
        if above is not None and (least is None or above >= least):
            said.append(Message("range.above", above=float(above)))
        elif least is not None and most is not None:
            said.append(Message("range.from_to", least=float(least), most=float(most)))
        elif least is not None:
            said.append(Message("range.at_least", least=float(least)))
        if most is not None and (not said or said[0].key == "range.above"):
            said.append(Message("range.up_to", most=float(most)))
        if below is not None:
            said.append(Message("range.below", below=float(below)))
        if self.levels:
            said.append(Message("range.or_levels", levels=tuple(LEVELS)))
        elif self.unit == "hours":
            said.append(Message("range.such_hours"))
        return said

    @cached_property
    def unit(self) -> str:
        """What the column counts: ``hours``, ``minutes``, ``kr``, or nothing that is stated."""
        return next((mark.name for mark in self._marks if isinstance(mark, Unit)), "")

    @cached_property
    def levels(self) -> bool:
        """Whether steps of the European scale are understood."""
        return any(isinstance(mark, Scale) for mark in self._marks)

    @cached_property
    def is_key(self) -> bool:
        """Whether rows are known or joined by it."""
        return (
            self.vocabulary is None
            and self.kind == "text"
            and any(getattr(mark, "pattern", None) == _KEY_PATTERN for mark in self._marks)
        )

    def seen(self, texts: Sequence[str]) -> Seen:
        """Gather what the column shows of its way of writing numbers; typed cells show nothing."""
        most = self.limit("le")
        return Seen(
            tuple(text for text in texts if not isinstance(text, Typed)),
            self.kind == "whole",
            None if most is None else float(most),
            self.unit,
        )

    @property
    def _adapter(self) -> TypeAdapter[list[Any]]:
        return _adapter(self.record, self.name)

    def convert(
        self,
        texts: Sequence[str],
        *,
        serial_zero: dt.date | None = None,
        written: Written | None = None,
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
        self, text: str, serial_zero: dt.date | None, written: Written
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
        if self._digits:
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

    @cached_property
    def _digits(self) -> bool:
        """Whether the field is a code of digits, or a list of such codes."""
        return any(_DIGITS.fullmatch(getattr(mark, "pattern", None) or "") for mark in self._marks)

    def _number(self, text: str, way: Way) -> int | float:
        if self.levels and (level := level_named(text)) is not None:
            return level
        try:
            value = read_number(text, way, self.unit, whole=self.kind == "whole")
        except Refused as refused:
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


_KEY_PATTERN = r"^\S(.*\S)?$"
_TOLD_ONCE = {IssueCode.STANDS_FOR_NO_DAY, IssueCode.ID_IN_DECIMALS}


def _marks(annotation: Any, metadata: Sequence[Any]) -> list[Any]:
    """Constraints of a field, from every depth of its annotation."""
    marks: list[Any] = []
    for mark in metadata:
        marks += _marks(None, mark.metadata) if isinstance(mark, FieldInfo) else [mark]
    for part in typing.get_args(annotation):
        if typing.get_origin(part) is Annotated:
            inner, *rest = typing.get_args(part)
            marks += _marks(inner, rest)
        elif typing.get_origin(part) is tuple:
            marks += _marks(part, ())
    return marks


def _form(pattern: str, column: Column) -> str:
    """Words for a text field: its digits, or its length."""
    found = _DIGITS.fullmatch(pattern or "")
    many = column.kind == "words"
    if found:
        least, most = found[1], found[2]
        kind = "codes" if many else "digits"
        if most:
            return Message(f"expected.{kind}_to", least=least, most=most)
        return Message(f"expected.{kind}", digits=least)
    longest = column.limit("max_length")
    kind = "list" if many else "text"
    if longest:
        return Message(f"expected.{kind}_at_most", most=longest)
    return Message(f"expected.{kind}")
