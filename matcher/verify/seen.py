"""Placements that were checked before, for weeks of which little else has changed.

What a placement breaks and states follows from records and rules alone, whatever else a plan
holds. So it is looked up where the very same people, places and ways were read, under rules that
say the same but for budgets and floors of groups, where placement and supports are equal, its
employer's workplaces too, and there is still room at all of them; else it is checked.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from pydantic import BaseModel

from matcher.plan import Placement
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.verify.case import CheckedPlacement
from matcher.verify.facts import Facts
from matcher.verify.findings import Violation

_READ = ("citizens", "places", "travel_times", "running", "forbids", "locks", "previous")
"""Tables that the check of one placement reads, beside its opening, workplaces and supports."""
_OF_ALL = {"group_floors", "overrides"}
"""Parts of the policy that the check of one placement does not read."""
_BUDGETS: dict[str, dict[str, int]] = {"budgets": {}, "year_budgets": {}, "year_quotas": {}}
_MOST = 4
"""Policies under which placements of the same citizens are kept."""
_WEEKS = 8
"""Weeks whose records are kept with the placements that were checked in them."""


_Key = tuple[str, str, str]
"""Citizen, opening and measure."""


class Seen:
    """Placements checked against some tables under some rules."""

    def __init__(self, facts: Facts, problem: Problem) -> None:
        # A table that nobody else needs any more is not kept for this.
        self._tables = [weakref.ref(problem[name]) for name in _READ]
        self._policy, self._today = facts.policy, facts.today
        self._checked: dict[_Key, tuple[Placement, CheckedPlacement]] = {}
        self._weeks: list[Facts] = []

    def fits(self, problem: Problem) -> bool:
        """Whether a problem has the same tables and rules, as far as one placement goes."""
        tables = (problem[name] for name in _READ)
        return (
            self._today == problem.today
            and all(was() is now for was, now in zip(self._tables, tables, strict=True))
            and _same_rules(self._policy, problem.policy)
        )

    def get(self, facts: Facts, placement: Placement) -> CheckedPlacement | None:
        """Return a placement in which nothing was and is wrong; None where it must be checked."""
        stated, case = self._checked.get(_key(placement), (None, None))
        if case is None or stated != placement:
            return None
        return case if _alike(facts, case) and _has_room(facts, case) else None

    def keep(self, case: CheckedPlacement, found: Sequence[Violation]) -> None:
        """Keep a placement in which nothing was found; what is wrong is found anew each time.

        A planner tries weeks without end: of them the first stays, which is the week as it is,
        and the last ones, so that memory does not grow.
        """
        if found:
            return
        if all(case.facts is not one for one in self._weeks):
            self._weeks.append(case.facts)
            if len(self._weeks) > _WEEKS:
                self._forget(self._weeks.pop(1))
        one = case.placement
        # A copy: what is changed in place since must be checked again.
        stated = replace(one, cost=dict(one.cost), components=dict(one.components))
        self._checked[_key(one)] = stated, case

    def _forget(self, week: Facts) -> None:
        kept = self._checked.items()
        self._checked = {key: one for key, one in kept if one[1].facts is not week}


def _alike(facts: Facts, case: CheckedPlacement) -> bool:
    """Whether the records that a placement names say the same but for how much there is."""
    opening, workplace = case.opening, case.workplace
    return (
        _same(facts.openings.get(opening.opening_id), opening, "seats")
        and facts.employers[workplace.employer_id] == case.facts.employers[workplace.employer_id]
        and (case.team is None or _same(facts.teams.get(case.team.team_id), case.team, "seats"))
        and (case.pool is None or _same(facts.pools.get(case.pool.pool_id), case.pool, "hours"))
        and all(_same(facts.courses.get(one.course_id), one, "seats") for one in case.courses)
    )


def _has_room(facts: Facts, case: CheckedPlacement) -> bool:
    """Whether there is room for a placement by itself, beside what runs."""
    openings, workplaces, measure = facts.openings, facts.workplaces, case.measure
    return (
        facts.free_seats(openings[case.opening.opening_id]) >= 1
        and (not measure.ratio_rule
             or facts.free_ratio_places(workplaces[case.workplace.workplace_id]) >= 1)
        and (case.team is None or facts.free_class_seats(facts.teams[case.team.team_id]) >= 1)
        and (case.pool is None
             or facts.free_mentor_minutes(facts.pools[case.pool.pool_id]) >= case.mentor_need)
        and all(facts.courses[one.course_id].seats >= 1 for one in case.courses)
    )  # fmt: skip


def _same(one: BaseModel | None, other: BaseModel, much: str) -> bool:
    """Whether two records are equal but for a column that says how much there is."""
    if one is None or one is other:
        return one is other
    return {**vars(one), much: 0} == {**vars(other), much: 0}


def _key(placement: Placement) -> _Key:
    return placement.citizen_id, placement.opening_id, placement.measure


def _same_rules(one: Policy, other: Policy) -> bool:
    if one is other:
        return True
    pairs = ((getattr(one, name), getattr(other, name))
             for name in Policy.model_fields if name not in {"money", *_OF_ALL})  # fmt: skip
    moneys = [policy.money.model_copy(update=_BUDGETS) for policy in (one, other)]
    return moneys[0] == moneys[1] and all(a is b or a == b for a, b in pairs)


_seen: dict[int, tuple[weakref.ref[pd.DataFrame], list[Seen]]] = {}
"""By the table of citizens, for as long as somebody holds it."""


def seen_of(facts: Facts, problem: Problem) -> Seen:
    """Return what was seen of such a week; nothing yet where none was."""
    people = problem["citizens"]
    at = id(people)
    if at not in _seen or _seen[at][0]() is not people:
        _seen[at] = weakref.ref(people, lambda _: _seen.pop(at, None)), []
    known = _seen[at][1]
    for one in known:
        if one.fits(problem):
            return one
    known.insert(0, Seen(facts, problem))
    del known[_MOST:]
    return known[0]
