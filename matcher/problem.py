"""The week's input as one immutable thing: canonical tables, the policy of the day, a digest.

Tables are frames with one column per field of the record, in the record's order, sorted by the
table's key; so the order of rows in a file never reaches the model. Cell types are fixed:

=====================  =========================================================
field                  column
=====================  =========================================================
text, id, coded value  ``str`` (coded values in English); empty is missing
whole number           ``int64``; ``Int64`` where it may be empty
decimal number         ``float64``; empty is NaN
yes or no              ``bool``
date                   ``datetime64[s]``; empty is NaT
not known              the policy's careful value; the column ``unknown`` names it
weekly blocks          ``str``, canonical text of :func:`matcher.week.week_text`
list of codes          ``str``, sorted, separated by semicolons
=====================  =========================================================
"""

from __future__ import annotations

import datetime as dt
import hashlib
import operator
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.columns import Columns, lacking, never_lacks
from matcher.errors import InputErrors
from matcher.policy import Policy
from matcher.records import TABLES, Record, Table, careful_fields, protected_fields
from matcher.texts import Message
from matcher.unknown import (
    ASSUMABLE,
    ASSUMED,
    CAREFUL_TABLES,
    COLUMN,
    joined,
    marks_of,
    missing_columns,
    refuse_missing,
    taken_with_care,
    unknown_counts,
)


@cache
def column_type(record: type[Record], name: str) -> str:
    """Pandas type of the column that holds a field: see the module's table."""
    annotation: Any = record.model_fields[name].annotation
    arguments = typing.get_args(annotation)
    optional = isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is (
        typing.Union
    )
    if optional and type(None) in arguments:
        inner = next(argument for argument in arguments if argument is not type(None))
    else:
        optional, inner = False, annotation
    inner = typing.get_args(inner)[0] if typing.get_origin(inner) is typing.Annotated else inner
    if inner is bool:
        return "bool"
    if inner is int:
        return "Int64" if optional else "int64"
    if inner is float:
        return "float64"
    return "datetime64[s]" if inner is dt.date else "str"


def as_frame(
    table: Table, columns: Mapping[str, Sequence[Any]], policy: Policy | None = None
) -> pd.DataFrame:
    """Build the canonical frame of a table from columns of validated, serialised values.

    A missing cell of a field that protects somebody is noted in the column ``unknown``; the
    problem puts the policy's careful value there.

    Parameters
    ----------
    table
        Which table.
    columns
        A sequence per field, all equally long; a field left out gets its default.
    policy
        Whose section ``declared`` says what a protecting column that is left out holds.

    Raises
    ------
    InputErrors
        There are rows, and a column without a default is left out, or one that protects somebody
        and is not declared; a row names something else than such a column as unknown.
    """
    length = max((len(values) for values in columns.values()), default=0)
    if not length:
        return _empty(table).copy(deep=False)
    _refuse_absent(table, columns, policy)
    frame = _framed(table, _with_marks(table, columns, policy, length), length)
    if _in_order([columns.get(name) for name in table.key]):
        return frame
    return frame.sort_values(list(table.key), kind="stable", ignore_index=True)


def _in_order(keys: Sequence[Any]) -> bool:
    """Whether keys are all text and stand in order, as most callers have them."""
    cells = [key.tolist() if isinstance(key, _ARRAYS) else key for key in keys]
    if not all(isinstance(key, list) and _TEXT.issuperset(map(type, key)) for key in cells):
        return False
    rows = list(zip(*cells, strict=True))
    return all(map(operator.le, rows, rows[1:]))


def _framed(table: Table, columns: Mapping[str, Sequence[Any]], length: int) -> pd.DataFrame:
    """Columns of a table's fields, each of its type; one that is left out holds the default."""
    data: dict[str, Any] = {}
    for name, info in table.record.model_fields.items():
        values: Any = columns.get(name)
        if values is None:
            default = info.get_default()
            if isinstance(default, tuple):
                default = ";".join(default)
            values = [default] * length
        data[name] = _array(values, column_type(table.record, name))
    return pd.DataFrame(data)


_TEXT = frozenset({str})
_PLAIN: Mapping[str, frozenset[type]] = {
    "int64": frozenset({int}),
    "float64": frozenset({int, float, types.NoneType}),
    "bool": frozenset({bool}),
    "datetime64[s]": frozenset({dt.date, types.NoneType}),
}
"""Types of cells that numpy takes as they are, by column type."""
_FULL = frozenset({str, int, bool})
"""Types of cells that are not empty."""
_ARRAYS = (np.ndarray, pd.api.extensions.ExtensionArray)
_OWN: Mapping[str, Any] = {"str": pd.Series([], dtype="str").dtype, "Int64": pd.Int64Dtype()}
"""Types of columns that pandas holds itself: looked up by name they take longer than to fill."""


def _array(values: Any, kind: str) -> Any:
    """Values as an array of a column type, without an index: rows stand as they are given."""
    if isinstance(values, list):
        if kind in _PLAIN and _PLAIN[kind].issuperset(map(type, values)):
            return np.array(values, dtype=kind)
        if kind in _OWN:
            return pd.array(values, dtype=_OWN[kind])
    elif isinstance(values, _ARRAYS) and values.dtype == kind:  # a frame copies it
        return values if kind in _OWN else np.asarray(values)
    return pd.Series(values, dtype=kind, copy=True).array


def _refuse_absent(
    table: Table, columns: Mapping[str, Sequence[Any]], policy: Policy | None
) -> None:
    fields = table.record.model_fields
    absent = [name for name, info in fields.items() if info.is_required() and name not in columns]
    if absent:
        raise InputErrors(Message("problem.needed", table=table.name, columns=tuple(absent)))
    refuse_missing(table, missing_columns(table, columns, policy))


def _with_marks(
    table: Table, columns: Mapping[str, Sequence[Any]], policy: Policy | None, length: int
) -> dict[str, Any]:
    """Fill in what is declared, and a placeholder where a protecting cell is empty, with a mark."""
    declared = policy.declared_for(table.name) if policy is not None else {}
    filled: dict[str, Any] = dict(columns)
    filled |= {name: [value] * length for name, value in declared.items() if name not in columns}
    careful = careful_fields(table.record)
    if not careful:
        return filled
    if ASSUMED in filled:
        _refuse_odd(table, ASSUMED, filled[ASSUMED], ASSUMABLE)
    texts = columns.get(COLUMN)
    marks: dict[str, npt.NDArray[np.bool_]] = {}
    if texts is not None:
        _refuse_odd(table, COLUMN, texts, careful)
        marks = marks_of(pd.Series(texts, dtype=object), careful)
    for name in careful:
        cells = filled.get(name)
        if isinstance(cells, list) and _FULL.issuperset(map(type, cells)):
            continue
        empty = (
            np.asarray(pd.isna(_cells(cells)), dtype=np.bool_)
            if cells is not None
            else np.ones(length, dtype=np.bool_)
        )
        if empty.any():
            marks[name] = marks.get(name, False) | empty
            default = table.record.model_fields[name].get_default()
            default = ";".join(default) if isinstance(default, tuple) else default
            cells = filled.get(name, [default] * length)
            filled[name] = [
                default if missing else value
                for value, missing in zip(cells, empty.tolist(), strict=True)
            ]
    return {**filled, COLUMN: joined(marks, length).tolist()}


def _refuse_odd(table: Table, column: str, texts: Any, known: Iterable[str]) -> None:
    """Refuse marks on columns that cannot have them."""
    named = {text for text in texts if isinstance(text, str)}
    words = {word for text in named for word in text.split(";") if word}
    if odd := sorted(words - set(known)):
        raise InputErrors(
            Message(
                "problem.marks" if column == COLUMN else "problem.assumed_marks",
                table=table.name,
                names=tuple(odd),
                known=tuple(known),
            )
        )


def _cells(values: Sequence[Any]) -> Any:
    """Values as something of which pandas tells whether each is missing; a list as objects."""
    if isinstance(values, _ARRAYS):
        return values
    return np.array(values, dtype=object) if isinstance(values, list) else pd.Series(values)


_KEPT_ROWS = 5_000
"""Records of tables up to this size are kept once made; of larger ones memory is worth more."""


@cache
def _empty(table: Table) -> pd.DataFrame:
    """Frame of a table without rows; shared, like every frame of a problem."""
    return _framed(table, {}, 0)


@cache
def _no_columns(table: Table) -> Columns:
    return Columns(_empty(table))


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything a run needs: canonical tables, policy, date."""

    tables: Mapping[str, pd.DataFrame]
    """A frame per table of :data:`matcher.records.TABLES`; never modified."""
    policy: Policy
    """What holds on ``today``."""
    today: dt.date
    """Date of the run."""
    _digest: list[str] = field(default_factory=list, repr=False)
    _hashes: dict[str, bytes] = field(default_factory=dict, repr=False)
    """Hash of each row, by table."""
    _records: dict[str, list[Any]] = field(default_factory=dict, repr=False)
    _by_row: dict[str, dict[tuple[Any, ...], Any]] = field(default_factory=dict, repr=False)
    """Records by their cells, of this problem or the one it was made from."""
    _columns: dict[str, Columns] = field(default_factory=dict, repr=False)
    _whole_frames: tuple[pd.DataFrame, ...] = field(default=(), repr=False)
    """Frames that were checked already, while it is made."""

    def __post_init__(self) -> None:
        frames = {
            name: self.tables[name] if name in self.tables else _empty(table)
            for name, table in TABLES.items()
        }
        unknown = set(self.tables) - set(TABLES)
        if unknown:
            raise InputErrors(Message("problem.tables", names=tuple(sorted(unknown))))
        checked = set(map(id, self._whole_frames))
        for name, frame in self.tables.items():
            if id(frame) not in checked:
                columns = Columns(frame)
                frames[name] = _whole(TABLES[name], frame, columns, self.policy)
                if frames[name] is frame:
                    self._columns[name] = columns
        object.__setattr__(self, "tables", types.MappingProxyType(frames))
        object.__setattr__(self, "_whole_frames", ())

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy in another process is made from; a view of a mapping cannot travel."""
        return {**self.__dict__, "tables": dict(self.tables), "_records": {}, "_by_row": {},
                "_columns": {}}  # fmt: skip

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Take what was sent; it was checked where it came from."""
        self.__dict__.update(state)
        object.__setattr__(self, "tables", types.MappingProxyType(state["tables"]))

    def __repr__(self) -> str:
        """Say day and sizes: tables of persons are not for a log."""
        sizes = ", ".join(f"{len(self[name])} {name}" for name in TABLES if len(self[name]))
        return f"<Problem of {self.today}: {sizes or 'no rows'}>"

    @classmethod
    def from_records(cls, policy: Policy, today: dt.date, **records: Iterable[Record]) -> Problem:
        """Build a problem from records, e.g. ``citizens=[Citizen(...)]``."""
        frames: dict[str, pd.DataFrame] = {}
        for name, rows in records.items():
            listed = list(rows)
            dumped = [row.model_dump() for row in listed]
            protects = protected_fields(TABLES[name].record)
            # A protecting field that no record states is a column that is not there.
            stated = {column for row in listed for column in row.model_fields_set}
            frames[name] = as_frame(
                TABLES[name],
                {
                    column: [row[column] for row in dumped]
                    for column in TABLES[name].record.model_fields
                    if column in stated or column not in protects
                },
                policy,
            )
        return cls(frames, policy, today)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return the canonical frame of a table."""
        return self.tables[name]

    def columns(self, name: str) -> Columns:
        """Return the columns of a table as plain arrays, read once; never modified."""
        if name not in self._columns:
            frame = self.tables[name]
            self._columns[name] = Columns(frame) if len(frame) else _no_columns(TABLES[name])
        return self._columns[name]

    def replace(self, **changes: Any) -> Problem:
        """Return a copy with other ``tables``, ``policy`` or ``today``."""
        tables = changes.get("tables", self.tables)
        known = self.tables
        whole = [known[name] for name in tables if tables[name] is known.get(name)]
        if "policy" in changes:  # another policy may take other values for what is not known
            before = set(map(id, whole))
            careful = {
                name: taken_with_care(name, frame, changes["policy"])
                for name, frame in tables.items()
                if name in CAREFUL_TABLES
            }
            whole += [one for name, one in careful.items() if id(tables[name]) in before]
            tables = changes["tables"] = {**tables, **careful}
        same = {name for name in TABLES if tables.get(name) is self.tables[name]}
        records = {name: one for name, one in self._records.items() if name in same}
        hashes = {name: one for name, one in self._hashes.items() if name in same}
        columns = {name: one for name, one in self._columns.items() if name in same}
        return replace(
            self,
            _digest=[],
            _hashes=hashes,
            _records=records,
            _by_row=dict(self._by_row),
            _columns=columns,
            _whole_frames=tuple(whole),
            **changes,
        )

    def with_tables(self, **frames: pd.DataFrame) -> Problem:
        """Return a copy in which the named tables are replaced."""
        return self.replace(tables={**self.tables, **frames})

    def records(self, name: str, ids: Iterable[str] | None = None) -> dict[str, Any]:
        """Rows of a table as validated records, by id; for tables whose key is one column.

        Parameters
        ----------
        name
            Table name.
        ids
            Keep only these ids; None keeps all.
        """
        (key,) = TABLES[name].key
        frame = self.tables[name]
        if ids is None or len(frame) <= _KEPT_ROWS:
            kept = None if ids is None else set(ids)
            return {
                getattr(record, key): record
                for record in self.all_records(name)
                if kept is None or getattr(record, key) in kept
            }
        frame = frame[frame[key].isin(list(ids))]
        return {row[key]: _record(name, row) for row in frame_rows(frame)}

    def all_records(self, name: str) -> list[Any]:
        """Every row of a table as a validated record, in canonical order."""
        if name not in self._records:
            rows = _rows(self.columns(name))
            if len(rows) > _KEPT_ROWS:
                return [_record(name, row) for row in rows]
            # Most rows of a table that has changed are those of the one it was made from.
            known = self._by_row.get(name, {})
            cells = [tuple(row.values()) for row in rows]
            records = [
                known.get(one) or _record(name, row) for one, row in zip(cells, rows, strict=True)
            ]
            self._by_row[name] = dict(zip(cells, records, strict=True))
            self._records[name] = records
        return list(self._records[name])

    def unknown(self) -> dict[str, dict[str, int]]:
        """Rows by table and column of which nothing is known; see :mod:`matcher.unknown`."""
        return unknown_counts(self.tables)

    def digest(self) -> str:
        """Hash of tables, policy and date; equal for equal input, whatever the order of rows."""
        if not self._digest:
            digest = hashlib.blake2b(digest_size=16)
            digest.update(f"{self.today.isoformat()}|{self.policy.digest()}".encode())
            for name, frame in self.tables.items():
                columns = _told(name, self.columns(name))
                digest.update(f"|{name}|{len(frame)}|{'|'.join(columns)}".encode())
                digest.update(self._row_hashes(name, columns))
            self._digest.append(digest.hexdigest())
        return self._digest[0]

    def _row_hashes(self, name: str, columns: Sequence[str]) -> bytes:
        if name not in self._hashes:
            self._hashes[name] = row_hashes(self.columns(name), columns).tobytes()
        return self._hashes[name]


def _whole(table: Table, frame: pd.DataFrame, columns: Columns, policy: Policy) -> pd.DataFrame:
    """Return the frame with every column, and the careful value where a cell is not known."""
    fields = table.record.model_fields
    if list(columns) != list(fields):
        if odd := [str(name) for name in frame.columns if name not in fields]:
            raise InputErrors(Message("problem.columns", table=table.name, names=tuple(odd)))
        frame = as_frame(table, _columns(frame), policy)
    elif any(columns.lacks(name) for name in careful_fields(table.record)):
        frame = as_frame(table, _columns(frame), policy)
    return taken_with_care(table.name, frame, policy) if table.name in CAREFUL_TABLES else frame


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    return {str(name): frame[name] for name in frame.columns}


_ADDED = {"places": "municipality"}
"""Columns younger than stored runs, by table: one that says nothing changes no digest."""


def _told(table: str, columns: Columns) -> list[str]:
    """Columns of the digest: all but those that mark cells, and younger ones, that say nothing."""
    names = list(columns)
    for column in (COLUMN, ASSUMED):
        if column in names and not (columns[column] != "").any():
            names.remove(column)
    if (added := _ADDED.get(table)) in names and lacking(columns[added]).all():
        names.remove(added)
    return names


_NO_TEXT = np.iinfo(np.uint64).max
"""What pandas hashes an empty cell of text to."""


def row_hashes(table: Columns, names: Sequence[str]) -> npt.NDArray[np.uint64]:
    """Hash each row of some columns, as ``pandas.util.hash_pandas_object`` does without an index.

    In a short table all columns of a type are hashed together, which is most of the work there.
    """
    if not table.rows:
        return np.zeros(0, dtype=np.uint64)
    hashes = np.empty((len(names), table.rows), dtype=np.uint64)
    alike: dict[Any, list[int]] = {}
    for at, name in enumerate(names):
        array = table.array(name)
        if isinstance(array, np.ndarray):
            alike.setdefault(array.dtype, []).append(at)
        elif isinstance(array.dtype, pd.StringDtype) and table.rows <= _KEPT_ROWS:
            alike.setdefault(np.dtype(object), []).append(at)
        else:
            hashes[at] = pd.util.hash_array(array)
    for kind, rows in alike.items():
        cells = np.concatenate([table[names[at]] for at in rows])
        if kind.kind != "O":
            hashes[rows] = pd.util.hash_array(cells).reshape(len(rows), -1)
            continue
        empty = lacking(cells)
        cells[empty] = ""
        hashed = pd.util.hash_array(cells, categorize=False)
        hashed[empty] = _NO_TEXT
        hashes[rows] = hashed.reshape(len(rows), -1)
    # How pandas combines the hashes of a row's cells.
    mixed = np.full(table.rows, 0x345678, dtype=np.uint64)
    factor = 1_000_003
    for at, column in enumerate(hashes):
        mixed = (mixed ^ column) * np.uint64(factor)
        factor += 82_520 + 2 * (len(names) - at)
    return mixed + np.uint64(97_531)


def frame_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a canonical frame as plain Python values, missing cells as None."""
    if frame.empty:
        return []
    return _rows(Columns(frame))


def _rows(table: Columns) -> list[dict[str, Any]]:
    columns: list[list[Any]] = []
    for name in table:
        cells = table.array(name)
        kind = cells.dtype
        if isinstance(kind, pd.StringDtype):
            values: list[Any] = [
                one if isinstance(one, str) else None for one in table[name].tolist()
            ]
        elif kind.kind == "M":
            values = np.asarray(cells, dtype="datetime64[D]").tolist()
        elif never_lacks(kind):
            values = cells.tolist()
        else:
            missing = np.asarray(pd.isna(cells)).tolist()
            values = [
                None if empty else value
                for value, empty in zip(cells.tolist(), missing, strict=True)
            ]
        columns.append(values)
    return [dict(zip(table, row, strict=True)) for row in zip(*columns, strict=True)]


def _record(name: str, row: Mapping[str, Any]) -> Record:
    return TABLES[name].record.model_validate(row)
