"""Rules on measures: which legal forms a citizen, an opening, and the two together allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matcher.columns import Columns, filled, kinds_of
from matcher.offers.checks import Check, PairBlock
from matcher.offers.encoded_week import EncodedWeek, coded
from matcher.row_kinds import WORKPLACE_RATIO
from matcher.rules import RULES, UNKNOWN, UNKNOWN_YEARS
from matcher.unknown import COLUMN, marks_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NO_LIMIT = 999
"""Weeks left of a measure without a longest duration."""


@dataclass(frozen=True, eq=False)
class MeasureTables:
    """Rules on measures that depend on one side only."""

    citizen: dict[str, tuple[Ints, Ints]]
    """Value and limit by rule, each broadcastable to (citizens, measures)."""
    opening: dict[str, tuple[Ints, Ints]]
    """Value and limit by rule, each broadcastable to (openings, measures)."""
    bars_last: Bools
    """Who is barred from the last employer under which measure, shape (citizens, measures)."""
    months_since: Ints
    """Months an ordinary job there must be over, shape (measures,); 0 where silent."""
    job_over: Ints
    """Months since the citizen's last ordinary job; unknown counts as 0, shape (citizens,)."""
    hours_min: Ints
    """Fewest minutes a week, shape (measures,)."""
    school: Ints
    """School minutes a week, shape (measures,)."""


@lru_cache(maxsize=2)
def measure_tables(encoded: EncodedWeek) -> MeasureTables:
    """Compute the one-sided rules of every measure in force; remembered for the last two weeks."""
    return MeasureTables(
        citizen=_citizen_rules(encoded),
        opening=opening_rules(encoded),
        bars_last=_bars_last(encoded),
        months_since=np.array(
            [
                encoded.policy.measures[name].months_since_job_there or 0
                for name in encoded.measures
            ],
            dtype=np.int64,
        ),
        job_over=filled(encoded.problem.columns("citizens")["months_since_job"], 0),
        hours_min=np.array(
            [round(encoded.policy.measures[name].hours_min * 60) for name in encoded.measures],
            dtype=np.int64,
        ),
        school=np.array(
            [round(encoded.policy.measures[name].school_hours * 60) for name in encoded.measures],
            dtype=np.int64,
        ),
    )


def measure_checks(
    encoded: EncodedWeek, tables: MeasureTables, block: PairBlock, measure: int
) -> Iterator[Check]:
    """All rules on one measure for a block, in the order of the registry."""
    i, j = block.citizen, block.opening
    by_rule: dict[str, Check] = {}
    for rule, (value, limit) in tables.citizen.items():
        by_rule[rule] = Check(rule, _column(value, measure)[i], _column(limit, measure)[i])
    for rule, (value, limit) in tables.opening.items():
        by_rule[rule] = Check(rule, _column(value, measure)[j], _column(limit, measure)[j])
    c, o = encoded.citizens, encoded.openings
    same = (c.last_employer[i] >= 0) & (c.last_employer[i] == o.employer[j])
    zero = np.asarray(0)
    by_rule["last_employer"] = Check(
        "last_employer", (same & tables.bars_last[i, measure]).astype(np.int64), zero
    )
    since = tables.months_since[measure]
    by_rule["recent_job_there"] = Check(
        "recent_job_there", np.where(same, tables.job_over[i], since), np.asarray(since)
    )
    by_rule["measure_hours"] = _hours_check(encoded, tables, block, measure)
    return (by_rule[rule] for rule in RULES if rule in by_rule)


def _hours_check(
    encoded: EncodedWeek, tables: MeasureTables, block: PairBlock, measure: int
) -> Check:
    c, o = encoded.citizens, encoded.openings
    i, j = block.citizen, block.opening
    school, fewest = tables.school[measure], tables.hours_min[measure]
    if not school and not fewest:
        nothing = np.asarray(0)
        return Check("measure_hours", nothing, nothing)
    week = round(encoded.policy.duty_week.hours * 60)
    by_day = np.where(o.days[j] > 0, c.capacity_day[i] * o.days[j], week)
    possible = np.minimum(
        np.minimum(o.hours_max[j], c.capacity[i] + c.ramp[i] * o.ramps[j]),
        np.minimum(by_day, week - c.own_week[i] - school),
    )
    return Check("measure_hours", possible, np.maximum(o.hours_min[j], fewest))


def _column(table: Ints, measure: int) -> Ints:
    return table[:, min(measure, table.shape[1] - 1)]


def _flags(encoded: EncodedWeek, name: str) -> Bools:
    return np.array(
        [bool(getattr(encoded.policy.measures[measure], name)) for measure in encoded.measures],
        dtype=np.bool_,
    )


def _bars_last(encoded: EncodedWeek) -> Bools:
    """Who is barred from the last employer, shape (citizens, measures)."""
    category = encoded.problem.columns("citizens")["category"]
    barred = np.zeros((len(category), len(encoded.measures)), dtype=np.bool_)
    for at, name in enumerate(encoded.measures):
        measure = encoded.policy.measures[name]
        if measure.bars_last_employer:
            whom = [str(code) for code in measure.bars_last_employer_for]
            barred[:, at] = np.isin(category, whom) if whom else True
    return barred


def _numbers(encoded: EncodedWeek, name: str, missing: int, scale: int = 1) -> Ints:
    values = [getattr(encoded.policy.measures[measure], name) for measure in encoded.measures]
    return np.array(
        [missing if value is None else round(value * scale) for value in values], dtype=np.int64
    )


def _plain(encoded: EncodedWeek, *, citizens: bool) -> dict[str, tuple[Ints, Ints]]:
    """Plain rules on the measure: a column of one side against a key of each measure."""
    found = {}
    for rule in RULES.values():
        if rule.plain and rule.scope == "measure":
            if rule.value.startswith("citizens.") is not citizens:
                continue
            value = coded(encoded.problem, rule.value, rule)
            key = rule.limit.removeprefix("measures.")
            limit = _numbers(encoded, key, rule.no_limit, rule.scale)
            shape = (len(value), len(limit))
            found[rule.id] = (np.broadcast_to(value[:, None], shape), np.broadcast_to(limit, shape))
    return found


def _citizen_rules(encoded: EncodedWeek) -> dict[str, tuple[Ints, Ints]]:
    """Rules on citizen and measure; each value and limit has shape (citizens, measures)."""
    table, policy = encoded.problem.columns("citizens"), encoded.policy
    shape = (table.rows, len(encoded.measures))

    def laid(values: npt.ArrayLike) -> Ints:
        return np.broadcast_to(np.asarray(values, dtype=np.int64), shape)

    kinds, kind = kinds_of(table["category"])
    category = np.array(
        [[str(code) in policy.measures[name].categories for name in encoded.measures]
         for code in kinds], dtype=np.bool_,
    ).reshape(len(kinds), len(encoded.measures))[kind]  # fmt: skip
    group = policy.target_group
    route_one = np.isin(table["benefit"], [str(code) for code in group.benefits])
    route_two = (
        np.isin(table["benefit"], [str(code) for code in group.assistance_benefits])
        & (table["assistance_months_48"] >= group.assistance_months_48)
        & (~table["passed_pd2"] | ~table["completed_grade6"])
    )
    inside = (route_one | route_two)[:, None]
    needs_group = _flags(encoded, "target_group")
    rule = policy.prior_benefit
    excepted = np.zeros(table.rows, dtype=np.bool_)
    if rule.waived_without_education:
        excepted |= ~table["qualifying_education"]
    if rule.waived_over_age is not None:
        excepted |= encoded.citizens.age > rule.waived_over_age
    if rule.waived_single_provider:
        excepted |= known_single_providers(table)
    months = np.where(_flags(encoded, "prior_benefit") & ~excepted[:, None], rule.months, 0)
    years = table["years_in_denmark"].astype(np.float64)
    most_years = _numbers(encoded, "years_in_denmark_max", -1)
    stay = np.where(np.isnan(years), UNKNOWN_YEARS, np.floor(np.nan_to_num(years))).astype(np.int64)
    # A fraction of a year past the limit is past the limit.
    begun = np.where(np.nan_to_num(years) > np.floor(np.nan_to_num(years)), stay + 1, stay)
    # "Less than ten years": nine whole years and a part are, ten are not.
    under = _numbers(encoded, "years_in_denmark_under", -1)
    limit = np.where(under >= 0, under - 1, most_years)
    counted = np.where(under >= 0, stay[:, None], begun[:, None])
    residence = _flags(encoded, "refugee_or_reunified")
    return {
        "category": (laid(category), laid(1)),
        "target_group": (laid(np.where(needs_group, inside, True)), laid(1)),
        "duration_left": (laid(weeks_left(encoded)), laid(1)),
        "prior_benefit": (laid(table["benefit_months"][:, None]), laid(months)),
        "residence": (
            laid(np.where(residence, table["refugee_or_reunified"][:, None], True)),
            laid(1),
        ),
        "years_in_denmark": (
            laid(np.where(limit >= 0, counted, UNKNOWN)),
            laid(np.where(limit >= 0, limit, 0)),
        ),
        **_plain(encoded, citizens=True),
    }


def known_single_providers(table: Columns) -> Bools:
    """Whether somebody is known to be a single provider: a waiver is for what is known."""
    single: Bools = table["single_provider"]
    for mask in marks_of(table[COLUMN], ("single_provider",)).values():
        single = single & ~mask
    return single


def weeks_left(encoded: EncodedWeek) -> Ints:
    """Whole weeks left of each measure, shape (citizens, measures); NO_LIMIT without a limit."""
    table = encoded.problem.columns("citizens")
    left = np.full((table.rows, len(encoded.measures)), NO_LIMIT, dtype=np.int64)
    kinds, kind = kinds_of(table["category"])
    act = table["integration_act"]
    for at, name in enumerate(encoded.measures):
        measure = encoded.policy.measures[name]
        by_category = {str(code): weeks for code, weeks in measure.weeks.items()}
        most = np.array([by_category.get(code, np.nan) for code in kinds], dtype=np.float64)[kind]
        if measure.weeks_integration_act is not None:
            most = np.where(act, measure.weeks_integration_act, most)
        used = (
            table[f"{measure.weeks_used}_weeks_used"].astype(np.float64)
            if measure.weeks_used
            else np.zeros(table.rows)
        )
        limited = ~np.isnan(most)
        # Never below 0, so that -1 stays the sign for "not known".
        left[limited, at] = np.maximum(np.floor(most[limited] - used[limited]), 0)
    return left


def opening_rules(encoded: EncodedWeek) -> dict[str, tuple[Ints, Ints]]:
    """Rules on opening and measure; each value and limit has shape (openings, measures)."""
    policy, o = encoded.policy, encoded.openings
    workplaces = encoded.problem.columns("workplaces")
    shape = (len(o.ids), len(encoded.measures))

    def laid(values: npt.ArrayLike) -> Ints:
        return np.broadcast_to(np.asarray(values, dtype=np.int64), shape)

    sector = np.zeros(shape, dtype=np.bool_)
    for at, name in enumerate(encoded.measures):
        allowed = [str(code) for code in policy.measures[name].sectors]
        sector[:, at] = np.isin(o.sector, allowed)
    ratio = _flags(encoded, "ratio_rule")
    increase = _flags(encoded, "net_increase")
    spoken = increase | _flags(encoded, "representative")
    agrees = workplaces["representative_agrees"][o.workplace][:, None]
    dismissed = workplaces["dismissed_3m"][o.workplace][:, None]
    last, mean = _staff(encoded)
    places = np.maximum(encoded.remaining[WORKPLACE_RATIO], 0)[o.workplace][:, None]
    return {
        "sector": (laid(sector), laid(1)),
        "ratio": (laid(np.where(ratio, places, 1)), laid(1)),
        "net_increase": (
            laid(np.where(increase, last[o.employer][:, None], 0)),
            laid(np.where(increase, mean[o.employer][:, None], 0)),
        ),
        "dismissal": (laid(increase & dismissed), laid(0)),
        "representative": (laid(np.where(spoken, agrees, True)), laid(1)),
        **_plain(encoded, citizens=False),
    }


def _staff(encoded: EncodedWeek) -> tuple[Ints, Ints]:
    """Staff last month and mean of 12 months by employer, in hundredths."""
    workplaces = encoded.problem.columns("workplaces")
    kinds, employer = kinds_of(workplaces["employer_id"])
    figures = np.stack(
        [workplaces[name].astype(np.float64) for name in ("staff_last_month", "staff_mean_12m")],
        axis=1,
    )
    hundredths = np.zeros((len(kinds), 2), dtype=np.int64)
    np.add.at(hundredths, employer, np.rint(np.nan_to_num(figures) * 100).astype(np.int64))
    gaps = np.zeros(len(kinds), dtype=np.bool_)
    gaps[employer[np.isnan(figures).any(axis=1)]] = True
    missing = UNKNOWN if encoded.policy.net_increase.missing_staff_figures == "refuse" else 0
    last = np.where(gaps, missing, hundredths[:, 0])
    return last, np.where(gaps, 0, hundredths[:, 1])
