"""Both sides of the match as coded arrays: what a citizen can, what an opening asks.

Text becomes positions, hours become minutes, weekly blocks become rows of grids that are shared by
all who have the same blocks. Everything the rules compare is made once here; the rules then only
look up and compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.capacity import Remaining, first_start, minutes, remaining, whole
from matcher.columns import Cells, Columns, filled, kinds_of, lacking, positions
from matcher.offers.occupations import closeness, listed, refused
from matcher.offers.travel import Ways, ways
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.records import HEALTH_CODES, PAPERS, Holidays, Sector
from matcher.row_kinds import OPENING_SEATS
from matcher.rules import NEVER, RULES, Rule
from matcher.week import (
    SLOT_MINUTES,
    SLOTS,
    Week,
    parse_week,
    shift_starts,
    slots_of,
    week_days,
    week_minutes,
    widened,
)
from matcher.workdays import Calendar, begin_days, closes

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BUSY = ("class", "treatment", "other")
"""Fixed times of a citizen that a shift must not touch."""


@dataclass(frozen=True, eq=False)
class Citizens:
    """Citizens' side; arrays of shape (citizens,) unless said."""

    ids: npt.NDArray[Any]
    home: Ints
    """Position of the home in the places."""
    traveller: Ints
    """Kind of traveller of :class:`matcher.offers.travel.Ways`."""
    most_commute: Ints
    """Longest way, minutes."""
    ready: Ints
    """First day the citizen could start, ordinal."""
    placed: Ints
    """Running placements."""
    capacity: Ints
    """Minutes of work a week at the start."""
    capacity_day: Ints
    ramp: Ints
    """Minutes a week gained every four weeks."""
    own_week: Ints
    """Minutes a week of own class and treatment."""
    busy: dict[str, Ints]
    """Row of ``EncodedWeek.busy_grids`` by kind."""
    care: Ints
    """Row of ``EncodedWeek.careless_grids``; 0 means the citizen needs no care."""
    odd_hours_barred: Bools
    """Single providers who have not said yes to odd hours."""
    limits: npt.NDArray[np.int8]
    """Tolerances, shape (15, citizens)."""
    must: Bools
    """Whether the limit is absolute, shape (15, citizens)."""
    oral: Ints
    reading: Ints
    paper_ready: Ints
    """Day each paper is in hand without a course, ordinal, shape (papers, citizens)."""
    paper_by_course: Bools
    """Whether a course would give the paper, shape (papers, citizens)."""
    mentor: Ints
    """Mentor minutes a week needed."""
    wishes: Ints
    """Row of ``EncodedWeek.wish_points``."""
    experience: Ints
    """Row of ``EncodedWeek.experience_points``."""
    refusals: Ints
    """Row of ``EncodedWeek.refused``."""
    age: Ints
    municipality: Ints
    """Code of the municipality; -1 where empty."""
    last_employer: Ints
    """Code of the employer; -1 where empty or not in the tables."""


@dataclass(frozen=True, eq=False)
class Openings:
    """Openings' side; arrays of shape (openings,) unless said."""

    ids: npt.NDArray[Any]
    workplace: Ints
    place: Ints
    """Position of the workplace in the places."""
    employer: Ints
    sector: npt.NDArray[Any]
    free: Ints
    """Free seats."""
    start_from: Ints
    last_day: Ints
    """Last day of work on which somebody can begin, ordinal."""
    workdays: Ints
    """Row of ``EncodedWeek.calendar``."""
    hours_min: Ints
    hours_max: Ints
    """Most minutes of work a week: what is offered, within the shifts."""
    ramps: Ints
    """Steps of four weeks the employer gives to reach ``hours_min``."""
    pattern: Ints
    """Row of the shift grids."""
    days: Ints
    """Days a week with a shift."""
    demands: npt.NDArray[np.int8]
    """Demands, shape (15, openings)."""
    oral_floor: Ints
    reading_floor: Ints
    allowed_gap: Ints
    papers: Bools
    """Papers asked for, shape (papers, openings)."""
    own_mentor: Ints
    """Mentor minutes a week the workplace gives itself."""
    prospect: Ints
    occupation: Ints
    """Column of the tables of closeness."""
    accepts: Bools
    """Measures in force that are accepted, shape (openings, measures)."""


@dataclass(frozen=True, eq=False)
class EncodedWeek:
    """Both sides, what they share, and what is left of the resources."""

    problem: Problem
    remaining: Remaining
    citizens: Citizens
    openings: Openings
    measures: tuple[str, ...]
    """Ids of the measures in force, sorted."""
    ways: Ways
    busy_grids: npt.NDArray[np.bool_]
    """Fixed times of citizens, shape (kinds of weeks, SLOTS)."""
    busy_overlap: Ints
    """Minutes that a busy grid overlaps a shift widened by the buffer, (busy grids, patterns)."""
    careless_grids: npt.NDArray[np.bool_]
    """Times without care; row 0 is empty, shape (kinds, SLOTS)."""
    away_steps: int
    """Most quarters a shift is widened by for the way and the drop-off."""
    careless_overlap: Ints
    """Minutes away without care, shape (careless grids, away steps + 1, patterns)."""
    odd_minutes: Ints
    """Minutes of odd hours, shape (patterns,)."""
    earliest: Ints
    """Earliest start of a shift, minutes after midnight; 24 h without shifts, (patterns,)."""
    shift_grids: npt.NDArray[np.bool_]
    """Shifts, shape (patterns, SLOTS)."""
    calendar: Calendar
    """Days on which work begins, by kind of job."""
    wish_points: Ints
    """Closeness, shape (kinds of wishes, occupations), 0-1000."""
    experience_points: Ints
    refused: Bools
    """Whether a kind of refusals covers an occupation."""
    first_course: Ints
    """Earliest day a course gives each paper, ordinal, shape (papers,)."""
    plain: Mapping[str, tuple[Ints, Ints]]
    """Value and limit of each plain rule on a pair, of the side their columns are of."""
    forbidden: Ints
    """Sorted codes ``citizen * openings + opening`` that are ruled out."""

    @property
    def policy(self) -> Policy:
        """The policy of the day."""
        return self.problem.policy

    def away_step(self, way: Ints) -> Ints:
        """Quarters a shift is widened by for a way of so many minutes."""
        steps = -(-(way + self.policy.childcare.drop_off_minutes) // SLOT_MINUTES)
        return np.minimum(steps, self.away_steps)


def sides_of(problem: Problem) -> EncodedWeek:
    """Code both sides of a problem."""
    policy = problem.policy
    measures = tuple(sorted(policy.measures))
    resources = remaining(problem)
    citizens, openings = problem.columns("citizens"), problem.columns("openings")
    patterns, pattern_of = _weeks(openings["shifts"])
    shift_grids = slots_of(patterns)
    busy_of, busy_weeks = _busy(citizens)
    busy_grids = slots_of(busy_weeks)
    care, careless_grids = _careless(problem)
    buffered = widened(shift_grids, policy.travel.buffer_minutes)
    steps = -(-(policy.travel.hard_minutes + policy.childcare.drop_off_minutes) // SLOT_MINUTES)
    away = [shift_grids]
    for _ in range(steps):
        away.append(widened(away[-1], SLOT_MINUTES))
    jobs, occupation = kinds_of(openings["isco"])
    occupations = tuple(jobs)
    calendar, workdays = _calendar(problem, patterns, pattern_of)
    wish_lists, wishes = listed(citizens["wishes"])
    job_lists, experience = listed(citizens["experience"])
    refusal_lists, refusals = listed(citizens["refusals"])
    points = policy.fit.isco_points
    unstated = policy.fit.unstated_points
    return EncodedWeek(
        problem=problem,
        remaining=resources,
        citizens=_citizens(problem, resources, busy_of, care, (wishes, experience, refusals)),
        openings=_openings(
            problem, resources, measures, (pattern_of, patterns), occupation, (calendar, workdays)
        ),
        measures=measures,
        ways=ways(problem),
        busy_grids=busy_grids,
        busy_overlap=overlap(busy_grids, buffered),
        careless_grids=careless_grids,
        away_steps=steps,
        careless_overlap=np.stack([overlap(careless_grids, grid) for grid in away], axis=1),
        odd_minutes=overlap(slots_of([policy.odd_hours.blocks]), shift_grids)[0],
        earliest=np.array(
            [min(shift_starts(week), default=1440) for week in patterns],
            dtype=np.int64,
        ),
        shift_grids=shift_grids,
        calendar=calendar,
        wish_points=closeness(wish_lists, occupations, points, unstated),
        experience_points=closeness(job_lists, occupations, points, unstated),
        refused=refused(refusal_lists, occupations),
        first_course=_first_course(problem),
        plain={
            rule.id: (coded(problem, rule.value, rule), coded(problem, rule.limit, rule))
            for rule in RULES.values()
            if rule.plain and rule.scope == "pair"
        },
        forbidden=_forbidden(problem),
    )


_CODED = ("citizens", "openings", "workplaces", "places", "travel_times", "running", "forbids")
"""Tables that are coded; of the others only what is left of their resources is."""
_COUNTED = {"openings": ["seats"], "workplaces": ["intake_per_week"]}
"""Columns of coded tables that only say what a resource holds."""


def sides_like(problem: Problem, known: EncodedWeek) -> EncodedWeek | None:
    """Code a problem that differs from a coded one in what its resources hold, and in nothing else.

    Parameters
    ----------
    problem
        Of the same day, under rules that make the same offers of the same pairs.
    known
        The coded week.

    Returns
    -------
    EncodedWeek or None
        Equal to what :func:`sides_of` makes. None: another table that is coded is not the same.
    """
    before = known.problem
    if not all(_alike(problem, before, name) for name in _CODED):
        return None
    pools = problem["mentor_pools"], before["mentor_pools"]
    towns = [set(pool["municipality"].dropna()) for pool in pools if pools[0] is not pools[1]]
    if towns and towns[0] != towns[1]:
        return None  # towns are numbered by all that are named
    resources, openings = remaining(problem), known.openings
    if problem["openings"] is not before["openings"]:
        openings = replace(openings, free=resources[OPENING_SEATS])
    return replace(
        known,
        problem=problem,
        remaining=resources,
        openings=openings,
        first_course=_first_course(problem),
    )


def _alike(problem: Problem, before: Problem, name: str) -> bool:
    """Whether a table is the same, or differs in what its resources hold alone."""
    mine, known, counted = problem[name], before[name], _COUNTED.get(name, [])
    return mine is known or (
        bool(counted) and mine.drop(columns=counted).equals(known.drop(columns=counted))
    )


def coded(problem: Problem, name: str, rule: Rule) -> Ints:
    """Column of citizens, openings or their workplaces, in the unit of a plain rule.

    Parameters
    ----------
    name
        ``table.column``; an empty cell stands for no limit.
    rule
        The rule that compares it.
    """
    table, _, column = name.partition(".")
    columns = problem.columns(table)
    values = columns[column]
    if table == "workplaces":
        values = values[
            positions(problem.columns("openings")["workplace_id"], columns["workplace_id"])
        ]
    if rule.unit == "date":
        return ordinals(values, rule.no_limit)
    numbers = values.astype(np.float64) * rule.scale
    return whole(np.where(np.isnan(numbers), rule.no_limit, numbers))


def overlap(left_grids: npt.NDArray[np.bool_], right_grids: npt.NDArray[np.bool_]) -> Ints:
    """Minutes in which both are taken, shape (rows of left, rows of right)."""
    # Whole numbers below 2**24 are exact in float32, and only floats multiply fast.
    shared = left_grids.astype(np.float32) @ right_grids.astype(np.float32).T
    return np.asarray(np.rint(shared), dtype=np.int64) * SLOT_MINUTES


def ordinals(dates: Cells, missing: int) -> Ints:
    """Day numbers (proleptic Gregorian ordinals) of dates; ``missing`` where empty."""
    days = dates.astype("datetime64[D]")
    empty = np.isnat(days)
    numbers = np.where(empty, np.datetime64(0, "D"), days).astype(np.int64) + 719_163
    return np.where(empty, missing, numbers)


def weeks_of(texts: Iterable[Any]) -> list[Week]:
    """Weekly blocks of each text; empty cells are empty weeks."""
    return [parse_week(text) if isinstance(text, str) else () for text in texts]


def _weeks(texts: Cells) -> tuple[list[Week], Ints]:
    kinds, codes = kinds_of(texts)
    return weeks_of(kinds), codes


def _busy(citizens: Columns) -> tuple[dict[str, Ints], list[Week]]:
    weeks: list[Week] = []
    codes: dict[str, Ints] = {}
    for kind in BUSY:
        kinds, code = _weeks(citizens[f"{kind}_blocks"])
        codes[kind] = code + len(weeks)
        weeks += kinds
    return codes, weeks


def _careless(problem: Problem) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Lay out times without care for those who need it; row 0 is for those who do not."""
    citizens, care = problem.columns("citizens"), problem.policy.childcare
    needs = needs_care(problem)
    _, household = kinds_of(citizens["household_id"])
    shared = (np.bincount(household) > 1)[household] & ~lacking(citizens["household_id"])
    own, codes = _weeks(citizens["care_blocks"])
    weeks = [week or care.open for week in own]
    grids = np.concatenate([np.zeros((1, SLOTS), dtype=np.bool_), ~slots_of(weeks)])
    return np.where(needs & ~shared, codes + 1, 0).astype(np.int64), grids


def needs_care(problem: Problem) -> Bools:
    """Whether a citizen has a small child that nobody else at home can always look after."""
    citizens = problem.columns("citizens")
    young: Bools = filled(citizens["youngest_child"], 99) < problem.policy.childcare.child_under
    alone: Bools = ~citizens["partner_can_care"]
    return young & alone


def _first_course(problem: Problem) -> Ints:
    first = np.full(len(PAPERS), NEVER, dtype=np.int64)
    courses = problem.columns("courses")
    ready = ordinals(courses["ready_on"], NEVER)
    open_ = courses["seats"] > 0
    for at, paper in enumerate(PAPERS):
        chosen = open_ & (courses["paper"] == paper)
        if paper in problem.policy.papers.course_papers and chosen.any():
            first[at] = ready[chosen].min()
    return first


def _forbidden(problem: Problem) -> Ints:
    table = problem.columns("forbids")
    if not table.rows:
        return np.zeros(0, dtype=np.int64)
    holds = lacking(table["until"]) | (table["until"] >= np.datetime64(problem.today))
    forbids = {name: table[name][holds] for name in table}
    openings, workplaces = problem.columns("openings"), problem.columns("workplaces")
    citizen = positions(forbids["citizen_id"], problem.columns("citizens")["citizen_id"])
    opening = positions(forbids["opening_id"], openings["opening_id"])
    at = positions(openings["workplace_id"], workplaces["workplace_id"])
    workplace = positions(forbids["workplace_id"], workplaces["workplace_id"])
    width = openings.rows
    one = (citizen >= 0) & (opening >= 0)
    codes = [citizen[one] * width + opening[one]]
    # The openings of a workplace are a run once they are sorted by workplace.
    order = np.argsort(at, kind="stable")
    many = (citizen >= 0) & (workplace >= 0)
    first = np.searchsorted(at[order], workplace[many], side="left")
    count = np.searchsorted(at[order], workplace[many], side="right") - first
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    codes.append(np.repeat(citizen[many], count) * width + order[np.repeat(first, count) + within])
    return np.unique(np.concatenate(codes))


def _citizens(
    problem: Problem,
    resources: Remaining,
    busy: dict[str, Ints],
    care: Ints,
    lists: tuple[Ints, Ints, Ints],
) -> Citizens:
    table, policy = problem.columns("citizens"), problem.policy
    first_day = first_start(problem).toordinal()
    today = problem.today.toordinal()
    paper_ready, by_course = _papers(table, policy, today)
    own = sum(
        (
            _week_minutes(table[f"{kind}_blocks"])
            for kind in ("class", "treatment")
            if kind in policy.duty_week.counts
        ),
        start=np.zeros(table.rows, dtype=np.int64),
    )
    running = positions(resources.running["citizen_id"], table["citizen_id"])
    employers, _ = kinds_of(problem.columns("workplaces")["employer_id"])
    wishes, experience, refusals = lists
    return Citizens(
        ids=table["citizen_id"],
        home=positions(table["postcode"], problem.columns("places")["postcode"]),
        traveller=table["has_car"].astype(np.int64) + 2 * table["has_bicycle"],
        most_commute=np.minimum(
            filled(table["max_commute"], policy.travel.hard_minutes), policy.travel.hard_minutes
        ),
        ready=np.maximum(ordinals(table["available_from"], 0), first_day),
        placed=np.bincount(running[running >= 0], minlength=table.rows).astype(np.int64),
        capacity=minutes(table["capacity_hours"]),
        capacity_day=minutes(table["capacity_hours_day"]),
        ramp=minutes(table["ramp_hours"]),
        own_week=own,
        busy=busy,
        care=care,
        odd_hours_barred=table["single_provider"] & ~table["accepts_odd_hours"],
        limits=np.stack([table[f"limit_{code}"] for code in HEALTH_CODES]).astype(np.int8),
        must=_contains(table["must_limits"], list(HEALTH_CODES)),
        oral=table["oral"],
        reading=table["reading"],
        paper_ready=paper_ready,
        paper_by_course=by_course,
        mentor=minutes(table["mentor_hours"]),
        wishes=wishes,
        experience=experience,
        refusals=refusals,
        age=table["age"],
        municipality=_municipality(problem, table["municipality"]),
        last_employer=positions(table["last_employer"], np.array(employers, dtype=object)),
    )


def _municipality(problem: Problem, values: Cells) -> Ints:
    tables = ("citizens", "mentor_pools")
    named = [kinds_of(problem.columns(name)["municipality"])[0] for name in tables]
    known = sorted({name for one in named for name in one if isinstance(name, str)})
    row = {name: at for at, name in enumerate(known)}
    kinds, codes = kinds_of(values)
    return np.array([row.get(name, -1) for name in kinds], dtype=np.int64)[codes]


def pool_municipality(problem: Problem) -> Ints:
    """Code of each pool's municipality, as in :attr:`Citizens.municipality`."""
    return _municipality(problem, problem.columns("mentor_pools")["municipality"])


def _papers(table: Columns, policy: Policy, today: int) -> tuple[Ints, Bools]:
    ready = np.full((len(PAPERS), table.rows), NEVER, dtype=np.int64)
    by_course = np.zeros(ready.shape, dtype=np.bool_)
    for at, paper in enumerate(PAPERS):
        status = table[f"paper_{paper}"]
        ready[at][status == "cleared"] = today
        pending = policy.papers.days_when_pending.get(paper)
        if pending is not None:
            ready[at][status == "pending"] = today + pending
        missing = status == "missing"
        if paper in policy.papers.course_papers:
            by_course[at] = missing
        elif paper in policy.papers.days_when_missing:
            ready[at][missing] = today + policy.papers.days_when_missing[paper]
    return ready, by_course


def _openings(
    problem: Problem,
    resources: Remaining,
    measures: tuple[str, ...],
    shifts: tuple[Ints, list[Week]],
    occupation: Ints,
    workdays: tuple[Calendar, Ints],
) -> Openings:
    pattern, patterns = shifts
    calendar, kind = workdays
    table, workplaces = problem.columns("openings"), problem.columns("workplaces")
    policy = problem.policy
    at = positions(table["workplace_id"], workplaces["workplace_id"])
    _, employer = kinds_of(workplaces["employer_id"])
    lead = problem.today.toordinal() + policy.start.longest_lead_days
    days = np.array([week_days(week) for week in patterns], dtype=np.int64)
    in_shifts = np.array([week_minutes(week) for week in patterns], dtype=np.int64)[pattern]
    most = minutes(table["hours_max"])
    return Openings(
        ids=table["opening_id"],
        workplace=at,
        place=positions(workplaces["postcode"], problem.columns("places")["postcode"])[at],
        employer=employer[at],
        sector=workplaces["sector"][at],
        free=resources[OPENING_SEATS],
        start_from=ordinals(table["start_from"], 0),
        last_day=np.maximum(calendar.last(kind, ordinals(table["start_to"], lead)), 1),
        workdays=kind,
        hours_min=minutes(table["hours_min"]),
        hours_max=np.where(in_shifts > 0, np.minimum(most, in_shifts), most),
        ramps=table["ramp_weeks"] // 4,
        pattern=pattern,
        days=days[pattern],
        demands=np.stack([table[f"demand_{code}"] for code in HEALTH_CODES]).astype(np.int8),
        oral_floor=table["oral_floor"],
        reading_floor=table["reading_floor"],
        allowed_gap=filled(table["language_gap_ok"], policy.language.gap_with_class),
        papers=_contains(table["papers"], list(PAPERS)),
        own_mentor=minutes(table["mentor_hours"]),
        prospect=table["prospect"],
        occupation=occupation,
        accepts=_contains(table["measures"], measures).T,
    )


def _calendar(problem: Problem, patterns: list[Week], pattern: Ints) -> tuple[Calendar, Ints]:
    """Days of work by kind of job, and the kind of each opening."""
    table, rules = problem.columns("openings"), problem.policy.workdays
    begun = [begin_days(week, rules) for week in patterns]
    weekdays = sorted(set(begun), key=sorted)
    days = np.array([weekdays.index(one) for one in begun], dtype=np.int64)[pattern]
    workplaces = problem.columns("workplaces")
    at = positions(table["workplace_id"], workplaces["workplace_id"])
    sectors = list(Sector)
    sector = positions(workplaces["sector"], np.array(sectors, dtype=object))[at]
    jobs, occupation = kinds_of(table["isco"])
    # What weekdays, sector and occupation make of a job, where the opening is silent.
    _, first, like = np.unique(
        (days * len(sectors) + sector) * max(1, len(jobs)) + occupation,
        return_index=True,
        return_inverse=True,
    )
    by_rule = [
        closes(rules, sectors[sector[one]], jobs[occupation[one]], weekdays[days[one]])
        for one in first.tolist()
    ]
    stated = table["public_holidays"]
    closed = np.array(by_rule, dtype=np.bool_)[like.ravel()] | (stated == Holidays.CLOSED.value)
    closed &= stated != Holidays.OPEN.value
    calendar = Calendar.of(rules, weekdays * 2, np.arange(2 * len(weekdays)) >= len(weekdays))
    return calendar, days + len(weekdays) * closed


def _contains(lists: Cells, words: Sequence[str]) -> Bools:
    """Whether each word is in each semicolon-separated list, shape (words, lists)."""
    unique, codes = listed(lists)
    table = np.array([[word in stated for stated in unique] for word in words], dtype=np.bool_)
    return table.reshape(len(words), len(unique))[:, codes]


def _week_minutes(texts: Cells) -> Ints:
    weeks, codes = _weeks(texts)
    return np.array([week_minutes(week) for week in weeks], dtype=np.int64)[codes]
