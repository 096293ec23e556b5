"""Several asked for one seat, from the week to the next: forms out, answers in, the seat kept."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from matcher.ledger import Ledger, UnderWay
from matcher.records import Caseworker
from matcher.tables.write import write_folder
from tests.commands import jobmatch
from tests.decisions.conftest import few_said_yes
from tests.weeks import citizen, opening, week, workplace

DAY, NEXT = "2026-11-24", "2026-12-01"
RULES = """
[declines.several]
measures = ["ordinary"]
sectors = ["private"]
most = 2
beyond_percent = 25
"""
CREW = (Caseworker(caseworker_id="K1", capacity=9, unit="Nord"),
        Caseworker(caseworker_id="K2", capacity=9, unit="Syd"))  # fmt: skip


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tables, policy, and a ledger in which few said yes; its week is run."""
    folder = tmp_path_factory.mktemp("several")
    (folder / "runs").mkdir()
    with Ledger.open(folder / "runs" / "ledger.sqlite") as ledger:
        few_said_yes(ledger)
    people = [citizen(f"N{n}", caseworker_id="K1" if n < 2 else "K2") for n in range(4)]
    sites = [workplace(sector="private", ordinary_staff=99)]
    problem = week(people, [opening("O9", seats=1)], sites, caseworkers=CREW)
    write_folder(dict(problem.tables), folder / "tables")
    (folder / "several.toml").write_text(RULES, "utf-8")
    done = jobmatch("run", "tables", "--on", DAY, "--policy", "several.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(_made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_made, tmp_path / "several"))


def order_of(folder: Path) -> tuple[str, ...]:
    """The one with the proposal and those asked beside, in order, as the run's folder says."""
    with Ledger.open(folder / "runs" / "ledger.sqlite") as ledger:
        (made,) = ledger.folders(ledger.runs(most=1)[0].run_id)
    rows = json.loads((made / "run.json").read_text("utf-8"))["backups"]
    assert all(one["at_once"] for one in rows)
    return (rows[0]["proposed"], *(one["citizen_id"] for one in rows))


def begun_in(ledger: Ledger) -> list[UnderWay]:
    """Placements under way at the opening that several were asked for."""
    there = ledger.placements(dt.date.fromisoformat(NEXT))
    return [one for one in there if one.opening_id == "O9"]


def filled(path: Path, said: Mapping[str, tuple[str, str]]) -> Path:
    """Fill the two cells of citizens in a workbook, where it has them, and leave all else."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode("utf-8")
    for at, row in enumerate(rows, start=1):
        for column, text in zip("BC", said.get(str(row[0]), ()), strict=False):
            begin = sheet.index(f'<c r="{column}{at}"')
            end = sheet.index("/>", begin)
            cell = f' t="inlineStr"><is><t>{text}</t></is></c>'
            if text:
                sheet = sheet[:begin] + sheet[begin:end] + cell + sheet[end + 2 :]
    parts["xl/worksheets/sheet1.xml"] = sheet.encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_seat_goes_to_who_said_yes_beside(folder: Path) -> None:
    """Two teams' workbooks, handed in one after the other; the next week keeps the seat."""
    first, one, two = order_of(folder)
    done = jobmatch("workbook", "--lang", "da", "--by", "caseworker", "--json", cwd=folder)
    forms = [folder / form["path"] for form in json.loads(done.stdout)["forms"]]
    assert len(forms) == 2
    yes, no = ("Godkend", ""), ("Afvis", "Borgeren takkede nej")
    for path in forms:
        filled(path, {first: no, one: no, two: yes})
    told: dict[str, Any] = {}
    for path in forms:
        done = jobmatch("decide", path, "--lang", "da", cwd=folder)
        assert done.returncode == 0, done.stderr
        told[path.name] = done.stderr
    whole = " ".join("".join(told.values()).split())
    assert "ar sagt ja og får pladsen" in whole
    shown = jobmatch("runs", "show", "2", "--lang", "da", cwd=folder)
    assert "spurgt samtidig med andre: 2, pladser: 1 (ja, fik pladsen 1, nej 1)" in shown.stdout
    letter = jobmatch("explain", two, "--for-citizen", "--lang", "da", cwd=folder)
    assert "Derfor får du pladsen" in " ".join(letter.stdout.split())
    done = jobmatch("run", "tables", "--on", NEXT, "--policy", "several.toml", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    with Ledger.open(folder / "runs" / "ledger.sqlite") as ledger:
        (begun,) = begun_in(ledger)
        newest, before = ledger.runs(most=2)
        (_, told_to) = ledger.asked(before.run_id)
    assert (begun.citizen_id, begun.opening_id, begun.run_id) == (two, "O9", before.run_id)
    assert (begun.start, begun.measure) == (told_to.start, told_to.measure)
    assert newest.placed == 0


def test_bad_rows_come_back_and_a_yes_in_vain_is_told_to_the_citizen(folder: Path) -> None:
    """One form in all: a no without a reason is handed back; what came to nothing bars nothing."""
    first, one, two = order_of(folder)
    done = jobmatch("workbook", "--json", cwd=folder)
    (path,) = (folder / form["path"] for form in json.loads(done.stdout)["forms"])
    filled(path, {first: ("Accept", ""), one: ("Accept", ""), two: ("Reject", "")})
    done = jobmatch("decide", path, cwd=folder)
    assert done.returncode == 2
    assert "A rejection needs a reason" in done.stderr
    assert "nothing is held against them" in " ".join(done.stderr.split())
    back = path.with_name(f"{path.stem}.rejected_rows.csv")
    text = back.read_text("cp1252")
    assert two in text
    assert one not in text
    back.write_text(text.replace("Reject;;", "Reject;The citizen declined;"), "cp1252")
    again = jobmatch("decide", back, cwd=folder)
    assert again.returncode == 0, again.stderr
    letter = jobmatch("explain", one, "--for-citizen", cwd=folder)
    said = " ".join(letter.stdout.split())
    assert "Somebody who came before you has said yes" in said
    assert "does not count against you" in said
    assert not any(who in said for who in (first, two))
    done = jobmatch("run", "tables", "--on", NEXT, "--policy", "several.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    with Ledger.open(folder / "runs" / "ledger.sqlite") as ledger:
        run = ledger.runs(most=1)[0]
        (begun,) = begun_in(ledger)
        forbids = ledger.input_table(run.run_id, "forbids")
    assert begun.citizen_id == first
    assert forbids is None or one not in set(forbids["citizen_id"])


def test_who_waited_is_named_on_the_next_weeks_page(folder: Path) -> None:
    """The one with the proposal has not answered, and keeps it; the yes behind has lapsed."""
    _, one, _ = order_of(folder)
    done = jobmatch("workbook", "--csv", "--json", cwd=folder)
    (path,) = (folder / form["path"] for form in json.loads(done.stdout)["forms"])
    rows = path.read_text("cp1252").splitlines()
    at = next(at for at, row in enumerate(rows) if row.startswith(f"{one};"))
    rows[at] = rows[at].replace(f"{one};;", f"{one};Accept;", 1)
    path.write_text("\r\n".join(rows) + "\r\n", "cp1252")
    done = jobmatch("decide", path, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "the yes waits for the answer" in " ".join(done.stderr.split())
    done = jobmatch("run", "tables", "--on", NEXT, "--policy", "several.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    with Ledger.open(folder / "runs" / "ledger.sqlite") as ledger:
        newest, before = ledger.runs(most=2)
        (made,) = ledger.folders(newest.run_id)
        assert [each.came_to for each in ledger.asked(before.run_id)] == ["lapsed", None]
    page = (made / "report.html").read_text("utf-8")
    assert f"{one} was asked beside others for O9 and said yes" in page
