"""Every route there is, asked by everybody: nobody is shown what is not theirs, or changes it."""

from __future__ import annotations

import io
import json
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matcher.clock import now
from matcher.ledger import Ledger, SavedScenario
from scenarios import make_tables
from scenarios.web import api, asking, saving
from scenarios.web.looking import OF_FEW
from tests.web.conftest import Browser, week_in

ROLES = {"planner": "plan", "caseworker": "nord"}
TEAM = "Team Nord"
LEVERS = {"policy": {"fit.floor": 380}, "pulled": {"more_mentor_hours": {}}}
PULLED = "on=more_mentor_hours"
SHUT = (403, 404)
"""Not yours, or not there: which of the two is told of no person."""
OPEN = (200, 303)
ASKED: dict[str, list[dict[str, Any]]] = {
    "GET /": [{}, {"params": {"run": "OLD"}}],
    "GET /people": [
        {}, {"params": {"as": "csv"}}, {"params": {"as": "xlsx"}}, {"params": {"team": "OTHER"}},
        {"params": {"run": "OLD", "page": "2"}},
    ],
    "GET /openings": [{}, {"params": {"as": "csv"}}, {"params": {"as": "xlsx"}}],
    "GET /weeks": [{}],
    "GET /weeks/difference": [{"params": {"before": "OLD", "after": "NEW"}}],
    "POST /language": [{"data": {"language": "en", "back": "/case/ROW"}}],
    "GET /case/{row}": [{}, {"params": {"opening": "OPENING"}}, {"params": {"run": "OLD"}}],
    "POST /case/{row}": [
        {"data": {"verdict": "accept"}}, {"data": {"verdict": "reject", "reason": "other"}},
        {"data": {"verdict": "reject", "reason": "other", "sure": "yes"}},
    ],
    "GET /decide": [{}],
    "POST /decide": [{"data": {"row": "ROW", "verdict": "accept"}},
                     {"data": {"row": "ROW", "verdict": "back"}}],
    "GET /levers": [{"params": PULLED}, {"params": f"{PULLED}&as=toml"}],
    "GET /levers/more": [{}, {"params": {"kind": "caseload"}}],
    "GET /scarce": [{}],
    "GET /scenarios": [{}],
    "POST /scenarios": [{"data": {"title": "Page of GROUPS", "q": PULLED}}],
    "GET /scenarios/{name}.toml": [{"name": "kept"}],
    "POST /scenarios/{name}/delete": [{"name": "kept"}],
    "GET /answers/{name}/events": [{"name": "0" * 32}],
    "POST /answers/{name}/stop": [{"name": "0" * 32, "data": {"back": "/calls"}}],
    "GET /target": [{"params": {"placements": "9"}},
                    {"params": {"placements": "9", "lever": "oral"}}],
    "GET /calls": [{"params": {"most": "2"}}],
    "GET /curves": [{"params": {"against": "fit"}},
                    {"params": {"against": "fit", "point": "POINT"}}],
    "GET /pins": [{"params": {"b": PULLED}}],
    "GET /data": [{}],
    "POST /data/check": [{"data": {"source": "FOLDER"}}],
    "POST /data/upload": [{"files": {"file": ("citizens.csv", b"citizen_id\nA\n")}}],
    "GET /jobs": [{}],
    "POST /jobs": [{"data": {"kind": "run", "source": "FOLDER"}}],
    "GET /jobs/{name}": [{"name": "JOB"}],
    "GET /jobs/{name}/events": [{"name": "JOB"}],
    "POST /jobs/{name}/cancel": [{"name": "JOB"}],
    "GET /healthz": [{}],
    "GET /accessibility": [{}],
    "GET /api/v1/openapi.json": [{}],
    "GET /api/v1/runs": [{}],
    "GET /api/v1/week": [{}, {"params": {"run": "OLD"}}],
    "GET /api/v1/people": [{}, {"params": {"team": "OTHER"}}, {"params": {"run": "OLD"}}],
    "GET /api/v1/openings": [{}],
    "GET /api/v1/case/{row}": [{}, {"params": {"opening": "OPENING"}}],
    "GET /api/v1/case/{row}/rejection": [{"params": {"reason": "other"}}],
    "GET /api/v1/backups": [{"params": {"most": "1000"}}],
    "POST /api/v1/decisions": [{"json": {"run_id": "NEW", "row": "ROW", "verdict": "accept"}}],
    "POST /api/v1/levers": [{"json": LEVERS}],
    "GET /api/v1/pins": [{"params": {"b": PULLED}}],
    "GET /api/v1/scarce": [{}],
    "GET /api/v1/difference": [{"params": {"before": "OLD", "after": "NEW"}}],
    "GET /api/v1/became": [{}],
    "POST /api/v1/check": [{"json": {"source": "FOLDER"}}],
    "GET /api/v1/jobs": [{}],
    "POST /api/v1/jobs": [{"json": {"kind": "run", "source": "FOLDER"}}],
    "GET /api/v1/jobs/{name}": [{"name": "JOB"}],
    "POST /api/v1/jobs/{name}/cancel": [{"name": "JOB", "json": {}}],
    "GET /api/v1/target": [{"params": {"placements": "9", "lever": "oral"}}],
    "GET /api/v1/calls": [{"params": {"most": "2"}}],
    "GET /api/v1/curve": [{"params": {"against": "fit"}}],
    "GET /api/v1/curve/{placements}": [{"params": {"against": "fit"}}],
    "GET /api/v1/scenarios": [{}],
    "POST /api/v1/scenarios": [{"json": {"title": "Data of GROUPS", "query": PULLED}}],
    "GET /api/v1/scenarios/{name}": [{"name": "kept"}],
    "DELETE /api/v1/scenarios/{name}": [{"name": "kept"}],
}  # fmt: skip
"""What every route is asked: one that is added is asked something here, or the test fails."""
COUNTED = OF_FEW | {"measures", "causes", "counts", "came", "left", "changed"}
"""What data calls numbers of people."""
OF_ONE_PERSON = {
    "GET /case/{row}", "POST /case/{row}", "POST /decide", "GET /api/v1/case/{row}",
    "GET /api/v1/case/{row}/rejection", "POST /api/v1/decisions",
}  # fmt: skip
OF_PERSONS = {"GET /decide", "GET /api/v1/people", "GET /api/v1/backups"}
OF_DATA = {
    "GET /data", "POST /data/check", "POST /data/upload", "GET /jobs", "POST /jobs",
    "GET /jobs/{name}", "GET /jobs/{name}/events", "POST /jobs/{name}/cancel", "POST /api/v1/check",
    "POST /api/v1/jobs", "GET /api/v1/jobs/{name}", "POST /api/v1/jobs/{name}/cancel",
}  # fmt: skip
OF_ANOTHER = {"POST /scenarios/{name}/delete", "DELETE /api/v1/scenarios/{name}"}
SHUT_TO = {
    "planner": OF_ONE_PERSON | OF_PERSONS | OF_DATA | OF_ANOTHER,
    "caseworker": OF_ONE_PERSON | OF_DATA | OF_ANOTHER,
}
"""Asked about somebody of another team, the tables, or what somebody else keeps."""


@dataclass
class Place:
    """A workbench behind a proxy on two weeks, and what is hidden in them."""

    browser: Browser
    filled: dict[str, str]
    """What the words in capitals above stand for."""
    hidden: dict[str, set[str]]
    """By role: ids and opaque rows of people who are not shown."""
    kept: Any = None
    """What the ledger held before anybody asked: :meth:`ledger`."""

    def ledger(self) -> Any:
        """What must not change: decisions, the log of them, jobs with their states."""
        with self.browser.weeks.ledger() as ledger:
            noted = [one.facts for one in ledger.log() if one.action == "decided"]
            jobs = {one.job_id: one.state for one in ledger.jobs()}
            return ledger.decisions(history=True), noted, jobs

    def ask(self, groups: str, route: str, said: dict[str, Any], **more: Any) -> Any:
        """Ask a route as somebody of these groups; until what takes long is there."""
        method, _, path = route.partition(" ")
        plain = json.dumps({key: value for key, value in said.items() if key != "files"})
        given = json.loads(self._fill(plain).replace("GROUPS", groups))
        name = given.pop("name", "")
        path = path.replace("{row}", self.filled["ROW"]).replace("{name}", name)
        path = path.replace("{placements}", self.filled["POINT"])
        headers = {"X-Remote-Groups": groups, **more}
        if "json" not in given and method == "POST" and not path.startswith("/api"):
            given["data"] = {**given.get("data", {}), "csrf": self.filled["CSRF"]}
        if "files" in said:
            given["files"] = said["files"]
        for _ in range(600):
            answer = self.browser.send(method, path, headers=headers, **given)
            if answer.status_code != 202 and 'data-watch="/answers' not in answer.text:
                return answer
            time.sleep(0.1)
        raise AssertionError(route)

    def _fill(self, text: str) -> str:
        for word, value in self.filled.items():
            text = re.sub(rf"\b{word}\b", value, text)
        return text


def body(answer: Any) -> str:
    """All that an answer says, its headers too; of a workbook the texts of its sheets."""
    if answer.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            text = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    else:
        text = answer.text
    return f"{text} {list(answer.headers.items())}"


@pytest.fixture(scope="module")
def place(
    _week: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Callable[..., Browser]], Place]:
    """Two weeks, a scenario that somebody else keeps, a run that the data team has started."""
    folder = Path(shutil.copytree(_week, tmp_path_factory.mktemp("routes") / "runs"))
    week_in(folder, make_tables(citizens=70, openings=12))
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        ledger.begin_job("1-ab", "run", {"source": "t"}, asked_by="bo", machine="elsewhere")
        made = SavedScenario(name="kept", title="Kept", query=PULLED, content="", run_id="",
                             made_by="bo", made_at=now())  # fmt: skip
        assert ledger.save_scenario(made)
    known: list[Place] = []

    def made_once(behind: Callable[..., Browser]) -> Place:
        if not known:
            known.append(_place(folder, behind("data", of=folder)))
        return known[0]

    return made_once


def _place(folder: Path, browser: Browser) -> Place:
    weeks = browser.weeks
    new, old = (one.run_id for one in weeks.runs(2))
    people = {}
    for run in (new, old):
        lists = weeks.lists(run)
        people |= {one: facts["unit"] for one, facts in lists.facts.items()}
    theirs = next(one for one in weeks.document(new)["proposals"] if one["unit"] != TEAM)
    rows = {one: {weeks.row_of(run, one) for run in (new, old)} for one in people}
    hidden = {
        "planner": set(people).union(*rows.values()),
        "caseworker": set().union(*({one, *rows[one]} for one in people if people[one] != TEAM)),
    }
    filled = {
        "OLD": old, "NEW": new, "ROW": weeks.row_of(new, theirs["citizen_id"]),
        "OTHER": theirs["unit"], "OPENING": theirs["opening_id"], "FOLDER": str(folder),
        "JOB": "1-ab", "POINT": str(weeks.runs(1)[0].placed), "CSRF": browser.csrf,
    }  # fmt: skip
    there = Place(browser, filled, hidden)
    there.kept = there.ledger()
    assert there.kept[2]["1-ab"] == "running"
    return there


def routes_of(browser: Browser) -> set[str]:
    """All routes of the application: method and pattern."""
    app: Any = browser.door._app
    spoken = (api.router, asking.json_router, saving.json_router)
    found = {
        f"{method.upper()} {path}"
        for path, ways in browser.get("/api/v1/openapi.json").json()["paths"].items()
        for method in ways
    }
    for one in app.routes:
        inner = getattr(one, "original_router", None)
        if inner is not None and all(inner is not other for other in spoken):
            found |= {f"{method} {route.path}" for route in inner.routes
                      for method in route.methods}  # fmt: skip
    return found | {"GET /api/v1/openapi.json"}


@pytest.mark.parametrize("role", ROLES)
def test_no_route_shows_or_changes_what_is_not_theirs(
    place: Callable[..., Place], behind: Callable[..., Browser], role: str
) -> None:
    """Shut, or without anybody who is hidden: in the body, a file of it, a header; no decision."""
    there = place(behind)
    assert routes_of(there.browser) == set(ASKED)
    wrong, numbers = [], []
    for route, asked in ASKED.items():
        for said in asked:
            answer = there.ask(ROLES[role], route, said)
            shut = route in SHUT_TO[role]
            right = SHUT if shut else (*OPEN, 201)
            if answer.status_code not in right:
                wrong.append((route, said, answer.status_code, answer.text[:200]))
            text = body(answer)
            shown = {one for one in there.hidden[role] if one in text}
            # Whoever asks by an address of their own gets it back, as the way back of a form.
            if shown - (
                {there.filled["ROW"]} if "{row}" in route or "language" in route else set()
            ):
                wrong.append((route, said, sorted(shown)[:3], ""))
            if role == "planner" and route.partition(" ")[2].startswith("/api/v1") and not shut:
                numbers += [(route, one) for one in few(answer.json())]
    assert wrong == []
    assert numbers == []
    assert there.ledger() == there.kept
    with there.browser.weeks.ledger() as ledger:
        assert "kept" in {one.name for one in ledger.scenarios()}


def few(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Counts of one to four people that stand in data."""
    if isinstance(value, dict):
        for key, one in value.items():
            inner = name if name in {"measures", "causes", "counts"} else key
            yield from few(one, inner)
    elif isinstance(value, list):
        for one in value:
            yield from few(one, name)
    elif name in COUNTED and isinstance(value, int) and 0 < value < 5:
        yield name, value


@pytest.mark.parametrize(
    ("groups", "headers", "status"),
    [("strangers", {}, 401), ("", {}, 401), ("data", {"Host": "evil.example"}, 421),
     ("data", {"X-Remote-User": ""}, 401)],
)  # fmt: skip
def test_no_route_lets_in_whoever_is_nobody(
    place: Callable[..., Place], behind: Callable[..., Browser], groups: str,
    headers: dict[str, str], status: int,
) -> None:  # fmt: skip
    """No group of the policy, no name, another host: not one route but what holds nothing."""
    there = place(behind)
    for route, asked in ASKED.items():
        answer = there.ask(groups, route, asked[0], **headers)
        alive = route == "GET /healthz" and status == 401
        assert answer.status_code == (200 if alive else status), route


def test_no_route_believes_an_address_that_is_not_named(
    place: Callable[..., Place], behind: Callable[..., Browser]
) -> None:
    """Whatever the header says of who asks."""
    there = place(behind)
    outside = behind("data", peer="10.0.0.2", of=there.browser.settings.out)
    elsewhere = Place(outside, there.filled, {})
    for route, asked in ASKED.items():
        answer = elsewhere.ask("data", route, asked[0])
        assert answer.status_code == (200 if route == "GET /healthz" else 401), route


def test_no_form_is_taken_without_its_token_from_another_site_or_as_another_kind(
    place: Callable[..., Place], behind: Callable[..., Browser]
) -> None:
    """Every route that changes something: of the data team, who may do all of it."""
    there = place(behind)
    for route in ASKED:
        method, _, path = route.partition(" ")
        if method == "GET":
            continue
        path = path.replace("{row}", there.filled["ROW"]).replace("{name}", "1-ab")
        ask = {"headers": {"X-Remote-Groups": "data"}}
        plain = {"headers": {"X-Remote-Groups": "data", "Content-Type": "text/plain"}}
        if path.startswith("/api"):
            if method == "POST":
                answer = there.browser.send(method, path, content="{}", **plain)
                assert answer.status_code == 415, route
        else:
            for token in ({}, {"csrf": "0" * 32}):
                sent = there.browser.send(method, path, data={**token, "verdict": "accept"}, **ask)
                assert sent.status_code == 403, route
        for header in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                       {"Origin": "https://evil.example"}, {"Origin": "null"}):  # fmt: skip
            said = {"headers": {**ask["headers"], **header}}
            assert there.browser.send(method, path, **said).status_code == 403, (route, header)
    assert there.ledger() == there.kept
