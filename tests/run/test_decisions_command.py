"""The week's round at a terminal: run, workbook, decide, run again, oversight."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

from tests.commands import jobmatch
from tests.run.conftest import SPEC, run_folders

NEXT = (SPEC.today + dt.timedelta(days=7)).isoformat()


def test_a_round_of_the_week(week_folder: Path, ran: Path) -> None:
    """Without a terminal, in the C locale, on Danish CSV: what is decided enters the next week."""
    (folder,) = run_folders(ran / "runs")
    run_id = folder.name
    made = jobmatch("workbook", "--csv", "--lang", "da", cwd=ran)
    assert made.returncode == 0, made.stderr
    path = ran / "forms" / run_id / f"decisions-{run_id}.csv"
    assert made.stdout.startswith(f"forms/{run_id}/{path.name}: ")
    with path.open(encoding="cp1252", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    for row in rows[1:]:
        row[1] = "Godkend"
    rows[1][1:3] = ["Afvis", "Borgeren takkede nej"]
    rows[2][1:3] = ["Afvis", "doven"]
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    back = jobmatch("decide", path, "--json", cwd=ran)
    assert back.returncode == 2, back.stderr
    (told,) = json.loads(back.stdout)["forms"]
    assert told["new"] == len(rows) - 2
    assert [(bad["row"], bad["code"]) for bad in told["not_taken"]] == [(3, "unknown_reason")]
    assert json.loads(back.stdout)["costs_computed"] == 1
    again = jobmatch("decide", path, "--no-costs", cwd=ran)
    assert again.returncode == 2
    assert again.stdout.startswith(f"{path}: 0 answers stored, {len(rows) - 2} known already")
    assert "row 3: 'Årsag til afvisning' is not one of the reasons." in again.stderr
    assert "doven" not in back.stdout + again.stdout + again.stderr
    assert again.stdout.rstrip().endswith(f"1 row not taken; {len(rows) - 1} rows in all")
    second = jobmatch("run", week_folder, "--on", NEXT, "--json", cwd=ran)
    assert second.returncode == 0, second.stderr
    document = json.loads(second.stdout)
    carried = document["people"]["carried"]
    assert carried["locks"] + carried["running"] + carried["held"] == len(rows) - 3
    assert carried["forbids"] == 1
    refused = (rows[1][0], rows[1][5])
    assert refused not in {(p["citizen_id"], p["opening_id"]) for p in document["proposals"]}
    figures = jobmatch("oversight", "--json", "--on", NEXT, cwd=ran)
    assert figures.returncode == 0, figures.stderr
    counted = json.loads(figures.stdout)
    assert (counted["accepted"], counted["rejected"]) == (len(rows) - 3, 1)
    shown = jobmatch("oversight", "--lang", "da", "--on", NEXT, cwd=ran)
    assert "1 afvist, 0 afventer" in shown.stdout


def test_what_cannot_be_is_said(tmp_path: Path) -> None:
    """No ledger yet, no such file: what is missing and what makes it."""
    for arguments in (("workbook",), ("oversight",), ("decide", tmp_path / "form.csv")):
        answer = jobmatch(*arguments, cwd=tmp_path)
        assert answer.returncode == 2
        expected = "no such file" if arguments[0] == "decide" else "there is no ledger"
        assert expected in answer.stderr
        assert "Traceback" not in answer.stderr


def filled(path: Path, decisions: list[tuple[str, str]]) -> int:
    """Fill the first rows of a CSV form; returns how many rows it has."""
    with path.open(encoding="cp1252", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    for row, said in zip(rows[1:], decisions, strict=False):
        row[1:3] = said
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return len(rows) - 1


def test_forms_are_taken_though_a_folder_cannot_be_written(ran: Path) -> None:
    """All bad rows are shown then, the next form is taken too, and how both are dated is said.

    What a spreadsheet program puts beside an open form is no form.
    """
    for out in ("a", "b"):
        assert jobmatch("workbook", "--csv", "--out", out, cwd=ran).returncode == 0
    first, second = (next((ran / out).glob("decisions-*.csv")) for out in ("a", "b"))
    wrong = [("Accept", ""), *[("perhaps", "")] * 11]
    assert filled(first, wrong) >= len(wrong)
    filled(second, [("", ""), ("Accept", "")])
    beside = first.with_name(f"{first.stem}.rejected_rows.csv")
    (beside / "in the way").mkdir(parents=True)
    lock = first.with_name(f"~${first.stem}.xlsx")
    lock.write_bytes(b"\x07Anne")
    answer = jobmatch("decide", lock, first, second, "--no-costs", cwd=ran)
    assert answer.returncode == 2
    assert [line.rpartition(": ")[2].partition(",")[0] for line in answer.stdout.splitlines()] == [
        "1 answer stored (1 accepted)"
    ] * 2  # fmt: skip
    assert f"{lock}: left out." in answer.stderr
    assert answer.stderr.count("'Your answer' holds no answer; expected Accept") == 11
    assert "perhaps" not in answer.stdout + answer.stderr
    assert "could not be written to a file; all are shown here" in answer.stderr
    assert f"error: {beside}: the rows not taken cannot be written there" in answer.stderr
    assert answer.stderr.count("1 answer says no moment: it counts as of ") == 2
    assert "Traceback" not in answer.stderr


def test_when_it_was_decided_can_be_given(ran: Path) -> None:
    """In Danish time; not later than now, and a moment at all."""
    jobmatch("workbook", "--csv", "--out", "forms", cwd=ran)
    (path,) = (ran / "forms").glob("decisions-*.csv")
    filled(path, [("Accept", "")])
    for text in ("yesterday", "2099-01-01"):
        answer = jobmatch("decide", path, "--decided", text, cwd=ran)
        assert answer.returncode == 2
        assert f"--decided {text}: expected a moment up to now" in answer.stderr
    answer = jobmatch("decide", path, "--decided", "24-11-2026 00:30", "--json", cwd=ran)
    assert answer.returncode == 0, answer.stderr
    (told,) = json.loads(answer.stdout)["forms"]
    assert told["dated"] == [{"by": "given", "at": "2026-11-23T23:30:00+00:00", "rows": 1}]
