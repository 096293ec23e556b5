"""Every hard rule, broken alone: the offer is gone, and the two values compared are right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest

from matcher.offers import OfferBook, build_offers, failures, rebuild
from matcher.problem import Problem
from matcher.records import HEALTH_CODES, Course, Forbid, MentorPool, Running
from matcher.rules import NEVER, RULES, UNKNOWN, UNKNOWN_YEARS
from tests.weeks import TODAY, citizen, opening, team, week, workplace

DAY = TODAY.toordinal()
SUBSIDY = {"measures": "wage_subsidy_private"}
PRIVATE: dict[str, Any] = {
    "sector": "private",
    "staff_last_month": 20.5,
    "staff_mean_12m": 20.0,
}
ON_BENEFIT = {"benefit_months": 7}
IGU = {"refugee_or_reunified": True, "years_in_denmark": 5.0}
LONG_IGU = {"measures": "igu", "hours_max": 25, "shifts": "mon-fri 09:00-14:00"}


def later(*arguments: Any, **tables: Any) -> Callable[[], Problem]:
    """A week that is built when it is needed."""
    return partial(week, *arguments, **tables)


def of(
    c: dict[str, Any] | None = None,
    o: dict[str, Any] | None = None,
    w: dict[str, Any] | None = None,
    **more: Any,
) -> Callable[[], Problem]:
    """The plain week with changes to C1, O1 and W1."""
    return later([citizen(**(c or {}))], [opening(**(o or {}))], [workplace(**(w or {}))], **more)


SMALL_CHILD = {"youngest_child": 3}
PLANTED: dict[str, tuple[Callable[[], Problem], int, int]] = {
    # rule: (a week in which C1 at O1 breaks this rule alone, value, limit)
    "already_placed": (
        # The placement under way is at O2, so O1 keeps its seat.
        later(
            [citizen()],
            [opening(), opening("O2", seats=2)],
            running=[Running(citizen_id="C1", opening_id="O2", measure="ordinary", start=TODAY)],
        ),
        1,
        0,
    ),
    # 1.5 hours a week, job asks for 1: only the two hours worth starting with are missing.
    "fewest_hours": (of({"capacity_hours": 1.5}, {"hours_min": 1}), 90, 120),
    "opening_full": (of(o={"seats": 0}), 0, 1),
    "measure_none": (of(o={"measures": "no_such_measure"}), 0, 1),
    # One day's notice: the 24th. The employer wants somebody today.
    "start_window": (of(o={"start_to": TODAY}), DAY + 1, DAY),
    # 4 + 2 * (8 weeks // 4) = 8 hours at the end of the ramp, the job needs 10.
    "hours": (of({"capacity_hours": 4, "ramp_hours": 2}, {"ramp_weeks": 8}), 480, 600),
    # 10 hours over 5 days are 2 hours a day.
    "day_hours": (of({"capacity_hours_day": 1.5}), 120, 90),
    # 10 h job + 30 h of class on other days than the shift: 40 > 37.
    "duty_week": (
        of(
            {"class_blocks": "mon-wed 08:00-18:00"},
            {"shifts": "thu-fri 09:00-13:00"},
        ),
        40 * 60,
        37 * 60,
    ),
    # Class ends 09:15, shift from 08:30 with half an hour's way: 45 minutes on one day.
    "shift_class": (of({"class_blocks": "mon 08:00-09:15"}), 45, 0),
    "shift_treatment": (of({"treatment_blocks": "tue 13:15-14:00"}), 15, 0),
    "shift_other": (of({"other_blocks": "fri 10:00-11:00"}), 60, 0),
    # Care from 09:00 to 13:00 only: 20 + 10 minutes on both sides, five days: 300 minutes.
    "shift_care": (of({**SMALL_CHILD, "care_blocks": "mon-fri 09:00-13:00"}), 300, 0),
    # Saturday 09-13 is 240 odd minutes.
    "odd_hours": (
        of({"single_provider": True}, {"shifts": "mon-thu 09:00-12:00; sat 09:00-13:00"}),
        240,
        0,
    ),
    # Shift at 05:00, bus takes 20 minutes: leave 04:40; first bus 05:15.
    "early_transport": (of(o={"shifts": "mon-fri 05:00-09:00"}), 280, 315),
    **{
        f"health_{code}": (
            of({f"limit_{code}": 1, "must_limits": code}, {f"demand_{code}": 2}),
            2,
            1,
        )
        for code in HEALTH_CODES
    },
    # Floor 4, one level may be missing with a class: 3 is the least.
    "language_oral": (of({"oral": 2}, {"oral_floor": 4}), 2, 3),
    "language_reading": (of({"reading": 0}, {"reading_floor": 2}), 0, 1),
    # One level short, but no class at all.
    "language_class": (of({"oral": 3}, {"oral_floor": 4}), 0, 1),
    "paper_criminal_record": (
        of({"paper_criminal_record": "not_cleared"}, {"papers": "criminal_record"}),
        NEVER,
        DAY + 56,
    ),
    # Missing: 21 days; the job begins within 20, a Sunday, so by Friday.
    "paper_child_record": (
        of(o={"papers": "child_record", "start_to": TODAY + dt.timedelta(20)}),
        DAY + 21,
        DAY + 18,
    ),
    # A pending licence takes 28 days; day 27 is a Sunday.
    "paper_licence_b": (
        of(
            {"paper_licence_b": "pending"},
            {"papers": "licence_b", "start_to": TODAY + dt.timedelta(27)},
        ),
        DAY + 28,
        DAY + 25,
    ),
    # Nobody gets a licence D by asking for it.
    "paper_licence_d": (of(o={"papers": "licence_d"}), NEVER, DAY + 56),
    "paper_forklift": (of(o={"papers": "forklift"}), NEVER, DAY + 56),
    # The only hygiene course with a seat ends on day 60, after the last day.
    "paper_hygiene": (
        of(
            o={"papers": "hygiene"},
            courses=[
                Course(course_id="K1", paper="hygiene", seats=0, ready_on=TODAY),
                Course(course_id="K2", paper="hygiene", seats=5, ready_on=TODAY + dt.timedelta(60)),
            ],
        ),
        DAY + 60,
        DAY + 56,
    ),
    "paper_first_aid": (of(o={"papers": "first_aid"}), NEVER, DAY + 56),
    "commute": (of({"max_commute": 19}), 20, 19),
    "refusal": (of({"refusals": "911"}), 1, 0),
    "age_min": (of({"age": 17}, {"age_min": 18}), 17, 18),
    "age_max": (of({"age": 68}, {"age_max": 67}), 68, 67),
    "forbidden": (
        of(forbids=[Forbid(citizen_id="C1", workplace_id="W1", until=TODAY)]),
        1,
        0,
    ),
    # Needs 3 hours, the workplace gives 1 itself; the pool has 2.5 of which 1 is in use.
    "mentor": (
        later(
            [citizen(mentor_hours=3), citizen("C2")],
            [opening(mentor_hours=1, seats=2)],
            mentor_pools=[MentorPool(pool_id="P1", hours=2.5)],
            running=[
                Running(
                    citizen_id="C2",
                    opening_id="O1",
                    measure="ordinary",
                    start=TODAY,
                    pool_id="P1",
                    mentor_hours=1,
                )
            ],
        ),
        90,
        120,
    ),
    "sector": (of(ON_BENEFIT, SUBSIDY, {**PRIVATE, "sector": "municipal"}), 0, 1),
    "category": (of({"category": "not_assessed"}), 0, 1),
    "target_group": (of({"benefit": "raised_rate"}, {"measures": "nytteindsats"}), 0, 1),
    # 13 weeks for the activity-ready, 12.5 used: no whole week is left.
    "duration_left": (of({"practice_weeks_used": 12.5}, {"measures": "work_practice"}), 0, 1),
    "prior_benefit": (of({"benefit_months": 5}, SUBSIDY, PRIVATE), 5, 6),
    "last_employer": (of({**ON_BENEFIT, "last_employer": "E1"}, SUBSIDY, PRIVATE), 1, 0),
    # 4 employees give one place, which somebody else uses.
    "ratio": (
        of(o={"measures": "work_practice"}, w={"ordinary_staff": 4, "other_ratio_places": 1}),
        0,
        1,
    ),
    "net_increase": (
        of(ON_BENEFIT, SUBSIDY, {**PRIVATE, "staff_last_month": 19.75}),
        1975,
        2000,
    ),
    "dismissal": (of(ON_BENEFIT, SUBSIDY, {**PRIVATE, "dismissed_3m": True}), 1, 0),
    "representative": (
        of(
            {"benefit": "minimum_rate"},
            {"measures": "nytteindsats"},
            {"representative_agrees": False},
        ),
        0,
        1,
    ),
    "measure_age_min": (of({**IGU, "age": 17}, LONG_IGU), 17, 18),
    "measure_age_max": (of({**IGU, "age": 50}, LONG_IGU), 50, 49),
    "residence": (
        of({**IGU, "refugee_or_reunified": False}, LONG_IGU),
        0,
        1,
    ),
    # 20.5 years are more than 20.
    "years_in_denmark": (
        of({**IGU, "years_in_denmark": 20.5}, LONG_IGU),
        21,
        20,
    ),
    "recent_job_there": (
        of(
            {**IGU, "last_employer": "E1", "months_since_job": 2},
            LONG_IGU,
        ),
        2,
        3,
    ),
    # The job offers 20 hours; the IGU asks for 25.
    "measure_hours": (of(IGU, {"measures": "igu"}), 1200, 1500),
    # 26 h job; a class of 12 h leaves 25.
    "support_week": (
        later(
            [citizen(oral=3)],
            [opening(oral_floor=4, hours_min=26, hours_max=30, shifts="mon-fri 08:00-14:00")],
            teams=[team("L1", seats=5, blocks="mon-thu 15:00-18:00", postcode="8000")],
        ),
        25 * 60,
        26 * 60,
    ),
    # Weighted: measure 25 x 1000, health 15 x 1000, language 12 x 1000, occupation 12 x 500, hours
    # 12 x 540 (20 of 37), commute 8 x 916 (55 of 60 minutes to spare), experience 6 x 500,
    # prospect 5 x 0: 74,808 over 95.
    "fit_floor": (of(rules={"fit": {"floor": 1000}}), 787, 1000),
}


@cache
def unchanged() -> Problem:
    """The week in which nothing is broken."""
    return week()


@cache
def planted(rule: str) -> OfferBook:
    """Offers of the week in which a rule is broken."""
    return build_offers(PLANTED[rule][0]())


@pytest.mark.parametrize("rule", list(PLANTED))
def test_a_broken_rule_alone_removes_the_offer_and_is_counted_as_the_only_one(rule: str) -> None:
    """The tally blames exactly this rule, for the citizen and for the opening."""
    book = planted(rule)
    at = list(RULES).index(rule)
    of_c1 = book.offers.citizen == 0
    assert not (of_c1 & (book.offers.opening == 0)).any()
    blamed = [list(RULES)[k] for k in book.tally.killed[0].nonzero()[0]]
    assert blamed == [rule]
    assert book.tally.sole[0, at] == book.tally.killed[0, at] >= 1
    assert book.tally.opening_killed[0, at] >= 1


@pytest.mark.parametrize("rule", list(PLANTED))
def test_a_failure_tells_the_two_values_that_were_compared(rule: str) -> None:
    """`failures` answers for the pair with the rule, the value and the limit, and no other rule."""
    _, value, limit = PLANTED[rule]
    found = failures(planted(rule).encoded, "C1", "O1")
    assert [(failure.rule, failure.value, failure.limit) for failure in found] == [
        (rule, value, limit)
    ]
    for language in ("en", "da"):
        sentence = found[0].sentence(language)
        assert sentence.endswith(".")
        assert "{" not in sentence


def test_every_rule_of_the_registry_is_planted() -> None:
    """A rule without a planted violation fails the suite."""
    assert set(PLANTED) == set(RULES)


@pytest.mark.parametrize("rule", list(PLANTED))
def test_what_breaks_a_rule_is_declared_as_compared(rule: str) -> None:
    """Of what was changed to break it, something stands in the declaration."""
    problem, plain = planted(rule).problem, unchanged()
    changed = {
        f"{name}.{column}"
        for name, frame in problem.tables.items()
        if not frame.equals(plain[name])
        for column in frame.columns
        if not frame[column].equals(plain[name][column])
    }
    changed |= {"fit.floor"} if problem.policy.fit.floor != plain.policy.fit.floor else set()
    compared = {*RULES[rule].value.split(), *RULES[rule].limit.split()}
    if "openings.measures" in changed:
        # Another measure has other keys.
        changed |= {name for name in compared if name.startswith("measures.")}
    assert changed & compared


def test_what_a_rule_compares_is_weighed_again_when_it_changes() -> None:
    """No column that a declaration names is among those on which no offer depends."""
    compared = {name for rule in RULES.values() for name in f"{rule.value} {rule.limit}".split()}
    apart = {f"citizens.{name}" for name in rebuild._CITIZEN_APART}
    # Seats act through whether one is free.
    apart |= {f"openings.{name}" for name in rebuild._OPENING_APART} - {"openings.seats"}
    assert not compared & apart


def test_without_any_change_there_is_an_offer_and_no_failure() -> None:
    """The plain week has exactly one offer: nothing is broken by accident."""
    book = build_offers(week())
    assert len(book.offers) == 1
    assert failures(book.encoded, "C1", "O1") == ()
    assert book.tally.killed.sum() == 0


def test_unknown_years_in_denmark_fail_and_are_shown_as_not_known() -> None:
    """A fact that is not in the tables does not open a measure."""
    problem = of({"refugee_or_reunified": True}, LONG_IGU)
    (failure,) = failures(build_offers(problem()).encoded, "C1", "O1")
    assert (failure.rule, failure.value) == ("years_in_denmark", UNKNOWN_YEARS)
    assert failure.sentence("en") == (
        "The citizen's years in Denmark: not known; the measure allows 20 years."
    )
    assert failure.sentence("da") == (
        "Borgerens år i Danmark: ukendt; foranstaltningen tillader 20 år."
    )


def test_unknown_staff_figures_refuse_the_subsidy_unless_the_policy_accepts() -> None:
    """Merbeskæftigelse cannot be shown without figures; the policy decides what that means."""
    unknown = {**PRIVATE, "staff_last_month": None}
    (failure,) = failures(build_offers(of(ON_BENEFIT, SUBSIDY, unknown)()).encoded, "C1", "O1")
    assert (failure.rule, failure.value) == ("net_increase", UNKNOWN)
    lenient = {"net_increase": {"missing_staff_figures": "accept"}}
    assert len(build_offers(of(ON_BENEFIT, SUBSIDY, unknown, rules=lenient)()).offers) == 1


@pytest.mark.parametrize(
    "exception",
    [{"qualifying_education": False}, {"age": 51}, {"single_provider": True}],
)
def test_exceptions_waive_the_months_of_prior_benefit(exception: dict[str, Any]) -> None:
    """No education, over 50 or single provider: no months are needed (LAB § 69)."""
    assert len(build_offers(of({"benefit_months": 0, **exception}, SUBSIDY, PRIVATE)()).offers) == 1


@pytest.mark.parametrize(
    ("facts", "inside"),
    [
        ({"benefit": "minimum_rate"}, True),
        ({"benefit": "raised_rate", "assistance_months_48": 36, "passed_pd2": False}, True),
        ({"benefit": "raised_rate", "assistance_months_48": 36, "completed_grade6": False}, True),
        ({"benefit": "raised_rate", "assistance_months_48": 35, "passed_pd2": False}, False),
        ({"benefit": "raised_rate", "assistance_months_48": 48}, False),
        ({"benefit": "other", "assistance_months_48": 48, "passed_pd2": False}, False),
    ],
)
def test_either_route_leads_into_the_target_group(facts: dict[str, Any], inside: bool) -> None:
    """On transition benefit or minimum rate; or 3 of 4 years and no PD2 or no 6th grade."""
    problem = of(facts, {"measures": "nytteindsats"})
    assert len(build_offers(problem()).offers) == int(inside)


def test_rules_follow_the_date() -> None:
    """Before 2025 the nytteindsats took a place under the ratio rule; since then it does not."""
    full = {"ordinary_staff": 4, "other_ratio_places": 1}
    person = {"benefit": "transition"}
    before = of(person, {"measures": "nytteindsats"}, full, today=dt.date(2024, 12, 31))
    after = of(person, {"measures": "nytteindsats"}, full, today=dt.date(2025, 1, 1))
    assert [failure.rule for failure in failures(build_offers(before()).encoded, "C1", "O1")] == [
        "ratio"
    ]
    assert len(build_offers(after()).offers) == 1


def test_a_lost_pair_blames_every_rule_that_took_a_measure() -> None:
    """Two measures lost for different reasons: both rules are counted, neither is the only one."""
    problem = of(
        {"benefit": "raised_rate", "practice_weeks_used": 13},
        {"measures": "nytteindsats;work_practice"},
    )
    tally = build_offers(problem()).tally
    blamed = {list(RULES)[k] for k in tally.killed[0].nonzero()[0]}
    assert blamed == {"target_group", "duration_left"}
    assert tally.sole.sum() == 0


def test_out_of_reach_counts_under_commute_alone() -> None:
    """Whatever else is wrong with an opening that nobody can reach is not counted."""
    problem = of({"max_commute": 5, "oral": 0}, {"oral_floor": 6})
    tally = build_offers(problem()).tally
    assert tally.reach[0] == 0
    assert [list(RULES)[k] for k in tally.killed[0].nonzero()[0]] == ["commute"]


def test_an_unknown_citizen_is_a_key_error() -> None:
    """`failures` never answers for somebody else."""
    with pytest.raises(KeyError, match="C9"):
        failures(build_offers(week()).encoded, "C9", "O1")
