"""The form on paper and on the screen: what is seen, what may be done to it, and what is cut."""

from __future__ import annotations

import copy
import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import python_calamine

from matcher.decisions import read_form, write_forms
from matcher.report import Words
from tests.decisions.conftest import Proposed
from tests.decisions.forms import POLICY, fill, form, save, table, taken
from tests.decisions.test_edited_forms import book, sums

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
SEEN = {
    "en": ["Citizen", "Your answer", "Reason for rejection", "Caseworker", "Job", "Workplace",
           "Placement", "Start", "Strongest reason", "Weakest point"],
    "da": ["Borger", "Dit svar", "Årsag til afvisning", "Sagsbehandler", "Stillingsbetegnelse",
           "Arbejdsplads", "Forløb", "Start", "Vigtigste begrundelse", "Svageste punkt"],
}  # fmt: skip
HIDDEN = {"en": ["Opening", "Run", "Proposal key"], "da": ["Stilling", "Kørsel", "Forslagsnøgle"]}
LONG = "Medhjælper i gaderenhold, grønne områder, snerydning og almindelig vedligeholdelse " * 2
TITLES = ("Rengøringsassistent, hotel", "RENGØRINGSASSISTENT TIL AFTENHOLD", "", LONG)


def crowd(proposed: Proposed, rows: int = 24) -> Proposed:
    """The four, over and over, with the texts that real weeks have: long, in capitals, none."""
    document: dict[str, Any] = copy.deepcopy(proposed.document)
    made = []
    for at in range(rows):
        row = copy.deepcopy(document["proposals"][at % 4])
        row["citizen_id"] = f"FIKTIV-B{at:06}"
        row["title"] = TITLES[at % len(TITLES)]
        row["workplace"] = ("Plejehjemmet Åkanden, afdeling Nord", "KANTINE A/S", "")[at % 3]
        row["workplace_id"] = "1012345678"
        if at % 2:
            row["supports"] = {
                "class": {"team_id": "HOLD-17", "times": "mon 09:00-12:00; wed 09:00-12:00",
                          "at_workplace": False},
                "mentor": {"pool_id": "M1", "minutes": 90},
                "courses": [{"course_id": "K1", "paper": "hygiene", "ready_on": "2026-12-01"}],
            }  # fmt: skip
        made.append(row)
    document["proposals"] = made
    return replace(proposed, document=document)


def part(path: Path, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read(name))


def sheet(path: Path, number: int = 1) -> ElementTree.Element:
    return part(path, f"xl/worksheets/sheet{number}.xml")


def found(root: ElementTree.Element, name: str) -> Mapping[str, str]:
    """Attributes of an element that must be there."""
    element = root.find(f".//m:{name}", NS)
    assert element is not None, name
    return element.attrib


def heights(path: Path, number: int = 1) -> dict[int, float]:
    """Heights by row, in points, of rows that have one."""
    rows = sheet(path, number).findall(".//m:row", NS)
    return {int(row.attrib["r"]): float(row.attrib["ht"]) for row in rows if "ht" in row.attrib}


def unlocked(path: Path, number: int) -> set[bool]:
    """Whether cells of a sheet are unlocked: of all that are written."""
    looks = part(path, "xl/styles.xml").findall(".//m:cellXfs/m:xf", NS)
    kinds = [
        (look.find("m:protection", NS) is not None)
        and look.find("m:protection", NS).attrib.get("locked") == "0"  # type: ignore[union-attr]
        for look in looks
    ]
    cells = sheet(path, number).findall(".//m:c", NS)
    return {kinds[int(cell.attrib.get("s", "0"))] for cell in cells}


@pytest.mark.parametrize("language", ["en", "da"])
def test_ten_columns_are_seen_and_the_keys_move_with_them(
    proposed: Proposed, tmp_path: Path, language: Any
) -> None:
    """The keys are hidden, and within what is filtered and sorted; the print area is what is
    seen, on A4 across, one page wide, the header on each."""
    path = form(proposed, tmp_path, language, form="excel")
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows[0] == [*SEEN[language], *HIDDEN[language]]
    page = sheet(path)
    hidden = [
        at
        for column in page.findall(".//m:cols/m:col", NS)
        if column.attrib.get("hidden") == "1"
        for at in range(int(column.attrib["min"]), int(column.attrib["max"]) + 1)
    ]
    assert hidden == [11, 12, 13]
    assert found(page, "autoFilter")["ref"] == "A1:M5"
    setup = found(page, "pageSetup")
    assert (setup["paperSize"], setup["orientation"]) == ("9", "landscape")
    assert (setup.get("fitToWidth", "1"), setup["fitToHeight"]) == ("1", "0")
    assert found(page, "pageSetUpPr")["fitToPage"] == "1"
    names = part(path, "xl/workbook.xml").findall(".//m:definedName[@localSheetId='0']", NS)
    said = {name.attrib["name"]: str(name.text).partition("!")[2] for name in names}
    assert said["_xlnm.Print_Area"] == "$A$1:$J$5"
    assert said["_xlnm.Print_Titles"] == "$1:$1"


def test_a_caseworkers_own_form_names_no_caseworker(proposed: Proposed, tmp_path: Path) -> None:
    """Nine columns then."""
    (first, *_) = write_forms(
        proposed.document, proposed.run_id, tmp_path, POLICY, Words("en"), split="caseworker"
    )
    pages = python_calamine.CalamineWorkbook.from_path(str(first.path))
    header = pages.get_sheet_by_index(0).to_python()[0]
    assert header[:-3] == [name for name in SEEN["en"] if name != "Caseworker"]


def test_the_protected_sheet_can_be_sorted_and_takes_nothing_typed_elsewhere(
    proposed: Proposed, tmp_path: Path
) -> None:
    """Excel sorts no locked cell, so none of the table is; what is typed is refused instead."""
    path = form(proposed, tmp_path, form="excel")
    page = sheet(path)
    guard = found(page, "sheetProtection")
    assert guard["sheet"] == "1"
    # 0: not forbidden.
    assert (guard["sort"], guard["autoFilter"]) == ("0", "0")
    assert "deleteRows" not in guard
    assert "insertColumns" not in guard
    assert unlocked(path, 1) == {True}
    refused = {
        rule.attrib["sqref"]
        for rule in page.findall(".//m:dataValidation[@type='custom']", NS)
        if rule.findtext("m:formula1", namespaces=NS) == "FALSE"
        and rule.attrib["showErrorMessage"] == "1"
        and "allowBlank" not in rule.attrib
    }
    assert refused == {"A1:M1", "A2:A5", "D2:M5"}
    lists = {rule.attrib["sqref"] for rule in page.findall(".//m:dataValidation[@type='list']", NS)}
    assert lists == {"B2:B5", "C2:C5"}
    for number in (2, 3):
        assert found(sheet(path, number), "sheetProtection")["sheet"] == "1"
        assert unlocked(path, number) <= {False}


def test_rows_are_as_high_as_the_tallest_and_long_texts_stand_whole_among_the_details(
    proposed: Proposed, tmp_path: Path
) -> None:
    """A height stays where it is when rows are sorted. A job without a name has its id; so
    has a workplace, unless that could be a CPR number; the details have it."""
    path = form(crowd(proposed), tmp_path, "da", form="excel")
    pages = python_calamine.CalamineWorkbook.from_path(str(path))
    rows, details = (pages.get_sheet_by_index(at).to_python() for at in (0, 1))
    place = {str(row[0]): at for at, row in enumerate(rows)}
    assert [row[0] for row in details] == list(place)
    seen = dict(zip(rows[0], rows[place["FIKTIV-B000003"]], strict=True))
    whole = dict(zip(details[0], details[place["FIKTIV-B000003"]], strict=True))
    title = str(seen["Stillingsbetegnelse"])
    assert title.endswith(" …")
    assert LONG.startswith(title.removesuffix(" …"))
    assert str(whole["Stillingsbetegnelse"]).strip() == LONG.strip()
    tall, tall_details = heights(path), heights(path, 2)
    assert len({tall[at] for at in range(2, 26)}) == 1
    assert len({tall_details[at] for at in range(2, 26)}) > 1
    assert [rows[place[f"FIKTIV-B00000{at}"]][5] for at in range(3)] == [
        "Plejehjemmet Åkanden, afdeling Nord", "KANTINE A/S", "ikke angivet",
    ]  # fmt: skip
    assert whole["Arbejdsplads-id"] == "1012345678"
    assert rows[place["FIKTIV-B000002"]][4] == "O3"
    assert str(seen["Forløb"]).endswith(", med danskhold, mentor og kursus")
    assert "HOLD-17" in str(whole["Støtte"])
    assert not set(details[0]) & {"Dit svar", "Årsag til afvisning"}


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_form_is_read_from_its_first_sheet_alone(
    proposed: Proposed, tmp_path: Path, language: Any
) -> None:
    """Nothing is told of the sheets that go with it; sorted by another column it is read too."""
    path = form(proposed, tmp_path, language, form="excel")
    read = read_form(path)
    assert read.language == language
    assert (len(read.rows), len(read.sheets), read.unread, read.ignored) == (4, 1, (), ())
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    rows[1][1], rows[3][1] = "Accept", "Afvent"
    turned = book(tmp_path / "turned.xlsx", {"Forslag": [rows[0], *rows[:0:-1]]})
    result = taken(proposed, turned)
    assert sums(result) == (4, 2, 0, 2, 0)
    assert [(one.citizen_id, one.verdict) for one in result.decisions] == [
        ("C3", "wait"),
        ("C1", "accept"),
    ]


@pytest.mark.parametrize(
    ("language", "former", "word"), [("en", "Decision", "Accept"), ("da", "Afgørelse", "Godkend")]
)
def test_forms_sent_out_with_the_former_header_are_read(
    proposed: Proposed, tmp_path: Path, language: Any, former: str, word: str
) -> None:
    """In its language, with nothing left unread."""
    path = fill(form(proposed, tmp_path, language), {"C1": (word, "")})
    rows = table(path)
    assert rows[0][1] == SEEN[language][1]
    rows[0][1] = former
    save(path, rows)
    read = read_form(path)
    assert (read.language, read.ignored) == (language, ())
    assert sums(taken(proposed, path)) == (4, 1, 0, 3, 0)


# ------------------------------------------------------------------------------ on paper

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
printed = pytest.mark.skipif(
    OFFICE is None,
    reason="LibreOffice is not installed, so the form cannot be printed to look at the pages;"
    " on Debian or Ubuntu: apt-get install libreoffice-calc",
)


def convert(folder: Path, kind: str, *paths: Path) -> list[Path]:
    """Open workbooks in LibreOffice and save them as something else."""
    assert OFFICE is not None
    out = folder / kind
    subprocess.run(
        [OFFICE, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
         "--convert-to", kind, "--outdir", str(out), *map(str, paths)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return [out / path.with_suffix(f".{kind}").name for path in paths]


def sizes(path: Path) -> list[tuple[int, int]]:
    """Width and height of each page of a PDF, in points; also where objects are packed."""
    data = path.read_bytes()
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            data += zlib.decompressobj().decompress(packed)
        except zlib.error:
            continue
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", data)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


def without_heights(path: Path) -> Path:
    """Copy of a workbook whose rows are as high as the program that opens it finds right."""
    bare = path.with_stem(f"{path.stem}-bare")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(bare, "w") as copied:
        for name in archive.namelist():
            content = archive.read(name)
            if name.startswith("xl/worksheets/"):
                content = re.sub(rb'(<row [^>]*?) ht="[^"]*" customHeight="1"', rb"\1", content)
            copied.writestr(name, content)
    return bare


@printed
@pytest.mark.thorough
def test_on_paper_the_form_is_a4_across_with_no_text_cut(
    proposed: Proposed, tmp_path: Path
) -> None:
    """24 proposals with long texts; and no row is lower than LibreOffice would make it."""
    paths = [form(crowd(proposed), tmp_path / name, name, form="excel") for name in ("en", "da")]
    paths = [path.rename(tmp_path / f"{path.parent.name}.xlsx") for path in paths]
    bare = convert(tmp_path, "xlsx", *map(without_heights, paths))
    for path, free in zip(paths, bare, strict=True):
        for number in (1, 2, 3):
            ours, needed = heights(path, number), heights(free, number)
            assert len(ours) >= 25 or number == 3
            low = [at for at in ours if ours[at] < needed.get(at, 0) - 0.5]
            assert not low, f"{path.name}, sheet {number}: rows too low: {low}"
        assert taken(crowd(proposed), free).undecided == 24
    for page in convert(tmp_path, "pdf", *paths):
        # One page wide each: three of proposals, two or three of details, two that explain.
        assert set(sizes(page)) == {(842, 595)}
        assert 5 <= len(sizes(page)) <= 8
