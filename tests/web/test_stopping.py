"""A what-if that nobody waits for ends; what the first visitor needs is there before."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import MutableMapping
from dataclasses import replace
from threading import Event
from typing import Any
from unittest import mock

import pytest

from matcher.solve import solve
from scenarios.questions import StoppedError, difference
from scenarios.sweep.one import solve_one
from scenarios.web import preparing
from scenarios.web.pulled import pulled_of
from tests.web.conftest import HERE, Browser

PULLED = "on=more_mentor_hours&more_mentor_hours.hours=17"


def weeks_of(browser: Browser) -> Any:
    """What a workbench keeps at hand."""
    return browser.door._app.state.weeks  # type: ignore[attr-defined]


def test_a_browser_that_goes_away_ends_its_solve_within_a_second(browser: Browser) -> None:
    """The solve hears it, its place is free again, and nothing half done is kept."""
    heard: list[bool] = []

    def slow(week: Any, scenario: Any, stop: Event) -> Any:
        ends = time.monotonic() + 30
        while not stop.is_set() and time.monotonic() < ends:
            time.sleep(0.01)
        heard.append(stop.is_set())
        return mock.Mock(failed=True, proven=False, first_reason="half done")

    browser.get("/levers?on=budget_cut")  # the week as it is, solved
    cookie = "; ".join(f"{name}={value}" for name, value in browser._client.cookies.items())
    scope: dict[str, Any] = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": "/levers", "scheme": "http",
        "raw_path": b"/levers", "query_string": PULLED.encode(), "root_path": "",
        "headers": [(b"host", HERE.encode()), (b"cookie", cookie.encode())],
        "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8765),
    }  # fmt: skip

    async def ask() -> None:
        gone = asyncio.get_running_loop().time() + 0.3
        first = True

        async def receive() -> MutableMapping[str, Any]:
            nonlocal first
            if first:
                first = False
                return {"type": "http.request", "body": b"", "more_body": False}
            left = gone - asyncio.get_running_loop().time()
            if left > 0:
                await asyncio.sleep(left)
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            return

        await browser.door(scope, receive, send)

    began = time.monotonic()
    with mock.patch("scenarios.questions.asked.solve_one", slow):
        asyncio.run(ask())
    assert time.monotonic() - began < 1.3
    assert heard == [True]
    assert "half done" not in browser.get(f"/levers?{PULLED}").text


def test_the_solver_itself_stops_when_asked_to(browser: Browser) -> None:
    """Before its first step: what comes back claims no proof."""
    weeks = weeks_of(browser)
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
    weeks = weeks_of(browser)

    def once(these: Any, run_id: str) -> None:
        preparing_was(these, run_id)
        over.set()

    preparing_was = preparing.prepare
    with mock.patch.object(preparing, "prepare", once):
        preparing.keep_prepared(weeks, over)
    with mock.patch("scenarios.questions.held.solve", side_effect=AssertionError("solved again")):
        assert browser.get("/scarce").status_code == 200
        assert browser.get(f"/case/{browser.rows()[0]}").status_code == 200


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
        assert first.headers["refresh"] == f"0; url={again}"
        assert "not proven" in first.text
        last = browser.get(again)
    assert asked == [True, False]
    assert "refresh" not in last.headers
    assert "data-again" not in last.text
    assert "not proven" not in last.text
    assert "patient" not in last.text.partition('id="answer"')[2]
