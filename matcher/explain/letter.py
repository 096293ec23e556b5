"""A letter to the citizen: plain words, whole sentences, nobody else in it.

It can be sent as it is. It names nobody else, nobody's id, and no job but the one proposed or asked
about; a place where nobody pays a wage is not called a job. What it says of pay and law stands in
the files of words and in the policy, each with its source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matcher.explain.assumed import GROUPS, assumed_of, columns_of_rule, group_of_assumed
from matcher.explain.because import Because, Kind, because, because_of_language
from matcher.explain.beginning import first_class
from matcher.explain.citizen_explanation import (
    CitizenExplanation,
    LegalForm,
    Support,
    ThisOne,
    law_of,
    supports_of,
)
from matcher.explain.counterfactuals import LEVERS
from matcher.explain.letter_words import LetterWords
from matcher.explain.moving import Unlock
from matcher.explain.own_facts import own_facts
from matcher.explain.parts import Part
from matcher.explain.unlocking import Unlocked
from matcher.explain.why import STRONGEST
from matcher.explain.why_not import WhyNot
from matcher.plan import Placement, Reason
from matcher.rules import REACH, RULES
from matcher.texts import fill

_SAID_ALREADY = frozenset({"measure", "commute"})
"""Components that the first lines of a letter have told."""
_SPEAK_FOR = frozenset({
    "health_well", "language_enough", "occupation_related", "occupation_close", "occupation_same",
    "hours", "experience_related", "experience_close", "experience_same", "prospect_1",
    "prospect_2", "prospect_3", "hours_225",
})  # fmt: skip
"""Sentences that can be a reason for a place."""
_MOST_HELPS = 4
_MOST_STOPS = 3

Answered = Literal["", "no", "waits", "counts", "behind", "filled", "lapsed"]
"""What somebody asked beside others has said, and what a yes has come to; empty: nothing yet."""
_IN_VAIN = frozenset({"behind", "filled", "lapsed"})


@dataclass(frozen=True)
class SharedSeat:
    """A seat for which several are asked at the same time, for one of them."""

    rank: int
    """0: has the proposal; else the place in the queue."""
    others: int
    """Others who are asked, whoever of them has the proposal counted like the rest."""
    placement: Placement
    """What it would be, without points and costs, which no letter tells."""
    answered: Answered = ""
    """Of who is asked beside the one with the proposal."""


def shared_seat(document: Mapping[str, Any], citizen_id: str) -> SharedSeat | None:
    """Find the seat that a run's document says somebody is asked for beside others; None: none."""
    asked = [one for one in document.get("backups", ()) if one["at_once"]]
    mine = [one for one in asked if citizen_id in {one["citizen_id"], one["proposed"]}]
    if not mine:
        return None
    proposed = mine[0]["proposed"]
    rows = document["proposals"] if proposed == citizen_id else mine
    row = next(one for one in rows if one["citizen_id"] == citizen_id)
    team, pool = row["supports"]["class"], row["supports"]["mentor"]
    return SharedSeat(
        rank=0 if proposed == citizen_id else int(row["rank"]),
        others=sum(one["proposed"] == proposed for one in asked),
        placement=Placement(
            citizen_id=citizen_id,
            opening_id=str(row["opening_id"]),
            measure=str(row["measure"]),
            team_id=team and str(team["team_id"]),
            pool_id=pool and str(pool["pool_id"]),
            mentor_minutes=int(pool["minutes"]) if pool else 0,
            course_ids=tuple(str(one["course_id"]) for one in row["supports"]["courses"]),
            minutes=int(row["minutes"]),
            start=dt.date.fromisoformat(str(row["start"])),
            commute=int(row["commute"]),
            fit=int(row["fit"]),
            components={},
            cost={},
        ),
    )


def letter_parts(
    explanation: CitizenExplanation, say: LetterWords, shared: SharedSeat | None = None
) -> tuple[Part, ...]:
    """Tell an explanation to the citizen.

    Parameters
    ----------
    shared
        The seat that the citizen is asked for beside others, who are told of but not named.
    """
    citizen = say.problem.records("citizens", [explanation.citizen_id])[explanation.citizen_id]
    asked = shared if shared is not None and shared.rank else None
    if explanation.this is not None:
        parts = list(_with_place(explanation.this, say))
    elif asked is not None and asked.answered in _IN_VAIN:
        why = (say(f"letter.shared_{asked.answered}"), say("letter.shared_not_against"))
        then = Part(say("letter.shared_then"), why, flowing=True)
        title, *rest = _without_place(explanation, say)
        parts = [title, then, *rest]
        asked = None
    elif asked is not None and asked.answered != "no":
        helps = [] if asked.answered == "counts" else _what_helps(explanation, say)
        parts = [*_asked_beside(asked, say), *helps]
    else:
        parts = list(_without_place(explanation, say))
    if shared is not None and not shared.rank:
        others = say("letter.shared_first", shared.others)
        parts.append(Part(say("letter.shared"), (others,), flowing=True))
    parts.insert(0, Part("", (say("letter.written", day=say.day(say.problem.today)),)))
    if explanation.not_that is not None and explanation.not_that.verdict != "proposed":
        parts.append(_asked(explanation.not_that, say))
    facts = own_facts(citizen, say)
    correct = say("letter.correct", contact=say.contact)
    parts.append(Part(say("letter.facts"), (*facts, correct), flowing=True))
    yours = asked is not None and asked.answered == "counts"
    if explanation.this is not None or yours:
        parts.append(Part(say("letter.no"), (say("letter.say_no"),)))
    elif asked is not None and asked.answered != "no":
        parts.append(Part(say("letter.no"), (say("letter.shared_say_no"),)))
    elif explanation.status != "running":
        parts.append(Part(say("letter.next"), (say("letter.talk"),)))
    whom = say("letter.call_whom", contact=say.contact)
    parts.append(Part(say("letter.call"), (whom,)))
    return tuple(parts)


def _with_place(this: ThisOne, say: LetterWords) -> Iterator[Part]:
    placement = this.placement
    kind, form = _kind(placement, say)
    noun = say.noun(kind["noun"])
    language = [because(one) for one in this.why.components if one.component == "language"]
    head = [
        say("letter.proposed", new=noun["new"], opening=say.opening(placement.opening_id)),
        form,
        say("letter.way", way=say.minutes(placement.commute)),
        *_supports(this.supports, language, this.begins.class_from, noun, say),
    ]
    yield Part(say("letter.title"), tuple(head), flowing=True)
    if whys := tuple(_whys(this, noun, say)):
        yield Part(say("letter.why"), whys)
    yield Part(say("letter.pay"), (kind["pay"],))
    rules = say("letter.rules", len(this.weighed))
    yield Part(say("letter.rule"), (_law(this.law, say), rules), flowing=True)


def _asked_beside(seat: SharedSeat, say: LetterWords) -> Iterator[Part]:
    """Tell of a place that others are asked for as well: what it is, and who gets it."""
    placement = seat.placement
    kind, form = _kind(placement, say)
    noun = say.noun(kind["noun"])
    supports = supports_of(say.problem, placement)
    language = [because_of_language(one.facts) for one in supports if one.kind == "class"]
    class_from = first_class(say.problem, placement)
    first, title = "shared_without", "shared_asked"
    if seat.answered:
        first, title = f"shared_{seat.answered}", "shared_then"
    head = [
        say(f"letter.{first}"),
        say("letter.shared_place", opening=say.opening(placement.opening_id)),
        form,
        say("letter.way", way=say.minutes(placement.commute)),
        *_supports(supports, language, class_from, noun, say),
    ]
    yield Part(say(f"letter.{title}"), tuple(head), flowing=True)
    order = [
        say("letter.shared_beside", seat.others),
        say("letter.shared_order", seat.rank),
        say("letter.shared_no"),
    ]
    if seat.answered != "counts":
        yield Part(say("letter.shared"), tuple(order), flowing=True)
    yield Part(say("letter.pay"), (kind["pay"],))
    yield Part(say("letter.rule"), (_law(law_of(say.policy, placement.measure), say),))


def _kind(placement: Placement, say: LetterWords) -> tuple[Mapping[str, str], str]:
    """Say what a kind of placement is called and means, and its form with hours and first day."""
    measure, minutes = placement.measure, placement.minutes
    kind = say.measure(measure, part_time=say.policy.work_kind(measure, minutes) == "part_time")
    names = say.policy.measure_name(measure, minutes)
    form = fill(
        kind["form"],
        {
            "hours": say.hours(minutes),
            "start": say.weekday(placement.start),
            "measure": say.law(names["da"], names["en"]),
        },
    )
    return kind, form


def _law(law: LegalForm, say: LetterWords) -> str:
    named = say.law(law.danish, law.english)
    return say("letter.law", law=named, day=say.day(say.problem.today))


def _whys(this: ThisOne, noun: Mapping[str, str], say: LetterWords) -> Iterator[str]:
    """Say what speaks for a place, what speaks against it most, and why no better one."""
    if this.placement.locked:
        yield say("letter.locked")
    said = {"language"} if any(one.kind == "class" for one in this.supports) else set[str]()
    told = [one for one in this.why.components if _stated(one) and one.component not in said]
    strong = [
        one
        for one in told
        if one.adds
        and not one.weak
        and one.component not in _SAID_ALREADY
        and because(one).key in _SPEAK_FOR
    ]
    for one in sorted(strong, key=lambda one: -one.adds)[:STRONGEST]:
        yield _reason(one, noun, say)
    against = [one for one in told if one not in strong and _against(one)]
    # What is more than the citizen said he can take comes before what could have been better.
    worst = max(against, key=lambda one: (because(one).key == "health_over", one.gap), default=None)
    if worst is not None:
        yield say("letter.against", sentence=_reason(worst, noun, say))
    if this.best_fit > this.placement.fit and this.possible > 1 and not this.placement.locked:
        yield say("letter.better")
    if this.why.opening_assumed:
        kinds = {group_of_assumed(column) for column in this.why.opening_assumed}
        names = [say(f"assumed.{kind}") for kind in GROUPS if kind in kinds]
        yield say("letter.assumed", names=say.joined(names))


def _stated(reason: Reason) -> bool:
    """Whether a component rests on something; what a citizen never stated speaks for no job."""
    name = {"occupation": "wishes"}.get(reason.component, reason.component)
    return bool(reason.facts.get(name, True))


def _against(reason: Reason) -> bool:
    return reason.weak or because(reason).key == "health_over"


def _reason(reason: Reason, noun: Mapping[str, str], say: LetterWords) -> str:
    return _because(because(reason), noun, say)


def _because(told: Because, noun: Mapping[str, str], say: LetterWords) -> str:
    facts = {name: _fact(kind, value, say) for name, (kind, value) in told.facts.items()}
    return say(f"reason.{told.key}", **noun, **facts)


def _fact(kind: Kind, value: int | str, say: LetterWords) -> str:
    if kind == "health":
        return say.names("health", [code for code in str(value).split(";") if code])
    if kind == "count":
        return str(value)
    return say.value(int(value), kind)


def _supports(
    supports: Sequence[Support],
    language: Sequence[Because],
    class_from: dt.date | None,
    noun: Mapping[str, str],
    say: LetterWords,
) -> Iterator[str]:
    """Say what comes with a place; a class with the Danish that is wanting."""
    for one in supports:
        if one.kind == "course":
            day = dt.date.fromisoformat(str(one.facts["ready_on"]))
            paper = say(f"paper.{one.facts['paper']}")
            yield say("letter.course", paper=paper, day=say.day(day))
        elif one.kind == "mentor":
            yield say("letter.mentor", hours=say.hours(int(one.facts["minutes"])))
        else:
            yield from (_because(told, noun, say) for told in language)
            key = "letter.class" if class_from is None else "letter.class_from"
            yield say(key, day=class_from and say.weekday(class_from), **noun)


def _without_place(explanation: CitizenExplanation, say: LetterWords) -> Iterator[Part]:
    if explanation.unplaced is None:
        raise ValueError(explanation.citizen_id)
    one = explanation.unplaced
    title = say("letter.title_without")
    if explanation.status == "running":
        yield Part(title, (say("letter.running"),), flowing=True)
        return
    if one.cause == "no_opening_in_reach":
        why = [say("letter.no_reach")]
    elif one.cause == "rules":
        rules = [rule for rule in one.killed if rule != REACH] or [REACH]
        clauses = _stops(rules[:_MOST_STOPS], one.reach, say)
        key = "stops_one" if one.reach == 1 else "stops"
        why = [
            say("letter.near", one.reach),
            say(f"letter.{key}", list=say.joined(clauses, "or")),
        ]
        if set(rules[:_MOST_STOPS]) & set(one.assumed):
            why.append(say("letter.assumed_stop"))
    elif one.cause == "limit":
        why = [say("letter.limit")]
    else:
        why = [say("letter.full", one.possible)]
    yield Part(title, (say("letter.without"), *why), flowing=True)
    yield from _what_helps(explanation, say)


def _what_helps(explanation: CitizenExplanation, say: LetterWords) -> Iterator[Part]:
    if explanation.unlocked is not None and (helps := tuple(_helps(explanation.unlocked, say))):
        yield Part(say("letter.help"), helps)


def _stops(rules: Sequence[str], count: int, say: LetterWords) -> list[str]:
    """Say in clauses what rules stop; ``count`` openings are what the sentence is about."""
    number = 1 if count == 1 else 2
    return [say(f"stops.{key}", number, name=names) for key, _, names in _by_family(rules, say)]


def _by_family(rules: Sequence[str], say: LetterWords) -> Iterator[tuple[str, str, str]]:
    """Key of the text for each rule, the rule, and what fills it; health and papers share one."""
    families: dict[str, list[str]] = {}
    for rule in dict.fromkeys(rules):
        family, _, code = rule.partition("_")
        shared = family in {"health", "paper"}
        families.setdefault(family if shared else rule, []).append(code)
    for key, codes in families.items():
        shared = key in {"health", "paper"}
        rule = f"{key}_{codes[0]}" if shared else key
        yield key, rule, say.names(key, codes) if shared else ""


def _helps(unlocked: Unlocked, say: LetterWords) -> Iterator[str]:
    """Say what the citizen's own situation could change; what others would have to pay is left."""
    helps = [
        one
        for one in (*unlocked.singles, *unlocked.pairs)
        if all(step.lever in LEVERS for step in one.steps)
    ]
    for one in helps[:_MOST_HELPS]:
        yield say("letter.help_if", steps=_steps(one, say))


def _steps(unlock: Unlock, say: LetterWords) -> str:
    return say("format.and_if").join(
        say(
            f"help.{step.lever}",
            step.amount,
            paper=say(f"paper.{step.about}") if step.lever == "paper" else "",
        )
        for step in unlock.steps
    )


def _asked(why: WhyNot, say: LetterWords) -> Part:
    """Say why not the place that the citizen asked about."""
    head = say("letter.asked", opening=say.opening(why.opening_id))
    verdict = why.verdict
    if verdict == "rules":
        lines = [say("letter.not_rules"), *_failures(why, say)]
        assumed = set(assumed_of(say.problem, [why.opening_id]).get(why.opening_id, {}))
        if any(assumed & columns_of_rule(failure.rule) for failure in why.failures):
            lines.append(say("letter.assumed_stop"))
        return Part(head, tuple(dict.fromkeys(lines)))
    if why.forced is not None:
        placements, fit = why.forced.change
        return Part(
            head, (say(f"letter.not_{'possible' if placements else 'better' if fit else 'free'}"),)
        )
    return Part(head, (say(f"letter.not_{verdict}"),))


def _failures(why: WhyNot, say: LetterWords) -> Iterator[str]:
    opening = say.problem.records("openings", [why.opening_id])[why.opening_id]
    nouns = {say.measure(name, part_time=False)["noun"] for name in opening.measures}
    noun = say.noun("job" if "job" in nouns else min(nouns, default="place"))
    failures = {failure.rule: failure for failure in why.failures}
    for key, rule, names in _by_family(list(failures), say):
        unit = RULES[rule].unit
        yield say(
            f"plain.{key}",
            name=names,
            value=say.value(failures[rule].value, unit),
            limit=say.value(failures[rule].limit, unit),
            **noun,
        )
