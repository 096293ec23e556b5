"""What would help, added up: each change, made for all for whom it opens an opening."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.again import Resolver
from matcher.explain.counterfactuals import changed_week, cost_of, person_levers, step_of
from matcher.explain.unlocking import Unlocked


@dataclass(frozen=True)
class LeverGain:
    """One lever, pulled for all citizens without a proposal for whom it opens an opening."""

    lever: str
    """Name of the lever, e.g. ``oral`` or ``paper:hygiene``."""
    amount: int
    """How much one pull is, in the lever's unit."""
    citizens: int
    """Citizens for whom it makes at least one opening possible."""
    openings: int
    """Openings made possible, counted once for each citizen."""
    alone: int
    """Of the citizens, those it was shown to place by itself without taking another's place."""
    undecided: int
    """Of the others, those for whom that was neither shown nor ruled out; 0: ``alone`` is exact."""
    placements: int
    """More people placed in the best plan when it is pulled for all of them at once."""
    fit: int
    """Change of fit in all, in that plan."""
    proven: bool
    """Whether ``placements`` and ``fit`` are exact."""
    cost: int
    """DKK it is taken to cost for all of them."""


def lever_gains(
    resolver: Resolver,
    unlocked: Sequence[Unlocked],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[LeverGain, ...]:
    """Add up what helps over citizens, most placements first.

    Parameters
    ----------
    unlocked
        What would help each citizen without a proposal.
    progress
        Called with (levers done, in all).
    """
    solution = resolver.solution
    policy = solution.problem.policy
    ids = {str(one): at for at, one in enumerate(solution.book.encoded.citizens.ids)}
    levers = person_levers(policy)
    found = []
    for done, lever in enumerate(levers, start=1):
        these = [one for one in unlocked if one.opened.get(lever)]
        if these:
            week = changed_week(solution.problem, [ids[one.citizen_id] for one in these], [lever])
            resolved = resolver.another(week)
            change = resolved.change(resolver.base)
            found.append(
                LeverGain(
                    lever=lever,
                    amount=step_of(policy, lever),
                    citizens=len(these),
                    openings=int(np.sum([one.opened[lever] for one in these])),
                    alone=sum(lever in one.alone for one in these),
                    undecided=sum(lever in one.undecided for one in these),
                    placements=len(resolved.chosen) - len(solution.chosen),
                    fit=change[1],
                    proven=resolved.proven,
                    cost=cost_of(policy, lever) * len(these),
                )
            )
        if progress is not None:
            progress(done, len(levers))
    return tuple(sorted(found, key=lambda one: (-one.placements, -one.fit, one.lever)))
