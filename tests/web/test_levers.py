"""Levers by hand: numbers of the policy, more of one thing, moves, new openings, kept scenarios."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from matcher.policy import load_policy, override_of
from matcher.problem import Problem
from scenarios.patch import apply, read_text
from scenarios.web import levers
from scenarios.web.pulled import not_read, pulled_of
from scenarios.web.saving import name_of
from scenarios.web.taking import meant
from tests.web.conftest import RULES, Browser

POLICY = load_policy(RULES.valid_from.replace(year=2026))
FLOOR = POLICY.fit.floor


def week_of(browser: Browser) -> Problem:
    """The newest week of a workbench."""
    weeks = browser.weeks
    problem: Problem = weeks.problem(weeks.run(None).run_id)
    return problem


def gained(html: str) -> int:
    """People more, as a page of levers says it."""
    found = re.search(r'class="number"><b>([+-]\d+)</b>', html)
    assert found is not None
    return int(found[1])


def field(html: str, name: str) -> dict[str, str]:
    """Attributes of a field of a page."""
    found = re.search(rf'<input [^>]*name="{re.escape(name)}"[^>]*>', html)
    assert found is not None, name
    return dict(re.findall(r'([a-z-]+)="([^"]*)"', found[0]))


def test_what_is_pulled_is_an_address_and_a_file() -> None:
    """Read, written and read again it is the same; what stands as it is takes no room."""
    pairs = [
        ("on", "more_mentor_hours"), ("more_mentor_hours.hours", "30"),
        ("fit.floor", str(FLOOR - 20)), ("fit.weights.commute", str(POLICY.fit.weights.commute)),
        ("money.budgets.mentors", "61000"), ("more", "budget:5000:mentors"),
        ("more", "mentor_hours:-20:P1"), ("more", "mentor_hours:20:P2"),
        ("new", "like=O%3A1&seats=3&oral=2&shifts=mon-fri+09%3A00-14%3A00"), ("new", "like=X"),
    ]  # fmt: skip
    pulled = pulled_of(pairs, POLICY, "en")
    again = pulled_of(pulled.query, POLICY, "en")
    assert again == pulled
    assert "commute" not in pulled.query
    assert len(pulled.new) == 1
    assert pulled.new[0].like == "O:1"
    assert pulled_of("", POLICY, "da").query == ""
    assert not pulled_of(
        "fit.floor=400&fit.weights.health=nan&new=seats%3D2", POLICY, "da"
    ).anything
    text = pulled.toml("eves", 'Eve\'s "own"')
    scenario = read_text(text).scenarios["eves"]
    assert scenario.title.da == 'Eve\'s "own"'
    policy = {change.keys: change.value for part in scenario.parts for change in part.policy}
    assert policy[("money", "budgets", "mentors")] == 66000
    assert policy[("fit", "floor")] == FLOOR - 20


@pytest.mark.parametrize(
    ("name", "value", "keys"),
    [
        ("fit.floor", "0", ("fit", "floor")),
        ("fit.weights.commute", "50", ("fit", "weights", "commute")),
        ("ratio_rule.first_per", "1", ("ratio_rule", "first_per")),
        ("money.budgets.wage_subsidy", "1000000", ("money", "budgets", "wage_subsidy")),
    ],
)
def test_a_number_of_the_policy_is_tried(
    shared: Browser, name: str, value: str, keys: tuple[str, ...]
) -> None:
    """The page shows what holds and starts there; the file changes that key and no other."""
    slide = field(shared.get("/levers").text, name)
    now: Any = week_of(shared).policy.model_dump(mode="json")
    for key in keys:
        now = now[key]
    assert slide["value"] == str(now)
    assert (int(slide["value"]) - int(slide["min"])) % int(slide["step"]) == 0
    most = min(int(value), int(slide["max"]))
    html = shared.get(f"/levers?{name}={value}").text
    assert field(html, name)["value"] == str(most)
    assert "proven" in html
    assert (gained(html) >= 0) or name.startswith("fit.weights")
    assert ("Fit is counted in another way" in html) is name.startswith("fit.weights")
    text = shared.get(f"/levers?{name}={value}&as=toml").text
    applied = apply(week_of(shared), read_text(text).scenarios["mine"])
    assert [change.path for change in applied.changes] == [".".join(keys)]
    same = shared.post("/api/v1/levers", json={"policy": {name: most}}).json()
    assert same["summary"][1]["difference"] == gained(html)
    assert same["proven"] is True


def test_money_of_the_year_is_a_lever_where_the_policy_has_any(shared: Browser) -> None:
    """Beside the week's own line of that name, and written to its own key."""
    year = {"money": {"year_budgets": {"mentors": 500_000}}}
    policy, asked = override_of(POLICY, year), "money.year_budgets.mentors=300000"
    assert not pulled_of(asked, POLICY, "da").anything
    pulled = pulled_of(asked, policy, "da")
    (moved,) = pulled.moved
    assert (moved.group, moved.now, moved.slide.value) == ("year", 500_000, 300_000)
    assert pulled.title("da").endswith("resten af året: 300.000")
    week = week_of(shared).replace(policy=policy)
    applied = apply(week, read_text(pulled.toml()).scenarios["mine"]).problem.policy.money
    assert applied.year_budgets == {"mentors": 300_000}
    assert applied.budgets == policy.money.budgets


def follow(browser: Browser, **asked: Any) -> str:
    """Choose what to take along, as its form does; the address of the levers it leads to."""
    answer = browser.get(f"/levers/more?{urlencode({'asked': 'yes', **asked})}")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_twenty_hours_move_from_one_pool_to_another(shared: Browser) -> None:
    """By a form, without a script: nothing is made of nothing; what is not there is said."""
    pools = week_of(shared)["mentor_pools"]
    assert len(pools) > 1
    first, second = pools["pool_id"].tolist()[:2]
    where = follow(shared, kind="mentor_hours", to=first, amount="2", **{"from": second})
    pairs = parse_qsl(urlsplit(where).query)
    assert pairs == [("more", f"mentor_hours:2:{first}"), ("more", f"mentor_hours:-2:{second}")]
    html = shared.get(where).text
    assert html.count('name="more"') == 2
    text = shared.get(f"{where}&as=toml").text
    moved = apply(week_of(shared), read_text(text).scenarios["mine"]).problem["mentor_pools"]
    assert moved["hours"].sum() == pools["hours"].sum()
    assert (
        moved.set_index("pool_id")["hours"][first] == pools.set_index("pool_id")["hours"][first] + 2
    )
    back = follow(shared, kind="mentor_hours", to=second, amount="2", q=urlsplit(where).query)
    assert parse_qsl(urlsplit(back).query) == [("more", f"mentor_hours:2:{first}")]
    far = follow(shared, kind="mentor_hours", to=first, amount="20", **{"from": second})
    assert "alert" in shared.get(far).text  # more than the pool has


def test_the_answer_alone_is_the_part_of_the_page(shared: Browser) -> None:
    """What a script asks for: the same answer, and nothing of what stands around it."""
    asked = {"on": "more_mentor_hours", "more_mentor_hours.hours": 30}
    page, part = (shared.get("/levers", params={**asked, **more}).text
                  for more in ({}, {"part": "answer"}))  # fmt: skip
    found = re.search(r'<section id="answer".*?</section>', page, re.S)
    assert found is not None
    assert found[0] == part.strip()
    assert len(part) < len(page) / 2


@pytest.mark.parametrize(("most", "opened"), [(10_000, True), (0, False)])
def test_a_long_list_of_people_is_opened_by_hand(
    shared: Browser, monkeypatch: pytest.MonkeyPatch, most: int, opened: bool
) -> None:
    """On a phone it stands before the levers."""
    monkeypatch.setattr(levers, "FEW_PEOPLE", most)
    html = shared.get("/levers", params={"on": "more_mentor_hours"}).text
    found = re.findall(r'<details data-kept="people"( open)?>', html)
    assert found == [" open" if opened else ""]


def test_two_that_change_the_same_are_told_by_their_names(shared: Browser) -> None:
    """In words of the page: no file, no line; the same as JSON."""
    query = "on=more_mentor_hours&more=budget:5000:mentors"
    html = shared.get(f"/levers?{query}").text
    told = re.search(r'<p class="alert">([^<]*)</p>', html)
    assert told is not None
    assert "More mentor hours" in told[1]
    assert "Take one of the two away" in told[1]
    assert "what-if:" not in told[1]
    assert shared.get(f"/api/v1/pins?b={quote(query)}").json()["error"] in unescape(told[1])
    assert "The mentor budget: +5000 (DKK a week)" in html


def test_what_a_later_week_does_not_have_is_told(shared: Browser) -> None:
    """A pool that is gone: no name of a table, no line of a file."""
    html = shared.get("/levers?more=mentor_hours:5:gone").text
    assert '<p class="alert">Some of what is pulled is not there in this week.' in html


def test_more_is_found_by_part_of_a_name_and_doubt_is_asked_about(shared: Browser) -> None:
    """One that is meant is taken, several are shown to choose from, none is said."""
    rows = [("A1", "Home North"), ("A2", "Home North II"), ("B", "Kitchen")]
    assert meant("kitch", rows) == [("B", "Kitchen")]
    assert meant("home north", rows) == [("A1", "Home North")]
    assert [key for key, _ in meant("home", rows)] == ["A1", "A2"]
    assert meant(" ", rows) == meant("x", rows) == []
    several = shared.get("/levers/more?asked=yes&kind=opening_seats&to=FIKTIV&amount=2").text
    links = re.findall(r'href="(/levers/more\?[^"]*to=FIKTIV-S[^"]*)"', several)
    assert links
    assert "Several are called" in several
    chosen = shared.get(links[0].replace("&amp;", "&"))
    assert chosen.headers["location"].startswith("/levers?more=opening_seats%3A2%3AFIKTIV-S")
    for wrong in ("to=nobody&amount=1", "to=wage_subsidy&amount=0", "to=wage_subsidy&amount=x"):
        answer = shared.get(f"/levers/more?asked=yes&kind=budget&{wrong}")
        assert answer.status_code == 200
        assert 'role="alert"' in answer.text, wrong
    for kind in ("opening_seats", "team_seats", "course_seats", "budget", "caseload",
                 "workplace_intake", "measure", "new"):  # fmt: skip
        assert shared.get(f"/levers/more?kind={kind}").status_code == 200


def test_a_new_opening_is_tried(shared: Browser) -> None:
    """Like one that there is, with its own seats and less Danish; the page and JSON agree."""
    opening = str(week_of(shared)["openings"]["opening_id"].iloc[0])
    where = follow(shared, kind="new", like=opening, seats="9", oral="0",
                   shifts="man-fre 09:00-14:00")  # fmt: skip
    html = shared.get(where).text
    assert gained(html) >= 0
    text = shared.get(f"{where}&as=toml").text
    after = apply(week_of(shared), read_text(text).scenarios["mine"]).problem["openings"]
    (row,) = after[after["opening_id"] == f"{opening}+1"].to_dict("records")
    assert (row["seats"], row["oral_floor"], row["shifts"]) == (9, 0, "mon-fri 09:00-14:00")
    given = {"new": [{"like": opening, "seats": 9, "oral": 0, "shifts": "mon-fri 09:00-14:00"}]}
    same = shared.post("/api/v1/levers", json=given).json()
    assert same["summary"][1]["difference"] == gained(html)
    assert (
        'role="alert"' in shared.get(f"/levers/more?asked=yes&kind=new&like={opening}&seats=0").text
    )


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"more": [{"rule": "budget", "key": "mentors", "amount": 20_000_000}]}, ""),
        ({"more": [{"rule": "budget", "key": "mentors", "amount": 6_000_000}] * 2},
         "more=budget:6000000:mentors"),
        ({"more": [{"rule": "typo", "key": "mentors", "amount": 5}]}, "more=typo:5:mentors"),
        ({"pulled": {"more_mentor_hours": {"typo": 1}}}, "more_mentor_hours.typo=1"),
        ({"pulled": {"more_mentor_hours": {"hours": 1e6}}}, "more_mentor_hours.hours=1000000"),
        ({"policy": {"fit.floor": 5000}}, "fit.floor=5000.0 (0–1000)"),
        ({"new": [{"like": "", "seats": 2}]}, "new=seats=2"),
    ],
)  # fmt: skip
def test_nothing_that_is_asked_for_as_json_is_left_out(
    shared: Browser, given: dict[str, Any], named: str
) -> None:
    """What is no lever, or does not go that far, is refused with what it was."""
    answer = shared.post("/api/v1/levers", json=given)
    assert answer.status_code == 422
    assert named in str(answer.json())


def test_an_address_given_as_data_is_read_whole(shared: Browser) -> None:
    """For A against B, and for a scenario that is kept; what the page itself says is no lever."""
    wrong = "on=inflow&on=typo&more=x:1:y"
    saved = shared.post("/api/v1/scenarios", json={"title": "Wrong", "query": wrong})
    for answer in (saved, shared.get(f"/api/v1/pins?b={quote(wrong)}")):
        assert answer.status_code == 422
        assert "on=typo, more=x:1:y" in answer.json()["error"]
    pairs = [("run", "R1"), ("on", "inflow"), ("more", "budget:-5:mentors"), ("fit.floor", "310"),
             ("new", "like=O1&seats=2")]  # fmt: skip
    assert not_read(pairs, pulled_of(pairs, POLICY, "en")) == []


def test_a_scenario_is_kept_by_a_name(browser: Browser) -> None:
    """Listed, opened again, pinned, taken along, deleted; another process sees it all the while."""
    query = "on=more_mentor_hours&more_mentor_hours.hours=30"
    title = 'Flere timer <i>"i år"</i>'
    name = "flere_timer_i_i_aar_i"
    saved = browser.form("/scenarios", title=title, q=query)
    assert (saved.status_code, saved.headers["location"]) == (303, "/scenarios")
    other = Browser(browser.settings)
    other._client.cookies.update(browser._client.cookies)
    html = other.get("/scenarios").text
    assert "<i>" not in html
    assert f'href="/levers?{query.replace("&", "&amp;")}"' in html
    assert f"/scenarios/{name}.toml" in html
    again = browser.form("/scenarios", title=title.upper(), q="on=budget_cut")
    assert again.status_code == 422
    assert "There is a scenario of that name" in again.text
    text = other.get(f"/scenarios/{name}.toml").text
    assert read_text(text).scenarios[name].title.en == title
    assert f'value="{query.replace("&", "&amp;")}"' in other.get("/pins").text
    assert other.form(f"/scenarios/{name}/delete").status_code == 303
    assert "flere_timer" not in browser.get("/scenarios").text
    assert browser.get(f"/scenarios/{name}.toml").status_code == 404
    assert browser.post("/scenarios", {"title": "x", "q": query}).status_code == 403


@pytest.mark.parametrize(
    ("title", "query"),
    [("Fine", ""), ("  ", "on=inflow"), ("?!", "on=inflow"), ("x" * 81, "on=inflow"),
     ("Inflow", "on=budget_cut"), ("010190-1234", "on=inflow"),
     ("For fiktiv-b000001", "on=inflow")],
)  # fmt: skip
def test_what_can_be_no_scenario_is_refused(shared: Browser, title: str, query: str) -> None:
    """Nothing pulled, no name, a long one, one of the library's, a CPR number (not shown), an id.

    Said in words of the page, not of a file and its lines.
    """
    answer = shared.form("/scenarios", title=title, q=query)
    assert answer.status_code == 422
    assert "1234" not in answer.text
    assert ".toml:" not in answer.text
    assert shared.get("/api/v1/scenarios").json()[0]["made_by"] == ""


def test_names_are_made_of_titles() -> None:
    """Small letters, digits and underscores, not too many."""
    assert name_of("  Ældre på Ø: 20 timer!") == "aeldre_paa_oe_20_timer"
    assert name_of("Café Ü") == "cafe_u"
    assert name_of("?") == ""
    more, fewer = name_of("Більше 2"), name_of("Менше 2")
    assert more != fewer
    assert all(re.fullmatch(r"2_[0-9a-f]{8}", one) for one in (more, fewer))
    assert re.fullmatch(r"scenario_[0-9a-f]{8}", name_of("عربي"))
    assert len(name_of("ж" + "a b " * 40)) <= 48
    assert len(name_of("a b " * 40)) <= 48


def test_scenarios_are_everybodys_and_deleted_by_who_may(
    behind: Callable[..., Browser],
) -> None:
    """A planner keeps one, another one opens it and cannot delete it, the data team can."""
    given = {"title": "Planner's", "query": "on=more_starts"}
    planner, delete = behind("plan"), "/api/v1/scenarios/planner_s"
    made = planner.post("/api/v1/scenarios", json=given)
    try:
        assert (made.status_code, made.json()["made_by"]) == (201, "eva")
        other = behind("plan")
        other._client.headers.update({"X-Remote-User": "bo"})
        assert "Planner&#39;s" in other.get("/scenarios").text
        assert "/delete" not in other.get("/scenarios").text
        assert other.get(delete).json()["query"].startswith("on=more_starts")
        assert other.send("DELETE", delete).status_code == 403
        assert "/delete" in planner.get("/scenarios").text
    finally:
        assert behind("data").send("DELETE", delete).status_code == 204
    assert planner.get(delete).status_code == 404
