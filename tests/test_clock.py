"""Moments are UTC, days are the municipality's: summer nights, winter nights, the doubled hour."""

from __future__ import annotations

import datetime as dt

import pytest

from matcher import clock
from matcher.terminal import day_of


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        # Summer is two hours ahead: 22:30 UTC is half past midnight.
        (utc(2026, 6, 30, 22, 30), dt.date(2026, 7, 1)),
        (utc(2026, 6, 30, 21, 59), dt.date(2026, 6, 30)),
        # Winter is one hour ahead.
        (utc(2026, 11, 24, 22, 30), dt.date(2026, 11, 24)),
        (utc(2026, 11, 24, 23, 0), dt.date(2026, 11, 25)),
        # Whatever zone the moment comes in.
        (dt.datetime.fromisoformat("2026-06-30T18:30:00-04:00"), dt.date(2026, 7, 1)),
    ],
)
def test_a_moment_is_of_the_local_day(moment: dt.datetime, day: dt.date) -> None:
    assert clock.local_day(moment) == day


def test_a_day_begins_at_local_midnight() -> None:
    """Two hours before UTC's in summer, one in winter; the first moment is of the day."""
    assert clock.day_begins(dt.date(2026, 7, 1)) == utc(2026, 6, 30, 22)
    assert clock.day_begins(dt.date(2026, 11, 24)) == utc(2026, 11, 23, 23)
    for day in (dt.date(2026, 3, 29), dt.date(2026, 10, 25)):  # clocks are changed on these
        begins = clock.day_begins(day)
        assert clock.local_day(begins) == day
        assert clock.local_day(begins - dt.timedelta(seconds=1)) == day - dt.timedelta(days=1)


def test_a_clock_on_the_wall_tells_the_moment() -> None:
    """Of 02:30 on 25 October, which comes at 00:30 and at 01:30 UTC, the first is meant."""
    assert clock.moment_at(dt.datetime(2026, 7, 1, 0, 30)) == utc(2026, 6, 30, 22, 30)
    assert clock.moment_at(dt.datetime(2026, 10, 25, 2, 30)) == utc(2026, 10, 25, 0, 30)
    aware = dt.datetime.fromisoformat("2026-07-01T00:30:00-04:00")
    assert clock.moment_at(aware) == utc(2026, 7, 1, 4, 30)


def test_a_moment_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="2026-07-01 00:30:00: a time without a zone"):
        clock.local_day(dt.datetime(2026, 7, 1, 0, 30))


def test_today_is_the_municipalitys_wherever_the_server_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At 22:30 UTC on 30 June a run without --on is of 1 July."""
    monkeypatch.setattr(clock, "now", lambda: utc(2026, 6, 30, 22, 30))
    assert day_of(None) == dt.date(2026, 7, 1)
