"""Every page for everybody: axe, narrow windows, enlarged text, still pages, both languages."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import psutil
import pytest

from matcher.texts import Language
from scenarios.web.rendering import NAVIGATION
from tests.volume import daily
from tests.web.browser.conftest import Come, Server

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
                                          "best-practice"]},
    "resultTypes": ["violations"],
}  # fmt: skip
PICTURES = os.environ.get("JOBMATCH_SCREENSHOTS")
"""Folder that pictures of the pages are put into, for somebody to look at."""
PAGES = (
    *(path for _, path in NAVIGATION if path != "/levers"), "/levers?on=more_mentor_hours",
    "/levers/more", "/scenarios", "/pins?b=on%3Dmore_mentor_hours", "/target", "/accessibility",
    "/nothing-here",
)  # fmt: skip
"""A page of each kind."""
MORE_PAGES = (
    "/levers", "/people?cause=proposed", "/openings?cause=filled", "/levers/more?kind=new",
    "/levers?fit.floor=380&more=budget:5000:mentors&new=like%3DFIKTIV-S000001%26seats%3D2",
)  # fmt: skip
"""Others of the same kinds."""
TOO_WIDE = """() => {
  const most = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= most) return [];
  return [...document.querySelectorAll("main *, header *, footer *")]
    .filter(one => one.getBoundingClientRect().right > most + 1)
    .filter(one => !one.closest(".scroll, svg, pre"))
    .map(one => one.outerHTML.slice(0, 120));
}"""
MOVES = """() => [...document.querySelectorAll("*")].filter(one => {
  const s = getComputedStyle(one);
  return parseFloat(s.transitionDuration) > 0 || parseFloat(s.animationDuration) > 0
    || s.scrollBehavior === "smooth";
}).length"""


def faults(page: Any) -> list[str]:
    """What axe finds on a page."""
    api = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python"
    )
    found = api.Axe().run(page, options=RULES).response
    return [
        f"{one['id']}: {one['help']}: {json.dumps([node['html'] for node in one['nodes']][:3])}"
        for one in found["violations"]
    ]


def test_no_word_of_a_page_is_too_wide(served: Server, come: Come) -> None:
    """At 320 px, which is 400 %: Danish words are long, and no page is tried in it below."""
    anna = come(served, "da", "zoomed", reduced_motion="reduce")
    for path in ("/", "/people", "/openings", "/decide", "/scarce", "/weeks", "/data", "/levers",
                 "/target", "/scenarios", "/accessibility"):  # fmt: skip
        anna.go(path)
        assert anna.page.evaluate(TOO_WIDE) == [], path


@pytest.mark.parametrize(
    ("language", "pages"),
    daily(1, [("en", PAGES), ("en", MORE_PAGES), ("da", (*PAGES, *MORE_PAGES))]),
    ids=["en", "en more", "da"],
)
def test_axe_finds_nothing_on_any_page_and_none_is_too_wide(
    served: Server, come: Come, language: Language, pages: tuple[str, ...]
) -> None:
    """At the desk, on a phone, and at 400 %: a case and a rejection as well."""
    anna = come(served, language, reduced_motion="reduce")
    anna.go("/people?cause=proposed")
    case = anna.page.locator("table.list tbody a").first.get_attribute("href")
    found: dict[str, Any] = {}
    for path in (*pages, case):
        anna.page.set_viewport_size({"width": 1280, "height": 900})
        anna.go(path)
        assert anna.page.locator("html").get_attribute("lang") == language
        found[path] = []
        assert anna.page.evaluate(MOVES) == 0
        for width in (1280, 390, 320):
            anna.page.set_viewport_size({"width": width, "height": 800})
            found[path] += anna.page.evaluate(TOO_WIDE)
            if PICTURES is not None and width != 320:
                name = path.strip("/").replace("/", "-").partition("?")[0] or "week"
                file = Path(PICTURES) / f"{name}-{language}-{width}.png"
                anna.page.screenshot(path=file, full_page=True)
        found[path] += faults(anna.page)
    assert {path: those for path, those in found.items() if those} == {}
    anna.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input>')")
    assert any("label" in one for one in faults(anna.page))
    heard = psutil.Process(served.process.pid).net_connections("tcp")
    assert {one.laddr.ip for one in heard if one.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
    log = (served.folder / "server.log").read_text("utf-8")
    assert "GET / 200" in log
    assert "GET /static/page.css 200" in log
    assert "token" not in log
    assert case.rpartition("/")[2] not in log


@pytest.mark.parametrize(
    "pages", daily(1, ["/people /data", "/ /levers"]), ids=["theirs", "everybody's"]
)
def test_a_planner_has_pages_for_everybody_too(
    behind_a_proxy: Server, come: Come, pages: str
) -> None:
    """Figures alone; what is not theirs is said in a page like the others."""
    planner = come(behind_a_proxy, "da", groups="plan")
    for path in pages.split():
        planner.go(path)
        assert faults(planner.page) == [], path
