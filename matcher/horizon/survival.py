"""How long placements last, and how many proposals are accepted: shares, never of one person.

Counts of weeks lived through and of early ends give a weekly chance to end, under a Beta prior
that pools what is rare: with few weeks seen it is the policy's figure, with many their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matcher.policy import Policy


@dataclass(frozen=True)
class Stay:
    """What was seen of placements under one measure in one sector."""

    weeks: int
    """Weeks they ran in all."""
    ended: int
    """How many of them ended before their time."""


def weekly_end(policy: Policy, seen: Stay) -> float:
    """Chance that a placement ends in a week: mean of the Beta posterior, 0-1."""
    horizon = policy.horizon
    assert horizon is not None
    weight = horizon.leaving_weight
    before = weight * horizon.leaving_permille / 1000
    return (before + seen.ended) / (weight + max(seen.weeks, seen.ended))


def accepted_share(policy: Policy, accepted: int, settled: int) -> float:
    """Share of proposals that are accepted: mean of the Beta posterior, 0-1.

    Parameters
    ----------
    policy
        What is taken where little is known (``declines``).
    accepted, settled
        Proposals that were accepted, and that were either accepted or rejected.
    """
    weight, percent = policy.declines.accepted_weight, policy.declines.accepted_percent
    return (weight * percent / 100 + accepted) / (weight + settled)


def stay_curves(
    policy: Policy, seen: Mapping[tuple[str, str], Stay] | None = None
) -> dict[str, dict[str, tuple[int, ...]]]:
    """Return the shares still running 1, 2, ... weeks from now, in thousandths.

    Parameters
    ----------
    policy
        With a section ``horizon``; its measures in force.
    seen
        By measure and sector; one left out: nothing was seen of it.
    """
    horizon = policy.horizon
    if horizon is None:
        return {}
    known = seen or {}
    curves: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, measure in policy.measures.items():
        for sector in measure.sectors:
            stays = 1 - weekly_end(policy, known.get((name, str(sector)), Stay(0, 0)))
            curve = tuple(int(1000 * stays**week) for week in range(1, horizon.weeks + 1))
            curves.setdefault(name, {})[str(sector)] = curve
    return curves
