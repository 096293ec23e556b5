"""Everything about one citizen: why this one, why not that one, why none, and what would help.

The law asks a decision for the rules, the main considerations and the facts that weighed
(forvaltningsloven § 24). A proposal is no decision, but what is written here ends up in one: so the
measure is named with its source and dates, the components of fit with their weights, and every
rule with the two values compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from matcher.again import Resolver
from matcher.explain.ahead import Moved, ahead_change
from matcher.explain.beginning import Beginning, beginning
from matcher.explain.law import conditions
from matcher.explain.left_over import left_without
from matcher.explain.margins import Margin, margins
from matcher.explain.unlocking import Unlocked, unlocking
from matcher.explain.why import reasons
from matcher.explain.why_not import WhyNot, position, why_not
from matcher.offers import Weighed, weighed
from matcher.plan import Placement, Reason, Unplaced, Why
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.texts import Message

MOST_SOLVES = 3
"""Changes of a citizen's situation settled by solving, beyond those the prices settle."""


@dataclass(frozen=True)
class LegalForm:
    """The legal form of a placement and where it stands."""

    measure: str
    """Measure id of the policy."""
    source: str
    """Where the figures come from: the policy's notes."""
    english: str
    """Where it stands, fit for a letter in English; else the notes."""
    danish: str
    """The same in Danish."""
    valid_from: dt.date
    valid_to: dt.date | None
    policy: str
    """Name, version and digest of the policy."""


@dataclass(frozen=True)
class Support:
    """What an offer adds, and the gap it closes."""

    kind: Literal["class", "mentor", "course"]
    key: str
    """Class, pool or course."""
    facts: Mapping[str, int | str]
    """Levels, minutes, paper and day."""


@dataclass(frozen=True)
class Component:
    """One component of fit against what the citizen could at most have had."""

    reason: Reason
    weight: int
    most: int
    """Most points any of his possible offers has, 0-1000."""


@dataclass(frozen=True)
class ThisOne:
    """Why a proposal is what it is."""

    placement: Placement
    begins: Beginning
    law: LegalForm
    weighed: tuple[Weighed, ...]
    """Every rule held against it, with both values; all hold."""
    components: tuple[Component, ...]
    """All that weigh, in the policy's order."""
    why: Why
    """Strongest reasons and worst trade-off."""
    best_fit: int
    """Highest fit among his possible offers."""
    best_opening: str
    """Where that is."""
    possible: int
    """Openings at which he has an offer."""
    supports: tuple[Support, ...]
    margin: Margin
    conditions: tuple[Message, ...] = ()
    """What somebody must see to before it is decided."""


@dataclass(frozen=True)
class CitizenExplanation:
    """Everything about one citizen in one week."""

    citizen_id: str
    date: dt.date
    status: Literal["proposed", "running", "without"]
    this: ThisOne | None
    """With a proposal."""
    unplaced: Unplaced | None
    """Without one: the chain of reasons."""
    unlocked: Unlocked | None
    """Without one, and in no placement: what would help."""
    not_that: WhyNot | None
    """About the opening that was asked for."""
    ahead: Moved | None = None
    """What prices of the weeks ahead changed for him; None: nothing."""


def explain_one(
    resolver: Resolver,
    citizen_id: str,
    opening_id: str | None = None,
    *,
    alternatives: int = 3,
    pairs: bool = True,
) -> CitizenExplanation:
    """Explain one citizen.

    Parameters
    ----------
    opening_id
        An opening to explain as well: why not that one.
    alternatives
        Most alternatives to a proposal.
    pairs
        Whether pairs of changes of his situation are tried, where he has no proposal.

    Raises
    ------
    OptionError
        The citizen or the opening is not in the tables.
    """
    solution = resolver.solution
    i = position(solution, "citizens", citizen_id)
    if opening_id is not None:
        position(solution, "openings", opening_id)
    this = _this(resolver, citizen_id, i, alternatives)
    unplaced = None if this else left_without(solution, citizen_id)
    found = () if this else unlocking(resolver, np.array([i]), pairs=pairs, solves=MOST_SOLVES)
    running = unplaced is not None and unplaced.cause == "already_placed"
    return CitizenExplanation(
        citizen_id=citizen_id,
        date=solution.problem.today,
        status="proposed" if this else "running" if running else "without",
        this=this,
        unplaced=unplaced,
        unlocked=found[0] if found else None,
        not_that=None if opening_id is None else why_not(resolver, citizen_id, opening_id),
        ahead=_moved(resolver, citizen_id),
    )


def _moved(resolver: Resolver, citizen_id: str) -> Moved | None:
    change = ahead_change(resolver.solution, resolver.options)
    moved = () if change is None else change.moved
    return next((one for one in moved if one.citizen_id == citizen_id), None)


def _this(resolver: Resolver, citizen_id: str, i: int, alternatives: int) -> ThisOne | None:
    solution = resolver.solution
    placement = next(
        (one for one in solution.plan.placements if one.citizen_id == citizen_id), None
    )
    if placement is None:
        return None
    book, policy = solution.book, solution.problem.policy
    offers = book.offers
    (why,) = reasons(solution.problem, (placement,), book)
    own = resolver.offers_of(i)
    most = dict(zip(placement.components, offers.points[own].max(axis=0).tolist(), strict=True))
    best = own[np.lexsort((own, -offers.fit[own].astype(np.int64)))[0]]
    (margin,) = margins(resolver, np.array([i]), alternatives=alternatives)
    weights = policy.fit.weights.model_dump()
    return ThisOne(
        placement=placement,
        begins=beginning(solution, placement),
        law=law_of(solution.problem.policy, placement.measure),
        weighed=weighed(book.encoded, citizen_id, placement.opening_id, placement.measure),
        components=tuple(
            Component(reason, weights[reason.component], int(most[reason.component]))
            for reason in why.components
        ),
        why=why,
        best_fit=int(offers.fit[best]),
        best_opening=str(book.encoded.openings.ids[offers.opening[best]]),
        possible=len(np.unique(offers.opening[own])),
        supports=supports_of(solution.problem, placement),
        margin=margin,
        conditions=conditions(solution.problem, (placement,))[citizen_id],
    )


def law_of(policy: Policy, measure: str) -> LegalForm:
    """Where the legal form of a placement stands."""
    section = policy.measures[measure]
    return LegalForm(
        measure=measure,
        source=section.source,
        english=section.law_english or section.source,
        danish=section.law_danish or section.source,
        valid_from=section.valid_from,
        valid_to=section.valid_to,
        policy=f"{policy.name} {policy.version} ({policy.digest()})",
    )


def supports_of(problem: Problem, placement: Placement) -> tuple[Support, ...]:
    """Collect what somebody would get beside a place, and the gap that each closes."""
    citizen = problem.records("citizens", [placement.citizen_id])[placement.citizen_id]
    opening = problem.records("openings", [placement.opening_id])[placement.opening_id]
    found: list[Support] = []
    if placement.team_id is not None:
        found.append(
            Support(
                "class",
                placement.team_id,
                {
                    "oral": citizen.oral,
                    "oral_floor": opening.oral_floor,
                    "reading": citizen.reading,
                    "reading_floor": opening.reading_floor,
                },
            )
        )
    if placement.pool_id is not None:
        found.append(
            Support(
                "mentor",
                placement.pool_id,
                {
                    "minutes": placement.mentor_minutes,
                    "needs": round(citizen.mentor_hours * 60),
                    "own": round(opening.mentor_hours * 60),
                },
            )
        )
    if placement.course_ids:
        courses = problem.records("courses", placement.course_ids)
        for course_id in placement.course_ids:
            course = courses[course_id]
            facts = {"paper": course.paper, "ready_on": course.ready_on.isoformat()}
            found.append(Support("course", course_id, facts))
    return tuple(found)
