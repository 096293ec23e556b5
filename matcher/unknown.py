"""What nobody knows about a citizen or an opening, and what counts in its place.

The column ``unknown`` of a table names, row by row, the fields of which nothing is known; in those
cells stands what the policy's section ``unknown`` says, so that every rule reads one value and the
row still tells that it is no fact. Nothing that protects somebody is ever filled in otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.columns import Cells, kinds_of
from matcher.errors import InputErrors
from matcher.policy import Policy
from matcher.records import TABLES, Table, careful_fields, danish_name, protected_fields
from matcher.texts import Both, Message

Mask = npt.NDArray[np.bool_]
COLUMN = "unknown"
"""The column that names the unknown ones of its row."""
ASSUMED = "assumed"
"""The column of openings that names what their employers have not said, but somebody assumed."""
ASSUMABLE: Mapping[str, str] = {
    column: name
    for name in ("workplaces", "openings")
    for column in TABLES[name].record.model_fields
    if column not in {"opening_id", "workplace_id", "employer_id", COLUMN, ASSUMED}
}
"""What may be assumed: columns of openings and of their workplaces, by table."""
CAREFUL_TABLES = tuple(name for name, table in TABLES.items() if careful_fields(table.record))
"""Tables with fields of which an empty cell is not known."""


def missing_columns(table: Table, given: Iterable[str], policy: Policy | None) -> tuple[str, ...]:
    """Protecting columns that are neither there nor declared in the policy, nor may be absent."""
    known = {*given, *(policy.declared_for(table.name) if policy is not None else ())}
    return tuple(
        name
        for name, mark in protected_fields(table.record).items()
        if name not in known and not mark.may_be_absent
    )


def declaration(table: Table, columns: Sequence[str], policy: Policy) -> str:
    """Lines for the policy file that declare columns on purpose, with the careful values."""
    careful = policy.careful(table.name)
    lines = [f"{name} = {_toml(careful[name]) if name in careful else _toml(None)}"
             for name in columns]  # fmt: skip
    return "\n".join([f"[declared.{table.name}]", *lines])


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}"
    return f'"{value}"' if value else '"none"'


def columns_named(table: Table, columns: Iterable[str]) -> str:
    """Name columns in both languages."""
    names = [(name, danish_name(table.record, name)) for name in columns]
    return Both(
        ", ".join(f"'{name}' ({danish})" for name, danish in names),
        ", ".join(f"'{danish}' ({name})" for name, danish in names),
    )


def refuse_missing(table: Table, columns: Sequence[str]) -> None:
    """Raise where columns that protect somebody are missing.

    Raises
    ------
    InputErrors
        There are such columns.
    """
    if columns:
        raise InputErrors(
            Message(
                "error.unprotected",
                table=Both(table.name, table.danish),
                name=table.name,
                columns=columns_named(table, columns),
            )
        )


def marks_of(texts: Cells | pd.Series[Any], names: Sequence[str]) -> dict[str, Mask]:
    """Which rows have which of some fields unknown; fields that no row names are left out."""
    kinds, codes = kinds_of(texts)
    stated = [set(text.split(";")) if isinstance(text, str) else set() for text in kinds]
    found: dict[str, Mask] = {}
    for name in names:
        here = np.array([name in words for words in stated], dtype=np.bool_)
        if here.any():
            found[name] = here[codes]
    return found


def joined(marks: Mapping[str, Mask], length: int) -> npt.NDArray[Any]:
    """Text of the column ``unknown`` for each row."""
    code = np.zeros(length, dtype=np.int64)
    names = sorted(name for name, mask in marks.items() if mask.any())
    for at, name in enumerate(names):
        code |= marks[name].astype(np.int64) << at
    kinds, rows = np.unique(code, return_inverse=True)
    texts = np.empty(len(kinds), dtype=object)
    texts[:] = [
        ";".join(name for at, name in enumerate(names) if kind >> at & 1) for kind in kinds.tolist()
    ]
    return np.asarray(texts[rows])


def taken_with_care(name: str, frame: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Put the policy's value into every cell that is not known; the frame itself where none is.

    Raises
    ------
    InputErrors
        Cells are not known and the policy says nothing about them.
    """
    marks = marks_of(frame[COLUMN], careful_fields(TABLES[name].record))
    if not marks:
        return frame
    careful, changed = policy.careful(name), {}
    if lost := sorted(set(marks) - set(careful)):
        raise InputErrors(
            Message("error.no_careful", table=Both(name, TABLES[name].danish), columns=tuple(lost))
        )
    for column, mask in marks.items():
        cells = frame[column]
        value = pd.Series(careful[column], index=frame.index).astype(cells.dtype)
        if column == "hours_min":  # no job needs more hours than it offers
            value = value.clip(upper=frame["hours_max"])
        new = cells.where(~mask, value)
        if not new.equals(cells):
            changed[column] = new
    return frame.assign(**changed) if changed else frame


def known_where_changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Take changed cells off the lists of what is not known and of what is assumed."""
    for column in (COLUMN, ASSUMED):
        after = _off_the_list(column, before, after)
    return after


def _off_the_list(column: str, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    if column not in before.columns or not before[column].ne("").any():
        return after
    names = sorted({name for text in before[column].unique() for name in text.split(";") if name})
    marks = marks_of(after[column], names)
    still = {
        name: mask & _same(before[name], after[name]) if name in after.columns else mask
        for name, mask in marks.items()
    }
    texts = pd.Series(joined(still, len(after)), index=after.index, dtype="str")
    return after.assign(**{column: texts})


def _same(before: pd.Series[Any], after: pd.Series[Any]) -> Mask:
    return ((before == after).fillna(False) | (before.isna() & after.isna())).to_numpy(np.bool_)


def unknown_counts(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, int]]:
    """Rows by table and column of which nothing is known; in the order of the records."""
    found: dict[str, dict[str, int]] = {}
    for name in CAREFUL_TABLES:
        marks = marks_of(tables[name][COLUMN], careful_fields(TABLES[name].record))
        if marks:
            found[name] = {column: int(mask.sum()) for column, mask in marks.items()}
    return found
