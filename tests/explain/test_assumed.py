"""What is assumed of a job is said in every reason that rests on it, until it is confirmed."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from matcher.again import Resolver
from matcher.errors import InputErrors
from matcher.explain.assumed import RESTS_ON, columns_of_rule
from matcher.explain.citizen_explanation import CitizenExplanation, explain_one
from matcher.explain.citizen_sentences import citizen_parts
from matcher.explain.letter import letter_parts
from matcher.explain.letter_words import LetterWords
from matcher.explain.telling import Telling
from matcher.offers.fit import COMPONENTS
from matcher.problem import Problem
from matcher.report import headline, page_html
from matcher.report.rows import sheets
from matcher.report.words import Words
from matcher.solve import solve
from matcher.unknown import ASSUMED, known_where_changed
from tests.report.conftest import document_of
from tests.weeks import citizen, opening, week

MARKED = ("oral_floor", "demand_lift", "demand_stand", "measures", "shifts")
MARK = {
    "en": "(Assumed; the employer has not confirmed it.)",
    "da": "(Antaget; arbejdsgiveren har ikke bekræftet det.)",
}


def one(**changes: Any) -> Problem:
    """C1 gets O1, of which five things are assumed; C2 speaks too little for it."""
    return week(
        citizens=[citizen(wishes=("9112",)), citizen("C2", oral=0)],
        openings=[opening(oral_floor=2, demand_lift=1, assumed=MARKED, **changes)],
    )


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return document_of(one())


@pytest.mark.parametrize("language", ["en", "da"])
def test_each_reason_that_rests_on_it_says_so(document: dict[str, Any], language: str) -> None:
    """The others do not; what is assumed is listed with its values."""
    (proposal,) = document["proposals"]
    said = {row["component"]: row["sentence"][language] for row in proposal["reasons"]}
    if proposal["trade_off"]:
        said[proposal["trade_off"]["component"]] = proposal["trade_off"]["sentence"][language]
    marked = {name for name, sentence in said.items() if sentence.endswith(MARK[language])}
    assert marked == set(said) & {"measure", "health", "language", "hours"}
    assert marked
    listed = proposal["not_known"]["sentence"][language]
    expected = {
        "en": "Assumed of the job until the employer has confirmed it: working times: "
        "mon-fri 09:00-13:00, spoken Danish asked for: A1+, demand lifting and carrying: 1, "
        "kinds of placement the employer accepts: Ordinary hours, no other demands on health.",
        "da": "Antaget om stillingen, indtil arbejdsgiveren har bekræftet det: arbejdstider: "
        "man-fre 09:00-13:00,",
    }
    assert listed.startswith(expected[language])


@pytest.mark.parametrize("language", ["en", "da"])
def test_page_tables_and_terminal_say_it(document: dict[str, Any], language: Any) -> None:
    line = {
        "en": "Assumed of 1 opening until their employers have confirmed it: Danish asked for (1), "
        "hours and working times (1), demands on health (1), kinds of placement (1)",
        "da": "Antaget om 1 stilling, indtil arbejdsgiverne har bekræftet det: krav til dansk (1), "
        "timer og arbejdstider (1), krav til helbredet (1), foranstaltninger (1)",
    }[language]
    page = page_html(document, Words(language))
    assert line in page.split('<div class="pace">')[0]
    assert line in headline(document).lines(language)
    assert MARK[language] in page
    (proposal,) = document["proposals"]
    assert proposal["not_known"]["sentence"][language].split(".")[0] in page
    (job,) = document["openings"]
    assert "working times" in job["not_known"]["en"]
    words = Words(language)
    cells = [str(column.value(row, words)) for sheet in sheets(document)
             for row in sheet.rows(document) for column in sheet.columns]  # fmt: skip
    assert any(cell.endswith(MARK[language]) for cell in cells)


@cache
def explanation(who: str, asked: str | None) -> CitizenExplanation:
    """Of the week, to be told in both languages."""
    return explain_one(Resolver(solve(one())), who, asked)


@pytest.mark.parametrize("language", ["en", "da"])
def test_explanations_say_it(language: Any) -> None:
    """Why this one, why none, why not that one, and in the letters."""
    problem = one()
    say, letter = Telling(problem, language), LetterWords(problem, language)

    def lines(who: str, asked: str | None, parts: Any, words: Any) -> list[str]:
        told = parts(explanation(who, asked), words)
        return [line for part in told for line in (part.heading, *part.lines) if line]

    why = lines("C1", None, citizen_parts, say)
    assert {"en": "(partly assumed)", "da": "(delvist antaget)"}[language] in why[0]
    marked = [line for line in why if MARK[language] in line]
    assert len(marked) > 4
    ways = [line for line in why if say("component.commute").lower() in line.lower()]
    assert ways
    assert not set(ways) & set(marked)
    assert any(letter("assumed.danish") in line for line in lines("C1", None, letter_parts, letter))
    without = lines("C2", "O1", citizen_parts, say)
    stopped = [line for line in without if line.endswith(MARK[language])]
    assert len(stopped) == 1
    assert say("level_name.1") in stopped[0]
    assert any(say("assumed.rules", names="|").split("|")[0] in line for line in without)
    stop = letter("letter.assumed_stop")
    assert sum(line == stop for line in lines("C2", "O1", letter_parts, letter)) == 2


def test_a_confirmed_column_is_no_longer_marked() -> None:
    """So is one that somebody changes in a what-if; where nothing is marked, nothing is said."""
    problem = one()
    before = problem["openings"]
    after = known_where_changed(before, before.assign(oral_floor=3))
    assert after[ASSUMED].tolist() == ["demand_lift;demand_stand;measures;shifts"]
    known = week(openings=[opening(oral_floor=2)])
    content = document_of(known)
    assert "assumed" not in str(content)
    assert "ssumed" not in page_html(content, Words("en"))


def test_an_empty_mark_changes_no_digest_and_a_filled_one_does() -> None:
    plain = week(openings=[opening(oral_floor=2)])
    bare = plain.with_tables(openings=plain["openings"].drop(columns=ASSUMED))
    assert bare.digest() == plain.digest()
    marked = plain.with_tables(openings=plain["openings"].assign(assumed="oral_floor"))
    assert marked.digest() != plain.digest()


def test_only_columns_of_a_job_can_be_assumed() -> None:
    with pytest.raises(InputErrors, match="'assumed' names opening_id"):
        week(openings=[opening(assumed=("opening_id",))])


def test_every_component_says_what_it_rests_on() -> None:
    assert set(COMPONENTS) - set(RESTS_ON) == {"commute"}
    assert columns_of_rule("health_lift") == {"demand_lift"}
