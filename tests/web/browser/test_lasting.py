"""What outlives what: a run its page and its server, a decision the one who was slower."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from matcher.ledger import Ledger
from scenarios.population import Population, write
from tests.web.browser.conftest import Come, Server
from tests.web.browser.hands import Keyboard

DROP = """(form, text) => {
  const data = new DataTransfer();
  data.items.add(new File([text], "citizens.csv", { type: "text/csv" }));
  form.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true,
                                             cancelable: true }));
}"""


def test_a_run_outlives_its_page_and_its_server(tmp_path: Path, come: Come) -> None:
    """Started by the page of data; the page goes, the server is killed; the next one has the week.

    All of it by the keyboard: check, hand in, run, watch, stop.
    """
    tables = write(tmp_path / "tables", Population(citizens=50, openings=10))
    folder = tmp_path / "runs"
    folder.mkdir()
    server = Server(folder, (tables,)).start()  # with no run yet, it begins with one
    try:
        eva = come(server)
        page: Any = eva.page
        eva.go("/")
        assert re.fullmatch(r"/jobs/[\w-]+", eva.path)
        job = eva.path
        page.close()
        server.kill()
        with Ledger.open(server.ledger) as ledger:
            (under_way,) = ledger.jobs()
        assert under_way.state == "running"
        server.start()
        eva.page = page = eva.context.new_page()
        keys = Keyboard(page)
        eva.go(job)  # the session outlives the server as well
        page.get_by_role("link", name=eva.text("open_week")).wait_for()
        assert page.locator("#progress dd").count() == 3
        keys.follow(page.get_by_role("link", name=eva.text("open_week")))
        page.wait_for_url("**/")
        assert eva.heading() == eva.text("week")

        eva.go("/data")
        keys.write(page.get_by_label(eva.text("source")), tables)
        with page.expect_navigation():
            keys.push(page.get_by_role("button", name=eva.text("check_now"), exact=True))
        assert eva.text("usable") in page.get_by_role("status").inner_text()
        form = page.locator("form[data-drop]")
        form.evaluate(DROP, "citizen_id;postcode\nA;8000\nB;\n")
        with page.expect_navigation():
            keys.push(page.get_by_role("button", name=eva.text("upload")))
        assert eva.text("unusable") in page.get_by_role("status").inner_text()
        assert "citizens.csv" in page.locator("#found tbody").inner_text()

        eva.go("/data")
        keys.write(page.get_by_label(eva.text("source")), tables)
        with page.expect_navigation():
            keys.push(page.get_by_role("button", name=eva.text("run_start"), exact=True))
        began = time.monotonic()
        keys.push(page.get_by_role("button", name=eva.text("cancel")))
        page.get_by_text(eva.text("state_cancelled")).first.wait_for()
        assert time.monotonic() - began < 5  # the stop itself is held to a second elsewhere
        with Ledger.open(server.ledger) as ledger:
            assert [one.state for one in ledger.jobs()] == ["cancelled", "done"]
            assert len(ledger.runs()) == 1
    finally:
        server.stop()


def test_two_who_decide_on_one_case(behind_a_proxy: Server, come: Come) -> None:
    """The slower one is told, and nothing is changed before they have seen what was decided."""
    eva, bo = (come(behind_a_proxy, "en", groups="data", name=name) for name in ("eva", "bo"))
    eva.go("/people?cause=proposed")
    case = eva.page.locator("table.list tbody a").first.get_attribute("href")
    for one in (eva, bo):
        one.go(case)
    with bo.page.expect_navigation():
        bo.page.locator("button[value=accept]").click()
    assert "Accepted" in bo.page.locator("main").inner_text()
    with eva.page.expect_navigation():
        eva.page.locator("button[value=wait]").click()
    assert eva.text("meanwhile") in eva.page.get_by_role("alert").inner_text()
    with Ledger.open(behind_a_proxy.ledger) as ledger:
        assert [one.verdict for one in ledger.decisions()] == ["accept"]
    with eva.page.expect_navigation():
        eva.page.locator("button[value=wait]").click()
    with Ledger.open(behind_a_proxy.ledger) as ledger:
        assert [one.verdict for one in ledger.decisions(history=True)] == ["accept", "wait"]
        noted = [one.facts["who"] for one in ledger.log() if one.action == "decided"]
    assert noted == ["bo", "eva"]


def test_roles_see_what_is_theirs(behind_a_proxy: Server, come: Come) -> None:
    """A planner no person, a caseworker their team; and both of them their pages."""
    planner = come(behind_a_proxy, "da", groups="plan", name="pia")
    planner.go("/people")
    assert "FIKTIV-B" not in planner.page.content()
    assert planner.page.get_by_role("link", name=planner.text("decide"), exact=True).count() == 0
    worker = come(behind_a_proxy, "da", groups="nord", name="kim")
    worker.go("/people")
    teams = worker.page.locator("table.list tbody tr td:nth-child(4)").all_inner_texts()
    assert set(teams) == {"Team Nord"}
    answer = worker.page.request.get(f"{worker.base}/data")
    assert answer.status == 403
    told = worker.page.request.get(f"{worker.base}/api/v1/runs")
    assert json.loads(told.text())[0]["made_up"] in {True, False}
