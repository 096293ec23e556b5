"""The municipalities' weeks, each run by itself: own ledger, own budget, own folder.

A week that fails is a row with its reason; the others are not concerned.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.errors import MatcherError
from matcher.texts import Message, joined
from matcher.weekly import WeekOptions
from scenarios.country.split import MunicipalityWeek
from scenarios.sweep import Workforce

LEDGER = "ledger.sqlite"
"""Each municipality's ledger, in its folder."""


@dataclass(frozen=True)
class Ran:
    """What came of one municipality's week."""

    municipality: str
    citizens: int
    """Citizens of its tables."""
    openings: int
    waiting: int = 0
    """Citizens without a placement before."""
    placed: int = 0
    """Proposals."""
    bound: int = 0
    """What no plan can pass."""
    proven: bool = False
    """Whether placements and fit are proven."""
    cost: int = 0
    """DKK a week of the proposals' budget lines."""
    seconds: float = 0.0
    """Wall clock, from tables to report."""
    folder: str = ""
    """The run folder, relative to the folder of all."""
    reason: str | Message = ""
    """Why there is none; empty where there is one."""

    @property
    def failed(self) -> bool:
        """Whether there is no plan."""
        return bool(self.reason)


def run_parts(
    parts: Sequence[MunicipalityWeek],
    out: Path,
    today: dt.date,
    options: WeekOptions,
    workforce: Workforce,
    *,
    made_up: bool = False,
) -> Iterator[Ran]:
    """Run the weeks of all municipalities; give each as it is done.

    Parameters
    ----------
    parts
        As :func:`scenarios.country.split` makes them.
    out
        Folder of all; each municipality has one of its own in it.
    workforce
        Who does the work.
    made_up
        Whether the tables are nobody's.
    """
    jobs: dict[int, Callable[[], Ran]] = {
        number: _Job(part, out, today, options, made_up) for number, part in enumerate(parts)
    }
    # The largest first: the last one to end keeps nobody waiting long.
    order = sorted(jobs, key=lambda number: -len(parts[number].tables["citizens"]))
    for number, ran in workforce.each({number: jobs[number] for number in order}):
        part = parts[number]
        yield ran or _lost(part)


def _lost(part: MunicipalityWeek) -> Ran:
    tables = part.tables
    return Ran(
        part.municipality,
        len(tables["citizens"]),
        len(tables["openings"]),
        reason=Message("country.process_died"),
    )


@dataclass(frozen=True, eq=False)
class _Job:
    """One municipality's week, to be run in any process."""

    part: MunicipalityWeek
    out: Path
    today: dt.date
    options: WeekOptions
    made_up: bool

    def __call__(self) -> Ran:
        """Run it."""
        from matcher.ledger import Ledger
        from matcher.weekly import run_week

        part, started = self.part, time.perf_counter()
        citizens, openings = (len(part.tables[name]) for name in ("citizens", "openings"))
        home = self.out / folder_name(part.municipality)
        if not openings:
            why = Message("country.no_openings")
            return Ran(part.municipality, citizens, openings, reason=why)
        try:
            with Ledger.open(home / LEDGER) as ledger:
                week = run_week(
                    part.tables, home, part.policy, self.today, self.options,
                    ledger=ledger, made_up=self.made_up,
                )  # fmt: skip
        except MatcherError as error:
            took = time.perf_counter() - started
            said = joined((error.said, *getattr(error, "facts", ())), " ")
            return Ran(part.municipality, citizens, openings, seconds=took, reason=said)
        plan: Any = week.solution.plan
        goal = plan.tiers[0]
        return Ran(
            part.municipality,
            citizens,
            openings,
            waiting=citizens - len(part.tables["running"]["citizen_id"].unique()),
            placed=len(plan.placements),
            bound=goal.bound,
            proven=plan.proven,
            cost=sum(sum(one.cost.values()) for one in plan.placements),
            seconds=time.perf_counter() - started,
            folder=str(week.folder.relative_to(self.out)),
        )


def folder_name(municipality: str) -> str:
    """Name of a municipality's folder: its own, in letters any system takes."""
    kept = "".join(one if one.isalnum() or one in "-_" else "_" for one in municipality)
    return kept or "_"
