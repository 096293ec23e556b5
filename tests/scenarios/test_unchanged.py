"""A scenario that changes nothing says why; what a selection took in is told; a tie is a tie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.problem import Problem
from matcher.records import Caseworker, MentorPool
from scenarios.compare import compare
from scenarios.exports import write_comparison
from scenarios.outcome import Outcome, RecordedChange
from scenarios.page import comparison_html, selected_line, why_unchanged, words_of
from scenarios.page.answer import MOST_ASKED, asked
from scenarios.page.sections import MOST_BARS, MOST_COSTS, cost, effect
from scenarios.patch import apply, read_text
from scenarios.sweep import run
from tests.scenarios.made_outcomes import named, outcome
from tests.weeks import citizen, opening, policy, week, workplace

FILE = """
[scenario.caseworker]
title = "One more caseworker"
[[scenario.caseworker.change]]
table = "caseworkers"
rows = [{ caseworker_id = "new", capacity = 5 }]

[scenario.mentors]
title = "More mentors"
[[scenario.mentors.change]]
table = "mentor_pools"
add = { hours = 10 }

[scenario.same]
title = "As it is"
[[scenario.same.change]]
table = "workplaces"
where = { name = { starts = "Home 1" } }
set = { ordinary_staff = 20 }

[scenario.wait]
title = "Wait"
policy.travel.full_points_minutes = 14

[scenario.seat]
title = "A seat"
[[scenario.seat.change]]
table = "openings"
where = { workplace_id = { name = { starts = "Home 12" } } }
add = { seats = 1 }

[scenario.people]
title = "Citizens"
[[scenario.people.change]]
table = "citizens"
where = { category = "activity_ready" }
take = 1
set = { has_bicycle = true }
"""
WHY = {
    "caseworker": (
        "The new caseworker follows up no citizen of this week: give them citizens.",
        "Den nye sagsbehandler følger ingen af ugens borgere op: giv vedkommende borgere.",
    ),
    "mentors": (
        "Nothing of what is changed had run out: mentor hours.",
        "Intet af det, der ændres, var brugt op: mentortimer.",
    ),
    "same": (
        "There is nothing to change in this week: tables and rules are so already, or it is about"
        " other weeks.",
        "Der er intet at ændre i denne uge: tabeller og regler er allerede sådan, eller det"
        " gælder andre uger.",
    ),
}


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Two citizens for two seats; homes 1 to 12, of which one has an opening."""
    homes = [workplace(f"W{at}", name=f"Home {at}") for at in range(1, 13)]
    made = week(
        [citizen("C1", mentor_hours=1, caseworker_id="s1"), citizen("C2", caseworker_id="s1")],
        [opening("O1", workplace_id="W12", seats=2, title="Helper")],
        homes,
        mentor_pools=[MentorPool(pool_id="p1", hours=20)],
        caseworkers=[Caseworker(caseworker_id="s1", capacity=5)],
    )
    return made.replace(policy=policy())


@pytest.fixture(scope="module")
def outcomes(problem: Problem) -> list[Outcome]:
    return run(problem, list(read_text(FILE, "my.toml").all_scenarios()), workers=1)


@pytest.mark.parametrize("name", WHY)
def test_a_scenario_that_changes_nothing_says_why(name: str, outcomes: list[Outcome]) -> None:
    (one,) = [outcome for outcome in outcomes if outcome.name == name]
    for language, sentence in zip(("en", "da"), WHY[name], strict=True):
        assert why_unchanged(outcomes[0], one, words_of(language)) == sentence


def test_a_resource_that_had_run_out_is_not_called_plenty() -> None:
    """One of two pools had run out, and more hours change nothing: another limit comes first."""
    words, same = words_of("en"), {0: "O1", 1: "O2"}
    base = outcome("base", same, binding=["P1"])
    hours = RecordedChange("mentor_pools.hours", "10", "11.7")
    more = outcome("more", same, pool=700, changes=(hours,))
    assert why_unchanged(base, more, words) == (
        "Of what is changed (mentor hours), 1 had run out, but whoever waits there is stopped by"
        " something else first."
    )
    floor = outcome("floor", same, changes=(RecordedChange("fit.floor", "400", "399"),))
    assert why_unchanged(base, floor, words) == (
        "What is changed (fit.floor) decides no place this week: the same plan is still the best."
    )
    moved = outcome("moved", {0: "O1", 1: "O1"}, pool=700, changes=(hours,))
    assert why_unchanged(base, moved, words) == why_unchanged(base, base, words) == ""


def test_the_reason_is_on_the_page_and_in_json(outcomes: list[Outcome], tmp_path: Path) -> None:
    for language, title in (
        ("en", "“More mentors” changes no proposal. "),
        ("da", "»More mentors« ændrer intet forslag. "),
    ):
        write_comparison(outcomes, tmp_path / language, language=language)
        page = (tmp_path / language / "report.html").read_text("utf-8")
        assert title + WHY["mentors"][language == "da"] in page
    document = json.loads((tmp_path / "en" / "comparison.json").read_text("utf-8"))
    assert document["unchanged"]["caseworker"] == dict(
        zip(("en", "da"), WHY["caseworker"], strict=True)
    )
    assert document["selected"]["same"][0]["matched"] == 4


def test_a_selection_says_how_many_rows_it_took_in_and_their_names(problem: Problem) -> None:
    """`Home 1` begins the names of four homes."""
    scenarios = {one.name: one for one in read_text(FILE, "my.toml").all_scenarios()}
    words = words_of("en")

    def told(name: str) -> list[str]:
        return [
            selected_line(one.to_dict(), words) for one in apply(problem, scenarios[name]).selected
        ]

    assert told("same") == ["workplaces: 4 rows match: Home 1, Home 10, Home 11, Home 12"]
    assert told("seat") == ["workplaces: 1 row matches: Home 12", "openings: 1 row matches: Helper"]
    # Persons are counted and not named.
    assert told("people") == ["citizens: 2 rows match; 1 of them drawn"]
    assert told("mentors") == []


def test_many_names_are_cut(problem: Problem) -> None:
    text = FILE.replace('starts = "Home 1"', 'starts = "Home"')
    scenario = read_text(text, "my.toml").scenario("same")
    (found,) = apply(problem, scenario).selected
    assert selected_line(found.to_dict(), words_of("da")) == (
        "arbejdspladser: 12 rækker passer: Home 1, Home 2, Home 3, Home 4, Home 5, og 7 til"
    )


def test_what_was_asked_by_name_is_always_told() -> None:
    """Thirty scenarios, of which ten do nothing, and a sweep: all thirty by name.

    Those that do something have a bar and a cost; the others are in one sentence with the reason.
    """
    same = {0: "O1"}
    more = {0: "O1", 1: "O1"}
    titles = [f"Scenario {at:02d}" for at in range(30)]
    alone = [
        outcome(f"s{at}", same if at < 10 else more, titles=named(title, title))
        for at, title in enumerate(titles)
    ]
    swept = [
        outcome(f"g{at}", same, family="g", sweep="grid", parameters={"hours": at},
                titles=named(f"Point {at}", f"Punkt {at}"))
        for at in range(30)
    ]  # fmt: skip
    comparison = compare([outcome("base", same), *alone, *swept])
    assert len(titles) > max(MOST_ASKED, MOST_BARS, MOST_COSTS)
    words = words_of("en")
    lines = asked(comparison, (), words)["lines"]
    bars, costs = effect(comparison, words), cost(comparison, words)
    assert bars is not None
    assert costs is not None
    for at, title in enumerate(titles):
        assert title in lines
        assert (title in [row["label"] for row in bars["rows"]]) == (at >= 10)
        assert (title in [row["name"] for row in costs["rows"]]) == (at >= 10)
        assert (f"“{title}”" in bars["same"]) == (at < 10)
    assert bars["same"].count("change no proposal.") == 1
    assert len(bars["rows"]) < 60
    page = comparison_html(comparison, words)
    # The answer stands before the questions written out.
    assert page.index('id="answer"') < page.index("Scenario 29")


def test_a_tie_is_called_one_and_zeros_are_not_shown() -> None:
    base = outcome("base", {0: "O1"})
    first, second = (
        outcome(name, {0: "O1"}, titles=named(name, name)) for name in ("First", "Second")
    )
    page = comparison_html(compare([base, first, second]), words_of("en"))
    assert "“First” and “Second” give equally many placements." in page
    assert "changes nobody&#39;s proposal, so no group gains or loses." in page
    gains = [
        outcome(name, {0: "O1", 1: "O1"}, titles=named(name, name)) for name in ("First", "Second")
    ]
    page = comparison_html(compare([base, *gains]), words_of("da"))
    assert "»First« og »Second« giver lige mange placeringer." in page
    assert "Grupperne er dem for »First«" in page
