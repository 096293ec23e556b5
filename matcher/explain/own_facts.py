"""The facts about a citizen that a plan rests on, told to the citizen."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from matcher.explain.letter_words import LetterWords
from matcher.explain.not_known import GROUPS, group_of, not_known_of
from matcher.records import HEALTH_CODES, PAPERS, Citizen, PaperStatus

_NO_LIMIT = 3
_ANY_DAY = 16
"""Hours a day that say nothing of a limit."""


def own_facts(citizen: Citizen, say: LetterWords) -> tuple[str, ...]:
    """Say each fact in a sentence, what decides most first, then what is not known.

    What says nothing is left out. A careful value that counted because nobody knows the right one
    is no fact about the citizen, and is not told as one.
    """
    not_known = not_known_of(say.problem, "citizens", [citizen.citizen_id])
    columns = set(not_known.get(citizen.citizen_id, {}))
    facts = [
        *_person(citizen, say),
        *_work(citizen, say, columns),
        *_life(citizen, say, columns),
        *_past(citizen, say),
    ]
    kinds = {group_of(column) for column in columns}
    if names := [say(f"not_known.{kind}") for kind in GROUPS["citizens"] if kind in kinds]:
        facts.append(say("letter.not_known", names=say.joined(names)))
    return tuple(facts)


def _person(citizen: Citizen, say: LetterWords) -> Iterator[str]:
    category = say(f"category.{citizen.category.value}")
    yield say("fact.who", years=say.years(citizen.age), category=category)
    places = say.problem.records("places", [citizen.postcode])
    town = places[citizen.postcode].name if citizen.postcode in places else ""
    yield say("fact.home", postcode=f"{citizen.postcode} {town}".strip())


def _work(citizen: Citizen, say: LetterWords, not_known: Collection[str]) -> Iterator[str]:
    if "capacity_hours" not in not_known:
        hours = say.hours(citizen.capacity_hours * 60)
        if "capacity_hours_day" in not_known or citizen.capacity_hours_day >= _ANY_DAY:
            yield say("fact.hours", hours=hours)
        else:
            day = say.hours(citizen.capacity_hours_day * 60)
            yield say("fact.hours_day", hours=hours, day=day)
    if citizen.available_from is not None and citizen.available_from > say.problem.today:
        yield say("fact.available", day=say.day(citizen.available_from))
    if not {"oral", "reading"} & {*not_known}:
        yield say("fact.danish", oral=say.level(citizen.oral), reading=say.level(citizen.reading))
    known = [code for code in HEALTH_CODES if f"limit_{code}" not in not_known]
    limits = [code for code in known if getattr(citizen, f"limit_{code}") < _NO_LIMIT]
    if limits:
        yield say("fact.health", names=say.names("health", limits))
    elif len(known) == len(HEALTH_CODES):
        yield say("fact.health_none")
    if citizen.mentor_hours and "mentor_hours" not in not_known:
        yield say("fact.mentor", hours=say.hours(citizen.mentor_hours * 60))
    for kind in ("wishes", "experience", "refusals"):
        fields = [say.occupation(code) for code in getattr(citizen, kind)]
        if named := [field for field in fields if field]:
            yield say(f"fact.{kind}", names=say.joined(named))
    papers = [
        code
        for code in PAPERS
        if f"paper_{code}" not in not_known
        and getattr(citizen, f"paper_{code}") == PaperStatus.CLEARED
    ]
    if papers:
        yield say("fact.papers", names=say.names("paper", papers))


def _life(citizen: Citizen, say: LetterWords, not_known: Collection[str]) -> Iterator[str]:
    if citizen.youngest_child is not None:
        if citizen.youngest_child:
            yield say("fact.child", years=say.years(citizen.youngest_child))
        else:
            yield say("fact.baby")
        if citizen.single_provider and "single_provider" not in not_known:
            yield say("fact.alone")
    if citizen.accepts_odd_hours:
        yield say("fact.odd_hours")
    kinds = [kind for kind in ("class", "treatment", "other") if getattr(citizen, f"{kind}_blocks")]
    if kinds:
        yield say("fact.times", names=say.joined([say(f"fact.times_{kind}") for kind in kinds]))
    if citizen.has_car:
        yield say("fact.car")
    if citizen.has_bicycle:
        yield say("fact.bicycle")
    if not citizen.has_car:
        yield say("fact.no_car")
    if citizen.max_commute is not None:
        yield say("fact.most_way", way=say.minutes(citizen.max_commute))


def _past(citizen: Citizen, say: LetterWords) -> Iterator[str]:
    if citizen.benefit_months:
        yield say("fact.benefit", months=say.months(citizen.benefit_months))
    if citizen.years_in_denmark is not None:
        yield say("fact.denmark", years=say.years(citizen.years_in_denmark))
    for kind in ("practice", "subsidy", "nytteindsats"):
        if weeks := getattr(citizen, f"{kind}_weeks_used"):
            yield say(f"fact.used_{kind}", weeks=say.weeks(weeks))
