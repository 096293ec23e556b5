"""The rows of the model: what all placements use together against what is free.

What a placement uses is recomputed; only its choices (which class, pool, courses) are taken as
stated. One function per row, in the order of the rules page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from matcher.plan import Plan
from matcher.policy import GroupFloor
from matcher.records import Citizen
from matcher.rules import UNKNOWN
from matcher.verify.case import CheckedPlacement
from matcher.verify.facts import DAY, QUARTER, Facts, quarters
from matcher.verify.findings import Violation, broken_row
from matcher.week import WEEKDAYS


def broken_rows(facts: Facts, plan: Plan, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """Each row that the placements together break."""
    yield from _citizen_once(plan)
    for check in ROWS.values():
        yield from check(facts, cases)
    yield from _lock(facts, plan)


def _over(
    name: str, unit: str, use: Counter[str], free: Iterable[tuple[str, int]]
) -> Iterator[Violation]:
    for key, capacity in free:
        if use[key] > capacity:
            yield broken_row(name, key, use[key], capacity, unit)


def _citizen_once(plan: Plan) -> Iterator[Violation]:
    """citizen_once[i]: placements of citizen i <= 1."""
    use = Counter(placement.citizen_id for placement in plan.placements)
    yield from _over("citizen_once", "placements", use, ((key, 1) for key in use))


def _opening_seats(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """opening_seats[j]: placements at j <= free seats."""
    use = Counter(case.opening.opening_id for case in cases)
    free = ((key, facts.free_seats(facts.openings[key])) for key in use)
    yield from _over("opening_seats", "seats", use, free)


def _workplace_ratio(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """workplace_ratio[w]: placements at w under measures with the rule <= free places."""
    use = Counter(case.workplace.workplace_id for case in cases if case.measure.ratio_rule)
    free = ((key, facts.free_ratio_places(facts.workplaces[key])) for key in use)
    yield from _over("workplace_ratio", "places under the ratio rule", use, free)


def _mentor_hours(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """mentor_hours[p]: minutes needed from pool p <= free minutes."""
    use: Counter[str] = Counter()
    for case in cases:
        if case.pool is not None:
            use[case.pool.pool_id] += case.mentor_need
    free = ((key, facts.free_mentor_minutes(facts.pools[key])) for key in use)
    yield from _over("mentor_hours", "mentor minutes a week", use, free)


def _team_seats(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """team_seats[l]: placements with class l <= free seats."""
    use = Counter(case.team.team_id for case in cases if case.team is not None)
    free = ((key, facts.free_class_seats(facts.teams[key])) for key in use)
    yield from _over("team_seats", "class seats", use, free)


def _course_seats(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """course_seats[c]: placements with course c <= free seats."""
    use = Counter(course.course_id for case in cases for course in case.courses)
    free = ((key, facts.courses[key].seats) for key in use)
    yield from _over("course_seats", "course seats", use, free)


def _budget(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """budget[b]: cost on line b <= what is left, DKK a week."""
    use: Counter[str] = Counter()
    for case in cases:
        use.update(case.cost)
    budgets = facts.policy.money.budgets
    free = ((line, max(0, budgets[line])) for line in use if line in budgets)
    yield from _over("budget", "DKK a week", use, free)


def _year_budget(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """year_budget[b]: cost on line b until the year ends <= what is left of it, DKK."""
    use: Counter[str] = Counter()
    for case in cases:
        use.update(case.year_cost)
    budgets = facts.policy.money.year_budgets
    free = ((line, max(0, budgets[line])) for line in use if line in budgets)
    yield from _over("year_budget", "DKK until the year ends", use, free)


def _caseload(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """caseload[k]: placements of caseworker k's citizens <= capacity."""
    use = Counter(case.citizen.caseworker_id or "" for case in cases)
    free = (
        (key, facts.caseworkers[key].capacity) for key in use if key and key in facts.caseworkers
    )
    yield from _over("caseload", "new placements", use, free)


def _household_care(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """household_care[h,t]: adults away in quarter t without care <= adults - 1, somebody is home.

    One violation per home.
    """
    new: dict[str, Counter[int]] = defaultdict(Counter)
    for case in cases:
        if case.citizen.household_id is not None:
            new[case.citizen.household_id].update(_leaves(case))
    for household in sorted(new):
        out = _out_anyway(facts, household)
        adults = len(facts.households[household])
        broken = sorted(t for t in new[household] if new[household][t] + out[t] > adults - 1)
        if broken:
            yield _nobody_home(household, broken, adults)


def _cared_for(facts: Facts, household: str) -> frozenset[int] | None:
    """Quarters in which the child of a home is looked after; None: nobody need be home."""
    adults = [facts.citizens[key] for key in facts.households[household]]
    if len(adults) < 2 or any(adult.partner_can_care for adult in adults):
        return None
    if not any(facts.small_child(adult) for adult in adults):
        return None
    return frozenset[int]().union(*(facts.care(adult) for adult in adults))


def _leaves(case: CheckedPlacement) -> frozenset[int]:
    """Quarters without care in which a placement takes somebody from home who is there now."""
    facts, household = case.facts, case.citizen.household_id
    care = None if household is None else _cared_for(facts, household)
    if care is None:
        return frozenset()
    away = _away(facts, case.citizen, case.opening.opening_id)
    if case.team is not None:
        away |= quarters(case.team.blocks)
    return away - care - _away_anyway(facts, case.citizen)


def _out_anyway(facts: Facts, household: str) -> Counter[int]:
    """Adults away in each quarter without care, whatever is proposed."""
    care = _cared_for(facts, household) or frozenset()
    out: Counter[int] = Counter()
    for key in facts.households[household]:
        out.update(_away_anyway(facts, facts.citizens[key]) - care)
    return out


def _away(facts: Facts, citizen: Citizen, opening_id: str) -> frozenset[int]:
    """Quarters in which a citizen is away for a job: shift, way, bringing the child."""
    opening = facts.openings[opening_id]
    way = facts.way(citizen, facts.workplaces[opening.workplace_id].postcode).minutes
    if way == UNKNOWN:
        way = 0
    return quarters(opening.shifts, way + facts.policy.childcare.drop_off_minutes)


def _away_anyway(facts: Facts, citizen: Citizen) -> frozenset[int]:
    """Quarters away whatever is proposed: own class, treatment, running placements."""
    away = quarters(citizen.class_blocks) | quarters(citizen.treatment_blocks)
    for row in facts.jobs.get(citizen.citizen_id, ()):
        if row.opening_id in facts.openings:
            away |= _away(facts, citizen, row.opening_id)
    return away


def _nobody_home(household: str, broken: list[int], adults: int) -> Violation:
    day, quarter = divmod(broken[0], DAY)
    minute = quarter * QUARTER
    first = f"{WEEKDAYS[day]} {minute // 60:02d}:{minute % 60:02d}"
    where = f"household_care[{household},{first}]"
    message = (
        f"{where}: all {adults} adults are away and the child has no care for"
        f" {QUARTER * len(broken)} minutes a week, first on {first}; somebody must be home."
    )
    return Violation("household_care", where, adults, adults - 1, message)


def _workplace_intake(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """workplace_intake[w]: placements at w <= people it can receive in a week."""
    use = Counter(case.workplace.workplace_id for case in cases)
    limits = ((key, facts.workplaces[key].intake_per_week) for key in use)
    free = ((key, limit) for key, limit in limits if limit is not None)
    yield from _over("workplace_intake", "new people", use, free)


def _group_floor(facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
    """group_floor[g]: placements of group g >= what the policy asks for."""
    for floor in facts.policy.group_floors:
        value = sum(_in_group(case.citizen, floor) for case in cases)
        if value < floor.at_least:
            where = f"group_floor[{floor.column}={floor.value}]"
            message = (
                f"{where}: the plan has {value} placements of the group; at least"
                f" {floor.at_least} are asked for."
            )
            yield Violation("group_floor", where, value, floor.at_least, message)


def _in_group(citizen: Citizen, floor: GroupFloor) -> bool:
    value = getattr(citizen, floor.column)
    return value is not None and str(value).lower() == floor.value.strip().lower()


def _lock(facts: Facts, plan: Plan) -> Iterator[Violation]:
    """lock: exactly one placement of the locked citizen at the opening (and measure).

    A lock whose citizen is in a running placement has done its work.
    """
    for lock in facts.locks:
        if facts.jobs.get(lock.citizen_id):
            continue
        chosen = sum(
            placement.citizen_id == lock.citizen_id
            and placement.opening_id == lock.opening_id
            and lock.measure in (None, placement.measure)
            for placement in plan.placements
        )
        if chosen != 1:
            under = f" under {lock.measure}" if lock.measure else ""
            where = f"{lock.citizen_id} at {lock.opening_id}"
            message = f"{where}: locked{under}, but the plan has {chosen} such placements, not 1."
            yield Violation("lock", where, chosen, 1, message)


RowKey = tuple[str, str]
"""Kind of a row, and which one of them."""


def used_by(case: CheckedPlacement) -> dict[RowKey, int]:
    """Return what one placement uses of each row that placements share."""
    workplace = case.workplace.workplace_id
    use: dict[RowKey, int] = {
        ("opening_seats", case.opening.opening_id): 1,
        ("workplace_intake", workplace): 1,
        ("caseload", case.citizen.caseworker_id or ""): 1,
    }
    if case.measure.ratio_rule:
        use["workplace_ratio", workplace] = 1
    if case.pool is not None:
        use["mentor_hours", case.pool.pool_id] = case.mentor_need
    if case.team is not None:
        use["team_seats", case.team.team_id] = 1
    use.update({("course_seats", course.course_id): 1 for course in case.courses})
    use.update({("budget", line): cost for line, cost in case.cost.items()})
    use.update({("year_budget", line): cost for line, cost in case.year_cost.items()})
    home = case.citizen.household_id
    use.update({("household_care", f"{home},{t}"): 1 for t in _leaves(case)})
    return use


def free_of(facts: Facts, key: RowKey) -> int | None:
    """Return what there is of a row beside what runs; None: no limit."""
    kind, name = key
    home, _, quarter = name.rpartition(",")
    budgets, caseworkers = facts.policy.money.budgets, facts.caseworkers
    of_year = facts.policy.money.year_budgets
    found: dict[str, Callable[[], int | None]] = {
        "opening_seats": lambda: facts.free_seats(facts.openings[name]),
        "workplace_intake": lambda: facts.workplaces[name].intake_per_week,
        "caseload": lambda: caseworkers[name].capacity if name in caseworkers else None,
        "workplace_ratio": lambda: facts.free_ratio_places(facts.workplaces[name]),
        "mentor_hours": lambda: facts.free_mentor_minutes(facts.pools[name]),
        "team_seats": lambda: facts.free_class_seats(facts.teams[name]),
        "course_seats": lambda: facts.courses[name].seats,
        "budget": lambda: max(0, budgets[name]) if name in budgets else None,
        "year_budget": lambda: max(0, of_year[name]) if name in of_year else None,
        "household_care": lambda: (
            len(facts.households[home]) - 1 - _out_anyway(facts, home)[int(quarter)]
        ),
    }
    return found[kind]()


ROWS: dict[str, Callable[[Facts, Sequence[CheckedPlacement]], Iterator[Violation]]] = {
    "opening_seats": _opening_seats,
    "workplace_ratio": _workplace_ratio,
    "mentor_hours": _mentor_hours,
    "team_seats": _team_seats,
    "course_seats": _course_seats,
    "budget": _budget,
    "year_budget": _year_budget,
    "caseload": _caseload,
    "household_care": _household_care,
    "workplace_intake": _workplace_intake,
    "group_floor": _group_floor,
}
"""The check of each kind of row that placements share, by the name of the kind."""
