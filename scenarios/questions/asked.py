"""What a solved week is asked by a page: each is a function of the week that is held.

A question takes the week, something that tells when nobody wants the answer any more, and plain
values; it goes to another process by its name.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, fields, replace
from threading import Event
from typing import Any, Literal

import pandas as pd

from matcher.again import Resolver
from matcher.decisions import note_costs, without
from matcher.explain import Calls, Target, calls, moves, position, target, telling
from matcher.ledger import Decision
from matcher.notebook import explain_citizen, scarce_resources
from matcher.objectives import COST, PEOPLE, Objectives
from matcher.row_kinds import RowNames
from matcher.texts import Language
from scenarios.compare import Comparison, compare
from scenarios.frontier import Front, frontier
from scenarios.outcome import Outcome
from scenarios.patch import read_text
from scenarios.questions.held import Held, Stop
from scenarios.sweep.one import solve_one

Teams = tuple[str, ...] | None
MOST_SCARCE = 12
"""Scarce resources that are solved for."""
SOON = 0.8
"""Seconds of work on a scenario after which the best plan so far is shown: its proof comes after,
where it takes long."""
OTHER = "other"
"""Name of the second of two scenarios of one name."""


def ready(held: Held, stop: Event) -> None:
    """Make all that the other questions need."""
    held.make_ready()


@dataclass(frozen=True, eq=False)
class PlanDifference:
    """What differs between two plans, as a page shows it: frames of a comparison."""

    summary: pd.DataFrame
    people: pd.DataFrame
    resources: pd.DataFrame
    costs: pd.DataFrame
    causes: pd.DataFrame
    changes: pd.DataFrame
    final: bool
    """Whether the work on it is over; else it is of the best plans so far."""

    @classmethod
    def of(cls, found: Comparison, *, final: bool) -> PlanDifference:
        """Take the frames; the outcomes stay where they are."""
        frames = {one.name: getattr(found, one.name) for one in fields(cls) if one.name != "final"}
        return cls(final=final, **frames)


def difference(held: Held, stop: Event, before: str, after: str) -> PlanDifference | str:
    """Solve the week under two scenarios, and compare the second with the first; at once.

    What takes longer is told as far as it is: ask for the :func:`final_difference` then.
    """
    return _difference(held, stop, before, after, SOON)


def final_difference(held: Held, stop: Event, before: str, after: str) -> PlanDifference | str:
    """Solve the week under two scenarios, and compare the second with the first.

    Parameters
    ----------
    before, after
        A file with one scenario; empty: the week as it is.

    Returns
    -------
    PlanDifference or str
        After minus before; or why it cannot be.

    Raises
    ------
    WhatIfError
        A file cannot be; carries every fault.
    """
    return _difference(held, stop, before, after, math.inf)


def _difference(
    held: Held, stop: Event, before: str, after: str, seconds: float
) -> PlanDifference | str:
    over = [_Over(stop, seconds) for _ in (before, after)]
    pairs = zip((before, after), over, strict=True)
    first, second = (_outcome(held, soon, toml) for toml, soon in pairs)
    failed = next((one for one in (first, second) if one.failed), None)
    if failed is not None and any(one.came for one in over) and not stop.is_set():
        # No plan so far: then without haste.
        return _difference(held, stop, before, after, math.inf)
    if failed is not None:
        return failed.first_reason
    if second.name == first.name:
        second = replace(second, name=OTHER)
    final = all(
        one.proven or not soon.came for one, soon in zip((first, second), over, strict=True)
    )
    return PlanDifference.of(compare([first, second], first.name), final=final)


class _Over(Event):
    """Set when an answer is not wanted any more, or some seconds after it was asked first."""

    def __init__(self, stop: Event, seconds: float) -> None:
        super().__init__()
        self._stop, self._seconds = stop, seconds
        self._ends = math.inf
        self.came = False
        """Whether the time was over before the work was."""

    def is_set(self) -> bool:
        """Whether to end now."""
        self._ends = min(self._ends, time.monotonic() + self._seconds)
        self.came = self.came or time.monotonic() > self._ends
        return self.came or self._stop.is_set()


def _outcome(held: Held, over: _Over, toml: str) -> Outcome:
    """Solve the week under a scenario, unless it was solved lately."""
    if not toml:
        return held.base
    known = held.outcomes.get(toml)
    if known is None:
        (scenario,) = read_text(toml).scenarios.values()
        known = solve_one(held.week, scenario, over)
        if not over.is_set() or known.proven:  # nothing half done is kept
            held.keep(toml, known)
    return known


def scarce(held: Held, stop: Event) -> list[dict[str, Any]]:
    """Scarce resources with their exact gains of 1, 5 and 20 more, those that bring most first."""
    frame = scarce_resources(held.solution, most=MOST_SCARCE)
    if frame.empty:
        return []
    about = RowNames(held.problem.tables).about
    found = []
    for (rule, key), steps in frame.groupby(["rule", "key"], sort=False):
        first = steps.iloc[0]
        found.append({
            "rule": str(rule), "key": str(key), "about": about(str(rule), str(key)),
            "used": int(first["used"]), "capacity": int(first["capacity"]),
            "price_fit": float(first["price_fit"]),
            "gains": [
                {"more": int(one["more"]), "placements": int(one["placements"]),
                 "fit": int(one["fit"]), "proven": bool(one["proven"])}
                for one in steps.to_dict("records")
            ],
        })  # fmt: skip
    return found


def reasons(
    held: Held, stop: Event, citizen_id: str, opening: str | None, language: Language,
    teams: Teams = None,
) -> tuple[Any, ...]:  # fmt: skip
    """Say why somebody has this proposal, or none; of an opening, why not that one; as parts.

    Parameters
    ----------
    teams
        Teams whose citizens are named. None: all.

    Raises
    ------
    OptionError
        There is no such opening.
    """
    said = explain_citizen(
        held.solution, citizen_id, opening=opening, language=language, teams=teams
    )
    return tuple(said.parts)


@dataclass(frozen=True)
class Consequence:
    """What the best plan without a proposal has instead."""

    placements: int
    """Placements (or priority) lost."""
    fit: int
    """Points of fit lost."""
    proven: bool
    feasible: bool
    lines: tuple[str, ...]
    """Who moves, the citizen first."""
    gone: str = ""
    """Why it cannot be said; empty where it can."""
    instead: frozenset[str] = frozenset()
    """Citizens who come to the opening that have no proposal there now."""


def consequence(
    held: Held, stop: Event, decision: Decision, language: Language, teams: Teams = None
) -> Consequence:
    """Solve the week without a proposal: the exact cost, and who would take the place.

    Parameters
    ----------
    teams
        Teams whose citizens are named. None: all.
    """
    resolver = Resolver(held.solution)
    found = resolver.solve(without(held.solution, [decision]), named=True)
    if not found.feasible:
        return Consequence(0, 0, found.proven, False, ())
    first = position(held.solution, "citizens", decision.citizen_id)
    say = telling.Telling(held.problem, language, teams)
    lost = found.change(resolver.base)
    lines = tuple(say.move(one) for one in moves(resolver, found, first))
    book = held.solution.book
    there = book.encoded.openings.ids[book.offers.opening[found.chosen]]
    come = found.citizens[there == decision.opening_id]
    had = {one.citizen_id for one in held.solution.plan.placements
           if one.opening_id == decision.opening_id}  # fmt: skip
    instead = frozenset(str(one) for one in book.encoded.citizens.ids[come]) - had
    return Consequence(-lost[0], -lost[1], found.proven, True, lines, instead=instead)


def costs_noted(held: Held, stop: Event) -> None:
    """Keep with each rejection of the run what it costs, as the command does."""
    with held.ledger() as ledger:
        decisions = ledger.decisions(run_id=held.run_id)
        note_costs(ledger, decisions, solved={held.run_id: held.solution})


def target_levers(
    held: Held, stop: Stop, placements: int | None, money: int | None, levers: tuple[str, ...]
) -> Target:
    """Find the cheapest levers that reach a target, proven, and the next best."""
    return target(Resolver(held.solution), placements=placements, money=money, levers=levers,
                  progress=stop.tell)  # fmt: skip


def employers_to_call(held: Held, stop: Stop, most: int) -> Calls:
    """Find which employers to call, added up."""
    return calls(Resolver(held.solution), most, progress=stop.tell)


def curve(held: Held, stop: Stop, against: str, points: int) -> Front:
    """Trade placements against cost or fit."""
    goal: Literal["cost", "fit"] = "cost" if against == COST else "fit"
    return frontier(held.solution, goal, points=points, progress=stop.tell)


def aimed_plan(held: Held, stop: Event, against: str, placements: int) -> dict[str, Any]:
    """Solve for the plan behind a point of a curve: what it is made of, and whom it changes."""
    goals = (PEOPLE, COST) if against == COST else (PEOPLE, "fit")
    plan = Resolver(held.solution).aimed(Objectives(goals, {PEOPLE: placements})).plan
    now = {one.citizen_id: one for one in held.solution.plan.placements}
    then = {one.citizen_id: one for one in plan.placements}
    measures: dict[str, int] = {}
    for one in plan.placements:
        measures[one.measure] = measures.get(one.measure, 0) + 1
    both = now.keys() & then.keys()
    return {
        "placements": len(then),
        "cost": sum(sum(one.cost.values()) for one in plan.placements),
        "fit": sum(one.fit for one in plan.placements),
        "proven": plan.proven,
        "measures": dict(sorted(measures.items(), key=lambda item: (-item[1], item[0]))),
        "new": len(then.keys() - now.keys()),
        "lost": len(now.keys() - then.keys()),
        "moved": sum(now[one].opening_id != then[one].opening_id for one in both),
    }


LONGEST = frozenset({target_levers, employers_to_call, curve})
"""Questions that take minutes: a holder of their own answers them, where there is one."""
LONG = LONGEST | {final_difference, scarce}
"""Questions that take many solves: one holder at least is kept from them, where there are two."""
