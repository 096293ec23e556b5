"""Several asked for one seat: only where the policy allows it, and for how many it may go wrong.

The first of a proposal's queue are asked together with its citizen, as long as the exposure stays
under the policy's cap: the expected number of people who say yes and get no seat, on the upper end
of the share accepted. Where too little is known, nobody is asked beside.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from matcher.decisions.expected import (
    answers_counted,
    group_of,
    places_of,
    settled_of,
    share_end,
)
from matcher.decisions.rates import decided_pairs
from matcher.ledger import Ledger
from matcher.plan import Plan
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.queues import BackUps, Path, Together

_PARTS = 10_000
"""Chances are told in so many parts of 1."""
_NEAR = 1e-9
"""How near a chance may lie to a ten-thousandth to count as it."""


def asked_together(problem: Problem, plan: Plan, found: BackUps, ledger: Ledger | None) -> BackUps:
    """Say for which seats several are asked at once.

    Parameters
    ----------
    problem
        The week; its policy says where, how many, and how far (``declines.several``).
    plan
        Its plan.
    found
        Its back-ups.
    ledger
        Says what was answered in the last weeks. None: nobody is asked beside.

    Returns
    -------
    BackUps
        ``found``, with ``together`` and the ``answers`` it rests on.
    """
    policy = problem.policy
    rule = policy.declines.several
    if ledger is None or not rule.anywhere or not found.each:
        return found
    since = problem.today - dt.timedelta(weeks=policy.oversight.look_back_weeks)
    pairs = decided_pairs(ledger, since, problem.today)
    counted = answers_counted(ledger, settled_of(pairs))
    places = places_of(problem.tables)
    own = {one.citizen_id: one for one in plan.placements}
    together = []
    used: set[Path] = set()
    for proposed, queue in found.queues():
        first = own[proposed]
        place = places[first.opening_id]
        asked = (first, *(one.placement for one in queue[: rule.most]))
        allowed = place[0] in rule.sectors
        groups = [
            group_of(policy, counted, one.measure, place)
            if allowed and one.measure in rule.measures
            else None
            for one in asked
        ]
        used.update(path for path in groups if path is not None)
        answers = [None if path is None else counted[path] for path in groups]
        beside, exposure = most_beside(policy, answers)
        if beside:
            together.append(Together(proposed, beside, exposure))
    rests_on = {path: counted[path] for path in sorted(used)}
    return replace(found, together=tuple(together), answers=rests_on)


def most_beside(policy: Policy, answers: Sequence[tuple[int, int] | None]) -> tuple[int, int]:
    """Return how many may be asked beside the first, and the exposure of that in millionths.

    Parameters
    ----------
    answers
        Accepted and settled proposals of the group of the one with the proposal, and of each who
        could be asked beside, in order. None: too few are known, or it is not allowed.
    """
    cap = Fraction(policy.declines.several.beyond_percent, 100)
    found = (0, Fraction(0))
    total, nobody = Fraction(0), Fraction(1)
    for beside, counts in enumerate(answers):
        if counts is None:
            break
        chance = upper_share(policy, *counts)
        total, nobody = total + chance, nobody * (1 - chance)
        exposure = total - 1 + nobody
        if beside and exposure > cap:
            break
        found = (beside, exposure)
    return found[0], math.ceil(found[1] * 1_000_000)


def upper_share(policy: Policy, accepted: int, settled: int) -> Fraction:
    """Upper end of the interval of the share accepted, in ten-thousandths, rounded up."""
    high = share_end(policy, accepted, settled)
    return Fraction(min(_PARTS, math.ceil((high - _NEAR) * _PARTS)), _PARTS)
