"""Placements that were checked before, for weeks of which little else has changed.

What a placement breaks and states follows from records and rules alone, whatever else a plan
holds. So it is looked up where the very same tables were read, under rules that say the same but
for budgets and floors of groups, and where placement and supports are equal; else it is checked.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from matcher.plan import Placement
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.verify.case import CheckedPlacement
from matcher.verify.facts import Facts
from matcher.verify.findings import Violation

_READ = (
    "citizens", "openings", "workplaces", "places", "travel_times", "running", "forbids", "locks",
    "previous",
)  # fmt: skip
"""Tables that the check of one placement reads, beside the supports that it names."""
_OF_ALL = {"group_floors", "overrides"}
"""Parts of the policy that the check of one placement does not read."""
_BUDGETS: dict[str, dict[str, int]] = {"budgets": {}, "year_budgets": {}}
_MOST = 4
"""Policies under which placements of the same citizens are kept."""

Checked = tuple[CheckedPlacement, Sequence[Violation]]


class Seen:
    """Placements checked against some tables under some rules."""

    def __init__(self, facts: Facts, problem: Problem) -> None:
        # A table that nobody else needs any more is not kept for this.
        self._tables = [weakref.ref(problem[name]) for name in _READ]
        self._policy, self._today = facts.policy, facts.today
        self._checked: dict[tuple[str, str, str], tuple[Placement, Checked]] = {}

    def fits(self, problem: Problem) -> bool:
        """Whether a problem has the same tables and rules, as far as one placement goes."""
        tables = (problem[name] for name in _READ)
        return (
            self._today == problem.today
            and all(was() is now for was, now in zip(self._tables, tables, strict=True))
            and _same_rules(self._policy, problem.policy)
        )

    def get(self, facts: Facts, placement: Placement) -> Checked | None:
        """Return what was found of a placement; None where it must be checked."""
        stated, known = self._checked.get(_key(placement), (None, None))
        if known is None or stated != placement:
            return None
        case = known[0]
        same = (
            (case.team is None or facts.teams.get(case.team.team_id) == case.team)
            and (case.pool is None or facts.pools.get(case.pool.pool_id) == case.pool)
            and all(facts.courses.get(one.course_id) == one for one in case.courses)
        )
        return known if same else None

    def keep(self, case: CheckedPlacement, found: Sequence[Violation]) -> None:
        """Keep what was found of a placement."""
        one = case.placement
        # A copy: what is changed in place since must be checked again.
        stated = replace(one, cost=dict(one.cost), components=dict(one.components))
        self._checked[_key(one)] = stated, (case, found)


def _key(placement: Placement) -> tuple[str, str, str]:
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
