"""What the codes of a run are called on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.report import Words
from matcher.row_kinds import DKK, DKK_YEAR, ROW_KINDS
from matcher.rules import RULES
from matcher.texts import Language, Message
from scenarios.web.lists import LACKED, UNKNOWN, WAITING, WITHOUT

GROUPS = frozenset({WAITING, WITHOUT})


class Names:
    """Names of causes, rules, rows, levels and bands in one language.

    Parameters
    ----------
    language
        One of :data:`matcher.texts.LANGUAGES`.
    measures
        Names of the run's measures, by id and language.
    openings
        Whether causes are those of openings, not of people.
    """

    def __init__(
        self,
        language: Language,
        measures: Mapping[str, Mapping[str, str]] | None = None,
        *,
        openings: bool = False,
    ) -> None:
        self.language: Language = language
        self.words = Words(language)
        self._measures = measures or {}
        self._openings = openings

    def cause(self, code: str) -> str:
        """Why somebody has no proposal, or that they have one."""
        return self.say(f"cause_{code}") if code in GROUPS else self.words(f"cause.{code}")

    def row(self, rule: str) -> str:
        """Name of a kind of resource."""
        return self.words.known(f"row_name.{rule}", rule)

    def about(self, resource: Mapping[str, Any]) -> str:
        """Say which of its kind a resource is: its name, else its id where more can be had."""
        kind, key = ROW_KINDS[resource["rule"]], str(resource["key"])
        if kind.texts and not resource["about"]:
            return self.words.known(f"{kind.texts}.{key}", key)
        return str(resource["about"]) or (key if kind.lever else "")

    def stopped(self, rule: str) -> str:
        """Name what stopped somebody: a rule, or a resource that ran out."""
        if rule.startswith(LACKED):
            return self.row(rule.removeprefix(LACKED))
        return RULES[rule].short(self.language) if rule in RULES else rule

    def units(self, amount: float, unit: str) -> str:
        """Write an amount in the unit that people use: minutes as hours."""
        if unit == "minutes":
            return self.say("unit_hours", amount=self.words.hours(amount))
        if unit in {DKK.id, DKK_YEAR.id}:
            key = "unit_dkk" if unit == DKK.id else "unit_dkk_year"
            return self.say(key, amount=self.words.whole(amount))
        return self.words.whole(amount)

    def say(self, key: str, /, **facts: Any) -> str:
        """Write a text of the workbench."""
        return Message(f"web.{key}", **facts).told(self.language)

    def value(self, filter_name: str, value: str) -> str:
        """Name of a value of a filter."""
        if value == UNKNOWN:
            return self.say("not_known")
        match filter_name:
            case "oral":
                return self.words(f"level.{value}") if value in "0123456" else value
            case "cause":
                return self.opening_cause(value) if self._openings else self.cause(value)
            case "stopped":
                return self.stopped(value)
            case "measure":
                found = self._measures.get(value)
                return found[self.language] if found else value
            case "sector":
                return self.words.sector(value)
            case "sure" | "decision":
                return self.say(f"{filter_name}_{value}")
            case "seats":
                return self.say(f"seats_{value}")
            case "hours":
                low, _, high = value.partition("-")
                return self.say("hours_band" if high else "hours_from", low=low, high=high)
        return value

    def opening_cause(self, code: str) -> str:
        """Why an opening is filled, or is not."""
        return self.words(f"opening_cause.{code}")
