"""Who is let in, and what every answer carries."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from unittest import mock

import pytest

from scenarios import make_tables
from scenarios.web import session_key
from scenarios.web.weeks import Weeks
from tests.web.conftest import RULES, Browser, settings_of, week_in

PAGES = ("/", "/people", "/openings", "/decide", "/levers", "/weeks", "/data")


def test_the_address_lets_in_once_and_its_token_leaves_the_address(folder: Path) -> None:
    """A second use, a wrong token and no token are refused; the cookie is out of reach."""
    browser = Browser(settings_of(folder))
    assert browser.get("/").status_code == 401
    assert browser.get("/enter?token=wrong").status_code == 401
    address = browser.door.address()
    answer = browser.get(address)
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert browser.get("/").status_code == 200
    browser._client.cookies.clear()
    assert browser.get(address).status_code == 401


def test_a_session_outlives_a_restart_and_ends_when_it_is_not_used(folder: Path) -> None:
    """The key is in the folder; a cookie that was changed is none."""
    settings = settings_of(folder, key=session_key(folder))
    first = Browser(settings).enter()
    second = Browser(settings_of(folder, key=session_key(folder)))
    second._client.cookies.update(first._client.cookies)
    assert second.get("/").status_code == 200
    with mock.patch("time.time", return_value=time.time() + 60 * 31):
        assert second.get("/").status_code == 401
    second._client.cookies.set("jobmatch", "00.9999999999.00")
    assert second.get("/").status_code == 401


@pytest.mark.parametrize("path", [*PAGES, "/static/web.css", "/healthz", "/nothing"])
def test_every_answer_carries_the_headers(shared: Browser, path: str) -> None:
    """No script or style from elsewhere, no frame, no copy of persons in a cache."""
    answer = shared.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert (answer.headers.get("cache-control") == "no-store") is not path.startswith("/static/")


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_inline_script_or_style_and_fetch_nothing_from_outside(
    shared: Browser, path: str
) -> None:
    """The policy would stop them; and nobody would see why."""
    html = shared.get(path).text
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", html)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", html)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:80", ""])
def test_another_host_is_not_answered(shared: Browser, host: str) -> None:
    """A name that leads to loopback from elsewhere gets nothing, not even whether it is alive."""
    assert shared.get("/healthz", headers={"Host": host}).status_code == 421


def test_a_form_without_its_token_or_from_another_site_changes_nothing(browser: Browser) -> None:
    """Whatever page it comes from."""
    row = browser.rows()[0]
    path, fields = f"/case/{row}", {"verdict": "accept"}
    assert browser.post(path, fields).status_code == 403
    assert browser.post(path, {**fields, "csrf": "0" * 32}).status_code == 403
    good = {**fields, "csrf": browser.csrf}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert browser.post(path, good, headers=headers).status_code == 403
    sent = browser.post("/api/v1/decisions", content="{}", headers={"Content-Type": "text/plain"})
    assert sent.status_code == 415
    assert browser.get("/decide").text.count("/decide") > 0
    with browser.weeks.ledger() as ledger:
        assert ledger.decisions() == ()


def test_more_than_may_be_sent_is_refused(browser: Browser) -> None:
    """Said or not said beforehand."""
    assert browser.post("/decide", {"csrf": "x" * 2_100_000}).status_code == 413
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    async def unsaid() -> AsyncIterator[bytes]:
        for _ in range(22):
            yield (b"row=" + b"x" * 200 + b"&") * 500

    assert browser.post("/decide", content=unsaid(), headers=kind).status_code == 413


def test_an_upload_may_be_as_large_as_the_policy_says(folder: Path) -> None:
    """Larger than a form, and no larger; nothing of it is kept."""
    rules = RULES.model_copy(update={"upload_megabytes": 3})
    browser = Browser(settings_of(folder, rules=rules)).enter()
    csrf = {"csrf": browser.csrf}

    def sent(size: int) -> int:
        files = {"file": ("citizens.csv", b"x" * size)}
        return browser.post("/data/upload", csrf, files=files).status_code

    assert sent(2_500_000) == 200
    kept = len(list((folder / "uploads").iterdir()))
    assert sent(3_100_000) == 413
    assert len(list((folder / "uploads").iterdir())) == kept == 1
    (file,) = (folder / "uploads").rglob("citizens.csv")
    assert file.stat().st_mode & 0o077 == 0


def test_whether_the_ledger_can_be_read_is_told_to_whoever_watches(folder: Path) -> None:
    """Without signing in; a broken one is 503, and so is its page to nobody else."""
    browser = Browser(settings_of(folder))
    assert browser.get("/healthz").json() == {"status": "ok", "runs": True}
    (folder / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    broken = browser.get("/healthz")
    assert (broken.status_code, broken.json()) == (503, {"status": "no ledger"})


def test_no_more_weeks_are_solved_at_once_than_may_be(folder: Path) -> None:
    """Whoever waits too long is told to come again, and when."""
    rules = RULES.model_copy(update={"solves": 1})
    browser = Browser(settings_of(folder, rules=rules)).enter()
    weeks = browser.weeks
    with mock.patch("scenarios.questions.answering.PATIENCE", 0.2), weeks.answering.taken():
        answer = browser.get("/api/v1/scarce")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        with mock.patch("scenarios.web.asking.SOON", 0.0):
            assert "is being worked out" in browser.get("/scarce").text  # a page waits its turn
        assert browser.get("/people").status_code == 200
    assert browser.get("/api/v1/scarce").status_code == 200


def test_a_header_is_believed_only_from_a_named_address(behind: Callable[..., Browser]) -> None:
    """Whoever reaches the port by another way is nobody, whatever they claim."""
    assert behind("data").get("/data").status_code == 200
    assert behind("data", peer="10.0.0.2").get("/").status_code == 401
    assert behind("strangers").get("/").status_code == 401
    assert behind("data").get("/enter?token=x").status_code in {401, 404}
    twice = [("X-Remote-User", "eva"), ("X-Remote-Groups", "plan"), ("X-Remote-Groups", "data")]
    answer = behind("plan").get("/data", headers=twice)
    assert (answer.status_code, "twice" in answer.text) == (400, True)


def test_what_is_open_to_anybody_fails_in_plain_words(folder: Path) -> None:
    """A file that is not there is not there, signed in or not."""
    browser = Browser(settings_of(folder))
    for path in ("/static/none.css", "/static/%2e%2e/people", "/healthz/people"):
        assert browser.get(path).status_code == 404, path


def test_a_planner_sees_no_person_and_no_small_group(behind: Callable[..., Browser]) -> None:
    """Not on a page, not as JSON, not as a file, not by an address from somebody else."""
    planner, data = behind("plan"), behind("data")
    row = data.rows()[0]
    ids = set(re.findall(r"FIKTIV-B\d+", data.get("/people").text))
    assert ids
    for path in ("/", "/people", "/people?as=csv", "/openings", "/levers", "/weeks"):
        answer = planner.get(path)
        assert answer.status_code == 200
        assert not re.search(r"FIKTIV-B\d+", answer.text), path
    for path in (f"/case/{row}", "/decide", "/data", "/api/v1/people", f"/api/v1/case/{row}"):
        assert planner.get(path).status_code in {403, 404}, path
    for row_of in planner.get("/api/v1/openings").json()["rows"]:
        assert all(
            row_of[name] in {None, 0} or row_of[name] >= 5 for name in ("filled", "possible")
        )
    # Nor is the outcome of openings that few people fill, by a filter either: full or not.
    few = {one["opening_id"]: one["cause"] for one in data.get("/api/v1/openings").json()["rows"]
           if 0 < one["filled"] < 5}  # fmt: skip
    assert {"filled"} < set(few.values())
    of_planner = {one["opening_id"]: one for one in planner.get("/api/v1/openings").json()["rows"]}
    assert {of_planner[one]["cause"] for one in few} == {""}
    for asked in ("cause=filled", "seats=all", "seats=taken", "seats=none"):
        assert planner.get(f"/api/v1/openings?{asked}").json()["count"] == 0, asked
    page = planner.get("/openings").text
    assert "not told" in page
    assert "f-seats" not in page
    assert "f-seats" in data.get("/openings").text
    levers = {"policy": {"fit.floor": 600}}
    turned = planner.post("/api/v1/levers", json=levers).json()["resources"]
    places = [one for one in turned if one["kind"] == "opening_seats"]
    assert places
    for one in (*places, *planner.get("/api/v1/scarce").json()):
        if one.get("kind", one.get("rule")) in {"opening_seats", "caseload", "team_seats"}:
            used = [one[name] for name in ("used", "used_before") if name in one]
            assert all(value in {None, 0} or value >= 5 for value in used), one
    seats = [one["used"] for one in data.post("/api/v1/levers", json=levers).json()["resources"]
             if one["kind"] == "opening_seats"]  # fmt: skip
    assert any(value in range(1, 5) for value in seats)
    shown = re.findall(r'<td class="n">(\d+)</td>', planner.get("/people").text)
    assert shown
    assert min(map(int, shown)) >= 5


def test_nobody_is_told_of_a_home_by_what_became_scarce(
    behind: Callable[..., Browser], tmp_path: Path
) -> None:
    """Planners and caseworkers compare: the row of a couple that changes is not in the answer."""
    tables = make_tables(citizens=24, openings=8)
    homes = [f"HOME{at // 2}" for at in range(24)]
    tables["citizens"] = tables["citizens"].assign(
        household_id=homes, youngest_child=2, single_provider=False, partner_can_care=False,
        care_blocks="",
    )  # fmt: skip
    tables["openings"] = tables["openings"].assign(shifts="mon-fri 15:00-19:00")
    week = week_in(tmp_path / "couples", tables)
    (file,) = week.glob("**/run.json")
    rows = json.loads(file.read_text("utf-8"))["resources"]
    assert any(one["key"].startswith("HOME") and one["binding"] for one in rows)
    levers = {"policy": {"fit.floor": 1000}}
    for groups in ("plan", "nord"):
        browser = behind(groups, of=week)
        pins = browser.get("/api/v1/pins?b=fit.floor%3D1000")
        pulled = browser.post("/api/v1/levers", json=levers)
        assert pins.json()["resources"], "nobody begins: what was taken is free"
        assert pins.status_code == pulled.status_code == 200
        for answer in (pins, pulled, browser.get("/pins?b=fit.floor%3D1000")):
            assert "HOME" not in answer.text


def test_a_caseworker_sees_their_own_teams(behind: Callable[..., Browser]) -> None:
    """Others' citizens are not there, also by an address that is known."""
    mine, data = behind("nord"), behind("data")
    teams = re.findall(r'<option value="(Team \w+)"', data.get("/people").text)
    (other, *_) = [team for team in teams if team != "Team Nord"]
    theirs = data.rows(f"/people?team={other}")
    own = data.rows("/people?team=Team Nord")
    assert theirs
    assert own
    assert set(mine.rows("/people")) == set(own)
    assert mine.get(f"/case/{theirs[0]}").status_code == 404
    assert mine.get("/data").status_code == 403


def test_a_caseworker_is_not_told_which_citizen_of_another_team_stands_by(
    behind: Callable[..., Browser],
) -> None:
    """Only whose citizen it is: that is whom to call."""
    weeks = Weeks(behind("data").settings)
    run_id = weeks.runs(1)[0].run_id
    document = weeks.document(run_id)
    unit = {one["citizen_id"]: one["unit"] for one in document["proposals"]}
    apart = [one for one in document["backups"] if one["unit"] != unit[one["proposed"]]]
    team = unit[apart[0]["proposed"]]
    mine = behind("here", caseworkers={"here": (team,)})
    theirs = [one for one in apart if unit[one["proposed"]] == team]
    assert theirs
    for one in theirs:
        case = mine.get(f"/case/{weeks.row_of(run_id, one['proposed'])}").text
        assert one["citizen_id"] not in case
        assert one["caseworker_id"] in case
        (line,) = [it for it in re.findall(r"<li>(.*?)</li>", case) if "of another team" in it
                   and one["caseworker_id"] in it and "caseworker" in it][:1]  # fmt: skip
        assert not re.search(r"fit|start", line), line
        assert "A citizen of another team" in case
    told = mine.get("/api/v1/backups?most=1000").json()
    assert all(one["proposed"] or one["row"] for one in told)
    assert not any(one["citizen_id"] in json.dumps(told) for one in theirs)
    rows = {weeks.row_of(run_id, one["citizen_id"]) for one in theirs}
    assert not any(one["row"] in rows for one in told)
    assert sum(one["row"] is None for one in told) == len(theirs)
    begins = [[one[name] for name in ("measure", "minutes", "start", "fit")] for one in told]
    assert all((None in one) == (begin["row"] is None) and one.count(None) in {0, 4}
               for one, begin in zip(begins, told, strict=True))  # fmt: skip
    assert behind("plan").get("/api/v1/backups").status_code == 403


def test_who_moves_is_named_to_their_own_team_alone(behind: Callable[..., Browser]) -> None:
    """What a rejection would do, and why not another opening: on the page and as JSON."""
    data = behind("data")
    weeks = Weeks(data.settings)
    run_id = weeks.runs(1)[0].run_id
    document = weeks.document(run_id)
    unit = {one["citizen_id"]: one["unit"] for one in (*document["proposals"],
                                                      *document["unplaced"])}  # fmt: skip
    others = [one for one in unit if unit[one] != "Team Nord"]
    mine, full = behind("nord"), {one["opening_id"] for one in document["proposals"]
                                  if one["unit"] != "Team Nord"}  # fmt: skip
    own = [one["citizen_id"] for one in document["proposals"] if one["unit"] == "Team Nord"]

    def named(one: str, rest: str) -> bool:
        """Whether the data team is told of somebody of another team; a caseworker never is."""
        path = f"/api/v1/case/{weeks.row_of(run_id, one)}{rest}"
        whole, told = (json.dumps(who.get(path).json()) for who in (data, mine))
        assert one in told
        assert not any(other in told for other in others), path
        masked = "itizen of another team" in told
        assert masked == any(other in whole for other in others)
        return masked

    assert any(named(one, "/rejection?reason=other") for one in own)
    assert any(named(one, f"?opening={there}") for one in own for there in sorted(full))


def test_the_log_names_routes_and_nobody(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither an id nor an opaque row nor what was filtered."""
    row = browser.rows()[0]
    with caplog.at_level(logging.INFO, "jobmatch.workbench"):
        browser.get(f"/case/{row}?opening=FIKTIV-S000001")
        browser.get("/people?district=Brabrand")
    assert "/case/{row} 200" in caplog.text
    assert row not in caplog.text
    assert "Brabrand" not in caplog.text


def test_pages_lie_under_the_path_a_proxy_serves(folder: Path) -> None:
    """Every address on a page begins with it, whether the proxy takes it off or not."""
    browser = Browser(settings_of(folder, root="/jobmatch"))
    answer = browser.get(browser.door.address())
    assert answer.headers["location"] == "/jobmatch/"
    assert "Path=/jobmatch/" in answer.headers["set-cookie"]
    html = browser.get("/jobmatch/people").text
    addresses = re.findall(r'(?:href|src|action)="([^"]+)"', html)
    assert all(one.startswith(("/jobmatch/", "#")) for one in addresses)
    assert browser.get("/jobmatch/static/web.css").status_code == 200
    assert browser.get("/jobmatch/api/v1/runs").status_code == 200
    assert browser.get("/jobmatch/healthz").status_code == 200
