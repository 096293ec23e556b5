"""Where a figure of the dossier comes from: the answer of a command, and a place in it.

The same functions make the answer that the command prints, so a sentence says what the command
says; whoever doubts it runs the command and looks at the place.
"""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher.contest import holds_of
from matcher.decisions import oversight
from matcher.ledger import Ledger, Run
from matcher.policy import Policy
from matcher.tables.description import data_package
from matcher.texts import Language

MOST_RUNS = 100_000
"""Runs that are listed: more than are ever kept."""
FOLDER = "tables"
"""Where the command for empty tables is told to write."""


TONGUES = {"da": "danish"}
"""What the policy calls its names in a language; in any other they are told in English."""


@dataclass(frozen=True)
class CommandAnswer:
    """A command and its answer as data."""

    command: str
    answer: Any
    """None: there is none, since nothing is stored yet."""
    file: str = ""
    """File that the command writes its answer to; empty: it prints it."""


@dataclass(frozen=True)
class Fact:
    """A value with the place it was found."""

    name: str
    value: Any
    command: str
    at: str
    file: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        told = {"name": self.name, "value": self.value, "command": self.command, "at": self.at}
        return {**told, "file": self.file} if self.file else told


def shown_places(facts: Iterable[Fact]) -> str:
    """Say how to see facts: each command once, and where in its answer they stand."""
    places: dict[tuple[str, str], dict[str, None]] = {}
    for fact in facts:
        places.setdefault((fact.command, fact.file), {})[fact.at] = None
    return "; ".join(
        f"{command}  →  {file + ': ' if file else ''}{', '.join(paths)}"
        for (command, file), paths in places.items()
    )


@dataclass(frozen=True)
class Sources:
    """The commands that a dossier is filled from."""

    policy: Policy
    day: dt.date
    language: Language
    of: Mapping[str, CommandAnswer]
    """By the name that the outline uses."""
    runs: tuple[Run, ...] = ()
    """Stored runs up to the day, newest first."""
    ledger: Ledger | None = field(default=None, repr=False)

    @classmethod
    def gather(
        cls,
        policy: Policy,
        day: dt.date,
        language: Language,
        ledger: Ledger | None = None,
        *,
        policy_file: Path | None = None,
        ledger_named: str | None = None,
    ) -> Sources:
        """Ask every command once.

        Parameters
        ----------
        policy
            What holds on ``day``.
        ledger
            Runs, decisions and questions. None: before anything was run.
        policy_file, ledger_named
            As they were given to the command, for who runs the others.

        Raises
        ------
        LedgerError
            The ledger cannot be read.
        """
        under = f" --policy {shlex.quote(str(policy_file))}" if policy_file else ""
        where = f" --ledger {shlex.quote(ledger_named)}" if ledger_named else ""
        runs: tuple[Run, ...] = ()
        if ledger is not None:
            runs = ledger.runs(before=day + dt.timedelta(days=1))
        newest = runs[0] if runs else None
        watched = oversight(ledger, policy, day) if ledger is not None and newest else None
        listed = {"runs": [run.to_dict() for run in ledger.runs()]} if ledger and runs else None
        return cls(
            policy,
            day,
            language,
            {
                "policy": CommandAnswer(
                    f"jobmatch policy --on {day}{under} --json", policy.model_dump(mode="json")
                ),
                "columns": CommandAnswer(
                    f"jobmatch template {FOLDER} --lang {language}",
                    data_package(language),
                    f"{FOLDER}/datapackage.json",
                ),
                "runs": CommandAnswer(
                    f"jobmatch runs --most {MOST_RUNS} --json{where}", _plain(listed)
                ),
                "run": CommandAnswer(
                    f"jobmatch runs show {newest.run_id if newest else 'RUN'} --json{where}",
                    _plain(newest.to_dict()) if newest else None,
                ),
                "oversight": CommandAnswer(
                    f"jobmatch oversight --on {day}{under} --json{where}", _plain(watched)
                ),
            },
            runs,
            ledger,
        )

    def found(self, name: str, address: str) -> Fact:
        """Look a fact up; its value is None where the command has no answer there.

        Parameters
        ----------
        name
            What it is called in its sentence.
        address
            ``SOURCE PATH``; of several paths between ``|`` the first that says something.
        """
        source, _, path = address.partition(" ")
        one = self.of[source]
        path = path.format(language=self.language, tongue=TONGUES.get(self.language, "english"))
        *first, last = path.split("|")
        said = next((each for each in first if at(one.answer, each)), last)
        return Fact(name, at(one.answer, said), one.command, said, one.file)

    def every(self, address: str) -> Iterator[tuple[str, str]]:
        """Give the source and the path of each member that an address with ``*`` names."""
        source, _, path = address.partition(" ")
        for found in _paths(self.of[source].answer, path.split("/")):
            yield source, "/".join(found)

    @property
    def changes_of_the_newest_run(self) -> tuple[str, ...]:
        """What the newest run's policy changed that this one does not, as ``path: old -> new``."""
        theirs = self.runs[0].policy.get("overrides", ()) if self.runs else ()
        return tuple(one for one in theirs if one not in self.policy.overrides)

    def last_run_under(self, key: str) -> Run | None:
        """Return the newest run whose stored policy had a section as it holds now."""
        if self.ledger is None:
            return None
        now = holds_of(self.policy, key)
        known: dict[str, bool] = {}
        for run in self.runs:
            if run.policy_digest not in known:
                known[run.policy_digest] = _same_holds(self.ledger.policy(run.run_id), key, now)
            if known[run.policy_digest]:
                return run
        return None


def _same_holds(policy: Policy, key: str, now: Mapping[str, Any]) -> bool:
    try:
        return holds_of(policy, key) == now
    except KeyError:
        return False


def _plain(value: Any) -> Any:
    """Return what JSON would make of a value: days as texts, lists for tuples."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def at(answer: Any, path: str) -> Any:
    """Look into an answer: ``/`` down, ``*`` every member, ``#`` their number, ``@`` their names.

    Returns
    -------
    Any
        None where there is nothing.
    """
    return _at(answer, [part for part in path.split("/") if part])


def _at(value: Any, path: Sequence[str]) -> Any:
    if not path or value is None:
        return value
    part, *rest = path
    if part == "#":
        return len(value)
    if part == "@":
        return list(value)
    if part == ".":
        return _at(value, rest)
    if part == "*":
        members = value.values() if isinstance(value, Mapping) else value
        return [_at(member, rest) for member in members]
    if isinstance(value, Mapping):
        return _at(value.get(part), rest)
    place = int(part)
    return _at(value[place], rest) if -len(value) <= place < len(value) else None


def _paths(value: Any, path: Sequence[str]) -> Iterator[list[str]]:
    """Give each whole path that a path with ``*`` stands for."""
    if not path:
        yield []
        return
    part, *rest = path
    if value is None:
        return
    if part == "*":
        names = list(value) if isinstance(value, Mapping) else [str(n) for n in range(len(value))]
        for name in names:
            inner = value[name] if isinstance(value, Mapping) else value[int(name)]
            for found in _paths(inner, rest):
                yield [name, *found]
    else:
        for found in _paths(_at(value, [part]), rest):
            yield [part, *found]
