"""Explanations in depth where people look: document, CSV, workbook, page."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from matcher.again import Resolver
from matcher.errors import ClashError
from matcher.explain import explained
from matcher.explain.week_explanation import depth
from matcher.records import Lock
from matcher.report import Words, page_html, run_document, write_document
from matcher.report.depth import ORDER, depth_section, summary
from matcher.tables import write_folder
from matcher.weekly import WeekOptions, run_week
from tests.explain.replay import small_week, solved_week
from tests.weeks import TODAY, citizen, policy, week


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """A small week explained in depth."""
    solution = solved_week(2)
    found = depth(Resolver(solution), rows=4)
    return run_document(small_week(2), explained(solution), depth=found)


def test_each_proposal_has_its_margin_and_each_waiting_citizen_what_helps(
    document: dict[str, Any],
) -> None:
    assert document["proposals"]
    for row in document["proposals"]:
        assert row["margin"]["citizen_id"] == row["citizen_id"]
        assert row["margin"]["triage"] in ORDER
        assert set(row["margin"]["sentence"]) == {"en", "da"}
    for row in document["unplaced"]:
        assert (row["helps"] is None) == (row["cause"] == "already_placed")
    assert [gain["more"] for gain in document["bottlenecks"][0]["gains"]] == [1, 5, 20]
    assert all(row["citizens"] for row in document["levers"])


@pytest.mark.parametrize("language", ["en", "da"])
def test_files_and_page_show_it(document: dict[str, Any], tmp_path: Path, language: str) -> None:
    """One readable line per proposal, two tables more, a section on the page."""
    words = Words(language)  # type: ignore[arg-type]
    written = write_document(document, tmp_path, language=words.language)
    assert {"bottlenecks", "levers"} <= set(written)
    with written["proposals"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=words.separator))
    assert rows[0][2:4] == [words("column.summary"), words("column.sure")]
    assert rows[1][2] == summary(document["proposals"][0], words)
    assert rows[1][2].endswith(f"{rows[1][3]}.")
    with written["levers"].open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == len(document["levers"]) + 1
    page = page_html(document, words)
    section = depth_section(document, words)
    assert section is not None
    assert f"<h2>{words('depth.title')}</h2>" in page
    assert section["triage"]
    assert all(line in page for line in section["triage"])


def test_the_page_calls_exact_only_what_is_proven(document: dict[str, Any]) -> None:
    """One margin that a limit cut short, and the page says so; what helps is told as at least."""
    words = Words("en")
    section = depth_section(document, words)
    assert section is not None
    assert section["lead"] == words("depth.lead")
    assert section["helped"].startswith("For at least ")
    first, *others = document["proposals"]
    cut = {**first, "margin": {**first["margin"], "proven": False}}
    section = depth_section({**document, "proposals": [cut, *others]}, words)
    assert section is not None
    assert section["lead"] == words("depth.lead_open")


def test_a_run_without_depth_shows_nothing_of_it() -> None:
    solution = solved_week(2)
    plain = run_document(small_week(2), explained(solution))
    words = Words("en")
    assert depth_section(plain, words) is None
    assert words("depth.title") not in page_html(plain, words)


def test_a_run_can_explain_in_depth(tmp_path: Path) -> None:
    """The whole way, from tables to files."""
    write_folder(small_week(3).tables, tmp_path / "tables")
    done = run_week(
        tmp_path / "tables",
        tmp_path / "runs",
        small_week(3).policy,
        small_week(3).today,
        WeekOptions(explain=True),
    )
    assert done.document["bottlenecks"]
    assert (done.folder / "bottlenecks.csv").exists()


def test_locks_that_clash_name_the_ways_out(tmp_path: Path) -> None:
    """Both locks on one seat: which to let go, or how many seats more."""
    problem = week(
        [citizen("C1"), citizen("C2")],
        locks=[Lock(citizen_id="C1", opening_id="O1"), Lock(citizen_id="C2", opening_id="O1")],
    )
    write_folder(problem.tables, tmp_path / "tables")
    with pytest.raises(ClashError) as raised:
        run_week(tmp_path / "tables", tmp_path / "runs", policy(), TODAY)
    facts = raised.value.facts
    assert {"way out: let go of C1 at O1", "way out: let go of C2 at O1"} & set(facts)
    assert "or: 1 more of seats at the openings O1" in facts
