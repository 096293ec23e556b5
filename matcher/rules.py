"""The hard rules, a declaration each: what is compared, how, in which unit, and its sentences.

A rule compares a value with a limit: either the value must be *at most* the limit, or *at least*.
An offer that breaks a rule does not exist. Ids are never reused. The values are whole numbers in
the rule's unit; the sentence is rendered from them, so that a failure is data first. How value and
limit are worked out stands in :mod:`matcher.offers`; of a plain rule there is nothing to work out.

========== ==========================================================================
scope      what the rule looks at
========== ==========================================================================
citizen    the citizen alone
opening    the opening alone
pair       citizen and opening
measure    one measure for this citizen at this opening; the pair is lost when every
           measure the opening accepts is lost
offer      the finished offer: measure and supports together
========== ==========================================================================
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from matcher.records import HEALTH_CODES, PAPERS
from matcher.texts import Language as Language
from matcher.texts import Speech, catalogue, write

Unit = Literal["", "date", "minutes", "hours", "clock", "level", "grade", "count", "years",
               "months", "weeks", "points", "staff", "yes"]  # fmt: skip

NEVER = 4_000_000
"""A day number later than any date: the paper cannot be had."""
UNKNOWN = -1
"""A value that is not in the tables."""
UNKNOWN_YEARS = 999
"""A number of years that is not in the tables, where most is compared; as a limit: none."""


@dataclass(frozen=True)
class Rule:
    """A hard rule."""

    id: str
    """Unique, snake_case, never reused; the reason code."""
    scope: Literal["citizen", "opening", "pair", "measure", "offer"]
    """What it looks at."""
    sense: Literal["most", "least"]
    """Whether the value must be at most or at least the limit."""
    unit: Unit
    """Unit of value and limit: day number, minutes (a week, or of way), level, ..."""
    value: str
    """What the value is made of: columns (``table.column``), keys of the policy
    (``section.key``)."""
    limit: str
    """What the limit is made of; empty: a number that is part of the rule."""
    about: str = ""
    """Key of the catalogue that names what it is about, where rules share their texts."""
    plain: bool = False
    """Whether a column is compared with a column (for a measure, a key of it) as they stand: then
    this declaration is all there is. An empty limit is none; a value is never empty."""
    room: bool = False
    """Whether it speaks of room, not of the match."""
    bare: bool = False
    """Whether value and limit say nothing where it holds."""

    @property
    def scale(self) -> int:
        """Units of the rule in one of a column or key."""
        return {"hours": 60, "staff": 100}.get(self.unit, 1)

    @property
    def no_limit(self) -> int:
        """A limit that everything holds."""
        return 0 if self.sense == "least" else UNKNOWN_YEARS if self.unit == "years" else NEVER

    def breaks(self, value: Any, limit: Any) -> Any:
        """Whether values are on the wrong side of limits: numbers, or arrays of them."""
        return value > limit if self.sense == "most" else value < limit

    def short(self, language: Language) -> str:
        """Return the rule's name in a table."""
        return self._written("rule", language)

    def sentence(self, value: int, limit: int, language: Language) -> str:
        """Say what failed, with both values."""
        if self.unit == "date" and value >= NEVER:
            return write("fails.never", {"name": self.short(language)}, language)
        facts = {name: shown(number, self.unit, language)
                 for name, number in (("value", value), ("limit", limit))}  # fmt: skip
        return self._written("fails", language, **facts)

    def _written(self, section: str, language: Language, **facts: str) -> str:
        """Write a text of the rule; those that share it say what they are about."""
        if not self.about:
            return write(f"{section}.{self.id}", facts, language)
        kind = self.about.partition(".")[0]
        name = catalogue(language)[self.about]
        return write(f"{section}.{kind}", {**facts, "name": name}, language)


def shown(value: int, unit: Unit, language: Language) -> str:
    """Write a value in its unit for people."""
    say = Speech(language)
    if value == UNKNOWN or (unit == "years" and value >= UNKNOWN_YEARS):
        return say("value.unknown")
    if unit == "date":
        return say("value.never") if value >= NEVER else say.date(dt.date.fromordinal(value))
    if unit == "hours":
        hours = say.hours(value)
        return write("value.hours", {"hours": hours}, language, one=hours == "1")
    if unit == "clock":
        return f"{value // 60:02d}:{value % 60:02d}"
    if unit == "level":
        return say(f"level_name.{value}")
    if unit == "staff":
        return say.decimal(value / 100, 2)
    key = f"value.{unit}"
    if key not in catalogue(language):
        return str(value)
    return write(key, {"value": value}, language, one=value == 1)


def _health_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            f"health_{code}", "pair", "most", "grade",
            f"openings.demand_{code}", f"citizens.limit_{code} citizens.must_limits",
            about=f"health.{code}",
        )
        for code in HEALTH_CODES
    )  # fmt: skip


def _paper_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            f"paper_{code}", "pair", "most", "date",
            f"citizens.paper_{code} openings.papers courses.ready_on courses.seats",
            "openings.start_to openings.shifts openings.public_holidays", about=f"paper.{code}",
        )
        for code in PAPERS
    )  # fmt: skip


_RULES = (
    Rule("already_placed", "citizen", "most", "count",
         "running.citizen_id running.end", ""),
    Rule("fewest_hours", "citizen", "least", "hours",
         "citizens.capacity_hours", "start.fewest_hours"),
    Rule("opening_full", "opening", "least", "count",
         "openings.seats running.opening_id running.end", "", room=True),
    Rule("measure_none", "opening", "least", "count",
         "openings.measures", "",
         bare=True),
    Rule("start_window", "pair", "most", "date",
         "citizens.available_from openings.start_from start.notice_days",
         "openings.start_to openings.shifts openings.public_holidays start.longest_lead_days"),
    Rule("hours", "pair", "least", "hours",
         "citizens.capacity_hours citizens.ramp_hours openings.ramp_weeks",
         "openings.hours_min"),
    Rule("day_hours", "pair", "most", "hours",
         "openings.hours_min openings.shifts", "citizens.capacity_hours_day"),
    Rule("duty_week", "pair", "most", "hours",
         "openings.hours_min citizens.class_blocks citizens.treatment_blocks",
         "duty_week.hours"),
    Rule("shift_class", "pair", "most", "minutes",
         "openings.shifts citizens.class_blocks travel.buffer_minutes", ""),
    Rule("shift_treatment", "pair", "most", "minutes",
         "openings.shifts citizens.treatment_blocks travel.buffer_minutes", ""),
    Rule("shift_other", "pair", "most", "minutes",
         "openings.shifts citizens.other_blocks travel.buffer_minutes", ""),
    Rule("shift_care", "pair", "most", "minutes",
         "openings.shifts citizens.care_blocks citizens.youngest_child "
         "citizens.partner_can_care citizens.household_id childcare.child_under",
         ""),
    Rule("odd_hours", "pair", "most", "minutes",
         "openings.shifts citizens.single_provider citizens.accepts_odd_hours odd_hours.blocks",
         ""),
    Rule("early_transport", "pair", "least", "clock",
         "openings.shifts citizens.postcode workplaces.postcode citizens.has_car "
         "citizens.has_bicycle",
         "travel.first_transit"),
    *_health_rules(),
    Rule("language_oral", "pair", "least", "level",
         "citizens.oral",
         "openings.oral_floor openings.language_gap_ok language.gap_with_class"),
    Rule("language_reading", "pair", "least", "level",
         "citizens.reading",
         "openings.reading_floor openings.language_gap_ok language.gap_with_class"),
    Rule("language_class", "pair", "least", "count",
         "citizens.oral citizens.reading openings.oral_floor openings.reading_floor "
         "teams.seats teams.level_from teams.level_to teams.blocks",
         ""),
    *_paper_rules(),
    Rule("commute", "pair", "most", "minutes",
         "citizens.postcode workplaces.postcode citizens.has_car citizens.has_bicycle",
         "citizens.max_commute travel.hard_minutes"),
    Rule("refusal", "pair", "most", "count",
         "citizens.refusals openings.isco", ""),
    Rule("age_min", "pair", "least", "years",
         "citizens.age", "openings.age_min", plain=True),
    Rule("age_max", "pair", "most", "years",
         "citizens.age", "openings.age_max", plain=True),
    Rule("forbidden", "pair", "most", "count",
         "forbids.citizen_id forbids.opening_id forbids.workplace_id forbids.until", "", bare=True),
    Rule("mentor", "pair", "least", "hours",
         "mentor_pools.hours mentor_pools.workplace_id mentor_pools.municipality "
         "running.mentor_hours",
         "citizens.mentor_hours openings.mentor_hours"),
    Rule("sector", "measure", "least", "yes",
         "workplaces.sector", "measures.sectors"),
    Rule("category", "measure", "least", "yes",
         "citizens.category", "measures.categories"),
    Rule("target_group", "measure", "least", "yes",
         "citizens.benefit citizens.assistance_months_48 citizens.passed_pd2 "
         "citizens.completed_grade6",
         "measures.target_group"),
    Rule("duration_left", "measure", "least", "weeks",
         "citizens.category citizens.integration_act citizens.practice_weeks_used "
         "citizens.subsidy_weeks_used citizens.nytteindsats_weeks_used measures.weeks "
         "measures.weeks_used",
         ""),
    Rule("prior_benefit", "measure", "least", "months",
         "citizens.benefit_months",
         "citizens.qualifying_education citizens.age citizens.single_provider "
         "measures.prior_benefit prior_benefit.months"),
    Rule("last_employer", "measure", "most", "yes",
         "citizens.last_employer citizens.category workplaces.employer_id "
         "measures.bars_last_employer measures.bars_last_employer_for", ""),
    Rule("ratio", "measure", "least", "count",
         "workplaces.ordinary_staff workplaces.ordinary_fte workplaces.other_ratio_places "
         "running.measure measures.ratio_rule",
         "", room=True),
    Rule("net_increase", "measure", "least", "staff",
         "workplaces.staff_last_month workplaces.employer_id",
         "workplaces.staff_mean_12m measures.net_increase"),
    Rule("dismissal", "measure", "most", "yes",
         "workplaces.dismissed_3m measures.net_increase", ""),
    Rule("representative", "measure", "least", "yes",
         "workplaces.representative_agrees", "measures.representative measures.net_increase"),
    Rule("measure_age_min", "measure", "least", "years",
         "citizens.age", "measures.age_min", plain=True),
    Rule("measure_age_max", "measure", "most", "years",
         "citizens.age", "measures.age_max", plain=True),
    Rule("residence", "measure", "least", "yes",
         "citizens.refugee_or_reunified", "measures.refugee_or_reunified"),
    Rule("years_in_denmark", "measure", "most", "years",
         "citizens.years_in_denmark",
         "measures.years_in_denmark_max measures.years_in_denmark_under"),
    Rule("recent_job_there", "measure", "least", "months",
         "citizens.months_since_job citizens.last_employer workplaces.employer_id",
         "measures.months_since_job_there"),
    Rule("measure_hours", "measure", "least", "hours",
         "openings.hours_max openings.shifts citizens.capacity_hours_day "
         "citizens.capacity_hours citizens.class_blocks measures.school_hours "
         "duty_week.hours",
         "openings.hours_min measures.hours_min"),
    Rule("support_week", "offer", "least", "hours",
         "openings.hours_max openings.shifts citizens.capacity_hours_day "
         "citizens.capacity_hours citizens.class_blocks teams.blocks duty_week.hours",
         "openings.hours_min measures.hours_min start.fewest_hours"),
    Rule("fit_floor", "offer", "least", "points",
         "", "fit.floor"),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
"""All hard rules by id, in the order they are checked and shown."""
REACH = "commute"
"""The rule that says what is in reach: counted over all openings, and told apart."""
