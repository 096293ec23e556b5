"""What a mapping says: our table and column, theirs, values, units, joins, rows left out.

A mapping is a TOML file. :func:`load_mapping` holds it against the records and reports everything
that is wrong with it at once; :func:`text_of` in ``writing`` writes one.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from matcher.cpr import looks_like_cpr
from matcher.errors import MappingError
from matcher.records import TABLES, Table
from matcher.tables.cells import ReadColumn
from matcher.tables.columns import columns_of
from matcher.tables.issues import shown
from matcher.tables.mapping.units import unit_known, units_for
from matcher.texts import Message, joined

MAPPING_FILE = "mapping.toml"
"""Name of the file in a folder of tables."""
Hashed = Literal["", "cpr", "id"]
"""How an id is made pseudonymous: not; a CPR number; any id."""
HASHES = ("cpr", "id")


def folded(text: str) -> str:
    """Bring a value of theirs to the form in which values are compared: case and blanks aside."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class ColumnMap:
    """Where a column of ours comes from."""

    source: str = ""
    """Their column; empty: none, everybody has ``default``."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Their value, folded -> ours; empty text: the cell is empty."""
    unit: str = ""
    """What their numbers count, where it is not what ours do; ``date``: the time since a day."""
    part: str = ""
    """Regular expression of the part of a cell that counts."""
    default: str = ""
    """What an empty cell, or the whole column, means."""
    hashed: Hashed = ""


@dataclass(frozen=True)
class Join:
    """A second table of theirs that completes the rows of the first: one row each."""

    source: str
    on: str
    """The column of the first table."""
    to: str
    """Its name in the second."""


@dataclass(frozen=True)
class TableMap:
    """Where a table of ours comes from."""

    source: str
    """Their file, ``file.xlsx#sheet``, sheet or database table; ``*`` stands for anything."""
    columns: Mapping[str, ColumnMap]
    joins: tuple[Join, ...] = ()
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Rows left out: by column of theirs, values, folded."""
    once: bool = False
    """Whether rows that say the same of our columns are one row."""

    def headers(self) -> tuple[str, ...]:
        """Columns of theirs that it names, those of joins included."""
        named = [one.source for one in self.columns.values() if one.source]
        return tuple(dict.fromkeys([*named, *self.leave_out, *(join.on for join in self.joins)]))


@dataclass(frozen=True)
class TheirMapping:
    """A whole mapping."""

    tables: Mapping[str, TableMap]
    key_check: str = ""
    """What the key of the pseudonyms must answer; empty: any key."""
    file: str = MAPPING_FILE

    def digest(self) -> str:
        """Hash of what it says; remarks and order do not count."""
        content = json.dumps(
            {name: asdict(table) for name, table in self.tables.items()}, sort_keys=True
        )
        return hashlib.blake2b(f"{self.key_check}|{content}".encode(), digest_size=8).hexdigest()

    def hashes(self) -> bool:
        """Whether it makes pseudonyms."""
        return any(one.hashed for table in self.tables.values() for one in table.columns.values())

    def provenance(self) -> dict[str, str]:
        """Return what a run says of it."""
        return {"file": self.file, "digest": self.digest()}


def own_mapping(address: str | Path) -> Path | None:
    """Return the mapping that a folder of tables holds; None where there is none."""
    if "://" in str(address):
        return None
    file = Path(address) / MAPPING_FILE
    return file if file.is_file() else None


def load_mapping(source: Path | Mapping[str, Any]) -> TheirMapping:
    """Read a mapping from a TOML file, or from its content.

    Raises
    ------
    MappingError
        It cannot be read, or says what cannot be; the message has all of it.
    """
    name = MAPPING_FILE
    if isinstance(source, Mapping):
        content: Mapping[str, Any] = source
    else:
        name = source.name
        try:
            content = tomllib.loads(source.read_text("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            said = Message("mapping.no_toml", file=name, reason=shown(str(error)))
            raise MappingError(said) from None
    reader = _Reader()
    head = reader.table(content.get("mapping", {}), "mapping", {"key_check"})
    made = TheirMapping(
        {
            table: one
            for table, part in content.items()
            if table != "mapping" and (one := reader.table_map(table, part)) is not None
        },
        reader.text(head.get("key_check", ""), "mapping.key_check"),
        name,
    )
    if not made.tables:
        reader.wrong(name, Message("mapping.empty"))
    if reader.problems:
        said = Message("mapping.wrong", file=name, count=len(reader.problems))
        lines = [joined(("  -", one)) for one in reader.problems]
        raise MappingError(joined((said, *lines), "\n"), tuple(reader.problems))
    return made


class _Reader:
    """Turns plain values into a mapping and keeps what is wrong."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def wrong(self, where: str, what: str) -> None:
        self.problems.append(Message("mapping.at", where=shown(where), what=what))

    def table(self, value: Any, where: str, known: Iterable[str] | None = None) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.wrong(where, Message("mapping.no_section", value=shown(value)))
            return {}
        for key in value:
            if looks_like_cpr(str(key)):
                self.wrong(where, Message("mapping.number"))
        if known is not None:
            for key in sorted(set(value) - set(known)):
                self.wrong(f"{where}.{key}", _unknown("mapping.unknown_key", key, known))
        return dict(value)

    def text(self, value: Any, where: str) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int | float):
            return f"{value:g}" if isinstance(value, float) else str(value)
        if not isinstance(value, str):
            self.wrong(where, Message("mapping.no_text", value=shown(value)))
            return ""
        if looks_like_cpr(value):
            self.wrong(where, Message("mapping.number"))
        return value.strip()

    def table_map(self, name: str, part: Any) -> TableMap | None:
        if name not in TABLES:
            self.wrong(name, _unknown("mapping.unknown_table", name, TABLES))
            return None
        keys = {"from", "columns", "join", "leave_out", "once"}
        held = self.table(part, name, keys)
        fields = columns_of(TABLES[name], None)
        columns: dict[str, ColumnMap] = {}
        for column, value in self.table(held.get("columns", {}), f"{name}.columns").items():
            where = f"{name}.columns.{column}"
            if column not in fields:
                self.wrong(where, _unknown("mapping.unknown_column", column, fields))
            elif isinstance(value, str):
                columns[column] = ColumnMap(self.text(value, where))
            else:
                columns[column] = self.column_map(where, TABLES[name], fields[column], value)
        source = self.text(held.get("from", ""), f"{name}.from")
        if not source:
            self.wrong(name, Message("mapping.no_from"))
        joins = held.get("join", [])
        leave_out: dict[str, tuple[str, ...]] = {}
        where = f"{name}.leave_out"
        for column, values in self.table(held.get("leave_out", {}), where).items():
            listed = values if isinstance(values, list) else [values]
            leave_out[column] = tuple(folded(self.text(one, f"{where}.{column}")) for one in listed)
        return TableMap(
            source,
            columns,
            tuple(self.join(f"{name}.join", one) for one in _list(joins)),
            leave_out,
            held.get("once") is True,
        )

    def join(self, where: str, value: Any) -> Join:
        held = self.table(value, where, {"from", "on", "to"})
        source, on = (self.text(held.get(key, ""), f"{where}.{key}") for key in ("from", "on"))
        if not source or not on:
            self.wrong(where, Message("mapping.no_join"))
        return Join(source, on, self.text(held.get("to", on), f"{where}.to"))

    def column_map(self, where: str, table: Table, column: ReadColumn, value: Any) -> ColumnMap:
        known = ("from", "values", "unit", "part", "default", "hash")
        held = self.table(value, where, known)
        values = {
            folded(theirs): self.text(ours, f"{where}.values")
            for theirs, ours in self.table(held.get("values", {}), f"{where}.values").items()
        }
        texts = {key: self.text(held.get(key, ""), f"{where}.{key}") for key in known
                 if key != "values"}  # fmt: skip
        self._values(f"{where}.values", column, [*values.values(), texts["default"]])
        if texts["unit"] and not unit_known(table.name, column, texts["unit"]):
            units = (*units_for(table.name, column), Message("mapping.no_unit"))
            expected = Message("mapping.unit", unit=texts["unit"], known=units)
            self.wrong(f"{where}.unit", expected)
        if texts["part"] and (reason := _no_pattern(texts["part"])):
            self.wrong(f"{where}.part", Message("mapping.pattern", reason=reason))
        if texts["default"] and column.protects is not None:
            said = Message("mapping.no_default", table=table.name, column=column.name)
            self.wrong(f"{where}.default", said)
        if texts["hash"] and texts["hash"] not in HASHES:
            self.wrong(f"{where}.hash", Message("mapping.hash", known=HASHES))
        elif texts["hash"] and not column.is_key:
            self.wrong(f"{where}.hash", Message("mapping.hash_no_id"))
        if not texts["from"] and not texts["default"]:
            self.wrong(where, Message("mapping.nothing"))
        hashed: Hashed = texts["hash"] if texts["hash"] in HASHES else ""  # type: ignore[assignment]
        return ColumnMap(
            texts["from"], values, texts["unit"], texts["part"], texts["default"], hashed
        )

    def _values(self, where: str, column: ReadColumn, ours: Sequence[str]) -> None:
        some = sorted({one for one in ours if one})
        cells = column.convert(some)
        for at, fault in cells.faults.items():
            said = Message("mapping.value", value=shown(some[at]), expected=fault.expected)
            self.wrong(where, said)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _unknown(key: str, name: str, known: Iterable[str]) -> Message:
    listed = sorted(known)
    near = difflib.get_close_matches(name, listed, 1, 0.6)
    return Message(key, name=shown(name), near=near[:1] or listed[:8])


def _no_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        return str(error)
    return ""
