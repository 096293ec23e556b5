"""What a simulated year assumes: each figure with its range and source, from ``data/year.toml``.

>>> assumed()["accepted"]
0.8
>>> assumed({"accepted": 0.6})["accepted"]
0.6
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from matcher.errors import OptionError
from matcher.texts import Message, joined
from scenarios.population.draw import calibration


@dataclass(frozen=True)
class YearAssumption:
    """One figure of the year."""

    name: str
    """Key, with a point before what it is of: ``leaving.ordinary``."""
    value: Any
    low: Any
    high: Any
    """Ends of its range; None: a mix without one."""
    source: str
    note: str


@lru_cache(maxsize=1)
def year_assumptions() -> tuple[YearAssumption, ...]:
    """All figures, in the order of the file."""
    found: list[YearAssumption] = []

    def walk(node: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        if "source" in node:
            value = node["value"]
            found.append(
                YearAssumption(".".join(keys), value, node.get("low"), node.get("high"),
                               node["source"], node["note"])
            )  # fmt: skip
            return
        for key, below in node.items():
            walk(below, (*keys, key))

    walk(calibration("year"), ())
    return tuple(found)


def assumed(changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return every figure by name, some of them changed.

    Raises
    ------
    OptionError
        Unknown figures, or shares and numbers outside what they may be; all are told at once.
    """
    faults = figure_faults(changes or {})
    if faults:
        raise OptionError(joined(faults, "\n"))
    return {**{one.name: one.value for one in year_assumptions()}, **(changes or {})}


def figure_faults(changes: Mapping[str, Any]) -> list[Message]:
    """Say what is wrong with figures that are to be others, each with what it may be."""
    known = {one.name: one for one in year_assumptions()}
    faults = []
    for name, value in changes.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            if near:
                faults.append(Message("year.near_figure", name=name, near=near[0]))
            else:
                faults.append(Message("year.no_figure", name=name, known=tuple(known)))
        elif (fault := _fault(known[name], value)) is not None:
            faults.append(fault)
    return faults


def _fault(one: YearAssumption, value: Any) -> Message | None:
    """Say what is wrong with the value of a figure; None: nothing."""
    facts = {"name": one.name, "assumed": one.value, "low": one.low, "high": one.high}
    if isinstance(one.value, Mapping):
        return None if isinstance(value, Mapping) else Message("year.figure_mix", name=one.name)
    if not isinstance(value, (int, float)):
        return Message("year.figure_number", value=str(value), **facts)
    number = float(value)
    if isinstance(one.value, int):
        if number.is_integer() and number >= 1:
            return None
        return Message("year.figure_whole", value=number, **facts)
    if one.high > 1:
        return None if number >= 0 else Message("year.figure_number", value=number, **facts)
    if 0 <= number <= 1:
        return None
    if 1 < number <= 100:
        # Who writes 60 means per cent.
        return Message("year.figure_percent", value=number, share=round(number / 100, 4), **facts)
    return Message("year.figure_share", value=number, **facts)
