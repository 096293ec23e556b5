"""One placement beside the records it names, and every number it should state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from matcher.plan import Placement
from matcher.policy import Measure
from matcher.records import (
    HEALTH_CODES,
    Citizen,
    Course,
    Holidays,
    LanguageClass,
    MentorPool,
    Opening,
    PaperStatus,
    Workplace,
)
from matcher.rules import NEVER
from matcher.verify.facts import Facts, QuickestWay, length, minutes_of

T = TypeVar("T")


class _Once(Generic[T]):
    """A number of a case that is computed once: a cached property that takes no lock."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, case: Any, kind: type | None = None) -> T:
        """Compute it; from then on it stands in its place."""
        value = case.__dict__[self._name] = self._make(case)
        return value


cached_property = _Once


@dataclass(frozen=True)
class CheckedPlacement:
    """A placement whose ids are all known; the rest is recomputed from the records."""

    facts: Facts
    placement: Placement
    citizen: Citizen
    opening: Opening
    workplace: Workplace
    measure: Measure
    team: LanguageClass | None
    pool: MentorPool | None
    courses: tuple[Course, ...]

    @property
    def where(self) -> str:
        """The placement in a few words."""
        return f"{self.citizen.citizen_id} at {self.opening.opening_id}"

    # ------------------------------------------------------------------ hours

    @cached_property
    def capacity(self) -> int:
        """Minutes a week at the start."""
        return minutes_of(self.citizen.capacity_hours)

    @cached_property
    def end_capacity(self) -> int:
        """Minutes a week when the ramp is over."""
        steps = self.opening.ramp_weeks // 4
        return self.capacity + minutes_of(self.citizen.ramp_hours) * steps

    @cached_property
    def own_week(self) -> int:
        """Minutes of class and treatment the citizen has already, as far as they count."""
        counts = self.facts.policy.duty_week.counts
        own = {"class": self.citizen.class_blocks, "treatment": self.citizen.treatment_blocks}
        return sum(length(blocks) for kind, blocks in own.items() if kind in counts)

    @cached_property
    def duty_left(self) -> int:
        """Minutes of the duty week beside what the citizen has already."""
        return minutes_of(self.facts.policy.duty_week.hours) - self.own_week

    @cached_property
    def school(self) -> int:
        """Minutes of school that belong to the measure."""
        return minutes_of(self.measure.school_hours)

    @cached_property
    def class_minutes(self) -> int:
        """Minutes of the class the placement adds, as far as they count."""
        counts = "class" in self.facts.policy.duty_week.counts
        return length(self.team.blocks) if self.team and counts else 0

    @cached_property
    def days(self) -> int:
        """Weekdays with a shift."""
        return len({block.day for block in self.opening.shifts})

    @cached_property
    def offered(self) -> int:
        """Most minutes a week the job can give: what it offers, within its shifts."""
        most = minutes_of(self.opening.hours_max)
        return min(most, length(self.opening.shifts)) if self.opening.shifts else most

    @cached_property
    def by_day(self) -> int:
        """Minutes a week the citizen's capacity a day allows; without shifts no limit."""
        if not self.days:
            return self.offered
        return minutes_of(self.citizen.capacity_hours_day) * self.days

    @cached_property
    def room(self) -> int:
        """Minutes of the duty week left for the job, once class and school have theirs."""
        return self.duty_left - self.class_minutes - self.school

    @cached_property
    def needed_minutes(self) -> int:
        """Fewest minutes a week that job and measure ask for."""
        return max(minutes_of(self.opening.hours_min), minutes_of(self.measure.hours_min))

    @cached_property
    def minutes(self) -> int:
        """Minutes of work a week at the start."""
        return min(self.offered, self.capacity, self.by_day, self.room)

    # ------------------------------------------------------------------ way, language, mentor

    @cached_property
    def way(self) -> QuickestWay:
        """Quickest way to work."""
        return self.facts.way(self.citizen, self.workplace.postcode)

    @cached_property
    def oral_gap(self) -> int:
        """Levels of spoken Danish that are missing."""
        return max(0, self.opening.oral_floor - self.citizen.oral)

    @cached_property
    def reading_gap(self) -> int:
        """Levels of reading that are missing."""
        return max(0, self.opening.reading_floor - self.citizen.reading)

    @cached_property
    def allowed_gap(self) -> int:
        """Levels that may be missing when a class runs beside the job."""
        own = self.opening.language_gap_ok
        return self.facts.policy.language.gap_with_class if own is None else own

    @cached_property
    def mentor_need(self) -> int:
        """Mentor minutes a week that a pool must give."""
        return max(0, minutes_of(self.citizen.mentor_hours) - minutes_of(self.opening.mentor_hours))

    # ------------------------------------------------------------------ dates and papers

    @cached_property
    def weekdays(self) -> frozenset[int]:
        """Weekdays on which a shift begins; 0 is Monday."""
        shifts = self.opening.shifts
        if not shifts:
            names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            return frozenset(map(names.index, self.facts.policy.workdays.without_shifts))
        late = {(block.day + 1) % 7 for block in shifts if block.end == 24 * 60}
        begun = {block.day for block in shifts if block.start > 0 or block.day not in late}
        return frozenset(begun or {block.day for block in shifts})

    @cached_property
    def holidays_off(self) -> bool:
        """Whether nobody begins this work on a public holiday."""
        if self.opening.public_holidays is not None:
            return self.opening.public_holidays is Holidays.CLOSED
        rules, isco = self.facts.policy.workdays, self.opening.isco
        if any(isco.startswith(code) for code in rules.closed_occupations):
            return True
        still_open = rules.open_occupations.get(self.workplace.sector, ())
        if any(isco.startswith(code) for code in still_open):
            return False
        return 6 not in self.weekdays or not rules.open_with_sunday

    def begins_on(self, day: dt.date) -> bool:
        """Whether somebody can begin this work on a day, as far as the job goes."""
        if day.weekday() not in self.weekdays:
            return False
        return not (self.holidays_off and self.facts.closing_day(day))

    @cached_property
    def last_day(self) -> dt.date:
        """Last day of work on which somebody can begin; before the first day where there is none.

        The search goes back no further: an opening without such a day cannot be filled.
        """
        lead = dt.timedelta(days=self.facts.policy.start.longest_lead_days)
        day = self.opening.start_to or self.facts.today + lead
        while day >= self.facts.first_day and not self.begins_on(day):
            day -= dt.timedelta(days=1)
        return day

    @cached_property
    def earliest(self) -> dt.date:
        """First day that suits notice, citizen and opening, papers apart."""
        given = (self.citizen.available_from, self.opening.start_from)
        return max([self.facts.first_day, *(day for day in given if day is not None)])

    def status(self, paper: str) -> PaperStatus:
        """How far a paper of the citizen has come; one of no known kind cannot be had."""
        status: PaperStatus = getattr(self.citizen, f"paper_{paper}", PaperStatus.NOT_CLEARED)
        return status

    def by_course(self, paper: str) -> bool:
        """Whether the paper is missing and only a course gives it."""
        return (
            self.status(paper) is PaperStatus.MISSING
            and paper in self.facts.policy.papers.course_papers
        )

    def ready_day(self, paper: str) -> int:
        """Day number on which a paper is in hand, with the courses of the placement."""
        if self.by_course(paper):
            days = [c.ready_on.toordinal() for c in self.courses if c.paper == paper]
            return min(days, default=NEVER)
        papers = self.facts.policy.papers
        wait: int | None = None
        match self.status(paper):
            case PaperStatus.CLEARED:
                wait = 0
            case PaperStatus.PENDING:
                wait = papers.days_when_pending.get(paper)
            case PaperStatus.MISSING:
                wait = papers.days_when_missing.get(paper)
            case PaperStatus.NOT_CLEARED:
                wait = None
        return NEVER if wait is None else self.facts.today.toordinal() + wait

    @cached_property
    def start(self) -> dt.date:
        """First day of work."""
        ready = [self.ready_day(paper) for paper in self.opening.papers]
        days = [day for day in ready if day != NEVER]
        days += [course.ready_on.toordinal() for course in self.courses]
        day = dt.date.fromordinal(max([self.earliest.toordinal(), *days]))
        # Later than the last day is too late in any case: the rules say so.
        while day < self.last_day and not self.begins_on(day):
            day += dt.timedelta(days=1)
        return day

    # ------------------------------------------------------------------ money

    @cached_property
    def cost(self) -> dict[str, int]:
        """DKK a week by budget line; lines that pay nothing are left out."""
        money = self.facts.policy.money
        bills = [
            (self.measure.budget, self._for_work()),
            (money.lines.get("mentor"), _per_hour(self.mentor_need, money.mentor_cost_per_hour)),
            (money.lines.get("class"), money.class_cost_per_week if self.team else 0),
            (money.lines.get("course"), sum(course.cost for course in self.courses)),
        ]
        cost: dict[str, int] = {}
        for line, amount in bills:
            if line is not None and amount > 0:
                cost[line] = cost.get(line, 0) + amount
        return cost

    def _for_work(self) -> int:
        """Whole DKK a week for the hours of work, rounded up; the price is counted in øre."""
        return -(-self.minutes * round(self.measure.cost_per_hour * 100) // (60 * 100))

    # ------------------------------------------------------------------ fit

    @cached_property
    def components(self) -> dict[str, int]:
        """Points of each component of fit; ``hours_225`` only where it applies."""
        fit = self.facts.policy.fit
        points = {
            "measure": self.measure.evidence.get(self.workplace.sector, 0),
            "health": self._health_points(),
            "language": max(
                0,
                1000
                - fit.language_oral_step_points * self.oral_gap
                - fit.language_reading_step_points * self.reading_gap,
            ),
            "occupation": self._closeness(self.citizen.wishes),
            "hours": self._hours_points(),
            "commute": self._commute_points(),
            "experience": self._closeness(self.citizen.experience),
            "prospect": 1000 * self.opening.prospect // 3,
        }
        missing = self._missing_ordinary_minutes()
        if missing is not None:
            toward = min(1000, 1000 * self.minutes * 52 // max(1, missing))
            points["hours_225"] = toward if self.measure.ordinary_hours else 0
        return points

    @cached_property
    def fit(self) -> int:
        """Weighted mean of the components, rounded down."""
        weights = self.facts.weights
        total = sum(weights[name] for name in self.components)
        points = sum(weights[name] * value for name, value in self.components.items())
        return points // total if total else 0

    def _health_points(self) -> int:
        fit = self.facts.policy.fit
        steps = used_up = 0
        for code in HEALTH_CODES:
            demand: int = getattr(self.opening, f"demand_{code}")
            limit: int = getattr(self.citizen, f"limit_{code}")
            steps += max(0, demand - limit)
            used_up += 0 < demand == limit < 3
        lost = fit.health_step_points * steps + fit.health_no_slack_points * used_up
        return max(0, 1000 - lost)

    def _closeness(self, codes: tuple[str, ...]) -> int:
        fit = self.facts.policy.fit
        if not codes:
            return fit.unstated_points
        return max(fit.isco_points[_equal_digits(code, self.opening.isco)] for code in codes)

    def _hours_points(self) -> int:
        possible = min(self.capacity, self.duty_left)
        return max(0, min(1000, 1000 * self.minutes // possible)) if possible > 0 else 0

    def _commute_points(self) -> int:
        travel, way = self.facts.policy.travel, self.way.minutes
        if way <= travel.full_points_minutes:
            points = 1000
        elif way >= travel.zero_points_minutes:
            points = 0
        else:
            stretch = travel.zero_points_minutes - travel.full_points_minutes
            points = 1000 * (travel.zero_points_minutes - way) // stretch
        if self.days:
            a_day = self.minutes // self.days
            if 2 * way * 100 > travel.share_of_day_percent * a_day:
                points -= self.facts.policy.fit.commute_share_points
        return max(0, points)

    def _missing_ordinary_minutes(self) -> int | None:
        """Minutes missing under the 225-hour rule; None where it does not apply."""
        rule, citizen = self.facts.policy.hours_225, self.citizen
        worked = citizen.ordinary_hours_12m or 0.0
        if (
            rule is None
            or citizen.benefit not in rule.benefits
            or citizen.benefit_months < rule.benefit_months
            or worked >= rule.hours
        ):
            return None
        # A started minute is missing as a whole one.
        return -int(-round((rule.hours - worked) * 60, 6) // 1)

    # ------------------------------------------------------------------ tiers

    @cached_property
    def priority(self) -> int:
        """Worth of the placement in the first tier."""
        tiers = self.facts.policy.tiers
        if tiers.priority_step_weeks == 0:
            return 1
        steps = self.citizen.weeks_waiting // tiers.priority_step_weeks
        return 10 + min(steps, tiers.priority_most_steps)

    @cached_property
    def kept(self) -> int:
        """Worth of keeping an earlier proposal in the second tier."""
        before = self.facts.previous.get(self.citizen.citizen_id)
        if before is None:
            return 0
        same = before.opening_id == self.opening.opening_id and before.measure in (
            None,
            self.placement.measure,
        )
        return self.facts.policy.tiers.change_cost if same else 0

    @property
    def start_points(self) -> int:
        """What a start counts where starts and fit are one goal."""
        horizon = self.facts.policy.horizon
        return 0 if horizon is None else horizon.start_points

    @cached_property
    def weeks_allowed(self) -> int | None:
        """Weeks that the measure still allows the citizen, at least one; None: no limit."""
        limit = self.measure.weeks.get(self.citizen.category)
        if self.citizen.integration_act and self.measure.weeks_integration_act is not None:
            limit = self.measure.weeks_integration_act
        if limit is None:
            return None
        kind = self.measure.weeks_used
        used: float = getattr(self.citizen, f"{kind}_weeks_used") if kind else 0.0
        return max(1, int((limit - used) // 1))

    @cached_property
    def lasting_cost(self) -> dict[str, int]:
        """DKK a week by budget line for as long as it lasts: without its courses."""
        course_line = self.facts.policy.money.lines.get("course")
        paid = sum(course.cost for course in self.courses)
        return {
            line: cost - (paid if line == course_line else 0) for line, cost in self.cost.items()
        }

    @cached_property
    def year_cost(self) -> dict[str, int]:
        """DKK until the year ends by budget line: each week begun that is allowed, courses once."""
        end = self.facts.year_end
        begun = 0
        day = self.placement.start
        while day <= end and (self.weeks_allowed is None or begun < self.weeks_allowed):
            begun += 1
            day += dt.timedelta(days=7)
        return {
            line: self.lasting_cost[line] * begun + cost - self.lasting_cost[line]
            for line, cost in self.cost.items()
        }

    @cached_property
    def price(self) -> int:
        """Points that what it holds in later weeks costs in the second tier."""
        horizon = self.facts.policy.horizon
        if horizon is None:
            return 0
        held = {f"budget[{line}]": cost for line, cost in self.lasting_cost.items()}
        if self.pool is not None:
            held[f"mentor_hours[{self.pool.pool_id}]"] = self.mentor_need
        if self.team is not None:
            held[f"team_seats[{self.team.team_id}]"] = 1
        if not any(a_unit for curve in horizon.prices.values() for a_unit in curve):
            return 0
        stay = horizon.survival.get(self.placement.measure, {}).get(self.workplace.sector, ())
        allowed, begins, day = self.weeks_allowed, 0, self.facts.today
        while day < self.placement.start and horizon.least is not None:
            begins += 1
            day += dt.timedelta(days=7)
        shares = {
            week: stay[min(week, len(stay)) - 1] if stay else 1000
            for week in range(1, horizon.weeks + 1)
            if allowed is None or week < begins + allowed
        }
        total = sum(
            a_unit * use * shares.get(week, 0)
            for row, use in held.items()
            for week, a_unit in enumerate(horizon.prices.get(row, ()), 1)
        )
        for line in self.facts.policy.money.year_budgets:
            once = horizon.prices.get(f"year_budget[{line}]", ())
            total += 1000 * sum(once[:1]) * self.year_cost.get(line, 0)
        if self.placement.start <= self.facts.year_end:
            row = f"year_quota[{self.placement.measure}]"
            total += 1000 * sum(horizon.prices.get(row, ())[:1])
        for course in self.courses:
            row = f"course_seats[{course.course_id}]"
            total += 1000 * sum(horizon.prices.get(row, ())[:1])
        worked = sum(share for week, share in shares.items() if week >= begins)
        price = total // 1_000_000_000 - horizon.week_points * worked // 1000
        return max(-horizon.cap, min(horizon.cap, price))


def _per_hour(minutes: int, price: int) -> int:
    """Whole DKK for so many minutes, rounded up."""
    return -(-minutes * price // 60)


def _equal_digits(code: str, other: str) -> int:
    """Equal leading digits, at most four; all digits of the shorter code count as four."""
    shorter = min(len(code), len(other), 4)
    for place in range(shorter):
        if code[place] != other[place]:
            return place
    return 4
