"""The letter to a citizen: what it says, to whom, in which words, and that it is easy to read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from functools import cache
from typing import Any

import pytest

from matcher.again import Resolver, back_ups
from matcher.explain import explained
from matcher.explain.because import KEYS
from matcher.explain.citizen_explanation import CitizenExplanation, explain_one, law_of
from matcher.explain.letter import letter_parts, shared_seat
from matcher.explain.letter_file import size_of
from matcher.explain.letter_words import LetterWords, _own
from matcher.explain.not_known import GROUPS
from matcher.explain.own_facts import own_facts
from matcher.explain.parts import Part
from matcher.policy import load_policy, override_of
from matcher.problem import Problem
from matcher.queues import Together
from matcher.records import HEALTH_CODES, PAPERS, Category, Course, MentorPool, Running
from matcher.report import run_document
from matcher.rules import RULES
from matcher.solve import Solution, solve
from matcher.texts import LANGUAGES
from tests.explain.replay import SEEDS, small_week, solved_week
from tests.weeks import TODAY, citizen, opening, policy, team, week, workplace

HARDEST = 30
"""Highest LIX: 25 to 34 is an easy text, as in fiction; a decision by an authority has 45 to 55."""
MEASURES = tuple(policy().measures)


def lix(text: str) -> float:
    """Readability after Björnsson: words to a sentence, and per cent of words above six letters.

    A sentence ends at a full stop, colon, question or exclamation mark before a capital, and at the
    end of a line.
    """
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    ends = re.findall(r"[.:?!](?=\s+[A-ZÆØÅÉ])|(?<=\S)(?=\n|$)", text)
    return len(words) / len(ends) + 100 * sum(len(word) > 6 for word in words) / len(words)


def test_lix_is_counted_by_hand() -> None:
    """8 words, 2 sentences, 2 long words: danskhold and beholder. A date ends no sentence."""
    assert lix("Du får et danskhold. Du beholder nok mad") == 4 + 100 * 2 / 8
    assert lix("Vi ses den 30. november") == 4 + 100 * 1 / 4
    assert lix("Løn og ydelse\nDu får løn.") == 3


def told(problem: Problem, who: str = "C1", where: str | None = None) -> CitizenExplanation:
    return explain_one(Resolver(solve(problem)), who, where, alternatives=0, pairs=False)


def text_of(parts: tuple[Part, ...]) -> str:
    """Lines as they are read: what flows is one line."""
    lines = []
    for part in parts:
        lines += [part.heading] if part.heading else []
        lines += [" ".join(part.lines)] if part.flowing else part.lines
    return "\n".join(lines)


def letter(problem: Problem, who: str = "C1", where: str | None = None, lang: str = "da") -> str:
    return text_of(letter_parts(told(problem, who, where), LetterWords(problem, lang)))


@cache
def placed() -> tuple[Problem, Solution, CitizenExplanation]:
    """C1 with a mentor and a course, and what he had to say."""
    problem = week(
        [
            citizen(
                oral=2,
                reading=3,
                mentor_hours=2,
                wishes=("9412",),
                youngest_child=4,
                partner_can_care=True,
            )
        ],
        [opening(title="Køkkenmedhjælper", isco="9412", oral_floor=2, papers=("hygiene",))],
        [workplace(name="Plejehjemmet Solvang")],
        mentor_pools=[MentorPool(pool_id="P1", hours=4)],
        courses=[Course(course_id="K1", paper="hygiene", seats=1, ready_on="2026-12-01")],
    )
    solution = solve(problem)
    return problem, solution, explain_one(Resolver(solution), "C1", alternatives=0)


def as_measure(name: str, minutes: int = 480) -> CitizenExplanation:
    """The same card, had the placement been of another kind."""
    _, solution, one = placed()
    assert one.this is not None
    placement = dataclasses.replace(one.this.placement, measure=name, minutes=minutes)
    this = dataclasses.replace(
        one.this, placement=placement, law=law_of(solution.problem.policy, name)
    )
    return dataclasses.replace(one, this=this)


# ------------------------------------------------------------------------------ what it says


def test_a_letter_from_its_date_to_whom_to_call() -> None:
    """Word for word, as it can be sent."""
    problem, _, one = placed()
    assert text_of(letter_parts(one, LetterWords(problem, "da"))).split("\n") == [
        "23. november 2026",
        "Et forslag til dig",
        "Vi foreslår et job til dig: Køkkenmedhjælper hos Plejehjemmet Solvang. Det er et job på"
        " almindelige vilkår med få timer (småjob): 20 timer om ugen fra tirsdag den 1. december"
        " 2026. Vejen derhen tager 20 minutter. Du får en mentor 2 timer om ugen. Du får et kursus."
        " Det giver dig hygiejnebevis senest den 1. december 2026.",
        "Hvorfor netop den plads?",
        "Jobbet tager hensyn til dit helbred.",
        "Dit dansk er godt nok til jobbet.",
        "Det er det fag, du har ønsket.",
        "Løn og ydelse",
        "Du får løn fra din arbejdsgiver for de timer, du arbejder. Lønnen kan gøre din ydelse"
        " mindre. Din sagsbehandler kan sige, hvor meget du har i alt.",
        "Hvad siger reglerne?",
        "Det bygger på ansættelse på almindelige vilkår; ingen særlig lov. Vi bruger reglerne, som"
        f" de er den 23. november 2026. Vi har set på {len(RULES) - 2} regler og krav. Pladsen"
        " overholder dem alle.",
        "Det har vi brugt om dig",
        "Du er 35 år og aktivitetsparat. Du bor i 8000 Aarhus C. Du kan arbejde 37 timer om ugen."
        " Du taler dansk på A1+ og læser dansk på A2 (Prøve i Dansk 1). Dit helbred sætter ingen"
        " grænser. Du har brug for en mentor 2 timer om ugen. Du ønsker at arbejde med køkken. Dit"
        " yngste barn er 4 år. Du tager bus eller tog. Er noget forkert, eller mangler der noget?"
        " Så sig det til din sagsbehandler. Så retter vi det, og vi prøver igen.",
        "Hvis du siger nej",
        "Dette er et forslag. Det er ikke en afgørelse. Vil du ikke have pladsen, så sig det, og"
        " sig gerne hvorfor. Din sagsbehandler taler med dig, før noget bliver afgjort, og siger,"
        " hvad et nej kan betyde for din ydelse. Får du en afgørelse, står der i den, hvordan du"
        " kan klage.",
        "Har du spørgsmål?",
        "Ring eller skriv til din sagsbehandler. Du må gerne bede om hjælp til at læse brevet.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MEASURES)
def test_every_kind_of_placement_says_what_it_means_for_pay_and_which_law(
    name: str, language: str
) -> None:
    """Of its own, not the words for a kind nobody knows; the law of the policy's day."""
    problem = placed()[0]
    say = LetterWords(problem, language)
    text = text_of(letter_parts(as_measure(name), say))
    kind = say.measure(name, part_time=name == "ordinary")
    assert kind["pay"] in text
    assert kind["pay"] != say.measure("of a municipality", part_time=False)["pay"]
    measure = problem.policy.measures[name]
    assert (measure.law_danish if language == "da" else measure.law_english) in text
    assert measure.source not in text


def test_a_subsidised_job_is_told_as_one() -> None:
    problem = placed()[0]
    text = text_of(letter_parts(as_measure("wage_subsidy_public"), LetterWords(problem, "da")))
    assert "Det er et job med offentligt løntilskud: 8 timer om ugen fra tirsdag den 1." in text
    law = problem.policy.measures["wage_subsidy_public"].law_danish
    assert "§§ 66" in law
    assert law in text


@pytest.mark.parametrize("name", ["work_practice", "nytteindsats", "igu"])
def test_what_is_no_job_is_not_called_one(name: str) -> None:
    """Neither the place nor anything said about it."""
    text = text_of(letter_parts(as_measure(name), LetterWords(placed()[0], "da")))
    assert not re.search(r"\bjob(bet)?\b", text, re.IGNORECASE)
    assert ("en praktikplads til dig" in text) == (name == "work_practice")
    english = text_of(letter_parts(as_measure(name), LetterWords(placed()[0], "en")))
    assert not re.search(r"\bjob\b", english, re.IGNORECASE)


def test_full_time_and_part_time_mean_different_things_for_pay() -> None:
    """Eight hours are a småjob; 36 are ordinary employment."""
    say = LetterWords(placed()[0], "da")
    full = text_of(letter_parts(as_measure("ordinary", 2160), say))
    part = text_of(letter_parts(as_measure("ordinary", 480), say))
    assert "småjob" in part
    assert "småjob" not in full
    assert "Du får løn fra din arbejdsgiver for alle timer." in full


def test_a_better_place_is_explained_and_not_named() -> None:
    """C1 wishes for kitchens, but O2 goes to C2, who may not have O1."""
    from matcher.records import Forbid

    problem = week(
        [citizen("C1", wishes=("9412",)), citizen("C2", wishes=("9412",))],
        [opening("O1", title="Rengøring"), opening("O2", isco="9412", title="Opvasker")],
        forbids=[Forbid(citizen_id="C2", opening_id="O1")],
    )
    text = letter(problem)
    assert "Vi foreslår et job til dig: Rengøring." in text
    assert "Et andet sted passer bedre til dig. Men vi deler pladserne, så flest mulige" in text
    assert "Opvasker" not in text
    assert "andet sted" not in letter(problem, "C2")


def test_what_lacks_most_is_told_and_what_is_more_than_stated_comes_first() -> None:
    """O1 needs more standing than C1 has said, as a wish; nothing else was to be had."""
    problem = week([citizen(limit_stand=1)], [opening(demand_stand=2)])
    text = letter(problem)
    assert (
        "Én ting passer mindre godt. Jobbet har mere af dette, end du har oplyst, du kan klare:"
        " stående arbejde."
    ) in text
    assert "tager hensyn til dit helbred" not in text


def test_a_lock_is_told_as_the_caseworkers_choice() -> None:
    from matcher.records import Lock

    problem = week([citizen()], locks=[Lock(citizen_id="C1", opening_id="O1")])
    assert "Din sagsbehandler har valgt denne plads til dig." in letter(problem)


def test_a_class_beside_the_job_names_both_levels() -> None:
    problem = week(
        [citizen(oral=2)],
        [opening(oral_floor=3)],
        teams=[team("L1", seats=1, blocks="mon 16:00-18:00", postcode="8000")],
    )
    text = letter(problem)
    assert (
        "Du taler dansk på A1+, og jobbet kræver A2 (Prøve i Dansk 1). Du lærer dansk ved siden af."
        " Du får en plads på et danskhold ved siden af jobbet fra mandag den 30. november 2026."
    ) in text
    assert text.count("A2 (Prøve i Dansk 1)") == 1
    assert "Dit dansk er godt nok" not in text


# ------------------------------------------------------------------------------ asked beside others


@cache
def beside() -> tuple[Problem, Resolver, dict[str, Any], str]:
    """Two who need mentor, course and class for one seat; the second is asked at the same time."""
    people = [citizen(who, oral=2, mentor_hours=2) for who in ("C1", "C2")]
    problem = week(
        people,
        [opening(title="Køkkenmedhjælper", isco="9412", oral_floor=3, papers=("hygiene",))],
        [workplace(name="Plejehjemmet Solvang")],
        teams=[team("L1", seats=2, blocks="mon 16:00-18:00", postcode="8000")],
        mentor_pools=[MentorPool(pool_id="P1", hours=8)],
        courses=[Course(course_id="K1", paper="hygiene", seats=2, ready_on="2026-12-01")],
    )
    solution = solve(problem)
    found = back_ups(solution, 1)
    (one,) = found.each
    asked = dataclasses.replace(found, together=(Together(one.proposed, 1, 0),))
    document = run_document(problem, explained(solution), back_ups=asked)
    return problem, Resolver(solution), document, one.placement.citizen_id


def test_who_is_asked_beside_others_learns_all_that_weighs() -> None:
    """Word for word: what the place is, with its help, pay and law, and what a no may mean."""
    problem, resolver, document, who = beside()
    seat = shared_seat(document, who)
    one = explain_one(resolver, who, alternatives=0, pairs=False)
    text = text_of(letter_parts(one, LetterWords(problem, "da"), seat))
    lines = text.split("\n")
    assert lines[1:8] == [
        "Vi spørger dig om en plads",
        "Vi har ikke en plads, vi kan love dig i denne uge. Men der er en plads, vi gerne vil"
        " spørge dig om. Det er denne plads: Køkkenmedhjælper hos Plejehjemmet Solvang. Det er et"
        " job på almindelige vilkår med få timer (småjob): 20 timer om ugen fra tirsdag den 1."
        " december 2026. Vejen derhen tager 20 minutter. Du taler dansk på A1+, og jobbet kræver"
        " A2 (Prøve i Dansk 1). Du lærer dansk ved siden af. Du får en plads på et danskhold ved"
        " siden af jobbet fra mandag den 7. december 2026. Du får en mentor 2 timer om ugen. Du får"
        " et kursus. Det giver dig hygiejnebevis senest den 1. december 2026.",
        "Andre bliver også spurgt",
        "En anden bliver spurgt på samme tid som dig, og har fået pladsen foreslået først. Selv om"
        " du siger ja, får du kun pladsen, hvis den, der kommer før dig, siger nej. Vi kan ikke"
        " love dig pladsen. Din sagsbehandler giver dig besked, så snart vi ved det.",
        "Løn og ydelse",
        "Du får løn fra din arbejdsgiver for de timer, du arbejder. Lønnen kan gøre din ydelse"
        " mindre. Din sagsbehandler kan sige, hvor meget du har i alt.",
        "Hvad siger reglerne?",
    ]
    assert "desværre" not in text
    assert "Vi foreslår" not in text
    assert "hvad et nej kan betyde for din ydelse" in lines[lines.index("Hvis du siger nej") + 1]
    assert lix(text) <= HARDEST


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_asked_beside_others_has_one_page(language: str) -> None:
    problem, resolver, document, who = beside()
    one = explain_one(resolver, who, alternatives=0, pairs=False)
    parts = letter_parts(one, LetterWords(problem, language), shared_seat(document, who))
    assert size_of(parts) >= 10
    other = {"C1": "C2", "C2": "C1"}[who]
    assert not re.search(rf"[{{}}]|None|\b{other}\b", text_of(parts))


# ------------------------------------------------------------------------------ without a place


@pytest.mark.parametrize(
    ("problem", "danish"),
    [
        (week([citizen()], running=[Running(citizen_id="C1", opening_id="O1", measure="ordinary",
                                            start=TODAY)]),
         "Du er allerede i gang et sted. Derfor foreslår vi ikke noget nyt."),
        (week([citizen(max_commute=5)]),
         "Vi har desværre ikke et job til dig i denne uge. Ingen af jobbene ligger, så du kan nå"
         " frem på rimelig tid."),
        (week([citizen(capacity_hours=4)]),
         "Der er 1 sted nær dig. Det kræver flere timer, end du kan arbejde."),
        (week([citizen(class_blocks="mon-fri 08:00-12:00", youngest_child=2, oral=0,
                       care_blocks="mon-fri 10:00-12:00", capacity_hours=5)],
              [opening("O1", hours_max=12, hours_min=12), opening("O2", oral_floor=5)]),
         "Der er 2 steder nær dig. De kræver flere timer, end du kan arbejde, ligger oven i din"
         " danskundervisning, eller ligger på tider, hvor dit barn ikke kan passes."),
        (week([citizen()], workplaces=[workplace(intake_per_week=0)]),
         "Der er 1 sted, du kunne være. Men der er ikke plads nok eller hjælp nok til alle i denne"
         " uge."),
        (week([citizen()], rules={"fit": {"floor": 990}}),
         "Der er 1 sted nær dig. Det passer ikke godt nok til dig."),
    ],
)  # fmt: skip
def test_why_nobody_in_whole_sentences(problem: Problem, danish: str) -> None:
    text = letter(problem)
    assert danish in text
    assert lix(text) <= HARDEST
    assert "Det har vi brugt om dig" in text
    assert "Hvis du siger nej" not in text


def test_what_would_help_is_of_his_own_situation_and_names_no_job() -> None:
    """Not what the municipality would have to buy; the seat may be another's next week."""
    text = letter(week([citizen(capacity_hours=8)], [opening(title="Opvasker")]))
    assert (
        "Det kan hjælpe dig\n"
        "Vi kan måske finde noget til dig, hvis du kan arbejde 4 timer mere om ugen.\n"
    ) in text
    assert "Opvasker" not in text
    assert "Det kan hjælpe dig" not in letter(week([citizen()], [opening(seats=0)]))


@pytest.mark.parametrize(
    ("problem", "danish"),
    [
        (week([citizen(limit_stand=1, must_limits=("stand",))],
              [opening("O1", title="Kok"), opening("O2", title="Opvasker", demand_stand=3)]),
         "Du har spurgt om Opvasker.\nDet går ikke nu.\n"
         "Jobbet har mere stående arbejde, end du har oplyst, du kan klare.\n"),
        (week([citizen(oral=2)],
              [opening("O1"), opening("O2", oral_floor=5, measures=("work_practice",))]),
         "Du taler dansk på A1+. Praktikken kan klares fra A2+.\n"),
        (week([citizen()], workplaces=[workplace(intake_per_week=0)],
              openings=[opening("O2", title="Opvasker")]),
         "Du har spurgt om Opvasker.\nDet kunne du godt. Men der er ikke plads nok eller hjælp nok"
         " i denne uge.\n"),
        # O1 has a free seat; it only fits less than what he wishes for.
        (week([citizen(wishes=("9412",))], [opening("O1", isco="9412"), opening("O2")]),
         "Det kunne du godt. Men vi deler pladserne, så det passer bedst for alle.\n"),
    ],
)  # fmt: skip
def test_why_not_the_place_that_was_asked_about(problem: Problem, danish: str) -> None:
    text = letter(problem, "C1", "O2")
    assert danish in text
    assert lix(text) <= HARDEST


# ------------------------------------------------------------------------------ whom it names


def test_a_letter_names_nobody_else_and_no_id() -> None:
    """Whatever is asked about whom; and every letter of a made-up week is easy and one page."""
    seen = set()
    for seed in SEEDS[:2]:
        resolver = Resolver(solved_week(seed))
        problem = small_week(seed)
        openings = problem["openings"].set_index("opening_id")["title"]
        placed = [one.citizen_id for one in solved_week(seed).plan.placements]
        others = sorted({*problem["citizens"]["citizen_id"]} - {*placed})
        for at, who in enumerate((*placed[:2], *others[:2])):
            asked = openings.index[at % len(openings)]
            one = explain_one(resolver, who, asked, alternatives=2, pairs=False)
            seen.add(one.status)
            own = {openings[asked]}
            if one.this is not None:
                own.add(openings[one.this.placement.opening_id])
            for language in LANGUAGES:
                parts = letter_parts(one, LetterWords(problem, language))
                text = text_of(parts)
                assert "FIKTIV-" not in text
                assert not re.search(r"[{}]|None|nan\b|  |\.\.|\(\)", text)
                assert not re.search(r"\b(the citizen|borgeren)\b", text, re.IGNORECASE)
                assert not [title for title in set(openings) - own if f"{title} hos" in text]
                assert size_of(parts) >= 10
                if language == "da":
                    assert lix(text) <= HARDEST, text
    assert seen >= {"proposed", "without"}


@pytest.mark.parametrize("name", MEASURES)
def test_every_kind_of_letter_is_easy_to_read(name: str) -> None:
    text = text_of(letter_parts(as_measure(name), LetterWords(placed()[0], "da")))
    assert lix(text) <= HARDEST


def test_whom_to_call_is_given_or_the_policys_or_the_caseworker() -> None:
    problem, _, one = placed()
    ours = "Jobcentret, tlf. 12 34 56 78"
    with_ours = problem.replace(policy=override_of(problem.policy, {"letter": {"contact": ours}}))
    for week_, given, expected in (
        (problem, "", "din sagsbehandler"),
        (with_ours, "", ours),
        (with_ours, "Amina, lokale 4", "Amina, lokale 4"),
    ):
        text = text_of(letter_parts(one, LetterWords(week_, "da", contact=given)))
        assert f"Ring eller skriv til {expected}." in text
        assert f"Så sig det til {expected}." in text


def test_whom_to_call_changes_no_plan() -> None:
    """So runs before it was set are still runs of the same policy."""
    base = load_policy(TODAY)
    ours = load_policy(TODAY, {"letter": {"contact": "Jobcentret"}})
    assert ours.letter is not None
    assert ours.overrides == ("letter.contact:  -> Jobcentret",)
    assert ours.model_copy(update={"overrides": ()}).digest() == base.digest()


# ------------------------------------------------------------------------------ facts about him


@pytest.mark.parametrize(
    ("change", "danish"),
    [
        ({"age": 51, "category": "job_ready"}, "Du er 51 år og jobparat."),
        ({"capacity_hours": 14.5, "capacity_hours_day": 5},
         "Du kan arbejde 14,5 timer om ugen og højst 5 timer om dagen."),
        ({"capacity_hours": 1}, "Du kan arbejde 1 time om ugen."),
        ({"oral": 0, "reading": 6},
         "Du taler dansk på trinnet før A1 og læser dansk på B2 (Prøve i Dansk 3)."),
        ({"limit_lift": 0, "limit_env": 2},
         "Dit helbred sætter grænser for løft og støj, varme eller kulde."),
        ({"wishes": ("9112", "9111", "83")}, "Du ønsker at arbejde med rengøring og kørsel eller"),
        ({"experience": ("5120",)}, "Du har før arbejdet med køkken eller service."),
        ({"refusals": ("5321",)}, "Du kan ikke arbejde med omsorg eller pleje."),
        ({"paper_licence_b": "cleared", "paper_hygiene": "cleared", "paper_forklift": "pending"},
         "Du har kørekort B og hygiejnebevis."),
        ({"youngest_child": 0, "single_provider": True, "accepts_odd_hours": True},
         "Dit yngste barn er under 1 år. Du er alene med dit barn. Du har sagt ja til at arbejde"),
        ({"class_blocks": "mon 08:00-10:00", "other_blocks": "tue 08:00-10:00"},
         "Du har faste tider til dansk og andet."),
        ({"has_car": True}, "Du har bil."),
        ({"has_bicycle": True}, "Du har cykel. Du tager bus eller tog."),
        ({"max_commute": 45}, "Du vil højst rejse 45 minutter hver vej."),
        ({"available_from": dt.date(2026, 12, 1)}, "Du kan begynde fra den 1. december 2026."),
        ({"benefit_months": 1, "years_in_denmark": 5.5},
         "Du har fået ydelse i 1 måned i træk. Du har boet 5,5 år i Danmark."),
        ({"practice_weeks_used": 1, "nytteindsats_weeks_used": 3},
         "Du har brugt 1 uge i praktik. Du har brugt 3 uger i nytteindsats."),
    ],
)  # fmt: skip
def test_each_fact_is_told_in_a_sentence(change: dict[str, Any], danish: str) -> None:
    one = citizen(**change)
    assert danish in " ".join(own_facts(one, LetterWords(week([one]), "da")))


def test_what_is_not_known_is_told_and_no_careful_value_as_a_fact() -> None:
    """The careful values are no Danish, two hours, no lifting: nobody said so."""
    one = citizen(oral=None, capacity_hours=None, limit_lift=None, mentor_hours=None, reading=4)
    text = " ".join(own_facts(one, LetterWords(week([one]), "da")))
    assert (
        "Vi ved ikke, hvor godt dit dansk er, hvor mange timer du kan arbejde, hvad dit helbred kan"
        " klare og om du har brug for en mentor. Derfor har vi været forsigtige."
    ) in text
    assert not re.search("trinnet|timer om ugen|løft|en mentor 1|ingen grænser", text)


def test_everything_a_letter_may_name_has_a_name() -> None:
    """Rules, health, papers, levels, categories, levers of a person and kinds of placement."""
    families = {
        rule.partition("_")[0] if rule.startswith(("health", "paper")) else rule for rule in RULES
    }
    days = (dt.date(2022, 1, 1), dt.date(2025, 1, 1), TODAY)
    measures = {name for day in days for name in load_policy(day).measures}
    for language in LANGUAGES:
        texts = _own(language)
        keys = {
            section: {key.removesuffix("_one") for key in entries}
            for section, entries in texts.items()
            if isinstance(entries, dict)
        }
        assert keys["plain"] == keys["stops"] == families
        assert keys["health"] == set(HEALTH_CODES)
        assert keys["paper"] == set(PAPERS)
        assert keys["level"] == {str(level) for level in range(7)}
        assert keys["category"] == {one.value for one in Category}
        assert keys["reason"] == set(KEYS)
        assert keys["not_known"] == set(GROUPS["citizens"])
        assert keys["measures"] == measures | {"other"}
        for periods in texts["measures"].values():
            assert all(period["source"] for period in periods)
