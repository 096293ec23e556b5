"""What a planner and the data team do, told as stories: by keys alone on a phone in Danish.

The other hands, widths and languages are thorough.
"""

from __future__ import annotations

import re
from itertools import count, pairwise
from typing import Any

import pytest

from matcher.ledger import Ledger
from tests.web.browser.conftest import Come, Server
from tests.web.browser.hands import Keyboard, Pointer
from tests.web.browser.test_everybody import faults
from tests.web.browser.test_stories import Story

WAYS = (
    ("keyboard", "da", "phone"),
    *(pytest.param(one, marks=pytest.mark.thorough) for one in (
        ("keyboard", "en", "desk"), ("pointer", "en", "phone"), ("pointer", "da", "desk"),
    )),
)  # fmt: skip

_TURNS = count()


@pytest.fixture(params=WAYS, ids=lambda way: "-".join(way))
def story(request: pytest.FixtureRequest, served: Server, come: Come) -> Story:
    """Eva of the data team."""
    hand, language, size = request.param
    eva = come(served, language, size)
    return Story(eva, Keyboard(eva.page) if hand == "keyboard" else Pointer())


def chip(story: Story, key: str) -> Any:
    """A page of planning, from another one."""
    return story.who.page.locator("nav.sub").get_by_role(
        "link", name=story.who.text(key), exact=True
    )


def test_openings_are_filtered_and_taken_along(story: Story) -> None:
    """Those that are not filled; the file has the rows that the page counts."""
    eva, page = story.who, story.who.page
    eva.go("/")
    story.hand.follow(story.link(eva.text("openings")))
    page.wait_for_url("**/openings")
    every = page.locator("table.list tbody tr").count()
    field = story.field("filter_cause")
    story.hand.choose(field, field.locator("option").nth(1).inner_text().strip())
    story.hand.push(story.button(eva.text("show")))
    page.wait_for_url("**cause=*")
    rows = page.locator("table.list tbody tr").count()
    assert 0 < rows < every
    assert page.get_by_role("status").inner_text().startswith(f"{rows} ")
    with page.expect_download() as coming:
        story.hand.follow(story.link("CSV"))
    assert len(coming.value.path().read_text("utf-8-sig").splitlines()) == rows + 1


def test_employers_to_call_are_a_list_to_print(story: Story) -> None:
    """The page comes again by itself until they are found; each adds to those above it."""
    eva, page = story.who, story.who.page
    eva.go("/levers")
    story.hand.follow(chip(story, "calls"))
    page.wait_for_url("**/calls")
    page.locator("table.list tbody tr").first.wait_for()
    cells = [
        [int(re.sub(r"[^\d-]", "", one)) for one in row.locator("td.n").all_inner_texts()]
        for row in page.locator("table.list tbody tr").all()
    ]
    assert [number for number, *_ in cells] == list(range(1, len(cells) + 1))
    for above, (_, more, in_all, _) in pairwise(cells):
        assert in_all == above[2] + more
    assert faults(page) == []
    page.emulate_media(media="print")
    assert page.locator("table.list").is_visible()
    assert not page.locator("nav.sub").is_visible()


def test_a_curve_is_walked_on(story: Story) -> None:
    """Against cost, then fit; a point leads to its plan."""
    eva, page = story.who, story.who.page
    eva.go("/curves")
    story.hand.follow(story.link(eva.text("curve_fit")))
    page.wait_for_url("**against=fit")
    points = page.locator("table.list tbody a")
    points.first.wait_for()
    wanted = points.nth(1).inner_text()
    story.hand.follow(points.nth(1))
    page.locator("#h-plan").wait_for()
    assert wanted in page.locator("#h-plan").inner_text()
    assert page.locator("tr[aria-current] th").inner_text() == wanted
    assert faults(page) == []


def test_a_target_is_answered_with_levers(story: Story) -> None:
    """Two more than there are: the way, its cost, and that it is proven."""
    eva, page = story.who, story.who.page
    eva.go("/")
    wanted = int(page.locator(".number a").inner_text()) + 2
    eva.go("/target")
    story.hand.write(story.field("target_placements"), str(wanted))
    story.hand.push(story.button(eva.text("target_ask")))
    page.locator("#h-found").wait_for()
    assert eva.text("proven") in page.locator("main").inner_text()
    assert eva.text("placements_then", placements=wanted) in page.locator("main").inner_text()
    assert faults(page) == []


def test_a_target_that_takes_long_is_stopped_and_asked_again(story: Story) -> None:
    """How far it is stands on the page; stopped, nothing goes on; asked again, it is answered."""
    eva, page = story.who, story.who.page
    eva.go("/")
    now = int(page.locator(".number a").inner_text())
    turn = next(_TURNS)  # what was answered once is known
    for before in range(3):  # long questions that stand in line before it
        page.request.get(f"{eva.base}/target?placements={now + 10 + 3 * turn + before}")
    eva.go(f"/target?placements={now + 3 + turn}")
    assert eva.text("worked_out") in page.locator("main").inner_text()
    page.locator("#progress").wait_for()
    assert faults(page) == []
    beside = eva.context.new_page()  # the same person's other page hears it, and begins nothing
    beside.goto(page.url)
    beside.locator("#progress").wait_for()
    with page.expect_navigation():
        story.hand.push(story.button(eva.text("cancel")))
    beside.get_by_role("link", name=eva.text("ask_again")).wait_for()
    beside.close()
    assert eva.text("stopped") in page.locator("main").inner_text()
    assert page.locator("#progress").count() == 0
    story.hand.follow(story.link(eva.text("ask_again")))
    page.locator("#h-found").wait_for()


def test_more_of_one_thing_is_taken_kept_held_against_and_deleted(
    story: Story, served: Server
) -> None:
    """Two seats more somewhere, under a name; against the week as it is; then gone again."""
    eva, page = story.who, story.who.page
    title = f"Eva {eva.language} {page.viewport_size['width']} {type(story.hand).__name__}"
    eva.go("/levers")
    story.hand.follow(story.link(eva.text("more_title")))
    page.wait_for_url("**/levers/more*")
    story.hand.follow(story.link(eva.text("lever_opening_seats")))
    page.wait_for_url("**kind=opening_seats*")
    opening = page.locator("#m-rows option").first.get_attribute("value")
    story.hand.write(page.locator("#m-to"), opening)
    story.hand.write(page.locator("#m-amount"), "2")
    story.hand.push(page.locator("main form button").first)
    page.wait_for_url("**more=opening_seats*")
    page.locator("#answer .number").wait_for()
    story.hand.write(page.locator("#title"), title)
    story.hand.push(story.button(eva.text("scenario_save")))
    page.wait_for_url("**/scenarios")
    mine = page.locator("tbody tr", has_text=title)
    story.hand.follow(mine.get_by_role("link", name=f"{eva.text('pin_b')}: {title}"))
    page.wait_for_url("**/pins?b=*")
    assert page.locator("#h-found").is_visible()
    story.hand.follow(chip(story, "scenarios"))
    page.wait_for_url("**/scenarios")
    with page.expect_navigation():
        story.hand.push(mine.get_by_role("button"))
    assert mine.count() == 0
    with Ledger.open(served.ledger) as ledger:
        assert title not in {one.title for one in ledger.scenarios()}


def test_all_scenarios_are_solved_beside_and_stopped(story: Story, served: Server) -> None:
    """A job with its progress; stopped, it is over for everybody."""
    eva, page = story.who, story.who.page
    eva.go("/scenarios")
    story.hand.push(story.button(eva.text("sweep_start")))
    page.wait_for_url("**/jobs/*")
    job = eva.path.rpartition("/")[2]
    with page.expect_navigation():
        story.hand.push(story.button(eva.text("cancel")))
    page.get_by_text(eva.text("state_cancelled")).first.wait_for()
    with Ledger.open(served.ledger) as ledger:
        found = ledger.job(job)
    assert found is not None
    assert found.state == "cancelled"
    assert faults(page) == []
    eva.go("/data")
    assert page.locator("tbody tr").count() >= 1


def test_tables_are_checked_with_every_issue(story: Story, served: Server) -> None:
    """Tables with a column too few: what is missing stands there, row by row."""
    eva, page = story.who, story.who.page
    folder = served.folder / f"bad-{eva.language}-{page.viewport_size['width']}"
    folder.mkdir(exist_ok=True)
    (folder / "citizens.csv").write_text("citizen_id;postcode\nA;8000\nB;\n", "utf-8")
    eva.go("/data")
    story.hand.write(story.field("source"), str(folder))
    with page.expect_navigation():
        story.hand.push(story.button(eva.text("check_now")))
    assert eva.text("unusable") in page.get_by_role("status").inner_text()
    assert page.locator("#found tbody tr").count() > 2
