"""The language of what-if files, as data: what may be written, key by key.

A file holds scenarios and sweeps. A scenario is a named patch: changes of tables, keys of the
policy, the law of another day, and other scenarios it is made of.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Number = int | float
Amount = int | float | str
"""A number, or ``"$name"`` or ``"$name * 320"`` of a parameter."""


class WhatIfTable(BaseModel):
    """A table of a what-if file; unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
    )


class BothTexts(WhatIfTable):
    """A text in both languages."""

    en: str = ""
    """English."""
    da: str = ""
    """Danish."""

    def of(self, language: str) -> str:
        """Text in a language, in the other one where it is missing."""
        return getattr(self, language, "") or self.en or self.da


def _text(value: object) -> object:
    return {"en": value, "da": value} if isinstance(value, str) else value


BothLanguages = Annotated[BothTexts, BeforeValidator(_text)]
"""One text for both languages, or a table with ``en`` and ``da``."""


class Span(WhatIfTable):
    """Numbers from one to another."""

    from_: Annotated[Number, Field(alias="from")]
    """First number."""
    to: Number
    """Last number."""
    step: Annotated[Number, Field(gt=0)] | None = None
    """Distance between two neighbours; missing: any number between."""


class Parameter(WhatIfTable):
    """A number that a scenario leaves open, with its usual value."""

    from_: Annotated[Number | None, Field(alias="from")] = None
    """Least value that makes sense."""
    to: Number | None = None
    """Largest value that makes sense."""
    step: Annotated[Number, Field(gt=0)] | None = None
    """Distance between two values worth trying."""
    default: Number
    """Value unless another is given."""
    text: BothLanguages = BothTexts()
    """What it is, with its unit."""


class RowsDefinition(WhatIfTable):
    """Rows of a table."""

    table: str
    """Which table, by its English or Danish name."""
    where: dict[str, Any] = Field(default_factory=dict)
    """Conditions on columns, all of which must hold; missing: all rows."""
    take: Amount | None = None
    """Keep so many of the rows (or of the units of ``of``)."""
    share: Amount | None = None
    """Keep this share of them, 0-1."""
    of: str | None = None
    """Take whole units: all rows with an equal value here (``column`` or ``column.column``)."""
    by: str | None = None
    """Take those with the largest sum of this column first; missing: drawn by ``seed``."""
    seed: int = 0
    """Seed of what is drawn."""


class ChangeDefinition(RowsDefinition):
    """One change of one table."""

    set: dict[str, Any] = Field(default_factory=dict)
    """New values; ``{ empty = true }`` empties."""
    add: dict[str, Amount] = Field(default_factory=dict)
    """Added to numbers; days to dates."""
    scale: dict[str, Amount] = Field(default_factory=dict)
    """Multiplies numbers."""
    clip: dict[str, Annotated[list[Amount], Field(min_length=2, max_length=2)]] = Field(
        default_factory=dict
    )
    """Brings numbers between a least and a most; ``"none"``: no such side."""
    include: dict[str, list[str]] = Field(default_factory=dict)
    """Words added to lists."""
    exclude: dict[str, list[str]] = Field(default_factory=dict)
    """Words taken out of lists."""
    remove: bool = False
    """Remove the rows, and what cannot stand without them."""
    rows: list[dict[str, Any]] = Field(default_factory=list)
    """New rows."""
    each: RowsDefinition | None = None
    """Make the new rows once for each of these rows; ``{ from = "column", after = "+1" }`` in a
    new row is what the row has in that column, with text before or after it."""
    copies: Amount | None = None
    """New rows: so many copies of each row, under new ids; ``set`` and the like act on them."""
    new: Amount | None = None
    """New rows: so many in all, copied from the rows in turn, drawn by ``seed``."""
    note: str = ""
    """Why; for the reader of the file."""


class Law(WhatIfTable):
    """What the law said on another day."""

    on: dt.date
    """The day."""
    sections: list[str] = Field(default_factory=list)
    """Only these sections of the policy; missing: all that differ."""


class Definition(WhatIfTable):
    """A scenario as it is written."""

    title: BothLanguages = BothTexts()
    """A few words."""
    question: BothLanguages = BothTexts()
    """What a planner asks."""
    explanation: BothLanguages = BothTexts()
    """What is changed, and what the answer leaves out."""
    source: str = ""
    """Where its figures come from."""
    only_adds: bool = False
    """It only adds or relaxes: nothing may get worse by it. Refused beside what takes away."""
    use: list[str | dict[str, Any]] = Field(default_factory=list)
    """Scenarios it is made of: names, or ``{ name = ..., parameter = ... }``."""
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    """Numbers left open; ``"$name"`` stands for one."""
    change: list[ChangeDefinition] = Field(default_factory=list)
    """Changes of tables."""
    policy: dict[str, Any] = Field(default_factory=dict)
    """Keys of the policy: a value, or ``{ add = ... }``, ``{ scale = ... }``, ``{ clip = ... }``;
    ``"*"`` stands for every key."""
    law: Law | None = None
    """The law of another day under this week's figures."""
    before: dt.date | None = None
    """Only weeks before this day are changed: a later one has it already."""


class SweepDefinition(WhatIfTable):
    """Many scenarios from ranges."""

    title: BothLanguages = BothTexts()
    """A few words."""
    question: BothLanguages = BothTexts()
    """What a planner asks."""
    kind: Literal["grid", "one_at_a_time", "sample"] = "grid"
    """All combinations; one parameter at a time from the base; or random samples."""
    samples: Annotated[int, Field(ge=1, le=100_000)] = 20
    """How many, for ``sample``."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the samples."""
    use: list[str | dict[str, Any]] = Field(default_factory=list)
    """Scenarios that hold in every point."""
    over: dict[str, dict[str, Any]]
    """Values by scenario and parameter: a list, ``{ from, to, step }``, or ``true`` for the range
    the parameter itself states."""


class File(WhatIfTable):
    """A what-if file."""

    scenario: dict[str, Definition] = Field(default_factory=dict)
    """Scenarios by name."""
    sweep: dict[str, SweepDefinition] = Field(default_factory=dict)
    """Sweeps by name."""
