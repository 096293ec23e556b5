"""Rules on measures: which legal forms a citizen, an opening, and the two together allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.offers.checks import Block, Check
from matcher.offers.sides import Sides, coded
from matcher.row_kinds import WORKPLACE_RATIO
from matcher.rules import RULES, UNKNOWN, UNKNOWN_YEARS
from matcher.unknown import COLUMN, marks_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MeasureTables:
    """Rules on measures that depend on one side only."""

    citizen: dict[str, tuple[Ints, Ints]]
    """Value and limit by rule, each broadcastable to (citizens, measures)."""
    opening: dict[str, tuple[Ints, Ints]]
    """Value and limit by rule, each broadcastable to (openings, measures)."""
    bars_last: Bools
    """Measures barred at the last employer, shape (measures,)."""
    months_since: Ints
    """Months an ordinary job there must be over, shape (measures,); 0 where silent."""
    job_over: Ints
    """Months since the citizen's last ordinary job; unknown counts as 0, shape (citizens,)."""
    hours_min: Ints
    """Fewest minutes a week, shape (measures,)."""
    school: Ints
    """School minutes a week, shape (measures,)."""


def measure_tables(sides: Sides) -> MeasureTables:
    """Compute the one-sided rules of every measure in force."""
    return MeasureTables(
        citizen=_citizen_rules(sides),
        opening=opening_rules(sides),
        bars_last=_flags(sides, "bars_last_employer"),
        months_since=np.array(
            [sides.policy.measures[name].months_since_job_there or 0 for name in sides.measures],
            dtype=np.int64,
        ),
        job_over=sides.problem["citizens"]["months_since_job"].fillna(0).to_numpy(np.int64),
        hours_min=np.array(
            [round(sides.policy.measures[name].hours_min * 60) for name in sides.measures],
            dtype=np.int64,
        ),
        school=np.array(
            [round(sides.policy.measures[name].school_hours * 60) for name in sides.measures],
            dtype=np.int64,
        ),
    )


def measure_checks(
    sides: Sides, tables: MeasureTables, block: Block, measure: int
) -> Iterator[Check]:
    """All rules on one measure for a block, in the order of the registry."""
    i, j = block.citizen, block.opening
    by_rule: dict[str, Check] = {}
    for rule, (value, limit) in tables.citizen.items():
        by_rule[rule] = Check(rule, _column(value, measure)[i], _column(limit, measure)[i])
    for rule, (value, limit) in tables.opening.items():
        by_rule[rule] = Check(rule, _column(value, measure)[j], _column(limit, measure)[j])
    c, o = sides.citizens, sides.openings
    same = (c.last_employer[i] >= 0) & (c.last_employer[i] == o.employer[j])
    zero = np.asarray(0)
    by_rule["last_employer"] = Check(
        "last_employer", (same & tables.bars_last[measure]).astype(np.int64), zero
    )
    since = tables.months_since[measure]
    by_rule["recent_job_there"] = Check(
        "recent_job_there", np.where(same, tables.job_over[i], since), np.asarray(since)
    )
    by_rule["measure_hours"] = _hours_check(sides, tables, block, measure)
    return (by_rule[rule] for rule in RULES if rule in by_rule)


def _hours_check(sides: Sides, tables: MeasureTables, block: Block, measure: int) -> Check:
    c, o = sides.citizens, sides.openings
    i, j = block.citizen, block.opening
    school, fewest = tables.school[measure], tables.hours_min[measure]
    if not school and not fewest:
        nothing = np.asarray(0)
        return Check("measure_hours", nothing, nothing)
    week = round(sides.policy.duty_week.hours * 60)
    by_day = np.where(o.days[j] > 0, c.capacity_day[i] * o.days[j], week)
    possible = np.minimum(
        np.minimum(o.hours_max[j], c.capacity[i] + c.ramp[i] * o.ramps[j]),
        np.minimum(by_day, week - c.own_week[i] - school),
    )
    return Check("measure_hours", possible, np.maximum(o.hours_min[j], fewest))


def _column(table: Ints, measure: int) -> Ints:
    return table[:, min(measure, table.shape[1] - 1)]


def _flags(sides: Sides, name: str) -> Bools:
    return np.array(
        [bool(getattr(sides.policy.measures[measure], name)) for measure in sides.measures],
        dtype=np.bool_,
    )


def _numbers(sides: Sides, name: str, missing: int, scale: int = 1) -> Ints:
    values = [getattr(sides.policy.measures[measure], name) for measure in sides.measures]
    return np.array(
        [missing if value is None else round(value * scale) for value in values], dtype=np.int64
    )


def _plain(sides: Sides, *, citizens: bool) -> dict[str, tuple[Ints, Ints]]:
    """Plain rules on the measure: a column of one side against a key of each measure."""
    found = {}
    for rule in RULES.values():
        if rule.plain and rule.scope == "measure":
            if rule.value.startswith("citizens.") is not citizens:
                continue
            value = coded(sides.problem, rule.value, rule)
            key = rule.limit.removeprefix("measures.")
            limit = _numbers(sides, key, rule.no_limit, rule.scale)
            shape = (len(value), len(limit))
            found[rule.id] = (np.broadcast_to(value[:, None], shape), np.broadcast_to(limit, shape))
    return found


def _citizen_rules(sides: Sides) -> dict[str, tuple[Ints, Ints]]:
    """Rules on citizen and measure; each value and limit has shape (citizens, measures)."""
    table, policy = sides.problem["citizens"], sides.policy
    shape = (len(table), len(sides.measures))

    def laid(values: npt.ArrayLike) -> Ints:
        return np.broadcast_to(np.asarray(values, dtype=np.int64), shape)

    category = np.stack(
        [table["category"].isin([str(code) for code in policy.measures[name].categories])
         for name in sides.measures], axis=1,
    ) if sides.measures else np.ones(shape)  # fmt: skip
    group = policy.target_group
    route_one = table["benefit"].isin([str(code) for code in group.benefits])
    route_two = (
        table["benefit"].isin([str(code) for code in group.assistance_benefits])
        & (table["assistance_months_48"] >= group.assistance_months_48)
        & (~table["passed_pd2"] | ~table["completed_grade6"])
    )
    inside = (route_one | route_two).to_numpy(np.bool_)[:, None]
    needs_group = _flags(sides, "target_group")
    rule = policy.prior_benefit
    excepted = np.zeros(len(table), dtype=np.bool_)
    if rule.waived_without_education:
        excepted |= ~table["qualifying_education"].to_numpy(np.bool_)
    if rule.waived_over_age is not None:
        excepted |= sides.citizens.age > rule.waived_over_age
    if rule.waived_single_provider:
        excepted |= known_single_providers(table)
    months = np.where(_flags(sides, "prior_benefit") & ~excepted[:, None], rule.months, 0)
    years = table["years_in_denmark"].to_numpy(np.float64)
    most_years = _numbers(sides, "years_in_denmark_max", -1)
    stay = np.where(np.isnan(years), UNKNOWN_YEARS, np.floor(np.nan_to_num(years))).astype(np.int64)
    # A fraction of a year past the limit is past the limit.
    stay = np.where(np.nan_to_num(years) > np.floor(np.nan_to_num(years)), stay + 1, stay)
    residence = _flags(sides, "refugee_or_reunified")
    return {
        "category": (laid(category), laid(1)),
        "target_group": (laid(np.where(needs_group, inside, True)), laid(1)),
        "duration_left": (laid(_weeks_left(sides)), laid(1)),
        "prior_benefit": (laid(table["benefit_months"].to_numpy(np.int64)[:, None]), laid(months)),
        "residence": (
            laid(np.where(residence, table["refugee_or_reunified"].to_numpy()[:, None], True)),
            laid(1),
        ),
        "years_in_denmark": (
            laid(np.where(most_years >= 0, stay[:, None], UNKNOWN)),
            laid(np.where(most_years >= 0, most_years, 0)),
        ),
        **_plain(sides, citizens=True),
    }


def known_single_providers(table: pd.DataFrame) -> Bools:
    """Whether somebody is known to be a single provider: a waiver is for what is known."""
    single: Bools = table["single_provider"].to_numpy(np.bool_)
    for mask in marks_of(table[COLUMN], ("single_provider",)).values():
        single = single & ~mask
    return single


def _weeks_left(sides: Sides) -> Ints:
    """Whole weeks left of each measure, shape (citizens, measures); 999 without a limit."""
    table = sides.problem["citizens"]
    left = np.full((len(table), len(sides.measures)), 999, dtype=np.int64)
    for at, name in enumerate(sides.measures):
        measure = sides.policy.measures[name]
        by_category = {str(code): weeks for code, weeks in measure.weeks.items()}
        most = table["category"].map(by_category).to_numpy(np.float64)
        if measure.weeks_integration_act is not None:
            act = table["integration_act"].to_numpy(np.bool_)
            most = np.where(act, measure.weeks_integration_act, most)
        used = (
            table[f"{measure.weeks_used}_weeks_used"].to_numpy(np.float64)
            if measure.weeks_used
            else np.zeros(len(table))
        )
        limited = ~np.isnan(most)
        # Never below 0, so that -1 stays the sign for "not known".
        left[limited, at] = np.maximum(np.floor(most[limited] - used[limited]), 0)
    return left


def opening_rules(sides: Sides) -> dict[str, tuple[Ints, Ints]]:
    """Rules on opening and measure; each value and limit has shape (openings, measures)."""
    policy, o = sides.policy, sides.openings
    workplaces = sides.problem["workplaces"]
    shape = (len(o.ids), len(sides.measures))

    def laid(values: npt.ArrayLike) -> Ints:
        return np.broadcast_to(np.asarray(values, dtype=np.int64), shape)

    sector = np.zeros(shape, dtype=np.bool_)
    for at, name in enumerate(sides.measures):
        allowed = [str(code) for code in policy.measures[name].sectors]
        sector[:, at] = np.isin(o.sector.astype(str), allowed)
    ratio = _flags(sides, "ratio_rule")
    increase = _flags(sides, "net_increase")
    spoken = increase | _flags(sides, "representative")
    agrees = workplaces["representative_agrees"].to_numpy(np.bool_)[o.workplace][:, None]
    dismissed = workplaces["dismissed_3m"].to_numpy(np.bool_)[o.workplace][:, None]
    last, mean = _staff(sides)
    places = np.maximum(sides.remaining[WORKPLACE_RATIO], 0)[o.workplace][:, None]
    return {
        "sector": (laid(sector), laid(1)),
        "ratio": (laid(np.where(ratio, places, 1)), laid(1)),
        "net_increase": (
            laid(np.where(increase, last[o.employer][:, None], 0)),
            laid(np.where(increase, mean[o.employer][:, None], 0)),
        ),
        "dismissal": (laid(increase & dismissed), laid(0)),
        "representative": (laid(np.where(spoken, agrees, True)), laid(1)),
        **_plain(sides, citizens=False),
    }


def _staff(sides: Sides) -> tuple[Ints, Ints]:
    """Staff last month and mean of 12 months by employer, in hundredths."""
    workplaces = sides.problem["workplaces"]
    figures = workplaces[["staff_last_month", "staff_mean_12m"]]
    hundredths = (
        (figures.fillna(0) * 100)
        .round()
        .astype("int64")
        .groupby(workplaces["employer_id"], sort=True)
        .sum()
        .to_numpy(np.int64)
    )
    gaps = (
        figures.isna()
        .any(axis=1)
        .groupby(workplaces["employer_id"], sort=True)
        .any()
        .to_numpy(np.bool_)
    )
    missing = UNKNOWN if sides.policy.net_increase.missing_staff_figures == "refuse" else 0
    last = np.where(gaps, missing, hundredths[:, 0])
    return last, np.where(gaps, 0, hundredths[:, 1])
