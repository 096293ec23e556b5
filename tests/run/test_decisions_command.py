"""The week's round at a terminal: run, workbook, decide, run again, oversight."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

from tests.run.conftest import DAY, SPEC, Command

NEXT = (SPEC.today + dt.timedelta(days=7)).isoformat()


def test_a_round_of_the_week(jobmatch: Command, week_folder: Path, tmp_path: Path) -> None:
    """Without a terminal, in the C locale, on Danish CSV: what is decided enters the next week."""
    first = jobmatch("run", week_folder, "--on", DAY, "--json", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    run_id = json.loads(first.stdout)["run_id"]
    made = jobmatch("workbook", "--csv", "--lang", "da", "--out", "forms", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    path = tmp_path / "forms" / f"decisions-{run_id}.csv"
    assert made.stdout.startswith(f"forms/{path.name}: ")
    with path.open(encoding="cp1252", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    for row in rows[1:]:
        row[1] = "Godkend"
    rows[1][1:3] = ["Afvis", "Borgeren takkede nej"]
    rows[2][1:3] = ["Afvis", "doven"]
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    back = jobmatch("decide", path, "--json", cwd=tmp_path)
    assert back.returncode == 2, back.stderr
    (told,) = json.loads(back.stdout)["forms"]
    assert told["new"] == len(rows) - 2
    assert [(bad["row"], bad["code"]) for bad in told["not_taken"]] == [(3, "unknown_reason")]
    assert json.loads(back.stdout)["costs_computed"] == 1
    again = jobmatch("decide", path, "--no-costs", cwd=tmp_path)
    assert again.returncode == 2
    assert again.stdout.startswith(f"{path}: 0 decisions stored, {len(rows) - 2} known already")
    assert "row 3: 'doven' is not one of the reasons." in again.stderr
    second = jobmatch("run", week_folder, "--on", NEXT, "--json", cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    document = json.loads(second.stdout)
    carried = document["people"]["carried"]
    assert carried["locks"] + carried["running"] + carried["held"] == len(rows) - 3
    assert carried["forbids"] == 1
    refused = (rows[1][0], rows[1][5])
    assert refused not in {(p["citizen_id"], p["opening_id"]) for p in document["proposals"]}
    figures = jobmatch("oversight", "--json", "--on", NEXT, cwd=tmp_path)
    assert figures.returncode == 0, figures.stderr
    counted = json.loads(figures.stdout)
    assert (counted["accepted"], counted["rejected"]) == (len(rows) - 3, 1)
    shown = jobmatch("oversight", "--lang", "da", "--on", NEXT, cwd=tmp_path)
    assert "1 afvist, 0 afventer" in shown.stdout


def test_what_cannot_be_is_said(jobmatch: Command, tmp_path: Path) -> None:
    """No ledger yet, no such file: what is missing and what makes it."""
    for arguments in (("workbook",), ("oversight",), ("decide", tmp_path / "form.csv")):
        answer = jobmatch(*arguments, cwd=tmp_path)
        assert answer.returncode == 2
        expected = "no such file" if arguments[0] == "decide" else "there is no ledger"
        assert expected in answer.stderr
        assert "Traceback" not in answer.stderr
