"""A citizen's explanation as lines to read, for the caseworker."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.explain.ahead import Moved
from matcher.explain.citizen_explanation import CitizenExplanation, ThisOne
from matcher.explain.parts import Part
from matcher.explain.sentences import (
    reason_sentence,
    unplaced_sentence,
    why_not_known,
)
from matcher.explain.telling import Telling
from matcher.rules import RULES, shown
from matcher.texts import inside, tell


def citizen_parts(explanation: CitizenExplanation, say: Telling) -> tuple[Part, ...]:
    """Tell an explanation to a caseworker."""
    parts: list[Part] = []
    if explanation.this is not None:
        parts += _this_parts(explanation, explanation.this, say)
    else:
        parts += _without_parts(explanation, say)
    if explanation.ahead is not None:
        parts.append(Part(say("ahead.title"), (_ahead(explanation.ahead, say),)))
    if explanation.not_that is not None:
        head, *lines = say.why_not(explanation.not_that)
        parts.append(Part(head, tuple(lines)))
    return tuple(parts)


def _ahead(moved: Moved, say: Telling) -> str:
    """Say what the plan would have been without prices, and which price moved him."""
    if moved.without is None or moved.measure_without is None:
        return say("ahead.explain_gained")
    rule, _, key = moved.row.removesuffix("]").partition("[")
    return say(
        "ahead.explain_moved" if moved.row else "ahead.explain_made_room",
        without=say.opening(moved.without),
        measure=say.measure(moved.measure_without),
        points=say.whole(moved.points),
        worth=say.whole(moved.worth),
        row=f"{say(f'row_name.{rule}')} {key}" if rule else "",
    )


def _this_parts(explanation: CitizenExplanation, this: ThisOne, say: Telling) -> list[Part]:
    placement, policy, language = this.placement, say.policy, say.language
    opening = say.opening(placement.opening_id)
    key = "this.best" if this.best_fit <= placement.fit or this.possible == 1 else "this.fit"
    head = [
        say("this.head", citizen=explanation.citizen_id, opening=opening),
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
    names = (inside(say(f"component.{one.component}")) for one in this.why.strongest)
    strongest = ", ".join(names)
    considerations = [say("head.strongest", names=strongest)]
    if this.why.trade_off is not None:
        name = inside(say(f"component.{this.why.trade_off.component}"))
        considerations.append(say("head.weakest", name=name))
    considerations += [
        say(
            "this.component",
            name=inside(say(f"component.{one.reason.component}")),
            points=say.whole(one.reason.points),
            most=say.whole(one.most),
            sentence=reason_sentence(one.reason, policy, language),
        )
        for one in this.components
    ]
    considerations += filter(None, [why_not_known(this.why, policy, language)])
    law = say(
        "this.law",
        measure=say.measure(this.law.measure),
        source=say.pick({"en": f"{this.law.english}; {this.law.source}", "da": this.law.danish}),
        policy=this.law.policy,
        **{"from": say.date(this.law.valid_from)},
    )
    others = tuple(say.alternative(one) for one in this.margin.alternatives)
    parts = [
        Part("", tuple(head)),
        Part(say("head.considerations"), tuple(considerations)),
        Part(say("head.support"), tuple(say.support(one) for one in this.supports)),
        Part(say("head.rules"), (law, *(tell(one, language) for one in this.conditions))),
        Part(say("head.facts"), tuple(say.weighed(this.weighed, placement.opening_id))),
        Part(say("head.margin"), (say.margin(this.margin),)),
    ]
    if not this.margin.locked:
        parts.append(Part(say("head.alternatives"), others or (say("margin.none"),)))
    return [part for part in parts if part.lines]


def _without_parts(explanation: CitizenExplanation, say: Telling) -> list[Part]:
    if explanation.unplaced is None:
        raise ValueError(explanation.citizen_id)
    one = explanation.unplaced
    head = "head.running" if explanation.status == "running" else "head.without"
    lines = [unplaced_sentence(one, say.language)]
    if explanation.status != "running":
        for key, counts in (("left.killed", one.killed), ("left.nearest", one.nearest)):
            if counts:
                lines.append(say(key, list=_rules(counts, say)))
        if one.lost_on:
            rows = "; ".join(
                f"{say(f'row_name.{rule}')} ({say.whole(count)})"
                for rule, count in one.lost_on.items()
            )
            lines.append(say("left.lost", list=rows))
    parts = [Part("", (say(head, citizen=explanation.citizen_id), *lines))]
    if explanation.unlocked is not None:
        first, *rest = say.unlocked(explanation.unlocked)
        parts.append(Part(first, tuple(rest)))
    return parts


def _rules(counts: Mapping[str, int], say: Telling, most: int = 8) -> str:
    return "; ".join(
        f"{inside(RULES[rule].short(say.language))} ({say.whole(count)})"
        for rule, count in list(counts.items())[:most]
    )
