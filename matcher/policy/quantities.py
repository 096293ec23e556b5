"""What a key of the policy may hold: flags, counts, times, money, days; and what a section is."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from matcher.texts import Message


def _whole_ore(value: float) -> float:
    if abs(value * 100 - round(value * 100)) > 1e-6:
        message = Message("policy.expected_ore")
        raise ValueError(message)
    return int(value) if value == int(value) else round(value, 2)


Flag = Annotated[bool, Field(strict=True)]
"""True or false; neither 1 nor "yes"."""
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
"""A whole number of people, places or placements."""
Points = Annotated[int, Field(strict=True, ge=0, le=1000)]
"""Points of fit or of one component, 0-1000."""
Minutes = Annotated[int, Field(strict=True, ge=0, le=1440)]
"""Minutes."""
Days = Annotated[int, Field(strict=True, ge=0, le=3650)]
"""Days."""
Weeks = Annotated[int, Field(strict=True, ge=0, le=2000)]
"""Weeks."""
Months = Annotated[int, Field(strict=True, ge=0, le=720)]
"""Months."""
Years = Annotated[int, Field(strict=True, ge=0, le=120)]
"""Years, or an age."""
WeekHours = Annotated[float, Field(strict=True, ge=0, le=80)]
"""Hours a week."""
Speed = Annotated[float, Field(strict=True, ge=0.001, le=300)]
"""Kilometres an hour."""
Price = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
"""DKK an hour or a week."""
Tariff = Annotated[
    float,
    Field(strict=True, ge=0, le=10_000_000),
    AfterValidator(_whole_ore),
    # A whole number is written as one: a policy stored before there were øre is still itself.
    PlainSerializer(_whole_ore, return_type=int | float),
]
"""DKK an hour, to the øre; a whole number of kroner stays one."""
Budget = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
"""DKK a week that is left; large enough for a line without a limit."""
Quota = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
"""Placements that may begin."""
Weight = Annotated[int, Field(strict=True, ge=0, le=1000)]
"""Weight of a component."""
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day, from 00:00 to 23:59."""


def _day_of_year(value: str) -> str:
    try:
        dt.date.fromisoformat(f"2000-{value}")
    except ValueError:
        message = Message("policy.expected_day")
        raise ValueError(message) from None
    return value


def _occupations(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= 6):
        message = Message("policy.expected_isco")
        raise ValueError(message)
    return value


DayOfYear = Annotated[str, AfterValidator(_day_of_year)]
"""A day of every year, month first: 12-24 is Christmas Eve."""
OccupationGroup = Annotated[str, AfterValidator(_occupations)]
"""First digits of ISCO codes: all occupations that begin with them."""


def read_day(value: object) -> object:
    """Take a whole day; refuse a number of seconds and a time of day."""
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        return dt.date.fromisoformat(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise ValueError(Message("policy.not_a_date"))


_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Day = Annotated[dt.date, BeforeValidator(read_day)]
"""A whole day; a number of seconds or a time of day is none."""


ReadAs = Literal["law", "draft", "official", "secondary", "computed", "assumption"]
"""How a source was read."""
Confidence = Literal["high", "medium", "low"]
"""How sure a reading is."""


class Section(BaseModel):
    """One dated part of the policy; frozen, unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    valid_from: Day
    """First day it holds."""
    valid_to: Day | None = None
    """Last day it holds. Missing: until further notice."""
    source: str
    """Where the figures come from."""
    source_danish: str = ""
    """The same for somebody who reads Danish. Empty: as `source`."""
    read_as: tuple[ReadAs, ...] = ()
    """How the source was read: `law` its text, `draft` a bill or draft order, `official` a page of
    an authority, `secondary` somebody else's account, `computed` from figures of the law;
    `assumption` there is none. Empty: not said."""
    confidence: Confidence | None = None
    """How sure the reading is. Missing: not said."""
    review_by: Day | None = None
    """Last day until which it may be used unread; a run after it says so. Missing: none is set."""
