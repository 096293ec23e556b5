"""Rows about who is where already: placements, locks, forbids, earlier proposals, events."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from matcher.records.cells import (
    LAST_DAY,
    Choice,
    Danish,
    Hours,
    Key,
    Record,
)


class Running(Record):
    """A placement under way: uses a seat and what supports it has (igangværende forløb)."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who is placed."""
    opening_id: Annotated[Key, Danish("stilling_id")]
    """At which opening."""
    measure: Annotated[Key, Danish("foranstaltning")]
    """Under which measure."""
    start: Annotated[dt.date, Danish("start")]
    """First day."""
    end: Annotated[dt.date | None, Danish("slut"), LAST_DAY] = None
    """Last day. Empty: open."""
    team_id: Annotated[Key | None, Danish("hold_id")] = None
    """The class seat it uses."""
    pool_id: Annotated[Key | None, Danish("pulje_id")] = None
    """The mentor pool it uses."""
    mentor_hours: Annotated[Hours, Danish("mentortimer")] = 0.0
    """Mentor hours a week it uses."""


class Lock(Record):
    """A proposal that stands: this citizen goes to this opening (låsning)."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who."""
    opening_id: Annotated[Key, Danish("stilling_id")]
    """Where."""
    measure: Annotated[Key | None, Danish("foranstaltning")] = None
    """Under which measure. Empty: any."""


class Forbid(Record):
    """A match that must not be proposed (udelukkelse)."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who."""
    opening_id: Annotated[Key | None, Danish("stilling_id")] = None
    """Not at this opening. Empty: not at the workplace below."""
    workplace_id: Annotated[Key | None, Danish("arbejdsplads_id")] = None
    """Not at any opening of this workplace. Empty: only the opening above."""
    reason: Annotated[Key, Danish("årsag")] = "other"
    """Neutral reason code of the policy."""
    until: Annotated[dt.date | None, Danish("til_og_med"), LAST_DAY] = None
    """Last day it holds. Empty: until it is removed."""


class Previous(Record):
    """What was proposed last time: changing it has a price (tidligere forslag)."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who."""
    opening_id: Annotated[Key, Danish("stilling_id")]
    """Where."""
    measure: Annotated[Key | None, Danish("foranstaltning")] = None
    """Under which measure. Empty: any."""


class Happened(Choice):
    """What can happen to a placement or a seat between two runs."""

    END = "end", "slut"
    DECLINED = "declined", "afslag"
    FILLED = "filled", "besat"


class Happening(Record):
    """Something that happened since the last run (hændelse)."""

    event: Annotated[Happened, Danish("hændelse")]
    """A placement ended, a proposal was declined, or seats were filled by others."""
    day: Annotated[dt.date, Danish("dato")]
    """The day it happened; of an end: the last day."""
    opening_id: Annotated[Key, Danish("stilling_id")]
    """At which opening."""
    citizen_id: Annotated[Key | None, Danish("borger_id")] = None
    """Whose placement or proposal. Empty: nobody's (only for filled seats)."""
    reason: Annotated[Key | None, Danish("årsag")] = None
    """Neutral reason code of the policy, for what was declined. Empty: the citizen declined."""
    seats: Annotated[int, Field(ge=1, le=1000), Danish("pladser")] = 1
    """Seats that others filled."""
