"""Why this one: the strongest reasons for a placement and its weakest point, as facts.

A component speaks for a placement or against it, never both: it is judged by what this citizen
could have had, in any offer of his own that the rules allow. Nearer to the worst of these than to
the best, it is weak, by the points of fit that the best has more; otherwise it is a reason, as
strong as what it adds to the fit. Points of fit are weight times points over the sum of weights.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcher.explain.assumed import RESTS_ON, assumed_of, resting
from matcher.explain.not_known import not_known_of
from matcher.offers import COMPONENTS, OfferBook, build_offers
from matcher.plan import Placement, Reason, Why
from matcher.problem import Problem
from matcher.records import HEALTH_CODES, Citizen, Opening
from matcher.week import week_minutes

STRONGEST = 3
"""Reasons given for a placement."""


def reasons(
    problem: Problem, placements: tuple[Placement, ...], book: OfferBook | None = None
) -> tuple[Why, ...]:
    """Explain each placement by its components, in the order given.

    Parameters
    ----------
    problem
        The week.
    placements
        Those asked about.
    book
        The week's offers, against which a component is judged. None: they are made.
    """
    if not placements:
        return ()
    ranges = _ranges(book or build_offers(problem), placements)
    citizens = problem.records("citizens", [placement.citizen_id for placement in placements])
    openings = problem.records("openings", [placement.opening_id for placement in placements])
    workplaces = problem.records("workplaces")
    of_citizens = not_known_of(problem, "citizens", citizens)
    of_openings = not_known_of(problem, "openings", openings)
    of_assumed = assumed_of(problem, openings)
    weights = problem.policy.fit.weights.model_dump()
    explained = []
    for placement, (worst, best) in zip(placements, ranges, strict=True):
        citizen, opening = citizens[placement.citizen_id], openings[placement.opening_id]
        facts = _facts(
            problem, placement, citizen, opening, workplaces[opening.workplace_id].sector.value
        )
        used = {name: weight for name, weight in weights.items() if weight and name in facts}
        total = sum(used.values())
        assumed = of_assumed.get(placement.opening_id, {})
        components = tuple(
            Reason(
                component=name,
                points=placement.components[name],
                adds=weight * placement.components[name] // total,
                lacks=weight * (1000 - placement.components[name]) // total,
                facts=facts[name],
                worst=worst[name],
                best=best[name],
                gap=weight * (best[name] - placement.components[name]) // total,
                assumed=resting(assumed, RESTS_ON.get(name, frozenset())),
            )
            for name, weight in used.items()
        )
        # Equal strength: the policy's order decides, so the answer never varies.
        strong = sorted(
            (one for one in components if one.adds and not one.weak), key=lambda one: -one.adds
        )
        weak = [one for one in components if one.weak]
        explained.append(
            Why(
                placement.citizen_id,
                tuple(strong[:STRONGEST]),
                max(weak, key=lambda one: one.gap, default=None),
                components,
                of_citizens.get(placement.citizen_id, {}),
                of_openings.get(placement.opening_id, {}),
                assumed,
            )
        )
    return tuple(explained)


def _ranges(
    book: OfferBook, placements: tuple[Placement, ...]
) -> list[tuple[dict[str, int], dict[str, int]]]:
    """Fewest and most points of each component over a citizen's offers and the placement itself."""
    offers = book.offers
    had = np.array([[one.components[name] for name in COMPONENTS] for one in placements])
    position = {one: at for at, one in enumerate(book.encoded.citizens.ids.tolist())}
    whose = np.array([position[one.citizen_id] for one in placements])
    first = np.searchsorted(offers.citizen, whose)
    count = np.searchsorted(offers.citizen, whose, side="right") - first
    low, high = had.copy(), had.copy()
    some = np.flatnonzero(count)  # a lock may hold somebody without an offer
    if len(some):
        begins = np.cumsum(count[some]) - count[some]
        own = np.repeat(first[some] - begins, count[some]) + np.arange(count.sum())
        points = offers.points[own]
        low[some] = np.minimum(had[some], np.minimum.reduceat(points, begins))
        high[some] = np.maximum(had[some], np.maximum.reduceat(points, begins))
    return [
        (
            dict(zip(COMPONENTS, fewest, strict=True)),
            dict(zip(COMPONENTS, most, strict=True)),
        )
        for fewest, most in zip(low.tolist(), high.tolist(), strict=True)
    ]


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
        "measure": {
            "measure": placement.measure,
            "sector": sector,
            "minutes": placement.minutes,
        },
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
            "capacity": min(round(citizen.capacity_hours * 60), room_beside(problem, citizen)),
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


def room_beside(problem: Problem, citizen: Citizen) -> int:
    """Minutes of the duty week beside class and treatment the citizen has already."""
    duty = problem.policy.duty_week
    own = {"class": citizen.class_blocks, "treatment": citizen.treatment_blocks}
    counted = sum(week_minutes(blocks) for kind, blocks in own.items() if kind in duty.counts)
    return round(duty.hours * 60) - counted
