"""What is expected before people have decided, and who steps in where they decline."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import Field

from matcher.policy.quantities import Section


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

    @classmethod
    def of_before(cls) -> Self:
        """Return what counts where a policy was stored before anybody asked."""
        return cls(valid_from=dt.date(2022, 1, 1), source="assumption")
