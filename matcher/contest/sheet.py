"""The sheet that answers why: facts used, rules, considerations, what would have changed it.

It is written after what forvaltningsloven § 24 asks of reasons (the rules, the main considerations,
the facts that weighed), though a proposal is no decision: what stands here ends up in one. Facts
first, as data; then the same in words, in every language, so that a later version's words change
no sheet. It names nobody but the citizen, and no caseworker.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matcher.again import Resolver
from matcher.contest.grounds import Ground, ground_of, grounds_of
from matcher.explain.citizen_explanation import CitizenExplanation, ThisOne, explain_one
from matcher.explain.letter_words import LetterWords
from matcher.explain.moving import Unlock
from matcher.explain.not_known import not_known_of
from matcher.explain.own_facts import own_facts
from matcher.explain.parts import Part
from matcher.explain.sentences import reason_sentence, unplaced_sentence, why_not_known
from matcher.explain.telling import Telling, says_something
from matcher.ledger import Decision, Event, Ledger, Run
from matcher.plan import plain
from matcher.policy import Accountability, Policy, load_policy
from matcher.problem import Problem
from matcher.remake import options_of_run
from matcher.row_kinds import ROW_KINDS
from matcher.rules import RULES
from matcher.solve import Solution
from matcher.texts import LANGUAGES, inside, tell

FORM = 1
"""Form of the sheet as data."""
_OTHERS = {"citizen_id", "caseworker_id", "household_id"}
"""Columns of a citizen that say nothing of him, or lead to somebody else."""
STAFF = "caseworkers"
"""Table of those who are never named."""


@dataclasses.dataclass(frozen=True)
class CaseMaterial:
    """A question, and all that its answer is made of."""

    run: Run
    citizen_id: str
    asked_on: dt.date
    at: dt.datetime
    solution: Solution
    told: CitizenExplanation
    decisions: tuple[Decision, ...]
    events: tuple[Event, ...]
    ranks: Mapping[str, int]
    """By run, the number under which the citizen was asked beside others; no run: was not."""

    @property
    def problem(self) -> Problem:
        """The week it is about."""
        return self.solution.problem

    @property
    def policy(self) -> Policy:
        """What held."""
        return self.solution.problem.policy


def made_sheet(
    ledger: Ledger,
    run: Run,
    citizen_id: str,
    asked_on: dt.date,
    at: dt.datetime,
    solution: Solution,
) -> str:
    """Write the sheet of a citizen in a run, as JSON.

    Parameters
    ----------
    at
        What was decided and happened up to this moment, as the ledger was told it, belongs to it.
    solution
        The run made again.
    """
    resolver = Resolver(solution, options_of_run(run))
    decisions = tuple(
        one
        for one in ledger.decisions(citizen_id=citizen_id, history=True)
        if one.recorded_at is not None and one.recorded_at <= at
    )
    asked = CaseMaterial(
        run,
        citizen_id,
        asked_on,
        at,
        solution,
        _nobody_else(explain_one(resolver, citizen_id)),
        decisions,
        tuple(
            one
            for one in ledger.events(citizen_id=citizen_id)
            if one.recorded_at is not None and one.recorded_at <= at
        ),
        {
            one.run_id: one.rank
            for run_id in sorted({decision.run_id for decision in decisions})
            for one in ledger.asked(run_id, citizen_id)
            if one.citizen_id == citizen_id
        },
    )
    content = {
        "schema_version": FORM,
        "citizen_id": citizen_id,
        "asked_on": asked_on,
        "frozen_at": at,
        "run": _run(run),
        "status": asked.told.status,
        "facts": _facts(asked),
        "proposal": _proposal(asked),
        "rules": _rules(asked),
        "grounds": [one.to_dict() for one in _grounds(asked)],
        "considerations": _considerations(asked),
        "changes": _changes(asked),
        "decisions": [_decision(one, asked) for one in asked.decisions],
        "events": [
            {"kind": one.kind, "day": one.day, "opening_id": one.opening_id} for one in asked.events
        ],
        "complaint": _complaint(asked).model_dump(mode="json", exclude={"acts"}),
        "told": {language: _told(asked, language) for language in LANGUAGES},
    }
    return json.dumps(plain(content), ensure_ascii=False, indent=1) + "\n"


def parts_of(sheet: str, language: str) -> tuple[Part, ...]:
    """Give a sheet's words in a language; English where it was frozen without that one."""
    told = json.loads(sheet)["told"]
    return tuple(
        Part(one["heading"], tuple(one["lines"])) for one in told.get(language, told["en"])
    )


def _nobody_else(told: CitizenExplanation) -> CitizenExplanation:
    """Leave out what would help where it is a certain caseworker's time: that names somebody."""

    def names_somebody(one: Unlock) -> bool:
        kinds = (ROW_KINDS.get(step.lever) for step in one.steps)
        return any(kind is not None and (kind.home or kind.table == STAFF) for kind in kinds)

    if told.unlocked is None:
        return told
    singles, pairs = (
        tuple(one for one in some if not names_somebody(one))
        for some in (told.unlocked.singles, told.unlocked.pairs)
    )
    unlocked = dataclasses.replace(told.unlocked, singles=singles, pairs=pairs)
    return dataclasses.replace(told, unlocked=unlocked)


# ------------------------------------------------------------------------------ data


def _run(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "day": run.day,
        "recorded_at": run.recorded_at,
        "input_digest": run.input_digest,
        "outcome_digest": run.outcome_digest,
        "policy": {name: run.policy.get(name) for name in ("name", "version", "digest")},
        "versions": dict(run.versions),
        "proven": run.proven,
        "tiers": [{"name": one.name, "value": one.value, "bound": one.bound} for one in run.tiers],
        "citizens": run.citizens,
        "placed": run.placed,
    }


def _facts(asked: CaseMaterial) -> list[dict[str, Any]]:
    """Give every column of the citizen as the run had it; what nobody knew is marked."""
    record = asked.problem.records("citizens", [asked.citizen_id])[asked.citizen_id]
    unknown = not_known_of(asked.problem, "citizens", [asked.citizen_id]).get(asked.citizen_id, {})
    return [
        {"column": name, "value": value, "known": name not in unknown}
        for name, value in record.model_dump(mode="json").items()
        if name not in _OTHERS
    ]


def _proposal(asked: CaseMaterial) -> dict[str, Any] | None:
    if asked.told.this is None:
        return None
    content = dataclasses.asdict(asked.told.this.placement)
    return {name: value for name, value in content.items() if name != "citizen_id"}


def _rules(asked: CaseMaterial) -> list[dict[str, Any]]:
    """Give the rules that were held against a proposal, or those that stopped openings."""
    this, unplaced = asked.told.this, asked.told.unplaced
    if this is not None:
        return [
            {
                "rule": one.rule,
                "value": one.value,
                "limit": one.limit,
                "unit": RULES[one.rule].unit,
                "holds": one.holds,
                "grounds": [
                    each.key for each in grounds_of(asked.policy, one.rule, this.placement.measure)
                ],
            }
            for one in this.weighed
        ]
    if unplaced is None:
        return []
    return [
        {
            "rule": rule,
            "stopped": count,
            "alone": unplaced.nearest.get(rule, 0),
            "grounds": [each.key for each in grounds_of(asked.policy, rule)],
        }
        for rule, count in unplaced.killed.items()
    ]


def _grounds(asked: CaseMaterial) -> tuple[Ground, ...]:
    """Give the parts of the policy that the rules of a sheet rest on, the measure's first."""
    keys = {f"measures.{asked.told.this.placement.measure}": None} if asked.told.this else {}
    keys |= dict.fromkeys(key for rule in _rules(asked) for key in rule["grounds"])
    return tuple(ground_of(asked.policy, key) for key in keys)


def _considerations(asked: CaseMaterial) -> dict[str, Any]:
    this, unplaced = asked.told.this, asked.told.unplaced
    if this is None:
        if unplaced is None:
            return {}
        content = dataclasses.asdict(unplaced)
        # What was lost may be named after a household or a caseworker; kinds are enough.
        return {
            name: content[name]
            for name in ("cause", "reach", "killed", "nearest", "possible", "lost_on")
        }
    return {
        "fit": this.placement.fit,
        "best_fit": this.best_fit,
        "best_opening": this.best_opening,
        "possible": this.possible,
        "components": [
            {
                "component": one.reason.component,
                "weight": one.weight,
                "points": one.reason.points,
                "most": one.most,
                "facts": dict(one.reason.facts),
            }
            for one in this.components
        ],
        "strongest": [one.component for one in this.why.strongest],
        "weakest": this.why.trade_off and this.why.trade_off.component,
        "supports": [dataclasses.asdict(one) for one in this.supports],
    }


def _changes(asked: CaseMaterial) -> dict[str, Any]:
    """Give what another answer would have taken: openings at their price, or steps that help."""
    this, unlocked = asked.told.this, asked.told.unlocked
    if this is not None:
        margin = this.margin
        return {
            "locked": margin.locked,
            "cost_without": margin.cost,
            "stays": margin.stays,
            "proven": margin.proven,
            "alternatives": [
                {
                    "opening_id": one.seat.opening_id,
                    "measure": one.seat.measure,
                    "fit": one.seat.fit,
                    "cost": one.cost,
                    "proven": one.proven,
                    "at_least": one.at_least,
                }
                for one in margin.alternatives
            ],
        }
    if unlocked is None:
        return {}
    return {
        "steps": [
            {
                "levers": [dataclasses.asdict(step) for step in one.steps],
                "opening_id": one.seat.opening_id,
                "cost": one.cost,
                "moves": one.moves,
            }
            for one in (*unlocked.singles, *unlocked.pairs)
        ],
        "opened": dict(unlocked.opened),
    }


def _decision(one: Decision, asked: CaseMaterial) -> dict[str, Any]:
    rank = asked.ranks.get(one.run_id)
    return {
        "run_id": one.run_id,
        "opening_id": one.opening_id,
        "verdict": one.verdict,
        "reason": one.reason,
        "reason_name": one.reason and asked.policy.reason_name(one.reason),
        "unit": one.unit,
        "decided_at": one.decided_at,
        "recorded_at": one.recorded_at,
        # A sheet about others is to the byte what it was before anybody was asked beside.
        **({} if rank is None else {"asked_beside": rank}),
    }


def _complaint(asked: CaseMaterial) -> Accountability:
    """Give where one complains, as the run's policy says; older ones said nothing of it."""
    own = asked.policy.accountability or load_policy(asked.run.day).accountability
    if own is None:
        raise ValueError(asked.run.run_id)
    return own


# ------------------------------------------------------------------------------ words


def _told(asked: CaseMaterial, language: str) -> list[dict[str, Any]]:
    say = Telling(asked.problem, language)
    letter = LetterWords(asked.problem, language)
    parts = (
        _head(asked, say),
        Part(say("contest.answer"), tuple(_answer(asked, say))),
        Part(say("contest.facts"), tuple(_facts_told(asked, say, letter))),
        Part(say("contest.rules"), tuple(_rules_told(asked, say))),
        Part(say("contest.grounds"), tuple(_grounds_told(asked, say))),
        Part(say("contest.considerations"), tuple(_considerations_told(asked, say))),
        Part(say("contest.changes"), tuple(_changes_told(asked, say))),
        Part(say("contest.decided"), tuple(_decided_told(asked, say))),
        Part(say("contest.complain"), tuple(_complain_told(asked, say))),
        Part(say("contest.replay"), tuple(_replay_told(asked, say))),
    )
    return [{"heading": one.heading, "lines": list(one.lines)} for one in parts if one.lines]


def _head(asked: CaseMaterial, say: Telling) -> Part:
    run = asked.run
    return Part(
        say("contest.title", citizen=asked.citizen_id),
        (
            say("contest.asked", day=asked.asked_on, at=asked.at),
            say("contest.of_run", run=run.run_id, day=run.day, input=run.input_digest),
            say(
                "contest.under",
                policy=run.policy.get("name"),
                version=run.policy.get("version"),
                digest=run.policy.get("digest"),
                program=run.versions.get("jobmatch", "-"),
            ),
        ),
    )


def _answer(asked: CaseMaterial, say: Telling) -> Iterator[str]:
    this, unplaced = asked.told.this, asked.told.unplaced
    if this is None:
        key = "head.running" if asked.told.status == "running" else "head.without"
        yield say(key, citizen=asked.citizen_id)
        if unplaced is not None:
            yield unplaced_sentence(unplaced, say.language)
        return
    place = this.placement
    opening = say.opening(place.opening_id)
    yield say("this.head", citizen=asked.citizen_id, opening=opening)
    yield say(
        "contest.form",
        measure=say.measure(place.measure, place.minutes),
        hours=say.hours(place.minutes),
        start=place.start,
        way=place.commute,
    )
    yield say.beginning(this.begins)
    yield from (say.support(one) for one in this.supports)
    yield say("contest.no_decision")


def _facts_told(asked: CaseMaterial, say: Telling, letter: LetterWords) -> Iterator[str]:
    yield say("contest.facts_lead", day=asked.run.day)
    record = asked.problem.records("citizens", [asked.citizen_id])[asked.citizen_id]
    yield from own_facts(record, letter)
    if asked.told.this is not None and (
        text := why_not_known(asked.told.this.why, say.policy, say.language)
    ):
        yield text


def _rules_told(asked: CaseMaterial, say: Telling) -> Iterator[str]:
    this = asked.told.this
    marks = {one.key: number for number, one in enumerate(_grounds(asked), start=1)}

    def marked(keys: Sequence[str]) -> str:
        return "".join(f" [{marks[key]}]" for key in keys)

    rules = {one["rule"]: one["grounds"] for one in _rules(asked)}
    if this is None:
        unplaced = asked.told.unplaced
        if unplaced is None or not rules:
            yield say("contest.no_rules")
            return
        yield say("contest.stopped_lead", unplaced.reach)
        for rule in rules:
            text = say(
                "contest.stopped",
                unplaced.killed[rule],
                rule=RULES[rule].short(say.language),
                alone=unplaced.nearest.get(rule, 0),
            )
            yield text + marked(rules[rule])
        return
    yield say("contest.rules_lead", len(this.weighed))
    silent = []
    for one in this.weighed:
        if says_something(one):
            rests = say.rests(one.rule, this.placement.opening_id)
            yield say.compared(one) + rests + marked(rules[one.rule])
        else:
            silent.append(inside(say.topic(one.rule)) + marked(rules[one.rule]))
    if silent:
        yield say("contest.silent", names=tuple(dict.fromkeys(silent)))
    if this.conditions:
        what = " ".join(tell(one, say.language) for one in this.conditions)
        yield say("contest.conditions", what=what)


def _grounds_told(asked: CaseMaterial, say: Telling) -> Iterator[str]:
    for number, one in enumerate(_grounds(asked), start=1):
        until = one.said.get("valid_to")
        text = say(
            "contest.ground_to" if until else "contest.ground",
            number=number,
            name=_ground_name(one, say),
            law=one.names.get(say.language, one.names["en"]),
            first=dt.date.fromisoformat(one.valid_from),
            last=dt.date.fromisoformat(until) if until else "",
        )
        if how := one.read(say):
            text += " " + say("contest.ground_read", how=how)
        if one.review_by is not None:
            text += " " + say("contest.ground_review", day=one.review_by)
        yield text
    yield say("contest.no_ground")


def _ground_name(one: Ground, say: Telling) -> str:
    name, _, measure = one.key.partition(".")
    return say.measure(measure) if measure else say(f"policy_section.{name}")


def _considerations_told(asked: CaseMaterial, say: Telling) -> Iterator[str]:
    yield say("contest.goals")
    this, unplaced = asked.told.this, asked.told.unplaced
    if this is not None:
        yield from _fit_told(this, say)
    elif unplaced is not None and unplaced.lost_on:
        names = tuple(
            f"{say(f'row_name.{rule}')} ({say.whole(count)})"
            for rule, count in unplaced.lost_on.items()
        )
        yield say("contest.lost", unplaced.possible, names=names)
    yield say("contest.never")


def _fit_told(this: ThisOne, say: Telling) -> Iterator[str]:
    place = this.placement
    key = "this.best" if this.best_fit <= place.fit or this.possible == 1 else "this.fit"
    best = say.opening(this.best_opening)
    yield say(key, this.possible, fit=place.fit, best=this.best_fit, opening=best)
    for one in this.components:
        yield say(
            "contest.component",
            name=inside(say(f"component.{one.reason.component}")),
            points=one.reason.points,
            most=one.most,
            weight=one.weight,
            sentence=reason_sentence(one.reason, say.policy, say.language),
        )
    names = ", ".join(say(f"component.{one.component}") for one in this.why.strongest)
    yield say("head.strongest", names=names)
    if this.why.trade_off is not None:
        yield say("head.weakest", name=say(f"component.{this.why.trade_off.component}"))


def _changes_told(asked: CaseMaterial, say: Telling) -> Iterator[str]:
    this, unlocked = asked.told.this, asked.told.unlocked
    if this is not None:
        yield say.margin(this.margin)
        if not this.margin.locked:
            others = [say.alternative(one) for one in this.margin.alternatives]
            yield from others or [say("margin.none")]
        yield say("contest.change_facts")
    elif unlocked is not None:
        yield from say.unlocked(unlocked)
    else:
        yield say("contest.no_change")


def _decided_told(asked: CaseMaterial, say: Telling) -> Iterator[str]:
    for one in asked.decisions:
        if (rank := asked.ranks.get(one.run_id)) is not None:
            yield say("contest.beside", rank=rank, run=one.run_id)
        yield say(
            "contest.decision_why" if one.reason else "contest.decision",
            verdict=inside(say(f"verdict.{one.verdict}")),
            run=one.run_id,
            opening=say.opening(one.opening_id)
            if _there(asked, one.opening_id)
            else one.opening_id,
            at=one.decided_at,
            unit=one.unit or say("contest.unit_unknown"),
            reason=one.reason and inside(say.pick(asked.policy.reason_name(one.reason))),
        )
    for event in asked.events:
        yield say(
            f"contest.event_{event.kind}",
            day=event.day,
            opening=say.opening(event.opening_id)
            if _there(asked, event.opening_id)
            else event.opening_id,
        )
    if not asked.decisions:
        yield say("contest.nobody", at=asked.at)
    yield say("contest.who_decides")


def _there(asked: CaseMaterial, opening_id: str) -> bool:
    return bool(asked.problem["openings"]["opening_id"].eq(opening_id).any())


def _complain_told(asked: CaseMaterial, say: Telling) -> Iterator[str]:
    own = _complaint(asked)
    acts = {name: say.pick({"en": one.english, "da": one.danish}) for name, one in own.acts.items()}

    def act(name: str) -> str:
        return acts.get(name, name)

    contact = asked.policy.letter.contact if asked.policy.letter else ""
    yield say("contest.complain_first", contact=contact or say("contest.caseworker"))
    yield say("contest.complain_hearing", hearing=act("fvl_19"))
    yield say(
        "contest.complain_decision",
        reasons=act("fvl_22"),
        content=act("fvl_24"),
        guidance=act("fvl_25"),
        later=act("fvl_23"),
    )
    yield say(
        "contest.complain_whom",
        own.complain_weeks,
        whom=say.pick({"en": own.complain_to_english, "da": own.complain_to_danish}),
    )
    yield say("contest.complain_data", rights=act("gdpr_rights"))


def _replay_told(asked: CaseMaterial, say: Telling) -> Iterator[str]:
    run = asked.run.run_id
    yield say("contest.replay_sheet", citizen=asked.citizen_id, run=run)
    yield say("contest.replay_check", citizen=asked.citizen_id, run=run)
    yield say("contest.replay_run", run=run)


def same_but_words(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two sheets say the same as data, whatever their words."""
    return {**one, "told": None} == {**other, "told": None}
