"""What the law asks of the municipality itself, and what it lets be reckoned: no plan needs it.

Benefit rates, the national ceiling on expenses, talks and offers in time, grants of mentor support,
and the order on the use of AI. Where nothing holds on a day, nothing is said about it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from matcher.policy.quantities import Count, Days, Flag, Months, Price, Section, Weeks, Years
from matcher.records import Benefit, Category

Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
"""Per cent of those it is about."""


class BenefitRate(BaseModel):
    """What one benefit pays to those it fits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    benefit: Benefit
    """The benefit."""
    monthly: Price
    """DKK a month before tax, without supplements."""
    age_min: Years | None = None
    """Lowest age. Missing: any."""
    provider: Flag | None = None
    """Whether it is for those with a child at home. Missing: for both."""


class BenefitRates(Section):
    """What benefits pay (ydelsessatser). A citizen whom no rate fits has none that is known."""

    rates: tuple[BenefitRate, ...]
    """The first that fits counts."""
    provider_supplement: Price = 0
    """DKK a month more for a provider, whatever the number of children."""
    single_provider_supplement: Price = 0
    """DKK a month more for somebody known to provide alone."""


class NationalCeiling(Section):
    """The national ceiling on expenses for active measures (LAB § 203 a)."""

    per_person: Price
    """DKK a year for each full-time person in the groups that count."""
    supports: tuple[Literal["mentor", "class", "course"], ...]
    """Supports whose expenses count toward it. Subsidies do not."""


class Contacts(Section):
    """Talks and offers that a municipality owes in time (kontaktforløb)."""

    talks: Count
    """Talks with a citizen ..."""
    months: Months
    """... within so many months."""
    first_within_days: Days | None = None
    """Days within which the first is held. Missing: not set."""
    talks_percent: Percent
    """Share of citizens for whom it must be so."""
    offer_percent: Percent | None = None
    """Share of `offer_categories` who must have had an offer within the same months. Missing: no
    share is set."""
    offer_categories: tuple[Category, ...] = ()
    """Whom that share is of."""
    duty_group_outside: Flag = False
    """Whether those under the work duty are left out of both shares."""


class MentorGrant(Section):
    """How long mentor support is granted for at a time."""

    weeks: Weeks
    """Weeks; then it is decided anew."""


class AiOrder(Section):
    """What the order on the municipalities' use of AI asks for (bekendtgørelse 101 of 2026)."""

    human_decides: Flag
    """Whether no decision may be taken by the program alone."""
    document_use: Flag
    """Whether it must be written down how it was used, and on which source data."""
    tell_person: Flag
    """Whether the citizen must be told."""
