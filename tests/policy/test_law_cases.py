"""The law by hand: what each group may have, how long, where and at what price, on eight days.

Every expectation is read from the acts, never from the policy or the program; the comment at a
table says where it stands. LAB is lov om en aktiv beskæftigelsesindsats (280 of 2024), order is
bekendtgørelse 1216 of 2023.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import pytest

from matcher.capacity import ratio_places, remaining, staff_counted
from matcher.explain.law import benefits, overdue_line
from matcher.formulation import offer_costs
from matcher.offers import build_offers
from matcher.policy import Policy, load_policy
from matcher.problem import Problem
from matcher.records import Category, Running
from matcher.row_kinds import WORKPLACE_RATIO
from matcher.solve import solve
from matcher.texts import LANGUAGES, own_catalogue
from matcher.verify import verify
from tests.policy.policies import on, periods
from tests.weeks import citizen, opening, week, workplace

DAYS = tuple(
    map(
        dt.date.fromisoformat,
        ("2022-06-01", "2023-06-01", "2023-12-31", "2024-12-31",
         "2025-01-01", "2025-07-01", "2026-02-01", "2026-11-30"),
    )
)  # fmt: skip
GROUPS = ("job_ready", "activity_ready", "openly_education_ready", "education_ready")
NO, FREE = "no", "free"
"""Not for them; for them without a limit in time."""

# Weeks by group, in the order of GROUPS, from a day on. Months are taken as whole weeks: 4 as 17, 6
# as 26, a year as 52.
WEEKS: dict[str, dict[str, tuple[str, str, str, str]]] = {
    # Ordinary work on the usual terms: no act of its own, for everybody.
    "ordinary": {"2022-01-01": (FREE, FREE, FREE, FREE)},
    # LAB § 61: 4 weeks for § 6 nos. 1, 2 and 4, 13 for nos. 3 and 5.
    "work_practice": {"2022-01-01": ("4", "13", "4", "4")},
    # LAB §§ 66, 68: 6 months with private employers; § 66 gives the openly education-ready none.
    "wage_subsidy_private": {"2022-01-01": ("26", "26", NO, "26")},
    # LAB §§ 66, 68: 4 months with public employers for nos. 2 and 4, 6 for nos. 3 and 5.
    "wage_subsidy_public": {"2022-01-01": ("17", "26", NO, "17")},
    # LAB §§ 82-88: 13 weeks; act 1654 of 2024 lifts the limit on 1 January 2025.
    "nytteindsats": {
        "2022-01-01": ("13", "13", "13", "13"),
        "2025-01-01": (FREE, FREE, FREE, FREE),
    },
    # Act 623 of 2016: a programme of its own length. It names no groups; that the openly
    # education-ready go to education instead is the municipality's own.
    "igu": {"2022-01-01": (FREE, FREE, NO, FREE)},
}
USED = {
    "work_practice": "practice_weeks_used",
    "wage_subsidy_private": "subsidy_weeks_used",
    "wage_subsidy_public": "subsidy_weeks_used",
    "nytteindsats": "nytteindsats_weeks_used",
}
INTEGRATION_ACT = 52
"""Weeks of wage subsidy under the Integration Act (208 of 2026 §§ 28-29): a year."""


def offered(problem: Problem) -> set[str]:
    """Who has an offer."""
    book = build_offers(problem)
    return {str(book.encoded.citizens.ids[one]) for one in book.offers.citizen.tolist()}


def by_hand(measure: str, day: dt.date) -> dict[str, str]:
    """What the table says on a day, by group."""
    since = max(first for first in WEEKS[measure] if first <= day.isoformat())
    return dict(zip(GROUPS, WEEKS[measure][since], strict=True))


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("measure", sorted(WEEKS))
def test_measure_by_group_by_duration(measure: str, day: dt.date) -> None:
    """With a week left somebody may have it, with none not; who may not have it never does."""
    sector = "private" if measure == "wage_subsidy_private" else "municipal"
    people, may = [], set()
    for group, weeks in by_hand(measure, day).items():
        limit = int(weeks) if weeks.isdecimal() else 500
        for name, used in (("first", 0), ("last", limit - 1), ("over", limit)):
            spent = {USED[measure]: used} if measure in USED else {}
            people.append(
                citizen(
                    f"{group}-{name}", category=group, benefit="transition", benefit_months=12,
                    age=30, refugee_or_reunified=True, years_in_denmark=5, **spent,
                )
            )  # fmt: skip
            if weeks != NO and (name != "over" or weeks == FREE):
                may.add(f"{group}-{name}")
    if measure.startswith("wage_subsidy"):
        for name, used in (("act-last", INTEGRATION_ACT - 1), ("act-over", INTEGRATION_ACT)):
            people.append(
                citizen(name, category="job_ready", benefit_months=12, subsidy_weeks_used=used,
                        integration_act=True)
            )  # fmt: skip
        may.add("act-last")
    problem = week(
        people,
        [opening(measures=measure, seats=100, hours_max=25, shifts="mon-fri 09:00-14:00")],
        [workplace(sector=sector, ordinary_staff=1000, staff_last_month=9, staff_mean_12m=9)],
        today=day,
    )
    if day not in {DAYS[0], DAYS[-1]}:
        assert offered(problem) == may
        return
    solution = solve(problem)
    assert {one.citizen_id for one in solution.plan.placements} == may
    assert verify(problem, solution.plan) == ()


# Order 1216 § 61: practice at the last employer is barred for the job-ready and the
# education-ready, for others in a new function only; §§ 67, 86: wage subsidy for nobody; §§ 98,
# 102: nytteindsats for nobody, presumed to be so from 2025 on. Of ordinary work nothing is said.
BARRED = {
    "ordinary": (),
    "work_practice": ("job_ready", "openly_education_ready", "education_ready"),
    "wage_subsidy_private": GROUPS,
    "wage_subsidy_public": GROUPS,
    "nytteindsats": GROUPS,
}


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("measure", sorted(BARRED))
def test_the_last_employer_by_group(measure: str, day: dt.date) -> None:
    """Who may have the measure may have it there, unless it is barred there for the group."""
    sector = "private" if measure == "wage_subsidy_private" else "municipal"
    people = [
        citizen(group, category=group, benefit="transition", benefit_months=12, last_employer="E1")
        for group in GROUPS
    ]
    problem = week(
        people,
        [opening(measures=measure, seats=9)],
        [workplace(sector=sector, ordinary_staff=1000, staff_last_month=9, staff_mean_12m=9)],
        today=day,
    )
    allowed = {group for group, weeks in by_hand(measure, day).items() if weeks != NO}
    assert offered(problem) == allowed - set(BARRED[measure])


# DKK a week for 20 hours, rounded up to whole kroner: private and public subsidy an hour in 2022
# 83.89 and 121.84 (krifa.dk), in 2023 86.16 and 125.13 (stadsrevisionen.dk), then regulated by
# 3.2 % (1101 of 2023), 3.6 % (983 of 2024) and 4.5 % (1056 of 2025): 88.92 and 129.13, 92.12 and
# 133.78,
COSTS = {
    2022: (1678, 2437),  # 1677.80, 2436.80
    2023: (1724, 2503),  # 1723.20, 2502.60
    2024: (1779, 2583),  # 1778.40, 2582.60
    2025: (1843, 2676),  # 1842.40, 2675.60
    2026: (1926, 2796),  # 1925.40, 2796.00
}


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_twenty_hours_of_wage_subsidy_cost_what_the_year_says(day: dt.date) -> None:
    """LAB §§ 75-76 and 189: the rate of the year of the run."""
    found = []
    for measure, sector in (("private", "private"), ("public", "municipal")):
        book = build_offers(
            week(
                [citizen(benefit_months=12)],
                [opening(measures=f"wage_subsidy_{measure}")],
                [workplace(sector=sector, staff_last_month=9, staff_mean_12m=9)],
                today=day,
            )
        )
        found.append(offer_costs(book)["wage_subsidy"].tolist())
    assert found == [[cost] for cost in COSTS[day.year]]


# Order 1216 §§ 65, 83: 1 place for each 5 in full time up to 50, at least 1, then 1 for each 10.
PLACES = {0: 1, 4.9: 1, 5: 1, 9.9: 1, 10: 2, 23: 4, 49.9: 9, 50: 10, 59.9: 10, 60: 11, 120: 17}


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_ratio_rule_counts_full_time_equivalents(day: dt.date) -> None:
    """Never heads: 200 of them whose hours nobody knows give the one place that is allowed."""
    sites = [
        workplace(f"W{at}", ordinary_staff=200, ordinary_fte=fte) for at, fte in enumerate(PLACES)
    ]
    sites.append(workplace("X", ordinary_staff=200, ordinary_fte=None))
    problem = week([citizen()], [opening(workplace_id="X")], sites, today=day)
    table, rule = problem["workplaces"], problem.policy.ratio_rule
    places = ratio_places(staff_counted(table, rule), rule)
    found = dict(zip(table["workplace_id"].tolist(), places.tolist(), strict=True))
    assert found == {f"W{at}": n for at, n in enumerate(PLACES.values())} | {"X": 1}


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_runs_uses_a_place_while_its_measure_is_tested(day: dt.date) -> None:
    """Practice, both subsidies; nytteindsats until 2024 (act 1654 of 2024); never ordinary work."""
    running = ("work_practice", "wage_subsidy_public", "nytteindsats", "ordinary")
    problem = week(
        [citizen(name) for name in running],
        [opening(seats=9)],
        [workplace(ordinary_staff=50)],
        running=[
            Running(citizen_id=name, opening_id="O1", measure=name, start=day) for name in running
        ],
        today=day,
    )
    used = 3 if day < dt.date(2025, 1, 1) else 2
    assert remaining(problem)[WORKPLACE_RATIO].tolist() == [10 - used]


# Act 1128 of 2021: under 40 years, less than 10 years here; act 1825 of 2023, from 2024 on: 18-49
# years, at most 20 years here.
IGU = [
    ("2022-06-01", 39, 9.9, True), ("2022-06-01", 40, 5, False), ("2023-12-31", 30, 10, False),
    ("2023-12-31", 39, 9, True), ("2023-12-31", 17, 5, False), ("2024-12-31", 40, 10, True),
    ("2024-12-31", 49, 20, True), ("2025-07-01", 50, 5, False), ("2026-11-30", 30, 20.5, False),
    ("2026-11-30", 18, 20, True),
]  # fmt: skip


@pytest.mark.parametrize(("day", "age", "years", "may"), IGU)
def test_integration_training_by_age_and_years(
    day: str, age: int, years: float, *, may: bool
) -> None:
    """To the day: who may begin, and who is a year or a day too old or too long here."""
    person = citizen(age=age, years_in_denmark=years, refugee_or_reunified=True)
    job = opening(measures="igu", hours_max=25, shifts="mon-fri 09:00-14:00")
    problem = week([person], [job], today=dt.date.fromisoformat(day))
    solution = solve(problem)
    assert len(solution.plan.placements) == int(may)
    assert verify(problem, solution.plan) == ()


# LAB §§ 105 a-c (act 1654 of 2024): 37 hours; phase 1 the transition benefit, phase 2 from 1 July
# 2025 the minimum rate as well; 1766 of 2024 §§ 15 a-b: homework and job search 4 hours together.
DUTY = {
    "2024-12-31": (False, set(), None),
    "2025-01-01": (True, {"transition"}, 4),
    "2025-06-30": (True, {"transition"}, 4),
    "2025-07-01": (True, {"transition", "minimum_rate"}, 4),
    "2026-11-30": (True, {"transition", "minimum_rate"}, 4),
}


@pytest.mark.parametrize("day", sorted(DUTY))
def test_the_work_duty_in_two_phases(day: str) -> None:
    rule = load_policy(dt.date.fromisoformat(day)).duty_week
    bound = {str(one) for one in rule.binds}
    assert (rule.duty, bound, rule.homework_and_search_most) == DUTY[day]
    assert rule.hours == 37


# bm.dk for 2023 and 2024; 2025 until June: by 3.6 %; from July LAS (1004 of 2025) §§ 16-18, in 2026
# by 4.5 %. 6,789 + 2,784 + 1,638 = 11,211; 7,095 + 2,909 + 1,712 = 11,716; 13,061 + 2,909 = 15,970.
MOTHER = {"benefit": "minimum_rate", "youngest_child": 4, "single_provider": True}
RATES = [
    ("2022-06-01", {"benefit": "cash"}, None),
    ("2023-06-01", {"benefit": "cash"}, 11_944),
    ("2023-12-31", {"benefit": "cash", "youngest_child": 4}, 15_874),
    ("2023-12-31", {"benefit": "cash", "age": 29}, None),
    ("2024-12-31", {"benefit": "cash", "youngest_child": 4}, 16_382),
    ("2024-12-31", {"benefit": "education"}, None),
    ("2024-12-31", {"benefit": "transition"}, None),
    ("2025-06-30", {"benefit": "cash"}, 12_770),
    ("2025-07-01", {"benefit": "minimum_rate"}, 6_789),
    ("2025-12-31", MOTHER, 11_211),
    ("2025-12-31", {**MOTHER, "unknown": "single_provider"}, 9_573),
    ("2026-02-01", {"benefit": "basic_rate"}, 7_530),
    ("2026-11-30", MOTHER, 11_716),
    ("2026-11-30", {"benefit": "raised_rate", "youngest_child": 17}, 15_970),
    ("2026-11-30", {"benefit": "raised_rate", "youngest_child": 18}, 13_061),
    ("2026-11-30", {"benefit": "other"}, None),
    ("2027-01-01", {"benefit": "minimum_rate"}, None),
]


@pytest.mark.parametrize(("day", "person", "monthly"), RATES)
def test_benefit_rates_by_date(day: str, person: dict[str, object], monthly: int | None) -> None:
    """What is not known is not 0."""
    problem = week([citizen(**person)], today=dt.date.fromisoformat(day))
    (found,) = benefits(problem.policy, problem.columns("citizens"), np.array([0])).tolist()
    assert (None if found != found else found) == monthly


def test_what_the_municipality_owes_by_date() -> None:
    """Ceiling (1749 of 2025), talks (LAB § 31, act 1750 of 2025), mentor (LAB § 167), AI order.

    11,045 DKK for each full-time person in 2026; four talks in 6 months for all, from July 2026 for
    three in four, and an offer for three in four of the job- and education-ready.
    """
    assert on(2025, 12, 31).national_ceiling is None
    ceiling = on(2026, 1, 1).national_ceiling
    assert ceiling is not None
    assert (ceiling.per_person, set(ceiling.supports)) == (11_045, {"mentor", "class", "course"})
    assert on(2023, 12, 31).contacts is None
    before, after = on(2026, 6, 30).contacts, on(2026, 7, 1).contacts
    assert before is not None
    assert after is not None
    assert (before.talks, before.months, before.first_within_days) == (4, 6, 7)
    assert (before.talks_percent, before.offer_percent) == (100, None)
    assert (after.talks, after.talks_percent, after.offer_percent) == (4, 75, 75)
    assert "activity_ready" not in {str(one) for one in after.offer_categories}
    assert after.duty_group_outside
    assert on(2026, 1, 31).ai_order is None
    order = on(2026, 2, 1).ai_order
    assert order is not None
    assert order.human_decides
    assert order.document_use
    assert order.tell_person
    grant = on(2022, 6, 1).mentor_grant
    assert grant is not None
    assert grant.weeks == 26


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_longer_after_an_assessment_and_beside_it(day: dt.date) -> None:
    """LAB § 61: practice to 26 weeks; § 68: subsidy to a year; both for the activity-ready alone.

    LAB § 63(2): over 13 weeks of practice are talked over; order §§ 67, 86: private support at most
    half of the wage cost.
    """
    measures = load_policy(day).measures

    def longer(name: str) -> dict[Category, int]:
        return dict(measures[name].weeks_after_assessment)

    assert longer("work_practice") == {Category.ACTIVITY_READY: 26}
    assert longer("wage_subsidy_private") == {Category.ACTIVITY_READY: 52}
    assert longer("wage_subsidy_public") == {Category.ACTIVITY_READY: 52}
    assert measures["work_practice"].talk_over_weeks == 13
    assert measures["wage_subsidy_private"].support_most_percent == 50
    assert measures["wage_subsidy_public"].support_most_percent is None


# ------------------------------------------------------------------------------ read again


@cache
def late(day: str) -> tuple[str, ...]:
    return load_policy(dt.date.fromisoformat(day)).overdue()


def test_every_rule_of_lab_is_to_be_read_again_before_2027() -> None:
    """Not on the last day of 2026; on the first of 2027 whatever rests on LAB, and no more."""
    assert late("2026-12-31") == ()
    policy = load_policy(dt.date(2027, 1, 1))
    rests = {name for name, part in policy.sections().items() if "LAB" in part.source}
    assert {"measures.work_practice", "measures.wage_subsidy_private", "duty_week"} <= rests
    assert rests <= set(late("2027-01-01"))
    assert not {"fit", "money", "measures.ordinary", "measures.igu"} & set(late("2027-01-01"))
    assert "measures.igu" in late("2027-07-01")


def test_every_period_says_how_it_was_read() -> None:
    """And how sure that is; what is still in force has a day by which it is read again."""
    for name, period in periods():
        before = period.get("as_before", False)
        assert before or period.get("read_as"), name
        assert before or period.get("confidence") in {"high", "medium", "low"}, name
        if "valid_to" not in period or period["valid_to"] > dt.date(2026, 12, 31):
            assert "review_by" in period, name


def test_every_part_can_be_named_when_it_is_late() -> None:
    """In every language, also years from now."""
    for language in LANGUAGES:
        names = {key for key in own_catalogue(language) if key.startswith("policy_section.")}
        assert {f"policy_section.{name}" for name, _ in periods() if "." not in name} <= names
    assert overdue_line(load_policy(dt.date(2029, 1, 1))) is not None


@pytest.mark.parametrize("day", [*DAYS, dt.date(2027, 6, 1)], ids=str)
def test_whatever_holds_on_a_day_is_wholly_said(day: dt.date) -> None:
    """A period that is as the one before it has what that says, but not its dates."""
    policy: Policy = load_policy(day)
    for name, part in policy.sections().items():
        assert part.read_as, name
        assert part.confidence, name
        assert part.valid_from <= day <= (part.valid_to or day), name
