"""What is expected before people have decided, and who steps in where they decline."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from matcher.policy.quantities import Section
from matcher.records import Sector


class Several(BaseModel):
    """Where several may be asked for one seat at the same time, and how far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measures: tuple[str, ...] = ()
    """Measures under which it is allowed. Empty: none."""
    sectors: tuple[Sector, ...] = ()
    """Sectors of the workplace in which it is allowed. Empty: none."""
    most: Annotated[int, Field(strict=True, ge=1, le=20)] = 1
    """Most people asked beside the one who has the proposal; no more than there are back-ups."""
    beyond_percent: Annotated[int, Field(strict=True, ge=1, le=100)] = 10
    """Cap on the exposure of a seat: of 100 such seats, for how many people who say yes there may
    be no seat, on the upper end of what is known."""

    @property
    def anywhere(self) -> bool:
        """Whether it is allowed under any measure in any sector."""
        return bool(self.measures and self.sectors)


class Declines(Section):
    """What is expected of proposals before anybody has decided, and who steps in."""

    accepted_percent: Annotated[int, Field(strict=True, ge=1, le=99)] = 80
    """Of 100 proposals that are settled, how many are accepted, where little is known."""
    accepted_weight: Annotated[int, Field(strict=True, ge=1, le=100_000)] = 10
    """How many settled proposals that figure counts as (a Beta prior)."""
    interval_percent: Annotated[int, Field(strict=True, ge=50, le=99)] = 80
    """How sure an interval is: the figure lies in it with this chance."""
    back_ups: Annotated[int, Field(strict=True, ge=1, le=20)] = 2
    """Most back-ups of one proposal."""
    several: Several = Field(default_factory=Several)
    """Where several may be asked for one seat. Missing: nowhere."""

    @classmethod
    def of_before(cls) -> Self:
        """Return what counts where a policy was stored before anybody asked."""
        return cls(valid_from=dt.date(2022, 1, 1), source="assumption")
