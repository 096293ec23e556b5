"""CSV and Excel: they read back as they were, and no cell becomes a formula."""

from __future__ import annotations

import builtins
import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from matcher.errors import OptionError
from matcher.problem import Problem
from matcher.report import Words, page_html, run_document, write_document
from matcher.report.files import RISKY
from matcher.report.rows import sheets
from matcher.rules import shown
from tests import weeks
from tests.report.conftest import ISSUES, NASTY, Solved, document_of
from tests.weeks import citizen

Document = dict[str, Any]
TABLES = ("proposals", "unplaced", "openings", "resources")


def _csv(path: Path, danish: bool) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";" if danish else ","))


def test_every_file_is_written(small: Solved, folder: Path) -> None:
    made = run_document(*small, language="da", issues=ISSUES, made_up=True)
    written = write_document(made, folder)
    names = {path.name for path in written.values()}
    assert names == {path.name for path in folder.iterdir()}
    assert names == {*(f"{name}.csv" for name in TABLES), "proposals.xlsx", "run.json",
                     "report.html"}  # fmt: skip
    assert written.notices == ()
    document = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert document["language"] == "da"


@pytest.mark.parametrize("language", ["en", "da"])
def test_csv_has_a_row_per_row_of_the_document(
    document: Document, folder: Path, language: Any
) -> None:
    write_document(document, folder, language=language)
    for name in TABLES:
        assert len(_csv(folder / f"{name}.csv", language == "da")) == len(document[name])
        assert (folder / f"{name}.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_danish_csv_has_semicolons_decimal_commas_and_danish_heads(
    document: Document, folder: Path
) -> None:
    write_document(document, folder, language="da")
    rows = _csv(folder / "proposals.csv", danish=True)
    assert {"Borger", "Stilling", "Egnethed", "Timer om ugen", "Svageste punkt"} <= set(rows[0])
    for row, proposal in zip(rows, document["proposals"], strict=True):
        assert row["Borger"] == proposal["citizen_id"]
        assert float(row["Timer om ugen"].replace(",", ".")) == proposal["minutes"] / 60
        assert row["Start"] == "-".join(reversed(proposal["start"].split("-")))
    english = _csv_english(document, folder)
    halves = [row for row in english if "." in row["Hours a week"]]
    assert halves, "the made-up week has part hours"


def _csv_english(document: Document, folder: Path) -> list[dict[str, str]]:
    write_document(document, folder, language="en")
    return _csv(folder / "proposals.csv", danish=False)


def test_ids_keep_leading_zeros_and_danish_letters(nasty: Problem, folder: Path) -> None:
    write_document(document_of(nasty), folder, language="da")
    rows = _csv(folder / "openings.csv", danish=True)
    assert [row["Stilling"] for row in rows] == ["'-7", "000123"]
    assert {row["Arbejdsplads-id"] for row in rows} == {"0001", "0002"}
    assert {row["Arbejdsplads"] for row in rows} == {NASTY, "'+45 Rengøring Ærø"}


def test_no_csv_cell_of_text_can_be_a_formula(nasty: Problem, folder: Path) -> None:
    write_document(document_of(nasty), folder, language="en")
    for name in TABLES:
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        for cell in cells:
            risky = cell.lstrip(" ").startswith(RISKY)
            assert not risky or _number(cell), f"{name}: {cell!r}"


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_workbook_has_text_ids_no_formulas_and_explains_its_columns(
    nasty: Problem, folder: Path
) -> None:
    document = document_of(nasty)
    write_document(document, folder, language="da")
    path = folder / "proposals.xlsx"
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["Forslag", "Kolonner", "Uden forslag", "Stillinger", "Ressourcer"]
    openings = book.get_sheet_by_name("Stillinger").to_python()
    assert [row[0] for row in openings] == ["Stilling", "-7", "000123"]
    legend = {tuple(row[:2]) for row in book.get_sheet_by_name("Kolonner").to_python()[1:]}
    words = Words("da")
    assert legend == {
        (words(f"sheet.{sheet.name}"), column.header(words))
        for sheet in sheets(document)
        for column in sheet.columns
    }
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet"):
                text = parts.read(name).decode()
                assert "<f>" not in text
                assert "<hyperlink" not in text
                assert "pane" in text
    assert "autoFilter" in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()


def test_same_document_gives_the_same_bytes(document: Document, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        write_document(document, folder, language="da")
    for path in folders[0].iterdir():
        assert path.read_bytes() == (folders[1] / path.name).read_bytes(), path.name


def test_a_document_read_back_from_run_json_writes_the_same(
    document: Document, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    written = write_document(document, tmp_path / "a", language="en")
    again = json.loads(written["run"].read_text(encoding="utf-8"))
    write_document(again, tmp_path / "b", language="en")
    assert (tmp_path / "a/report.html").read_bytes() == (tmp_path / "b/report.html").read_bytes()


def _without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def importing(name: str, *args: Any, **more: Any) -> Any:
        if name == package:
            raise ModuleNotFoundError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", importing)


@pytest.mark.parametrize("language", ["en", "da"])
def test_without_xlsxwriter_all_else_is_written_and_a_notice_says_so(
    document: Document, folder: Path, monkeypatch: pytest.MonkeyPatch, language: Any
) -> None:
    _without("xlsxwriter", monkeypatch)
    written = write_document(document, folder, language=language)
    assert "workbook" not in written
    assert not (folder / "proposals.xlsx").exists()
    assert "pip install 'jobmatch[excel]'" in written.notices[0]
    assert written["report"].exists()


def test_without_jinja2_the_error_names_the_extra(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without("jinja2", monkeypatch)
    with pytest.raises(OptionError, match=r"pip install 'jobmatch\[report\]'"):
        page_html(document, Words("en"))


@pytest.mark.parametrize("language", ["en", "da"])
def test_who_is_left_over_has_level_district_and_team(
    document: Document, folder: Path, language: Any
) -> None:
    """A planner sees who waits where without opening another system; levels by name."""
    write_document(document, folder, language=language)
    rows = _csv(folder / "unplaced.csv", language == "da")
    team, level, district = {
        "en": ("Team", "Spoken Danish", "District"),
        "da": ("Afdeling", "Mundtligt dansk", "Bydel"),
    }[language]
    assert rows
    for row, left in zip(rows, document["unplaced"], strict=True):
        assert row[team] == left["unit"]
        assert row[district] == f"{left['postcode']} {left['district']}"
        assert row[level] == shown(left["oral"], "level", language)
    assert {row[district] for row in rows} >= {"8000 Aarhus C"}
    assert len({row[level] for row in rows}) > 1


@pytest.mark.parametrize(
    ("language", "week", "year", "short"),
    [("en", "DKK a week", "DKK until the year ends", "DKK this year"),
     ("da", "kr. om ugen", "kr. til årets udgang", "kr. i år")],
)  # fmt: skip
def test_money_of_the_year_is_not_told_as_money_of_a_week(
    folder: Path, language: Any, week: str, year: str, short: str
) -> None:
    """The two budgets of one line stand one below the other, each in its own unit."""
    rules = {"money": {"year_budgets": {"wage_subsidy": 400_000}, "budgets": {
        "wage_subsidy": 90_000, "mentors": 10, "classes": 10, "courses": 10}}}  # fmt: skip
    made = weeks.week(
        [citizen(benefit_months=12)], [weeks.opening(measures="wage_subsidy_public")], rules=rules
    )
    document = document_of(made)
    write_document(document, folder, language=language)
    rows = {
        next(iter(row.values())): list(row.values())
        for row in _csv(folder / "resources.csv", language == "da")
    }
    names = Words(language)
    assert week in rows[names("row_name.budget")]
    assert year in rows[names("row_name.year_budget")]
    assert week not in rows[names("row_name.year_budget")]
    assert short in (folder / "report.html").read_text("utf-8")
