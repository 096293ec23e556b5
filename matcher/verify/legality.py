"""Every hard rule, for one placement at a time: what is compared, straight from the rules page.

Each function yields ``(rule, value, limit)`` for the rules it knows, broken or not;
:func:`broken_rules` keeps the broken ones. Supports (class, courses, mentor) are checked last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matcher.records import HEALTH_CODES, PAPERS, LanguageClass, MentorPool, TravelMode
from matcher.rules import UNKNOWN
from matcher.verify.case import CheckedPlacement
from matcher.verify.facts import QUARTER, minutes_of, quarters
from matcher.verify.findings import VALUE, Violation, breaks, broken_rule, wrong_number

Compared = Iterator[tuple[str, int, int]]
"""Rule, value, limit."""
SLOTS = 7 * 24 * 60 // QUARTER


def broken_rules(case: CheckedPlacement) -> Iterator[Violation]:
    """Each hard rule that a placement breaks."""
    for part in PARTS:
        for rule, value, limit in part(case):
            if breaks(rule, value, limit):
                yield broken_rule(rule, case.where, value, limit)
    for check in (_class, _courses, _mentor):
        yield from check(case)


def _people(case: CheckedPlacement) -> Compared:
    citizen, opening, facts = case.citizen, case.opening, case.facts
    yield "already_placed", len(facts.jobs.get(citizen.citizen_id, ())), 0
    yield "fewest_hours", case.capacity, minutes_of(facts.policy.start.fewest_hours)
    yield "opening_full", facts.free_seats(opening), 1
    accepted = case.placement.measure in opening.measures
    yield "measure_none", int(accepted), 1
    yield "start_window", case.earliest.toordinal(), case.last_day.toordinal()
    if opening.age_min is not None:
        yield "age_min", citizen.age, opening.age_min
    if opening.age_max is not None:
        yield "age_max", citizen.age, opening.age_max
    yield "refusal", sum(opening.isco.startswith(code[:4]) for code in citizen.refusals), 0
    forbidden = sum(
        row.opening_id == opening.opening_id or row.workplace_id == opening.workplace_id
        for row in facts.forbids.get(citizen.citizen_id, ())
    )
    yield "forbidden", forbidden, 0


def _time(case: CheckedPlacement) -> Compared:
    citizen, opening, policy = case.citizen, case.opening, case.facts.policy
    least = minutes_of(opening.hours_min)
    yield "hours", case.end_capacity, least
    if case.days:
        yield "day_hours", -(-least // case.days), minutes_of(citizen.capacity_hours_day)
    yield "duty_week", least + case.own_week, minutes_of(policy.duty_week.hours)
    busy = quarters(opening.shifts, policy.travel.buffer_minutes)
    for rule, blocks in (
        ("shift_class", citizen.class_blocks),
        ("shift_treatment", citizen.treatment_blocks),
        ("shift_other", citizen.other_blocks),
    ):
        yield rule, QUARTER * len(busy & quarters(blocks)), 0
    if citizen.single_provider and not citizen.accepts_odd_hours:
        odd = quarters(opening.shifts) & quarters(policy.odd_hours.blocks)
        yield "odd_hours", QUARTER * len(odd), 0
    yield "commute", case.way.minutes, case.facts.longest_way(citizen)
    if case.way.minutes == UNKNOWN:
        return
    if case.facts.needs_care(citizen):
        away = quarters(opening.shifts, case.way.minutes + policy.childcare.drop_off_minutes)
        yield "shift_care", QUARTER * len(away - case.facts.care(citizen)), 0
    if case.way.mode is TravelMode.TRANSIT and opening.shifts:
        hour, minute = policy.travel.first_transit.split(":")
        to_midnight = {block.day for block in opening.shifts if block.end == 24 * 60}
        starts = [
            block.start
            for block in opening.shifts
            # From midnight on, after a shift to midnight the day before, is no start.
            if block.start > 0 or (block.day + 6) % 7 not in to_midnight
        ]
        leaves = min(starts, default=24 * 60) - case.way.minutes
        yield "early_transport", leaves, int(hour) * 60 + int(minute)


def _ability(case: CheckedPlacement) -> Compared:
    citizen, opening = case.citizen, case.opening
    for code in HEALTH_CODES:
        if code in citizen.must_limits:
            demand, limit = getattr(opening, f"demand_{code}"), getattr(citizen, f"limit_{code}")
            yield f"health_{code}", demand, limit
    yield "language_oral", citizen.oral, opening.oral_floor - case.allowed_gap
    yield "language_reading", citizen.reading, opening.reading_floor - case.allowed_gap
    for paper in opening.papers:
        if paper in PAPERS:
            yield f"paper_{paper}", case.ready_day(paper), case.last_day.toordinal()


def _measure_person(case: CheckedPlacement) -> Compared:
    citizen, measure, policy = case.citizen, case.measure, case.facts.policy
    yield "category", int(citizen.category in measure.categories), 1
    if measure.target_group:
        group = policy.target_group
        lacks = not citizen.passed_pd2 or not citizen.completed_grade6
        long_on_it = citizen.assistance_months_48 >= group.assistance_months_48
        second_route = citizen.benefit in group.assistance_benefits and long_on_it and lacks
        yield "target_group", int(citizen.benefit in group.benefits or second_route), 1
    limit = measure.weeks.get(citizen.category)
    if citizen.integration_act and measure.weeks_integration_act is not None:
        limit = measure.weeks_integration_act
    if limit is not None:
        used = {
            None: 0.0,
            "practice": citizen.practice_weeks_used,
            "subsidy": citizen.subsidy_weeks_used,
            "nytteindsats": citizen.nytteindsats_weeks_used,
        }[measure.weeks_used]
        yield "duration_left", int((limit - used) // 1), 1
    if measure.prior_benefit:
        prior = policy.prior_benefit
        over = prior.waived_over_age
        waived = (
            (prior.waived_without_education and not citizen.qualifying_education)
            or (over is not None and citizen.age > over)
            or (
                prior.waived_single_provider
                and citizen.single_provider
                and "single_provider" not in citizen.unknown
            )
        )
        if not waived:
            yield "prior_benefit", citizen.benefit_months, prior.months
    if measure.age_min is not None:
        yield "measure_age_min", citizen.age, measure.age_min
    if measure.age_max is not None:
        yield "measure_age_max", citizen.age, measure.age_max
    if measure.refugee_or_reunified:
        yield "residence", int(citizen.refugee_or_reunified), 1
    if measure.years_in_denmark_under is not None:
        stay = citizen.years_in_denmark
        whole = UNKNOWN if stay is None else int(stay // 1)
        yield "years_in_denmark", whole, measure.years_in_denmark_under - 1
    elif measure.years_in_denmark_max is not None:
        years = citizen.years_in_denmark
        begun = UNKNOWN if years is None else int(-(-years // 1))
        yield "years_in_denmark", begun, measure.years_in_denmark_max


def _measure_employer(case: CheckedPlacement) -> Compared:
    citizen, workplace, measure = case.citizen, case.workplace, case.measure
    there = citizen.last_employer == workplace.employer_id
    yield "sector", int(workplace.sector in measure.sectors), 1
    if measure.bars_last_employer:
        barred = measure.bars_last_employer_for
        yield "last_employer", int(there and (not barred or citizen.category in barred)), 0
    if measure.ratio_rule:
        yield "ratio", case.facts.free_ratio_places(workplace), 1
    if measure.net_increase:
        yield from _net_increase(case)
        yield "dismissal", int(workplace.dismissed_3m), 0
    if measure.net_increase or measure.representative:
        yield "representative", int(workplace.representative_agrees), 1
    if measure.months_since_job_there is not None and there:
        yield "recent_job_there", citizen.months_since_job or 0, measure.months_since_job_there
    if measure.hours_min > 0 or measure.school_hours > 0:
        most = min(case.offered, case.end_capacity, case.by_day, case.duty_left - case.school)
        yield "measure_hours", most, case.needed_minutes


def _net_increase(case: CheckedPlacement) -> Compared:
    last = mean = 0
    known = True
    for workplace in case.facts.employers[case.workplace.employer_id]:
        if workplace.staff_last_month is None or workplace.staff_mean_12m is None:
            known = False
            continue
        last += round(workplace.staff_last_month * 100)
        mean += round(workplace.staff_mean_12m * 100)
    if known:
        yield "net_increase", last, mean
    elif case.facts.policy.net_increase.missing_staff_figures == "refuse":
        yield "net_increase", UNKNOWN, UNKNOWN


def _offer(case: CheckedPlacement) -> Compared:
    most = min(case.offered, case.end_capacity, case.by_day, case.room)
    fewest = minutes_of(case.facts.policy.start.fewest_hours)
    if most < case.needed_minutes:
        yield "support_week", most, case.needed_minutes
    elif case.capacity >= fewest:
        yield "support_week", case.minutes, fewest
    if case.way.minutes != UNKNOWN:
        yield "fit_floor", case.fit, case.facts.policy.fit.floor


# ---------------------------------------------------------------------------- supports


def _class(case: CheckedPlacement) -> Iterator[Violation]:
    gap = max(case.oral_gap, case.reading_gap)
    if case.team is None:
        if 0 < gap <= case.allowed_gap:
            why = "Danish is missing, but the placement adds no class."
            yield broken_rule("language_class", case.where, 0, 1, why)
    elif gap == 0:
        yield wrong_number(f"{case.where}: team_id", 1, 0)
    elif misfit := _class_misfit(case, case.team):
        why = f"The class {case.team.team_id} {misfit}."
        yield broken_rule("language_class", case.where, 0, 1, why)


def _class_misfit(case: CheckedPlacement, team: LanguageClass) -> str | None:
    """Why a class does not fit the pair; None when it does."""
    citizen, facts = case.citizen, case.facts
    if facts.free_class_seats(team) < 1:
        return "has no free seat"
    if not team.level_from <= citizen.oral <= team.level_to:
        return f"takes levels {team.level_from}-{team.level_to}, the citizen has {citizen.oral}"
    if team.workplace_id not in (None, case.opening.workplace_id):
        return f"meets at workplace {team.workplace_id}, only for those who work there"
    way, limit = facts.way(citizen, team.postcode).minutes, facts.longest_way(citizen)
    if way == UNKNOWN or way > limit:
        return f"is {way} minutes from home, at most {limit} are acceptable"
    meets = quarters(team.blocks)
    fixed = {
        "the citizen's own class": quarters(citizen.class_blocks),
        "treatment": quarters(citizen.treatment_blocks),
        "other fixed times": quarters(citizen.other_blocks),
        "the shift": quarters(case.opening.shifts, facts.policy.travel.buffer_minutes),
    }
    if facts.needs_care(citizen):
        fixed["hours without care"] = frozenset(range(SLOTS)) - facts.care(citizen)
    for name, taken in fixed.items():
        if common := len(meets & taken):
            return f"overlaps {name} by {QUARTER * common} minutes a week"
    return None


def _courses(case: CheckedPlacement) -> Iterator[Violation]:
    needed = {paper for paper in case.opening.papers if paper in PAPERS and case.by_course(paper)}
    for course in case.courses:
        if course.paper not in needed:
            yield wrong_number(f"{case.where}: course {course.course_id}", 1, 0)
        elif course.seats < 1:
            why = f"The course {course.course_id} has no free seat."
            yield broken_rule(f"paper_{course.paper}", case.where, 0, 1, why)
    for paper in sorted(needed):
        sessions = [course for course in case.courses if course.paper == paper]
        if len(sessions) > 1:
            yield wrong_number(f"{case.where}: courses for {paper}", len(sessions), 1)
    stated = case.placement.course_ids
    if stated != tuple(sorted(set(stated))):
        message = f"{case.where}: course_ids are not sorted, each once: {', '.join(stated)}."
        yield Violation(VALUE, f"{case.where}: course_ids", 0, 1, message)
    for paper in case.opening.papers:
        if paper not in PAPERS:
            message = f"{case.where}: the opening asks for '{paper}', a paper nobody can show."
            yield Violation(VALUE, f"{case.where}: papers", 0, 1, message)


def _mentor(case: CheckedPlacement) -> Iterator[Violation]:
    need = case.mentor_need
    if case.pool is None:
        if need > 0:
            why = f"{need} mentor minutes a week are needed, but no pool gives them."
            yield broken_rule("mentor", case.where, 0, need, why)
    elif need == 0:
        yield wrong_number(f"{case.where}: pool_id", 1, 0)
    elif not _serves(case, case.pool):
        why = f"The pool {case.pool.pool_id} does not serve this citizen at this workplace."
        yield broken_rule("mentor", case.where, 0, need, why)
    else:
        free = case.facts.free_mentor_minutes(case.pool)
        if free < need:
            yield broken_rule("mentor", case.where, free, need)


def _serves(case: CheckedPlacement, pool: MentorPool) -> bool:
    if pool.workplace_id is not None:
        return pool.workplace_id == case.opening.workplace_id
    municipality = case.citizen.municipality
    return pool.municipality is None or municipality is None or pool.municipality == municipality


PARTS: list[Callable[[CheckedPlacement], Compared]] = [
    _people, _time, _ability, _measure_person, _measure_employer, _offer,
]  # fmt: skip
"""The rules, by what they look at."""
