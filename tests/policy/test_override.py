"""A user's own keys laid over the policy, and errors that name them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from matcher.errors import PolicyError
from matcher.policy import Weights, load_policy, override_of
from tests.policy.policies import (
    SECTIONS,
    exactly,
)
from tests.weeks import TODAY

# ------------------------------------------------------------------------------ a user's own keys


def test_an_empty_override_is_the_policy_itself(tmp_path: Path) -> None:
    """No content, an empty table and an empty file change nothing, not even the digest."""
    empty = tmp_path / "empty.toml"
    empty.write_text("# nothing yet\n")
    plain = load_policy(TODAY)
    for override in ({}, {"fit": {}}, {"fit": {"weights": {}}}, empty):
        policy = load_policy(TODAY, override)
        assert policy.model_copy(update={"file": ""}) == plain
        assert policy.digest() == plain.digest()
    assert override_of(plain, {}) == plain


def test_single_keys_are_replaced_and_their_neighbours_stay() -> None:
    """Three depths at once, and a list, which is replaced as a whole."""
    plain = load_policy(TODAY)
    policy = load_policy(
        TODAY,
        {
            "fit": {"floor": 450, "weights": {"commute": 15}},
            "measures": {"work_practice": {"weeks": {"job_ready": 8}}},
            "papers": {"course_papers": ["hygiene"]},
        },
    )
    assert policy.fit.floor == 450
    assert policy.fit.weights == plain.fit.weights.model_copy(update={"commute": 15})
    assert policy.fit.model_copy(update={"floor": 400, "weights": plain.fit.weights}) == plain.fit
    weeks = {str(code): weeks for code, weeks in policy.measures["work_practice"].weeks.items()}
    assert weeks == {
        "job_ready": 8,
        "activity_ready": 13,
        "openly_education_ready": 4,
        "education_ready": 4,
    }
    assert policy.papers.course_papers == ("hygiene",)
    assert policy.travel == plain.travel


def test_every_change_is_noted_as_path_old_and_new() -> None:
    """In the order given; a key that is set to what it is already is no change."""
    policy = load_policy(
        TODAY,
        {
            "fit": {"weights": {"commute": 15}, "floor": 400},
            "travel": {"first_transit": "04:45", "hard_minutes": 60},
            "money": {"budgets": {"interpreters": 5000}, "lines": {"mentor": "interpreters"}},
        },
    )
    assert policy.overrides == (
        "fit.weights.commute: 8 -> 15",
        "travel.first_transit: 05:15 -> 04:45",
        "travel.hard_minutes: 90 -> 60",
        "money.budgets.interpreters: None -> 5000",
        "money.lines.mentor: mentors -> interpreters",
    )


def test_a_long_value_is_cut_in_the_note() -> None:
    """Sixty characters of a value are enough to know it by."""
    policy = load_policy(TODAY, {"fit": {"source": "x" * 61}})
    (note,) = policy.overrides
    assert note.startswith("fit.source: assumption, after the evidence")
    assert note.endswith(f" -> {'x' * 57}...")


def test_from_python_changes_are_added_to_those_there_already() -> None:
    """`override_of` on a policy that carries overrides keeps their notes before its own."""
    once = load_policy(TODAY, {"fit": {"floor": 450}})
    twice = override_of(once, {"fit": {"floor": 500}, "start": {"notice_days": 3}})
    assert twice.overrides == (
        "fit.floor: 400 -> 450",
        "fit.floor: 450 -> 500",
        "start.notice_days: 1 -> 3",
    )
    direct = load_policy(TODAY, {"fit": {"floor": 500}, "start": {"notice_days": 3}})
    assert twice.model_copy(update={"overrides": direct.overrides}) == direct


def test_an_override_leaves_what_it_was_given() -> None:
    """Neither the policy nor the mapping is changed."""
    changes = {"fit": {"weights": {"commute": 15}}}
    plain = load_policy(TODAY)
    kept = plain.model_copy(deep=True)
    override_of(plain, changes)
    assert plain == kept
    assert changes == {"fit": {"weights": {"commute": 15}}}


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    file = tmp_path / "ours.toml"
    file.write_bytes("[fit]\nfloor = 450\n".encode("utf-8-sig"))
    assert load_policy(TODAY, file).fit.floor == 450


@pytest.mark.parametrize(
    ("changes", "key", "known"),
    [
        ({"travle": {"hard_minutes": 60}}, "travle", SECTIONS),
        ({"on": "2020-01-01"}, "on", SECTIONS),
        ({"overrides": ["nothing happened"]}, "overrides", SECTIONS),
        (
            {"start": {"notice": 2}},
            "start.notice",
            "confidence, fewest_hours, longest_lead_days, notice_days, read_as, review_by, source,"
            " source_danish, valid_from, valid_to",
        ),
        (
            {"measures": {"flexjob": {"hours_min": 1}}},
            "measures.flexjob",
            "igu, nytteindsats, ordinary, wage_subsidy_private, wage_subsidy_public, work_practice",
        ),
        (
            {"fit": {"weights": {"comute": 1}}},
            "fit.weights.comute",
            "commute, experience, health, hours, hours_225, language, measure, occupation,"
            " prospect",
        ),
        (
            {"measures": {"ordinary": {"evidence": {"municipl": 1}}}},
            "measures.ordinary.evidence.municipl",
            "activity_ready, education_ready, job_ready, municipal, not_assessed,"
            " openly_education_ready, private, regional",
        ),
    ],
)
def test_an_unknown_key_is_named_at_every_depth_with_those_that_are_known(
    changes: dict[str, Any], key: str, known: str
) -> None:
    """One to four keys deep."""
    message = f"override: unknown key '{key}'; known: {known}"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, changes)


def test_an_unknown_key_of_a_measure_is_named_with_the_fields_of_a_measure() -> None:
    """Two keys deep, below the measure's name."""
    with pytest.raises(
        PolicyError, match=r"^override: unknown key 'measures\.ordinary\.week'; known: age_max, "
    ):
        load_policy(TODAY, {"measures": {"ordinary": {"week": 4}}})


WRONG: list[tuple[dict[str, Any], str]] = [
    # Numbers are numbers: no flag, no text, no fraction, no overflow.
    ({"fit": {"floor": True}}, "fit.floor = True: expected a whole number from 0 to 1000"),
    ({"fit": {"floor": "450"}}, "fit.floor = 450: expected a whole number from 0 to 1000"),
    ({"fit": {"floor": 450.0}}, "fit.floor = 450.0: expected a whole number from 0 to 1000"),
    ({"fit": {"floor": 1001}}, "fit.floor = 1001: expected a whole number from 0 to 1000"),
    (
        {"fit": {"weights": {"measure": True}}},
        "fit.weights.measure = True: expected a whole number from 0 to 1000",
    ),
    (
        {"fit": {"weights": {"commute": -1}}},
        "fit.weights.commute = -1: expected a whole number from 0 to 1000",
    ),
    (
        {"fit": {"isco_points": [0, 250, "550", 800, 1000]}},
        "fit.isco_points[3] = 550: expected a whole number from 0 to 1000",
    ),
    (
        {"language": {"gap_with_class": "1"}},
        "language.gap_with_class = 1: expected a whole number from 0 to 6",
    ),
    (
        {"money": {"budgets": {"mentors": 1e3}}},
        "money.budgets.mentors = 1000.0: expected a whole number from 0 to 1000000000",
    ),
    (
        {"money": {"mentor_cost_per_hour": 10**20}},
        "money.mentor_cost_per_hour = 100000000000000000000: expected a whole number from 0 to"
        " 10000000",
    ),
    (
        {"start": {"longest_lead_days": 99999999}},
        "start.longest_lead_days = 99999999: expected a whole number from 0 to 3650",
    ),
    (
        {"papers": {"days_when_pending": {"hygiene": 3651}}},
        "papers.days_when_pending.hygiene = 3651: expected a whole number from 0 to 3650",
    ),
    (
        {"travel": {"car_kmh": float("inf")}},
        "travel.car_kmh = inf: expected a number from 0.001 to 300",
    ),
    (
        {"travel": {"car_kmh": float("nan")}},
        "travel.car_kmh = nan: expected a number from 0.001 to 300",
    ),
    ({"travel": {"car_kmh": True}}, "travel.car_kmh = True: expected a number from 0.001 to 300"),
    (
        {"travel": {"car_kmh": 10**400}},
        f"travel.car_kmh = 1{'0' * 56}...: expected a number from 0.001 to 300",
    ),
    (
        {"start": {"fewest_hours": 0}},
        "start.fewest_hours = 0: expected a number above 0, at most 60",
    ),
    # Amounts and durations are not negative.
    (
        {"measures": {"ordinary": {"cost_per_hour": -5}}},
        "measures.ordinary.cost_per_hour = -5: expected a number from 0 to 10000000",
    ),
    (
        {"workdays": {"closed_also": ["24-12"]}},
        'workdays.closed_also[1] = 24-12: expected a day of the year, month first, e.g. "12-24"',
    ),
    (
        {"workdays": {"closed_occupations": ["52", "shops"]}},
        "workdays.closed_occupations[2] = shops: expected the first digits of ISCO codes, e.g."
        ' "5321"',
    ),
    (
        {"workdays": {"without_shifts": ["monday"]}},
        "workdays.without_shifts[1] = monday: expected one of mon, tue, wed, thu, fri, sat, sun",
    ),
    (
        {"workdays": {"without_shifts": []}},
        "workdays.without_shifts = []: expected at least one weekday",
    ),
    (
        {
            "workdays": {
                "closed_also": [
                    f"{month:02}-{day:02}" for month in range(1, 3) for day in range(1, 22)
                ]
            }
        },
        "workdays.closed_also: expected at most 40 days, got 42",
    ),
    (
        {"measures": {"ordinary": {"hours_min": -1}}},
        "measures.ordinary.hours_min = -1: expected a number from 0 to 80",
    ),
    (
        {"measures": {"ordinary": {"school_hours": -0.5}}},
        "measures.ordinary.school_hours = -0.5: expected a number from 0 to 80",
    ),
    (
        {"measures": {"ordinary": {"weeks": {"job_ready": -4}}}},
        "measures.ordinary.weeks.job_ready = -4: expected a whole number from 0 to 2000",
    ),
    (
        {"measures": {"ordinary": {"weeks_integration_act": -1}}},
        "measures.ordinary.weeks_integration_act = -1: expected a whole number from 0 to 2000",
    ),
    (
        {"measures": {"igu": {"age_max": -1}}},
        "measures.igu.age_max = -1: expected a whole number from 0 to 120",
    ),
    (
        {"measures": {"igu": {"years_in_denmark_max": -1}}},
        "measures.igu.years_in_denmark_max = -1: expected a whole number from 0 to 120",
    ),
    (
        {"measures": {"igu": {"months_since_job_there": -1}}},
        "measures.igu.months_since_job_there = -1: expected a whole number from 0 to 720",
    ),
    (
        {"prior_benefit": {"months": -1}},
        "prior_benefit.months = -1: expected a whole number from 0 to 720",
    ),
    (
        {"childcare": {"child_under": -1}},
        "childcare.child_under = -1: expected a whole number from 0 to 120",
    ),
    (
        {"target_group": {"assistance_months_48": -1}},
        "target_group.assistance_months_48 = -1: expected a whole number from 0 to 48",
    ),
    # Flags, words, times, dates, lists and tables.
    ({"duty_week": {"duty": 1}}, "duty_week.duty = 1: expected true or false"),
    ({"duty_week": {"duty": "yes"}}, "duty_week.duty = yes: expected true or false"),
    ({"fit": {"source": 5}}, "fit.source = 5: expected text"),
    (
        {"ratio_rule": {"count": "bodies"}},
        "ratio_rule.count = bodies: expected one of headcount, fte",
    ),
    (
        {"measures": {"ordinary": {"sectors": ["private", "state"]}}},
        "measures.ordinary.sectors[2] = state: expected one of municipal, regional, private",
    ),
    (
        {"travel": {"first_transit": "25:99"}},
        'travel.first_transit = 25:99: expected a time of day from "00:00" to "23:59"',
    ),
    (
        {"childcare": {"open": "mandag"}},
        "childcare.open = mandag: 'mandag' is not a block of time; expected e.g."
        " 'mon-fri 07:00-15:00'",
    ),
    (
        {"childcare": {"open": 7}},
        "childcare.open = 7: expected blocks of time, e.g. 'mon-fri 07:00-15:00'",
    ),
    ({"fit": {"valid_to": 5}}, "fit.valid_to = 5: expected a date, e.g. 2026-11-23"),
    ({"fit": {"valid_to": "soon"}}, "fit.valid_to = soon: expected a date, e.g. 2026-11-23"),
    ({"fit": {"isco_points": [1, 2]}}, "fit.isco_points = [1, 2]: expected a list of 5"),
    ({"papers": {"course_papers": "hygiene"}}, "papers.course_papers = hygiene: expected a list"),
    ({"travel": 90}, "travel = 90: expected a table"),
    (
        {"travel": [{"car_kmh": 5}]},
        "travel = [{'car_kmh': 5}]: expected a table, [travel] and not [[travel]]",
    ),
    ({"measures": {"ordinary": {"weeks": 4}}}, "measures.ordinary.weeks = 4: expected a table"),
    (
        {"measures": {"ordinary": {"weeks": {"private": 4}}}},
        "unknown key 'measures.ordinary.weeks.private'; expected one of job_ready, activity_ready,"
        " openly_education_ready, education_ready, not_assessed",
    ),
    (
        {"money": {"lines": {"bus": "mentors"}}},
        "unknown key 'money.lines.bus'; expected one of mentor, class, course",
    ),
    (
        {"forbid_reasons": {"codes": {"other": {"note": "free text"}}}},
        "unknown key 'forbid_reasons.codes.other.note'; known: bars, danish, english, weeks",
    ),
    (
        {"forbid_reasons": {"codes": {"moved": {"english": "Moved", "danish": "Flyttet"}}}},
        "forbid_reasons.codes.moved.weeks is missing: expected a whole number from 0 to 2000",
    ),
    ({"hours_225": {"hours": 100}}, "hours_225: no 225-hour rule holds on 2026-11-23"),
]


def assert_refused(changes: dict[str, Any], message: str) -> None:
    """Both ways to lay changes over a policy end with this message."""
    plain = load_policy(TODAY)
    for load in (lambda: load_policy(TODAY, changes), lambda: override_of(plain, changes)):
        with pytest.raises(PolicyError, match=exactly(f"override: {message}")):
            load()


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_value_is_named_with_key_and_what_is_expected(
    changes: dict[str, Any], message: str
) -> None:
    """In plain words, from a file and from Python alike."""
    assert_refused(changes, message)


def test_the_ends_of_every_range_are_allowed() -> None:
    """Also where a whole number stands for a number."""
    changes = {
        "fit": {"floor": 1000, "weights": {"measure": 1000}},
        "travel": {"car_kmh": 300, "bicycle_kmh": 0.001, "first_transit": "23:59"},
        "start": {"longest_lead_days": 3650, "notice_days": 0, "fewest_hours": 60},
        "money": {"budgets": {"mentors": 10**9}, "mentor_cost_per_hour": 10**7},
    }
    policy = load_policy(TODAY, changes)
    assert policy.travel.car_kmh == 300
    assert policy.money.budgets["mentors"] == 10**9
    assert override_of(load_policy(TODAY), changes).travel == policy.travel


def test_while_the_225_hour_rule_holds_its_keys_can_be_changed() -> None:
    """On its last day; a whole rule of one's own may follow it."""
    rule = load_policy(dt.date(2025, 6, 30), {"hours_225": {"hours": 100}}).hours_225
    assert rule is not None
    assert rule.hours == 100
    own = {
        "valid_from": dt.date(2025, 7, 1),
        "source": "council",
        "hours": 50,
        "benefit_months": 6,
        "benefits": ["cash"],
    }
    rule = load_policy(TODAY, {"hours_225": own}).hours_225
    assert rule is not None
    assert rule.hours == 50


def test_all_problems_are_told_at_once() -> None:
    """A line each: unknown keys first, then values."""
    changes = {"fit": {"floor": -1, "flor": 1}, "start": {"notice_days": "soon"}, "travle": 1}
    with pytest.raises(PolicyError) as error:
        load_policy(TODAY, changes)
    lines = str(error.value).splitlines()
    assert [re.split(" = |;", line)[0] for line in lines] == [
        "override: unknown key 'fit.flor'",
        "override: unknown key 'travle'",
        "override: start.notice_days",
        "override: fit.floor",
    ]


SENSELESS: list[tuple[dict[str, Any], str]] = [
    (
        {"papers": {"days_when_missing": {"passport": 2, "visa": 9}}},
        "papers: unknown codes passport, visa; known: criminal_record, child_record,"
        " licence_b, licence_d, forklift, hygiene, first_aid",
    ),
    (
        {"fit": {"weights": dict.fromkeys(Weights.model_fields, 0)}},
        "fit.weights: at least one beside hours_225 must be above 0",
    ),
    (
        {"fit": {"weights": dict.fromkeys(Weights.model_fields, 0) | {"hours_225": 5}}},
        "fit.weights: at least one beside hours_225 must be above 0",
    ),
    (
        {"travel": {"zero_points_minutes": 15}},
        "travel.zero_points_minutes must be above full_points_minutes",
    ),
    (
        {"measures": {"igu": {"age_min": 50}}},
        "measures.igu.age_min must not be above age_max",
    ),
    (
        {"measures": {"ordinary": {"valid_to": dt.date(2026, 11, 22)}}},
        "measures.ordinary.valid_to = 2026-11-22: expected a date from 2026-11-23 on;"
        " what holds on a day cannot be made to end before it",
    ),
    (
        {"travel": {"valid_from": dt.date(2026, 11, 24)}},
        "travel.valid_from = 2026-11-24: expected a date up to 2026-11-23;"
        " what holds on a day cannot be made to start after it",
    ),
]


@pytest.mark.parametrize(("changes", "message"), SENSELESS)
def test_values_that_make_no_sense_together_are_named(
    changes: dict[str, Any], message: str
) -> None:
    """From a file and from Python alike."""
    assert_refused(changes, message)


def test_a_period_may_end_on_the_day_itself() -> None:
    """Both ends are included."""
    day = {"valid_from": TODAY, "valid_to": TODAY}
    assert load_policy(TODAY, {"measures": {"ordinary": day}, "fit": day}).fit.valid_to == TODAY
