"""The records a plan touches, and what follows from them alone: time, ways, what is free.

Written from the rules page. Plain Python on purpose: it shares nothing with the code that made the
plan, so that a mistake there is not repeated here.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from matcher.plan import Plan
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.records import (
    Citizen,
    Course,
    Forbid,
    LanguageClass,
    MentorPool,
    Opening,
    Place,
    Previous,
    Running,
    TravelMode,
    Workplace,
    cell_value,
)
from matcher.rules import UNKNOWN
from matcher.week import Week

EARTH_KM = 6371.0088
"""Mean radius of the earth."""
QUARTER = 15
"""Minutes in a quarter of an hour."""
DAY = 24 * 60 // QUARTER
"""Quarters in a day."""


class QuickestWay(NamedTuple):
    """The quickest way between a home and another place."""

    minutes: int
    """One way; ``UNKNOWN`` where neither table nor map gives a time."""
    mode: TravelMode | None
    """By what; None where no time is known."""


def minutes_of(hours: float) -> int:
    """Hours as whole minutes."""
    return round(hours * 60)


@lru_cache(maxsize=65536)
def quarters(week: Week, wider: int = 0) -> frozenset[int]:
    """Quarters of the week that blocks touch, grown by ``wider`` minutes but not past midnight."""
    steps = -(-wider // QUARTER)
    taken: set[int] = set()
    for day, start, end in week:
        first = max(0, start // QUARTER - steps)
        last = min(DAY, -(-end // QUARTER) + steps)
        taken.update(range(day * DAY + first, day * DAY + last))
    return frozenset(taken)


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[dt.date]:
    from holidays import country_holidays  # slow to import

    return frozenset(country_holidays("DK", years=year))


def length(week: Week) -> int:
    """Minutes of all blocks of a week."""
    return sum(end - start for _, start, end in week)


def straight_km(home: Place, there: Place) -> float:
    """Length of the great circle between two places (haversine)."""
    north, south = math.radians(home.latitude), math.radians(there.latitude)
    half_chord = (
        math.sin((south - north) / 2) ** 2
        + math.cos(north)
        * math.cos(south)
        * math.sin(math.radians(there.longitude - home.longitude) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(half_chord))


def with_care(row: Citizen | Opening, policy: Policy) -> Any:
    """Return a row as it counts: the policy's value in each field of which nothing is known."""
    if not row.unknown:
        return row
    citizen = isinstance(row, Citizen)
    values = getattr(policy.unknown, "citizens" if citizen else "openings", {})
    told = {name: cell_value(type(row), name, values[name]) for name in row.unknown}
    if isinstance(row, Opening) and "hours_min" in told:
        told["hours_min"] = min(told["hours_min"], row.hours_max)
    return type(row).model_validate({**row.model_dump(), **told})


def _by_id(problem: Problem, name: str, ids: Iterable[str] | None = None) -> dict[str, Any]:
    """Read a table by id; an empty table costs nothing."""
    return problem.records(name, ids) if len(problem[name]) else {}


class Facts:
    """Records of a problem that a plan touches, by id, and what running placements leave free."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.policy = problem.policy
        self.today = problem.today
        self.weights: dict[str, int] = problem.policy.fit.weights.model_dump()
        self.first_day = problem.today + dt.timedelta(days=problem.policy.start.notice_days)
        self._load_people(problem, plan)
        self._load_work(problem, plan)
        self._load_map(problem)
        self._use = self._used_by_running()

    @cached_property
    def year_end(self) -> dt.date:
        """Last day of the year that its budgets are for: the first such day from the run on."""
        day = self.today
        named = self.policy.money.year_ends
        # In a month without that day the year ends with the month.
        while f"{day:%m-%d}" != named and not (
            f"{day:%m}" == named[:2]
            and (day + dt.timedelta(days=1)).month != day.month
            and f"{day:%m-%d}" < named
        ):
            day += dt.timedelta(days=1)
        return day

    def _load_people(self, problem: Problem, plan: Plan) -> None:
        table = problem.columns("citizens")
        household_of: dict[str, str] = {}
        self.households: dict[str, list[str]] = defaultdict(list)
        for citizen, household in zip(
            table["citizen_id"].tolist(), table["household_id"].tolist(), strict=True
        ):
            if isinstance(household, str):
                household_of[citizen] = household
                self.households[household].append(citizen)
        wanted = {placement.citizen_id for placement in plan.placements}
        for citizen in sorted(wanted):
            wanted.update(self.households.get(household_of.get(citizen, ""), ()))
        self.citizens: dict[str, Citizen] = {
            key: with_care(row, self.policy)
            for key, row in _by_id(problem, "citizens", sorted(wanted)).items()
        }
        self.locks = problem.all_records("locks")
        self.forbids: dict[str, list[Forbid]] = defaultdict(list)
        for row in problem.all_records("forbids"):
            if row.until is None or row.until >= self.today:
                self.forbids[row.citizen_id].append(row)
        self.previous: dict[str, Previous] = _by_id(problem, "previous")
        self.caseworkers = _by_id(problem, "caseworkers")

    def _load_work(self, problem: Problem, plan: Plan) -> None:
        self.running = [
            row
            for row in problem.all_records("running")
            if row.end is None or row.end >= self.first_day
        ]
        self.jobs: dict[str, list[Running]] = defaultdict(list)
        for row in self.running:
            self.jobs[row.citizen_id].append(row)
        wanted = {placement.opening_id for placement in plan.placements}
        wanted.update(row.opening_id for row in self.running)
        self.openings: dict[str, Opening] = {
            key: with_care(row, self.policy)
            for key, row in _by_id(problem, "openings", sorted(wanted)).items()
        }
        table = problem.columns("workplaces")
        employer_of = dict(
            zip(table["workplace_id"].tolist(), table["employer_id"].tolist(), strict=True)
        )
        used = {opening.workplace_id for opening in self.openings.values()}
        employers = {employer_of[key] for key in used if key in employer_of}
        ids = [key for key, employer in employer_of.items() if employer in employers]
        self.workplaces: dict[str, Workplace] = _by_id(problem, "workplaces", ids)
        self.employers: dict[str, list[Workplace]] = defaultdict(list)
        for workplace in self.workplaces.values():
            self.employers[workplace.employer_id].append(workplace)
        self.teams: dict[str, LanguageClass] = _by_id(problem, "teams")
        self.pools: dict[str, MentorPool] = _by_id(problem, "mentor_pools")
        self.courses: dict[str, Course] = _by_id(problem, "courses")

    def _load_map(self, problem: Problem) -> None:
        self._places: dict[str, Place] = _by_id(problem, "places")
        homes = {citizen.postcode for citizen in self.citizens.values()}
        ends = {workplace.postcode for workplace in self.workplaces.values()}
        ends.update(team.postcode for team in self.teams.values())
        table = problem.columns("travel_times")
        rows = (
            table[name].tolist() for name in ("from_postcode", "to_postcode", "mode", "minutes")
        )
        self._times: dict[tuple[str, str, str], int] = {
            (home, there, mode): minutes
            for home, there, mode, minutes in zip(*rows, strict=True)
            if home in homes and there in ends
        }
        self._estimates: dict[tuple[str, str, TravelMode], int | None] = {}

    def _used_by_running(self) -> Counter[tuple[str, str]]:
        use: Counter[tuple[str, str]] = Counter()
        for row in self.running:
            use["opening", row.opening_id] += 1
            if row.team_id is not None:
                use["team", row.team_id] += 1
            if row.pool_id is not None:
                use["pool", row.pool_id] += minutes_of(row.mentor_hours)
            measure = self.policy.measures.get(row.measure)
            if measure is not None and measure.ratio_rule and row.opening_id in self.openings:
                use["ratio", self.openings[row.opening_id].workplace_id] += 1
        return use

    # ------------------------------------------------------------------ what is free

    def free_seats(self, opening: Opening) -> int:
        """Seats of an opening less running placements."""
        return max(0, opening.seats - self._use["opening", opening.opening_id])

    def free_class_seats(self, team: LanguageClass) -> int:
        """Seats of a class less running learners."""
        return max(0, team.seats - self._use["team", team.team_id])

    def free_mentor_minutes(self, pool: MentorPool) -> int:
        """Minutes of a pool less what running placements use."""
        return max(0, minutes_of(pool.hours) - self._use["pool", pool.pool_id])

    def free_ratio_places(self, workplace: Workplace) -> int:
        """Places under the ratio rule less those in use, at one production unit."""
        rule = self.policy.ratio_rule
        staff: float = workplace.ordinary_staff
        if rule.count == "fte":
            guessed = workplace.ordinary_staff * rule.unknown_fte_percent // 100
            known = workplace.ordinary_fte
            staff = guessed if known is None else known
        n = int(staff)
        first = min(n, rule.first_up_to) // rule.first_per
        places = max(rule.at_least, first) + max(n - rule.first_up_to, 0) // rule.then_per
        used = workplace.other_ratio_places + self._use["ratio", workplace.workplace_id]
        return max(0, places - used)

    # ------------------------------------------------------------------ days

    def closing_day(self, day: dt.date) -> bool:
        """Whether a day is a public holiday, or closed like one."""
        text = day.isoformat()[-5:]
        return text in self.policy.workdays.closed_also or day in _public_holidays(day.year)

    # ------------------------------------------------------------------ the way

    def way(self, citizen: Citizen, postcode: str) -> QuickestWay:
        """Quickest way from a citizen's home; equal times: car, bicycle, transit in that order."""
        modes = [TravelMode.TRANSIT]
        if citizen.has_bicycle:
            modes.insert(0, TravelMode.BICYCLE)
        if citizen.has_car:
            modes.insert(0, TravelMode.CAR)
        best = QuickestWay(UNKNOWN, None)
        for mode in modes:
            minutes = self._minutes(citizen.postcode, postcode, mode)
            if minutes is None:
                continue
            if mode is TravelMode.BICYCLE and minutes > self.policy.travel.bicycle_most_minutes:
                continue
            if best.mode is None or minutes < best.minutes:
                best = QuickestWay(minutes, mode)
        return best

    def longest_way(self, citizen: Citizen) -> int:
        """Longest way that is acceptable, minutes."""
        limit = self.policy.travel.hard_minutes
        return limit if citizen.max_commute is None else min(limit, citizen.max_commute)

    def _minutes(self, home: str, there: str, mode: TravelMode) -> int | None:
        measured = self._times.get((home, there, mode.value))
        if measured is not None:
            return measured
        key = (home, there, mode)
        if key not in self._estimates:
            self._estimates[key] = self._estimate(home, there, mode)
        return self._estimates[key]

    def _estimate(self, home: str, there: str, mode: TravelMode) -> int | None:
        if home not in self._places or there not in self._places:
            return None
        travel = self.policy.travel
        kmh, fixed = {
            TravelMode.CAR: (travel.car_kmh, travel.car_fixed_minutes),
            TravelMode.BICYCLE: (travel.bicycle_kmh, 0),
            TravelMode.TRANSIT: (travel.transit_kmh, travel.transit_fixed_minutes),
        }[mode]
        km = max(travel.least_km, straight_km(self._places[home], self._places[there]))
        return math.ceil(km * travel.detour_percent / 100 / kmh * 60) + fixed

    # ------------------------------------------------------------------ care

    def small_child(self, citizen: Citizen) -> bool:
        """Whether a child at home is so small that somebody must be there."""
        age = citizen.youngest_child
        return age is not None and age < self.policy.childcare.child_under

    def needs_care(self, citizen: Citizen) -> bool:
        """Whether the citizen alone must bring, fetch and mind a small child."""
        others = len(self.households.get(citizen.household_id or "", ())) > 1
        return self.small_child(citizen) and not citizen.partner_can_care and not others

    def care(self, citizen: Citizen) -> frozenset[int]:
        """Quarters in which the citizen's child is looked after."""
        return quarters(citizen.care_blocks or self.policy.childcare.open)
