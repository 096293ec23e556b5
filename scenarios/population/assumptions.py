"""What the made-up weeks rest on: every figure with its range, its source and what it is about.

The values stand in ``data/citizens.toml``, ``openings.toml`` and ``supports.toml``, their ranges in
``data/assumptions.toml``. A population may take any of them at an end of its range.

>>> from scenarios.population import Population
>>> scarce = Population(assume={"mentors": "scarce"})
>>> scarce.facts("supports")["mentors"]["municipal_hours"]
95
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from matcher.errors import OptionError
from matcher.texts import Message
from scenarios.population.draw import calibration

FILES = ("citizens", "openings", "supports")
"""Files that hold the values."""
ENDS = ("low", "high", "scarce", "plenty")
"""Ends of a range: less or more of the figure; less or more help for people."""


@dataclass(frozen=True)
class Assumption:
    """One figure, or table of figures, that a made-up week rests on."""

    path: str
    """File and keys, e.g. ``supports.mentors.municipal_hours``."""
    value: Any
    """What is used unless something else is asked for."""
    low: Any
    """Least end of its range; None: it has none, see ``note``."""
    high: Any
    """Most end of its range; None: it has none."""
    scarce: Literal["", "low", "high"]
    """End at which help for people is scarcer; empty without a range."""
    theme: str
    """What it is about; empty without a range."""
    source: str
    """Where the value is from; ``assumed``: from nobody."""
    note: str
    """What it means, or why it has no range."""

    def at(self, end: str) -> Any:
        """Return the figure at an end of its range (one of :data:`ENDS`)."""
        if end in {"scarce", "plenty"}:
            end = self.scarce if end == "scarce" else {"low": "high", "high": "low"}[self.scarce]
        return self.low if end == "low" else self.high


@lru_cache(maxsize=1)
def assumptions() -> tuple[Assumption, ...]:
    """All figures, as ``data/assumptions.toml`` lists them."""
    found: list[Assumption] = []

    def walk(node: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        if "source" in node:
            path = ".".join(keys)
            value: Any = calibration(keys[0])
            for key in keys[1:]:
                value = value[key]
            words = {name: node.get(name, "") for name in ("scarce", "theme", "source", "note")}
            found.append(Assumption(path, value, node.get("low"), node.get("high"), **words))
            return
        for key, below in node.items():
            walk(below, (*keys, key))

    walk(calibration("assumptions"), ())
    return tuple(found)


def themes() -> tuple[str, ...]:
    """List what the figures with a range are about, in the order of the file."""
    return tuple(dict.fromkeys(one.theme for one in assumptions() if one.theme))


def check_assumed(assume: Mapping[str, str]) -> None:
    """Refuse what is no assumption, or no end of one.

    Raises
    ------
    OptionError
        An unknown theme or figure, one without a range, or an unknown end.
    """
    ranged = {one.path for one in assumptions() if one.theme}
    for name, end in assume.items():
        if name in themes():
            if end not in {"scarce", "plenty"}:
                raise OptionError(Message("made.ends", name=name, end=repr(end)))
        elif name not in ranged:
            raise OptionError(Message("made.no_figure", name=repr(name), known=tuple(themes())))
        elif end not in ENDS:
            raise OptionError(Message("made.end", name=name, end=repr(end), known=tuple(ENDS)))


@lru_cache(maxsize=64)
def facts_at(name: str, assumed: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    """Return a calibration file with some figures at an end of their range.

    Parameters
    ----------
    name
        One of :data:`FILES`.
    assumed
        Theme or path, and the end; a path counts before its theme.
    """
    if not assumed:
        return calibration(name)
    wanted = dict(assumed)
    facts = copy.deepcopy(dict(calibration(name)))
    for one in assumptions():
        end = wanted.get(one.path, wanted.get(one.theme) if one.theme else None)
        file, *keys = one.path.split(".")
        if end is None or file != name:
            continue
        node = facts
        for key in keys[:-1]:
            node = node[key]
        node[keys[-1]] = one.at(end)
    return facts
