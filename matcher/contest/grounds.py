"""Where a rule stands: the parts of the policy it reads, each with its dates and its source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matcher.policy import Policy, Section
from matcher.rules import RULES
from matcher.texts import ENGLISH, LANGUAGES, Speech

MEASURES = "measures"
"""The part of the policy that holds a section for each measure."""
_SAID = ("source", "valid_from", "valid_to", "read_as", "confidence", "review_by")
"""What a section says of where it comes from; the last three since a later version."""
_PROSE = {
    "source",
    "source_danish",
    "read_as",
    "confidence",
    "review_by",
    "law_english",
    "law_danish",
}
"""What a section says without anything else following from it."""


@dataclass(frozen=True)
class Ground:
    """A section of the policy as the ground of a rule."""

    key: str
    """``ratio_rule``, ``measures.work_practice``."""
    names: Mapping[str, str]
    """Where it stands, by language: act and sections where the policy names them."""
    said: Mapping[str, Any]
    """Source, dates, and how the source was read, as JSON has them; what is empty is left out."""

    @property
    def valid_from(self) -> str:
        """First day it holds, in ISO form."""
        return str(self.said["valid_from"])

    @property
    def review_by(self) -> dt.date | None:
        """Last day until which it may be used unread; None: none is set."""
        day = self.said.get("review_by")
        return None if day is None else dt.date.fromisoformat(day)

    def read(self, say: Speech) -> str:
        """Say how its source was read and how sure the reading is; empty where it is not said."""
        how = [say(f"ground_read.{one}") for one in self.said.get("read_as", ())]
        if sure := self.said.get("confidence"):
            how.append(say(f"ground_sure.{sure}"))
        return ", ".join(how)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"key": self.key, "stands_in": dict(self.names), **self.said}


def ground_of(policy: Policy, key: str) -> Ground:
    """Tell a section of the policy by where it stands.

    Parameters
    ----------
    key
        Name of a section, or ``measures.NAME``.

    Raises
    ------
    KeyError
        The policy has no such section.
    """
    section = _section(policy, key)
    content = section.model_dump(mode="json")
    said = {name: content[name] for name in _SAID if content.get(name)}
    danish = content.get("law_danish") or content.get("source_danish") or section.source
    names = dict.fromkeys(LANGUAGES, danish)
    names[ENGLISH] = content.get("law_english") or section.source
    return Ground(key, names, said)


def holds_of(policy: Policy, key: str) -> Mapping[str, Any]:
    """Return what a section of the policy says that something follows from, for comparing.

    Raises
    ------
    KeyError
        The policy has no such section.
    """
    return _section(policy, key).model_dump(mode="json", exclude=_PROSE)


def _section(policy: Policy, key: str) -> Section:
    name, _, measure = key.partition(".")
    section = policy.measures[measure] if name == MEASURES else getattr(policy, name, None)
    if not isinstance(section, Section):
        raise KeyError(key)
    return section


def grounds_of(policy: Policy, rule: str, measure: str | None = None) -> tuple[Ground, ...]:
    """Find the sections of the policy that a rule reads; none: it compares stated facts alone.

    Parameters
    ----------
    rule
        Id of a hard rule.
    measure
        The measure it was held against; None: no section of a measure is named.
    """
    declared = RULES[rule]
    keys: dict[str, None] = {}
    for part in f"{declared.value} {declared.limit}".split():
        name = part.partition(".")[0]
        if name == MEASURES:
            if measure is not None:
                keys[f"{MEASURES}.{measure}"] = None
        elif isinstance(getattr(policy, name, None), Section):
            keys[name] = None
    return tuple(ground_of(policy, key) for key in keys)
