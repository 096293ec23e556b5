"""The form that a caseworker fills in and the page of the case tell the same."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from matcher.decisions import write_forms
from matcher.report import Words
from matcher.texts import inside
from scenarios.web.weeks import Weeks
from tests.web.conftest import Browser

MOST = 6
"""Cases that are opened."""


def plain(page: str) -> str:
    """The words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def words_of(cell: Any, words: Words) -> list[str]:
    """What a page must say for a cell: each of its lines; dates and numbers as people read them."""
    if hasattr(cell, "isoformat"):
        return [words.date(cell.isoformat()[:10])]
    if isinstance(cell, float):
        return [words.decimal(cell)]
    return [" ".join(line.split()) for line in str(cell).split("\n") if line]


@pytest.fixture
def team(behind: Callable[..., Browser]) -> tuple[Browser, Weeks, str, str]:
    """A caseworker of a team of whose proposals another team stands by, or the other way round."""
    weeks = Weeks(behind("data").settings)
    run_id = weeks.runs(1)[0].run_id
    document = weeks.document(run_id)
    unit = {one["citizen_id"]: one["unit"] for one in document["proposals"]}
    name = next(one["unit"] for one in document["backups"]
                if one["unit"] != unit[one["proposed"]])  # fmt: skip
    return behind("here", caseworkers={"here": (name,)}), weeks, run_id, name


def test_every_cell_of_a_form_stands_on_the_page_of_its_case(
    shared: Browser, tmp_path: Path
) -> None:
    """Of the sheet to fill and of the details."""
    browser, weeks, words = shared, shared.weeks, Words("en")
    run_id = weeks.runs(1)[0].run_id
    (form,) = write_forms(weeks.document(run_id), run_id, tmp_path, weeks.policy(run_id), words)
    book = CalamineWorkbook.from_path(str(form.path))
    sheets = [book.get_sheet_by_index(at).to_python() for at in range(2)]
    apart = {words(f"column.{one}") for one in ("decision", "decision_reason", "run", "proposal",
                                                "commute", "locked")}  # fmt: skip
    citizen = words("column.citizen")
    seen, missing = 0, []
    listed = plain(browser.get("/people?cause=proposed").text)
    for sheet in sheets:
        heads = [str(one) for one in sheet[0]]
        for row in [dict(zip(heads, row, strict=True)) for row in sheet[1 : MOST + 1]]:
            case = browser.get(f"/case/{weeks.row_of(run_id, row[citizen])}").text
            told = f"{plain(case)} {listed}"
            for head, cell in row.items():
                if head in apart or cell in ("", None):
                    continue
                lines = words_of(cell, words)
                if head == words("column.steps_in"):  # worded as a list; who it is, in order
                    lines = [".*".join(re.findall(r"FIKTIV-\w+", str(cell)))]
                for line in lines:
                    seen += 1
                    said = line if ".*" in line else re.escape(line.rstrip("."))
                    if not re.search(said, told, re.IGNORECASE):
                        missing.append((head, line))
    assert missing == []
    assert seen > 60


def test_the_sheet_of_back_ups_and_the_pages_tell_the_same(
    team: tuple[Browser, Weeks, str, str], tmp_path: Path
) -> None:
    """Who stands by for whom, in which place and with what; of another team whose it is alone."""
    browser, weeks, run_id, name = team
    words, document = Words("en"), weeks.document(run_id)
    written = write_forms(document, run_id, tmp_path, weeks.policy(run_id), words, split="team")
    (path,) = (one.path for one in written if one.group == name)
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(words("sheet.backups"))
    head, *rows = sheet.to_python()
    at = {
        key: head.index(words(f"column.{key}"))
        for key in (
            "opening",
            "proposed",
            "rank",
            "back_up",
            "caseworker",
            "measure",
            "hours",
            "start",
            "fit",
        )
    }
    known = browser.get("/api/v1/backups?most=1000").json()
    own = [one for one in known if one["row"]]
    said = {(row[at["opening"]], int(row[at["rank"]])): row for row in rows}
    assert len(own) == len(rows) == len(said)
    hidden = 0
    for one in own:
        row = said[one["opening_id"], one["rank"]]
        assert weeks.row_of(run_id, row[at["back_up"]]) == one["row"]
        assert row[at["caseworker"]] == one["caseworker_id"]
        assert row[at["hours"]] * 60 == one["minutes"]
        assert row[at["start"]].isoformat()[:10] == one["start"]
        assert row[at["fit"]] == one["fit"]
        page = plain(browser.get(f"/case/{one['row']}").text)
        start = words.date(one["start"])
        assert f"{inside(row[at['measure']])}, {words.decimal(row[at['hours']])} hours" in page
        assert f"as number {one['rank']} for" in page
        assert f"a week from {start}" in page
        if one["proposed"] is None:
            assert row[at["proposed"]] == words("common.of_another_team")
            hidden += 1
        else:
            assert weeks.row_of(run_id, row[at["proposed"]]) == one["proposed"]
    theirs = [one for one in known if one["row"] is None]
    assert hidden + len(theirs) > 0
