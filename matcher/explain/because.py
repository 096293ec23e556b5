"""Which sentence a component of fit is told by, whoever it is told to and in whatever language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from matcher.plan import Reason

Kind = Literal["hours", "minutes", "level", "count", "health"]
"""What a fact is: minutes that are told as hours, or as minutes; a level of Danish; a number; codes
of health separated by semicolons."""

KEYS = (
    "measure",
    "health_over", "health_tight", "health_well",
    "language_enough", "language_oral", "language_reading", "language_both",
    "occupation_unstated", "occupation_other", "occupation_related", "occupation_close",
    "occupation_same",
    "hours",
    "commute",
    "experience_unstated", "experience_other", "experience_related", "experience_close",
    "experience_same",
    "prospect_0", "prospect_1", "prospect_2", "prospect_3",
    "hours_225",
)  # fmt: skip
"""Every sentence there is about a component; a catalogue has one template for each."""
_CLOSE = ((1000, "same"), (550, "close"), (250, "related"), (0, "other"))
"""Points from which an occupation is the same field, close to it, related."""


@dataclass(frozen=True)
class Because:
    """A sentence to be told: its template and what fills it."""

    key: str
    """One of :data:`KEYS`."""
    facts: Mapping[str, tuple[Kind, int | str]]
    """By placeholder: what kind of fact, and the fact. A measure is named by who tells it."""


def because(reason: Reason) -> Because:
    """Choose the sentence for what one component means for one placement."""
    facts = reason.facts
    if reason.component == "health":
        return _health(str(facts["over"]), str(facts["tight"]))
    if reason.component == "language":
        return because_of_language(facts)
    if reason.component in {"occupation", "experience"}:
        stated = facts["wishes" if reason.component == "occupation" else "experience"]
        how = next(name for least, name in _CLOSE if reason.points >= least)
        return Because(f"{reason.component}_{how if stated else 'unstated'}", {})
    if reason.component == "hours":
        return Because(
            "hours",
            {"hours": ("hours", facts["minutes"]), "most": ("hours", facts["capacity"])},
        )
    if reason.component == "commute":
        return Because("commute", {"way": ("minutes", facts["minutes"])})
    if reason.component == "prospect":
        return Because(f"prospect_{facts['prospect']}", {})
    if reason.component == "hours_225":
        return Because("hours_225", {name: ("count", facts[name]) for name in ("worked", "needed")})
    return Because("measure", {})


def _health(over: str, tight: str) -> Because:
    if over or tight:
        names: tuple[Kind, str] = ("health", over or tight)
        return Because("health_over" if over else "health_tight", {"names": names})
    return Because("health_well", {})


def because_of_language(facts: Mapping[str, int | str]) -> Because:
    """Choose the sentence for the Danish that somebody has and a place asks for."""
    short = [kind for kind in ("oral", "reading") if int(facts[kind]) < int(facts[f"{kind}_floor"])]
    if not short:
        return Because("language_enough", {})
    return Because(
        f"language_{'both' if len(short) > 1 else short[0]}",
        {name: ("level", facts[name]) for kind in short for name in (kind, f"{kind}_floor")},
    )
