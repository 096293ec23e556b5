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
from matcher.records import HOURS, LEVELS, TABLES, Choice, Scale, danish_name
from matcher.tables import REFERENCES, fold, words_of

EMPTY = {"empty": True}
"""How a patch writes an empty cell, since TOML has none."""


@cache
def table_names() -> dict[str, str]:
    """English table name by any name of it."""
    return {name: table.name for table in TABLES.values() for name in (table.name, table.danish)}


@cache
def column_names(table: str) -> dict[str, str]:
    """English column name of a table by any name of it."""
    record = TABLES[table].record
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
class Column:
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
                raise ValueError(f"may not be empty; expected {self.expected}")
            value = None
        value = self._as_coded(value)
        if isinstance(value, bool) != (self.kind == "bool"):
            raise ValueError(f"expected {self.expected}")
        if isinstance(value, list) and self.is_list:
            value = ";".join(str(part) for part in value)
        elif isinstance(value, dt.datetime) or (
            self.is_date and not isinstance(value, dt.date | type(None))
        ):
            raise ValueError(f"expected {self.expected}")
        try:
            adapter = _adapter(self.table, self.name)
            read = adapter.dump_python(adapter.validate_python(value))
        except ValidationError as error:
            inner = error.errors(include_url=False)[0].get("ctx", {}).get("error")
            said = f" ({inner})" if inner else ""
            raise ValueError(f"expected {self.expected}{said}") from None
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
            return "blocks of time, e.g. 'mon-fri 07:00-15:00'"
        if self.is_list:
            return 'words in a list, e.g. ["a", "b"]'
        if self.is_date:
            return "a date, e.g. 2026-11-23"
        if self.kind == "bool":
            return "true or false"
        schema = _schema(self.table, self.name)
        if "enum" in schema:
            return f"one of {', '.join(schema['enum'])}"
        if not self.is_number:
            pattern = schema.get("pattern", "")
            return {r"^\d{4}$": "four digits", r"^\d{1,6}$": "one to six digits"}.get(
                pattern, "text"
            )
        noun = "a whole number" if self.parts == 1 else "a number"
        least = schema.get("exclusiveMinimum", schema.get("minimum"))
        above = "above" if "exclusiveMinimum" in schema else "from"
        text = f"{noun} {above} {least:g} to {schema['maximum']:g}"
        return f"{text}, to the minute" if self.parts == 60 else text


_SHORTEST = 4
"""Letters from which on a part of a name is looked for."""


@cache
def _adapter(table: str, name: str) -> TypeAdapter[Any]:
    info = TABLES[table].record.model_fields[name]
    marks: tuple[Any, ...] = (info.annotation, *info.metadata)
    kind: Any = Annotated[marks] if len(marks) > 1 else info.annotation
    return TypeAdapter(kind)


@cache
def _schema(table: str, name: str) -> dict[str, Any]:
    schema = _adapter(table, name).json_schema()
    for branch in schema.get("anyOf", ()):
        if branch.get("type") != "null":
            schema = {**schema, **branch}
    if "gt" in schema:  # a bound behind the rounding to minutes keeps its short name
        schema = {**schema, "exclusiveMinimum": schema["gt"]}
    return schema


def known(names: Iterable[str], asked: str = "") -> str:
    """Names in a message: the one that may have been meant, else all there are."""
    every = sorted(set(names))
    near = difflib.get_close_matches(asked, every, 1) if asked else []
    if not near:
        return ", ".join(every) or "none"
    others = len(every) - 1
    more = f", and {others} other{'' if others == 1 else 's'}" if others else ""
    return f"{near[0]} (maybe this was meant){more}"


def shown(value: Any) -> str:
    """Write a cell or a value for a person."""
    from matcher.tables import mask

    if value is None or value is pd.NaT or value is pd.NA or value != value or value == "":
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 and value == round(value, 4) else f"{value}"
    text = mask(str(value))
    return text if len(text) <= 80 else text[:77] + "..."
