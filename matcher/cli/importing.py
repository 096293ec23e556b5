"""The command that makes tables of files a team has saved from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from matcher.commands import Answering, Dated, add_command
from matcher.errors import OptionError
from matcher.terminal import day_of, note, policy_of, print_json, say
from matcher.texts import Message


class ImportKind(StrEnum):
    """What the files hold."""

    jobnet = "jobnet"
    jobposting = "jobposting"
    esco = "esco"
    wishes = "wishes"
    gtfs = "gtfs"
    addresses = "addresses"
    answers = "answers"


@dataclass(frozen=True, kw_only=True)
class Import(Dated, Answering):
    """Make tables of files saved from elsewhere: vacancies, wishes, occupations, travel times."""

    kind: Annotated[ImportKind, typer.Argument(metavar="KIND")]
    saved: Annotated[list[Path], typer.Argument(metavar="SAVED...")]
    into: Annotated[Path, typer.Option("--into", metavar="DIR")] = Path("tables")
    occupations: Annotated[list[Path] | None, typer.Option("--occupations", metavar="FILE")] = None
    profiles: Annotated[Path | None, typer.Option("--profiles", metavar="FILE")] = None
    hours: Annotated[str | None, typer.Option("--hours", metavar="FROM-TO")] = None


def add_importing(app: typer.Typer) -> None:
    """Add the command to the application."""
    add_command(app, "import", Import, _import)


def _import(asked: Import) -> None:
    from matcher.imports import ImportRequest, import_files
    from matcher.imports.faults import told

    today = day_of(asked.on)
    done = import_files(
        asked.kind.value,
        ImportRequest(
            files=tuple(asked.saved),
            into=asked.into,
            policy=policy_of(today, asked.policy),
            today=today,
            language=asked.language,
            occupations=tuple(asked.occupations or ()),
            profiles=asked.profiles,
            hours=_hours(asked.hours),
        ),
    )
    if asked.as_json:
        print_json(done.to_dict(asked.language))
        return
    for line in told(done.issues, asked.language):
        note(line)
    for line in done.lines():
        say(line)


def _hours(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", text.strip())
    first = int(found[1]) if found else -1
    last = int(found[2] or found[1]) if found else -1
    if not 0 <= first <= last <= 23:
        raise OptionError(Message("imports.hours_option", value=text))
    return first, last
