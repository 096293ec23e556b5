"""Why this one: the strongest reasons for a placement and its worst trade-off, as facts.

A component's strength is what it adds to the fit, its trade-off what it takes from a perfect fit;
both in points of fit, weight times points over the sum of weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matcher.plan import Placement
from matcher.problem import Problem
from matcher.records import HEALTH_CODES, Citizen, Opening
from matcher.week import week_minutes

STRONGEST = 3
"""Reasons given for a placement."""


@dataclass(frozen=True)
class Reason:
    """One component of the fit of one placement."""

    component: str
    """Name of the component."""
    points: int
    """Points, 0-1000."""
    adds: int
    """Points of fit it adds."""
    lacks: int
    """Points of fit it lacks against a perfect 1000."""
    facts: Mapping[str, int | str]
    """The facts that weighed, for the sentence."""


@dataclass(frozen=True)
class Why:
    """Reasons for one placement."""

    citizen_id: str
    strongest: tuple[Reason, ...]
    """What adds most, strongest first."""
    trade_off: Reason
    """What lacks most."""
    components: tuple[Reason, ...]
    """All components that weigh, in the policy's order."""


def reasons(problem: Problem, placements: tuple[Placement, ...]) -> tuple[Why, ...]:
    """Explain each placement by its components, in the order given."""
    citizens = problem.records("citizens", [placement.citizen_id for placement in placements])
    openings = problem.records("openings", [placement.opening_id for placement in placements])
    workplaces = problem.records("workplaces")
    weights = problem.policy.fit.weights.model_dump()
    explained = []
    for placement in placements:
        citizen, opening = citizens[placement.citizen_id], openings[placement.opening_id]
        facts = _facts(
            problem, placement, citizen, opening, workplaces[opening.workplace_id].sector.value
        )
        used = {name: weight for name, weight in weights.items() if weight and name in facts}
        total = sum(used.values())
        components = tuple(
            Reason(
                component=name,
                points=placement.components[name],
                adds=weight * placement.components[name] // total,
                lacks=weight * (1000 - placement.components[name]) // total,
                facts=facts[name],
            )
            for name, weight in used.items()
        )
        # Equal strength: the policy's order decides, so the answer never varies.
        strongest = sorted(components, key=lambda reason: -reason.adds)[:STRONGEST]
        trade_off = max(components, key=lambda reason: reason.lacks)
        explained.append(Why(placement.citizen_id, tuple(strongest), trade_off, components))
    return tuple(explained)


def _facts(
    problem: Problem, placement: Placement, citizen: Citizen, opening: Opening, sector: str
) -> dict[str, Mapping[str, int | str]]:
    policy = problem.policy
    slack = {
        code: getattr(citizen, f"limit_{code}") - getattr(opening, f"demand_{code}")
        for code in HEALTH_CODES
    }
    tight = [code for code, left in slack.items()
             if left == 0 and 0 < getattr(opening, f"demand_{code}") < 3]  # fmt: skip
    facts: dict[str, Mapping[str, int | str]] = {
        "measure": {"measure": placement.measure, "sector": sector},
        "health": {
            "over": ";".join(code for code, left in slack.items() if left < 0),
            "tight": ";".join(tight),
        },
        "language": {
            "oral": citizen.oral,
            "oral_floor": opening.oral_floor,
            "reading": citizen.reading,
            "reading_floor": opening.reading_floor,
            "team": placement.team_id or "",
        },
        "occupation": {"isco": opening.isco, "wishes": ";".join(citizen.wishes)},
        "hours": {
            "minutes": placement.minutes,
            "capacity": min(round(citizen.capacity_hours * 60), _room(problem, citizen)),
        },
        "commute": {"minutes": placement.commute},
        "experience": {"isco": opening.isco, "experience": ";".join(citizen.experience)},
        "prospect": {"prospect": opening.prospect},
    }
    rule = policy.hours_225
    if (
        rule is not None
        and citizen.benefit in rule.benefits
        and citizen.benefit_months >= rule.benefit_months
        and (citizen.ordinary_hours_12m or 0) < rule.hours
    ):
        facts["hours_225"] = {
            "worked": int(citizen.ordinary_hours_12m or 0),
            "needed": rule.hours,
            "measure": placement.measure,
        }
    return facts


def _room(problem: Problem, citizen: Citizen) -> int:
    """Minutes of the duty week beside class and treatment the citizen has already."""
    duty = problem.policy.duty_week
    own = {"class": citizen.class_blocks, "treatment": citizen.treatment_blocks}
    counted = sum(week_minutes(blocks) for kind, blocks in own.items() if kind in duty.counts)
    return round(duty.hours * 60) - counted
