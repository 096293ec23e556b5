"""The policy: what holds on which day, a user's own keys laid over it, errors that name them."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from matcher.errors import PolicyError
from matcher.policy import Policy, Weights, load_policy, override_of
from matcher.records import PAPERS
from matcher.tables.names import fold, measures
from tests.weeks import TODAY

BUILT_IN = resources.files("matcher").joinpath("policies", "denmark.toml").read_text("utf-8")
FIRST, LAST = dt.date(2022, 1, 1), dt.date(2027, 12, 31)
DAY = dt.timedelta(days=1)

SECTIONS = (
    "checks, childcare, declared, duty_week, fit, forbid_reasons, group_floors, hours_225,"
    " language, letter, mapping, measures, money, name, net_increase, odd_hours, oversight, papers,"
    " prior_benefit, programme, ratio_rule, retention, serve, start, target_group, tiers, travel,"
    " triage, unknown, unlocking, version, workdays"
)


def on(*day: int) -> Policy:
    """The built-in policy of a day."""
    return load_policy(dt.date(*day))


def periods() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every period of the built-in file, with the name of its section."""
    for name, value in tomllib.loads(BUILT_IN).items():
        if name == "measures":
            for measure, own in value.items():
                yield from ((f"measures.{measure}", period) for period in own)
        elif isinstance(value, list):
            yield from ((name, period) for period in value)


def change_days() -> list[dt.date]:
    """First days on which something else holds than on the day before."""
    days = {period["valid_from"] for _, period in periods()}
    days |= {period["valid_to"] + DAY for _, period in periods() if "valid_to" in period}
    return sorted(days)


def exactly(message: str) -> str:
    """A pattern that matches the whole message and nothing else."""
    return f"^{re.escape(message)}$"


# ------------------------------------------------------------------------------ what holds when


def test_nytteindsats_changes_at_the_turn_of_2025() -> None:
    """Until then 13 weeks and the ratio rule; since then neither, but the steward is informed."""
    before = on(2024, 12, 31).measures["nytteindsats"]
    after = on(2025, 1, 1).measures["nytteindsats"]
    assert set(before.weeks.values()) == {13}
    assert before.ratio_rule
    assert not before.representative
    assert not after.weeks
    assert not after.ratio_rule
    assert after.representative
    assert before.target_group
    assert after.target_group


def test_the_work_duty_begins_on_the_first_of_january_2025() -> None:
    """The week holds 37 hours before and after; what changes is the duty and what counts."""
    before, after = on(2024, 12, 31).duty_week, on(2025, 1, 1).duty_week
    assert (before.hours, before.duty) == (37, False)
    assert (after.hours, after.duty) == (37, True)
    assert set(before.counts) < set(after.counts)


def test_the_225_hour_rule_ends_with_june_2025() -> None:
    """225 hours for those a year on benefit, until 30 June 2025; nothing from 1 July."""
    rule = on(2025, 6, 30).hours_225
    assert rule is not None
    assert (rule.hours, rule.benefit_months) == (225, 12)
    assert on(2025, 7, 1).hours_225 is None


def test_the_target_group_follows_the_names_of_the_benefits() -> None:
    """The transition benefit became the minimum rate on 1 July 2025; 36 of 48 months stay."""
    before, after = on(2025, 6, 30).target_group, on(2025, 7, 1).target_group
    assert {str(code) for code in before.benefits} == {"transition"}
    assert {str(code) for code in after.benefits} == {"transition", "minimum_rate"}
    assert set(before.assistance_benefits) < set(after.assistance_benefits)
    assert before.assistance_months_48 == after.assistance_months_48 == 36


def test_the_igu_ends_with_2027_and_everything_else_stays() -> None:
    """On 1 January 2028 a measure is gone, and with it nothing else."""
    before, after = on(2027, 12, 31).measures, on(2028, 1, 1).measures
    assert set(before) - set(after) == {"igu"}
    assert set(after) == {
        "nytteindsats",
        "ordinary",
        "wage_subsidy_private",
        "wage_subsidy_public",
        "work_practice",
    }


def test_the_changes_known_are_the_changes_tested() -> None:
    """A new period in the file asks for a test of its own here."""
    assert change_days() == [
        dt.date(2022, 1, 1),
        dt.date(2025, 1, 1),
        dt.date(2025, 7, 1),
        dt.date(2028, 1, 1),
    ]


@pytest.mark.parametrize("change", change_days()[1:], ids=str)
def test_the_policy_of_the_day_before_a_change_is_another(change: dt.date) -> None:
    """What holds differs, not only the date."""
    before, after = (load_policy(day).model_dump() for day in (change - DAY, change))
    assert {key for key in before if before[key] != after[key]} > {"on"}


def test_every_section_has_a_policy_on_every_first_of_a_quarter() -> None:
    """2022 to 2027 without a gap: loading raises where a section is missing."""
    for year in range(2022, 2028):
        for month in (1, 4, 7, 10):
            assert on(year, month, 1).on == dt.date(year, month, 1)


def test_every_period_has_a_source_and_a_start() -> None:
    """No figure without saying where it comes from and since when."""
    for name, period in periods():
        assert isinstance(period.get("valid_from"), dt.date), name
        assert len(period.get("source", "")) >= len("assumption"), name


def test_periods_of_a_section_follow_each_other_without_a_gap() -> None:
    """A period begins on the day after the one before has ended."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for name, period in periods():
        by_name.setdefault(name, []).append(period)
    for name, own in by_name.items():
        assert own[0]["valid_from"] == FIRST, name
        for one, following in pairwise(own):
            assert following["valid_from"] == one["valid_to"] + DAY, name


def test_before_2022_nothing_holds() -> None:
    """The message names file, day and section."""
    message = "policies/denmark.toml: nothing holds on 2021-12-31 for 'duty_week'"
    with pytest.raises(PolicyError, match=exactly(message)):
        on(2021, 12, 31)


def test_every_paper_can_be_had_or_is_known_not_to_be() -> None:
    """Each code has a way for those who have applied; courses and applications do not overlap."""
    papers = on(2026, 11, 23).papers
    assert set(papers.days_when_pending) == set(PAPERS)
    assert not set(papers.days_when_missing) & set(papers.course_papers)


def test_a_policy_cannot_be_changed() -> None:
    """Frozen: whoever wants another makes another."""
    with pytest.raises(ValidationError, match="frozen"):
        on(2026, 11, 23).fit.floor = 0  # type: ignore[misc]


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
        "openly_education_ready": 13,
        "education_ready": 13,
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
            "fewest_hours, longest_lead_days, notice_days, source, valid_from, valid_to",
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
        "measures.ordinary.cost_per_hour = -5: expected a whole number from 0 to 10000000",
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


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_value_is_named_with_key_and_what_is_expected(
    changes: dict[str, Any], message: str
) -> None:
    """In plain words, from a file and from Python alike."""
    plain = load_policy(TODAY)
    for load in (lambda: load_policy(TODAY, changes), lambda: override_of(plain, changes)):
        with pytest.raises(PolicyError, match=exactly(f"override: {message}")):
            load()


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
    plain = load_policy(TODAY)
    for load in (lambda: load_policy(TODAY, changes), lambda: override_of(plain, changes)):
        with pytest.raises(PolicyError, match=exactly(f"override: {message}")):
            load()


def test_a_period_may_end_on_the_day_itself() -> None:
    """Both ends are included."""
    day = {"valid_from": TODAY, "valid_to": TODAY}
    assert load_policy(TODAY, {"measures": {"ordinary": day}, "fit": day}).fit.valid_to == TODAY


# ------------------------------------------------------------------------------ budget lines

LINES = "wage_subsidy, mentors, classes, courses"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"money": {"budgets": {"wage": 1}}},
            "money.budgets.wage pays for nothing: no measure and none of money.lines names it;"
            " lines in use: classes, courses, mentors, wage_subsidy",
        ),
        (
            {"money": {"lines": {"mentor": "nosuch"}}},
            f"money.lines.mentor = nosuch: expected a line of money.budgets ({LINES})",
        ),
        (
            {"measures": {"igu": {"budget": "nosuch"}}},
            f"measures.igu.budget = nosuch: expected a line of money.budgets ({LINES})",
        ),
    ],
)
def test_a_mistyped_budget_line_of_a_file_is_named(changes: dict[str, Any], message: str) -> None:
    """A limit is neither set on nothing nor lost."""
    with pytest.raises(PolicyError, match=exactly(f"override: {message}")):
        load_policy(TODAY, changes)


def test_a_new_line_may_pay_for_everything_of_an_old_one() -> None:
    """The old line stays listed: a file cannot take it away."""
    measures = {name: {"budget": "own"} for name in ("wage_subsidy_private", "wage_subsidy_public")}
    policy = load_policy(TODAY, {"measures": measures, "money": {"budgets": {"own": 5}}})
    assert policy.measures["wage_subsidy_public"].budget == "own"
    assert set(policy.money.budgets) == {"own", "wage_subsidy", "mentors", "classes", "courses"}


def test_a_line_of_a_whole_file_may_pay_for_a_measure_of_another_day(tmp_path: Path) -> None:
    """The IGU is over in 2028; its line still is no mistake."""
    text = BUILT_IN.replace("school_hours = 7.5\n", 'school_hours = 7.5\nbudget = "igu"\n')
    file = tmp_path / "whole.toml"
    file.write_text(text.replace("[money.budgets]\n", "[money.budgets]\nigu = 5\n"), "utf-8")
    assert load_policy(dt.date(2028, 1, 1), file=file).money.budgets["igu"] == 5


def test_a_line_of_a_whole_file_that_pays_for_nothing_is_named(tmp_path: Path) -> None:
    """As in a file of single keys."""
    file = whole(tmp_path, "[money.budgets]\n", "[money.budgets]\nwage = 5\n")
    message = (
        f"{file}: money.budgets.wage pays for nothing: no measure and none of money.lines names"
        " it; lines in use: classes, courses, mentors, wage_subsidy"
    )
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


# ------------------------------------------------------------------------------ group floors


@pytest.mark.parametrize(
    ("column", "value", "canonical"),
    [
        ("category", "aktivitetsparat", "activity_ready"),
        ("category", " Activity_Ready ", "activity_ready"),
        ("category", "Åbenlyst uddannelsesparat", "openly_education_ready"),
        ("benefit", "kontanthjælp", "cash"),
        ("single_provider", "ja", "true"),
        ("single_provider", "No", "false"),
        ("single_provider", "nej ", "false"),
        ("single_provider", True, "true"),
        ("oral", 3, "3"),
        ("oral", " 3", "3"),
        ("postcode", 8000, "8000"),
        ("postcode", " 8000", "8000"),
        ("caseworker_id", " K01 ", "K01"),
    ],
)
def test_the_value_of_a_group_is_what_its_column_holds(
    column: str, value: object, canonical: str
) -> None:
    """Danish words, yes and no, numbers and blanks are brought to the text that is compared."""
    floor = {"column": column, "value": value, "at_least": 1}
    policy = load_policy(TODAY, {"group_floors": [floor]})
    assert [one.value for one in policy.group_floors] == [canonical]
    assert override_of(policy, {}).group_floors == policy.group_floors


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (
            "category",
            "ready",
            "one of job_ready, activity_ready, openly_education_ready, education_ready,"
            " not_assessed",
        ),
        (
            "benefit",
            "su",
            "one of cash, education, transition, minimum_rate, basic_rate, raised_rate, other",
        ),
        ("single_provider", "maybe", "true or false"),
        ("oral", "7", "a whole number from 0 to 6"),
        ("oral", "C1", "a whole number from 0 to 6"),
        ("postcode", "800", "four digits"),
        ("caseworker_id", "", "text of 1 to 64 characters"),
        ("caseworker_id", [1], "text"),
    ],
)
def test_a_value_that_no_citizen_can_have_is_named(
    column: str, value: object, expected: str
) -> None:
    """With its place in the list, counted from 1."""
    good = {"column": "oral", "value": "0", "at_least": 1}
    bad = {"column": column, "value": value, "at_least": 1}
    message = f"override: group_floors[2].value = {value}: expected {expected}"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, {"group_floors": [good, bad]})


@pytest.mark.parametrize(
    ("floors", "message"),
    [
        (
            [{"column": "gender", "value": "f", "at_least": 1}],
            "group_floors[1].column = gender: expected one of category, benefit, oral, postcode,"
            " caseworker_id, single_provider",
        ),
        (
            [{"column": "oral", "value": "0", "at_least": 1, "share": 5}],
            "unknown key 'group_floors[1].share'; known: at_least, column, value",
        ),
        (
            [{"column": "oral", "value": "0"}],
            "group_floors[1].at_least is missing: expected a whole number from 0 to 1000000",
        ),
        ([5], "group_floors[1] = 5: expected a table"),
        ({"column": "oral"}, "group_floors = {'column': 'oral'}: expected a list"),
    ],
)
def test_a_wrong_group_floor_is_named(floors: object, message: str) -> None:
    """Column, keys, form."""
    with pytest.raises(PolicyError, match=exactly(f"override: {message}")):
        load_policy(TODAY, {"group_floors": floors})


# ------------------------------------------------------------------------------ files


def test_a_file_that_is_not_toml_is_named_with_the_place(tmp_path: Path) -> None:
    """Line and column, as TOML's reader tells them."""
    file = tmp_path / "ours.toml"
    file.write_text("[fit]\nfloor 450\n")
    message = (
        f"{file} is not TOML: Expected '=' after a key in a key/value pair (at line 2, column 7)"
    )
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file)


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    """Danish letters as Windows wrote them: the byte is named, too."""
    file = tmp_path / "ours.toml"
    file.write_bytes("name = 'Ærø'\n".encode("cp1252"))
    message = (
        f"{file}: cannot be read as UTF-8 text ('utf-8' codec can't decode byte 0xc6 in position"
        " 8: invalid continuation byte)"
    )
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file)


def test_a_key_in_a_file_is_named_with_the_file(tmp_path: Path) -> None:
    """So that of several files the right one is opened."""
    file = tmp_path / "ours.toml"
    file.write_text("[fit]\nflor = 450\n")
    with pytest.raises(PolicyError, match=rf"^{re.escape(str(file))}: unknown key 'fit\.flor'"):
        load_policy(TODAY, file)


def whole(tmp_path: Path, old: str, new: str) -> Path:
    """A whole policy file: the built-in one with one place changed."""
    assert BUILT_IN.count(old) == 1, old
    file = tmp_path / "whole.toml"
    file.write_text(BUILT_IN.replace(old, new), "utf-8")
    return file


PROGRAMME = "[[programme]]\nvalid_from = 2022-01-01\n"


def test_a_whole_file_may_take_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    """With a target of its own from 2026 on; before, the old one holds."""
    later = (
        '[[programme]]\nvalid_from = 2026-01-01\nsource = "council"\ntarget = 700\nweeks = 104\n\n'
    )
    file = whole(tmp_path, PROGRAMME, f"{later}{PROGRAMME}valid_to = 2025-12-31\n")
    assert load_policy(dt.date(2025, 12, 31), file=file).programme.target == 500
    assert load_policy(dt.date(2026, 1, 1), file=file).programme.target == 700


def test_two_periods_on_one_day_are_an_error(tmp_path: Path) -> None:
    """Nothing is guessed: section and day are named."""
    later = (
        '[[programme]]\nvalid_from = 2026-01-01\nsource = "council"\ntarget = 700\nweeks = 104\n\n'
    )
    file = whole(tmp_path, PROGRAMME, later + PROGRAMME)
    assert load_policy(dt.date(2025, 12, 31), file=file).programme.target == 500
    message = f"{file}: two periods of 'programme' hold on 2026-01-01"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(dt.date(2026, 1, 1), file=file)


def test_two_periods_of_a_measure_are_an_error(tmp_path: Path) -> None:
    """Measures are dated one by one."""
    file = whole(tmp_path, 'valid_to = 2024-12-31\nsource = "vejen.dk', 'source = "vejen.dk')
    message = f"{file}: two periods of 'measures.nytteindsats' hold on 2025-01-01"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(dt.date(2025, 1, 1), file=file)


def test_a_period_without_dates_is_an_error(tmp_path: Path) -> None:
    """A text that looks like a date is none."""
    file = whole(tmp_path, PROGRAMME, '[[programme]]\nvalid_from = "2022-01-01"\n')
    message = f"{file}: programme: valid_from and valid_to must be dates"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


def test_a_time_of_day_is_no_date(tmp_path: Path) -> None:
    """TOML has both."""
    file = whole(tmp_path, PROGRAMME, "[[programme]]\nvalid_from = 2022-01-01T00:00:00\n")
    message = f"{file}: programme: valid_from and valid_to must be dates"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


def test_measures_of_a_whole_file_are_periods(tmp_path: Path) -> None:
    """Neither a single table nor a number."""
    file = tmp_path / "whole.toml"
    file.write_text("[measures.ordinary]\nbudget = 'x'\n")
    message = f"{file}: measures.ordinary: expected periods, each under [[measures.ordinary]]"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)
    file.write_text("measures = 5\n")
    message = f"{file}: measures: expected periods under [[measures.NAME]]"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


def test_the_reason_other_must_stay(tmp_path: Path) -> None:
    """The empty reason means it."""
    file = whole(tmp_path, "\nother = {", "\nsomething = {")
    message = f"{file}: forbid_reasons.codes.other must stay: it is always allowed"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


# ------------------------------------------------------------------------------ digest


@pytest.mark.parametrize(
    "changes",
    [
        {"fit": {"floor": 401}},
        {"fit": {"weights": {"commute": 9}}},
        {"fit": {"isco_points": [0, 250, 550, 800, 999]}},
        {"measures": {"igu": {"age_max": 50}}},
        {"measures": {"work_practice": {"weeks": {"job_ready": 5}}}},
        {"money": {"budgets": {"mentors": 60001}}},
        {"childcare": {"open": "mon 06:30-16:15; tue-thu 06:30-17:00; fri 06:30-16:30"}},
        {"duty_week": {"duty": False}},
        {"group_floors": [{"column": "oral", "value": "0", "at_least": 1}]},
        {"name": "ours"},
    ],
)
def test_the_digest_changes_with_a_value(changes: dict[str, Any]) -> None:
    """A number, a list, a nested key, blocks of time, a flag, a floor, a text."""
    plain = load_policy(TODAY)
    changed = load_policy(TODAY, changes)
    assert changed.digest() != plain.digest()
    # Not only the note of the change: the value itself is hashed.
    assert changed.model_copy(update={"overrides": ()}).digest() != plain.digest()


def test_the_digest_is_the_same_each_time() -> None:
    """Whatever was loaded in between."""
    first = load_policy(TODAY).digest()
    load_policy(FIRST)
    assert load_policy(TODAY).digest() == first
    assert len(first) == 16
    assert load_policy(LAST).digest() != first


@pytest.mark.parametrize(
    ("measure", "hours", "kind", "english", "danish"),
    [
        ("ordinary", 37, "self_support", "Ordinary employment", "Ordinær ansættelse"),
        ("ordinary", 30, "self_support", "Ordinary employment", "Ordinær ansættelse"),
        ("ordinary", 29.75, "part_time", "Part-time job (småjob)", "Småjob"),
        ("ordinary", None, "unknown", "Ordinary hours", "Ordinære timer"),
        ("wage_subsidy_private", 37, "subsidised", "Private wage subsidy", "Privat løntilskud"),
        ("igu", 37, "subsidised", "Integration training (IGU)",
         "Integrationsgrunduddannelse (IGU)"),
        ("nytteindsats", 37, "unpaid", "Community benefit work (nytteindsats)", "Nytteindsats"),
        ("gone", 37, "unknown", "gone", "gone"),
    ],
)  # fmt: skip
def test_a_placement_is_named_by_its_hours_and_pay(
    measure: str, hours: float | None, kind: str, english: str, danish: str
) -> None:
    """From 30 hours ordinary work is a living; without a wage it never is, whatever the hours."""
    policy = load_policy(dt.date(2026, 11, 23))
    minutes = None if hours is None else round(hours * 60)
    assert policy.work_kind(measure, minutes) == kind
    assert policy.measure_name(measure, minutes) == {"en": english, "da": danish}


def test_tables_may_name_ordinary_work_by_any_of_its_names() -> None:
    """As it was called before, too."""
    known, _ = measures(load_policy(dt.date(2026, 11, 23)))
    for name in ("Ordinære timer (småjob)", "Ordinære timer", "Småjob", "Ordinær ansættelse"):
        assert known[fold(name)] == "ordinary"


def test_close_and_sure_mean_what_the_weights_say() -> None:
    """One level of Danish or grade of health is within a close call; the heaviest of all weights,
    gained or lost as a whole, does not make a sure one."""
    policy = load_policy(dt.date(2026, 11, 23))
    weights = policy.fit.weights.model_dump()
    total = sum(weights.values()) - weights["hours_225"]
    steps = {
        "language": policy.fit.language_oral_step_points,
        "health": policy.fit.health_step_points,
    }
    for component, points in steps.items():
        assert weights[component] * points / total <= policy.triage.close_points
    assert max(weights.values()) * 1000 / total < policy.triage.sure_points
