"""The policy of a day: every section together, what it says of a measure, and its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from matcher.policy.accountability import Accountability
from matcher.policy.conditions import (
    Childcare,
    DutyWeek,
    Hours225,
    Language,
    Measure,
    NetIncrease,
    OddHours,
    Papers,
    PriorBenefit,
    RatioRule,
    Start,
    TargetGroup,
    Travel,
    Workdays,
    WorkKind,
)
from matcher.policy.declines import Declines
from matcher.policy.floors import GroupFloor
from matcher.policy.municipality import (
    AiOrder,
    BenefitRates,
    Contacts,
    MentorGrant,
    NationalCeiling,
)
from matcher.policy.practice import (
    Checks,
    Declared,
    FitRules,
    ForbidReasons,
    Horizon,
    Letter,
    Money,
    Oversight,
    Programme,
    Proposing,
    Retention,
    Tiers,
    Triage,
    Unknown,
    Unlocking,
)
from matcher.policy.quantities import Day, Section
from matcher.policy.remembered import once_each
from matcher.policy.serving import Serve
from matcher.records import TABLES, cell_value
from matcher.texts import ENGLISH, LANGUAGES, own_catalogue


def _in_languages(key: str, english: str, danish: str) -> dict[str, str]:
    """Give a name, which a policy has in two languages, in all; a catalogue may hold it."""
    others = {one: own_catalogue(one).get(key, english) for one in LANGUAGES}
    return others | {ENGLISH: english, "da": danish}


class Policy(BaseModel):
    """What holds on one day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    workdays: Workdays
    fit: FitRules
    tiers: Tiers
    horizon: Horizon | None = None
    """None: a policy of a version that did not look ahead."""
    money: Money
    unlocking: Unlocking
    triage: Triage
    programme: Programme
    checks: Checks
    retention: Retention
    forbid_reasons: ForbidReasons
    oversight: Oversight
    declines: Declines = Field(default_factory=Declines.of_before)
    """A policy of a version that expected nothing of proposals: as first written."""
    unknown: Unknown | None = None
    """None: a policy of a version that did not tell unknown from known."""
    declared: Declared = Field(default_factory=Declared)
    letter: Letter | None = None
    """None: a policy of a version that wrote no letters."""
    mapping: Proposing | None = None
    """None: a policy of a version that proposed no mappings."""
    serve: Serve | None = None
    """None: a policy of a version that had no workbench."""
    accountability: Accountability | None = None
    """None: a policy of a version that wrote no papers."""
    benefit_rates: BenefitRates | None = None
    """None: no rate of the day is known."""
    national_ceiling: NationalCeiling | None = None
    """None: there is none on the day."""
    contacts: Contacts | None = None
    """None: nothing is known of the day."""
    mentor_grant: MentorGrant | None = None
    """None: a policy of a version that did not know how long a grant is."""
    ai_order: AiOrder | None = None
    """None: there is none on the day."""
    group_floors: tuple[GroupFloor, ...] = ()
    overrides: tuple[str, ...] = ()
    """Keys changed by the user's own file, as ``path: old -> new``."""
    file: Annotated[str, Field(exclude=True)] = ""
    """Name of the user's own file; it tells where keys are from and is no part of what holds."""
    filled: Annotated[tuple[str, ...], Field(exclude=True)] = ()
    """Keys that a stored policy did not have and this version's own policy gave."""

    def measure_name(self, measure: str, minutes: int | None = None) -> dict[str, str]:
        """Name a measure in every language by the hours of work; its id where it is not in force.

        Parameters
        ----------
        measure
            Its id.
        minutes
            Minutes of work a week. None: whatever the hours.
        """
        found = self.measures.get(measure)
        if found is None:
            return dict.fromkeys(LANGUAGES, measure)
        full = self.programme.full_time_hours
        if minutes is None or full is None:
            return _in_languages(f"measure.{measure}", found.english, found.danish)
        if minutes >= round(full * 60):
            return _in_languages(
                f"measure.{measure}_full",
                found.english_full or found.english,
                found.danish_full or found.danish,
            )
        return _in_languages(
            f"measure.{measure}_part",
            found.english_part or found.english,
            found.danish_part or found.danish,
        )

    def measure_names(self) -> dict[str, dict[str, str]]:
        """Name all measures in every language, by id, whatever the hours of work."""
        return {name: self.measure_name(name) for name in self.measures}

    def reason_name(self, code: str) -> dict[str, str]:
        """Name a neutral reason in every language; a code of an earlier policy is its own name."""
        found = self.forbid_reasons.codes.get(code)
        if found is None:
            return dict.fromkeys(LANGUAGES, code)
        return _in_languages(f"reject_reason.{code}", found.english, found.danish)

    def work_kind(self, measure: str, minutes: int | None) -> WorkKind:
        """Tell what a placement is for its citizen: a living, part of one, or no wage.

        Parameters
        ----------
        measure
            Its id. One that is not in force pays nothing that is known.
        minutes
            Minutes of work a week; None: not known.
        """
        found = self.measures.get(measure)
        if found is None:
            return "unknown"
        if found.pay != "wage":
            return "subsidised" if found.pay == "subsidised" else "unpaid"
        full = self.programme.full_time_hours
        if minutes is None or full is None:
            return "unknown"
        return "self_support" if minutes >= round(full * 60) else "part_time"

    @once_each
    def digest(self) -> str:
        """Hash of all that holds, for caching and provenance."""
        # What says nothing is left out: a policy stored before it was asked is still itself.
        parts = {"unknown": self.unknown, "declared": self.declared}
        empty = {name for name, part in parts.items() if not any(dict(part or {}).values())}
        # Without prices, looking ahead changes nothing.
        if self.horizon is None or not self.horizon.prices:
            empty.add("horizon")
        # Whom a citizen calls, how a mapping is proposed, who looks, answers, steps in: no plan
        # changes with it.
        apart = {"letter", "mapping", "serve", "accountability", "declines"}
        content = self.model_dump(mode="json", exclude={*empty, *apart})
        said = json.dumps(_as_before(content), ensure_ascii=False, separators=(",", ":"))
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()

    def sections(self) -> dict[str, Section]:
        """All dated parts that hold, by path: sections, and measures as ``measures.NAME``."""
        found = {name: part for name, part in self if isinstance(part, Section)}
        return {**found, **{f"measures.{name}": one for name, one in self.measures.items()}}

    def overdue(self) -> tuple[str, ...]:
        """Paths of the parts whose sources should have been read again before the day."""
        return tuple(
            name
            for name, part in self.sections().items()
            if part.review_by is not None and part.review_by < self.on
        )

    def careful(self, table: str) -> Mapping[str, Any]:
        """Value of each column of a table, as a frame holds it, where a cell is not known."""
        return _canonical(table, getattr(self.unknown, table, {}))

    def declared_for(self, table: str) -> Mapping[str, Any]:
        """Value of each column that is declared not to be recorded, as a frame holds it."""
        return _canonical(table, getattr(self.declared, table, {}))


_ASKED_LATER: Mapping[str, Any] = {
    "source_danish": "", "read_as": [], "confidence": None, "review_by": None,
    "bars_last_employer_for": [], "years_in_denmark_under": None, "weeks_after_assessment": {},
    "talk_over_weeks": None, "new_function_at_last_employer": False, "support_most_percent": None,
    "binds": [], "homework_and_search_most": None, "unknown_fte_percent": 100,
    "benefit_rates": None, "national_ceiling": None, "contacts": None, "mentor_grant": None,
    "ai_order": None, "most": {}, "shift": "", "year_budgets": {}, "year_ends": "12-31",
    "new_year_budgets": {}, "year_quotas": {}, "new_year_quotas": {}, "least": None,
}  # fmt: skip
"""Keys that policies of earlier versions did not have, and what these mean by their silence."""


def _as_before(content: Any) -> Any:
    """Leave out keys that say what their absence says: a stored policy is still itself."""
    if isinstance(content, dict):
        return {
            key: _as_before(value)
            for key, value in content.items()
            if key not in _ASKED_LATER or value != _ASKED_LATER[key]
        }
    return content


def _canonical(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    record = TABLES[table].record
    return {name: cell_value(record, name, value) for name, value in values.items()}
