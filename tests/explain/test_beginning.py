"""Why a proposal begins on its day, in the explanation and in the letter."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from matcher.again import Resolver
from matcher.explain.beginning import Beginning
from matcher.explain.citizen_explanation import explain_one
from matcher.explain.citizen_sentences import citizen_parts
from matcher.explain.letter import letter_parts
from matcher.explain.letter_words import LetterWords
from matcher.explain.telling import Telling
from matcher.records import Course, LanguageClass
from matcher.rules import Language
from matcher.solve import solve
from tests.weeks import citizen, opening, week

FRIDAY = dt.date(2026, 11, 27)
MONDAY = dt.date(2026, 11, 30)


def told(
    language: Language, c: dict[str, Any], o: dict[str, Any], **tables: Any
) -> tuple[Beginning, str, str]:
    """The first day of C1's proposal, and all lines of the explanation and of the letter."""
    problem = week([citizen(**c)], [opening(**o)], today=FRIDAY, **tables)
    one, say = explain_one(Resolver(solve(problem)), "C1"), Telling(problem, language)
    assert one.this is not None
    texts = [
        "\n".join(line for part in parts for line in part.lines)
        for parts in (citizen_parts(one, say), letter_parts(one, LetterWords(problem, language)))
    ]
    return one.this.begins, texts[0], texts[1]


@pytest.mark.parametrize(
    ("c", "o", "ready", "waits_for", "sentence"),
    [
        # The run is on a Friday, one day's notice: Saturday.
        ({}, {}, dt.date(2026, 11, 28), "notice",
         "First day Monday 2026-11-30, the next day of work there: with notice it can begin from"
         " Saturday 2026-11-28 on"),
        ({"available_from": MONDAY}, {}, MONDAY, "citizen",
         "First day Monday 2026-11-30: the citizen is available from Monday 2026-11-30 on"),
        ({}, {"start_from": dt.date(2026, 11, 29)}, dt.date(2026, 11, 29), "opening",
         "First day Monday 2026-11-30, the next day of work there: the job is free from Sunday"
         " 2026-11-29 on"),
        # Ten days from Friday 27 November are Monday 7 December.
        ({"paper_child_record": "pending"}, {"papers": "child_record"}, dt.date(2026, 12, 7),
         "paper",
         "First day Monday 2026-12-07: the child protection certificate can be ready on Monday"
         " 2026-12-07"),
    ],
)  # fmt: skip
def test_what_a_first_day_waits_for(
    c: dict[str, Any], o: dict[str, Any], ready: dt.date, waits_for: str, sentence: str
) -> None:
    """Notice, citizen, job and paper: the latest of them, then the next day of work."""
    begins, text, letter = told("en", c, o)
    assert (begins.ready, begins.waits_for) == (ready, waits_for)
    assert sentence in text.split("\n")
    day = begins.start
    assert f"a week from Monday {day.day} {day:%B} 2026." in letter


def test_a_course_and_a_class_are_told_with_their_days() -> None:
    """The course ends on Wednesday 23 December; the class meets on Thursdays: not on the 24th."""
    begins, text, letter = told(
        "da",
        {"oral": 3},
        {"oral_floor": 4, "papers": "hygiene", "isco": "5321"},
        courses=[Course(course_id="K1", paper="hygiene", seats=1, ready_on=dt.date(2026, 12, 23))],
        teams=[
            LanguageClass(
                team_id="L1",
                level_from=0,
                level_to=6,
                seats=5,
                blocks="thu 16:00-18:00",
                postcode="8000",
            )
        ],
    )
    assert begins == Beginning(
        dt.date(2026, 12, 23), dt.date(2026, 12, 23), "course", "hygiene", dt.date(2027, 1, 7)
    )
    assert (
        "Første dag onsdag 23-12-2026: kurset giver hygiejnebevis senest onsdag 23-12-2026;"
        " danskholdet begynder torsdag 07-01-2027"
    ) in text
    assert "danskhold ved siden af jobbet fra torsdag den 7. januar 2027." in letter
