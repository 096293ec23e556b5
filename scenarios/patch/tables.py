"""One change of one table: which cells it sets, which rows it removes, which it adds.

A change is first read (:func:`read_change`, which needs no data and finds what is wrong with the
words), then worked out on the tables at hand (:func:`scenarios.patch.effect.work_out`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matcher.records import TABLES
from matcher.tables import looks_like_cpr
from matcher.texts import Message
from scenarios.patch.columns import (
    PatchedColumn,
    column_names,
    known,
    no_column,
    shown,
    table_names,
    target_of,
)
from scenarios.patch.selection import (
    Condition,
    Say,
    conditions,
)
from scenarios.patch.spec import ChangeDefinition, RowsDefinition

EDITS = ("set", "add", "scale", "clip", "include", "exclude")
_MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Edit:
    """What is done to one column of the rows."""

    column: PatchedColumn
    operator: str
    value: Any


@dataclass(frozen=True)
class TableChange:
    """A change that makes sense; what it does to data is still to be worked out."""

    table: str
    where: tuple[Condition, ...]
    edits: tuple[Edit, ...]
    act: str
    """``edit``, ``remove``, ``rows``, ``copies`` or ``new``."""
    rows: tuple[Mapping[str, Any], ...]
    each: tuple[Condition, ...]
    """Conditions on the rows that new rows are made for."""
    count: int
    """Copies of each row, or new rows in all."""
    spec: ChangeDefinition


def read_change(spec: ChangeDefinition, say: Say) -> TableChange | None:
    """Make sense of a change; what is wrong is said, and None returned."""
    faulty = False

    def tell(at: tuple[str | int, ...], text: str) -> None:
        nonlocal faulty
        faulty = True
        say(at, text)

    table = table_names().get(spec.table)
    if table is None:
        say(
            ("table",), Message("patch.no_table", table=spec.table, known=known(TABLES, spec.table))
        )
        return None
    where = conditions(table, spec.where, lambda at, text: tell(("where", *at), text))
    act = _act(spec, tell)
    edits = _edits(table, spec, tell)
    source, each = _each(spec, tell)
    rows = _rows(table, spec, source, tell) if act == "rows" else ()
    _check_draw(table, spec, spec.new is not None, tell)
    count = spec.copies if act == "copies" else spec.new if act == "new" else 0
    if not isinstance(count, int) or not 0 <= count <= _MOST_ROWS:
        tell((act,), Message("patch.act_count", name=act, value=repr(count), most=_MOST_ROWS))
    if act in {"copies", "new"} and len(TABLES[table].key) > 1:
        tell((act,), Message("patch.no_own_id", table=table))
    if act == "edit" and not any(getattr(spec, name) for name in EDITS):
        tell((), Message("patch.nothing_to_do", known=known((*EDITS, *_ACTS))))
    if act in {"remove", "rows"} and edits:
        tell((act,), Message("patch.alone", name=act, others=known(EDITS)))
    return (
        None if faulty else TableChange(table, where, edits, act, rows, each, int(count or 0), spec)
    )


_ACTS = ("remove", "rows", "copies", "new")


def _act(spec: ChangeDefinition, say: Say) -> str:
    # No copies is a number of copies, too.
    given = [name for name in ("copies", "new") if getattr(spec, name) is not None]
    given += [name for name in ("remove", "rows") if getattr(spec, name)]
    if len(given) > 1:
        say((given[1],), Message("patch.two_changes", names=tuple(given)))
    if "rows" in given and (spec.where or spec.take is not None or spec.share is not None):
        say(("rows",), Message("patch.new_rows"))
    return given[0] if given else "edit"


@dataclass(frozen=True)
class FromRow:
    """A cell of a new row that is taken from the row it is made for."""

    column: str
    before: str
    after: str


def _each(spec: ChangeDefinition, say: Say) -> tuple[str | None, tuple[Condition, ...]]:
    """Table and conditions of the rows that new rows are made for."""
    if spec.each is None:
        return None, ()
    table = table_names().get(spec.each.table)
    if table is None:
        say(
            ("each", "table"), Message("patch.no_table", table=spec.each.table, known=known(TABLES))
        )
        return None, ()
    if not spec.rows:
        say(("each",), Message("patch.each_rows"))
    _check_draw(table, spec.each, False, lambda at, text: say(("each", *at), text))
    return table, conditions(
        table, spec.each.where, lambda at, text: say(("each", "where", *at), text)
    )


def _edits(table: str, spec: ChangeDefinition, say: Say) -> tuple[Edit, ...]:
    names = column_names(table)
    edits: list[Edit] = []
    seen: dict[str, str] = {}
    for operator in EDITS:
        for name, value in getattr(spec, operator).items():
            at = (operator, name)
            if name not in names:
                say(
                    at,
                    no_column(table, names, name),
                )
                continue
            column = PatchedColumn(table, names[name])
            if column.name in seen:
                say(at, Message("patch.edited_twice", column=column.name, name=seen[column.name]))
            seen[column.name] = operator
            if column.name in TABLES[table].key:
                say(at, Message("patch.is_key", column=column.name))
                continue
            fault = _fault(column, operator, value)
            if fault:
                say(at, fault)
            else:
                read = column.canonical(value) if operator == "set" else value
                edits.append(Edit(column, operator, read))
    return tuple(edits)


def _fault(column: PatchedColumn, operator: str, value: Any) -> str:
    """Say why an edit cannot be; empty when it can."""
    if operator == "set":
        try:
            read = column.canonical(value)
        except ValueError as error:
            return Message(
                "patch.value", column=column.name, value=shown(value), reason=error.args[0]
            )
        cpr = isinstance(read, str) and looks_like_cpr(
            read, digits_allowed="workplace" in column.name
        )
        return Message("patch.cell_cpr", column=column.name) if cpr else ""
    if operator in {"include", "exclude"}:
        if not column.is_list:
            return Message(
                "patch.changes_lists", name=operator, column=column.name, expected=column.expected
            )
        return ""
    if not (column.is_number or (column.is_date and operator == "add")):
        return Message(
            "patch.changes_numbers", name=operator, column=column.name, expected=column.expected
        )
    amounts = value if isinstance(value, list) else [value]
    if operator == "clip":
        amounts = [amount for amount in amounts if amount != "none"]
        if (
            len(amounts) == 2
            and all(_is_number(one) for one in amounts)
            and (amounts[0] > amounts[1])
        ):
            return Message("patch.clip_order", value=str(value))
    if not all(_is_number(amount) for amount in amounts):
        none = Message("patch.or_none") if operator == "clip" else ""
        return Message("patch.number_or", name=operator, value=repr(value), none=none)
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _from_row(value: Any, source: str | None, at: tuple[str | int, ...], say: Say) -> FromRow:
    """Read a cell that is taken from the row a new row is made for."""
    column = value["from"]
    columns = column_names(source) if source else {}
    if source is None:
        say(at, Message("patch.from_each"))
    elif column not in columns:
        say(
            at,
            no_column(source, columns, column),
        )
    if not set(value) <= {"from", "before", "after"}:
        say(at, Message("patch.from_keys", value=repr(value)))
    return FromRow(columns.get(column, ""), value.get("before", ""), value.get("after", ""))


def _rows(
    table: str, spec: ChangeDefinition, source: str | None, say: Say
) -> tuple[Mapping[str, Any], ...]:
    names, record = column_names(table), TABLES[table].record
    rows: list[Mapping[str, Any]] = []
    for number, row in enumerate(spec.rows):
        read: dict[str, Any] = {}
        for name, value in row.items():
            at = ("rows", number, name)
            if name not in names:
                say(
                    at,
                    no_column(table, names, name),
                )
                continue
            if isinstance(value, dict) and "from" in value:
                read[names[name]] = _from_row(value, source, at, say)
                continue
            fault = _fault(PatchedColumn(table, names[name]), "set", value)
            if fault:
                say(at, fault)
            else:
                read[names[name]] = PatchedColumn(table, names[name]).canonical(value)
        for name, info in record.model_fields.items():
            if info.is_required() and name not in {names.get(one) for one in row}:
                say(
                    ("rows", number),
                    Message(
                        "patch.column_missing",
                        column=name,
                        expected=PatchedColumn(table, name).expected,
                    ),
                )
        rows.append(read)
    return tuple(rows)


def _check_draw(table: str, spec: RowsDefinition, drawn: bool, say: Say) -> None:
    if spec.take is not None and spec.share is not None:
        say(("share",), Message("patch.take_share"))
    if spec.take is not None and not (isinstance(spec.take, int) and spec.take >= 0):
        say(("take",), Message("patch.take_whole", take=repr(spec.take)))
    if spec.share is not None and not (_is_number(spec.share) and 0 <= float(spec.share) <= 1):
        say(("share",), Message("patch.share", share=repr(spec.share)))
    drawn = drawn or spec.take is not None or spec.share is not None
    for key in ("of", "by"):
        path = getattr(spec, key)
        if path is None:
            continue
        if not drawn:
            say((key,), Message("patch.needs_draw", key=key))
        first, _, rest = path.partition(".")
        columns = column_names(table)
        target = target_of(table, first)
        if first not in columns.values():
            say(
                (key,),
                no_column(table, columns, first),
            )
        elif rest and (target is None or rest not in column_names(target).values()):
            say((key,), Message("patch.path", path=path, column=first))
        elif key == "by":
            last = PatchedColumn(target if rest and target else table, rest or first)
            if not last.is_number:
                say((key,), Message("patch.by", path=path))
