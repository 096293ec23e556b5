"""A citizen's card: facts, sentences in both languages, and a letter without anybody else in it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from matcher.again import Resolver
from matcher.cli.explaining import bottleneck_table
from matcher.explain import Bottleneck, Gain, bottlenecks, lever_gains, margins, unlocking
from matcher.explain.citizen_explanation import CitizenExplanation, explain_one
from matcher.explain.citizen_sentences import citizen_parts
from matcher.explain.counterfactuals import person_levers
from matcher.explain.margins import Alternative, triage
from matcher.explain.parts import Part
from matcher.explain.telling import Telling
from matcher.explain.why_not import Seat
from matcher.offers import Weighed
from matcher.problem import Problem
from matcher.records import Course, Forbid, MentorPool
from matcher.rules import RULES, Language
from matcher.solve import solve
from matcher.texts import catalogue
from tests.explain.replay import SEEDS, small_week, solved_week
from tests.volume import daily
from tests.weeks import citizen, opening, policy, team, week, workplace

BOTH: tuple[Language, Language] = ("en", "da")


def told(problem: Problem, who: str = "C1", where: str | None = None) -> CitizenExplanation:
    return explain_one(Resolver(solve(problem)), who, where)


def lines(parts: tuple[Part, ...]) -> list[str]:
    return [line for part in parts for line in (part.heading, *part.lines) if line]


@cache
def found(
    seed: int,
) -> tuple[tuple[CitizenExplanation, ...], tuple[Bottleneck, ...], tuple[Gain, ...]]:
    """All that can be found about some citizens of a week, and about the whole of it."""
    resolver = Resolver(solved_week(seed))
    problem = small_week(seed)
    openings = problem["openings"]["opening_id"].tolist()
    cards = tuple(
        explain_one(resolver, who, openings[at % len(openings)], alternatives=1, pairs=False)
        for at, who in enumerate(problem["citizens"]["citizen_id"].tolist()[:4])
    )
    gains = lever_gains(resolver, unlocking(resolver, pairs=False))
    return cards, tuple(bottlenecks(resolver, steps=(1,), most=2)), tuple(gains)


@cache
def everything(seed: int, language: Language) -> str:
    """All that is found about a week, in words."""
    cards, scarce, gains = found(seed)
    say = Telling(small_week(seed), language)
    said: list[str] = []
    for one in cards:
        said += lines(citizen_parts(one, say))
    said.append(bottleneck_table(scarce, say))
    said += [say.lever_gain(gain) for gain in gains]
    return "\n".join(said)


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("seed", daily(1, SEEDS[:2]))
def test_everything_can_be_said(seed: int, language: Language) -> None:
    """No hole is left, and no sentence is that of the other language."""
    text = everything(seed, language)
    assert not re.search(r"[{}]|None(?! of)|\(\)", text)
    assert ("Without it" in text or "None of the changes" in text) == (language == "en")


def test_every_rule_has_a_topic() -> None:
    """Also health and papers, which share one."""
    say = Telling(week(), "da")
    assert all(say.topic(rule) for rule in RULES)


def test_every_lever_can_be_named() -> None:
    say = Telling(week(), "en")
    for name in person_levers(say.policy):
        assert say.named_lever(name)
    assert set(say.policy.unlocking.costs) == {
        key.partition(".")[2]
        for key in catalogue("en")
        if key.startswith("lever.") and not key.endswith("_one")
    }


def test_why_this_one_holds_fit_against_the_most_to_be_had() -> None:
    """C1 wishes for kitchens (9412) but only O1, cleaning, has a seat beside the locked C2.

    At O2 his wish would give 1000 points, at O1 550 (9112 and 9412 share the 9).
    """
    problem = week(
        [citizen("C1", wishes=("9412",)), citizen("C2", capacity_hours=40, wishes=("9412",))],
        [opening("O1"), opening("O2", isco="9412")],
        forbids=[Forbid(citizen_id="C2", opening_id="O1")],
    )
    one = told(problem)
    assert one.status == "proposed"
    assert one.this is not None
    assert one.this.placement.opening_id == "O1"
    wish = next(part for part in one.this.components if part.reason.component == "occupation")
    assert (wish.reason.points, wish.most) == (250, 1000)
    assert one.this.best_opening == "O2"
    assert one.this.best_fit > one.this.placement.fit
    assert one.this.possible == 2
    assert one.this.law.measure == "ordinary"
    measure = problem.policy.measures["ordinary"]
    assert one.this.law.source == measure.source
    assert (one.this.law.english, one.this.law.danish) == (measure.law_english, measure.law_danish)
    assert one.this.margin.cost == (1, one.this.placement.fit)
    text = lines(citizen_parts(one, Telling(problem, "en")))
    assert text[0] == "C1: proposed O1"
    assert (
        f"Fit {one.this.placement.fit} of 1,000; the best to be had among 2 possible openings is"
        f" {one.this.best_fit}: O2"
    ) in text
    assert (
        "Sure (the plan loses a placement, or at least 300 points of fit). Without it the best plan"
        " leaves the citizen without a place; that costs 1 placement"
        f" and {one.this.placement.fit} points of fit."
    ) in text
    assert "Hours a week within reach: 37 hours (at least 10 hours)" in text
    assert "Way to work: 20 minutes (at most 90 minutes)" in text


def test_supports_say_which_gap_they_close() -> None:
    """A class for a level, a mentor for the hours the workplace lacks, a course for a paper."""
    problem = week(
        [citizen("C1", oral=2, mentor_hours=3)],
        [opening("O1", oral_floor=3, mentor_hours=1, papers=("hygiene",))],
        teams=[team("L1", seats=1, blocks="mon 16:00-18:00", postcode="8000")],
        mentor_pools=[MentorPool(pool_id="P1", hours=4)],
        courses=[Course(course_id="K1", paper="hygiene", seats=1, ready_on="2026-12-01")],
    )
    text = lines(citizen_parts(told(problem), Telling(problem, "en")))
    assert (
        "Danish class L1 closes the gap: spoken A1+, the job asks for A2 (Prøve i Dansk 1)" in text
    )
    assert (
        "Mentor P1 gives 2 hours a week; 3 hours are needed, the workplace itself gives 1 hour"
        in text
    )
    assert "Course K1 gives the food hygiene certificate by 2026-12-01" in text


def test_a_chain_is_told_from_the_citizen_to_its_end() -> None:
    """C2 takes O1 from C1, who goes to O2, from where C3 is displaced."""
    problem = week(
        [citizen("C1", wishes=("9112",)), citizen("C2", wishes=("5321",), refusals=("9412",)),
         citizen("C3", wishes=("9412",), refusals=("9112",))],
        [opening("O1"), opening("O2", isco="9412")],
    )  # fmt: skip
    one = told(problem, "C2", "O1")
    assert one.not_that is not None
    text = Telling(problem, "en").why_not(one.not_that)
    assert text[0].startswith("O1 is possible (ordinary hours, fit ")
    assert (
        text[1:3] == ["Full in the plan: a seat at O1.", "Then 2 proposals change:"]
        or text[2] == "Then 3 proposals change:"
    )
    assert "C2 gets O1" in text
    assert any(line.startswith("C1 ") and line.endswith("to C2") for line in text)


def test_triage_sorts_by_what_the_plan_loses() -> None:
    """A placement lost is sure, whatever the fit."""
    (one,) = margins(Resolver(solve(week())))
    assert one.cost is not None
    assert one.cost[0] == 1
    assert triage(one, 10, 100) == "sure"
    assert triage(replace(one, cost=(0, 10)), 10, 100) == "close"
    assert triage(replace(one, cost=(0, 11)), 10, 100) == "middle"
    assert triage(replace(one, cost=(0, 100)), 10, 100) == "sure"
    assert triage(replace(one, cost=None), 10, 100) == "locked"


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        ((0, 0), "costs nothing: a plan just as good"),
        ((0, 1), "costs 1 point of fit in all"),
        ((0, 1200), "costs 1,200 points of fit in all"),
        ((1, 30), "costs 1 placement and 30 points of fit"),
        ((2, -30), "costs 2 placements and leaves 30 points of fit more"),
        ((1, 0), "costs 1 placement"),
    ],
)
def test_a_cost_in_words(cost: tuple[int, int], text: str) -> None:
    say = Telling(week(), "en")
    assert say.cost(cost) == text
    assert say.cost(cost, proven=False) == f"{text}, at most"


def test_rules_that_compared_nothing_are_only_counted() -> None:
    say = Telling(week(), "en")
    rules = (
        Weighed("commute", 20, 90, holds=True),
        Weighed("health_lift", 0, 3, holds=True),
        Weighed("paper_hygiene", 0, 740_000, holds=True),
        Weighed("sector", 1, 1, holds=True),
        Weighed("early_transport", 1440, 315, holds=True),
    )
    assert say.weighed(rules) == ["Way to work: 20 minutes (at most 90 minutes)",
                                  "All 5 rules hold."]  # fmt: skip


def test_what_is_too_little_for_anybody_is_no_lock() -> None:
    """The workplace receives nobody this week: no lock stands against O1, and none is told."""
    problem = week([citizen()], workplaces=[workplace(intake_per_week=0)])
    one = told(problem, "C1", "O1")
    assert one.not_that is not None
    assert one.not_that.verdict == "short"
    assert one.not_that.full == (("workplace_intake", "W1"),)
    assert Telling(problem, "en").why_not(one.not_that) == [
        "O1 is possible by the rules, but there is too little in all: a start this week at W1."
    ]


def test_a_bound_of_nothing_is_not_told_as_a_plan_just_as_good() -> None:
    say = Telling(week(), "en")
    one = Alternative(Seat("O1", "ordinary", 700), (0, 0), proven=False, at_least=True)
    assert say.alternative(one).endswith("what it costs is not worked out")
    assert say.alternative(replace(one, cost=(0, 7))).endswith(
        "costs 7 points of fit in all, at least"
    )


def test_the_table_of_bottlenecks_marks_what_is_not_proven_or_not_tried() -> None:
    """A tilde where the limit came first, ``5+`` where more than the largest step was not tried."""
    exact = Gain(1, 1, 1, 700, True, ("C1",), ())
    open_ = Gain(5, 2, 2, 900, False, ("C1", "C2"), ())
    one = Bottleneck("opening_seats", "O1", 1, 2, 2, 1.0, 700.0, (exact, open_), None, open_)
    week = small_week(SEEDS[0])
    table = bottleneck_table((one,), Telling(week, "en"))
    assert "+1 / +700" in table
    assert "~+2 / +900" in table
    assert "5+: all of +5 is put to use; more was not tried" in table
    assert "~ At least so many placements: the limit came before the proof." in table
    assert (
        Telling(week, "en").gain(open_)
        == "2 more placements (+900 points of fit) (or more; not proven)"
    )
    known = replace(one, gains=(exact, replace(open_, proven=True)), enough=4)
    table = bottleneck_table((known,), Telling(week, "da"))
    assert "+4" in table
    assert "~" not in table
    assert "5+" not in table


def test_every_measure_has_a_law_that_a_letter_can_name() -> None:
    """In both languages, without an address of a page or a note to the policy's keepers."""
    for measure in policy().measures.values():
        for text in (measure.law_english, measure.law_danish):
            assert text
            assert not re.search(r"\.dk|\.com|DKK|\d{4}", text)
        assert measure.law_danish != measure.law_english


@pytest.mark.parametrize("language", BOTH)
def test_a_card_names_the_law_in_its_own_language(language: Language) -> None:
    """In English with the policy's own notes beside it."""
    problem = week([citizen("C1")], [opening("O1")], [workplace("W1")])
    one = told(problem)
    assert one.this is not None
    law = one.this.law
    card_text = " ".join(lines(citizen_parts(one, Telling(problem, language))))
    assert (law.danish if language == "da" else law.english) in card_text
    assert (law.source in card_text) == (language == "en")


@pytest.mark.parametrize(
    ("lever", "amount", "english", "danish"),
    [
        ("oral", 1, "1 level more of spoken Danish", "1 niveau mere i mundtligt dansk"),
        ("oral", 2, "2 levels more of spoken Danish", "2 niveauer mere i mundtligt dansk"),
        ("day_hours", 2, "2 hours more a day", "2 timer mere om dagen"),
        ("hours", 1, "1 hour more a week", "1 time mere om ugen"),
        ("commute", 1, "1 minute longer way to work", "1 minut længere vej til arbejde"),
        ("team_seats", 1, "one more seat in Danish class X", "én plads mere på danskhold X"),
        ("team_seats", 3, "3 more seats in Danish class X", "3 pladser mere på danskhold X"),
        ("mentor_hours", 2, "2 more mentor hours in X", "2 mentortimer mere i X"),
        (
            "budget",
            1000,
            "1,000 DKK a week more for the budget X",
            "1.000 kr. om ugen mere til budgettet X",
        ),
    ],
)
def test_a_lever_is_told_as_one_or_as_several(
    lever: str, amount: int, english: str, danish: str
) -> None:
    problem = week([citizen("C1")], [opening("O1")], [workplace("W1")])
    assert Telling(problem, "en").lever(lever, "X", amount) == english
    assert Telling(problem, "da").lever(lever, "X", amount) == danish
