"""Tables of theirs become tables of ours, before anything is believed.

What comes out is a table as found, whose columns say which field they are: everything behind
(cells, checks, quarantine, digest) is as with our own tables. Headers, row numbers and the values
that issues show stay theirs.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import fnmatch
import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from matcher.cpr import MASK, looks_like_cpr, mask
from matcher.records import TABLES
from matcher.tables.cells import ReadColumn
from matcher.tables.columns import columns_of
from matcher.tables.folder import FoundTable
from matcher.tables.issues import IssueCode, shown
from matcher.tables.mapping.pseudonym import Key
from matcher.tables.mapping.record import ColumnMap, Join, TableMap, TheirMapping, folded
from matcher.tables.mapping.units import in_our_unit
from matcher.tables.raw import RawColumn, RawTable, Remark, Unread, UnreadableError
from matcher.tables.sources import Source
from matcher.tables.theirs import totals_word
from matcher.texts import Message, joined

Codes = npt.NDArray[np.int32]
MOST_NAMED = 5
"""Columns, keys or tables that a message names."""


def mapped(source: Source, mapping: TheirMapping, key: Key | None, today: dt.date) -> Source:
    """Put tables of ours, read by a mapping, in the place of those that it is made from.

    Parameters
    ----------
    source
        What is at the address.
    mapping
        What to make of it.
    key
        What pseudonyms are made with; needed where the mapping makes any.
    today
        Day of the run, for columns that count the time since a day.
    """
    everything = source.everything()
    known = dict(source.known)
    used: set[str] = set()
    for name, table in mapping.tables.items():
        places = [table.source, *(join.source for join in table.joins)]
        sources = [_named(place, everything) for place in places]
        used |= {item.place for found in sources for item in found}
        known[name] = tuple(
            FoundTable(
                name,
                item.source,
                lambda _, table=table, item=item, name=name: _read(  # type: ignore[misc]
                    name, table, item, everything, key, today
                ),
                item.place,
            )
            for item in sources[0]
        ) or (_missing(name, table.source, everything, mapping.file),)
    kept = {
        name: found
        if name in mapping.tables
        else tuple(item for item in found if item.place not in used)
        for name, found in known.items()
    }
    return dataclasses.replace(
        source,
        known={name: kept[name] for name in TABLES if kept.get(name)},
        unknown=tuple(item for item in source.unknown if item.place not in used),
        not_read=tuple(
            item
            for item in source.not_read
            if item.table not in mapping.tables and not _within(item.source, used)
        ),
        others=tuple(name for name in source.others if not _within(name, used)),
        spare=(),
    )


def _within(name: str, used: Iterable[str]) -> bool:
    """Whether a file, or a sheet of it, is used."""
    return any(place.partition("#")[0] == name or place == name for place in used)


def _named(place: str, everything: Sequence[FoundTable]) -> tuple[FoundTable, ...]:
    """Tables of theirs that a place names."""
    wanted = place.casefold()
    exact = [item for item in everything if item.place.casefold() == wanted]
    found = exact or [
        item
        for item in everything
        if fnmatch.fnmatchcase(item.place.casefold(), wanted.replace("[", "[[]"))
    ]
    found = found or [item for item in everything if item.name.casefold() == wanted]
    return tuple({item.place: item for item in found}.values())


def _no_table(place: str, everything: Sequence[FoundTable], file: str) -> UnreadableError:
    places = sorted({item.place for item in everything})
    near = difflib.get_close_matches(place, places, MOST_NAMED, 0.4)
    return UnreadableError(
        Message("mapping.no_table", place=shown(place), file=file),
        Message("mapping.there_are", names=tuple(map(shown, near or places[:MOST_NAMED]))),
    )


def _missing(name: str, place: str, everything: Sequence[FoundTable], file: str) -> FoundTable:
    def read(_: object) -> RawTable:
        raise _no_table(place, everything, file)

    return FoundTable(name, place, read, place)


def _read(
    name: str,
    table: TableMap,
    main: FoundTable,
    everything: Sequence[FoundTable],
    key: Key | None,
    today: dt.date,
) -> RawTable:
    """Read a table of ours from theirs.

    Raises
    ------
    UnreadableError
        A table or column that the mapping names is not there, or a join is not one row each.
    """
    raw = main.table(_meaning([*table.headers()]))
    remarks: list[Remark] = list(raw.remarks)
    raw, left = _left_out(raw, table)
    remarks += left
    mains = len(raw.columns)
    sources = [raw.source]
    for join in table.joins:
        found = _named(join.source, everything)
        if len(found) != 1:
            raise _no_table(join.source, everything, "mapping")
        second = found[0].table(_meaning([*table.headers(), join.to]))
        second, _ = without_totals(second)
        raw, told = join_tables(raw, second, join, mains)
        remarks += told
        sources.append(second.source)
    _ensure_there(raw, table)
    fields = columns_of(TABLES[name], None)
    columns = [
        made_column(name, fields[field], one, raw, key, today)
        for field, one in table.columns.items()
    ]
    remarks += _not_mapped(raw, table)
    made = dataclasses.replace(
        raw,
        name=name,
        source=joined(sources, " + "),
        columns=tuple(columns),
        remarks=tuple(remarks),
        ragged=raw.ragged,
        mapped=True,
    )
    return _once(made) if table.once else made


def _meaning(headers: Sequence[str]):  # type: ignore[no-untyped-def]
    wanted = {folded(header): header for header in headers}
    return lambda name: wanted.get(folded(name))


def _column(raw: RawTable, header: str) -> int:
    """Position of a column of theirs; -1: it is not there."""
    exact = [at for at, one in enumerate(raw.columns) if one.header == header]
    near = exact or [
        at for at, one in enumerate(raw.columns) if folded(one.header) == folded(header)
    ]
    if len(near) > 1:
        raise UnreadableError(
            Message("mapping.column_twice", column=shown(header)), Message("mapping.rename")
        )
    return near[0] if near else -1


def _ensure_there(raw: RawTable, table: TableMap) -> None:
    lost = [header for header in table.headers() if _column(raw, header) < 0]
    if not lost:
        return
    there = [one.header for one in raw.columns if one.header]
    near = dict.fromkeys(
        name for one in lost for name in difflib.get_close_matches(one, there, 1, 0.6)
    )
    raise UnreadableError(
        Message("mapping.no_columns", columns=tuple(map(shown, lost)), count=len(lost)),
        Message("mapping.perhaps", names=tuple(map(shown, near)))
        if near
        else Message("mapping.columns_there", names=tuple(map(shown, there))),
    )


# ------------------------------------------------------------------------------ rows


def _taken(raw: RawTable, rows: npt.NDArray[np.bool_]) -> RawTable:
    columns = tuple(_in_rows(one, rows) for one in raw.columns)
    return dataclasses.replace(raw, columns=columns, rows=raw.rows[rows])


def _in_rows(column: RawColumn, rows: npt.NDArray[np.bool_]) -> RawColumn:
    """Keep the cells of some rows; a text that stands in none of them is gone."""
    used, codes = np.unique(column.codes[rows], return_inverse=True)
    texts = tuple(column.texts[at] for at in used.tolist())
    theirs = tuple(column.theirs[at] for at in used.tolist()) if column.theirs else ()
    return dataclasses.replace(column, texts=texts, theirs=theirs, codes=codes.astype(np.int32))


def without_totals(raw: RawTable) -> tuple[RawTable, list[Remark]]:
    """Leave out the last row where it adds up the others, and say so."""
    word = totals_word(raw)
    if not word:
        return raw, []
    number = int(raw.rows[-1])
    rows = np.ones(len(raw.rows), dtype=np.bool_)
    rows[-1] = False
    told = Message("mapping.totals", row=number, word=shown(word))
    return _taken(raw, rows), [Remark(IssueCode.ROWS_LEFT_OUT, told)]


def _left_out(raw: RawTable, table: TableMap) -> tuple[RawTable, list[Remark]]:
    """Leave out the row that adds up the others, and rows that the mapping does not want."""
    raw, remarks = without_totals(raw)
    keep = np.ones(len(raw.rows), dtype=np.bool_)
    for header, values in table.leave_out.items():
        at = _column(raw, header)
        if at < 0:
            continue  # said with the other columns that are not there
        column = raw.columns[at]
        unwanted = np.array([folded(text) in values for text in column.texts], dtype=np.bool_)
        if not len(unwanted):
            continue
        out = unwanted[column.codes] & keep
        keep &= ~out
        shown_values = tuple(shown(one) for one in values)
        told = Message(
            "mapping.left_out", count=int(out.sum()), column=shown(header), values=shown_values
        )
        remarks.append(Remark(IssueCode.ROWS_LEFT_OUT, told))
    return (raw if keep.all() else _taken(raw, keep)), remarks


def _once(raw: RawTable) -> RawTable:
    """Take rows once that say the same of all columns of ours."""
    if not len(raw.rows):
        return raw
    # Texts that stand for one value, as two of theirs may, are one.
    codes = [
        np.unique(np.array(one.texts, dtype=object).astype(str), return_inverse=True)[1][one.codes]
        for one in raw.columns
    ]
    _, first = np.unique(np.column_stack(codes), axis=0, return_index=True)
    rows = np.zeros(len(raw.rows), dtype=np.bool_)
    rows[first] = True
    told = Message("mapping.once", count=int((~rows).sum()))
    taken = _taken(raw, rows)
    return dataclasses.replace(
        taken, remarks=(*taken.remarks, Remark(IssueCode.ROWS_LEFT_OUT, told))
    )


# ------------------------------------------------------------------------------ joins


_NUMBER = re.compile(r"(\d{6})[- ]?(\d{4})|(\d{9})")
"""A register number, however it is written: with its hyphen, or without its first zero."""


def keys_of(column: RawColumn) -> list[str]:
    """Texts by which rows are joined; the spelling of a number does not count."""
    texts = [re.sub(r"[.,]0+$", "", folded(text)) for text in column.texts]
    return [
        (found[3] or found[1] + found[2]).zfill(10) if (found := _NUMBER.fullmatch(text)) else text
        for text in texts
    ]


def join_tables(
    raw: RawTable, second: RawTable, join: Join, mains: int
) -> tuple[RawTable, list[Remark]]:
    """Lay the columns of a second table of theirs beside the first: one row each.

    Raises
    ------
    UnreadableError
        The key is not there, or stands in several rows of the second table.
    """
    at, to = _column(raw, join.on), _column(second, join.to)
    for place, header, where in ((at, join.on, raw), (to, join.to, second)):
        if place < 0:
            there = tuple(shown(one.header) for one in where.columns if one.header)
            raise UnreadableError(
                Message("mapping.no_key_column", column=shown(header), table=where.source),
                Message("mapping.columns_there", names=there),
            )
    ours, theirs = raw.columns[at], second.columns[to]
    position: dict[str, int] = {}
    keys = keys_of(theirs)
    again: list[int] = []
    for row, code in enumerate(theirs.codes.tolist()):
        if keys[code] and position.setdefault(keys[code], row) != row:
            again.append(row)
    if again:
        raise UnreadableError(
            Message(
                "mapping.several_rows",
                count=len(again),
                column=shown(join.to),
                table=second.source,
                rows=tuple(int(second.rows[row]) for row in again[:MOST_NAMED]),
            ),
            Message("mapping.one_row_each"),
        )
    rows = np.array([position.get(text, -1) for text in keys_of(ours)] or [0], dtype=np.int64)
    row_of = rows[ours.codes] if len(ours.codes) else np.zeros(0, np.int64)
    alone = int((row_of < 0).sum())
    headers = {folded(one.header) for one in raw.columns}
    added: list[RawColumn] = []
    for place, one in enumerate(second.columns):
        if place == to and folded(one.header) in headers:
            continue
        texts = (*one.texts, "")
        codes = np.append(one.codes, len(one.texts)).astype(np.int32)[row_of]
        added.append(dataclasses.replace(one, texts=texts, codes=codes, place=-2))
    remarks = list(second.remarks)
    if alone:
        told = Message("mapping.alone", count=alone, table=second.source, column=shown(join.on))
        remarks.append(Remark(IssueCode.NO_ROW_TO_JOIN, told, Message("mapping.alone_advice")))
    main = tuple(
        dataclasses.replace(one, place=place) if one.place == -1 and place < mains else one
        for place, one in enumerate(raw.columns)
    )
    return dataclasses.replace(raw, columns=(*main, *added)), remarks


# ------------------------------------------------------------------------------ cells


def made_column(
    name: str, column: ReadColumn, one: ColumnMap, raw: RawTable, key: Key | None, today: dt.date
) -> RawColumn:
    """Make a column of ours."""
    rows = len(raw.rows)
    if not one.source:
        same = (one.default,)
        return RawColumn(column.name, same, np.zeros(rows, np.int32), column.name, same, -2)
    at = _column(raw, one.source)
    theirs = raw.columns[at]
    place = theirs.place if theirs.place != -1 else at
    if one.hashed:
        hidden = tuple(_pseudonym(text, one, key) for text in theirs.texts)
        return RawColumn(theirs.header, hidden, theirs.codes, column.name, hidden, place)
    texts = [part_of(text, one.part, column) for text in theirs.texts]
    values = [_value(text, column, one) for text in texts]
    if one.unit:
        open_ = [
            "" if value is not None else text.strip() if type(text) is str else text
            for text, value in zip(texts, values, strict=True)
        ]
        open_ = in_our_unit(open_, name, column, one.unit, today, raw.facts.get("separator", ""))
    else:
        open_ = texts
    ours = [text if value is None else value for text, value in zip(open_, values, strict=True)]
    if one.default:
        ours = [one.default if not text.strip() else text for text in ours]
    return RawColumn(theirs.header, tuple(ours), theirs.codes, column.name, theirs.texts, place)


def _pseudonym(text: str, one: ColumnMap, key: Key | None) -> str:
    if not text.strip() or isinstance(text, Unread):
        return text
    value = one.values.get(folded(text))
    if value is not None:
        return value
    if key is None:
        raise UnreadableError(Message("mapping.key_lost"))
    return key.pseudonym(text, one.hashed)


def part_of(text: str, pattern: str, column: ReadColumn) -> str:
    """Part of a cell that counts, of each entry where it is a list; the cell where it has none."""
    if not pattern or isinstance(text, Unread):
        return text
    if column.kind == "words":
        return ";".join(_piece(one, pattern) for one in pieces_of(text))
    return _piece(text, pattern)


def _piece(text: str, pattern: str) -> str:
    found = re.search(pattern, text.strip())
    return found[0] if found else text


def pieces_of(text: str) -> list[str]:
    """Entries of a list in a cell of theirs."""
    return re.split(r"\s*[;,|\n]\s*", text.strip())


def _value(text: str, column: ReadColumn, one: ColumnMap) -> str | None:
    """Value of ours for one of theirs, or for a list of theirs; None: it stands as it is."""
    if not one.values or isinstance(text, Unread):
        return None
    if (whole := one.values.get(folded(text))) is not None:
        return whole
    pieces = pieces_of(text)
    if column.kind != "words" or not any(folded(piece) in one.values for piece in pieces):
        return None
    return ";".join(filter(None, (one.values.get(folded(piece), piece) for piece in pieces)))


def _not_mapped(raw: RawTable, table: TableMap) -> list[Remark]:
    """Say once which columns of theirs are not used, and in how many rows they say something."""
    named = {folded(header) for header in table.headers()}
    named |= {folded(join.to) for join in table.joins}
    unused = [
        one
        for one in raw.columns
        if folded(one.header) not in named and (one.header or any(one.texts))
    ]
    if not unused:
        return []
    told = [Message("mapping.column_rows", column=_name(one), rows=_filled(one)) for one in unused]
    value = Message("mapping.unused", count=len(unused), columns=tuple(told))
    return [Remark(IssueCode.NOT_MAPPED, value, Message("mapping.unused_advice"))]


def _name(column: RawColumn) -> str:
    return shown(MASK if looks_like_cpr(column.header) else mask(column.header)) or "?"


def _filled(column: RawColumn) -> int:
    has_text = np.array([bool(text.strip()) for text in column.texts] or [False], dtype=np.bool_)
    return int(has_text[column.codes].sum()) if len(column.codes) else 0
