"""The form out and the decisions back: what is written, what is taken, what comes back and why."""

from __future__ import annotations

import datetime as dt
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
import python_calamine

from matcher.decisions import (
    proposal_key,
    read_form,
    write_forms,
)
from matcher.report import Words
from tests.decisions.conftest import NOW, Proposed
from tests.decisions.forms import POLICY, Said, fill, form, save, stored, table, taken, workbook
from tests.weeks import TODAY

# ------------------------------------------------------------------------------ out


def test_the_key_stands_for_the_run_and_everything_proposed() -> None:
    """Any part changed, another key; letters alone, so no spreadsheet touches it."""
    stated: dict[str, Any] = {
        "citizen_id": "C1", "opening_id": "O1", "measure": "ordinary", "team_id": None,
        "pool_id": None, "mentor_minutes": 0, "course_ids": ("A", "B"), "start": "2026-11-24",
    }  # fmt: skip
    key = proposal_key("R", stated)
    assert len(key) == 12
    assert key.isalpha()
    assert key.islower()
    assert proposal_key("R", {**stated, "course_ids": ["B", "A"]}) == key
    assert proposal_key("R", {**stated, "start": dt.date(2026, 11, 24)}) == key
    changes = {
        "citizen_id": "C2", "opening_id": "O2", "measure": "igu", "team_id": "T", "pool_id": "P",
        "mentor_minutes": 60, "course_ids": ("A",), "start": "2026-11-25",
    }  # fmt: skip
    others = {proposal_key("R", {**stated, name: value}) for name, value in changes.items()}
    others.add(proposal_key("S", stated))
    assert len(others) == len(changes) + 1
    assert key not in others


@pytest.mark.parametrize(
    ("language", "verdicts", "first", "last"),
    [
        ("en", "Accept, Reject, Wait", "The citizen declined", "Other, known to the caseworker"),
        ("da", "Godkend, Afvis, Afvent", "Borgeren takkede nej", "Andet, kendt af sagsbehandleren"),
    ],
)
def test_the_workbook_lets_fill_two_cells_a_row(
    proposed: Proposed, tmp_path: Path, language: Any, verdicts: str, first: str, last: str
) -> None:
    """Nothing else takes what is typed: both have lists, and a help sheet that explains them."""
    path = form(proposed, tmp_path / language, language, form="excel")
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<sheetProtection sheet="1"' in sheet
    assert sheet.count('<dataValidation type="list"') == 2
    assert 'sqref="B2:B5"' in sheet
    assert '<autoFilter ref="A1:' in sheet
    assert 'state="frozen"' in sheet
    assert 'xSplit="3"' in sheet
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    help_rows = book.get_sheet_by_index(2).to_python()
    names = [str(row[0]) for row in help_rows if row[0]]
    start = names.index(Words(language)("decide.verdicts")) + 1
    assert ", ".join(names[start : start + 3]) == verdicts
    start = names.index(Words(language)("decide.reasons")) + 1
    assert len(help_rows) > 30
    reasons = names[start : start + len(POLICY.forbid_reasons.codes)]
    assert (reasons[0], reasons[-1]) == (first, last)
    # The lists point at exactly those cells.
    for entries, name in ((reasons, "reasons"), (verdicts.split(", "), "verdicts")):
        at = [row[0] for row in help_rows].index(entries[0]) + 1
        span = f"'!$A${at}:$A${at + len(entries) - 1}</formula1>"
        assert span in sheet.replace("&apos;", "'") or span.replace("'!", "!") in sheet, name
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["C1", "C2", "C3", "C4"]
    assert all(len(row) == len(rows[0]) for row in rows)


def test_forms_are_split_by_team_or_caseworker(proposed: Proposed, tmp_path: Path) -> None:
    """Each gets their own; the parts are the whole."""
    for split, groups in (("team", {"Nord": 2, "Syd": 2}), ("caseworker", {"K1": 1, "K2": 1,
                          "K3": 2})):  # fmt: skip
        written = write_forms(
            proposed.document, proposed.run_id, tmp_path, POLICY, Words("da"), form="csv",
            split=split,  # type: ignore[arg-type]
        )  # fmt: skip
        assert {one.group: one.proposals for one in written} == groups
        assert [one.path.name for one in written] == [
            f"decisions-{proposed.run_id}-{group}.csv" for group in groups
        ]


def test_a_form_is_never_written_over(proposed: Proposed, tmp_path: Path) -> None:
    """It may be filled in and not handed in yet: writing the forms again gives a second one."""
    filled = fill(form(proposed, tmp_path), {"C1": ("accept", "")})
    before = filled.read_bytes()
    again = form(proposed, tmp_path)
    assert again.name == f"decisions-{proposed.run_id}-2.csv"
    assert filled.read_bytes() == before
    assert form(proposed, tmp_path, form="excel").name == f"decisions-{proposed.run_id}.xlsx"


def test_csv_is_what_a_danish_excel_opens(proposed: Proposed, tmp_path: Path) -> None:
    """Semicolons and cp1252; no cell becomes a formula; the guard comes off when read."""
    path = form(proposed, tmp_path, "da")
    text = path.read_bytes().decode("cp1252")
    assert text.splitlines()[0].startswith("Borger;Dit svar;Årsag til afvisning;Sagsbehandler")
    assert "Plejehjem Åen" in text
    assert ";'=1+1;" in text
    read = read_form(path)
    assert read.facts == {"format": "csv", "encoding": "cp1252", "separator": ";"}
    assert read.language == "da"
    assert not read.ignored


# ------------------------------------------------------------------------------ back

GOOD: Said = {"C1": ("Accept", ""), "C2": ("reject", "Tried before without success"),
              "C3": (" WAIT ", "")}  # fmt: skip
GOOD_DANISH: Said = {"C1": ("Godkend", ""), "C2": ("AFVIS", "Prøvet før uden held"),
                     "C3": ("afvent", "")}  # fmt: skip


EXPECTED = [
    ("C1", "O1", "accept", None, None, "Nord"),
    ("C2", "O2", "reject", "tried_before", dt.date(2027, 11, 23), "Nord"),
    ("C3", "O3", "wait", None, None, "Syd"),
]


@pytest.mark.parametrize(("language", "said"), [("en", GOOD), ("da", GOOD_DANISH)])
def test_decisions_are_taken_and_again_without_harm(
    proposed: Proposed, tmp_path: Path, language: Any, said: Said
) -> None:
    """In either language; the form handed in twice changes nothing. 52 weeks from 24 November."""
    path = fill(form(proposed, tmp_path, language), said)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    first = taken(proposed, path)
    assert (first.new, first.known, first.undecided, first.bad) == (3, 0, 1, ())
    assert dict(first.by_verdict) == {"accept": 1, "reject": 1, "wait": 1}
    assert stored(proposed) == EXPECTED
    again = taken(proposed, path, NOW + dt.timedelta(days=1))
    assert (again.new, again.known, again.bad) == (0, 3, ())
    assert stored(proposed) == EXPECTED


def test_mixed_languages_utf8_and_commas_are_taken_too(proposed: Proposed, tmp_path: Path) -> None:
    """Whatever a case system makes of it, with columns in another order."""
    path = fill(form(proposed, tmp_path, "da"), {**GOOD_DANISH, "C1": ("accept", "")})
    rows = [row[::-1] for row in table(path)]
    save(path, rows, "utf-8", ",")
    assert taken(proposed, path).new == 3


def resave(path: Path, created: dt.datetime, saved: dt.datetime) -> None:
    """Set the two moments of a workbook's properties."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    core = parts["docProps/core.xml"].decode()
    before, after = (f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (created, saved))
    head, _, tail = core.partition("<dcterms:modified")
    parts["docProps/core.xml"] = f"{head}<dcterms:modified{tail.replace(before, after)}".encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_a_workbook_saved_at_once_shows_that_nobody_looked(
    proposed: Proposed, tmp_path: Path
) -> None:
    """Written 9:00:00, saved 9:00:12, four accepted: at most 3 s each. A later save: more."""
    source = form(proposed, tmp_path, "da", form="excel")
    rows = python_calamine.CalamineWorkbook.from_path(str(source)).get_sheet_by_index(0).to_python()
    for row in rows[1:]:
        row[1] = "Godkend"
    created = dt.datetime(2026, 11, 24, 9, 0, 0, tzinfo=dt.UTC)
    path = workbook(tmp_path / "saved.xlsx", rows, created)
    resave(path, created, created + dt.timedelta(seconds=12))
    result = taken(proposed, path)
    assert result.new == 4
    assert {one.seconds_looked for one in result.decisions} == {3}
    assert {one.decided_at for one in result.decisions} == {created + dt.timedelta(seconds=12)}
    assert {one.opened_at for one in result.decisions} == {created}


def test_moments_of_a_case_system_are_kept(proposed: Proposed, tmp_path: Path) -> None:
    """Opened and decided to the second; none where the CSV has no moments."""
    path = fill(form(proposed, tmp_path), GOOD)
    assert {one.seconds_looked for one in taken(proposed, path).decisions} == {None}
    rows = table(path)
    rows[0] += ["Åbnet", "Decided"]
    for row in rows[1:]:
        row += ["24-11-2026 08:00", "2026-11-24T08:02:05+00:00"]
        row[1:3] = ["wait", ""]
    rows[1][-2] = "2026-11-24T08:02:00+00:00"
    save(path, rows)
    result = taken(proposed, path)
    assert not result.bad
    assert result.decisions[0].seconds_looked == 5


def test_an_old_form_cannot_turn_a_later_decision_back(proposed: Proposed, tmp_path: Path) -> None:
    """A CSV's own time is when it was saved."""
    old = fill(form(proposed, tmp_path / "a"), {"C1": ("accept", "")})
    new = fill(form(proposed, tmp_path / "b"), {"C1": ("reject", "other")})
    for path, hours in ((old, 3), (new, 1)):
        at = (NOW - dt.timedelta(hours=hours)).timestamp()
        os.utime(path, (at, at))
    assert taken(proposed, new).new == 1
    taken(proposed, old)
    (latest,) = proposed.ledger.decisions(standing=TODAY)
    assert (latest.verdict, latest.reason) == ("reject", "other")
