"""What a column of a table is: the fields of the records as they are asked for.

Each field says what it is (annotation), what it may hold (range, pattern, length) and what an
empty cell means (default). From that, and from nothing else, come its kind, its bounds and the
words of "expected"; the dictionary, templates, descriptions and the reader of cells
(:mod:`matcher.tables.cells`) are made from it. A few fields hold words whose list lies elsewhere
(papers, health codes, measures, reasons of rejection): their vocabularies are handed in.
"""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import itertools
import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Annotated, Any

from pydantic.fields import FieldInfo

from matcher.records import (
    LEVELS,
    Choice,
    Protects,
    Record,
    Scale,
    Unit,
    careful_fields,
    danish_name,
    protected_fields,
)
from matcher.tables.names import Vocabulary, choices
from matcher.tables.numbers import NumberTexts
from matcher.tables.raw import Typed
from matcher.texts import LANGUAGES, Both, Message, joined, own_catalogue
from matcher.week import Block

_DIGITS = re.compile(r"\^\\d\{(\d+)(?:,(\d+))?\}\$")
_KEY_PATTERN = r"^\S(.*\S)?$"


@cache
def _sentences(record: type[Record]) -> Mapping[str, str]:
    """Text below each field of a record in its code; it is read when somebody asks for it."""
    try:
        (made,) = ast.parse(inspect.getsource(record)).body
    except OSError:  # a record that was made by the running program has no code to read
        return {}
    assert isinstance(made, ast.ClassDef)
    return {
        one.target.id: str(text.value.value)
        for one, text in itertools.pairwise(made.body)
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    }


@dataclass(frozen=True, eq=False)
class TableField:
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
        return " ".join(_sentences(self.record).get(self.name, "").split())

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

    @cached_property
    def digits(self) -> bool:
        """Whether the field is a code of digits, or a list of such codes."""
        return any(_DIGITS.fullmatch(getattr(mark, "pattern", None) or "") for mark in self._marks)

    def seen(self, texts: Sequence[str]) -> NumberTexts:
        """Gather what the column shows of its way of writing numbers; typed cells show nothing."""
        most = self.limit("le")
        return NumberTexts(
            tuple(text for text in texts if not isinstance(text, Typed)),
            self.kind == "whole",
            None if most is None else float(most),
            self.unit,
        )


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


def _form(pattern: str, column: TableField) -> str:
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
