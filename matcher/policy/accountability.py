"""The section of the policy about answering for it: under which acts, and where one complains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from matcher.policy.quantities import Day, Section

Text = Annotated[str, Field(max_length=500)]


class Act(BaseModel):
    """A provision that the municipality works under, whatever is proposed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    english: Annotated[str, Field(min_length=1)]
    """Act and section, as an English text names it."""
    danish: Annotated[str, Field(min_length=1)]
    """The same in Danish."""
    source: Annotated[str, Field(min_length=1)]
    """Where it was read."""
    since: Day | None = None
    """First day it holds, or will hold. Missing: long before this program."""
    read: Literal["law", "official", "secondary", "general"] = "law"
    """How it was read: the text itself, a page of an authority, somebody else's account, or out of
    general knowledge."""


class Accountability(Section):
    """Who answers for what is proposed, under which acts, and where one complains."""

    municipality: Annotated[str, Field(max_length=100)] = ""
    """Name of the municipality. Empty: a blank to fill in, in every paper."""
    contact_email: Text = ""
    """Address for questions about the program. Empty: a blank to fill in."""
    website: Text = ""
    """Where the municipality tells of it. Empty: a blank to fill in."""
    complain_to_english: Text
    """Who takes complaints about a decision, as a text in English names it."""
    complain_to_danish: Text
    """The same in Danish."""
    complain_weeks: Annotated[int, Field(strict=True, ge=1, le=52)]
    """Weeks from the day the citizen had the decision."""
    acts: Mapping[str, Act] = Field(default_factory=dict)
    """Provisions by a name of ours."""
