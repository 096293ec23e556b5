"""Pages that ask for something: a target, calls to make, a curve to walk on."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any
from unittest import mock
from urllib.parse import quote, unquote

import pytest

from matcher.texts import Message
from scenarios.patch import read_text
from scenarios.questions import BusyError, GoneError, PlaceInLine, StoppedError
from scenarios.web.later import MOST, Answered, Later
from scenarios.web.pins import chains_of
from tests.volume import daily
from tests.web.conftest import Browser
from tests.web.test_pages import Outline


def until(browser: Browser, path: str) -> Any:
    """Ask for a page again until it is worked out, as a browser does by itself."""
    for _ in range(600):
        answer = browser.get(path)
        assert answer.status_code in {200, 202}, answer.text
        if "data-watch" not in answer.text and answer.status_code == 200:
            return answer
        time.sleep(0.2)
    raise AssertionError(path)


PATHS = ("/target?placements=12", "/calls?most=2", "/curves?against=fit&point=10")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_that_asks_has_headings_landmarks_and_named_fields(
    shared: Browser, path: str
) -> None:
    """Before it is worked out, and after; in both languages."""
    for html in (shared.get(path).text, until(shared, path).text):
        page = Outline(html)
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
        assert len(page.ids) == len(set(page.ids))
        assert all(field.get("id") in page.labelled for field in page.fields)


def test_a_target_is_the_same_on_the_page_and_as_json(shared: Browser) -> None:
    """With its cost and every lever; what it reaches is the levered week's."""
    found = until(shared, "/api/v1/target?placements=12").json()
    html = until(shared, "/target?placements=12").text
    best = found["best"]
    assert found["reached"]
    assert best["placements"] >= 12 > found["base"]
    assert f"<b>{best['cost']:,}</b>" in html
    assert html.count("<li>") >= len({pull["lever"] for pull in best["pulls"]})
    assert shared.get("/api/v1/target").status_code == 422
    assert "one of the two" in shared.get("/target?placements=1&money=1").text


def test_a_planner_asks_for_no_lever_on_somebody(behind: Callable[..., Browser]) -> None:
    """Neither by the page nor by an address that names one; a person is nowhere."""
    planner = behind("plan")
    for path in ("/target?placements=12", "/target?placements=12&lever=oral&lever=paper"):
        html = until(planner, path).text
        assert 'value="oral"' not in html
        assert "FIKTIV-B" not in html
    found = until(planner, "/api/v1/target?placements=12&lever=oral").json()
    assert not {"oral", "commute", "paper:hygiene"} & set(found["levers"])


def test_calls_are_counted_on_top_of_one_another(shared: Browser) -> None:
    """The last one's sum is what all of them reach."""
    found = until(shared, "/api/v1/calls?most=2").json()
    html = until(shared, "/calls?most=2").text
    assert found["calls"]
    sums = [found["base"]]
    for call in found["calls"]:
        sums.append(sums[-1] + call["placements"])
        assert call["in_all"] == sums[-1]
        assert call["opening_id"] in html
    assert found["placements"] >= sums[-1]


def test_no_label_of_a_curve_stands_on_its_line(shared: Browser) -> None:
    """What more placements cost rises: the first label is below its point, the last above it."""
    shown = until(shared, "/curves").text
    heights = [float(y) for y in re.findall(r'<circle cx="[^"]+" cy="([^"]+)"', shown)]
    first, last = (float(y) for y in re.findall(r'<text x="[^"]+" y="([^"]+)"', shown))
    assert last < heights[-1] < heights[0] < first


def test_a_point_of_a_curve_leads_to_its_plan(shared: Browser) -> None:
    """Every point of the picture and of the table; the plan places as many."""
    html = until(shared, "/curves?against=fit").text
    points = sorted(set(map(int, re.findall(r"/curves\?against=fit&amp;point=(\d+)", html))))
    assert len(points) > 2
    shown = until(shared, f"/curves?against=fit&point={points[1]}").text
    # The chosen point, and no other that is no end, says what it is; the week's plan is marked.
    labels = re.findall(r'<text [^>]*class="chosen">(\d+) placements: ', shown)
    assert labels == [str(points[1])]
    assert shown.count("<title>The week&#39;s plan</title>") == 1
    shown = until(shared, f"/curves?against=fit&point={points[0]}").text
    assert f"The plan with {points[0]} placements" in shown
    assert "The plan with" not in until(shared, "/curves?against=fit&point=999").text
    curve = until(shared, "/api/v1/curve?against=fit").json()
    assert curve["points"]["placements"] == points
    plan = until(shared, f"/api/v1/curve/{points[0]}?against=fit").json()
    assert plan["placements"] == points[0]
    assert sum(plan["measures"].values()) == points[0]
    assert shared.get("/api/v1/curve/999?against=fit").status_code == 404


@pytest.mark.parametrize(
    "path", daily(1, ["/calls?most=3", "/target?placements=12", "/curves?against=fit"])
)
def test_what_could_not_be_asked_is_told_once_and_tried_again(browser: Browser, path: str) -> None:
    """A page that asks by itself hears of it and ends; whoever tries again is answered."""
    weeks = browser.weeks
    with mock.patch.object(
        weeks.answering, "ask", side_effect=GoneError(Message("web.gone"))
    ) as asked:
        assert "ended unexpectedly" in until(browser, path).text
    assert asked.call_count == 1
    assert "ended unexpectedly" not in until(browser, path).text


@pytest.mark.parametrize(
    "path", daily(1, ["/target?placements=13", "/calls?most=4", "/curves?against=cost"])
)
def test_what_is_worked_out_says_how_far_it_is_and_is_stopped(browser: Browser, path: str) -> None:
    """It ends at once, and is not asked again before somebody says so."""
    ended = threading.Event()

    def slow(asked: Any, wanted: Callable[[], bool], tell: Callable[[int, int], None]) -> None:
        tell(1, 3)
        while wanted():
            time.sleep(0.01)
        ended.set()

    with mock.patch.object(browser.weeks.answering.holders[0], "answer", side_effect=slow) as asked:
        for _ in range(100):
            html = browser.get(path).text
            if 'max="3" value="1"' in html:
                break
            time.sleep(0.02)
        (watched,) = re.findall(r'data-watch="(/answers/\w+/events)"', html)
        itself = re.findall(r'data-itself="([^"]+)"', html)[0].replace("&amp;", "&")
        (work,) = browser.weeks.later._under_way.values()
        (mine,) = work.wanted
        watching = browser.weeks.later.under_way(watched.split("/")[2], mine)
        assert watching.far == (1, 3)
        gone = browser.post(watched.replace("events", "stop"), {"csrf": browser.csrf, "back": path})
        assert ended.wait(1.0)
        html = browser.get(gone.headers["location"]).text
        assert "It was stopped." in html
        assert "It was stopped." in browser.get(itself).text, "another page, which asks by itself"
        assert asked.call_count == 1
    (again,) = re.findall(r'<a href="([^"]+)">Ask again', html)
    assert again.replace("&amp;", "&") == path
    assert "It was stopped." not in until(browser, path).text


def test_what_another_user_waits_for_goes_on() -> None:
    """Only when nobody wants it any more is it stopped; who asks then begins it anew."""
    later, made = Later(), []

    def make(stop: threading.Event, tell: Callable[[int, int], None]) -> str:
        made.append(stop)
        assert stop.wait(10)
        raise StoppedError(Message("web.stopped"))

    first = later.ask("target", 1, make, "eva")
    assert later.ask("target", 1, make, "ole").name == first.name
    assert later.stop(first.name, "eva")
    assert later.under_way(first.name, "ole") is not None
    assert later.under_way(first.name, "eva") is None
    told = later.ask("target", 1, make, "eva", by_itself=True)
    assert (told.stopped, told.others) == (True, True)
    assert not later.stop(first.name, "ole")
    assert made[0].is_set()
    told = later.ask("target", 1, make, "ole", by_itself=True)
    assert (told.stopped, told.others, len(made)) == (True, False, 1)
    assert not later.ask("target", 1, make, "eva").stopped
    assert len(made) == 2
    assert later.ask("target", 1, make, "ole", by_itself=True).stopped
    assert not later.stop(first.name, "eva")


def test_two_without_a_name_are_two_who_wait(browser: Browser) -> None:
    """Each browser that was let in wants its own answer, takes its own turn, and stops its own."""
    other = Browser(browser.settings).enter()
    with mock.patch.object(Later, "ask", return_value=Answered(True, problem="x")) as asked:
        for one in (browser, other, browser):
            assert one.get("/calls").status_code == 200
    first, second, again = (call.args[3] for call in asked.call_args_list)
    assert first == again != second


def test_nobody_has_more_than_a_few_questions_under_way() -> None:
    """Whoever asks for more is told to come again; others ask as before."""
    later, goes_on = Later(), threading.Event()

    def make(stop: threading.Event, tell: Callable[[int, int], None]) -> bool:
        return goes_on.wait(10)

    for number in range(MOST):
        assert not later.ask("target", number, make, "eva").done
    with pytest.raises(BusyError):
        later.ask("target", MOST, make, "eva")
    assert not later.ask("target", 0, make, "eva").done
    assert not later.ask("target", MOST, make, "ole").done
    goes_on.set()
    assert later.ask("target", 0, make, "eva", seconds=10).done


def test_a_page_that_waits_its_turn_says_for_what(browser: Browser) -> None:
    """What is worked on, for how long, and who comes before; not said aloud each second."""
    line = PlaceInLine((("employers_to_call", 40),), 2)
    with mock.patch.object(browser.weeks.answering, "line", return_value=line), \
            browser.weeks.answering.taken():  # fmt: skip
        html = browser.get("/target?placements=14").text
    (aloud,) = re.findall(r'role="status" id="said">([^<]*)<', html)
    assert "waits for its turn" in aloud
    assert "40" not in aloud
    assert "Employers to call" in html.partition("data-watch")[2]
    assert "40 seconds so far" in html
    assert "2 others come before it" in html
    until(browser, "/target?placements=14")


def test_a_plan_of_a_curve_that_could_not_be_asked_says_so(browser: Browser) -> None:
    """The curve stays."""
    weeks = browser.weeks
    html = until(browser, "/curves?against=fit").text
    point = re.findall(r"point=(\d+)", html)[0]
    with mock.patch.object(weeks.answering, "ask", side_effect=GoneError(Message("web.gone"))):
        told = until(browser, f"/curves?against=fit&point={point}").text
    assert "ended unexpectedly" in told
    assert "<svg" in told
    assert "ended unexpectedly" not in until(browser, f"/curves?against=fit&point={point}").text


def test_five_of_what_is_scarce_are_taken_into_the_scenario(shared: Browser) -> None:
    """What the levers then gain is what the strip said; the file that is taken along runs it."""
    html = until(shared, "/scarce").text
    links = re.findall(r'href="(/levers\?more=[^"]+)"[^>]*>take 5<', html)
    gains = shared.get("/api/v1/scarce").json()
    assert links
    # Which course or class it is stands there, though it has no name of its own.
    about = re.findall(r'<th scope="row">[^<]+<br><span class="quiet small">([^<]*)</span>', html)
    assert len(about) == len(gains)
    assert any(not one["about"] for one in gains)
    assert all(about)
    for link in links[:2]:
        rule, amount, key = unquote(link).partition("more=")[2].split(":", 2)
        row = next(one for one in gains if (one["rule"], one["key"]) == (rule, key))
        (five,) = [one["placements"] for one in row["gains"] if one["more"] == 5]
        shown = shared.get(link.replace("&amp;", "&")).text
        assert f"<b>{five:+d}</b>" in shown
        text = shared.get(f"{link}&as=toml").text
        assert amount in text
        assert "mine" in read_text(text).scenarios
    twice = shared.get(f"{links[0]}&more={quote('nonsense:5:x')}&more=opening_seats:x:y").text
    assert twice.count('name="more"') == 1


def test_a_against_b_tells_only_what_differs(
    shared: Browser, behind: Callable[..., Browser]
) -> None:
    """The other way round it is the other sign; the same twice differs in nothing; no person."""
    there = shared.get("/pins?b=on%3Dmore_mentor_hours").text
    found = re.search(r"<b>([+-]\d+)</b>", there)
    assert found is not None
    gained = int(found[1])
    assert gained > 0
    assert "FIKTIV-B" in there
    assert f"<b>{-gained:+d}</b>" in shared.get("/pins?a=on%3Dmore_mentor_hours").text
    same = shared.get("/pins?a=on%3Dmore_mentor_hours&b=on%3Dmore_mentor_hours").text
    assert "<b>+0</b>" in same
    assert "FIKTIV-B" not in same
    assert "FIKTIV-B" not in behind("plan").get("/pins?b=on%3Dmore_mentor_hours").text
    page = Outline(there)
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))


def test_two_that_differ_in_how_far_alone_are_told_apart(shared: Browser) -> None:
    """What stands above A and B says how far each is pulled."""
    a, b = (f"on=more_mentor_hours&more_mentor_hours.hours={hours}" for hours in (30, 40))
    html = shared.get("/pins", params={"a": a, "b": b}).text
    assert re.findall(r"<h2>[AB]: ([^<]*)</h2>", html) == [
        "More mentor hours (30)", "More mentor hours (40)",
    ]  # fmt: skip


def test_a_chain_goes_from_seat_to_seat() -> None:
    """Each takes what the next leaves; a ring is a chain, too; everybody stands in one."""

    def one(who: str, before: str | None, after: str | None) -> dict[str, Any]:
        return {"citizen_id": who, "from_opening": before, "to_opening": after}

    people = [one("C1", None, "O1"), one("C2", "O1", "O2"), one("C3", "O2", None),
              one("C4", "O5", "O6"), one("C5", "O6", "O5"), one("C6", None, "O9")]  # fmt: skip
    told = [[person["citizen_id"] for person in chain] for chain in chains_of(people)]
    assert told == [["C1", "C2", "C3"], ["C4", "C5"], ["C6"]]
