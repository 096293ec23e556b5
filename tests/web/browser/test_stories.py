"""What a person does, told as stories: pointed at on a phone in English, by keys in Danish."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from matcher.ledger import Ledger
from tests.volume import daily
from tests.web.browser.conftest import Come, Person, Server
from tests.web.browser.hands import Hand, Keyboard, Pointer


@dataclass
class Story:
    """Somebody with a way to work pages."""

    who: Person
    hand: Hand

    def link(self, name: str) -> Any:
        """The first link of that name."""
        return self.who.page.get_by_role("link", name=name, exact=True).first

    def button(self, name: str) -> Any:
        """The first button of that name."""
        return self.who.page.get_by_role("button", name=name, exact=True).first

    def field(self, key: str) -> Any:
        """The field with a label of the workbench."""
        return self.who.page.get_by_label(self.who.text(key), exact=True).first


def worked(*hands: str) -> Any:
    """A story told with each hand, every time with the first of them."""
    return pytest.mark.parametrize("story", daily(1, hands), indirect=True)


@pytest.fixture
def story(request: pytest.FixtureRequest, served: Server, come: Come) -> Iterator[Story]:
    """Eva of the data team."""
    if request.param == "pointer":
        yield Story(come(served, "en", "phone"), Pointer())
    else:
        eva = come(served, "da", "desk")
        yield Story(eva, Keyboard(eva.page))


@worked("pointer", "keyboard")
def test_the_week_leads_to_the_lists_behind_its_numbers(story: Story) -> None:
    """The figure that stands there is the length of the list."""
    eva, page = story.who, story.who.page
    eva.go("/")
    number = page.locator(".number a")
    count = number.inner_text()
    story.hand.follow(number)
    page.wait_for_url("**/people?cause=proposed")
    assert page.get_by_role("status").inner_text().startswith(count)
    story.hand.follow(story.link(eva.text("week")))
    page.wait_for_url("**/")
    lacked = page.locator("#h-scarce ~ table a, section[aria-labelledby=h-scarce] td a").first
    count = lacked.inner_text()
    story.hand.follow(lacked)
    page.wait_for_url("**stopped=lack*")
    assert page.get_by_role("status").inner_text().startswith(count)


@worked("keyboard", "pointer")
def test_people_are_filtered_sent_on_and_taken_along(story: Story) -> None:
    """Three choices; the address is the view; the file has exactly its rows."""
    eva, page = story.who, story.who.page
    eva.go("/people")
    for key in ("filter_oral", "filter_district"):
        field = story.field(key)
        names = [one.strip() for one in field.locator("option").all_inner_texts()]
        story.hand.choose(field, names[3])
    story.hand.choose(story.field("filter_cause"), story.field("filter_cause")
                      .locator("option").nth(2).inner_text().strip())  # fmt: skip
    story.hand.push(story.button(eva.text("show")))
    page.wait_for_url("**cause=*")
    shown = page.get_by_role("status").inner_text()
    rows = page.locator("table.list tbody tr").count()
    assert int(re.match(r"\d+", shown)[0]) == rows  # type: ignore[index]
    page.reload()
    assert page.get_by_role("status").inner_text() == shown
    with page.expect_download() as coming:
        story.hand.follow(story.link("CSV"))
    text = coming.value.path().read_text("utf-8-sig")
    assert len(text.splitlines()) == rows + 1
    story.hand.follow(story.link(eva.text("clear")))
    page.wait_for_url("**/people")


@worked("pointer", "keyboard")
def test_a_case_says_why_and_why_not_another_opening(story: Story) -> None:
    """Its reasons, and of any opening what stands in the way."""
    eva, page = story.who, story.who.page
    eva.go("/people?cause=proposed")
    story.hand.follow(page.locator("table.list tbody a").first)
    page.wait_for_url("**/case/*")
    sections = page.locator("main section h2").count()
    assert sections >= 3
    names = [one.strip() for one in story.field("opening").locator("option").all_inner_texts()]
    story.hand.choose(story.field("opening"), names[2])
    story.hand.push(story.button(eva.text("ask")))
    page.wait_for_url("**opening=*")
    assert page.locator("main section li").count() > 3


@worked("keyboard", "pointer")
def test_decisions_show_their_cost_first_and_are_taken_back(story: Story, served: Server) -> None:
    """Accept, look at a rejection and keep, reject, undo; each a row of the ledger."""
    eva, page, hand = story.who, story.who.page, story.hand
    with Ledger.open(served.ledger) as ledger:
        before = len(ledger.decisions(history=True))
    eva.go("/decide")
    row = page.locator("table.list tbody tr").first
    citizen = row.locator("th a").inner_text()
    with page.expect_navigation():
        hand.push(row.locator("button[value=accept]"))
    row = page.locator("table.list tbody tr").first
    assert row.locator("th a").inner_text() != citizen
    other = row.locator("th a").inner_text()
    hand.follow(row.locator("td a"))
    page.wait_for_url("**/case/**")
    reasons = [one.strip() for one in page.locator("#reason option").all_inner_texts()]
    hand.choose(page.locator("#reason"), reasons[1])
    hand.push(story.button(eva.text("reject_look")))
    page.get_by_text(eva.text("consequence")).wait_for()
    hand.follow(page.get_by_role("link", name=eva.text("reject_keep")))
    page.locator("#reason").wait_for()
    hand.choose(page.locator("#reason"), reasons[1])
    hand.push(story.button(eva.text("reject_look")))
    page.get_by_text(eva.text("consequence")).wait_for()
    hand.push(story.button(eva.text("reject_take")))
    page.get_by_text(eva.text("take_back_note")).wait_for()
    with page.expect_navigation():
        hand.push(story.button(eva.text("take_back")))
    assert eva.path == "/decide"
    with Ledger.open(served.ledger) as ledger:
        taken = [(one.citizen_id, one.verdict) for one in ledger.decisions(history=True)][before:]
    assert taken == [(citizen, "accept"), (other, "reject"), (other, "wait")]


@worked("pointer", "keyboard")
def test_a_lever_changes_the_plan_under_the_hand(story: Story) -> None:
    """Without another page: the answer comes, is announced, and stands in the address."""
    eva, page = story.who, story.who.page
    eva.go("/levers")
    answer = page.locator("#answer")
    assert eva.text("no_lever") in answer.inner_text()
    slide = page.locator("input[type=range][name^=more_mentor_hours]").first
    at = slide.input_value()
    story.hand.slide(slide, 3)
    page.locator("#answer .number").wait_for()
    assert page.locator("[aria-live=polite] .number").count() == 1
    assert eva.text("proven") in answer.inner_text()
    assert slide.input_value() != at
    page.wait_for_function("location.search.includes('on=more_mentor_hours')")
    # What a hand has opened and written stands when the next answer comes.
    page.locator("#title").fill("Mere mentor")
    story.hand.push(page.locator("[data-kept=changes] summary"))
    assert page.locator("[data-kept=changes] li").first.is_visible()
    where = eva.page.url
    story.hand.slide(slide, -2)
    page.wait_for_function("was => location.href !== was", arg=where)
    assert page.locator("#title").input_value() == "Mere mentor"
    assert page.locator("[data-kept=changes] li").first.is_visible()
    told = page.locator("#answer .number").inner_text()
    page.reload()
    assert page.locator("#answer .number").inner_text() == told


@worked("keyboard", "pointer")
def test_what_is_scarce_and_how_the_weeks_went(story: Story) -> None:
    """Exact gains of more, five of it taken along, and the runs with what became of them."""
    eva, page = story.who, story.who.page
    eva.go("/")
    story.hand.follow(story.link(eva.text("scarce")))
    page.wait_for_url("**/scarce")
    page.locator("table.list tbody tr").first.wait_for()
    story.hand.follow(page.locator("a", has_text=eva.text("take_so_many", more=5)).first)
    page.wait_for_url("**/levers?*more=*")
    assert page.locator("input[name=more]").is_checked()
    assert page.locator("#answer .number").is_visible()
    story.hand.follow(story.link(eva.text("weeks")))
    page.wait_for_url("**/weeks")
    story.hand.follow(page.locator("table.list tbody th a").first)
    page.wait_for_url("**run=*")
    assert eva.heading() == eva.text("week")
