"""What a workbook holds beside plain values is seen: errors, merges, hidden rows, far cells."""

from __future__ import annotations

import base64
import datetime as dt
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from matcher.policy import Policy, override_of
from matcher.problem import Problem
from matcher.tables import IssueCode, Reading, check, inspection
from matcher.tables.raw import UnreadableError
from matcher.tables.workbook import Workbook
from tests.tables.conftest import TODAY, Rows, assert_nothing_lost

Change = Callable[[Any, Any], None]
"""Called with the book and the sheet of the citizens, after all cells are written."""


def write_book(
    path: Path, rows: Rows, change: Change | None = None, options: dict[str, Any] | None = None
) -> Path:
    """Write the week as an ``.xlsx`` of texts, then change the sheet of the citizens."""
    with xlsxwriter.Workbook(str(path), options or {}) as book:
        for name, table in rows.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(table[0]))
            for at, row in enumerate(table, start=1):
                for column, cell in enumerate(row.values()):
                    sheet.write_string(at, column, cell) if cell else None
            if name == "citizens" and change is not None:
                change(book, sheet)
    return path


def _generous(policy: Policy) -> Policy:
    return override_of(policy, {"checks": {"bad_rows_percent": 100}})


def _of_cells(reading: Reading) -> list[tuple[int | None, str, str]]:
    return [
        (issue.row, issue.column, issue.value)
        for issue in reading.issues
        if issue.code is IssueCode.UNREADABLE_CELL
    ]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda _, sheet: sheet.write_formula(1, 3, "=NA()", None, "#N/A"),
            [(2, "age", "#N/A (cell D2)")],
        ),
        (
            lambda _, sheet: sheet.write_formula(2, 3, "=1+1", None, ""),
            [(3, "age", "a formula that was never calculated (cell D3)")],
        ),
        (
            lambda _, sheet: sheet.merge_range(1, 3, 2, 3, "44"),
            [(3, "age", "merged with D2 (cell D3)")],
        ),
        (
            lambda _, sheet: sheet.merge_range(1, 3, 1, 4, "44"),
            [(2, "integration_act", "merged with D2 (cell E2)")],
        ),
    ],
    ids=["error", "formula", "merged down", "merged across"],
)
def test_a_cell_without_a_value_is_an_error_of_its_row(
    change: Change, found: list[tuple[int, str, str]], rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    """The reader gives an empty cell for each, and empty would mean a default."""
    rows = {name: rows[name] for name in ("citizens", "workplaces", "openings", "places")}
    assert list(rows["citizens"][0])[3:5] == ["age", "integration_act"]
    reading = check(write_book(tmp_path / "week.xlsx", rows, change), _generous(policy), TODAY)
    assert _of_cells(reading) == found
    assert [issue.advice for issue in reading.issues if issue.row == found[0][0]] == [
        "Mend the cell, or write its value; an empty cell says that it is not known."
    ]
    assert_nothing_lost(reading)
    assert reading.counts["citizens"].put_aside == 1


def _row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _cell(text: str, attributes: str = 'office:value-type="string"') -> str:
    shown = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell {attributes}>{shown}</table:table-cell>"


def write_open(path: Path, tables: dict[str, list[str]]) -> Path:
    """Write an ``.ods`` of rows that are XML already."""
    names = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }
    spaces = " ".join(f'xmlns:{short}="{name}"' for short, name in names.items())
    sheets = "".join(
        f'<table:table table:name="{name}">{"".join(lines)}</table:table>'
        for name, lines in tables.items()
    )
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{manifest}"/>'
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>{sheets}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def test_filtered_out_rows_are_read_and_counted(
    rows: Rows, week: Problem, policy: Policy, tmp_path: Path
) -> None:
    def change(_: Any, sheet: Any) -> None:
        for row in (1, 3, 900):  # the last is empty
            sheet.set_row(row, None, None, {"hidden": True})

    reading = check(write_book(tmp_path / "week.xlsx", rows, change), policy, TODAY)
    assert [(issue.message, issue.advice) for issue in reading.issues] == [
        (
            "sheet 'citizens': rows that are hidden or filtered out are read: 2 (row 2, 4).",
            "Delete them if they are not meant, or take the filter off.",
        )
    ]
    assert reading.problem.digest() == week.digest()


def test_an_open_document_is_looked_at_too(tmp_path: Path) -> None:
    error = 'table:formula="of:=NA()" office:value-type="string" calcext:value-type="error"'
    covered = "<table:covered-table-cell/>"
    span = 'office:value-type="string" table:number-rows-spanned="2"'
    path = write_open(
        tmp_path / "week.ods",
        {
            "teams": [
                _row(_cell("team_id"), _cell("seats")),
                _row(_cell("t1"), _cell("#N/A", error)),
                _row(_cell("t2"), _cell("", 'table:formula="of:=1+1"')),
                _row(_cell("t3"), _cell("5", span)),
                _row(_cell("t4"), covered),
                f'<table:table-row table:visibility="filter">{_cell("t5")}</table:table-row>',
                '<table:table-row table:number-rows-repeated="1048000">'
                '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>',
            ]
        },
    )
    with Workbook(path) as book:
        sheet = book.sheet("teams")
    assert [row[1] for row in sheet.rows] == [
        "seats",
        "#N/A",
        "a formula that was never calculated",
        "5",
        "merged with B4",
        "",
    ]
    assert sheet.hidden == {6}


def test_day_counts_of_the_calendar_of_1904_are_read_right(
    rows: Rows, week: Problem, policy: Policy, tmp_path: Path
) -> None:
    """Dates, and plain numbers in a column of dates: 44,895 days after 1 January 1904."""

    for form in (None, {"num_format": "yyyy-mm-dd"}):

        def changed(book: Any, sheet: Any, form: Any = form) -> None:
            at = list(rows["citizens"][0]).index("available_from")
            style = book.add_format(form) if form else None
            sheet.write_datetime(1, at, dt.datetime(2026, 12, 1), style)

        path = write_book(tmp_path / "week.xlsx", rows, changed, {"date_1904": True})
        reading = check(path, policy, TODAY)
        assert reading.issues == ()
        assert reading.problem.digest() == week.digest()


@pytest.mark.parametrize(("row", "column"), [(1048575, 16383), (1048575, 60), (30000, 16383)])
def test_a_value_far_from_the_table_is_named_before_memory_is_taken(
    row: int, column: int, rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    def change(_: Any, sheet: Any) -> None:
        sheet.write_string(row, column, "x")

    reading = check(write_book(tmp_path / "week.xlsx", rows, change), policy, TODAY)
    assert next(issue.code for issue in reading.issues if issue.table == "citizens") is (
        IssueCode.UNREADABLE_FILE
    )
    far = xlsxwriter.utility.xl_rowcol_to_cell(row, column)
    assert f"Cell {far} holds something far from the table" in reading.issues[0].advice


def test_a_far_cell_without_a_value_does_no_harm(
    rows: Rows, week: Problem, policy: Policy, tmp_path: Path
) -> None:
    """A colour or a border alone."""

    def change(book: Any, sheet: Any) -> None:
        sheet.write_blank(1048575, 16383, None, book.add_format({"bold": True}))

    reading = check(write_book(tmp_path / "week.xlsx", rows, change), policy, TODAY)
    assert reading.problem.digest() == week.digest()


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_book(tmp_path / "week.xlsx", rows)
    with zipfile.ZipFile(path) as archive:
        total = sum(item.file_size for item in archive.infolist())
    monkeypatch.setattr(inspection, "MOST_BYTES", total)
    Workbook(path).close()
    monkeypatch.setattr(inspection, "MOST_BYTES", total - 1)
    with pytest.raises(UnreadableError, match="unpack to more than"):
        Workbook(path)


@pytest.mark.parametrize("name", ["UTF-88", "shift_jis"])
def test_a_part_in_an_encoding_nobody_knows_is_damage(
    name: str, rows: Rows, tmp_path: Path
) -> None:
    path = write_book(tmp_path / "week.xlsx", rows)
    with zipfile.ZipFile(path) as archive:
        parts = {item.filename: archive.read(item) for item in archive.infolist()}
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"UTF-8", name.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    with pytest.raises(UnreadableError, match="the file is damaged"):
        Workbook(path)


# ------------------------------------------------------------------------------ old formats

OLD = zlib.decompress(base64.b64decode(
    "eNrtWE1oU0EQ/vb9NEntT1JToRVKKBg19iJevLRPBe3JUr0oImjSPjC2ppLmYHOxWnMUBE+Kl0IvXqpe/EERvXkQ"
    "KnpQRCVRPHkSFDy0ec5O9mmqOTSgwch+j5k3b3Z2d7IzO2/zni1FivO3ekv4BUMwUfZCaKnSCaKQ/xAGtXueFP17"
    "kMjTaCqEghTIFhv3258GZAxlvEswcNN6TBx4T3QUpzEylXFjDcQe9iEppA+DwqLcM3CNqAM97FcX8zHm65nfYNsH"
    "zHex5iLzQbItiiNYckYSO1UeHzb6qU3QaJLf4T6v2Xo7uvFE5vHZS6Jia2N3Np2c/Dcb+qw2LIAiN+xm3Gxysogo"
    "hXABX70Y8MXfq49iWt9YvQDpv63WB2roLxsWMAvvuJCJWKCq+s6slNKxdC6ddzPTBazDG1vqTLyazi0jLsPNRKmQ"
    "JEoRnSE6RTRDlKcRTrgnW2W15t0dXrW72znn24iPo5PlCGd+mCZdvv75+f7UqHOMNbNc0St1f5N0FB7OyR7UuYNb"
    "LObSNsF8G/PzPOpGlnuZRylf6R4f7VbCvjm2ucCtcZpnB+OFs7lK3kJy4dOBu32FD85WkheHS/no4ktnHv30Hhqn"
    "/vKaw4AYEFevSNxz/LtQFeIt857fqkXQCCvfPfVy68QKWlmMMK88ydURyl7UsBdsL0e0jSD7E0FCSGujhrXB1pYa"
    "vbL2phrdrLKPKXuT7WX0H9LvN5U3H3leg58Fhowu3JYDU9X7iUZEX/zgzRp9UTP6cp14VVFrVTU0NDQ0NDQ0mhtC"
    "nd9NdZq31TkxoL7rrBCV9WeS/xYHMUVXjv6W7kWG7lnM1JU/G2ALfyyxxj7+90KJQzR7FhNIsR8TdecvnfNF9e9Z"
    "c8fwn9tC9c5frsfPvzz/d8MS9pI="
))  # fmt: skip
"""An ``.xls`` of the 1904 calendar, made once: A1:B4 of 'citizens' with an error in B2, B3:B4
merged and row 4 hidden; 'hej' in 'Øst'."""


def test_an_old_workbook_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "week.xls").write_bytes(OLD)
    with Workbook(tmp_path / "week.xls") as book:
        assert book.names == ("citizens", "Øst")
        sheet = book.sheet("citizens")
        assert book.sheet("Øst").rows == [["hej"]]
    assert sheet.rows == [["a", "b"], ["x", "#N/A"], ["y", "m"], ["z", "merged with B3"]]
    assert sheet.hidden == {4}
    assert sheet.serial_zero == dt.date(1904, 1, 1)


def test_a_damaged_old_workbook_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    """The reading library makes room for what the file says, and a process that cannot is gone."""
    path = tmp_path / "week.xls"
    refused = 0
    for seed in range(200):
        chance = random.Random(seed)
        data = bytearray(OLD)
        for _ in range(chance.choice((1, 5, 30))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            with Workbook(path) as book:
                for name in book.names:
                    book.sheet(name)
        except UnreadableError:
            refused += 1
    assert 50 < refused < 200


def _record(kind: int, body: bytes = b"") -> bytes:
    """A record of ``.xlsb``, whose kind and length are written in pieces of seven bits."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(body)]) + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def write_binary(path: Path, *cells: bytes) -> Path:
    """Write an ``.xlsb`` of the 1904 calendar with one sheet 'teams'."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packaged = "http://schemas.openxmlformats.org/package/2006/relationships"

    def relations(number: str, kind: str, target: str) -> str:
        return (
            f'<Relationships xmlns="{packaged}"><Relationship Id="{number}"'
            f' Type="{relation}/{kind}" Target="{target}"/></Relationships>'
        )

    sheet = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("teams")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_rels/.rels", relations("rId1", "officeDocument", "xl/workbook.bin"))
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            relations("rId1", "worksheet", "worksheets/sheet1.bin"),
        )
        archive.writestr(
            "xl/workbook.bin",
            _record(131) + _record(153, struct.pack("<III", 1, 0, 0)) + _record(143)
            + _record(156, sheet) + _record(144) + _record(132),
        )  # fmt: skip
        archive.writestr(
            "xl/worksheets/sheet1.bin",
            _record(129) + _record(148, struct.pack("<4I", 0, 1, 0, 1)) + _record(145)
            + b"".join(cells) + _record(146) + _record(130),
        )  # fmt: skip
    return path


def _binary_row(row: int, hidden: bool = False) -> bytes:
    return _record(0, struct.pack("<IIHBBB", row, 0, 300, 0, 0x10 if hidden else 0, 0) + bytes(4))


def _binary_text(column: int, text: str) -> bytes:
    return _record(6, struct.pack("<II", column, 0) + _wide(text))


def test_a_binary_workbook_is_looked_at_too(tmp_path: Path) -> None:
    path = write_binary(
        tmp_path / "week.xlsb",
        _binary_row(0), _binary_text(0, "team_id"), _binary_text(1, "seats"),
        _binary_row(1, hidden=True), _binary_text(0, "t1"),
        _record(3, struct.pack("<IIB", 1, 0, 0x2A)),
    )  # fmt: skip
    with Workbook(path) as book:
        sheet = book.sheet("teams")
    assert sheet.rows == [["team_id", "seats"], ["t1", "#N/A"]]
    assert sheet.hidden == {2}
    assert sheet.serial_zero == dt.date(1904, 1, 1)


def test_a_far_cell_of_a_binary_workbook_is_refused(tmp_path: Path) -> None:
    path = write_binary(
        tmp_path / "week.xlsb", _binary_row(0), _binary_text(0, "a"), _binary_row(1048575),
        _binary_text(16383, "x"),
    )  # fmt: skip
    with Workbook(path) as book, pytest.raises(UnreadableError, match="reaches to XFD1048576"):
        book.sheet("teams")
