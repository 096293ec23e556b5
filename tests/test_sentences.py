"""Every sentence: rules, components, rows and causes, in Danish and English, values in units."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Any, get_args

import pytest

from matcher.explain import (
    reason_sentence,
    unplaced_sentence,
)
from matcher.explain.because import KEYS, because
from matcher.offers import COMPONENTS
from matcher.plan import Cause, Reason, Unplaced
from matcher.records import HEALTH_CODES, PAPERS
from matcher.row_kinds import ROW_KINDS
from matcher.rules import NEVER, RULES, UNKNOWN, UNKNOWN_YEARS, Language, Unit, shown
from matcher.texts import catalogue, inside, keys_of, own_catalogue
from tests.weeks import TODAY, policy

LANGUAGES: tuple[Language, ...] = ("en", "da")
DAY = TODAY.toordinal()
DANISH_WORDS = {"og", "om", "der", "skal", "kan", "ikke", "højst", "borgeren", "jobbet", "ved"}
"""Danish words that no English sentence has."""
ENGLISH_WORDS = {"the", "and", "must", "can", "not", "most", "citizen", "with", "of", "work"}
"""English words that no Danish sentence has."""


def whole(text: str) -> bool:
    """Whether a text is a rendered one: no braces, no Python values, one space between words."""
    return bool(text) and not re.search(r"[{}]|None|\bnan\b|  |^\s|\s$", text)


# ------------------------------------------------------------------------------ values in units


@pytest.mark.parametrize(
    ("value", "unit", "english", "danish"),
    [
        (DAY, "date", "2026-11-23", "23-11-2026"),
        (dt.date(2026, 3, 1).toordinal(), "date", "2026-03-01", "01-03-2026"),
        (NEVER, "date", "never", "aldrig"),
        (90, "hours", "1.5 hours", "1,5 timer"),
        (2220, "hours", "37 hours", "37 timer"),
        (1215, "hours", "20.25 hours", "20,25 timer"),
        (600, "hours", "10 hours", "10 timer"),
        (0, "hours", "0 hours", "0 timer"),
        (45, "minutes", "45 minutes", "45 minutter"),
        (280, "clock", "04:40", "04:40"),
        (0, "clock", "00:00", "00:00"),
        (3, "level", "A2 (Prøve i Dansk 1)", "A2 (Prøve i Dansk 1)"),
        (0, "level", "below A1", "under A1"),
        (2, "grade", "2", "2"),
        (1, "count", "1", "1"),
        (18, "years", "18 years", "18 år"),
        (UNKNOWN_YEARS, "years", "not known", "ukendt"),
        (5, "months", "5 months", "5 måneder"),
        (13, "weeks", "13 weeks", "13 uger"),
        (400, "points", "400 points", "400 point"),
        (1975, "staff", "19.75", "19,75"),
        (2000, "staff", "20", "20"),
        (2010, "staff", "20.1", "20,1"),
        (0, "staff", "0", "0"),
        (UNKNOWN, "staff", "not known", "ukendt"),
        (UNKNOWN, "months", "not known", "ukendt"),
        (1, "yes", "1", "1"),
        (7, "", "7", "7"),
    ],
)
def test_values_are_shown_in_their_unit(value: int, unit: Unit, english: str, danish: str) -> None:
    """ISO dates in English and day-month-year in Danish; decimal comma; unknown is said."""
    assert shown(value, unit, "en") == english
    assert shown(value, unit, "da") == danish


def test_every_unit_is_used_by_a_rule_or_empty() -> None:
    """A unit that no rule has could not be wrong."""
    assert {rule.unit for rule in RULES.values()} == set(get_args(Unit)) - {""}


# ------------------------------------------------------------------------------ rules


USUAL: dict[str, tuple[int, int]] = {
    # unit: a value and a limit as they occur
    "date": (DAY + 60, DAY + 56),
    "minutes": (95, 90),
    "hours": (90, 120),
    "clock": (280, 315),
    "level": (2, 3),
    "grade": (2, 1),
    "count": (0, 1),
    "years": (17, 18),
    "months": (5, 6),
    "weeks": (0, 1),
    "points": (390, 400),
    "staff": (1975, 2000),
    "yes": (0, 1),
}


def template_of(name: str, language: Language) -> str:
    """Sentence of a rule as the catalogue has it."""
    return catalogue(language)[f"fails.{RULES[name].about.partition('.')[0] or name}"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(RULES))
def test_every_rule_says_what_failed_with_both_values(name: str, language: Language) -> None:
    """A sentence with a full stop, and each value its template asks for, in its unit."""
    rule = RULES[name]
    value, limit = USUAL[rule.unit]
    text = rule.sentence(value, limit, language)
    assert whole(text)
    assert text.endswith(".")
    assert text[0].isupper()
    template = template_of(name, language)
    for placeholder, number in (("{value}", value), ("{limit}", limit)):
        if placeholder in template:
            assert shown(number, rule.unit, language) in text
    assert keys_of(template) <= {"value", "limit", *(("name",) if rule.about else ())}


@pytest.mark.parametrize("name", list(RULES))
def test_rules_with_numbers_show_them_and_the_two_languages_show_the_same(name: str) -> None:
    """Yes-or-no rules need no number; elsewhere what is missing in Danish is missing in English."""
    rule = RULES[name]
    asked = [keys_of(template_of(name, language)) for language in LANGUAGES]
    assert asked[0] == asked[1]
    assert bool(asked[0]) == (rule.unit != "yes" and name not in {"refusal", "forbidden"})


@pytest.mark.parametrize("name", list(RULES))
def test_every_rule_has_a_short_name_in_both_languages(name: str) -> None:
    """For tables: one line, no full stop, the two languages apart."""
    rule = RULES[name]
    names = [rule.short(language) for language in LANGUAGES]
    assert all(whole(short) and not short.endswith(".") and len(short) <= 60 for short in names)
    assert names[0] != names[1]
    assert len({template_of(name, language) for language in LANGUAGES}) == len(LANGUAGES)


def test_no_sentence_stands_under_the_wrong_language() -> None:
    """It would be found by its small words."""
    for name in RULES:
        assert not set(re.findall(r"\w+", template_of(name, "en").lower())) & DANISH_WORDS, name
        assert not set(re.findall(r"\w+", template_of(name, "da").lower())) & ENGLISH_WORDS, name


def test_ids_and_short_names_occur_once() -> None:
    """Two rules with one name could not be told apart in a table."""
    for language in LANGUAGES:
        shorts = [rule.short(language) for rule in RULES.values()]
        assert len(set(shorts)) == len(shorts)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in RULES)
    assert all(name == rule.id for name, rule in RULES.items())


def test_health_and_papers_have_a_rule_each() -> None:
    """A code added to the records is a rule."""
    assert {name for name in RULES if name.startswith("health_")} == {
        f"health_{code}" for code in HEALTH_CODES
    }
    assert {name for name in RULES if name.startswith("paper_")} == {
        f"paper_{code}" for code in PAPERS
    }


def test_a_day_that_never_comes_is_said_without_a_date() -> None:
    """Nobody reads the year 10952."""
    rule = RULES["paper_forklift"]
    assert rule.sentence(NEVER, DAY, "en") == "Paper: forklift certificate B: out of reach."
    assert rule.sentence(NEVER, DAY, "da") == "Papir: truckcertifikat B: kan ikke nås i tide."


def test_some_sentences_word_for_word() -> None:
    """As a caseworker reads them."""
    assert RULES["hours"].sentence(480, 600, "en") == (
        "The citizen can work up to 8 hours a week; the job needs 10 hours."
    )
    assert RULES["net_increase"].sentence(1975, 2000, "da") == (
        "Arbejdsgiveren havde 19,75 ordinært ansatte sidste måned mod et snit på 20"
        " (merbeskæftigelse)."
    )
    assert RULES["paper_child_record"].sentence(DAY + 21, DAY + 20, "da") == (
        "Børneattest kan være klar 14-12-2026; jobbet skal begynde senest 13-12-2026."
    )
    assert RULES["early_transport"].sentence(280, 315, "en") == (
        "The citizen would have to leave at 04:40; the first bus is at 05:15."
    )


# ------------------------------------------------------------------------------ components


FACTS: dict[str, list[tuple[int, dict[str, int | str], str, str]]] = {
    # component: points and facts, English, Danish; every branch of the sentence
    "measure": [
        (
            350,
            {"measure": "work_practice"},
            "The citizen gets work practice.",
            "Borgeren kommer i virksomhedspraktik.",
        ),
        (
            1000,
            {"measure": "ordinary"},
            "The citizen gets ordinary hours.",
            "Borgeren kommer i ordinære timer.",
        ),
        (
            1000,
            {"measure": "ordinary", "minutes": 2160},
            "The citizen gets ordinary employment.",
            "Borgeren kommer i ordinær ansættelse.",
        ),
    ],
    "health": [
        (
            700,
            {"over": "lift", "tight": "stand"},
            "The job has more of this than the citizen wishes: lifting and carrying.",
            "Jobbet har mere, end borgeren ønsker, af dette: løft og bæring.",
        ),
        (
            880,
            {"over": "", "tight": "stand;pace"},
            "The job has as much of this as the citizen can take: standing and walking, pace and"
            " time pressure.",
            "Jobbet har så meget, som borgeren kan klare, af dette: stående og gående arbejde,"
            " tempo og tidspres.",
        ),
        (
            1000,
            {"over": "", "tight": ""},
            "The job takes account of the citizen's health.",
            "Jobbet tager hensyn til borgerens helbred.",
        ),
    ],
    "language": [
        (
            1000,
            {"oral": 4, "oral_floor": 3, "reading": 2, "reading_floor": 2},
            "The citizen's Danish is good enough for the job.",
            "Borgerens dansk er godt nok til jobbet.",
        ),
        (
            700,
            {"oral": 2, "oral_floor": 3, "reading": 2, "reading_floor": 0},
            "The citizen's spoken Danish is A1+ and the job asks for A2 (Prøve i Dansk 1); the"
            " citizen learns Danish beside the job.",
            "Borgerens mundtlige dansk er A1+, og jobbet kræver A2 (Prøve i Dansk 1); borgeren"
            " lærer dansk ved siden af jobbet.",
        ),
        (
            300,
            {"oral": 2, "oral_floor": 3, "reading": 3, "reading_floor": 4},
            "The citizen's spoken Danish is A1+ and reading A2 (Prøve i Dansk 1), the job asks for"
            " A2 (Prøve i Dansk 1) and A2+; the citizen learns Danish beside the job.",
            "Borgerens mundtlige dansk er A1+ og læsning A2 (Prøve i Dansk 1), og jobbet kræver A2"
            " (Prøve i Dansk 1) og A2+; borgeren lærer dansk ved siden af jobbet.",
        ),
        (
            800,
            {"oral": 5, "oral_floor": 3, "reading": 0, "reading_floor": 1},
            "The citizen's reading is below A1 and the job asks for A1; the citizen learns Danish"
            " beside the job.",
            "Borgerens læsning er under A1, og jobbet kræver A1; borgeren lærer dansk ved siden af"
            " jobbet.",
        ),
    ],
    "occupation": [
        (
            500,
            {"wishes": ""},
            "The citizen has stated no wish for a field.",
            "Borgeren har ikke ønsket et bestemt fag.",
        ),
        (
            0,
            {"wishes": "5120"},
            "It is another field than the citizen has wished for.",
            "Det er et andet fag end det, borgeren har ønsket.",
        ),
        (
            250,
            {"wishes": "9333"},
            "It is a little like the field the citizen has wished for.",
            "Det minder lidt om det fag, borgeren har ønsket.",
        ),
        (
            550,
            {"wishes": "9133"},
            "It is close to the field the citizen has wished for.",
            "Det ligner det fag, borgeren har ønsket.",
        ),
        (
            1000,
            {"wishes": "9112"},
            "It is the field the citizen has wished for.",
            "Det er det fag, borgeren har ønsket.",
        ),
    ],
    "hours": [
        (
            540,
            {"minutes": 1200, "capacity": 2220},
            "The citizen works 20 hours a week of the 37 hours that are possible.",
            "Borgeren arbejder 20 timer om ugen af de 37 timer, der er mulige.",
        ),
    ],
    "commute": [
        (916, {"minutes": 20}, "It is 20 minutes to work.", "Der er 20 minutter til arbejde.")
    ],
    "experience": [
        (
            500,
            {"experience": ""},
            "The citizen has stated no experience.",
            "Borgeren har ikke oplyst erfaring.",
        ),
        (
            0,
            {"experience": "5120"},
            "It is another field than the citizen has experience of.",
            "Det er et andet fag end det, borgeren har erfaring med.",
        ),
        (
            549,
            {"experience": "9333"},
            "It is a little like work the citizen has experience of.",
            "Det minder lidt om arbejde, borgeren har erfaring med.",
        ),
        (
            800,
            {"experience": "9111"},
            "It is close to work the citizen has experience of.",
            "Det ligner arbejde, borgeren har erfaring med.",
        ),
        (
            1000,
            {"experience": "9112"},
            "The citizen has experience in this field.",
            "Borgeren har erfaring i faget.",
        ),
    ],
    "prospect": [
        (
            0,
            {"prospect": 0},
            "There is no prospect of hours with an ordinary wage.",
            "Der er ikke udsigt til timer med almindelig løn.",
        ),
        (
            333,
            {"prospect": 1},
            "Hours with an ordinary wage may come later.",
            "Der kan senere komme timer med almindelig løn.",
        ),
        (
            666,
            {"prospect": 2},
            "There is a good prospect of hours with an ordinary wage.",
            "Der er god udsigt til timer med almindelig løn.",
        ),
        (
            1000,
            {"prospect": 3},
            "Hours with an ordinary wage are agreed.",
            "Timer med almindelig løn er aftalt.",
        ),
    ],
    "hours_225": [
        (
            462,
            {"worked": 100, "needed": 225},
            "The citizen has reached 100 of the 225 hours of the 225-hour rule.",
            "Borgeren har nået 100 af de 225 timer i 225-timersreglen.",
        ),
    ],
}


def test_every_component_has_a_name_and_sentences() -> None:
    """A component added to the policy's weights fails here until it can be explained."""
    assert set(FACTS) == set(COMPONENTS)
    for component in COMPONENTS:
        names = [catalogue(language)[f"component.{component}"] for language in LANGUAGES]
        assert all(map(whole, names))
        assert names[0] != names[1]


def test_every_sentence_about_a_component_is_tried() -> None:
    """The list of templates has none that no case below reaches, and none is missing."""
    tried = {
        because(Reason(component, points, 0, 0, facts)).key
        for component, cases in FACTS.items()
        for points, facts, _, _ in cases
    }
    assert (
        tried
        == set(KEYS)
        == {key.removeprefix("reason.") for key in catalogue("en") if key.startswith("reason.")}
    )


@pytest.mark.parametrize(
    ("component", "points", "facts", "english", "danish"),
    [(component, *case) for component, cases in FACTS.items() for case in cases],
)
def test_components_are_told_with_the_facts_that_weighed(
    component: str, points: int, facts: dict[str, Any], english: str, danish: str
) -> None:
    """Every branch of every sentence, word for word; no label and a value, but a sentence."""
    reason = Reason(component, points, 0, 0, facts)
    assert english.endswith(".")
    assert danish.endswith(".")
    assert reason_sentence(reason, policy(), "en") == english
    assert reason_sentence(reason, policy(), "da") == danish


# ------------------------------------------------------------------------------ rows and causes


def test_every_kind_of_row_has_a_name() -> None:
    """Of many, of one, of what somebody lacked, and of one more; nothing is named that is gone."""
    for language in LANGUAGES:
        for section in ("row_name", "row", "one_row", "lacking", "one_more"):
            named = {key for key in own_catalogue(language) if key.startswith(f"{section}.")}
            assert named == {f"{section}.{kind}" for kind in ROW_KINDS}
        assert all(whole(catalogue(language)[f"row_name.{kind}"]) for kind in ROW_KINDS)


BASE = Unplaced(
    citizen_id="C1",
    cause="rules",
    reach=7,
    killed={"commute": 3, "hours": 5, "language_oral": 4, "refusal": 2, "age_min": 1},
    nearest={},
    possible=0,
    lost_on={},
    lost_at={},
    lost_rows={},
)
CAUSES: dict[str, tuple[Unplaced, str, str]] = {
    "already_placed": (
        dataclasses.replace(BASE, cause="already_placed"),
        "Is already in a placement.",
        "Er allerede i et forløb.",
    ),
    "no_opening_in_reach": (
        dataclasses.replace(BASE, cause="no_opening_in_reach", reach=0, killed={"commute": 10}),
        "No opening within an acceptable way to work.",
        "Ingen stilling inden for rimelig transporttid.",
    ),
    # The three that stop most openings in reach; the way to work is not one of them.
    "rules": (
        BASE,
        "None of 7 openings in reach is possible: more hours than the citizen can work (5);"
        " spoken Danish too low (4); occupation ruled out by the citizen (2).",
        "Ingen af 7 stillinger i nærheden kan lade sig gøre: flere timer end borgeren kan arbejde"
        " (5); for lidt mundtligt dansk (4); fag fravalgt af borgeren (2).",
    ),
    "resource": (
        dataclasses.replace(
            BASE, cause="resource", possible=3, lost_on={"mentor_hours": 2, "team_seats": 1}
        ),
        "3 possible openings, but there was too little of: mentor hours (2), seats in Danish"
        " classes (1).",
        "3 mulige stillinger, men der manglede: mentortimer (2), pladser på danskhold (1).",
    ),
    "others": (
        dataclasses.replace(BASE, cause="others", possible=2, lost_on={"opening_seats": 2}),
        "2 possible openings went to others; taken: seats at the openings (2).",
        "2 mulige stillinger gik til andre; optaget: pladser i stillingerne (2).",
    ),
    "limit": (
        dataclasses.replace(BASE, cause="limit", possible=2),
        "The limit came before this was settled.",
        "Tidsgrænsen kom, før det var afgjort.",
    ),
}


ONE = {
    "rules": (
        dataclasses.replace(BASE, reach=1, killed={"hours": 1}),
        "The only opening in reach is not possible: more hours than the citizen can work (1).",
        "Den ene stilling i nærheden kan ikke lade sig gøre: flere timer end borgeren kan arbejde"
        " (1).",
    ),
    "resource": (
        dataclasses.replace(
            BASE, cause="resource", possible=1, lost_on={"workplace_intake": 1, "budget": 1}
        ),
        "1 possible opening, but there was too little of: room for new people at the workplace (1),"
        " budget (1).",
        "1 mulig stilling, men der manglede: plads til nye på arbejdspladsen (1), budget (1).",
    ),
    "others": (
        dataclasses.replace(BASE, cause="others", possible=1, lost_on={"opening_seats": 1}),
        "1 possible opening went to others; taken: seats at the openings (1).",
        "1 mulig stilling gik til andre; optaget: pladser i stillingerne (1).",
    ),
}
"""Sentences about one opening."""


@pytest.mark.parametrize("cause", ONE)
def test_one_opening_is_told_as_one(cause: str) -> None:
    """No "1 openings", no "1 mulige stillinger"."""
    unplaced, english, danish = ONE[cause]
    assert unplaced_sentence(unplaced, "en") == english
    assert unplaced_sentence(unplaced, "da") == danish


def test_every_cause_has_a_sentence() -> None:
    """The chain of reasons has no link that cannot be told."""
    assert set(CAUSES) == set(get_args(Cause))


@pytest.mark.parametrize("cause", list(CAUSES))
def test_causes_are_told_word_for_word(cause: str) -> None:
    """With counts, most first."""
    unplaced, english, danish = CAUSES[cause]
    assert unplaced_sentence(unplaced, "en") == english
    assert unplaced_sentence(unplaced, "da") == danish


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(ROW_KINDS))
@pytest.mark.parametrize("cause", ["resource", "others"])
def test_every_kind_of_row_can_be_what_somebody_was_lost_on(
    kind: str, cause: Cause, language: Language
) -> None:
    """Its name stands in the sentence, with how many openings were lost on it."""
    lost = dataclasses.replace(BASE, cause=cause, possible=1, lost_on={kind: 4})
    text = unplaced_sentence(lost, language)
    assert whole(text)
    assert f"{catalogue(language)[f'lacking.{kind}']} (4)" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(RULES))
def test_every_rule_can_be_what_stopped_everything(name: str, language: Language) -> None:
    """Its short name stands in the sentence, with how many openings it stopped."""
    stopped = dataclasses.replace(BASE, killed={name: 7})
    assert f": {inside(RULES[name].short(language))} (7)" in unplaced_sentence(stopped, language)
