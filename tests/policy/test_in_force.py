"""What holds on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from matcher.errors import PolicyError
from matcher.policy import load_policy
from matcher.records import PAPERS
from tests.policy.policies import (
    DAY,
    FIRST,
    change_days,
    exactly,
    on,
    periods,
)

LATER = {"benefit_rates", "national_ceiling", "contacts", "ai_order"}
"""Sections of which nothing is known, or that were not there, on the first day of the policy."""

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
        dt.date(2023, 1, 1),
        dt.date(2024, 1, 1),
        dt.date(2025, 1, 1),
        dt.date(2025, 7, 1),
        dt.date(2026, 1, 1),
        dt.date(2026, 2, 1),
        dt.date(2026, 7, 1),
        dt.date(2027, 1, 1),
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
        # What need not hold on every day may begin later; what must, loading would miss.
        assert own[0]["valid_from"] == FIRST or name in LATER, name
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
