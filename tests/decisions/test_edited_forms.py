"""Forms as hands leave them: sheets added or copied, columns doubled, other words, two forms."""

from __future__ import annotations

import datetime as dt
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from matcher.decisions import Taken, read_form, take, take_all
from matcher.errors import OptionError
from matcher.report import Words
from tests.decisions.conftest import NOW, Proposed
from tests.decisions.forms import Said, codes, fill, form, save, table, taken
from tests.weeks import TODAY


def book(path: Path, sheets: Mapping[str, list[list[Any]]]) -> Path:
    """A workbook of sheets with these rows."""
    with xlsxwriter.Workbook(str(path)) as made:
        for name, rows in sheets.items():
            page = made.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    return path


def said_in(proposed: Proposed, folder: Path, said: Said) -> list[list[Any]]:
    """Rows of the form with these cells filled."""
    rows = table(form(proposed, folder))
    for row in rows[1:]:
        row[1:3] = said.get(row[0], ("", ""))
    return rows  # type: ignore[return-value]


def sums(result: Taken) -> tuple[int, int, int, int, int]:
    """Rows; new, known, undecided, not taken."""
    return result.rows, result.new, result.known, result.undecided, len(result.bad)


def test_every_sheet_with_the_forms_columns_is_read(proposed: Proposed, tmp_path: Path) -> None:
    """Split over two, copied, with a line above the header, with notes beside; rows are counted."""
    rows = said_in(proposed, tmp_path, {"C1": ("Accept", ""), "C4": ("Wait", "")})
    split = {"Hold 1": rows[:3], "Noter": [["ring"]], "Hold 2": [["Uge 48"], rows[0], *rows[3:]]}
    read = read_form(book(tmp_path / "split.xlsx", split))
    assert (read.sheets, read.unread) == (("Hold 1", "Hold 2"), ("Noter",))
    assert [(row.name, row["citizen_id"]) for row in read.rows] == [
        ("Hold 1!2", "C1"), ("Hold 1!3", "C2"), ("Hold 2!3", "C3"), ("Hold 2!4", "C4"),
    ]  # fmt: skip
    assert sums(take(read, proposed.ledger, now=NOW)) == (4, 2, 0, 2, 0)
    blank = [rows[0], *([*row[:1], "", "", *row[3:]] for row in rows[1:])]
    copied = taken(proposed, book(tmp_path / "copied.xlsx", {"A": blank, "A (2)": rows}))
    assert sums(copied) == (8, 0, 2, 6, 0)


def test_a_sheet_that_decides_of_nothing_known_stops_the_form(
    proposed: Proposed, tmp_path: Path
) -> None:
    """Its keys were cut off: it is named, with what it lacks, and nothing is taken."""
    rows = said_in(proposed, tmp_path, {"C1": ("Accept", "")})
    cut = [row[:-2] for row in rows]
    path = book(tmp_path / "cut.xlsx", {"Forslag": rows, "Kopi": cut})
    with pytest.raises(OptionError, match=r"sheet 'Kopi': not a form.*missing: 'Run' / 'Kørsel'"):
        read_form(path)
    undecided = [[*row[:1], "", *row[2:]] for row in cut[1:]]
    path = book(tmp_path / "blank.xlsx", {"Forslag": rows, "Kopi": [cut[0], *undecided]})
    assert read_form(path).unread == ("Kopi",)


def test_two_columns_of_one_name_are_read_as_one(proposed: Proposed, tmp_path: Path) -> None:
    """In either language, a blank gives way; a row in which they differ is not taken."""
    rows = said_in(proposed, tmp_path, {"C2": ("Accept", ""), "C3": ("Accept", "")})
    for row, second in zip(rows, ("Afgørelse", "Accept", "accept", "Afvis", ""), strict=True):
        row.append(second)
    read = read_form(book(tmp_path / "two.xlsx", {"Forslag": rows}))
    assert read.doubled == (f"'Your answer' (B), 'Afgørelse' ({_letters(len(rows[0]))})",)
    result = take(read, proposed.ledger, now=NOW)
    assert sums(result) == (4, 2, 0, 1, 1)
    assert codes(result) == [(4, "two_answers")]
    assert result.bad[0].sentence(Words("en")).startswith("'Your answer' (B4) / 'Afgørelse' (")


def _letters(number: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(number - 1))


@pytest.mark.parametrize(
    ("word", "verdict", "meant"),
    [
        ("Accepteret", "accept", None),
        ("GODKENDT", "accept", None),
        ("Godkend.", "accept", None),
        ("vent", "wait", None),
        ("ja", None, "Accept"),
        ("ok", None, "Accept"),
        ("Accept (ring til Anne)", None, "Accept"),
        ("acept", None, "Accept"),
        ("nej", None, "Reject"),
        ("hun er syg", None, None),
    ],
)
def test_common_words_are_taken_and_others_are_guessed_not_told(
    proposed: Proposed, tmp_path: Path, word: str, verdict: str | None, meant: str | None
) -> None:
    """What is no decision is named by its cell, with what may have been meant."""
    result = taken(proposed, fill(form(proposed, tmp_path), {"C1": (word, "")}))
    assert [one.verdict for one in result.decisions] == ([verdict] if verdict else [])
    if verdict is None:
        (bad,) = result.bad
        hint = f" Maybe '{meant}' was meant." if meant else ""
        expected = "'Your answer' holds no answer; expected Accept, Reject or Wait."
        assert bad.sentence(Words("en")) == expected + hint
        assert word not in f"{result.to_dict()}{result}"


def test_a_reason_that_is_nearly_one_is_suggested(proposed: Proposed, tmp_path: Path) -> None:
    """By its name in the language asked for."""
    said = {"C1": ("reject", "The citizen declind")}
    (bad,) = taken(proposed, fill(form(proposed, tmp_path), said)).bad
    assert bad.sentence(Words("en")).endswith("Maybe 'The citizen declined' was meant.")
    assert bad.sentence(Words("da")).endswith("Måske menes 'Borgeren takkede nej'.")


def test_columns_sorted_apart_take_nothing(proposed: Proposed, tmp_path: Path) -> None:
    """C1 and C2 changed places and nothing else: C3, which fits, is not sure either."""
    path = fill(form(proposed, tmp_path), {"C1": ("accept", ""), "C3": ("accept", "")})
    rows = table(path)
    rows[1][0], rows[2][0] = rows[2][0], rows[1][0]
    save(path, rows)
    result = taken(proposed, path)
    assert codes(result) == [(2, "sorted_apart"), (4, "sorted_apart")]
    assert sums(result) == (4, 0, 0, 2, 2)
    assert "In 2 rows the ids are those of other rows" in result.bad[0].sentence(Words("en"))


def test_filled_down_past_the_end_is_said(proposed: Proposed, tmp_path: Path) -> None:
    """A row of blanks is no row; one with nothing but a decision is not taken."""
    rows = said_in(proposed, tmp_path, {"C1": ("Accept", "")})
    rows += [[" "] * 3, ["", "Accept"]]
    result = taken(proposed, book(tmp_path / "down.xlsx", {"Forslag": rows}))
    assert codes(result) == [(7, "no_proposal")]
    assert sums(result) == (5, 1, 0, 3, 1)


def two_forms(proposed: Proposed, folder: Path, hours: tuple[float, float]) -> list[Path]:
    """C1 accepted in one and rejected in the other, saved so many hours ago."""
    paths = []
    for name, said, back in zip(
        ("k1", "k2"), (("accept", ""), ("reject", "other")), hours, strict=True
    ):
        path = fill(form(proposed, folder / name), {"C1": said})
        path = path.rename(folder / f"{name}.csv")
        at = (NOW - dt.timedelta(hours=back)).timestamp()
        os.utime(path, (at, at))
        paths.append(path)
    return paths


@pytest.mark.parametrize("turned", [False, True])
def test_of_forms_that_contradict_the_later_counts_and_it_is_said(
    proposed: Proposed, tmp_path: Path, turned: bool
) -> None:
    """Whatever the order in which they are handed in, together or one after the other."""
    paths = two_forms(proposed, tmp_path, (3, 1))
    forms = [read_form(path) for path in (paths[::-1] if turned else paths)]
    results = take_all(forms, proposed.ledger, now=NOW)
    first = results[turned]
    assert [sums(one) for one in results] == [(4, 1, 0, 3, 0)] * 2
    (note,) = first.notes
    assert note.sentence(Words("en")) == (
        "C1: Accept as of 2026-11-24 07:30, and another row (k2.csv: 2) says Reject later:"
        " the later counts."
    )
    assert [one.verdict for one in proposed.ledger.decisions(standing=TODAY)] == ["reject"]
    accepted = NOW - dt.timedelta(hours=2)
    os.utime(paths[0], (accepted.timestamp(), accepted.timestamp()))
    (older,) = taken(proposed, paths[0]).notes
    assert older.sentence(Words("en")).endswith(
        "the ledger has Reject from later: the later counts."
    )
    os.utime(paths[0], (NOW.timestamp(), NOW.timestamp()))
    (changes,) = taken(proposed, paths[0]).notes
    assert changes.sentence(Words("en")).startswith("C1: Accept takes the place of Reject as of")


def test_of_forms_of_one_moment_neither_counts(proposed: Proposed, tmp_path: Path) -> None:
    """Copied in the same second: both come back, each naming the other."""
    paths = two_forms(proposed, tmp_path, (1, 1 - 0.4 / 3600))
    results = take_all([read_form(path) for path in paths], proposed.ledger, now=NOW)
    assert [codes(one) for one in results] == [[(2, "contradicting_forms")]] * 2
    assert [one.bad[0].facts["other"] for one in results] == ["k2.csv: 2", "k1.csv: 2"]
    assert proposed.ledger.decisions() == ()


def test_of_rows_with_moments_the_later_counts(proposed: Proposed, tmp_path: Path) -> None:
    """In one form: accepted at 8, rejected at 9; the second row stands first."""
    path = form(proposed, tmp_path)
    rows = table(path)
    rows[0].append("decided")
    for row in rows[1:]:
        row.append("")
    rows.append([*rows[1]])
    for row, verdict, reason, hour in (
        (rows[1], "reject", "other", 9),
        (rows[-1], "accept", "", 8),
    ):
        row[1:3] = [verdict, reason]
        row[-1] = f"2026-11-24 0{hour}:00"
    save(path, rows)
    result = taken(proposed, path)
    assert sums(result) == (5, 2, 0, 3, 0)
    assert [one.row.number for one in result.notes] == [6]
    assert [one.verdict for one in proposed.ledger.decisions()] == ["reject"]


def test_cells_without_a_value_are_errors_of_their_rows(proposed: Proposed, tmp_path: Path) -> None:
    """An error, a decision merged over two rows; an error where nothing is decided does no harm."""
    path = tmp_path / "cells.xlsx"
    rows = said_in(proposed, tmp_path, {"C4": ("Accept", "")})
    with xlsxwriter.Workbook(str(path)) as made:
        page = made.add_worksheet("Forslag")
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
        page.write_formula("B2", "=NA()", None, "#N/A")
        page.merge_range("B3:B4", "Accept")
        page.write_formula("D5", "=NA()", None, "#N/A")
        page.set_row(4, None, None, {"hidden": True})
    read = read_form(path)
    assert read.hidden == 1
    result = take(read, proposed.ledger, now=NOW)
    assert codes(result) == [(2, "error_cell"), (4, "merged_cell")]
    assert sums(result) == (4, 2, 0, 0, 2)
    said = [bad.sentence(Words("en")) for bad in result.bad]
    assert said[0].startswith("'Your answer' (B2) holds the error #N/A:")
    assert said[1].startswith("'Your answer' (B4) is merged with B3, so it says nothing itself.")


def test_a_damaged_workbook_is_an_error_of_the_file(proposed: Proposed, tmp_path: Path) -> None:
    """The sheet is cut in the middle of a cell; a chart sheet before the form does no harm."""
    source = form(proposed, tmp_path, form="excel")
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet][: parts[sheet].index(b"</v>", len(parts[sheet]) // 3) - 1]
    with zipfile.ZipFile(tmp_path / "cut.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(OptionError, match=r"cut\.xlsx: the file is damaged \("):
        read_form(tmp_path / "cut.xlsx")
    with xlsxwriter.Workbook(str(tmp_path / "chart.xlsx")) as made:
        made.add_chartsheet("Diagram").set_chart(_chart(made))
        page = made.add_worksheet("Forslag")
        for at, row in enumerate(said_in(proposed, tmp_path / "x", {"C1": ("Accept", "")})):
            page.write_row(at, 0, row)
    assert taken(proposed, tmp_path / "chart.xlsx").new == 1


def _chart(made: Any) -> Any:
    chart = made.add_chart({"type": "column"})
    chart.add_series({"values": "=Forslag!$A$1:$A$2"})
    return chart
