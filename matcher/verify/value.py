"""Every number a placement states and every value a plan claims, against the records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from matcher.plan import Plan
from matcher.rules import UNKNOWN
from matcher.verify.case import CheckedPlacement
from matcher.verify.findings import VALUE, Violation, wrong_date, wrong_number

TIERS = ("placements", "fit", "tie_break")
"""Names of a plan's own tiers, in the order they are improved."""
LOW = ("cost", "price")
"""Goals that are kept low: their bound lies below."""
_GROUP = re.compile(r"people\[(\w+)(!?=)(.+)\]")


def wrong_values(case: CheckedPlacement) -> Iterator[Violation]:
    """Each number of a placement that the records do not give."""
    stated, where = case.placement, case.where
    numbers = [
        ("mentor_minutes", stated.mentor_minutes, case.mentor_need),
        ("minutes", stated.minutes, case.minutes),
        ("locked", int(stated.locked), int(_is_locked(case))),
    ]
    if case.way.minutes != UNKNOWN:
        numbers += [
            ("commute", stated.commute, case.way.minutes),
            ("fit", stated.fit, case.fit),
            *_components(case),
        ]
    for line in sorted({*stated.cost, *case.cost}):
        numbers.append((f"cost.{line}", stated.cost.get(line, 0), case.cost.get(line, 0)))
    for name, value, limit in numbers:
        if value != limit:
            yield wrong_number(f"{where}: {name}", value, limit)
    if stated.start != case.start:
        yield wrong_date(f"{where}: start", stated.start, case.start)


def _components(case: CheckedPlacement) -> Iterator[tuple[str, int, int]]:
    """Stated and recomputed points; what has no weight may be left out."""
    weights = case.facts.weights
    stated, given = case.placement.components, case.components
    for name in sorted({*stated, *given}):
        if name in stated or weights[name] > 0:
            yield f"components.{name}", stated.get(name, UNKNOWN), given.get(name, 0)


def _is_locked(case: CheckedPlacement) -> bool:
    return any(
        lock.citizen_id == case.citizen.citizen_id
        and lock.opening_id == case.opening.opening_id
        and lock.measure in (None, case.placement.measure)
        for lock in case.facts.locks
    )


def wrong_tiers(plan: Plan, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """Tiers whose value is not what the placements add up to, or whose bound cannot be."""
    given = {goal: _value(goal, cases) for goal in plan.goals if goal != "tie_break"}
    names = Counter(tier.name for tier in plan.tiers)
    for name in sorted({*names, *given}):
        expected = int(name in given) if name != "tie_break" else min(1, names[name])
        if names[name] != expected:
            yield wrong_number(f"tiers named {name}", names[name], expected)
    order = [plan.goals.index(tier.name) for tier in plan.tiers if tier.name in plan.goals]
    if order != sorted(order):
        message = f"tiers: expected the order {', '.join(plan.goals)}."
        yield Violation(VALUE, "tiers", 0, 1, message)
    for tier in plan.tiers:
        where = f"tier {tier.name}"
        if tier.name in given and tier.value != given[tier.name]:
            yield wrong_number(where, tier.value, given[tier.name])
        if (tier.bound < tier.value) if tier.name not in LOW else (tier.bound > tier.value):
            message = f"{where}: the value {tier.value} passes its own bound {tier.bound}."
            yield Violation(VALUE, f"{where}: bound", tier.value, tier.bound, message)
        elif tier.proven and tier.bound != tier.value:
            message = f"{where}: said to be proven at {tier.value}, but its bound is {tier.bound}."
            yield Violation(VALUE, f"{where}: proven", tier.value, tier.bound, message)


def _value(goal: str, cases: Sequence[CheckedPlacement]) -> int:
    """Add up a goal over the placements; UNKNOWN for one that nobody knows."""
    group = _GROUP.fullmatch(goal)
    if group is not None:
        column, sign, value = group.groups()
        inside = [str(getattr(case.citizen, column)).lower() == value.lower() for case in cases]
        return sum(inside) if sign == "=" else len(inside) - sum(inside)
    sums: Mapping[str, Callable[[CheckedPlacement], int]] = {
        "placements": lambda case: case.priority,
        "fit": lambda case: case.fit + case.kept - case.price,
        "people": lambda case: 1,
        "cost": lambda case: sum(case.cost.values()),
        "price": lambda case: case.price,
        "ahead": lambda case: case.start_points + case.fit + case.kept - case.price,
    }
    return sum(map(sums[goal], cases)) if goal in sums else UNKNOWN


def wrong_order(plan: Plan) -> Iterator[Violation]:
    """First placement that is out of order: they are sorted by citizen id."""
    ids = [placement.citizen_id for placement in plan.placements]
    for position, (citizen, expected) in enumerate(zip(ids, sorted(ids), strict=True)):
        if citizen != expected:
            where = f"placements[{position}]"
            message = f"{where}: '{citizen}' stands where '{expected}' should: sort by citizen id."
            yield Violation(VALUE, where, position, ids.index(expected), message)
            return
