"""What is wrong with what-if files: every fault with its file and line, all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matcher.cpr import mask
from matcher.errors import InputErrors
from matcher.texts import joined


@dataclass(frozen=True)
class FilePlace:
    """Where something is written."""

    file: str
    """Name of the file, as a person knows it."""
    line: int
    """Line, from 1."""
    scenario: str = ""
    """Scenario (or sweep) it belongs to."""

    def __post_init__(self) -> None:
        """Let no name through that looks like a CPR number."""
        object.__setattr__(self, "file", mask(self.file, digits_allowed=True))
        object.__setattr__(self, "scenario", mask(self.scenario, digits_allowed=True))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class ScenarioFault:
    """One thing that is wrong: where, and what, with the value, what was expected, what to try."""

    place: FilePlace
    text: str

    def __post_init__(self) -> None:
        """Let no text through that looks like a CPR number."""
        object.__setattr__(self, "text", mask(self.text, digits_allowed=True))

    @property
    def said(self) -> str:
        """Where, and what, as a message."""
        inside = (self.place.scenario,) if self.place.scenario else ()
        return joined((str(self.place), *inside, self.text), ": ")

    def __str__(self) -> str:
        return str(self.said)


class WhatIfError(InputErrors):
    """A what-if file, or what it does to the tables at hand, cannot be; carries every fault."""

    def __init__(self, faults: tuple[ScenarioFault, ...]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        issues: list[dict[str, Any]] = [
            {
                "file": fault.place.file,
                "line": fault.place.line,
                "scenario": fault.place.scenario,
                "message": fault.text,
            }
            for fault in self.faults
        ]
        super().__init__(joined([fault.said for fault in self.faults], "\n"), tuple(issues))

    def __reduce__(self) -> tuple[type[WhatIfError], tuple[tuple[ScenarioFault, ...]]]:
        return WhatIfError, (self.faults,)


def raise_if(faults: list[ScenarioFault]) -> None:
    """Raise when there are faults, in the order of file and line."""
    if faults:
        raise WhatIfError(tuple(sorted(faults, key=lambda one: (one.place.file, one.place.line))))
