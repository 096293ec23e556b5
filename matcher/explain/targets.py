"""Ask for a target: the cheapest set of levers with which so many are placed, or what money buys.

Each answer is solved to proof over all levers together (:mod:`matcher.again.lever_sets`), then its
levers are pulled in the week's own tables: that week is solved, and held against the independent
check. What is told of placements and fit is that week's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from matcher.again import LeverSet, LeverSets, Resolver, earlier_of
from matcher.errors import OptionError
from matcher.explain.all_levers import LeveredWeeks, Pull, levered_week, levers_of
from matcher.objectives import PEOPLE, Objectives
from matcher.policy import Policy
from matcher.texts import Message
from matcher.verify import ensure_verified

STAGES = 3
"""Steps that progress is told in: the levers, the best set, the runner-up."""


@dataclass(frozen=True)
class WayToTarget:
    """A set of levers, and the week in which they are pulled."""

    pulls: tuple[Pull, ...]
    """The levers; none where the week needs none."""
    cost: int
    """DKK they are taken to cost."""
    cost_bound: int
    """DKK below which no set places as many; equal to ``cost`` where that is proven."""
    placements: int
    """People placed in the best plan of that week."""
    fit: int
    """Its fit in all."""
    proven: bool
    """Whether no set is better: none cheaper for as many, none with more for the money."""


@dataclass(frozen=True)
class Target:
    """An answer to a target."""

    placements: int | None
    """Placements that were asked for."""
    money: int | None
    """DKK that were asked for."""
    levers: tuple[str, ...]
    """Levers that could be pulled."""
    base: int
    """People placed in the week as it is."""
    reached: bool
    """Whether the best way places as many as were asked for; of money always."""
    best: WayToTarget
    """The cheapest way; where the target is out of reach, the cheapest to as many as can be."""
    runner_up: WayToTarget | None
    """The next best way, without at least one of its levers or with less of it; as many are placed.
    None: there is none, or none was asked for."""

    @property
    def ties(self) -> bool:
        """Whether the next best way costs the same, so that neither is the better one."""
        return self.runner_up is not None and self.runner_up.cost <= self.best.cost


def target(
    resolver: Resolver,
    *,
    placements: int | None = None,
    money: int | None = None,
    levers: Collection[str] | None = None,
    runner_up: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Target:
    """Find the cheapest levers for so many placements, or the most placements for so much money.

    Parameters
    ----------
    resolver
        The week.
    placements, money
        What is asked for: people placed, or DKK; one of the two.
    levers
        Levers that may be pulled, by name; a lever on papers stands for all of them. None: all
        that the policy gives a cost.
    runner_up
        Whether the next best way is asked for too.
    progress
        Called with (stages done, in all).

    Raises
    ------
    OptionError
        Both or neither of the two, a number below zero, a lever without a cost in the policy.
    """
    tell = progress or (lambda done, total: None)
    names = check_target(resolver.solution.problem.policy, placements, money, levers)
    base = len(resolver.solution.plan.placements)
    weeks = LeveredWeeks(resolver, names)
    sets = LeverSets(weeks.all)
    tell(1, STAGES)
    if placements is not None:
        found = sets.cheapest(max(placements, base))
    else:
        found = sets.most(money or 0)
    if found is None:
        raise OptionError(Message("target.no_plan"))
    tell(2, STAGES)
    best = _way(resolver, weeks, found)
    second = None
    if runner_up and best.pulls:
        other = sets.cheapest(found.people, not_as=found)
        if (
            other is not None
            and other.people >= found.people
            and (money is None or other.cost <= money)
        ):
            second = _way(resolver, weeks, other)
    tell(3, STAGES)
    return Target(
        placements=placements,
        money=money,
        levers=names,
        base=base,
        reached=placements is None or best.placements >= placements,
        best=best,
        runner_up=second,
    )


def check_target(
    policy: Policy,
    placements: int | None,
    money: int | None,
    asked: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Check a question before a week is solved for it, and name its levers in the policy's order.

    Raises
    ------
    OptionError
        As for :func:`target`.
    """
    if (placements is None) == (money is None):
        raise OptionError(Message("target.one"))
    number = money if placements is None else placements
    if number is not None and number < 0:
        raise OptionError(Message("target.negative", number=number))
    known = levers_of(policy)
    if asked is None:
        return known
    names = [name for name in known if name in asked or name.partition(":")[0] in asked]
    kinds = dict.fromkeys(name.partition(":")[0] for name in known)
    wrong = sorted(set(asked) - set(known) - set(kinds))
    if wrong or not names:
        raise OptionError(
            Message("target.lever", lever=", ".join(wrong) or "-", known=tuple(kinds))
        )
    return tuple(names)


def _way(resolver: Resolver, weeks: LeveredWeeks, found: LeverSet) -> WayToTarget:
    """Pull a set's levers in the week's tables, solve that week, and check it."""
    solution, pulls = resolver.solution, weeks.told(found)
    if pulls:
        week = levered_week(solution.problem, pulls)
        solution = earlier_of(solution).solve(week, aim=Objectives((PEOPLE, "fit")))
        solution.plan.need_no_clash()
        ensure_verified(week, solution.plan)
    placed = len(solution.plan.placements)
    # A week's own offers look at few classes and sessions: what it cannot hold is not claimed.
    holds = placed >= found.people
    return WayToTarget(
        pulls=pulls,
        cost=found.cost,
        cost_bound=found.cost_bound,
        placements=placed,
        fit=sum(one.fit for one in solution.plan.placements),
        proven=found.proven and holds,
    )
