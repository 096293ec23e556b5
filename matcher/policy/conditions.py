"""Sections on what a placement must meet: measures, duty, ratio, travel, Danish, papers, days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field

from matcher.policy.quantities import (
    Clock,
    Count,
    DayOfYear,
    Days,
    Flag,
    Minutes,
    Months,
    OccupationGroup,
    Points,
    Section,
    Speed,
    Tariff,
    WeekHours,
    Weeks,
    Years,
)
from matcher.records import Benefit, Blocks, Category, Sector

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
