"""All that takes solving again, for a whole week at once: margins, what helps, bottlenecks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matcher.again import Resolver
from matcher.explain.bottlenecks import Bottleneck, bottlenecks
from matcher.explain.levers import LeverGain, lever_gains
from matcher.explain.margins import ALTERNATIVES, Margin, margins
from matcher.explain.unlocking import Unlocked, unlocking

MOST_ROWS = 25
"""Scarce rows solved again, those with the highest prices."""
MOST_EXACT = 500
"""Proposals of a week whose alternatives are all solved for."""


@dataclass(frozen=True)
class WeekExplanation:
    """What a week's explanations hold beyond what the plan itself shows."""

    margins: tuple[Margin, ...]
    """Of each proposal, in the plan's order."""
    unlocked: tuple[Unlocked, ...]
    """Of each citizen without a proposal who is in no placement."""
    levers: tuple[LeverGain, ...]
    bottlenecks: tuple[Bottleneck, ...]


def depth(
    resolver: Resolver,
    *,
    alternatives: int | None = None,
    rows: int = MOST_ROWS,
    progress: Callable[[int, int], None] | None = None,
) -> WeekExplanation:
    """Explain a whole week in depth.

    Parameters
    ----------
    alternatives
        Alternatives to each proposal that are solved for, at most; further ones, up to
        ``ALTERNATIVES`` in all, are told by a lower bound on their cost. None: all of them in a
        week of no more than ``MOST_EXACT`` proposals, else none.
    rows
        Scarce rows that are solved again at most.
    progress
        Called with (proposals done, in all).
    """
    if alternatives is None:
        alternatives = ALTERNATIVES if len(resolver.solution.chosen) <= MOST_EXACT else 0
    found = margins(resolver, alternatives=alternatives, bounded=ALTERNATIVES, progress=progress)
    unlocked = unlocking(resolver, pairs=False)
    return WeekExplanation(
        margins=found,
        unlocked=unlocked,
        levers=lever_gains(resolver, unlocked),
        bottlenecks=bottlenecks(resolver, most=rows),
    )
