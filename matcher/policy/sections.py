"""What a policy is: its sections, field by field, with unit and range."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from matcher.policy.quantities import (
    Budget,
    Clock,
    Count,
    DayOfYear,
    Days,
    Flag,
    Minutes,
    Months,
    OccupationGroup,
    Points,
    Price,
    Section,
    Speed,
    Tariff,
    WeekHours,
    Weeks,
    Weight,
    Years,
)
from matcher.records import Benefit, Blocks, Category, Sector
from matcher.row_kinds import ROW_KINDS
from matcher.texts import Message

WorkKind = Literal["self_support", "part_time", "subsidised", "unpaid", "unknown"]
"""What a placement is for its citizen: ordinary full-time work, a part-time wage, a wage that is
subsidised, no wage; or not known."""
WORK_KINDS: tuple[WorkKind, ...] = get_args(WorkKind)


class Measure(Section):
    """A legal form of placement (foranstaltning)."""

    english: str
    """Name in English."""
    danish: str
    """Name in Danish, as the law and the case system have it."""
    english_full: str = ""
    """Name in English of full-time work under it. Empty: as `english`."""
    danish_full: str = ""
    """The same in Danish."""
    english_part: str = ""
    """Name in English of part-time work under it. Empty: as `english`."""
    danish_part: str = ""
    """The same in Danish."""
    also: tuple[str, ...] = ()
    """Other names under which tables may have it."""
    pay: Literal["wage", "subsidised", "none"] = "none"
    """Who pays the work: the employer alone, with a subsidy, or nobody (the benefit goes on)."""
    law_english: str = ""
    """Where it stands, as a letter in English may say: act and sections. Empty: `source`."""
    law_danish: str = ""
    """The same for a letter in Danish."""
    sectors: tuple[Sector, ...]
    """Sectors whose workplaces may use it."""
    categories: tuple[Category, ...]
    """Categories of citizen who may have it."""
    evidence: Mapping[Sector, Points]
    """Points of the component `measure` by sector, after the order of evidence."""
    ordinary_hours: Flag = False
    """Whether it is paid, ordinary, unsubsidised work."""
    weeks: Mapping[Category, Weeks] = Field(default_factory=dict)
    """Longest duration by category, in weeks. A category left out: no limit."""
    weeks_after_assessment: Mapping[Category, Weeks] = Field(default_factory=dict)
    """Longest duration once somebody has assessed that more is needed, by category, in weeks. A run
    keeps to `weeks`: the assessment is the caseworker's."""
    weeks_integration_act: Weeks | None = None
    """Longest duration for citizens under the Integration Act, in weeks. Missing: as the others."""
    weeks_used: Literal["practice", "subsidy", "nytteindsats"] | None = None
    """Which weeks already used count against the duration."""
    ratio_rule: Flag = False
    """Whether a placement takes a place under the ratio rule (rimelighedskrav)."""
    net_increase: Flag = False
    """Whether the employer must have a net increase of staff (merbeskæftigelse)."""
    bars_last_employer: Flag = False
    """Whether the last employer is barred."""
    bars_last_employer_for: tuple[Category, ...] = ()
    """Categories for whom `bars_last_employer` holds. Empty: everybody."""
    prior_benefit: Flag = False
    """Whether months of benefit are needed first."""
    talk_over_weeks: Weeks | None = None
    """Beyond so many weeks the employer must have talked it over with the employees."""
    new_function_at_last_employer: Flag = False
    """Whether those not barred from their last employer may go there in a new function only."""
    support_most_percent: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None
    """Most that the subsidy may be of the employer's wage cost, percent."""
    representative: Flag = False
    """Whether the employees' representative must be informed or agree."""
    target_group: Flag = False
    """Whether only the target group of the nytteindsats may have it."""
    age_min: Years | None = None
    """Lowest age."""
    age_max: Years | None = None
    """Highest age."""
    refugee_or_reunified: Flag = False
    """Whether residence must rest on asylum or family reunification."""
    years_in_denmark_max: Years | None = None
    """Most years of residence; a year begun counts as one."""
    years_in_denmark_under: Annotated[int, Field(strict=True, ge=1, le=120)] | None = None
    """Residence must be shorter than so many years, where the law says "less than"."""
    months_since_job_there: Months | None = None
    """Months since an ordinary job at the same employer must have ended."""
    hours_min: WeekHours = 0.0
    """Fewest hours of work a week."""
    school_hours: WeekHours = 0.0
    """School hours a week that belong to the measure and count toward the week."""
    cost_per_hour: Tariff = 0
    """What an hour of work costs the municipality, DKK, to the øre."""
    budget: str | None = None
    """The budget line that pays."""


class DutyWeek(Section):
    """How many hours a week may hold, and what counts toward them (arbejdspligt)."""

    hours: Annotated[float, Field(strict=True, gt=0, le=60)]
    """Most hours a week: job, class, school and treatment together."""
    counts: tuple[str, ...]
    """What counts toward the duty."""
    duty: Flag
    """Whether the work duty is in force."""
    binds: tuple[Benefit, ...] = ()
    """Benefits whose recipients it binds, where they meet the requirement of residence or of work
    not. Empty: nobody."""
    homework_and_search_most: WeekHours | None = None
    """Most hours a week that Danish homework and job search may count together. Missing: no
    limit."""


class PriorBenefit(Section):
    """Months of benefit before a wage subsidy, and who is excepted."""

    months: Months
    """Months of benefit needed."""
    waived_without_education: Flag
    """Waived for those without a qualifying education."""
    waived_over_age: Years | None = None
    """Waived for those older than this."""
    waived_single_provider: Flag
    """Waived for single providers."""


class RatioRule(Section):
    """Places for subsidised people and trainees against ordinary staff (rimelighedskrav)."""

    first_per: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    """One place for so many ordinary employees ..."""
    first_up_to: Count
    """... up to so many employees,"""
    then_per: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    """then one place for so many more."""
    at_least: Count
    """Places that are always allowed."""
    count: Literal["headcount", "fte"]
    """Whether staff is counted in heads or in full-time equivalents."""
    unknown_fte_percent: Annotated[int, Field(strict=True, ge=0, le=100)] = 100
    """What a head counts for, percent of one in full time, where full-time equivalents count and
    are not known; 0: only the places that are always allowed."""


class NetIncrease(Section):
    """Net increase of staff, counted per employer (merbeskæftigelse)."""

    missing_staff_figures: Literal["refuse", "accept"]
    """What to do when the employer's staff figures are not known."""


class TargetGroup(Section):
    """Who the nytteindsats is for: either route is enough."""

    benefits: tuple[Benefit, ...]
    """Route one: lives on one of these."""
    assistance_benefits: tuple[Benefit, ...]
    """Route two: lives on one of these ..."""
    assistance_months_48: Annotated[int, Field(strict=True, ge=0, le=48)]
    """... for so many of the last 48 months, and lacks Prøve i Dansk 2 or the 6th grade."""


class Hours225(Section):
    """The 225-hour rule: ordinary hours needed to keep the full benefit (225-timersreglen)."""

    hours: Annotated[int, Field(strict=True, ge=0, le=3000)]
    """Ordinary hours in 12 months."""
    benefit_months: Months
    """Months on benefit after which the rule applies."""
    benefits: tuple[Benefit, ...]
    """Benefits it applies to."""


class Childcare(Section):
    """When small children are looked after."""

    child_under: Years
    """Children younger than this need care, years."""
    open: Blocks
    """Opening hours of day care, where the citizen's own are not given."""
    drop_off_minutes: Minutes
    """Minutes to bring or fetch the child, on top of the way to work."""


class OddHours(Section):
    """Hours that a single provider must have said yes to."""

    blocks: Blocks
    """Early, evening, night, weekend."""


class Travel(Section):
    """How travel time is estimated and what is acceptable."""

    hard_minutes: Minutes
    """Longest way, minutes one way."""
    zero_points_minutes: Minutes
    """Way at which the component `commute` reaches 0."""
    full_points_minutes: Minutes
    """Way up to which the component `commute` is 1000."""
    share_of_day_percent: Annotated[int, Field(strict=True, ge=0, le=100)]
    """Travel both ways above this share of the working day costs points."""
    least_km: Annotated[float, Field(ge=0, le=20)]
    """Shortest straight way, km: in the tables a postcode is a point, and people live around it."""
    detour_percent: Annotated[int, Field(strict=True, ge=100, le=300)]
    """Length of the way against the straight line."""
    car_kmh: Speed
    """Speed by car."""
    car_fixed_minutes: Minutes
    """Minutes added to each way by car."""
    bicycle_kmh: Speed
    """Speed by bicycle."""
    bicycle_most_minutes: Minutes
    """Longest way by bicycle."""
    transit_kmh: Speed
    """Speed by bus and train."""
    transit_fixed_minutes: Minutes
    """Minutes added to each way by bus and train: walk and wait."""
    first_transit: Clock
    """When the first bus leaves."""
    buffer_minutes: Minutes
    """Minutes between a shift and a class, treatment or other fixed time."""


class Language(Section):
    """What a Danish class beside the job makes possible."""

    gap_with_class: Annotated[int, Field(strict=True, ge=0, le=6)]
    """Levels that may be missing when a class runs beside the job, where the opening is silent."""
    classes_per_offer: Annotated[int, Field(strict=True, ge=1, le=20)]
    """How many classes are weighed for one match: at the workplace first, then nearest home."""


class Papers(Section):
    """When a paper can be in hand."""

    days_when_missing: Mapping[str, Days]
    """Days from today, for papers that are simply applied for."""
    days_when_pending: Mapping[str, Days]
    """Days from today, for papers under way."""
    course_papers: tuple[str, ...]
    """Papers that a short course gives."""
    courses_per_offer: Annotated[int, Field(strict=True, ge=1, le=20)]
    """How many sessions are weighed for one match, earliest first."""


class Start(Section):
    """When work can start."""

    notice_days: Days
    """Days between the run and the first possible start."""
    longest_lead_days: Days
    """Days within which work must start when the opening names no last day."""
    fewest_hours: Annotated[float, Field(strict=True, gt=0, le=60)]
    """Fewest hours a week worth starting with."""


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Workdays(Section):
    """On which days work can begin, and what closes on public holidays (helligdage)."""

    without_shifts: tuple[Weekday, ...]
    """Weekdays on which a job without shifts can begin."""
    closed_also: tuple[DayOfYear, ...]
    """Days that are closed like public holidays, every year, e.g. 12-24; at most 40."""
    closed_occupations: tuple[OccupationGroup, ...]
    """Work that closes on public holidays whatever its shifts (ISCO codes, whole groups)."""
    open_occupations: Mapping[Sector, tuple[OccupationGroup, ...]]
    """Work that goes on on public holidays, by sector (ISCO codes, whole groups)."""
    open_with_sunday: Flag
    """Whether other work with a shift on Sunday goes on on public holidays."""


class Weights(BaseModel):
    """Weight of each component of fit; a weight of 0 switches the component off."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

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
    year_ends: DayOfYear = "12-31"
    """Last day of the year that they are for, month first."""

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

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    citizens: Mapping[str, Any] = Field(default_factory=dict)
    """Of citizens."""
    openings: Mapping[str, Any] = Field(default_factory=dict)
    """Of openings."""
    teams: Mapping[str, Any] = Field(default_factory=dict)
    """Of Danish classes."""


Permille = Annotated[int, Field(strict=True, ge=0, le=1000)]
MicroPoints = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]


class Horizon(Section):
    """Weeks ahead: whether what placements hold then has a price now, and how it is found.

    Mentor hours, class seats and weekly money that a placement takes are gone until it ends. Where
    this is on, a run prices them by what they would bring in the weeks ahead, and the second goal
    is fit less that price. The first goal is never touched.
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
    start_points: Points = 1000
    """What a placement of the weeks ahead is worth beside its fit, points."""
    week_points: Points = 0
    """What a week in a placement is worth, points: beside its fit in the weeks ahead, and off the
    price of the offer itself, so that a long placement does not pay for lasting alone."""
    cap: Points = 1000
    """Most points that the price of one offer may be."""
    leaving_permille: Permille = 25
    """Of 1000 placements, how many end in a week before their time, where little is known."""
    leaving_weight: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 400
    """How many weeks of placements that figure counts as (a Beta prior)."""
    prices: Mapping[str, tuple[MicroPoints, ...]] = Field(default_factory=dict)
    """Millionths of a point that a unit of a row costs one week from now, two weeks ...; by the
    row's name. A run works them out and freezes them here: nobody writes them by hand."""
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

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

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
