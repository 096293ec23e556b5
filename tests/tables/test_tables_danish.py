"""What is wrong with the tables is said in Danish where Danish is asked for."""

from __future__ import annotations

import copy
import re
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matcher.cli import build_app
from matcher.policy import Policy
from matcher.tables import IssueCode, Reading, check, write_quarantine
from matcher.texts import tell
from tests.tables.conftest import TODAY, Rows, write_rows

BAD = ("???", "", "-5", "999999", "1,250", "31-02-2026", "uge 48", "NULL", "man 8-7", "7.0", "9999")
ODD = {
    ("openings", "hours_min"): "40",
    ("openings", "hours_max"): "10",
    ("openings", "start_to"): "2026-01-01",
    ("openings", "workplace_id"): "nowhere",
    ("citizens", "capacity_hours_day"): "0",
    ("citizens", "youngest_child"): "43",
    ("citizens", "single_provider"): "yes",
    ("citizens", "partner_can_care"): "yes",
    ("citizens", "other_blocks"): "tue 09:00-12:00",
    ("citizens", "postcode"): "800",
    ("citizens", "age"): "#N/A",
    ("citizens", "household_id"): "0001",
    ("workplaces", "ordinary_fte"): "99",
    ("mentor_pools", "hours"): "0",
    ("teams", "seats"): "0",
    ("running", "end"): "9999-12-31",
    ("running", "citizen_id"): "1",
    ("locks", "citizen_id"): "0002 ",
    ("forbids", "opening_id"): "a1",
    ("forbids", "until"): "",
    ("travel_times", "minutes"): "1.250",
    ("previous", "measure"): "sygehjælp",
    ("caseworkers", "caseworker_id"): "S1",
}
"""Cells that are each fine by themselves, or nearly."""
ENGLISH = re.compile(
    r"\b(the|row|rows|expected|of|is|are|not|column|table|and|or|with|must|write|cannot|there"
    r"|which|one|such|from|whole|number|maybe|keep|it)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"`[^`]*`|'[^']*'|\([^)]*\)")
"""What is quoted is the user's own, or a command."""


def odd_weeks() -> list[list[tuple[str, str]]]:
    """The odd cells, at most one of them in a table of a week."""
    turns = Counter[str]()
    weeks: list[list[tuple[str, str]]] = []
    for table, column in ODD:
        if turns[table] == len(weeks):
            weeks.append([])
        weeks[turns[table]].append((table, column))
        turns[table] += 1
    return weeks


@pytest.fixture(scope="module")
def readings(
    _text: Rows, policy: Policy, tmp_path_factory: pytest.TempPathFactory
) -> list[Reading]:
    """The week with every cell of a first row wrong, in as many ways as there are bad texts."""
    found = []
    for number, bad in enumerate(BAD):
        wrong = {
            name: [dict.fromkeys(table[0], bad), *table, table[-1]] for name, table in _text.items()
        }
        if number == 1:
            del wrong["teams"]
            wrong["wrong"] = [{"x": "1"}]
            wrong["openings"] = [{"opening": "1"}]
        folder = write_rows(wrong, tmp_path_factory.mktemp("week") / "data")
        found.append(check(folder, policy, TODAY))
    for cells in odd_weeks():
        wrong = copy.deepcopy(_text)
        for table, column in cells:
            wrong[table][0][column] = ODD[table, column]
        wrong["openings"].append({**wrong["openings"][0], "opening_id": "I alt"})
        folder = write_rows(wrong, tmp_path_factory.mktemp("week") / "data")
        with (folder / "places.csv").open("a", encoding="utf-8") as stream:
            stream.write("8000\n")
        found.append(check(folder, policy, TODAY))
    return found


def test_no_english_word_is_in_the_danish(readings: list[Reading]) -> None:
    """Sentences, what belongs there, what to try, and why a run cannot go on."""
    said: dict[str, str] = {}
    codes: set[IssueCode] = set()
    for reading in readings:
        for issue in reading.issues:
            codes.add(issue.code)
            for text in (issue.message, issue.expected, issue.advice):
                said[tell(text, "da")] = text
        said |= {tell(reason, "da"): reason for reason in reading.why_not}
    wrong = [told for told in said if ENGLISH.search(QUOTED.sub("", told))]
    assert wrong == []
    assert len(codes) > 20


def test_json_has_the_same_fields_in_the_language(readings: list[Reading]) -> None:
    """Codes and keys stay; texts for people are Danish."""
    english, danish = (readings[0].to_dict(language) for language in ("en", "da"))
    assert english.keys() == danish.keys()
    for one, other in zip(english["issues"], danish["issues"], strict=True):
        same = ("code", "severity", "table", "row", "key", "put_aside")
        assert {name: one[name] for name in same} == {name: other[name] for name in same}
    assert english["issues"] != danish["issues"]


def test_reasons_in_quarantine_are_danish(readings: list[Reading], tmp_path: Path) -> None:
    """Row number and reasons have Danish headings; the cells stay as they are."""
    paths = {path.name: path for path in write_quarantine(readings[0], tmp_path, "da")}
    header, first, *_ = paths["quarantine_citizens.csv"].read_text("utf-8-sig").splitlines()
    assert header.startswith("række;årsager;citizen_id")
    assert "ord for ingenting" in first
    assert "???" in first


def test_the_command_checks_in_danish(rows: Rows, tmp_path: Path) -> None:
    """Table, counts and verdict; an error of an option as well."""
    rows["citizens"][0]["age"] = "ung"
    folder = write_rows(rows, tmp_path / "data")
    done = CliRunner().invoke(
        build_app(), ["check", str(folder), "--on", "2026-11-23", "--lang", "da"]
    )
    assert done.exit_code == 2
    assert "1 række" in done.stdout
    assert "her skal stå" in done.stdout
    assert "En kørsel kan ikke gennemføres" in done.stdout
    assert not re.search(r"\b(rows|expected|the)\b", QUOTED.sub("", done.stdout))
    done = CliRunner().invoke(build_app(), ["check", str(folder), "--on", "i dag", "--lang", "da"])
    assert "fejl: --on i dag: det er ikke en dato" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "--lang", "da"], "'DATA' mangler."),
        (["check", "x", "--lagn", "da", "--lang", "da"], "ikke noget valg, der hedder --lagn"),
        (["check", "x", "--most", "mange", "--lang", "da"], "'--most': her skal stå et helt tal."),
        (["check", "x", "--most", "0", "--lang=da"], "'--most': her skal stå mindst 1."),
        (["run", "x", "y", "--lang", "da"], "Det her er for meget: y."),
        (["chekc", "--lang", "da"], "ingen kommando, der hedder 'chekc'"),
    ],
)
def test_errors_of_usage_are_danish(arguments: list[str], told: str) -> None:
    """What the parser of the command line says, too; the exit code stays 2."""
    done = CliRunner().invoke(build_app(), arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert not re.search(r"\b(Error|Missing|No such|Usage|Try)\b", done.stderr)
