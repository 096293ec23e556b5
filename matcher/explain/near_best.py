"""Several plans almost as good as the best, and far from it and from each other.

Each further plan pays a charge for every proposal it shares with the plans before: the week is
solved with fit less that charge, which gives the plan that differs most for what it lacks in fit.
The charge is raised as far as the plan stays within the tolerance. No plan places fewer people.
(After "modelling to generate alternatives", Brill et al. 1982.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.again import Change, Found, Resolver
from matcher.explain.why_not import Move, moves

Ints = npt.NDArray[np.int64]

_ROUNDS = 6
_DEAREST = 512


@dataclass(frozen=True)
class NearBest:
    """A plan within the tolerance."""

    lacks: int
    """Points of fit in all that it lacks against the best plan."""
    differs: int
    """Citizens whose proposal differs from the best plan's."""
    differs_from: tuple[int, ...]
    """The same against each near-best plan before it."""
    moves: tuple[Move, ...]
    """What differs from the best plan, along the chains."""


def near_best(resolver: Resolver, plans: int = 3, tolerance: int | None = None) -> tuple[
    NearBest, ...
]:  # fmt: skip
    """Find plans far apart that place as many people and lack little fit.

    Parameters
    ----------
    plans
        Plans at most, the best one not counted.
    tolerance
        Points of fit a plan may lack in all; None: the policy's.

    Returns
    -------
    tuple
        In the order found; fewer where every plan within the tolerance is one of those before.
    """
    solution = resolver.solution
    if tolerance is None:
        tolerance = solution.problem.policy.triage.near_best_points
    known: list[Ints] = [solution.chosen]
    found: list[NearBest] = []
    while len(found) < plans:
        shared = np.zeros(len(solution.book.offers), dtype=np.int64)
        for chosen in known:
            shared[chosen] += 1
        best = _farthest(resolver, shared, tolerance)
        if best is None or any(np.array_equal(best.chosen, chosen) for chosen in known):
            break
        found.append(
            NearBest(
                lacks=resolver.base[1] - best.values[1],
                differs=_differs(resolver, best.chosen, solution.chosen),
                differs_from=tuple(_differs(resolver, best.chosen, chosen) for chosen in known[1:]),
                moves=moves(resolver, best),
            )
        )
        known.append(best.chosen)
    return tuple(found)


def _farthest(resolver: Resolver, shared: Ints, tolerance: int) -> Found | None:
    """Return the plan of the highest charge that stays within the tolerance."""
    low, high, best = 0, _DEAREST, None
    for _ in range(_ROUNDS + 4):
        if high - low <= 1:
            break
        charge = (low + high + 1) // 2 if best is not None or low else max(1, high // 8)
        resolved = resolver.solve(Change(charge=charge * shared))
        within = (
            resolved.feasible
            and resolved.values[0] == resolver.base[0]
            and resolver.base[1] - resolved.values[1] <= tolerance
        )
        if within:
            low, best = charge, resolved
        else:
            high = charge
    return best


def _differs(resolver: Resolver, one: Ints, other: Ints) -> int:
    """Citizens whose choice differs between two selections."""
    return len(np.unique(resolver.solution.book.offers.citizen[np.setxor1d(one, other)]))
