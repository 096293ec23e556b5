"""Who steps in where a proposal is declined, and who is asked at once: the record of queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from matcher.plan import Placement


@dataclass(frozen=True)
class BackUp:
    """Somebody who steps in when a proposal, and the back-ups before, are declined."""

    opening_id: str
    proposed: str
    """Citizen whose proposal it is."""
    rank: int
    """1: the first to be asked."""
    placement: Placement
    """What the back-up would begin with."""


@dataclass(frozen=True)
class Ranked:
    """How far one rank came."""

    rank: int
    asked: int
    """Proposals that could have one: unlocked, with all ranks before."""
    found: int
    bound: int
    """No choice gives more of them one, beside the ranks before."""
    fit: int
    """Of all of them together, points."""
    proven: bool
    """Whether neither more nor better fitting ones exist, beside the ranks before."""


Path = tuple[str, ...]
"""Measure, sector, kind of opening; shorter: all below it. Empty: everything."""


@dataclass(frozen=True)
class Together:
    """A proposal whose first back-ups are asked at the same time as its citizen."""

    proposed: str
    """Citizen whose proposal it is."""
    asked: int
    """Back-ups asked, from the first of the queue on, >= 1."""
    exposure: int
    """Expected number of people who say yes and get no seat, millionths, rounded up."""


@dataclass(frozen=True)
class BackUps:
    """Ordered back-ups of a week: nobody in two places, and room for all whose turn may come."""

    each: tuple[BackUp, ...]
    """By opening, citizen proposed and rank."""
    ranks: tuple[Ranked, ...]
    together: tuple[Together, ...] = ()
    """Where several are asked for one seat, by opening and citizen proposed."""
    answers: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    """Accepted and settled proposals by group, as far as ``together`` rests on them."""

    def queues(self) -> Iterator[tuple[str, tuple[BackUp, ...]]]:
        """Queue of each proposal that has one, by its citizen."""
        for (_, proposed), queue in groupby(self.each, lambda one: (one.opening_id, one.proposed)):
            yield proposed, tuple(queue)
