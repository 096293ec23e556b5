"""The municipality's clock: moments are kept in UTC, days and bare clock times are Danish.

What is decided at half past midnight in summer is of that day, though it is still the day before
in UTC; and a server may stand in any zone. All Danish municipalities share one clock.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

ZONE = "Europe/Copenhagen"
"""Name of the municipality's time zone in the IANA database."""


@cache
def zone() -> dt.tzinfo:
    """Return the municipality's time zone."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(ZONE)


def now() -> dt.datetime:
    """Return this moment, in UTC."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Return the day it is in the municipality."""
    return local_day(now())


def local_day(moment: dt.datetime) -> dt.date:
    """Return the local day of a moment.

    Parameters
    ----------
    moment
        Aware, in any zone.
    """
    return local(moment).date()


def local(moment: dt.datetime) -> dt.datetime:
    """Return an aware moment as the municipality's clocks show it."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment}: a time without a zone; expected e.g. one of dt.UTC")
    return moment.astimezone(zone())


def moment_at(clock: dt.datetime) -> dt.datetime:
    """Return the moment, in UTC, at which the municipality's clocks show this.

    Of the hour that comes twice in October the first is meant.

    Parameters
    ----------
    clock
        Naive: date and time as a clock on the wall shows them. An aware one keeps its own zone.
    """
    return (clock if clock.tzinfo else clock.replace(tzinfo=zone())).astimezone(dt.UTC)


def day_begins(day: dt.date) -> dt.datetime:
    """Return the moment, in UTC, at which a local day begins."""
    return moment_at(dt.datetime.combine(day, dt.time()))
