"""What the pages show and do, without a script."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel, ValidationError

from matcher.ledger import Ledger, difference
from matcher.records import TABLES
from matcher.report import Words
from matcher.texts import catalogue
from scenarios import make_tables
from scenarios.patch import read_text
from scenarios.questions import BusyError, GoneError
from scenarios.web import api, asking, saving
from scenarios.web.cases import cost_text
from scenarios.web.lists import PAGE, ListTable, band
from scenarios.web.naming import Names
from scenarios.web.weeks import Weeks
from tests.web.conftest import CODES, FREE, SCRIPT, Browser, planted, settings_of, week_in

WEB = Path(__file__).parent.parent.parent / "scenarios" / "web"
PAGES = ("/", "/people", "/openings", "/decide", "/levers", "/weeks", "/data")


class Outline(HTMLParser):
    """What a reader of the screen is told: headings, landmarks, names of fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self.labelled.add(given["for"])
        if tag in {"input", "select"} and given.get("type") != "hidden":
            self.fields.append(given)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_main_heading_landmarks_and_named_fields(shared: Browser, path: str) -> None:
    """No level is left out, no id stands twice, every field has a label."""
    page = Outline(shared.get(path).text)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert {"main", "nav", "header", "footer"} <= set(page.tags)
    assert len(page.ids) == len(set(page.ids))
    assert all(field.get("id") in page.labelled for field in page.fields)


@pytest.mark.parametrize("name", sorted(path.name for path in (WEB / "templates").iterdir()))
def test_every_text_of_a_template_is_in_the_catalogue(name: str) -> None:
    """Also of a part that is seldom shown."""
    text = (WEB / "templates" / name).read_text("utf-8")
    keys = re.findall(r"""say\(["']([a-z_]+)["'](?! ~)""", text)
    assert [key for key in keys if f"web.{key}" not in catalogue("en")] == []
    begins = re.findall(r"""say\(["']([a-z_]+)["'] ~""", text)
    assert all(any(key.startswith(f"web.{one}") for key in catalogue("en")) for one in begins)


def test_a_language_is_chosen_and_kept(shared: Browser) -> None:
    """The way back leads nowhere else."""
    for elsewhere in ("//evil.example/", "/\\evil.example/", "https://evil.example/"):
        answer = shared.form("/language", language="da", back=elsewhere)
        assert answer.headers["location"] == "/"
    assert '<html lang="da">' in shared.get("/").text
    shared.form("/language", language="en", back="/")
    assert '<html lang="en">' in shared.get("/").text


def test_weeks_say_what_earlier_forecasts_came_to(
    shared: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where any is old enough; before that nothing stands there."""
    title = catalogue("en")["past.title"]
    assert title not in shared.get("/weeks").text
    newest = {"day": "2026-10-26", "due": "2026-11-23", "low": 8, "middle": 14, "high": 21,
              "came": 30, "where": "above"}  # fmt: skip
    told = {"weeks": 4, "forecasts": 12, "in": 9, "below": 1, "above": 2, "apart": 3,
            "verdict": "few", "newest": newest}  # fmt: skip
    past = {"until": "2026-11-23", "fewest": 5, "percent": 80, "ahead": [told]}
    monkeypatch.setattr("scenarios.web.stepping_in.past_outlooks", lambda *_: past)
    page = shared.get("/weeks").text
    assert title in page
    assert "4 weeks ahead: on 2026-10-26, 8 to 21 were to begin by 2026-11-23; 30 did: more" in page
    assert "Of 12 such forecasts 9 held" in page


def test_every_number_of_the_week_opens_the_list_behind_it(shared: Browser) -> None:
    """And the list has as many."""
    html = shared.get("/").text
    links = re.findall(r'<a href="(/people\?[^"]+)">(\d+)</a>', html)
    assert len(links) > 20
    for said in ("oral=", "district=", "stopped=", "measure=", "cause=without", "cause=waiting"):
        assert any(said in path for path, _ in links), said
    for path, number in links:
        found = re.search(
            r"<strong>(\d+) of 70 people", shared.get(path.replace("&amp;", "&")).text
        )
        assert found is not None
        assert found[1] == number, path


def test_seats_filled_of_a_district_open_their_openings(shared: Browser) -> None:
    """And these have as many seats filled between them; ``seats`` tells them apart."""
    html = shared.get("/").text
    links = re.findall(r'<a href="(/openings\?district=[^"]+seats=taken)">(\d+)</a>', html)
    assert links
    for path, number in links:
        asked = path.replace("&amp;", "&").replace("/openings", "/api/v1/openings")
        assert sum(one["filled"] for one in shared.get(asked).json()["rows"]) == int(number)
    rows = shared.get("/api/v1/openings").json()["rows"]
    for value, holds in (
        ("none", lambda one: one["filled"] == 0),
        ("some", lambda one: 0 < one["filled"] < one["free"]),
        ("all", lambda one: 0 < one["filled"] == one["free"]),
        ("taken", lambda one: one["filled"] > 0),
    ):
        kept = shared.get(f"/api/v1/openings?seats={value}").json()["rows"]
        assert kept == [one for one in rows if holds(one)], value
    page = shared.get("/openings?seats=taken").text
    assert "Filled: At least one seat filled" in page
    for path in ("/openings?seats=foo", "/openings?cause=foo", "/people?sure=foo"):
        nothing = shared.get(path)
        assert (nothing.status_code, ": foo" in nothing.text) == (200, True), path


def test_a_view_is_exported_as_it_is_shown(shared: Browser) -> None:
    """All its rows, no other, in the order of the page."""
    path = "/people?cause=proposed"
    text = shared.get(f"{path}&as=csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    shown = re.findall(r">(FIKTIV-B\d+)</a>", shared.get(path).text)
    assert [row[0] for row in rows[1:]][:PAGE] == shown
    book = shared.get(f"{path}&as=xlsx").content
    assert pd.read_excel(io.BytesIO(book), engine="calamine")["Citizen"].tolist()[:PAGE] == shown


@pytest.mark.parametrize(
    ("path", "apart"), [("/openings", {}), ("/people", {"Proposal": "Opening"})]
)
def test_a_file_has_every_column_of_the_page(
    shared: Browser, path: str, apart: dict[str, str]
) -> None:
    """By the same words; a proposal is several columns of the file."""
    table = shared.get(path).text.partition("<thead>")[2].partition("</thead>")[0]
    shown = [apart.get(one, one) for one in re.findall(r"<th [^>]*>([^<]+)</th>", table)]
    assert len(shown) > 8
    text = shared.get(f"{path}?as=csv").content.decode("utf-8-sig")
    there = next(csv.reader(io.StringIO(text)))
    assert set(shown) <= set(there)


def test_nobody_is_asked_at_the_same_time_once_the_proposal_is_decided(
    browser: Browser, folder: Path
) -> None:
    """Neither on the page of the proposal, nor of who stands by, nor in the list to decide."""
    (file,) = folder.rglob("run.json")
    document = json.loads(file.read_text("utf-8"))
    first = document["backups"][0]
    first["at_once"] = True
    file.write_text(json.dumps(document), "utf-8")
    weeks = Weeks(browser.settings)
    run_id = weeks.runs(1)[0].run_id
    case, beside = (
        f"/case/{weeks.row_of(run_id, first[name])}" for name in ("proposed", "citizen_id")
    )
    assert "at the same time" in browser.get(case).text
    assert "at the same time" in browser.get(beside).text
    assert browser.get("/decide").text.count("Others are asked for the place") == 1
    browser.form(case, verdict="wait")
    assert "at the same time" in browser.get(case).text
    browser.form(case, verdict="reject", reason="citizen_declined", sure="yes")
    assert "at the same time" not in browser.get(case).text
    assert "was declined" in browser.get(beside).text
    assert "Others are asked for the place" not in browser.get("/decide").text
    browser.form(case, verdict="accept")
    assert "at the same time" not in browser.get(case).text
    told = browser.get(beside).text
    assert not any(one in told for one in ("at the same time", "was declined", "stands by as"))


def test_no_script_that_stands_in_a_table_is_alive(tmp_path: Path) -> None:
    """In any id or text of any table, on any page."""
    folder = week_in(tmp_path, planted(make_tables(citizens=40, openings=8)))
    browser = Browser(settings_of(folder)).enter()
    row = browser.rows()[0]
    seen = 0
    for path in (*PAGES, f"/case/{row}", "/people?team=" + SCRIPT):
        html = browser.get(path).text
        assert SCRIPT not in html, path
        seen += html.count("&lt;script&gt;")
    assert seen > 20
    refused = browser.form(f"/case/{row}", verdict="reject", reason="other").text
    assert SCRIPT not in refused


def accepts_a_script(record: type[BaseModel], column: str) -> bool:
    """Whether a record lets a script stand in a column."""
    try:
        record.__pydantic_validator__.validate_assignment(record.model_construct(), column, SCRIPT)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("table", TABLES)
def test_every_column_that_may_hold_any_text_is_planted(table: str) -> None:
    """So that a new one is not forgotten above."""
    record = TABLES[table].record
    open_to_it = {one for one in record.model_fields if accepts_a_script(record, one)}
    assert {one for one in open_to_it if not one.endswith("_id")} <= FREE | CODES


def test_no_script_in_a_wrong_cell_or_name_is_alive_where_issues_are_told(
    browser: Browser, tmp_path: Path
) -> None:
    """In every column of every table, and as the name of a column: all issues, row by row."""
    folder = tmp_path / "tables"
    folder.mkdir()
    columns = 0
    for name, frame in make_tables(citizens=40, openings=8).items():
        text = frame.astype(object)
        if len(text):
            text.iloc[0] = SCRIPT
        columns += len(text.columns) * bool(len(text))
        text.assign(**{SCRIPT: 1}).to_csv(folder / f"{name}.csv", index=False)
    html = browser.form("/data/check", source=str(folder)).text
    assert SCRIPT not in html
    assert html.count("&lt;script&gt;") > columns / 2


def test_a_case_says_why_and_why_not(shared: Browser) -> None:
    """As the command does."""
    row = shared.rows()[0]
    html = shared.get(f"/case/{row}").text
    assert "Accept" in html
    assert "Why not another opening?" in html
    more = shared.get(f"/case/{row}?opening=FIKTIV-S000003").text
    assert len(more) > len(html)
    assert shared.get("/case/0000000000000000").status_code == 404


def test_a_rejection_is_taken_after_its_cost_was_seen(browser: Browser, folder: Path) -> None:
    """The cost that is shown is the one that is kept; the log says who."""
    row = browser.rows()[0]
    assert "Choose a reason" in browser.form(f"/case/{row}", verdict="reject").text
    shown = browser.form(f"/case/{row}", verdict="reject", reason="citizen_declined")
    assert shown.status_code == 200
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        assert ledger.decisions() == ()
    browser.form(f"/case/{row}", verdict="reject", reason="citizen_declined", sure="yes")
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        (one,) = ledger.decisions()
        (noted,) = ledger.log()
    assert (one.verdict, one.reason) == ("reject", "citizen_declined")
    assert one.cost_placements is not None
    assert one.cost_fit is not None
    free = one.cost_placements == one.cost_fit == 0
    told = cost_text(Words("en"), one.cost_placements, one.cost_fit)
    assert ("It costs the plan nothing" if free else told) in shown.text
    assert told in browser.get(f"/case/{row}").text
    assert (noted.action, noted.facts["who"]) == ("decided", "local")
    assert one.citizen_id not in str(noted.facts)


@pytest.mark.parametrize(
    ("placements", "fit", "told"),
    [(0, 0, "costs nothing"), (0, 47, "costs 47 points of fit in all."), (1, 0, "1 placement."),
     (1, 1200, "costs 1 placement and 1,200 points of fit."),
     (2, -3, "costs 2 placements and leaves 3 points of fit more.")],
)  # fmt: skip
def test_what_a_rejection_costs_reads_as_a_sentence(placements: int, fit: int, told: str) -> None:
    """No "1 placements", and nothing that is not lost."""
    assert told in cost_text(Words("en"), placements, fit)


@pytest.mark.parametrize("problem", [BusyError, GoneError])
def test_a_rejection_stands_where_its_cost_cannot_be_said(
    browser: Browser, folder: Path, problem: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever took it is not told that it failed; the log says what is missing, and of nobody."""
    row, other = browser.rows()[:2]
    weeks = browser.weeks
    run = weeks.run(None).run_id
    given = {"run_id": run, "row": other, "verdict": "reject", "reason": "citizen_declined"}
    with mock.patch.object(weeks.answering, "ask", side_effect=problem("no")):
        answer = browser.form(
            f"/case/{row}", verdict="reject", reason="citizen_declined", sure="yes"
        )
        told = browser.post("/api/v1/decisions", json=given)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/case/{row}")
    assert told.json() == {"new": 1, "known": 0, "problems": []}
    assert caplog.text.count(problem.__name__) == 2
    assert "FIKTIV" not in caplog.text
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        both = ledger.decisions()
    assert [(one.verdict, one.cost_placements) for one in both] == [("reject", None)] * 2


def test_the_cost_of_a_rejection_is_kept_with_json_too_and_the_week_is_not_solved_for_it(
    browser: Browser, folder: Path
) -> None:
    """The week that is held is the one that was proposed; those without a cost get theirs, too."""
    row, other = browser.rows()[:2]
    run = browser.get("/api/v1/week").json()["run_id"]
    given = {"run_id": run, "verdict": "reject", "reason": "citizen_declined"}
    cost = browser.get(f"/api/v1/case/{row}/rejection?reason=citizen_declined").json()
    weeks = browser.weeks
    with mock.patch.object(weeks.answering, "ask", side_effect=BusyError("no")):
        browser.post("/api/v1/decisions", json={**given, "row": row})
    with mock.patch("matcher.decisions.costs.solve", side_effect=AssertionError("solved again")):
        browser.post("/api/v1/decisions", json={**given, "row": other})
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        costs = {weeks.row_of(run, one.citizen_id): (one.cost_placements, one.cost_fit)
                 for one in ledger.decisions()}  # fmt: skip
    assert costs[row] == (cost["placements"], cost["fit"])
    assert costs[other][0] is not None


def test_a_case_says_who_steps_in_and_a_rejection_names_the_next(
    browser: Browser,
) -> None:
    """With the week solved again beside it as another answer; a gone seat is nobody's."""
    weeks = Weeks(browser.settings)
    run_id = weeks.runs(1)[0].run_id
    one = weeks.document(run_id)["backups"][0]
    row, stands = (weeks.row_of(run_id, one[name]) for name in ("proposed", "citizen_id"))
    case = browser.get(f"/case/{row}").text
    assert f"/case/{stands}" in case.partition("Who steps in")[2]
    assert "The citizen stands by as number 1 for" in browser.get(f"/case/{stands}").text
    told = browser.get(f"/api/v1/case/{row}").json()["steps_in"]
    assert told[0].startswith(one["citizen_id"])
    stood = browser.get(f"/api/v1/case/{stands}").json()["stands_by"]
    assert stood.startswith("The citizen stands by as number 1 for")
    everybody = browser.get("/api/v1/backups?most=1000").json()
    assert len(everybody) == len(weeks.document(run_id)["backups"])
    assert (everybody[0]["proposed"], everybody[0]["row"], everybody[0]["rank"]) == (row, stands, 1)
    assert browser.get("/api/v1/backups?first=1&most=1").json() == everybody[1:2]
    shown = browser.form(f"/case/{row}", verdict="reject", reason="citizen_declined").text
    assert f"Next in order is {one['citizen_id']}" in shown
    assert ("gives them the seat as well" in shown) != ("is another answer" in shown)
    gone = browser.form(f"/case/{row}", verdict="reject", reason="seat_filled").text
    assert "The seat is gone" in gone
    assert "Next in order" not in gone
    assert "ask it first" in browser.form(
        f"/case/{row}", verdict="reject", reason="employer_declined"
    ).text  # fmt: skip


def test_an_acceptance_is_taken_back(browser: Browser, folder: Path) -> None:
    """It stands as waiting then; nothing is overwritten."""
    row = browser.rows()[0]
    browser.form(f"/case/{row}", verdict="accept")
    browser.form("/decide", row=row, verdict="back")
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        assert [one.verdict for one in ledger.decisions()] == ["wait"]
        assert len(ledger.decisions(history=True)) == 2


def test_the_sure_ones_go_in_one_batch_and_only_those(browser: Browser, folder: Path) -> None:
    """Close calls come first in the list, and are refused in a batch."""
    html = browser.get("/decide").text
    ticked = re.findall(r'name="row" value="(\w+)" checked', html)
    kinds = re.findall(r'class="tag (close|middle|sure)"', html)
    assert kinds == sorted(kinds, key=("close", "middle", "sure").index)
    others = [row for row in browser.rows("/decide") if row not in ticked]
    assert others
    assert browser.form("/decide", row=others[0], verdict="accept").status_code == 409
    assert browser.form("/decide", row=ticked, verdict="accept").status_code == 303
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        assert len(ledger.decisions()) == len(ticked)


def test_levers_answer_with_proof_and_go_as_a_file(shared: Browser) -> None:
    """The file is the scenario that was solved."""
    path = "/levers?on=more_mentor_hours&more_mentor_hours.hours=30"
    html = shared.get(path).text
    found = re.search(r'class="number"><b>([+-]\d+)</b>', html)
    assert found is not None
    assert int(found[1]) >= 0
    assert "proven" in html
    text = shared.get(f"{path}&as=toml").text
    assert tomllib.loads(text)["scenario"]["mine"]["use"][0]["hours"] == 30
    assert read_text(text).scenarios["mine"].parts
    same = shared.post("/api/v1/levers", json={"pulled": {"more_mentor_hours": {"hours": 30}}})
    assert same.json()["summary"][1]["difference"] == int(found[1])


def test_the_same_answers_are_given_as_json(browser: Browser) -> None:
    """A case system lists, asks why, and decides."""
    listed = browser.get("/api/v1/people?cause=proposed&most=2").json()
    assert len(listed["rows"]) == 2
    row = listed["rows"][0]["row"]
    assert browser.get(f"/api/v1/case/{row}").json()["parts"]
    run = browser.get("/api/v1/week").json()["run_id"]
    given = {"run_id": run, "row": row, "verdict": "accept"}
    assert browser.post("/api/v1/decisions", json=given).json() == {
        "new": 1, "known": 0, "problems": [],
    }  # fmt: skip
    assert browser.post("/api/v1/decisions", json={**given, "verdict": "no"}).status_code == 422
    paths = browser.get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/runs", "/api/v1/decisions", "/api/v1/levers"} <= set(paths)


AS_JSON = {
    "/": "week",
    "/people": "people",
    "/openings": "openings",
    "/case/{row}": "case/{row}",
    "/decide": "people",
    "/levers": "levers",
    "/levers/more": "levers",
    "/scarce": "scarce",
    "/scenarios": "scenarios",
    "/scenarios/{name}.toml": "scenarios/{name}",
    "/pins": "pins",
    "/target": "target",
    "/calls": "calls",
    "/curves": "curve",
    "/weeks": "became",
    "/weeks/difference": "difference",
    "/data": "check",
    "/jobs": "jobs",
    "/jobs/{name}": "jobs/{name}",
    "/jobs/{name}/events": "jobs/{name}",
    "/answers/{name}/events": "target",  # which says that it is running, as calls and curves do
}
"""Where the answer of each page is as JSON."""
WORDS_ALONE = {"/accessibility", "/healthz"}
"""Pages that hold nothing of a week."""


def test_every_page_answers_as_json_and_every_record_is_described(shared: Browser) -> None:
    """So that a page that is added is not forgotten."""
    app: Any = shared.door._app
    inner = [getattr(one, "original_router", None) for one in app.routes]
    spoken = (api.router, asking.json_router, saving.json_router, None)
    inner = [one for one in inner if all(one is not other for other in spoken)]
    assert len(inner) >= 9
    pages = {route.path for one in inner for route in one.routes if "GET" in route.methods}
    pages -= WORDS_ALONE
    assert pages == set(AS_JSON)
    told = shared.get("/api/v1/openapi.json").json()
    paths = told["paths"]
    assert {f"/api/v1/{name}" for name in AS_JSON.values()} <= set(paths)
    for path, ways in paths.items():
        for method, one in ways.items():
            right = next(code for code in one["responses"] if code.startswith("2"))
            content = one["responses"][right].get("content", {})
            assert right == "204" or content["application/json"]["schema"], (method, path)
            assert one["summary"], path


def test_what_pages_show_is_asked_for_as_json(browser: Browser, folder: Path) -> None:
    """A against B, what a rejection would cost, two runs, what became of proposals, a check."""
    there = browser.get("/api/v1/pins?b=on%3Dmore_mentor_hours").json()
    levers = browser.post("/api/v1/levers", json={"pulled": {"more_mentor_hours": {}}}).json()
    assert there["summary"][1]["difference"] == levers["summary"][1]["difference"]
    assert there["chains"]
    assert browser.get("/api/v1/pins?b=fit.floor%3D1000").status_code == 200
    wrong = browser.post("/api/v1/levers", json={"pulled": {"nothing": {}}, "policy": {"x.y": 1}})
    assert (wrong.status_code, "on=nothing, x.y=1" in wrong.json()["error"]) == (422, True)
    row = browser.rows()[0]
    cost = browser.get(f"/api/v1/case/{row}/rejection?reason=citizen_declined").json()
    html = browser.form(f"/case/{row}", verdict="reject", reason="citizen_declined").text
    assert cost["lines"][0].split(":")[0] in html
    assert cost["feasible"]
    assert browser.get(f"/api/v1/case/{row}/rejection?reason=x").status_code == 409
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        assert ledger.decisions() == ()
    browser.form(f"/case/{row}", verdict="accept")
    assert browser.get("/api/v1/became").json()["decided"] == 1
    (run,) = [one["run_id"] for one in browser.get("/api/v1/runs").json()]
    same = browser.get(f"/api/v1/difference?before={run}&after={run}").json()
    assert same["came"] == same["left"] == same["moved"] == []
    assert same["counts"]["kept"] > 0
    for path in ("/week", "/calls", "/backups", "/difference?before=x&after=y"):
        gone = browser.get(f"/api/v1{path}{'&' if '?' in path else '?'}run=none")
        assert (gone.status_code, set(gone.json())) == (404, {"error"}), path
    assert browser.get("/people?run=none").status_code == 404
    missing = browser.post("/api/v1/check", json={"source": str(folder / "none")})
    assert missing.status_code == 422


def test_hours_that_are_scarce_read_as_hours(shared: Browser) -> None:
    """Rows count minutes; people do not."""
    rows = [one for one in shared.get("/api/v1/scarce").json() if one["rule"] == "mentor_hours"]
    assert rows
    html = shared.get("/scarce").text
    for one in rows:
        used, there = (Names("en").units(one[name], "minutes") for name in ("used", "capacity"))
        assert f"{used} / {there}" in html
    assert "<li>mentor hours</li>" in shared.get("/pins?b=on%3Dmore_mentor_hours").text


def test_tables_are_checked_on_the_page(browser: Browser) -> None:
    """What is wrong is said with its row, as `check` says it; a file of another kind is refused."""
    bad = b"citizen_id;postcode\nA;8000\n"
    answer = browser.post("/data/upload", {"csrf": browser.csrf},
                          files={"file": ("citizens.csv", bad)})  # fmt: skip
    assert answer.status_code == 200
    assert "cannot be used" in answer.text
    assert "citizens.csv" in answer.text
    refused = browser.post("/data/upload", {"csrf": browser.csrf}, files={"file": ("x.exe", b"")})
    assert refused.status_code == 422
    twice = [("file", ("a.csv", b"1")), ("file", ("a.csv", b"2"))]
    for files in (twice, {"file": ("x" * 200 + ".csv", b"")}):
        refused = browser.post("/data/upload", {"csrf": browser.csrf}, files=files)
        assert refused.status_code == 422


def test_filters_are_masks_that_agree_with_the_rows() -> None:
    """By hand: three rows, two filters, one of them unknown."""
    frame = pd.DataFrame({"citizen_id": ["A", "B", "C"]})
    table = ListTable(
        frame,
        {"team": pd.Categorical(["n", "s", "n"]), "oral": pd.Categorical(["1", "1", "2"])},
        {"commute": np.array([True, False, True])},
        np.array([2, 0, 1]),
    )
    asked = {"team": "n", "stopped": "commute"}
    assert [row["citizen_id"] for row in table.rows(table.mask(asked))] == ["C", "A"]
    assert not table.mask({"team": "x"}).any()
    assert table.counts("oral", table.mask({"team": "n"})) == {"1": 1, "2": 1}
    assert [band(60 * hours) for hours in (0, 9.9, 10, 29, 30, 37)] == [
        "0-9", "0-9", "10-19", "20-29", "30-", "30-",
    ]  # fmt: skip


def test_two_runs_are_held_against_each_other(folder: Path) -> None:
    """Who came, left and moved, as the ledger has it; a planner's figures are of no few people."""
    week_in(folder, make_tables(citizens=70, openings=12))
    browser = Browser(settings_of(folder)).enter()
    found = re.search(r'href="(/weeks/difference\?[^"]+)"', browser.get("/weeks").text)
    assert found is not None
    html = browser.get(found[1].replace("&amp;", "&")).text
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        new, old = (run.run_id for run in ledger.runs())
        between = difference(ledger, old, new)
    assert between.came or between.left or between.moved
    for one in (*between.came, *(left.proposal for left in between.left)):
        assert one.citizen_id in html
    assert browser.get("/weeks/difference?before=x&after=y").status_code == 404
