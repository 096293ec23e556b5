"""What an occupation mostly asks for, each figure with its source: for what an ad does not say.

The built-in profiles stand in ``data/profiles.toml``. A file of the same sections goes before them,
figure by figure. The profile of a code is the one of its most digits that has one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.errors import InputErrors
from matcher.imports.ads import DAYPARTS
from matcher.records import HEALTH_CODES, PAPERS, Opening, cell_value
from matcher.texts import Message, joined
from matcher.week import parse_week, week_minutes, week_text

FIGURES = (
    "oral_floor",
    "reading_floor",
    *(f"demand_{code}" for code in HEALTH_CODES),
    "papers",
    "measures",
    "shifts",
)
"""What a profile may say of an occupation: columns of openings."""
_HOURS = ("full_time", "part_time", "not_said")
_SECTIONS = frozenset({"sources", "shifts", "hours", "occupations"})


@dataclass(frozen=True)
class Profiles:
    """Profiles of occupations, checked."""

    sources: Mapping[str, str]
    """Full text of each source."""
    occupations: Mapping[str, Mapping[str, tuple[Any, str]]]
    """By code: by figure, the canonical value and the source's key; ``name`` is a bare text."""
    shifts: Mapping[str, tuple[str, str]]
    """By daypart: blocks of a week and source."""
    hours: Mapping[str, tuple[tuple[float, float], str]]
    """Fewest and most hours a week and source: full time, part time, not said."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Danish name of the occupation by code."""

    def code_of(self, isco: str) -> str:
        """Code of the profile that counts for a code; empty where there is none."""
        return next(
            (isco[:at] for at in range(len(isco), 0, -1) if isco[:at] in self.occupations), ""
        )

    def frame(self, codes: Iterable[str]) -> pd.DataFrame:
        """Values of the profiles of some codes, a row for each; missing where there are none."""
        rows = {}
        for isco in sorted(set(codes)):
            profile = self.occupations.get(self.code_of(isco), {})
            rows[isco] = {name: profile[name][0] if name in profile else None for name in FIGURES}
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(FIGURES), dtype=object)

    def blocks(self, parts: Sequence[str]) -> str:
        """Blocks of a week of several dayparts together."""
        held = [block for part in parts for block in parse_week(self.shifts[part][0])]
        texts = [week_text([block]) for block in held]
        return week_text(parse_week("; ".join(texts))) if texts else ""

    def source(self, isco: str, column: str) -> str:
        """Full text of where a figure of an occupation comes from."""
        if column in {"hours_min", "hours_max"}:
            return self.sources[self.hours["not_said"][1]]
        profile = self.occupations.get(self.code_of(isco), {})
        if column not in profile:
            return self.sources[self.shifts["day"][1]] if column == "shifts" else ""
        return self.sources[profile[column][1]]


def load_profiles(own: Path | None = None) -> Profiles:
    """Read the built-in profiles and, over them, a file of one's own.

    Raises
    ------
    InputErrors
        The file cannot be read, or says what it cannot: all faults at once, each with its place.
    """
    file = resources.files("matcher.imports").joinpath("data", "profiles.toml")
    content = tomllib.loads(file.read_text("utf-8"))
    if own is not None:
        content = _over(content, _read(own))
    faults: list[Message] = []
    profiles = _checked(content, faults)
    if faults:
        name = own.name if own is not None else "profiles.toml"
        head = Message("imports.profiles", file=name, count=len(faults))
        raise InputErrors(joined((head, *faults), "\n  - "))
    return profiles


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputErrors(
            Message("imports.unreadable", file=path.name, reason=str(error)[:80])
        ) from None


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        held = merged.get(key)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            merged[key] = _over(held, value)
        else:
            merged[key] = value
    return merged


def _checked(content: Mapping[str, Any], faults: list[Message]) -> Profiles:
    def wrong(where: str, value: Any, expected: str) -> None:
        faults.append(
            Message("imports.profile_fault", where=where, value=str(value)[:60], expected=expected)
        )

    for section in sorted(set(content) - _SECTIONS):
        wrong(section, "", Message("imports.profile_sections", known=tuple(sorted(_SECTIONS))))
    sources = {key: str(text) for key, text in content.get("sources", {}).items()}

    def pair(where: str, held: Any) -> tuple[Any, str] | None:
        if not (isinstance(held, list) and len(held) == 2 and isinstance(held[1], str)):
            wrong(where, held, Message("imports.value_and_source"))
        elif held[1] not in sources:
            wrong(where, held[1], Message("imports.a_source", known=tuple(sources)))
        else:
            return held[0], held[1]
        return None

    shifts: dict[str, tuple[str, str]] = {}
    for part, held in content.get("shifts", {}).items():
        found = pair(f"shifts.{part}", held)
        if found is not None:
            try:
                shifts[part] = (week_text(parse_week(str(found[0]))), found[1])
            except ValueError as error:
                wrong(f"shifts.{part}", found[0], str(error))
    for part in sorted(set(DAYPARTS) - set(shifts)):
        wrong(f"shifts.{part}", "", Message("imports.value_and_source"))
    hours: dict[str, tuple[tuple[float, float], str]] = {}
    for name in _HOURS:
        found = pair(f"hours.{name}", content.get("hours", {}).get(name))
        if found is not None and _two_hours(found[0]):
            hours[name] = ((float(found[0][0]), float(found[0][1])), found[1])
        elif found is not None:
            wrong(f"hours.{name}", found[0], Message("imports.hours"))
    occupations: dict[str, dict[str, tuple[Any, str]]] = {}
    names: dict[str, str] = {}
    for code, profile in content.get("occupations", {}).items():
        if not (str(code).isdigit() and len(str(code)) <= 4 and isinstance(profile, Mapping)):
            wrong(f"occupations.{code}", code, Message("imports.four_digits"))
            continue
        names[code] = str(profile.get("name", ""))
        occupations[code] = {}
        for name, held in profile.items():
            where = f"occupations.{code}.{name}"
            if name == "name":
                continue
            if name not in FIGURES:
                wrong(where, name, Message("imports.profile_figures", known=FIGURES))
            elif (found := pair(where, held)) is not None:
                value = _value(name, found[0], shifts)
                if value is None:
                    wrong(where, found[0], Message("imports.profile_value", column=name))
                else:
                    occupations[code][name] = (value, found[1])
    return Profiles(sources, occupations, shifts, hours, names)


def _two_hours(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(one, int | float) for one in value)
        and 0 < value[0] <= value[1] <= 80
    )


def _value(name: str, value: Any, shifts: Mapping[str, Any]) -> Any:
    """Canonical value of a figure; None where it is none."""
    if name == "shifts":
        return value if value in shifts else None
    if name == "papers" and not (isinstance(value, list) and set(value) <= set(PAPERS)):
        return None
    try:
        return cell_value(Opening, name, value)
    except ValueError:
        return None


def minutes_of(blocks: pd.Series) -> pd.Series:
    """Minutes a week of texts of blocks."""
    length = {text: week_minutes(parse_week(text)) for text in blocks.unique()}
    return blocks.map(length)
