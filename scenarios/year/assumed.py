"""What a simulated year assumes: each figure with its range and source, from ``data/year.toml``.

>>> assumed()["accepted"]
0.8
>>> assumed({"accepted": 0.6})["accepted"]
0.6
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from matcher.errors import OptionError
from matcher.texts import Message
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
        An unknown figure, or a share or number outside what it may be.
    """
    known = {one.name: one for one in year_assumptions()}
    values = {name: one.value for name, one in known.items()}
    for name, value in (changes or {}).items():
        if name not in known:
            raise OptionError(Message("year.no_figure", name=name, known=tuple(known)))
        share = isinstance(known[name].value, float) and known[name].high <= 1
        if isinstance(known[name].value, (int, float)):
            fits = isinstance(value, (int, float)) and value >= 0 and not (share and value > 1)
            if not fits:
                raise OptionError(Message("year.figure", name=name, value=str(value)))
        values[name] = value
    return values
