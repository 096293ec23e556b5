"""A what-if that nobody waits for ends; what the first visitor needs is there before."""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import re
import time
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any
from unittest import mock
from urllib.parse import quote

import pytest

from matcher.erasure import forget
from matcher.ledger import Ledger, purge
from matcher.solve import solve
from scenarios.questions import StoppedError, difference
from scenarios.sweep.one import solve_one
from scenarios.web import preparing
from scenarios.web.pulled import pulled_of
from tests.questions.test_answering import until
from tests.volume import daily
from tests.web.conftest import HERE, Browser

PULLED = "on=more_mentor_hours&more_mentor_hours.hours=17"


@pytest.mark.parametrize(
    ("method", "path", "query", "given"),
    daily(
        2,
        [
            ("GET", "/levers", PULLED, ""),
            ("POST", "/api/v1/levers", "", '{"pulled": {"more_mentor_hours": {"hours": 17}}}'),
            ("GET", "/pins", f"b={quote(PULLED)}", ""),
            ("GET", "/api/v1/pins", f"b={quote(PULLED)}", ""),
        ],
    ),
)
def test_a_browser_that_goes_away_ends_its_solve_within_a_second(
    browser: Browser, method: str, path: str, query: str, given: str
) -> None:
    """The solve hears it, its place is free again, and nothing half done is kept."""
    heard: list[bool] = []
    left: list[float] = []
    solving = Event()

    def slow(week: Any, scenario: Any, stop: Event) -> Any:
        solving.set()
        ends = time.monotonic() + 30
        while not stop.is_set() and time.monotonic() < ends:
            time.sleep(0.01)
        heard.append(stop.is_set())
        return mock.Mock(failed=True, proven=False, first_reason="half done")

    browser.get("/levers?on=budget_cut")  # the week as it is, solved
    cookie = "; ".join(f"{name}={value}" for name, value in browser._client.cookies.items())
    scope: dict[str, Any] = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "scheme": "http",
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", HERE.encode()), (b"cookie", cookie.encode()),
                    (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8765),
    }  # fmt: skip

    async def ask() -> None:
        first = True

        async def receive() -> MutableMapping[str, Any]:
            nonlocal first
            if first:
                first = False
                return {"type": "http.request", "body": given.encode(), "more_body": False}
            while not solving.is_set():
                await asyncio.sleep(0.01)
            left.append(time.monotonic())
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            return

        await browser.door(scope, receive, send)

    with mock.patch("scenarios.questions.asked.solve_one", slow):
        asyncio.run(asyncio.wait_for(ask(), 60))
    assert time.monotonic() - left[0] < 1
    assert heard == [True]
    assert "half done" not in browser.get(f"/levers?{PULLED}").text


def test_the_solver_itself_stops_when_asked_to(browser: Browser) -> None:
    """Before its first step: what comes back claims no proof."""
    weeks = browser.weeks
    run = weeks.run(None).run_id
    stopped = Event()
    stopped.set()
    plan = solve(weeks.problem(run), cancel=stopped).plan
    assert not plan.proven
    pulled = pulled_of("on=more_follow_up", weeks.policy(run), "en")
    with pytest.raises(StoppedError):
        weeks.ask(run, difference, "", pulled.toml(), stop=stopped)
    assert not isinstance(weeks.ask(run, difference, "", pulled.toml()), str)


def test_the_newest_run_is_prepared(browser: Browser) -> None:
    """Lists, the solved week and what is scarce: a page finds them, and solves nothing."""
    over = Event()
    weeks = browser.weeks

    def once(these: Any, run_id: str) -> None:
        preparing_was(these, run_id)
        over.set()

    preparing_was = preparing.prepare
    with mock.patch.object(preparing, "prepare", once):
        preparing.keep_prepared(weeks, over)
    with mock.patch("scenarios.questions.held.solve", side_effect=AssertionError("solved again")):
        assert browser.get("/scarce").status_code == 200
        assert browser.get(f"/case/{browser.rows()[0]}").status_code == 200


def test_who_is_forgotten_is_in_no_answer_and_in_no_memory(browser: Browser, folder: Path) -> None:
    """What a solved week says stops at once; then the week itself goes, and what waited for it."""
    weeks = browser.weeks
    holder = weeks.answering.holders[0]
    run_id = weeks.run(None).run_id
    citizen = weeks.document(run_id)["proposals"][0]["citizen_id"]
    assert browser.get(f"/pins?b={quote(PULLED)}").text.count("FIKTIV-B")
    until(lambda: browser.get("/api/v1/calls?most=1").status_code == 200)
    assert not weeks.let_changed_go()
    assert holder.holds
    assert weeks._answers
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        forget(ledger, citizen)
    for path in (f"/levers?{PULLED}", f"/pins?b={quote(PULLED)}"):
        assert "have been forgotten" in browser.get(path).text, path
    pulled = {"pulled": {"more_mentor_hours": {"hours": 17}}}
    assert browser.post("/api/v1/levers", json=pulled).status_code == 422
    until(lambda: browser.get("/api/v1/calls?most=1").status_code == 422)
    assert not holder.holds
    assert citizen not in browser.get("/people").text
    assert weeks.let_changed_go()
    assert not weeks._answers
    assert not weeks.later._found
    assert not any(kept._found for kept in (weeks._documents, weeks._lists, weeks._problems))
    assert not weeks.let_changed_go()


def test_tables_that_are_purged_leave_the_memory(browser: Browser, folder: Path) -> None:
    """The pages say so; nobody need ask for that week once more."""
    weeks = browser.weeks
    assert "FIKTIV-B" in browser.get(f"/pins?b={quote(PULLED)}").text
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        run = ledger.runs()[0]
        retention = ledger.policy(run.run_id).retention
        purge(ledger, ledger.policy(run.run_id),
              run.day + dt.timedelta(weeks=retention.input_weeks, days=1))  # fmt: skip
    assert weeks.let_changed_go()
    assert not weeks.answering.holders[0].holds
    assert not weeks._answers


def test_a_plan_whose_proof_takes_long_is_shown_before_it(browser: Browser) -> None:
    """With a script and without one the page goes on by itself to the answer that stays."""
    asked: list[bool] = []

    def slow(week: Any, scenario: Any, over: Any) -> Any:
        over.is_set()
        asked.append(over.came)
        found = solve_one(week, scenario)
        return replace(found, status="feasible", reason="so far") if over.came else found

    with mock.patch("scenarios.questions.asked.solve_one", slow):
        with mock.patch("scenarios.questions.asked.SOON", -1.0):
            first = browser.get(f"/levers?{PULLED}")
        found = re.search(r'data-again="([^"]+)"', first.text)
        assert found is not None
        again = html.unescape(found[1])
        # Where there is a script, nothing takes the page away under somebody's hand.
        assert "refresh" not in first.headers
        assert f'<noscript><meta http-equiv="refresh" content="0; url={found[1]}">' in first.text
        assert "not proven" in first.text
        last = browser.get(again)
    assert asked == [True, False]
    assert "http-equiv" not in last.text
    assert "data-again" not in last.text
    assert "not proven" not in last.text
    assert "patient" not in last.text.partition('id="answer"')[2]
