"""What a change does to the tables at hand: rows chosen, cells computed, rows written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.problem import Problem, as_frame, frame_rows
from matcher.records import TABLES, protected_fields
from matcher.texts import Message
from matcher.unknown import ASSUMED, COLUMN
from scenarios.patch.columns import PatchedColumn, shown, table_names
from scenarios.patch.selection import (
    Mask,
    Say,
    Selected,
    chosen,
    draw_order,
    key_texts,
    nobody_meets,
    selected,
    unit_values,
)
from scenarios.patch.spec import RowsDefinition
from scenarios.patch.tables import Edit, FromRow, TableChange


@dataclass(frozen=True, eq=False)
class Effect:
    """What a change does to the table at hand."""

    mask: Mask
    """Rows it is about, shape (rows,)."""
    cells: Mapping[str, pd.Series]
    """New cells of those rows by column, in their order; for copies: of the new rows."""
    sources: npt.NDArray[np.int64]
    """Row that each new row is a copy of."""
    added: pd.DataFrame | None
    """New rows that are written out."""
    selected: tuple[Selected, ...] = ()
    """What the conditions of the change took in."""


def work_out(change: TableChange, problem: Problem, say: Say) -> Effect | None:
    """Work out what a change does to the tables at hand; what is wrong is said."""
    frame = problem[change.table]
    nothing = np.zeros(0, dtype=np.int64)
    if change.act == "rows":
        written = _written_out(change, problem, say)
        added = None if written is None else _new_frame(change.table, written)
        if added is None:
            return None
        told: tuple[Selected, ...] = ()
        if change.spec.each is not None:
            told = selected(problem, table_names()[change.spec.each.table], change.each)
        return Effect(np.zeros(len(frame), dtype=np.bool_), {}, nothing, added, told)
    mask = chosen(problem, change.table, change.where)
    if not mask.any():
        say(
            ("where",),
            Message("patch.empty_selection", why=nobody_meets(problem, change.table, change.where)),
        )
        return None
    if change.act != "new":
        drawn = _drawn(change.spec, change.table, problem, mask, say)
        if drawn is None:
            return None
        mask = drawn
    told = selected(problem, change.table, change.where, None if change.act == "new" else mask)
    if change.act in {"copies", "new"}:
        sources = _sources(change, problem, mask)
        rows = frame.iloc[sources].reset_index(drop=True)
        cells = _edited(change, rows, say)
        return None if cells is None else Effect(mask, _now_known(rows, cells), sources, None, told)
    cells = _edited(change, frame[mask].reset_index(drop=True), say)
    return None if cells is None else Effect(mask, cells, nothing, None, told)


def _drawn(spec: RowsDefinition, table: str, problem: Problem, mask: Mask, say: Say) -> Mask | None:
    if spec.take is None and spec.share is None:
        return mask
    units, order = _units(spec, table, problem, mask)
    names = units.iloc[order].drop_duplicates()
    count = spec.take if spec.take is not None else int(float(spec.share or 0) * len(names) + 0.5)
    assert isinstance(count, int)
    if count > len(names):
        what = Message("patch.values_of", column=spec.of) if spec.of else Message("patch.rows")
        say(("take",), Message("patch.take", take=count, found=len(names), what=what))
        return None
    taken = np.asarray(units.isin(names.iloc[:count]), dtype=np.bool_)
    result = np.zeros(len(mask), dtype=np.bool_)
    result[np.flatnonzero(mask)[taken]] = True
    return result


def _units(
    spec: RowsDefinition, table: str, problem: Problem, mask: Mask
) -> tuple[pd.Series, npt.NDArray[np.int64]]:
    """Name the unit of each chosen row; and the rows in the order in which units are taken."""
    keys = key_texts(problem[table], table)
    units = keys if spec.of is None else unit_values(problem, table, spec.of)
    units = units[mask].reset_index(drop=True)
    order = draw_order(units, spec.seed)
    if spec.by is not None:
        amounts = pd.Series(unit_values(problem, table, spec.by)[mask].to_numpy(np.float64))
        sums = amounts.fillna(0).groupby(units.to_numpy()).transform("sum").to_numpy()
        order = order[np.argsort(-sums[order], kind="stable")]
    return units, order


def _sources(change: TableChange, problem: Problem, mask: Mask) -> npt.NDArray[np.int64]:
    rows = np.flatnonzero(mask)
    if change.act == "copies":
        return np.repeat(rows, change.count)
    _, order = _units(change.spec, change.table, problem, mask)
    return np.sort(np.resize(rows[order], change.count)) if change.count else rows[:0]


def _edited(change: TableChange, rows: pd.DataFrame, say: Say) -> dict[str, pd.Series] | None:
    """Work out new cells by column; None where a value cannot be."""
    cells: dict[str, pd.Series] = {}
    faulty = False
    for edit in change.edits:
        old = rows[edit.column.name]
        new = _computed(edit, old)
        texts = key_texts(rows, change.table)
        at = (edit.operator, edit.column.name)
        bad = _impossible(edit.column, new)
        if bad is not None:
            position, reason = bad
            faulty = True
            say(
                at,
                Message(
                    "patch.cell",
                    table=change.table,
                    column=edit.column.name,
                    row=texts.iloc[position],
                    old=shown(old.iloc[position]),
                    new=shown(new.iloc[position]),
                    reason=reason,
                ),
            )
        else:
            cells[edit.column.name] = new.astype(old.dtype)
    return None if faulty else cells


def _now_known(rows: pd.DataFrame, cells: dict[str, pd.Series]) -> dict[str, pd.Series]:
    """Take columns that a scenario sets in new rows off what is not known and what is assumed."""
    still = dict(cells)
    for mark in (COLUMN, ASSUMED):
        if mark not in rows.columns or mark in cells or not rows[mark].ne("").any():
            continue
        texts = [";".join(sorted(set(text.split(";")) - set(cells))) for text in rows[mark]]
        still[mark] = pd.Series(texts, dtype=rows[mark].dtype)
    return still


def _computed(edit: Edit, old: pd.Series) -> pd.Series:
    value, column = edit.value, edit.column
    if edit.operator == "set":
        missing = pd.NaT if column.is_date else None
        filled = "" if value is None and (column.is_week or column.is_list) else value
        return pd.Series([missing if filled is None else filled] * len(old), dtype=old.dtype)
    if edit.operator in {"include", "exclude"}:
        lists = [set(text.split(";")) - {""} if isinstance(text, str) else set() for text in old]
        words = set(value)
        joined = [
            ";".join(sorted(one | words if edit.operator == "include" else one - words))
            for one in lists
        ]
        return pd.Series(joined, dtype=old.dtype)
    if column.is_date:
        shifted = old.to_numpy("datetime64[s]") + np.timedelta64(round(value), "D")
        return pd.Series(shifted, dtype=old.dtype)
    numbers = old.to_numpy(np.float64, na_value=np.nan)
    if edit.operator == "add":
        numbers = numbers + value
    elif edit.operator == "scale":
        numbers = numbers * value
    else:
        least, most = (None if one == "none" else one for one in value)
        numbers = np.clip(numbers, least, most)
    parts = column.parts
    if parts is not None:
        # Halves go up, so that a half more is never nothing.
        numbers = np.floor(numbers * parts + 0.5 + 1e-9) / parts
    return pd.Series(numbers)


def _impossible(column: PatchedColumn, cells: pd.Series) -> tuple[int, str] | None:
    """First cell that the column cannot hold, and what is expected."""
    codes, unique = pd.factorize(cells, use_na_sentinel=True)
    values: list[Any] = unique.tolist()
    for number, value in enumerate(values):
        plain = value.date() if isinstance(value, pd.Timestamp) else value
        if column.parts == 1 and isinstance(plain, float) and plain.is_integer():
            plain = int(plain)
        try:
            column.canonical(plain)
        except ValueError as error:
            return int(np.argmax(codes == number)), error.args[0]
    return None


def _written_out(change: TableChange, problem: Problem, say: Say) -> list[Mapping[str, Any]] | None:
    """Write new rows out, once or for each of the rows they are made for."""
    draw = change.spec.each
    if draw is None:
        return list(change.rows)
    table = table_names()[draw.table]
    mask = chosen(problem, table, change.each)
    if not mask.any():
        say(
            ("each",),
            Message("patch.empty_selection", why=nobody_meets(problem, table, change.each)),
        )
        return None
    drawn = _drawn(draw, table, problem, mask, lambda at, text: say(("each", *at), text))
    if drawn is None:
        return None
    rows: list[Mapping[str, Any]] = []
    for source in frame_rows(problem[table][drawn]):
        for number, row in enumerate(change.rows):
            filled: dict[str, Any] = {}
            for name, value in row.items():
                try:
                    filled[name] = _taken(value, source, PatchedColumn(change.table, name))
                except ValueError as error:
                    say(
                        ("rows", number, name),
                        Message(
                            "patch.column", table=change.table, column=name, reason=error.args[0]
                        ),
                    )
                    return None
            rows.append(filled)
    return rows


def _taken(value: Any, source: Mapping[str, Any], column: PatchedColumn) -> Any:
    if not isinstance(value, FromRow):
        return value
    cell = source[value.column]
    if value.before or value.after:
        cell = f"{value.before}{cell}{value.after}"
    return column.canonical(cell)


def _new_frame(table: str, rows: list[Mapping[str, Any]]) -> pd.DataFrame:
    record = TABLES[table].record
    fields, protects = record.model_fields, protected_fields(record)
    columns: dict[str, list[Any]] = {}
    for name in fields:
        if name in protects and protects[name].empty == "unknown":
            columns[name] = [row.get(name) for row in rows]  # not stated is not known
            continue
        if name not in protects and not any(name in row for row in rows):
            continue
        default = fields[name].get_default()
        if isinstance(default, tuple):
            default = ";".join(default)
        columns[name] = [row.get(name, default) for row in rows]
    return as_frame(TABLES[table], columns)
