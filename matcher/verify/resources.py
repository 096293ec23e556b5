"""The rows of the model: what all placements use together against what is free.

What a placement uses is recomputed; only its choices (which class, pool, courses) are taken as
stated. What each kind with a capacity takes and has is said once, for the plan and its back-ups.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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


def _citizen_once(plan: Plan) -> Iterator[Violation]:
    """citizen_once[i]: placements of citizen i <= 1."""
    use = Counter(placement.citizen_id for placement in plan.placements)
    for key, count in use.items():
        if count > 1:
            yield broken_row("citizen_once", key, count, 1, "placements")


@dataclass(frozen=True)
class Shared:
    """A kind of row with a capacity: what placements take of it together <= what there is."""

    kind: str
    unit: str
    """What it is counted in."""
    taken: Callable[[CheckedPlacement], Iterable[tuple[str, int]]]
    """Which rows of the kind a placement takes units of, and how many."""
    free: Callable[[Facts, str], int | None]
    """Units of a row that there are beside what runs; None: no limit."""

    def __call__(self, facts: Facts, cases: Sequence[CheckedPlacement]) -> Iterator[Violation]:
        """Each row of which more is taken than there is."""
        use: Counter[str] = Counter()
        for case in cases:
            for key, units in self.taken(case):
                use[key] += units
        for key, units in use.items():
            free = self.free(facts, key)
            if free is not None and units > free:
                yield broken_row(self.kind, key, units, free, self.unit)


def _left(budgets: Mapping[str, int], line: str) -> int | None:
    """Return what a budget line has left, DKK; None: it has no budget."""
    return max(0, budgets[line]) if line in budgets else None


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


_SHARED = (
    Shared(
        "opening_seats",
        "seats",
        lambda case: [(case.opening.opening_id, 1)],
        lambda facts, key: facts.free_seats(facts.openings[key]),
    ),
    Shared(
        "workplace_ratio",
        "places under the ratio rule",
        lambda case: [(case.workplace.workplace_id, 1)] if case.measure.ratio_rule else [],
        lambda facts, key: facts.free_ratio_places(facts.workplaces[key]),
    ),
    Shared(
        "mentor_hours",
        "mentor minutes a week",
        lambda case: [(case.pool.pool_id, case.mentor_need)] if case.pool is not None else [],
        lambda facts, key: facts.free_mentor_minutes(facts.pools[key]),
    ),
    Shared(
        "team_seats",
        "class seats",
        lambda case: [(case.team.team_id, 1)] if case.team is not None else [],
        lambda facts, key: facts.free_class_seats(facts.teams[key]),
    ),
    Shared(
        "course_seats",
        "course seats",
        lambda case: [(course.course_id, 1) for course in case.courses],
        lambda facts, key: facts.courses[key].seats,
    ),
    Shared(
        "budget",
        "DKK a week",
        lambda case: case.cost.items(),
        lambda facts, line: _left(facts.policy.money.budgets, line),
    ),
    Shared(
        "year_budget",
        "DKK until the year ends",
        lambda case: case.year_cost.items(),
        lambda facts, line: _left(facts.policy.money.year_budgets, line),
    ),
    Shared(
        "year_quota",
        "placements that begin until the year ends",
        lambda case: [(case.placement.measure, int(case.placement.start <= case.facts.year_end))],
        lambda facts, measure: _left(facts.policy.money.year_quotas, measure),
    ),
    Shared(
        "caseload",
        "new placements",
        lambda case: [(case.citizen.caseworker_id or "", 1)],
        lambda facts, key: facts.caseworkers[key].capacity if key in facts.caseworkers else None,
    ),
    Shared(
        "workplace_intake",
        "new people",
        lambda case: [(case.workplace.workplace_id, 1)],
        lambda facts, key: facts.workplaces[key].intake_per_week,
    ),
)
ROWS: dict[str, Callable[[Facts, Sequence[CheckedPlacement]], Iterator[Violation]]] = {
    **{row.kind: row for row in _SHARED},
    "household_care": _household_care,
    "group_floor": _group_floor,
}
"""The check of each kind of row that placements share, by the name of the kind."""


RowKey = tuple[str, str]
"""Kind of a row, and which one of them."""


def used_by(case: CheckedPlacement) -> Counter[RowKey]:
    """Return what one placement uses of each row that placements share."""
    use: Counter[RowKey] = Counter()
    for row in ROWS.values():
        if isinstance(row, Shared):
            for key, units in row.taken(case):
                use[row.kind, key] += units
    home = case.citizen.household_id
    use.update(("household_care", f"{home},{t}") for t in _leaves(case))
    return use


def free_of(facts: Facts, key: RowKey) -> int | None:
    """Return what there is of a row beside what runs; None: no limit."""
    kind, name = key
    row = ROWS[kind]
    if isinstance(row, Shared):
        return row.free(facts, name)
    home, _, quarter = name.rpartition(",")  # household_care
    return len(facts.households[home]) - 1 - _out_anyway(facts, home)[int(quarter)]
