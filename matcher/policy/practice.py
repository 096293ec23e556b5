"""Sections on how a municipality goes about it: fit, goals, money, what is tried, what is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from matcher.policy.quantities import (
    Budget,
    Count,
    DayOfYear,
    Flag,
    Points,
    Price,
    Quota,
    Section,
    Weeks,
    Weight,
)
from matcher.records import Blocks, Sector
from matcher.row_kinds import ROW_KINDS
from matcher.texts import Message


class Weights(BaseModel):
    """Weight of each component of fit; a weight of 0 switches the component off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: Weight
    """The measure's place in the order of evidence."""
    health: Weight
    """Slack in the health limits."""
    language: Weight
    """Danish against the floor of the job."""
    occupation: Weight
    """Closeness to the occupations wished for."""
    hours: Weight
    """Use of the hours the citizen can work."""
    commute: Weight
    """The way to work."""
    experience: Weight
    """Closeness to the occupations worked in."""
    prospect: Weight
    """Prospect of ordinary hours afterwards."""
    hours_225: Weight
    """Ordinary hours toward the 225-hour rule, while it holds."""


class FitRules(Section):
    """How fit is made: points of the components, their weights, the floor."""

    floor: Points
    """A placement is suitable from this fit on."""
    unstated_points: Points
    """Points where a citizen has stated no wish, or has no experience."""
    health_step_points: Points
    """Points lost for each step of demand above a tolerance that is not absolute."""
    health_no_slack_points: Points
    """Points lost for each limit that is used up exactly."""
    language_oral_step_points: Points
    """Points lost for each missing level of spoken Danish."""
    language_reading_step_points: Points
    """Points lost for each missing level of reading."""
    commute_share_points: Points
    """Points lost when the way is long against the working day."""
    isco_points: Annotated[tuple[Points, ...], Field(min_length=5, max_length=5)]
    """Closeness of occupations by equal leading ISCO digits: none, 1, 2, 3, 4."""
    weights: Weights
    """Weight of each component."""


class Tiers(Section):
    """What is improved first, and what a change of a published proposal costs."""

    priority_step_weeks: Weeks
    """Weeks of waiting that add one step of priority; 0: every placement counts the same."""
    priority_most_steps: Annotated[int, Field(strict=True, ge=0, le=100)]
    """Most steps that waiting can add; a placement counts 10 + steps."""
    change_cost: Points
    """Points of fit lost when a previous proposal is changed or dropped (what keeping is worth)."""


class Money(Section):
    """Budgets and what supports cost."""

    mentor_cost_per_hour: Price
    """DKK an hour."""
    class_cost_per_week: Price
    """DKK a week for a class seat."""
    budgets: Mapping[str, Budget]
    """DKK a week that is left, by budget line; every line that pays for something is listed."""
    lines: Mapping[Literal["mentor", "class", "course"], str]
    """The budget line that pays each support; a course is paid in full in its week."""
    year_budgets: Mapping[str, Budget] = Field(default_factory=dict)
    """DKK that is left until the year ends and not promised to what runs, by budget line. A line
    left out: no such limit."""
    new_year_budgets: Mapping[str, Budget] = Field(default_factory=dict)
    """DKK of the whole year that begins then, by budget line, for simulated years that live into
    it. A line left out: nothing is said of it, and it has no such limit."""
    year_quotas: Mapping[str, Quota] = Field(default_factory=dict)
    """Placements under a measure that may still begin until the year ends, those promised taken
    off. A measure left out: no such limit."""
    new_year_quotas: Mapping[str, Quota] = Field(default_factory=dict)
    """Those of the whole year that begins then, for simulated years that live into it."""
    year_ends: DayOfYear = "12-31"
    """Last day of the year that all of these are for, month first."""

    def year_end(self, today: dt.date) -> dt.date:
        """Return the last day of the year that a day lies in."""
        month, day = (int(part) for part in self.year_ends.split("-"))
        for year in (today.year, today.year + 1):
            # The day before the first of the next month, where a month has no such day.
            last = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).day
            end = dt.date(year, month, min(day, last))
            if end >= today:
                return end
        return end


OWN_LEVERS = (
    "oral", "reading", "hours", "day_hours", "commute", "bicycle", "odd_hours", "care", "paper",
    "measure",
)  # fmt: skip
"""What could be changed of somebody's situation, and that an employer accepts another measure."""


def _lever(name: str) -> str:
    known = (*OWN_LEVERS, *(kind.id for kind in ROW_KINDS.values() if kind.lever))
    if name not in known:
        message = f"expected one of {', '.join(known)}"
        raise ValueError(message)
    return name


Lever = Annotated[str, AfterValidator(_lever)]
"""What could be changed for somebody without a proposal: his situation, or what there is."""


class Unlocking(Section):
    """Changes that are tried for citizens without a proposal; a kind without a cost is not."""

    steps: Mapping[Lever, Annotated[int, Field(strict=True, ge=1, le=100_000)]]
    """How much one change is: levels, hours a week, minutes, places, DKK; 1 where left out."""
    costs: Mapping[Lever, Price]
    """DKK that one change is taken to cost; what is cheaper is told first."""
    papers: tuple[str, ...]
    """Papers that the lever `paper` may bring in order, by code."""
    most: Mapping[Lever, Annotated[int, Field(strict=True, ge=1, le=100_000)]] = {}
    """Changes of one resource at most where many are made together; left out: as many as help."""
    shift: Blocks = ()
    """Shifts that fit childcare, which an employer is asked for; empty: none are asked for."""


class Triage(Section):
    """How proposals are sorted for a person to look at, and how far plans may lie apart."""

    close_points: Points
    """A proposal is a close call when the best plan without it loses no more fit than this."""
    sure_points: Points
    """It is a sure one when that plan loses at least this, or a placement."""
    near_best_points: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    """Points of fit that a near-best plan may lack against the plan, in all."""


class Unknown(Section):
    """What counts where a cell of a field that protects somebody is not known: the careful value.

    By column; every column of :func:`matcher.records.careful_fields` has a value.
    """

    citizens: Mapping[str, Any]
    """Of citizens."""
    openings: Mapping[str, Any]
    """Of openings; never more hours than the opening offers."""


class Declared(BaseModel):
    """What everybody is taken to have where a column that protects is not recorded at all.

    By column; empty unless a municipality declares it. A column that is in the tables counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    citizens: Mapping[str, Any] = Field(default_factory=dict)
    """Of citizens."""
    openings: Mapping[str, Any] = Field(default_factory=dict)
    """Of openings."""
    teams: Mapping[str, Any] = Field(default_factory=dict)
    """Of Danish classes."""


Permille = Annotated[int, Field(strict=True, ge=0, le=1000)]
MicroPoints = Annotated[int, Field(strict=True, ge=0, le=10_000_000_000)]


class Horizon(Section):
    """Weeks ahead: whether what placements hold then has a price now, and how it is found.

    Mentor hours, class seats and weekly money that a placement takes are gone until it ends, and
    what is left of a year's money is used up for good. Where this is on, a run prices them by what
    they would bring in the weeks ahead, and the second goal is fit less that price. The first goal
    is never touched.
    """

    on: Flag = False
    """Whether runs price what is held. Switch it on once a simulated year on the municipality's own
    ledger has shown that it pays."""
    weeks: Annotated[int, Field(strict=True, ge=1, le=26)] = 13
    """Weeks after this one that are looked at."""
    futures: Annotated[int, Field(strict=True, ge=1, le=100)] = 5
    """Futures that are drawn; their prices are averaged."""
    block_weeks: Annotated[int, Field(strict=True, ge=1, le=26)] = 4
    """Weeks in a row that are drawn together from those seen."""
    fewest_seen: Annotated[int, Field(strict=True, ge=1, le=520)] = 8
    """Weeks of arrivals that must have been seen before anything is priced."""
    start_points: Points = 0
    """What a placement of the weeks ahead is worth beside its fit, points."""
    week_points: Points = 450
    """What a week at work is worth, points, where anything is priced: beside fit in the weeks
    ahead, and off the price of the offer itself, so that none pays for lasting alone."""
    cap: Annotated[int, Field(strict=True, ge=0, le=100_000)] = 8000
    """Most points that the price of one offer may be, above 0 or below."""
    least: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None
    """Points that what is held must cost in the weeks ahead, on average of their offers, for
    anything to be priced: a class that is full here or there is no reason for another plan. None:
    a run stored before this was asked, whose prices are summed as they were then."""
    leaving_permille: Permille = 25
    """Of 1000 placements, how many end in a week before their time, where little is known."""
    leaving_weight: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 400
    """How many weeks of placements that figure counts as (a Beta prior)."""
    prices: Mapping[str, tuple[MicroPoints, ...]] = Field(default_factory=dict)
    """Millionths of a point that a unit of a row costs one week from now, two weeks ...; by the
    row's name. What is used up for good, money and quotas of a year and seats of a course, has one
    price. A run works them out and freezes them here: nobody writes them by hand."""
    survival: Mapping[str, Mapping[Sector, tuple[Permille, ...]]] = Field(default_factory=dict)
    """Of 1000 placements under a measure in a sector, how many still run one week from now, two
    weeks ...; frozen by the run likewise. One left out: all of them."""

    @model_validator(mode="after")
    def _within(self) -> Self:
        """Refuse prices and shares of weeks that are not looked at."""
        curves = [
            *self.prices.values(),
            *(one for sectors in self.survival.values() for one in sectors.values()),
        ]
        if any(len(one) > self.weeks for one in curves):
            message = Message("policy.horizon_longer", weeks=self.weeks)
            raise ValueError(message)
        return self

    @property
    def kept_before(self) -> bool:
        """Whether what an offer holds until its first day is paid for, and no week at work.

        Not in runs stored before ``least`` was asked: there it counted as held, and at work, from
        the run on, for as many weeks as the measure allows.
        """
        return self.least is not None

    @property
    def priced(self) -> bool:
        """Whether anything costs something in the weeks ahead."""
        return any(any(curve) for curve in self.prices.values())

    def stay(self, measure: str, sector: str) -> tuple[int, ...]:
        """How many of 1000 still run one week from now, two weeks ...; empty: all of them."""
        return {str(one): curve for one, curve in self.survival.get(measure, {}).items()}.get(
            sector, ()
        )


class Programme(Section):
    """The target the report holds the pace against."""

    target: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    """Placements."""
    weeks: Annotated[int, Field(strict=True, ge=1, le=2000)]
    """Weeks to reach them in."""
    full_time_hours: Annotated[float, Field(strict=True, gt=0, le=60)] | None = None
    """Hours a week from which paid, unsubsidised work counts as self-support. Missing: no hours
    part a living from a part-time wage, so which it is is not known."""


class Checks(Section):
    """When input is too bad to run on."""

    bad_rows_percent: Annotated[float, Field(strict=True, ge=0, le=100)]
    """Share of bad rows, in any table that is given, above which the run stops."""
    bad_binding_rows_percent: Annotated[float, Field(strict=True, ge=0, le=100)]
    """The same for tables that bind: running placements, locks, forbids, events. A row lost there
    gives a taken seat away, or sends somebody where they must not go."""
    aged_rows_percent: Annotated[float, Field(strict=True, ge=0, le=100)]
    """Share of forbids, or of running placements, that may name a citizen or an opening nobody
    knows any more; above it the run stops: so many have not left, the ids are others."""


class Proposing(Section):
    """How somebody's own tables are looked at when a mapping is proposed."""

    values_listed: Count
    """Most distinct values of a column that a proposal lists; 0: none."""
    examples: Count
    """Examples of a column that a proposal shows; 0: none."""
    sure_percent: Annotated[float, Field(strict=True, ge=0, le=100)]
    """From here on a column is proposed as sure, below it as one to look at."""
    possible_percent: Annotated[float, Field(strict=True, ge=0, le=100)]
    """Below it a column is not proposed."""


class Retention(Section):
    """How long the ledger keeps what, counted from the day of the run (opbevaring)."""

    input_weeks: Weeks
    """Weeks the tables of a run are kept, so that it can be made again; 0: never stored."""
    folder_weeks: Weeks
    """Weeks a run folder is kept."""
    person_weeks: Weeks
    """Weeks proposals, decisions and events bear a citizen's id; what still binds keeps it."""
    run_weeks: Weeks
    """Weeks a run's figures are kept, without persons."""


class ForbidReason(BaseModel):
    """A neutral reason for a rejection."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    english: str
    """In English."""
    danish: str
    """In Danish."""
    weeks: Weeks
    """Weeks it holds, where no last day is given."""
    bars: Literal["opening", "workplace", "seat"] = "opening"
    """What a rejection bars: the citizen at this opening, the citizen at every opening of the
    workplace, or (``seat``) one seat of the opening for everybody."""


class ForbidReasons(Section):
    """Why a match may be ruled out."""

    codes: Mapping[str, ForbidReason]
    """By code."""


class Oversight(Section):
    """When figures about decisions are shown, and what counts as unseen."""

    fewest: Annotated[int, Field(strict=True, ge=2, le=1000)]
    """Fewest decisions that a figure is made of; smaller groups are put together."""
    fewest_caseworkers: Annotated[int, Field(strict=True, ge=2, le=1000)]
    """Fewest caseworkers of a team whose figures are shown by themselves."""
    unseen_seconds: Annotated[int, Field(strict=True, ge=0, le=3600)]
    """An acceptance after fewer seconds than this counts as unseen."""
    look_back_weeks: Weeks
    """Weeks of decisions that the figures of the report are made of."""


class Letter(Section):
    """What a letter to a citizen says for the municipality."""

    contact: Annotated[str, Field(max_length=120)] = ""
    """Whom to call or write to, as it stands in the letter. Empty: the caseworker."""
