"""A scenario ready to be laid over a week: its parts, its words, where each stands."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scenarios.patch.faults import FilePlace, ScenarioFault
from scenarios.patch.lines import Lines, Path
from scenarios.patch.policy import PolicyChange
from scenarios.patch.selection import Say
from scenarios.patch.spec import BothTexts, Law
from scenarios.patch.tables import TableChange

_NO_TEXT = BothTexts()


@dataclass(frozen=True, eq=False)
class FileSection:
    """A place in a file, and the lines below it."""

    file: str
    lines: Lines
    path: Path
    scenario: str = ""

    def below(self, *keys: str | int) -> FileSection:
        """Return a place further down."""
        return FileSection(self.file, self.lines, (*self.path, *keys), self.scenario)

    def place(self, at: Path = ()) -> FilePlace:
        """Return file and line of a key below."""
        return FilePlace(self.file, self.lines.of((*self.path, *at)), self.scenario)


@dataclass(frozen=True, eq=False)
class ScenarioPart:
    """One change of a scenario: of a table, of the policy, or of the law."""

    scenario: str
    """Scenario that it is written in, which may be one that the scenario uses."""
    written: FileSection
    content: Mapping[str, Any]
    """What is asked for, as plain data."""
    change: TableChange | None = None
    policy: tuple[PolicyChange, ...] = ()
    law: Law | None = None
    before: dt.date | None = None
    """Only weeks before this day are changed; None: all."""

    @property
    def place(self) -> FilePlace:
        """Where it stands."""
        return self.written.place()

    def line(self, at: Path) -> FilePlace:
        """Where a key below it stands."""
        return self.written.place(at)

    def sayer(self, faults: list[ScenarioFault]) -> Say:
        """Return what notes a fault at a key below it."""
        return lambda at, text: faults.append(ScenarioFault(self.written.place(at), text))


@dataclass(frozen=True, eq=False)
class Scenario:
    """A named patch of a week."""

    name: str
    title: BothTexts = _NO_TEXT
    question: BothTexts = _NO_TEXT
    explanation: BothTexts = _NO_TEXT
    source: str = ""
    """Where its figures come from."""
    only_adds: bool = False
    """It only adds or relaxes: the best plan cannot get worse by it."""
    parts: tuple[ScenarioPart, ...] = ()
    """Every change, those of the scenarios it uses first."""
    settings: Mapping[str, float] = field(default_factory=dict)
    """Values of its parameters, as ``scenario.parameter``."""
    sweep: str = ""
    """Sweep it is a point of; empty for one of its own."""
    kind: Literal["", "grid", "one_at_a_time", "sample"] = ""
    """How the points of its sweep were chosen."""
    sweep_title: BothTexts = _NO_TEXT
    """Title of its sweep."""
    labels: Mapping[str, BothTexts] = field(default_factory=dict)
    """What the parameters that its sweep moves are called, as ``scenario.parameter``."""

    def digest(self) -> str:
        """Hash of what it changes; names, words and places left out."""
        content = [
            part.content if part.before is None else [part.content, part.before]
            for part in self.parts
        ]
        text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
