"""The policy: dated rules, weights, floors, tiers and money. Data, not code.

A policy file holds periods; :func:`load_policy` picks what holds on a day, lays a user's own file
over it key by key, and returns one frozen :class:`Policy`. Unknown keys and wrong types are errors
that name the key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
import types
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from matcher.errors import InternalError, PolicyError
from matcher.records import PAPERS, Benefit, Blocks, Category, Choice, Sector

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
Budget = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
"""DKK a week that is left; large enough for a line without a limit."""
Weight = Annotated[int, Field(strict=True, ge=0, le=1000)]
"""Weight of a component."""
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day, from 00:00 to 23:59."""


def _day(value: object) -> object:
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        return dt.date.fromisoformat(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise ValueError("not a date")


_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Day = Annotated[dt.date, BeforeValidator(_day)]
"""A whole day; a number of seconds or a time of day is none."""


class Section(BaseModel):
    """One dated part of the policy; frozen, unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    valid_from: Day
    """First day it holds."""
    valid_to: Day | None = None
    """Last day it holds. Missing: until further notice."""
    source: str
    """Where the figures come from."""


class Measure(Section):
    """A legal form of placement (foranstaltning)."""

    english: str
    """Name in English."""
    danish: str
    """Name in Danish, as the law and the case system have it."""
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
    prior_benefit: Flag = False
    """Whether months of benefit are needed first."""
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
    """Most years of residence."""
    months_since_job_there: Months | None = None
    """Months since an ordinary job at the same employer must have ended."""
    hours_min: WeekHours = 0.0
    """Fewest hours of work a week."""
    school_hours: WeekHours = 0.0
    """School hours a week that belong to the measure and count toward the week."""
    cost_per_hour: Price = 0
    """What an hour of work costs the municipality, DKK."""
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
    """Whether staff is counted in heads or in full-time equivalents (empty: heads)."""


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


class Fit(Section):
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
    """Points of fit lost when a previous proposal is changed."""


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


class Programme(Section):
    """The target the report holds the pace against."""

    target: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    """Placements."""
    weeks: Annotated[int, Field(strict=True, ge=1, le=2000)]
    """Weeks to reach them in."""


class Checks(Section):
    """When input is too bad to run on."""

    bad_rows_percent: Annotated[float, Field(strict=True, ge=0, le=100)]
    """Share of quarantined rows, in any needed table, above which the run stops."""


class ForbidReason(BaseModel):
    """A neutral reason for a rejection."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    english: str
    """In English."""
    danish: str
    """In Danish."""
    weeks: Weeks
    """Weeks it holds, where no last day is given."""


class ForbidReasons(Section):
    """Why a match may be ruled out."""

    codes: Mapping[str, ForbidReason]
    """By code."""


class GroupFloor(BaseModel):
    """At least so many placements from a group; off unless given."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    column: Literal["category", "benefit", "oral", "postcode", "caseworker_id", "single_provider"]
    """The column of the citizens' table."""
    value: str
    """The value that makes the group."""
    at_least: Count
    """Placements."""

    @field_validator("value", mode="before")
    @classmethod
    def _canonical(cls, value: object, info: ValidationInfo) -> object:
        """Bring a value to the text that the column holds: `aktivitetsparat`, `nej`, ` 8000`."""
        column = info.data.get("column")
        if column is None or not isinstance(value, str | int | float):
            return value
        return _group_value(column, str(value).strip())


_GROUP_CODES: Mapping[str, Any] = {"category": Category, "benefit": Benefit}
_YES_NO = {
    **dict.fromkeys(("yes", "ja", "true", "1"), "true"),
    **dict.fromkeys(("no", "nej", "false", "0"), "false"),
}


def _group_value(column: str, text: str) -> str:
    """Text of a value in the citizens' table, as it is compared; ValueError: no such value."""
    if column in _GROUP_CODES:
        try:
            return str(_GROUP_CODES[column](text))
        except ValueError:
            raise ValueError(f"expected {_one_of(_GROUP_CODES[column])}") from None
    if column == "single_provider":
        if text.lower() not in _YES_NO:
            raise ValueError("expected true or false")
        return _YES_NO[text.lower()]
    if column == "oral":
        if not re.fullmatch("[0-6]", text):
            raise ValueError("expected a whole number from 0 to 6")
    elif column == "postcode":
        if not re.fullmatch("[0-9]{4}", text):
            raise ValueError("expected four digits")
    elif not 1 <= len(text) <= 64:
        raise ValueError("expected text of 1 to 64 characters")
    return text


class Policy(BaseModel):
    """What holds on one day."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """Name of the policy."""
    version: str
    """Version of the policy file."""
    on: Day
    """The day."""
    measures: Mapping[str, Measure]
    """Measures in force, by id."""
    duty_week: DutyWeek
    prior_benefit: PriorBenefit
    ratio_rule: RatioRule
    net_increase: NetIncrease
    target_group: TargetGroup
    hours_225: Hours225 | None = None
    childcare: Childcare
    odd_hours: OddHours
    travel: Travel
    language: Language
    papers: Papers
    start: Start
    fit: Fit
    tiers: Tiers
    money: Money
    programme: Programme
    checks: Checks
    forbid_reasons: ForbidReasons
    group_floors: tuple[GroupFloor, ...] = ()
    overrides: tuple[str, ...] = ()
    """Keys changed by the user's own file, as ``path: old -> new``."""

    def digest(self) -> str:
        """Hash of all that holds, for caching and provenance."""
        return hashlib.blake2b(self.model_dump_json().encode(), digest_size=8).hexdigest()


BUILT_IN = "denmark"
"""Name of the policy that ships with the package."""


def load_policy(
    on: dt.date, override: Path | Mapping[str, Any] | None = None, *, file: Path | None = None
) -> Policy:
    """Read the policy of a day.

    Parameters
    ----------
    on
        The day.
    override
        A user's own TOML file (or its content) that replaces single keys of what holds on the day.
    file
        A whole policy file instead of the built-in one.

    Raises
    ------
    PolicyError
        A file cannot be read, a key is unknown, a value has the wrong type, periods overlap, or
        nothing holds on the day; the message names file and key.
    """
    origin = str(file) if file else f"policies/{BUILT_IN}.toml"
    text = (
        _text(file)
        if file
        else resources.files("matcher").joinpath("policies", f"{BUILT_IN}.toml").read_text("utf-8")
    )
    whole = _parsed(text, origin)
    content = _in_force(whole, on, origin)
    spent = _lines_of(whole)
    listed = _budgets(content)
    patch: Mapping[str, Any] = {}
    if override is not None:
        patch, origin = _override(override)
        listed = _budgets(patch) - listed
    policy = _made({**content, "on": on}, patch, origin)
    _raise(origin, _budget_problems(policy, listed, spent))
    return policy


def override_of(policy: Policy, changes: Mapping[str, Any], origin: str = "override") -> Policy:
    """Return a policy with single keys replaced; what a user's own file does, from Python.

    A budget line that is not listed has no limit here; a file must list it.
    """
    return _made(policy.model_dump(mode="json"), changes, origin)


def _made(content: dict[str, Any], patch: Mapping[str, Any], origin: str) -> Policy:
    """Lay a patch over what holds and check all of it; every problem is told at once."""
    no_225 = content.get("hours_225") is None
    changes: list[str] = list(content.get("overrides", ()))
    problems: list[str] = []
    _lay_over(content, patch, (), changes, problems)
    content["overrides"] = changes
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        issues = error.errors(include_url=False)
        if no_225 and any(
            issue["loc"][0] == "hours_225" and issue["type"] == "missing" for issue in issues
        ):
            problems.append(f"hours_225: no 225-hour rule holds on {content['on']}")
            issues = [issue for issue in issues if issue["loc"][0] != "hours_225"]
        # A list is told by its members where these are at fault.
        inner = {issue["loc"][:at] for issue in issues for at in range(len(issue["loc"]))}
        told = [_told(issue) for issue in issues if issue["loc"] not in inner]
        _raise(origin, [*problems, *dict.fromkeys(told)])
        raise InternalError(f"{origin}: {error}") from None
    _raise(origin, [*problems, *_senseless(policy)])
    return policy


def _raise(origin: str, problems: Iterable[str]) -> None:
    """Raise when there are problems, a line each."""
    if lines := [f"{origin}: {problem}" for problem in problems]:
        raise PolicyError("\n".join(lines))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{file}: cannot be read as UTF-8 text ({error})") from None


def _parsed(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # a TOMLDecodeError, or a number of thousands of digits
        raise PolicyError(f"{origin} is not TOML: {error}") from None


def _override(override: Path | Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    if isinstance(override, Path):
        return _parsed(_text(override), str(override)), str(override)
    return override, "override"


def _in_force(content: dict[str, Any], on: dt.date, origin: str) -> dict[str, Any]:
    """Pick from each section the one period that holds on the day."""
    picked: dict[str, Any] = {}
    for key, value in content.items():
        if key == "measures":
            if not isinstance(value, dict):
                raise PolicyError(f"{origin}: measures: expected periods under [[measures.NAME]]")
            measures = {
                name: _period(f"measures.{name}", periods, on, origin)
                for name, periods in value.items()
            }
            picked[key] = {name: period for name, period in measures.items() if period is not None}
        elif isinstance(value, list) and all(isinstance(period, dict) for period in value):
            period = _period(key, value, on, origin)
            if period is not None:
                picked[key] = period
            elif key in Policy.model_fields and Policy.model_fields[key].is_required():
                raise PolicyError(f"{origin}: nothing holds on {on.isoformat()} for '{key}'")
        else:
            picked[key] = value
    return picked


def _period(key: str, periods: Any, on: dt.date, origin: str) -> dict[str, Any] | None:
    if not (isinstance(periods, list) and all(isinstance(period, dict) for period in periods)):
        raise PolicyError(f"{origin}: {key}: expected periods, each under [[{key}]]")
    holding = []
    for period in periods:
        first, last = period.get("valid_from"), period.get("valid_to")
        if not _is_day(first) or not (last is None or _is_day(last)):
            raise PolicyError(f"{origin}: {key}: valid_from and valid_to must be dates")
        if first <= on and (last is None or on <= last):
            holding.append(period)
    if len(holding) > 1:
        raise PolicyError(f"{origin}: two periods of '{key}' hold on {on.isoformat()}")
    return dict(holding[0]) if holding else None


def _is_periods(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _is_day(value: object) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


_FREE_KEYS = {
    ("money", "budgets"),
    ("forbid_reasons", "codes"),
    ("papers", "days_when_missing"),
    ("papers", "days_when_pending"),
    ("money", "lines"),
}


def _lay_over(
    content: dict[str, Any],
    patch: Mapping[str, Any],
    path: tuple[str, ...],
    changes: list[str],
    problems: list[str],
) -> None:
    """Replace the keys of ``content`` that ``patch`` names; note each change and unknown key."""
    known = _known_keys(path)
    for key, value in patch.items():
        here = (*path, key)
        if known is not None and path:
            known |= set(content)
        if known is not None and key not in known:
            problems.append(_unknown(here, known))
            continue
        old = content.get(key)
        if isinstance(old, dict) and isinstance(value, Mapping):
            branch = dict(old)
            _lay_over(branch, value, here, changes, problems)
            content[key] = branch
        else:
            content[key] = value
            if old != value:
                changes.append(f"{'.'.join(here)}: {_shown(old)} -> {_shown(value)}")


def _known_keys(path: tuple[str, ...]) -> set[str] | None:
    """Keys that may stand at a path; None where any key may."""
    if path in _FREE_KEYS or (len(path) == 3 and path[:2] == ("forbid_reasons", "codes")):
        return None
    if not path:
        return {name for name in Policy.model_fields if name not in {"on", "overrides"}}
    if path == ("measures",):
        return set()
    if path == ("fit", "weights"):
        return set(Weights.model_fields)
    if len(path) == 2 and path[0] == "measures":
        return set(Measure.model_fields)
    if len(path) == 3 and path[0] == "measures":
        return {str(code) for code in (*Category, *Sector)}
    sections: dict[str, type[BaseModel]] = {
        name: info.annotation
        for name, info in Policy.model_fields.items()
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section)
    }
    sections["hours_225"] = Hours225
    return set(sections[path[0]].model_fields) if len(path) == 1 and path[0] in sections else set()


def _unknown(path: Iterable[str], known: Iterable[str]) -> str:
    return f"unknown key '{'.'.join(path)}'; known: {', '.join(sorted(known))}"


def _senseless(policy: Policy) -> Iterator[str]:
    """Tell of keys that point at nothing, and of values that cannot hold together."""
    papers = {
        *policy.papers.days_when_missing,
        *policy.papers.days_when_pending,
        *policy.papers.course_papers,
    }
    if unknown := papers - set(PAPERS):
        yield (f"papers: unknown codes {', '.join(sorted(unknown))}; known: {', '.join(PAPERS)}")
    if not any(value for name, value in policy.fit.weights if name != "hours_225"):
        yield "fit.weights: at least one beside hours_225 must be above 0"
    if policy.travel.zero_points_minutes <= policy.travel.full_points_minutes:
        yield "travel.zero_points_minutes must be above full_points_minutes"
    if "other" not in policy.forbid_reasons.codes:
        yield "forbid_reasons.codes.other must stay: it is always allowed"
    sections = {name: value for name, value in policy if isinstance(value, Section)}
    for name, measure in policy.measures.items():
        sections[f"measures.{name}"] = measure
        if None not in (measure.age_min, measure.age_max) and measure.age_min > measure.age_max:  # type: ignore[operator]
            yield f"measures.{name}.age_min must not be above age_max"
    for name, section in sections.items():
        if section.valid_from > policy.on:
            yield (
                f"{name}.valid_from = {section.valid_from}: expected a date up to {policy.on};"
                " what holds on a day cannot be made to start after it"
            )
        if section.valid_to is not None and section.valid_to < policy.on:
            yield (
                f"{name}.valid_to = {section.valid_to}: expected a date from {policy.on} on;"
                " what holds on a day cannot be made to end before it"
            )


def _budget_problems(policy: Policy, listed: set[str], spent: set[str]) -> Iterator[str]:
    """Tell of lines that are paid from but not listed, and of lines listed that pay for nothing."""
    money = policy.money
    users = {f"money.lines.{support}": line for support, line in money.lines.items()}
    users |= {
        f"measures.{name}.budget": measure.budget
        for name, measure in policy.measures.items()
        if measure.budget is not None
    }
    for key, line in users.items():
        if line not in money.budgets:
            names = ", ".join(money.budgets) or "none"
            yield f"{key} = {_shown(line)}: expected a line of money.budgets ({names})"
    used = {*users.values(), *spent}
    for line in sorted(listed - used):
        yield (
            f"money.budgets.{line} pays for nothing: no measure and none of money.lines names it;"
            f" lines in use: {', '.join(sorted(used))}"
        )


def _budgets(content: Mapping[str, Any]) -> set[str]:
    """Names of the budget lines that some content lists."""
    money = content.get("money")
    budgets = money.get("budgets") if isinstance(money, Mapping) else None
    return set(budgets) if isinstance(budgets, Mapping) else set()


def _lines_of(whole: Mapping[str, Any]) -> set[str]:
    """Names of the lines that the measures of a whole file are paid from, whatever the day."""
    return {
        period["budget"]
        for periods in dict(whole.get("measures", {})).values()
        for period in periods
        if isinstance(period.get("budget"), str)
    }


def _told(issue: Mapping[str, Any]) -> str:
    """One problem of validation in plain words: key, value, what is expected."""
    loc = tuple(part for part in issue["loc"] if part != "[key]")
    key = _dotted(loc)
    if issue["loc"][-1] == "[key]":
        return f"unknown key '{key}'; {_expected(issue['loc'])}"
    if issue["type"] == "extra_forbidden":
        model = _field(loc[:-1])[0]
        return _unknown([key], set(model.model_fields) - {"on", "overrides"})
    if issue["type"] == "missing":
        return f"{key} is missing: {_expected(loc)}"
    value, reason = issue["input"], _expected(loc)
    if issue["type"] == "value_error" and isinstance(value, str | int | float):
        told = str(issue["ctx"]["error"])
        reason = told if "expected" in told else reason
    elif reason == "expected a table" and _is_periods(value):
        reason = f"expected a table, [{key}] and not [[{key}]]"
    return f"{key} = {_shown(value)}: {reason}"


def _dotted(loc: Iterable[int | str]) -> str:
    """Return a key as a person writes it; places in a list are counted from 1."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".")


@lru_cache(maxsize=256)
def _expected(loc: tuple[int | str, ...]) -> str:
    return f"expected {_words(*_field(loc))}"


def _field(loc: tuple[int | str, ...]) -> tuple[Any, list[Any]]:
    """Type and constraints of the value at a place of the policy."""
    kind: Any = Policy
    marks: list[Any] = []
    for at, part in enumerate(loc):
        if part == "[key]" or _is_blocks(marks):
            break
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            info = kind.model_fields[str(part)]
            kind, marks = info.annotation, list(info.metadata)
        else:
            # Of a mapping: its values, or its keys where "[key]" follows; of a list: its members.
            arguments = typing.get_args(kind)
            keyed = loc[at + 1 :] == ("[key]",)
            kind, marks = arguments[0 if keyed or isinstance(part, int) else -1], []
        while typing.get_origin(kind) in {Annotated, typing.Union, types.UnionType}:
            inner, *rest = typing.get_args(kind)
            if typing.get_origin(kind) is Annotated:
                marks += [
                    mark for one in rest for mark in (getattr(one, "metadata", None) or [one])
                ]
            kind = inner
    return kind, marks


_PLAIN: Mapping[Any, str] = {
    bool: "true or false",
    str: "text",
    dt.date: "a date, e.g. 2026-11-23",
}


def _words(kind: Any, marks: Collection[Any]) -> str:
    """Describe a type and its bounds."""
    bounds = {
        name: getattr(mark, name)
        for mark in marks
        for name in ("ge", "gt", "le", "min_length", "pattern")
        if getattr(mark, name, None) is not None
    }
    if kind in {int, float}:
        noun = "a whole number" if kind is int else "a number"
        if "gt" in bounds:
            return f"{noun} above {bounds['gt']}, at most {bounds['le']}"
        return f"{noun} from {bounds['ge']} to {bounds['le']}" if "ge" in bounds else noun
    if "pattern" in bounds:
        return 'a time of day from "00:00" to "23:59"'
    if _is_blocks(marks):
        return "blocks of time, e.g. 'mon-fri 07:00-15:00'"
    if typing.get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Choice)):
        return _one_of(kind)
    if typing.get_origin(kind) is tuple:
        return f"a list of {bounds['min_length']}" if "min_length" in bounds else "a list"
    return _PLAIN.get(kind, "a table")


def _is_blocks(marks: Collection[Any]) -> bool:
    return any(isinstance(mark, BeforeValidator) and mark.func is not _day for mark in marks)


def _one_of(kind: Any) -> str:
    codes = typing.get_args(kind) or tuple(member.value for member in kind)
    return f"one of {', '.join(codes)}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
