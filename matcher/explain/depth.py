"""All that takes solving again, for a whole week at once: margins, what helps, bottlenecks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matcher.explain.bottlenecks import Bottleneck, bottlenecks
from matcher.explain.levers import LeverGain, lever_gains
from matcher.explain.margins import Margin, margins
from matcher.explain.resolve import Resolver
from matcher.explain.unlocking import Unlocked, unlocking

MOST_ROWS = 25
"""Scarce rows solved again, those with the highest prices."""


@dataclass(frozen=True)
class Depth:
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
    alternatives: int = 0,
    bounded: int = 3,
    rows: int = MOST_ROWS,
    progress: Callable[[int, int], None] | None = None,
) -> Depth:
    """Explain a whole week in depth.

    Parameters
    ----------
    alternatives
        Alternatives to each proposal at most, solved for.
    bounded
        Alternatives in all, further ones told by a lower bound on their cost.
    rows
        Scarce rows that are solved again at most.
    progress
        Called with (proposals done, in all).
    """
    found = margins(resolver, alternatives=alternatives, bounded=bounded, progress=progress)
    unlocked = unlocking(resolver, pairs=False)
    return Depth(
        margins=found,
        unlocked=unlocked,
        levers=lever_gains(resolver, unlocked),
        bottlenecks=bottlenecks(resolver, most=rows),
    )
