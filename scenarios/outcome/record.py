"""The record of one scenario, as plain data that survives a process and a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from matcher.errors import MatcherError
from matcher.plan import Tier
from matcher.policy import WORK_KINDS
from matcher.texts import Message, as_data, first_line, from_data

SCHEMA_VERSION = 2

Status = Literal["optimal", "feasible", "failed"]
SweepKind = Literal["", "grid", "one_at_a_time", "sample"]
Parameter = int | float | str

AUDIT = "audit:"
"""Columns of :attr:`Outcome.citizens` that hold a dimension of the fairness audit begin so."""
COST = "dkk:"
"""Columns of :attr:`Outcome.placements` that hold a budget line begin so."""

PLACEMENT_COLUMNS: Mapping[str, str] = {
    "citizen_id": "str",
    "opening_id": "str",
    "workplace_id": "str",
    "workplace": "str",
    "sector": "str",
    "isco": "str",
    "measure": "str",
    "team_id": "str",
    "pool_id": "str",
    "course_ids": "str",
    "minutes": "int64",
    "mentor_minutes": "int64",
    "commute": "int64",
    "start": "str",
    "fit": "int64",
    "locked": "bool",
    "work": "str",
}
"""Columns of a placement with their type; text is empty where there is none."""
CITIZEN_COLUMNS: Mapping[str, str] = {
    "citizen_id": "str",
    "outcome": "str",
    "possible": "int64",
    "category": "str",
    "oral": "int64",
    "postcode": "str",
    "district": "str",
}
"""Columns of a citizen with their type."""
RESOURCE_COLUMNS: Mapping[str, str] = {
    "kind": "str",
    "key": "str",
    "name": "str",
    "used": "int64",
    "capacity": "int64",
    "binding": "bool",
    "floor": "bool",
    "price": "float64",
    "price_placements": "float64",
}
"""Columns of a resource with their type."""


@dataclass(frozen=True)
class RecordedChange:
    """One change a scenario made to the week."""

    path: str
    """What was changed, e.g. ``mentor_pools[sector=municipal].hours``."""
    old: str
    """What it was; several values as a range or a short list."""
    new: str
    """What it became."""
    count: int = 1
    """Cells, rows or keys that changed."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """One scenario, solved or failed.

    Two outcomes are compared by :meth:`same_as`, not by ``==``: seconds and prices may differ
    between two solves that found the same plan.
    """

    name: str
    """Name of the scenario, unique in a comparison; ``base`` is the week as it is."""
    status: Status
    """``optimal`` (proven), ``feasible`` (a limit came first) or ``failed``."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Short title, by language; the name where there is none."""
    questions: Mapping[str, str] = field(default_factory=dict)
    """What was asked, a sentence, by language; may be empty."""
    family: str = ""
    """Scenarios drawn from the same ranges carry the same family; empty for one of its own."""
    family_titles: Mapping[str, str] = field(default_factory=dict)
    """Title of the family, by language; its name where there is none."""
    sweep: SweepKind = ""
    """How its parameters were drawn; empty for a single scenario."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """Value of each range, by name. In a one-at-a-time sweep: only the one that was moved."""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the ranges that were moved are called, by language."""
    changes: tuple[RecordedChange, ...] = ()
    """Everything the scenario changed."""
    selected: tuple[Mapping[str, Any], ...] = ()
    """What the conditions of its changes took in: table, rows ``matched`` and ``taken``, the first
    ``names`` and how many are ``named``."""
    idle_caseworkers: int = 0
    """Caseworkers it adds whom no citizen of the week has."""
    reason: str = ""
    """Why it failed or stopped early; empty otherwise."""
    tiers: tuple[Tier, ...] = ()
    """Value and bound of each goal; empty when failed."""
    placements: pd.DataFrame = field(
        default_factory=lambda: frame_of({}, PLACEMENT_COLUMNS), repr=False
    )
    """A row per proposal, by citizen: :data:`PLACEMENT_COLUMNS`, then ``dkk:LINE`` (DKK a week)
    for each budget line."""
    citizens: pd.DataFrame = field(
        default_factory=lambda: frame_of({}, CITIZEN_COLUMNS), repr=False
    )
    """A row per citizen, by id: :data:`CITIZEN_COLUMNS`, then ``audit:DIMENSION``. ``outcome`` is
    ``placed`` or the cause (``already_placed``, ``no_opening_in_reach``, ``rules``, ``resource``,
    ``others``, ``limit``); ``possible`` counts openings with a suitable offer."""
    resources: pd.DataFrame = field(
        default_factory=lambda: frame_of({}, RESOURCE_COLUMNS), repr=False
    )
    """A row per row of the model, homes apart: :data:`RESOURCE_COLUMNS`. Mentor hours are in
    minutes a week, budgets in DKK a week, the rest in places; prices are per unit, in points of
    fit and in placements, to first order."""
    seats: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Free and filled seats by sector: ``{sector: {"free": 3, "filled": 2}}``."""
    once: tuple[str, ...] = ()
    """Budget lines that are paid once, not every week (courses)."""
    benefit: Mapping[str, int] = field(default_factory=dict)
    """A scenario figure: benefit that ends if those proposed full-time ordinary work live on their
    wage: ``monthly`` (DKK before tax), ``citizens``, and ``not_known``, whose benefit is not known.
    Empty: no rate of the day is known."""
    measures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Name of each measure that is used, by language."""
    fit_floor: int = 0
    """Lowest fit that counts as suitable."""
    date: str = ""
    """Day of the week that was matched, ISO."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Fingerprints: ``input``, ``policy``, ``program``."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions that made it."""
    seconds: float = 0.0
    """Time it took."""

    def __post_init__(self) -> None:
        if self.status not in ("optimal", "feasible", "failed"):
            message = f"outcome '{self.name}': unknown status '{self.status}'"
            raise ValueError(message)
        if (self.status == "failed") != (not self.tiers):
            message = f"outcome '{self.name}': a failed one, and only that, has no tiers"
            raise ValueError(message)
        if self.status == "failed" and not self.reason:
            message = f"outcome '{self.name}': failed without a reason"
            raise ValueError(message)

    @property
    def failed(self) -> bool:
        """Whether there is no plan to compare."""
        return self.status == "failed"

    @property
    def first_reason(self) -> str:
        """First line of why it failed, as a message where it is one."""
        return first_line(self.reason)

    @property
    def proven(self) -> bool:
        """Whether nothing better exists in placements and fit."""
        return self.status == "optimal"

    @property
    def placed(self) -> int:
        """Number of proposals."""
        return len(self.placements)

    @cached_property
    def waiting(self) -> int:
        """Citizens who are not in a placement already."""
        return int((self.citizens["outcome"] != "already_placed").sum())

    @cached_property
    def work(self) -> dict[str, int]:
        """Proposals by what they are for their citizens: :data:`matcher.policy.WORK_KINDS`."""
        counts = self.placements["work"].value_counts()
        return {kind: int(counts.get(kind, 0)) for kind in WORK_KINDS}

    @cached_property
    def mean_fit(self) -> float | None:
        """Mean fit of the proposals, 0-1000; None without any."""
        return float(self.placements["fit"].mean()) if self.placed else None

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Budget lines that the placements are paid from."""
        return tuple(
            name.removeprefix(COST) for name in self.placements.columns if name.startswith(COST)
        )

    @cached_property
    def costs(self) -> dict[str, int]:
        """DKK a week by budget line, summed over the proposals."""
        return {line: int(self.placements[COST + line].sum()) for line in self.lines}

    @cached_property
    def left_over(self) -> dict[str, int]:
        """Citizens without a proposal by cause."""
        counts = self.citizens["outcome"].value_counts()
        return {str(cause): int(n) for cause, n in counts.items() if cause != "placed"}

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions of the fairness audit."""
        return tuple(
            name.removeprefix(AUDIT) for name in self.citizens.columns if name.startswith(AUDIT)
        )

    def title(self, language: str) -> str:
        """Title in a language, or the name."""
        return self.titles.get(language) or self.titles.get("en") or self.name

    def family_title(self, language: str) -> str:
        """Title of the family in a language, or its name."""
        return self.family_titles.get(language) or self.family_titles.get("en") or self.family

    def label(self, parameter: str, language: str) -> str:
        """Name of a range in a language, or its key."""
        names = self.labels.get(parameter, {})
        return names.get(language) or names.get("en") or parameter

    def same_as(self, other: Outcome) -> bool:
        """Whether both found the same: status, reason, tiers, placements, left-over, resources."""
        columns = ["kind", "key", "used", "capacity", "binding", "floor"]
        return (
            (self.status, self.reason, self.tiers) == (other.status, other.reason, other.tiers)
            and self.placements.equals(other.placements)
            and self.citizens.equals(other.citizens)
            and self.resources[columns].equals(other.resources[columns])
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values; :meth:`from_dict` reads it back."""
        plain: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        if isinstance(self.reason, Message):
            plain["reason_said"] = as_data(self.reason)
        for item in fields(self):
            value = getattr(self, item.name)
            plain[item.name] = _columns(value) if isinstance(value, pd.DataFrame) else _plain(value)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Outcome:
        """Read back what :meth:`to_dict` gave.

        Raises
        ------
        ValueError
            Made by another version of this record, or not one.
        """
        if plain.get("schema_version") != SCHEMA_VERSION:
            message = f"outcome of version {plain.get('schema_version')}, expected {SCHEMA_VERSION}"
            raise ValueError(message)
        known = {item.name for item in fields(cls)}
        given = {name: value for name, value in plain.items() if name in known}
        given["changes"] = tuple(map(_change, given["changes"]))
        if "reason_said" in plain:
            given["reason"] = from_data(plain["reason_said"])
        given["tiers"] = tuple(Tier(**tier) for tier in given["tiers"])
        given["once"] = tuple(given["once"])
        given["selected"] = tuple(given.get("selected", ()))
        for name, columns in (
            ("placements", PLACEMENT_COLUMNS),
            ("citizens", CITIZEN_COLUMNS),
            ("resources", RESOURCE_COLUMNS),
        ):
            given[name] = frame_of(given[name], columns)
        return cls(**given)


def failed(name: str, reason: str | Exception, **told: Any) -> Outcome:
    """Record a scenario that could not be solved.

    Parameters
    ----------
    name
        Name of the scenario.
    reason
        Why, for people; an error's text, or its type where it has none.
    **told
        Further fields of :class:`Outcome`: titles, parameters, changes, seconds.
    """
    said = reason.said if isinstance(reason, MatcherError) else reason
    text = said if isinstance(said, Message) else str(said) or type(reason).__name__
    told["changes"] = tuple(told.get("changes", ()))
    return Outcome(name=name, status="failed", reason=text, **told)


def frame_of(content: Mapping[str, Sequence[Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Frame with the named columns in order, then the others; missing text is empty text."""
    extra = {
        name: "int64" if name.startswith(COST) else "str" for name in content if name not in columns
    }
    # Arrays, not series: a frame aligns those by their rows' names, column by column.
    return pd.DataFrame({
        name: _array(content.get(name, ()), kind) for name, kind in {**columns, **extra}.items()
    })  # fmt: skip


_TEXT: Any = pd.Series([], dtype="str").dtype
"""Type of a column of text: looked up by name it takes longer than to fill a short one."""


def _array(values: Any, kind: str) -> Any:
    """Values as an array of a column type; missing text is empty text."""
    if kind != "str":
        return np.array(values, dtype=kind)
    if isinstance(values, pd.Series):
        return values.fillna("").astype(object).astype("str").array
    return values if getattr(values, "dtype", None) == _TEXT else text_array(values)


def text_array(values: Iterable[Any]) -> Any:
    """Texts as the array of a column; missing text is empty text."""
    return pd.array([value if isinstance(value, str) else "" for value in values], dtype=_TEXT)


def _columns(frame: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(name): frame[name].tolist() for name in frame.columns}


def _change(plain: Mapping[str, Any]) -> RecordedChange:
    """Read a change back, its values as messages where they were some."""
    told = {name: value for name, value in plain.items() if name != "said"}
    if "said" in plain:
        told["old"], told["new"] = from_data(plain["said"])
    return RecordedChange(**told)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, RecordedChange):
        said = {"said": as_data((value.old, value.new))}
        return asdict(value) | (said if isinstance(value.new, Message) else {})
    if isinstance(value, Tier):
        return asdict(value)
    return value.item() if isinstance(value, np.generic) else value
