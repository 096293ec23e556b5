"""What a cell may hold: coded values in both languages, ids, levels, hours, blocks of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from matcher.texts import ENGLISH, LANGUAGES, catalogue, own_catalogue, said_of
from matcher.week import Week, parse_week, week_text


@dataclass(frozen=True)
class Danish:
    """The Danish name of a column, beside the English name of the field."""

    name: str


@dataclass(frozen=True)
class Unit:
    """What the number of a field counts; a cell may say it beside the number."""

    name: str
    """``hours``, ``minutes`` or ``kr``. Hours are kept to the whole minute."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        """Validate as the field's type does; hours are then brought to the minute."""
        schema: CoreSchema = handler(source)
        if self.name != "hours":
            return schema
        return core_schema.no_info_after_validator_function(_to_the_minute, schema)


def _to_the_minute(hours: float | None) -> float | None:
    return None if hours is None else round(hours * 60) / 60


HOURS = Unit("hours")
MINUTES = Unit("minutes")
KRONER = Unit("kr")


@dataclass(frozen=True)
class Scale:
    """Names that steps of a scale have; a cell may hold the name or the number."""

    steps: Mapping[str, int]


@dataclass(frozen=True)
class LastDay:
    """A last day of something, whose empty cell means that there is none yet."""


LAST_DAY = LastDay()


@dataclass(frozen=True)
class UnknownIsAValue:
    """A field in which ``unknown`` is a word like any other, as the name of a group."""


UNKNOWN_IS_A_VALUE = UnknownIsAValue()


@dataclass(frozen=True)
class Protects:
    """A field that keeps somebody from harm: what it leaves out is never taken for the best.

    Its column must be there, or the policy must declare what everybody is taken to have.
    """

    empty: Literal["unknown", "none"]
    """What an empty cell means: nobody knows, so the policy's careful value counts, and the row
    says so; or there is none, where that is the common answer and no careful value leaves a job."""
    may_be_absent: bool = False
    """Whether the whole column may be left out: then it is unknown for everybody."""


CAREFUL = Protects("unknown")
"""An empty cell is not known and counts as the policy's section `unknown` says."""
STATED = Protects("none")
"""An empty cell means none; only a missing column is an error."""


class Choice(StrEnum):
    """A coded value with a Danish word; tables may hold either, in any case."""

    danish: str

    def __new__(cls, value: str, danish: str) -> Self:
        """Make a member of an English code and its Danish word."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.danish = danish
        return member

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        wanted = str(value).strip().lower().replace(" ", "_")
        for member in cls:
            if wanted in {member.value, member.danish.lower().replace(" ", "_")}:
                return member
        return None


class Category(Choice):
    """How the jobcentre has assessed a citizen (visitation)."""

    JOB_READY = "job_ready", "jobparat"
    ACTIVITY_READY = "activity_ready", "aktivitetsparat"
    OPENLY_EDUCATION_READY = "openly_education_ready", "åbenlyst uddannelsesparat"
    EDUCATION_READY = "education_ready", "uddannelsesparat"
    NOT_ASSESSED = "not_assessed", "ikke visiteret"


class Benefit(Choice):
    """The benefit a citizen lives on; names before and after the reform of 1 July 2025."""

    CASH = "cash", "kontanthjælp"
    EDUCATION = "education", "uddannelseshjælp"
    TRANSITION = "transition", "selvforsørgelses- og hjemrejseydelse"
    MINIMUM_RATE = "minimum_rate", "mindstesats"
    BASIC_RATE = "basic_rate", "grundsats"
    RAISED_RATE = "raised_rate", "forhøjet sats"
    OTHER = "other", "anden ydelse"


class Sector(Choice):
    """Who owns the workplace."""

    MUNICIPAL = "municipal", "kommunal"
    REGIONAL = "regional", "regional"
    PRIVATE = "private", "privat"


class PaperStatus(Choice):
    """How far a paper (certificate, licence, record) has come."""

    CLEARED = "cleared", "i orden"
    PENDING = "pending", "undervejs"
    MISSING = "missing", "mangler"
    NOT_CLEARED = "not_cleared", "ikke godkendt"


class TravelMode(Choice):
    """How a travel time was measured."""

    CAR = "car", "bil"
    BICYCLE = "bicycle", "cykel"
    TRANSIT = "transit", "kollektiv"


class Holidays(Choice):
    """Whether work goes on on public holidays."""

    OPEN = "open", "åbent"
    CLOSED = "closed", "lukket"


def _with_names(section: str) -> Mapping[str, tuple[str, ...]]:
    """Codes of a section of the catalogue in its order, with their names in every language."""
    codes = [
        key.partition(".")[2] for key in own_catalogue(ENGLISH) if key.startswith(f"{section}.")
    ]
    return {
        code: tuple(catalogue(language)[f"{section}.{code}"] for language in LANGUAGES)
        for code in codes
    }


HEALTH_CODES: Mapping[str, tuple[str, ...]] = _with_names("health")
"""Fifteen graded codes with their names; the sixteenth, HRS, is the hours fields."""

PAPERS: Mapping[str, tuple[str, ...]] = _with_names("paper")
"""Papers a job may ask for: code and names."""


def _week(value: object) -> object:
    if value is None:
        return ()
    return parse_week(value) if isinstance(value, str) else value


def _codes(value: object) -> object:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(
            sorted({part.strip() for part in value.replace(",", ";").split(";") if part.strip()})
        )
    return value


Key = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
"""An id: text, kept as it is, with leading zeros."""
LEVELS: Mapping[str, int] = {
    "A1": 1,
    "A1+": 2,
    "A2": 3,
    "PD1": 3,
    "A2+": 4,
    "B1": 5,
    "PD2": 5,
    "B2": 6,
    "PD3": 6,
}
"""Steps of the European scale, and the tests Prøve i Dansk 1-3, by level of Danish."""
Level = Annotated[int, Field(ge=0, le=6), Scale(LEVELS)]
"""Danish: 0 none, 1 A1, 2 A1+, 3 A2 (PD1), 4 A2+, 5 B1 (PD2), 6 B2 (PD3)."""
Grade = Annotated[int, Field(ge=0, le=3)]
"""Health scale 0-3: a demand of a job, or what a citizen tolerates."""
Hours = Annotated[float, Field(ge=0, le=80), HOURS]
"""Hours a week, to the minute."""
Postcode = Annotated[str, Field(pattern=r"^\d{4}$")]
"""Four digits."""
Occupation = Annotated[str, Field(pattern=r"^\d{1,6}$")]
"""ISCO-08 / DISCO-08 code, one to six digits; fewer digits mean the whole group."""
Occupations = Annotated[
    tuple[Occupation, ...],
    BeforeValidator(_codes),
    PlainSerializer(";".join, return_type=str),
]
"""Codes separated by semicolons."""
Codes = Annotated[
    tuple[Key, ...], BeforeValidator(_codes), PlainSerializer(";".join, return_type=str)
]
"""Words separated by semicolons."""
Blocks = Annotated[Week, BeforeValidator(_week), PlainSerializer(week_text, return_type=str)]
"""Weekly blocks of time, e.g. ``mon-fri 07:00-15:00; sat 09:00-12:00``."""


class Record(BaseModel):
    """One row of a table; frozen, unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _mark_unknown(cls, data: Any) -> Any:
        """Note in ``unknown`` what is not stated, where the record has that field."""
        if not isinstance(data, Mapping) or "unknown" not in cls.model_fields:
            return data
        missing = [name for name in careful_fields(cls) if data.get(name) is None]
        if not missing:
            return data
        # Said to be nothing, a field is stated all the same: its column is there.
        stated = {
            name: cls.model_fields[name].get_default() if name in missing else value
            for name, value in data.items()
        }
        already = _codes(data.get("unknown"))
        names = {*already, *missing} if isinstance(already, tuple | list) else set(missing)
        return {**stated, "unknown": tuple(sorted(names))}


@cache
def protected_fields(record: type[Record]) -> Mapping[str, Protects]:
    """Fields of a record that protect somebody, in the record's order."""
    return {
        name: mark
        for name, info in record.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, Protects)
    }


@cache
def careful_fields(record: type[Record]) -> tuple[str, ...]:
    """Fields of which an empty cell is not known."""
    return tuple(name for name, mark in protected_fields(record).items() if mark.empty == "unknown")


NAMES_ALSO_IN: Final = "da"
"""Language that tables, columns and coded values have names in beside English."""
NONE_WORDS = ("none", "ingen")
"""How a cell says that there is none."""


def cell_value(record: type[Record], name: str, value: Any) -> Any:
    """Canonical value of a field, as a frame holds it, from a value of the policy.

    Parameters
    ----------
    value
        As TOML has it; a list of words, or ``none`` where the field may hold nothing.

    Raises
    ------
    ValueError
        The field cannot hold it.
    """
    adapter: TypeAdapter[Any] = _adapter(record, name)
    if isinstance(value, str) and value in NONE_WORDS:
        value = None
    elif isinstance(value, list | tuple):
        value = ";".join(str(part) for part in value)
    try:
        read = adapter.dump_python(adapter.validate_python(value))
    except ValidationError as error:
        raise ValueError(said_of(error.errors(include_url=False)[0])) from None
    return read.value if isinstance(read, Choice) else read


@cache
def _adapter(record: type[Record], name: str) -> TypeAdapter[Any]:
    info = record.model_fields[name]
    kind: Any = Annotated.__class_getitem__(  # type: ignore[attr-defined]
        (info.annotation, *info.metadata)
    )
    return TypeAdapter(kind)
