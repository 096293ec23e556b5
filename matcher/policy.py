"""The policy: dated rules, weights, floors, tiers and money. Data, not code.

A policy file holds periods; :func:`load_policy` picks what holds on a day, lays a user's own file
over it key by key, and returns one frozen :class:`Policy`. Unknown keys and wrong types are errors
that name the key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matcher.errors import PolicyError
from matcher.records import PAPERS, Benefit, Blocks, Category, Sector

Points = Annotated[int, Field(ge=0, le=1000)]
"""Points of fit or of one component, 0-1000."""
Minutes = Annotated[int, Field(ge=0, le=1440)]
"""Minutes."""


class Section(BaseModel):
    """One dated part of the policy; frozen, unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=False, use_attribute_docstrings=True
    )

    valid_from: dt.date
    """First day it holds."""
    valid_to: dt.date | None = None
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
    ordinary_hours: bool = False
    """Whether it is paid, ordinary, unsubsidised work."""
    weeks: Mapping[Category, int] = Field(default_factory=dict)
    """Longest duration by category, in weeks. A category left out: no limit."""
    weeks_integration_act: int | None = None
    """Longest duration for citizens under the Integration Act, in weeks. Missing: as the others."""
    weeks_used: Literal["practice", "subsidy", "nytteindsats"] | None = None
    """Which weeks already used count against the duration."""
    ratio_rule: bool = False
    """Whether a placement takes a place under the ratio rule (rimelighedskrav)."""
    net_increase: bool = False
    """Whether the employer must have a net increase of staff (merbeskæftigelse)."""
    bars_last_employer: bool = False
    """Whether the last employer is barred."""
    prior_benefit: bool = False
    """Whether months of benefit are needed first."""
    representative: bool = False
    """Whether the employees' representative must be informed or agree."""
    target_group: bool = False
    """Whether only the target group of the nytteindsats may have it."""
    age_min: int | None = None
    """Lowest age."""
    age_max: int | None = None
    """Highest age."""
    refugee_or_reunified: bool = False
    """Whether residence must rest on asylum or family reunification."""
    years_in_denmark_max: int | None = None
    """Most years of residence."""
    months_since_job_there: int | None = None
    """Months since an ordinary job at the same employer must have ended."""
    hours_min: float = 0.0
    """Fewest hours of work a week."""
    school_hours: float = 0.0
    """School hours a week that belong to the measure and count toward the week."""
    cost_per_hour: int = 0
    """What an hour of work costs the municipality, DKK."""
    budget: str | None = None
    """The budget line that pays."""


class DutyWeek(Section):
    """How many hours a week may hold, and what counts toward them (arbejdspligt)."""

    hours: Annotated[float, Field(gt=0, le=60)]
    """Most hours a week: job, class, school and treatment together."""
    counts: tuple[str, ...]
    """What counts toward the duty."""
    duty: bool
    """Whether the work duty is in force."""


class PriorBenefit(Section):
    """Months of benefit before a wage subsidy, and who is excepted."""

    months: int
    """Months of benefit needed."""
    waived_without_education: bool
    """Waived for those without a qualifying education."""
    waived_over_age: int | None = None
    """Waived for those older than this."""
    waived_single_provider: bool
    """Waived for single providers."""


class RatioRule(Section):
    """Places for subsidised people and trainees against ordinary staff (rimelighedskrav)."""

    first_per: Annotated[int, Field(ge=1)]
    """One place for so many ordinary employees ..."""
    first_up_to: Annotated[int, Field(ge=0)]
    """... up to so many employees,"""
    then_per: Annotated[int, Field(ge=1)]
    """then one place for so many more."""
    at_least: Annotated[int, Field(ge=0)]
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
    assistance_months_48: int
    """... for so many of the last 48 months, and lacks Prøve i Dansk 2 or the 6th grade."""


class Hours225(Section):
    """The 225-hour rule: ordinary hours needed to keep the full benefit (225-timersreglen)."""

    hours: int
    """Ordinary hours in 12 months."""
    benefit_months: int
    """Months on benefit after which the rule applies."""
    benefits: tuple[Benefit, ...]
    """Benefits it applies to."""


class Childcare(Section):
    """When small children are looked after."""

    child_under: int
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
    share_of_day_percent: Annotated[int, Field(ge=0, le=100)]
    """Travel both ways above this share of the working day costs points."""
    detour_percent: Annotated[int, Field(ge=100, le=300)]
    """Length of the way against the straight line."""
    car_kmh: Annotated[float, Field(gt=0)]
    """Speed by car."""
    car_fixed_minutes: Minutes
    """Minutes added to each way by car."""
    bicycle_kmh: Annotated[float, Field(gt=0)]
    """Speed by bicycle."""
    bicycle_most_minutes: Minutes
    """Longest way by bicycle."""
    transit_kmh: Annotated[float, Field(gt=0)]
    """Speed by bus and train."""
    transit_fixed_minutes: Minutes
    """Minutes added to each way by bus and train: walk and wait."""
    first_transit: Annotated[str, Field(pattern=r"^\d{2}:\d{2}$")]
    """When the first bus leaves."""
    buffer_minutes: Minutes
    """Minutes between a shift and a class, treatment or other fixed time."""


class Language(Section):
    """What a Danish class beside the job makes possible."""

    gap_with_class: Annotated[int, Field(ge=0, le=6)]
    """Levels that may be missing when a class runs beside the job, where the opening is silent."""
    classes_per_offer: Annotated[int, Field(ge=1, le=20)]
    """How many classes are weighed for one match: at the workplace first, then nearest home."""


class Papers(Section):
    """When a paper can be in hand."""

    days_when_missing: Mapping[str, Annotated[int, Field(ge=0)]]
    """Days from today, for papers that are simply applied for."""
    days_when_pending: Mapping[str, Annotated[int, Field(ge=0)]]
    """Days from today, for papers under way."""
    course_papers: tuple[str, ...]
    """Papers that a short course gives."""
    courses_per_offer: Annotated[int, Field(ge=1, le=20)]
    """How many sessions are weighed for one match, earliest first."""


class Start(Section):
    """When work can start."""

    notice_days: Annotated[int, Field(ge=0)]
    """Days between the run and the first possible start."""
    longest_lead_days: Annotated[int, Field(ge=0)]
    """Days within which work must start when the opening names no last day."""
    fewest_hours: Annotated[float, Field(gt=0)]
    """Fewest hours a week worth starting with."""


class Weights(BaseModel):
    """Weight of each component of fit; a weight of 0 switches the component off."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    measure: Annotated[int, Field(ge=0)]
    """The measure's place in the order of evidence."""
    health: Annotated[int, Field(ge=0)]
    """Slack in the health limits."""
    language: Annotated[int, Field(ge=0)]
    """Danish against the floor of the job."""
    occupation: Annotated[int, Field(ge=0)]
    """Closeness to the occupations wished for."""
    hours: Annotated[int, Field(ge=0)]
    """Use of the hours the citizen can work."""
    commute: Annotated[int, Field(ge=0)]
    """The way to work."""
    experience: Annotated[int, Field(ge=0)]
    """Closeness to the occupations worked in."""
    prospect: Annotated[int, Field(ge=0)]
    """Prospect of ordinary hours afterwards."""
    hours_225: Annotated[int, Field(ge=0)]
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

    priority_step_weeks: Annotated[int, Field(ge=0)]
    """Weeks of waiting that add one step of priority; 0: every placement counts the same."""
    priority_most_steps: Annotated[int, Field(ge=0, le=100)]
    """Most steps that waiting can add; a placement counts 10 + steps."""
    change_cost: Points
    """Points of fit lost when a previous proposal is changed."""


class Money(Section):
    """Budgets and what supports cost."""

    mentor_cost_per_hour: Annotated[int, Field(ge=0)]
    """DKK an hour."""
    class_cost_per_week: Annotated[int, Field(ge=0)]
    """DKK a week for a class seat."""
    budgets: Mapping[str, Annotated[int, Field(ge=0)]]
    """DKK a week that is left, by budget line. A line left out has no limit."""
    lines: Mapping[Literal["mentor", "class", "course"], str]
    """The budget line that pays each support; a course is paid in full in its week."""


class Programme(Section):
    """The target the report holds the pace against."""

    target: Annotated[int, Field(ge=1)]
    """Placements."""
    weeks: Annotated[int, Field(ge=1)]
    """Weeks to reach them in."""


class Checks(Section):
    """When input is too bad to run on."""

    bad_rows_percent: Annotated[float, Field(ge=0, le=100)]
    """Share of quarantined rows, in any needed table, above which the run stops."""


class ForbidReason(BaseModel):
    """A neutral reason for a rejection."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    english: str
    """In English."""
    danish: str
    """In Danish."""
    weeks: Annotated[int, Field(ge=0)]
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
    at_least: Annotated[int, Field(ge=0)]
    """Placements."""


class Policy(BaseModel):
    """What holds on one day."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """Name of the policy."""
    version: str
    """Version of the policy file."""
    on: dt.date
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
        file.read_text("utf-8")
        if file
        else resources.files("matcher").joinpath("policies", f"{BUILT_IN}.toml").read_text("utf-8")
    )
    content = _in_force(_parsed(text, origin), on, origin)
    changes: list[str] = []
    if override is not None:
        patch, origin = _override(override)
        _lay_over(content, patch, (), origin, changes)
    content.update(on=on, overrides=tuple(changes))
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        lines = [
            f"{origin}: {'.'.join(str(part) for part in issue['loc'])} = {_shown(issue['input'])}:"
            f" {issue['msg']}"
            for issue in error.errors()
        ]
        raise PolicyError("\n".join(lines)) from None
    _check_sense(policy, origin)
    return policy


def override_of(policy: Policy, changes: Mapping[str, Any], origin: str = "override") -> Policy:
    """Return a policy with single keys replaced; what a user's own file does, from Python."""
    content = policy.model_dump(mode="json")
    made: list[str] = []
    _lay_over(content, changes, (), origin, made)
    content["overrides"] = [*policy.overrides, *made]
    try:
        changed = Policy.model_validate(content)
    except ValidationError as error:
        raise PolicyError(f"{origin}: {error}") from None
    _check_sense(changed, origin)
    return changed


def _parsed(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{origin} is not TOML: {error}") from None


def _override(override: Path | Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    if isinstance(override, Path):
        try:
            text = override.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyError(f"{override}: cannot be read as UTF-8 text ({error})") from None
        return _parsed(text, str(override)), str(override)
    return override, "override"


def _in_force(content: dict[str, Any], on: dt.date, origin: str) -> dict[str, Any]:
    """Pick from each section the one period that holds on the day."""
    picked: dict[str, Any] = {}
    for key, value in content.items():
        if key == "measures":
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
    holding = []
    for period in periods:
        first, last = period.get("valid_from"), period.get("valid_to")
        if not isinstance(first, dt.date) or not (last is None or isinstance(last, dt.date)):
            raise PolicyError(f"{origin}: {key}: valid_from and valid_to must be dates")
        if first <= on and (last is None or on <= last):
            holding.append(period)
    if len(holding) > 1:
        raise PolicyError(f"{origin}: two periods of '{key}' hold on {on.isoformat()}")
    return dict(holding[0]) if holding else None


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
    origin: str,
    changes: list[str],
) -> None:
    """Replace the keys of ``content`` that ``patch`` names; note each change."""
    known = _known_keys(path)
    for key, value in patch.items():
        here = (*path, key)
        if known is not None and key not in known and key not in content:
            hint = f"; known: {', '.join(sorted(known | set(content)))}"
            raise PolicyError(f"{origin}: unknown key '{'.'.join(here)}'{hint}")
        old = content.get(key)
        if isinstance(old, dict) and isinstance(value, Mapping):
            branch = dict(old)
            _lay_over(branch, value, here, origin, changes)
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


def _check_sense(policy: Policy, origin: str) -> None:
    """Raise when keys point at nothing: papers, budget lines, weights that add up to 0."""
    papers = {
        *policy.papers.days_when_missing,
        *policy.papers.days_when_pending,
        *policy.papers.course_papers,
    }
    if unknown := papers - set(PAPERS):
        raise PolicyError(
            f"{origin}: papers: unknown codes {', '.join(sorted(unknown))};"
            f" known: {', '.join(PAPERS)}"
        )
    if sum(policy.fit.weights.model_dump().values()) == 0:
        raise PolicyError(f"{origin}: fit.weights: all are 0; at least one must be above 0")
    if policy.travel.zero_points_minutes <= policy.travel.full_points_minutes:
        raise PolicyError(f"{origin}: travel.zero_points_minutes must be above full_points_minutes")
    if "other" not in policy.forbid_reasons.codes:
        raise PolicyError(f"{origin}: forbid_reasons.codes.other must stay: it is always allowed")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
