"""A simulated year: what it is asked to be, lived through week by week, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np

from matcher.errors import OptionError
from matcher.policy import Policy, load_policy, override_of
from matcher.problem import Problem
from matcher.texts import Message
from matcher.verify import ensure_verified
from scenarios.population import Population, policy_override
from scenarios.population.stream import Pace, stream
from scenarios.year.assumed import assumed
from scenarios.year.town import Closing, Town
from scenarios.year.ways import WAYS, Chosen, Way, choose

VERSION = 6
"""Changes when the same question under the same rules would get another answer."""


@dataclass(frozen=True)
class YearSpec:
    """What a simulated year is asked to be.

    Raises
    ------
    OptionError
        No such way to plan, no weeks, or a figure out of its range.
    """

    population: Population
    """The municipality in its first week; its seed draws who comes."""
    way: Way = "exact"
    """How weeks are planned."""
    weeks: int = 52
    """Weeks simulated, >= 1."""
    seed: int = 0
    """Of what happens: decisions, ends, who leaves."""
    citizens_a_week: float | None = None
    """None: the assumption, for the size."""
    openings_a_week: float | None = None
    """None: the assumption, for the size."""
    figures: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Assumptions that are others, by name."""
    horizon: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Keys of the policy's ``horizon`` that are others, e.g. ``futures``."""
    policy: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What else to lay over the policy, single keys of its sections too."""
    arrivals: float = 1.0
    """Arrivals of the year against those seen before it."""
    closing_week: int | None = None
    """Week in which the largest employer closes; None: none does."""

    def __post_init__(self) -> None:
        if self.way not in WAYS:
            raise OptionError(Message("year.no_way", way=self.way, known=tuple(WAYS)))
        if self.weeks < 1:
            raise OptionError(Message("year.no_weeks", weeks=self.weeks))
        assumed(self.figures)
        # What is asked of looking ahead stands in one place, however it was given.
        if "horizon" in self.policy:
            both = {**self.policy["horizon"], **self.horizon}
            object.__setattr__(self, "horizon", both)
            rest = {name: part for name, part in self.policy.items() if name != "horizon"}
            object.__setattr__(self, "policy", rest)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        found = asdict(self)
        found["population"]["today"] = self.population.today.isoformat()
        return found

    def digest(self) -> str:
        """Hash of all that makes the answer: the question, what is assumed, and the rules."""
        made_of = [self.to_dict(), assumed(self.figures), rules_of_year(policy_of_year(self))]
        text = json.dumps([VERSION, made_of], sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Year:
    """A year that was lived through."""

    spec: Mapping[str, Any]
    """What was asked, as plain values."""
    weeks: tuple[Mapping[str, Any], ...]
    """Counts of each week."""
    totals: Mapping[str, float]
    """``starts``, ``person_weeks`` (at work within the year), ``followed`` (weeks at work in the 26
    weeks from each first day, the year's end or not), ``fit`` (points of all starts), ``mean_fit``,
    ``ended_early``, ``to_work``, ``at_work`` (in the last week), ``longest_wait`` (weeks),
    ``waiting``."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"spec": dict(self.spec), "weeks": list(self.weeks), "totals": dict(self.totals)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Year:
        """Read what :meth:`to_dict` wrote."""
        return cls(content["spec"], tuple(content["weeks"]), content["totals"])


def simulate(
    spec: YearSpec,
    progress: Callable[[int, int], None] | None = None,
    plan: Callable[[Town, Problem], Chosen] | None = None,
) -> Year:
    """Live through a year; equal for equal input on any machine.

    Parameters
    ----------
    progress
        Called with (weeks done, weeks in all).
    plan
        How weeks are planned, where it is none of the ways. None: as ``spec.way`` says.

    Raises
    ------
    InternalError
        A plan does not pass its check.
    """
    return live(found_town(spec), spec.weeks, spec.to_dict(), plan or partial(choose, spec.way),
                progress)  # fmt: skip


def live(
    town: Town,
    weeks: int,
    asked: Mapping[str, Any],
    plan: Callable[[Town, Problem], Chosen],
    progress: Callable[[int, int], None] | None = None,
) -> Year:
    """Live through weeks in a municipality.

    Parameters
    ----------
    town
        Before its first week.
    asked
        What was asked, as plain values; it goes with the answer.
    plan
        How weeks are planned.

    Raises
    ------
    InternalError
        A plan does not pass its check.
    """
    for week in range(weeks):
        town.turn()
        problem = town.problem()
        chosen = plan(town, problem)
        ensure_verified(chosen.problem, chosen.solution.plan)
        note_week(town, chosen.solution.book, chosen.solution.plan.rows, chosen.priced)
        town.decide(chosen.solution.plan, chosen.lasting)
        if progress is not None:
            progress(week + 1, weeks)
    return Year(dict(asked), tuple(one.to_dict() for one in town.books), totals_of(town))


def found_town(spec: YearSpec) -> Town:
    """Make the municipality of a year, before its first week."""
    figures = assumed(spec.figures)
    place = spec.population
    pace = Pace(
        _or(spec.citizens_a_week, figures["citizens_a_week"] * place.scale),
        _or(spec.openings_a_week, figures["openings_a_week"] * place.scale),
        figures["arrivals_spread"],
    )
    come = stream(place, spec.weeks, pace, before=int(figures["seen_weeks"]), factor=spec.arrivals)
    closing = None if spec.closing_week is None else Closing(spec.closing_week)
    return Town(come, policy_of_year(spec), figures, spec.seed, closing)


def policy_of_year(spec: YearSpec) -> Policy:
    """Return the policy of a year: budgets for the size, and what the year changes."""
    base = load_policy(spec.population.today, policy_override(spec.population))
    changes = {**spec.policy, **({"horizon": dict(spec.horizon)} if spec.horizon else {})}
    return override_of(base, changes) if changes else base


def rules_of_year(policy: Policy) -> dict[str, Any]:
    """Return what of a policy makes the answer of a year, as plain values, for its digest."""
    # How far a plan looks ahead, and who is taken to accept, change no week by themselves: the
    # digest of a policy leaves them out.
    return {
        "policy": policy.digest(),
        **policy.model_dump(mode="json", include={"horizon", "declines"}),
    }


def _or(given: float | None, otherwise: float) -> float:
    return otherwise if given is None else given


def note_week(town: Town, book: Any, rows: Any, priced: int) -> None:
    """Note what a week's plan says of offers, resources and those who go on waiting."""
    noted = town.book
    noted.offers, noted.priced = len(book.offers), priced
    use: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for row in rows:
        use[row.rule] += row.used
        there[row.rule] += row.capacity
    noted.used = {rule: round(use[rule] / there[rule], 4) for rule in sorted(use) if there[rule]}
    able = np.zeros(len(book.encoded.citizens.ids), dtype=np.bool_)
    able[book.offers.citizen] = True
    waits = book.problem["citizens"]["weeks_waiting"].to_numpy(np.int64)
    noted.longest_wait = int(waits[able].max()) if able.any() else 0


def totals_of(town: Town) -> dict[str, float]:
    """Add up a year."""
    books = town.books
    starts = sum(one.started for one in books)
    fit = sum(one.fit for one in books)
    return {
        "starts": starts,
        "person_weeks": sum(one.at_work for one in books),
        "followed": sum(one.followed for one in books),
        "fit": fit,
        "mean_fit": round(fit / starts, 1) if starts else 0,
        "ended_early": sum(one.ended["left"] for one in books),
        "to_work": sum(one.ended["work"] for one in books),
        "at_work": books[-1].at_work,
        "longest_wait": max(one.longest_wait for one in books),
        "waiting": books[-1].waiting,
    }
