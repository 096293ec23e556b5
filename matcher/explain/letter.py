"""A citizen's card as lines to read: for the caseworker, or in plain language for the citizen.

What is written for the citizen names nobody else and nobody's id: it can go into a letter as it
is. A job is named by title and workplace, by its id only where it has neither.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from matcher.explain.card import Card, ThisOne
from matcher.explain.forcing import WhyNot
from matcher.explain.sentences import (
    COMPONENT_NAMES,
    ROW_NAMES,
    named,
    reason_sentence,
    unplaced_sentence,
    why_not_known,
)
from matcher.explain.telling import Telling
from matcher.explain.unlocking import PERSONAL, Unlock
from matcher.explain.why import Reason
from matcher.rules import RULES, shown


@dataclass(frozen=True)
class Part:
    """One part of a card: a heading and its lines."""

    heading: str
    """Empty for the first lines."""
    lines: tuple[str, ...]


def card_parts(card: Card, say: Telling) -> tuple[Part, ...]:
    """Tell a card to a caseworker."""
    parts: list[Part] = []
    if card.this is not None:
        parts += _this_parts(card, card.this, say)
    else:
        parts += _without_parts(card, say)
    if card.not_that is not None:
        head, *lines = say.why_not(card.not_that)
        parts.append(Part(head, tuple(lines)))
    return tuple(parts)


def _this_parts(card: Card, this: ThisOne, say: Telling) -> list[Part]:
    placement, policy, language = this.placement, say.policy, say.language
    opening = say.opening(placement.opening_id)
    key = "this.best" if this.best_fit <= placement.fit or this.possible == 1 else "this.fit"
    head = [
        say("this.head", citizen=card.citizen_id, opening=opening),
        say(
            "this.form",
            measure=say.measure(placement.measure, placement.minutes),
            hours=shown(placement.minutes, "hours", language),
            start=say.date(placement.start),
            way=shown(placement.commute, "minutes", language),
        ),
        say.beginning(this.begins),
        say(
            key,
            this.possible,
            fit=placement.fit,
            best=this.best_fit,
            opening=say.opening(this.best_opening),
        ),
    ]
    strongest = ", ".join(
        named(COMPONENT_NAMES, reason.component, language) for reason in this.why.strongest
    )
    considerations = [say("head.strongest", names=strongest)]
    if this.why.trade_off is not None:
        name = named(COMPONENT_NAMES, this.why.trade_off.component, language)
        considerations.append(say("head.weakest", name=name))
    considerations += [
        say(
            "this.component",
            name=named(COMPONENT_NAMES, one.reason.component, language),
            points=say.whole(one.reason.points),
            most=say.whole(one.most),
            sentence=reason_sentence(one.reason, policy, language),
        )
        for one in this.components
    ]
    considerations += filter(None, [why_not_known(this.why, language)])
    law = say(
        "this.law",
        measure=say.measure(this.law.measure),
        source=this.law.danish if say.danish else f"{this.law.english}; {this.law.source}",
        policy=this.law.policy,
        **{"from": say.date(this.law.valid_from)},
    )
    others = tuple(say.alternative(one) for one in this.margin.alternatives)
    parts = [
        Part("", tuple(head)),
        Part(say("head.considerations"), tuple(considerations)),
        Part(say("head.support"), tuple(say.support(one) for one in this.supports)),
        Part(say("head.rules"), (law,)),
        Part(say("head.facts"), tuple(say.weighed(this.weighed))),
        Part(say("head.margin"), (say.margin(this.margin),)),
    ]
    if not this.margin.locked:
        parts.append(Part(say("head.alternatives"), others or (say("margin.none"),)))
    return [part for part in parts if part.lines]


def _without_parts(card: Card, say: Telling) -> list[Part]:
    if card.unplaced is None:
        raise ValueError(card.citizen_id)
    one = card.unplaced
    head = "head.running" if card.status == "running" else "head.without"
    lines = [unplaced_sentence(one, say.language)]
    if card.status != "running":
        for key, counts in (("left.killed", one.killed), ("left.nearest", one.nearest)):
            if counts:
                lines.append(say(key, list=_rules(counts, say)))
        if one.lost_on:
            rows = "; ".join(
                f"{named(ROW_NAMES, rule, say.language)} ({say.whole(count)})"
                for rule, count in one.lost_on.items()
            )
            lines.append(say("left.lost", list=rows))
    parts = [Part("", (say(head, citizen=card.citizen_id), *lines))]
    if card.unlocked is not None:
        first, *rest = say.unlocked(card.unlocked)
        parts.append(Part(first, tuple(rest)))
    return parts


def _rules(counts: Mapping[str, int], say: Telling, most: int = 8) -> str:
    return "; ".join(
        f"{RULES[rule].short(say.language)} ({say.whole(count)})"
        for rule, count in list(counts.items())[:most]
    )


def letter_parts(card: Card, say: Telling) -> tuple[Part, ...]:
    """Tell a card to the citizen: plain words, nobody else's id."""
    parts: list[Part] = []
    if card.this is not None:
        parts += _letter_this(card.this, say)
    else:
        parts += _letter_without(card, say)
    if card.not_that is not None and card.not_that.verdict != "proposed":
        why = card.not_that
        opening = say.opening(why.opening_id, plain=True)
        if why.verdict == "rules":
            lines = tuple(say.plain_failures(why))
            parts.append(Part(say("letter.not_rules", opening=opening), lines))
        else:
            parts.append(Part("", (say(f"letter.not_{_not_that(why)}", opening=opening),)))
    parts.append(Part("", (say("letter.end" if card.this else "letter_end.talk"),)))
    return tuple(parts)


def _not_that(why: WhyNot) -> str:
    """Kind of sentence that says to the citizen why not a possible job."""
    if why.forced is None:
        return why.verdict
    placements, fit = why.forced.change
    return "possible" if placements else "better" if fit else "free"


def _stated(reason: Reason) -> bool:
    """Whether a component rests on something; what a citizen never stated speaks for no job."""
    name = {"occupation": "wishes"}.get(reason.component, reason.component)
    return bool(reason.facts.get(name, True))


def _letter_this(this: ThisOne, say: Telling) -> list[Part]:
    placement, language = this.placement, say.language
    head = [
        say("letter.proposed", opening=say.opening(placement.opening_id, plain=True)),
        say(
            "letter.form",
            measure=say.measure(placement.measure, placement.minutes),
            hours=shown(placement.minutes, "hours", language),
            start=say.weekday(placement.start),
            way=shown(placement.commute, "minutes", language),
        ),
        *(_letter_support(this, say)),
    ]
    strongest = [one for one in this.why.strongest if _stated(one)]
    reasons = [
        f"{named(COMPONENT_NAMES, one.component, language)}:"
        f" {reason_sentence(one, say.policy, language)}"
        for one in strongest
    ]
    parts = [Part("", tuple(head)), Part(say("letter.because"), tuple(reasons))]
    weak = [one for one in this.why.components if _stated(one) and one.weak]
    worst = max(weak, key=lambda one: one.gap, default=None)
    if worst is not None:
        sentence = (
            f"{named(COMPONENT_NAMES, worst.component, language)}:"
            f" {reason_sentence(worst, say.policy, language)}"
        )
        parts.append(Part("", (say("letter.against", sentence=sentence),)))
    law = this.law.danish if say.danish else this.law.english
    rules = say("letter.rules", len(this.weighed), source=law)
    parts.append(Part("", (rules,)))
    if this.margin.alternatives:
        names = [say.opening(one.seat.opening_id, plain=True) for one in this.margin.alternatives]
        parts.append(Part(say("letter.others"), tuple(dict.fromkeys(names))))
    return parts


def _letter_support(this: ThisOne, say: Telling) -> list[str]:
    lines = []
    for one in this.supports:
        if one.kind == "course":
            day = dt.date.fromisoformat(str(one.facts["ready_on"]))
            paper = say.paper(str(one.facts["paper"]))
            lines.append(say("letter.course", paper=paper, day=say.date(day)))
        elif one.kind == "mentor":
            minutes = shown(int(one.facts["minutes"]), "hours", say.language)
            lines.append(say("letter.mentor", minutes=minutes))
        elif this.begins.class_from is None:
            lines.append(say("letter.class"))
        else:
            lines.append(say("letter.class_from", day=say.weekday(this.begins.class_from)))
    return lines


def _letter_without(card: Card, say: Telling) -> list[Part]:
    if card.unplaced is None:
        raise ValueError(card.citizen_id)
    one = card.unplaced
    if card.status == "running":
        return [Part("", (say("letter.running"),))]
    if one.cause == "no_opening_in_reach":
        why = say("letter.no_reach")
    elif one.cause == "rules":
        rules = [rule for rule in one.killed if rule != "commute"][:3] or ["commute"]
        names = "; ".join(_inside(say.topic(rule)) for rule in rules)
        why = say("letter.rules_stop", one.reach, list=names)
    elif one.cause == "limit":
        why = say("letter.limit")
    else:
        why = say("letter.full", one.possible)
    parts = [Part("", (say("letter.without"), why))]
    if card.unlocked is not None:
        helps = [
            one
            for one in (*card.unlocked.singles, *card.unlocked.pairs)
            if all(step.lever in PERSONAL for step in one.steps)
        ]
        lines = tuple(_letter_help(one, say) for one in helps)
        if lines:
            parts.append(Part(say("letter.help"), lines))
    return parts


def _inside(text: str) -> str:
    """Begin a text as it begins inside a sentence."""
    return text if text.startswith("Danish") else f"{text[:1].lower()}{text[1:]}"


def _letter_help(unlock: Unlock, say: Telling) -> str:
    steps = say("unlock.and").join(say.step(step) for step in unlock.steps)
    text = f"{steps[:1].upper()}{steps[1:]}"
    return f"{text}: {say.opening(unlock.seat.opening_id, plain=True)}"
