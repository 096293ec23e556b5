"""What a column of a table may hold: words for it, canonical values, what is expected.

Made from the records, which are the only description of the input.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from matcher.problem import column_type
from matcher.records import HOURS, LEVELS, TABLES, Choice, Record, Scale, danish_name
from matcher.tables import REFERENCES, fold, words_of
from matcher.texts import Both, Message, catalogue
from matcher.week import BlockError

EMPTY = {"empty": True}
"""How a patch writes an empty cell, since TOML has none."""


@cache
def table_names() -> dict[str, str]:
    """English table name by any name of it."""
    return {name: table.name for table in TABLES.values() for name in (table.name, table.danish)}


def column_names(table: str) -> dict[str, str]:
    """English column name of a table by any name of it."""
    return _names(TABLES[table].record)


@cache
def _names(record: type[Record]) -> dict[str, str]:
    names = {danish_name(record, field): field for field in record.model_fields}
    return {**names, **{field: field for field in record.model_fields}}


@cache
def target_of(table: str, column: str) -> str | None:
    """Table whose rows a column names; None where it names none."""
    for reference in REFERENCES:
        if (reference.table, reference.field) == (table, column):
            return reference.target
    return None


@dataclass(frozen=True)
class PatchedColumn:
    """One column: how values are read, compared and rounded."""

    table: str
    name: str

    @property
    def kind(self) -> str:
        """Pandas type of the column."""
        return column_type(TABLES[self.table].record, self.name)

    @property
    def is_number(self) -> bool:
        """Whether it holds whole or decimal numbers."""
        return self.kind in {"int64", "Int64", "float64"}

    @property
    def is_date(self) -> bool:
        """Whether it holds days."""
        return self.kind.startswith("datetime")

    @property
    def is_week(self) -> bool:
        """Whether it holds blocks of the week."""
        return self.name.endswith("blocks") or self.name == "shifts"

    @property
    def is_list(self) -> bool:
        """Whether it holds words separated by semicolons."""
        return not self.is_week and str(self._annotation).startswith("tuple")

    @property
    def may_be_empty(self) -> bool:
        """Whether an empty cell means something."""
        return self.is_week or self.is_list or "None" in str(self._annotation)

    @property
    def parts(self) -> int | None:
        """Numbers are rounded to this part of one: hours to the minute; None: kept as they come."""
        if self.kind in {"int64", "Int64"}:
            return 1
        return 60 if HOURS in TABLES[self.table].record.model_fields[self.name].metadata else None

    @property
    def _annotation(self) -> Any:
        return TABLES[self.table].record.model_fields[self.name].annotation

    def canonical(self, value: Any) -> Any:
        """Read a value as the column keeps it; None is an empty cell.

        Raises
        ------
        ValueError
            The column cannot hold it; the message says what is expected.
        """
        if value == EMPTY or value is None:
            if not self.may_be_empty:
                raise ValueError(Message("patch.not_empty", expected=self.expected))
            value = None
        value = self._as_coded(value)
        if isinstance(value, bool) != (self.kind == "bool"):
            raise ValueError(Message("patch.expected", expected=self.expected))
        if isinstance(value, list) and self.is_list:
            value = ";".join(str(part) for part in value)
        elif isinstance(value, dt.datetime) or (
            self.is_date and not isinstance(value, dt.date | type(None))
        ):
            raise ValueError(Message("patch.expected", expected=self.expected))
        try:
            adapter = _adapter(TABLES[self.table].record, self.name)
            read = adapter.dump_python(adapter.validate_python(value))
        except ValidationError as error:
            inner = error.errors(include_url=False)[0].get("ctx", {}).get("error")
            key = "patch.expected_why" if inner else "patch.expected"
            raise ValueError(Message(key, expected=self.expected, why=_why(inner))) from None
        if isinstance(read, Choice):
            return read.value
        if isinstance(read, dt.date):
            return pd.Timestamp(read)
        return None if read is None or (read == "" and self.kind == "str") else read

    def _as_coded(self, value: Any) -> Any:
        """Bring words that people write to what the column holds: ``ja``, ``A2``, a measure."""
        if isinstance(value, list):
            return [self._as_coded(part) for part in value]
        if not isinstance(value, str):
            return value
        text = value.strip()
        if self.kind == "bool":
            return {"ja": True, "yes": True, "nej": False, "no": False}.get(text.lower(), value)
        if any(isinstance(mark, Scale) for mark in self._marks):
            return LEVELS.get(text.upper(), value)
        return ";".join(self.word(part) for part in value.split(";")) if self._words else value

    @property
    def _marks(self) -> list[Any]:
        return TABLES[self.table].record.model_fields[self.name].metadata

    @property
    def _words(self) -> Mapping[str, str]:
        return words_of(self.table, self.name)

    def meant(self, text: str) -> list[str]:
        """Codes that a word looks for: its own, else all that have it in their name.

        So ``løntilskud`` looks for both kinds of it.
        """
        part = fold(text)
        if part in self._words or len(part) < _SHORTEST:
            return [self.word(text)]
        inside = {code for name, code in self._words.items() if part in name}
        return sorted(inside) or [text]

    def word(self, text: str) -> str:
        """Code of a word of the column, in either language; the word itself where it is none."""
        return self._words.get(fold(text), text.strip())

    @property
    def expected(self) -> str:
        """What the column may hold, in words."""
        if self.is_week:
            return Message("policy.blocks")
        if self.is_list:
            return Message("patch.words")
        if self.is_date:
            return Message("policy.date")
        if self.kind == "bool":
            return Message("policy.bool")
        schema = _schema(TABLES[self.table].record, self.name)
        if "enum" in schema:
            return Message("expected.one_of", words=tuple(schema["enum"]))
        if not self.is_number:
            pattern = schema.get("pattern", "")
            return {
                r"^\d{4}$": Message("patch.four_digits"),
                r"^\d{1,6}$": Message("patch.six_digits"),
            }.get(pattern, Message("expected.text"))
        noun = Message("expected.whole") if self.parts == 1 else Message("expected.number")
        least = schema.get("exclusiveMinimum", schema.get("minimum"))
        key = "patch.above_to" if "exclusiveMinimum" in schema else "patch.number_from_to"
        text = Message(key, noun=noun, least=least, most=schema["maximum"])
        return Message("patch.to_the_minute", text=text) if self.parts == 60 else text


def _why(inner: object) -> str:
    """Say what a check of a record found, where it says it in words of its own."""
    if isinstance(inner, BlockError):
        return Message(f"blocks.{inner.kind}", part=inner.part)
    return str(inner)


_SHORTEST = 4
"""Letters from which on a part of a name is looked for."""


@cache
def _adapter(record: type[Record], name: str) -> TypeAdapter[Any]:
    info = record.model_fields[name]
    marks: tuple[Any, ...] = (info.annotation, *info.metadata)
    kind: Any = Annotated[marks] if len(marks) > 1 else info.annotation
    return TypeAdapter(kind)


@cache
def _schema(record: type[Record], name: str) -> dict[str, Any]:
    schema = _adapter(record, name).json_schema()
    for branch in schema.get("anyOf", ()):
        if branch.get("type") != "null":
            schema = {**schema, **branch}
    if "gt" in schema:  # a bound behind the rounding to minutes keeps its short name
        schema = {**schema, "exclusiveMinimum": schema["gt"]}
    return schema


def no_column(table: str, names: Mapping[str, str], asked: str) -> Message:
    """Say that a table has no such column, with those it has."""
    return Message("patch.no_column", column=asked, table=table, known=known(names.values(), asked))


def known(names: Iterable[str], asked: str = "") -> str:
    """Names in a message: the one that may have been meant, else all there are."""
    every = sorted(set(names))
    near = difflib.get_close_matches(asked, every, 1) if asked else []
    if not near:
        return ", ".join(every) or Message("patch.none")
    if len(every) == 1:
        return Message("patch.near", name=near[0])
    return Message("patch.near_and", name=near[0], count=len(every) - 1)


def path_name(path: str) -> str:
    """Name what a change is about: a table, a column of one, a key of the policy."""
    table, _, name = path.partition(".")
    if table in TABLES:
        record, danish = TABLES[table].record, TABLES[table].danish
        known = name in record.model_fields
        return Both(path, f"{danish}.{danish_name(record, name)}" if known else danish)
    key = f"policy_key.{path.replace('.', '_')}"
    return Message(key) if key in catalogue("en") else path


def shown(value: Any) -> str:
    """Write a cell or a value for a person."""
    from matcher.tables import mask

    if value is None or value is pd.NaT or value is pd.NA or value != value or value == "":
        return Message("change.empty")
    if isinstance(value, bool):
        return Message("change.yes" if value else "change.no")
    if isinstance(value, pd.Timestamp):
        return Message("change.value", value=value.date())
    if isinstance(value, float):
        short = abs(value) < 1e6 and value == round(value, 4)
        return Message("change.short", value=value) if short else f"{value}"
    text = mask(str(value))
    return text if len(text) <= 80 else text[:77] + "..."
