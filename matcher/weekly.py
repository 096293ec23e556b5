"""The weekly batch: tables in, a verified plan and its reasons out, in a folder that is whole.

:func:`run_week` reads as the recipe. The run folder is written under a hidden name and renamed
when it is complete, so a run that is killed leaves nothing that looks finished.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher.engine import Options
from matcher.errors import NoPlanError, OptionError
from matcher.explain import left_over, reasons
from matcher.policy import Policy
from matcher.report import run_document, write_document
from matcher.rules import Language
from matcher.solve import Solution, solve
from matcher.tables import (
    Reading,
    check_folder,
    raise_if_unusable,
    read_problem,
    write_quarantine,
)
from matcher.verify import ensure_verified

MADE_UP_MARK = "MADE_UP.txt"
"""A data folder that holds this file is not about real people, and its report says so."""


class Observer:
    """Hears what a run is doing; does nothing by itself."""

    def phase(self, name: str) -> None:
        """Note that a phase begins."""

    def step(self, done: int, total: int) -> None:
        """Note how far the phase has come."""

    def note(self, text: str) -> None:
        """Say something a person should read."""


@dataclass(frozen=True)
class WeekOptions:
    """How to run a week."""

    language: Language = "en"
    """Language of the report and the tables."""
    engine: Options = field(default_factory=Options)
    """Limits and seed of the engine."""


@dataclass(frozen=True, eq=False)
class Week:
    """A finished run."""

    folder: Path
    """The run folder."""
    document: Mapping[str, Any]
    """Everything, as in ``run.json``."""
    reading: Reading
    solution: Solution
    files: Mapping[str, Path]
    """What was written, by name."""


def run_week(
    address: str | Path,
    out: Path,
    policy: Policy,
    today: dt.date,
    options: WeekOptions | None = None,
    observer: Observer | None = None,
) -> Week:
    """Run one week: read, match, verify, explain, write.

    Parameters
    ----------
    address
        A folder of CSV or Parquet, a workbook, or a database URL.
    out
        Folder that the run folder is made in.
    policy
        What holds on ``today``.
    today
        Date of the run.

    Raises
    ------
    InputErrors
        The tables cannot be used; carries every issue.
    ClashError
        Locks or floors contradict each other.
    NoPlanError
        The engine's limit came before any plan.
    OptionError
        ``out`` cannot be written.
    """
    options, observer = options or WeekOptions(), observer or Observer()
    check_folder(out, "--out")
    clock = _Clock(observer)
    with clock.phase("read"):
        reading = read_problem(address, policy, today)
        _tell_issues(reading, observer)
        raise_if_unusable(reading)
    with clock.phase("match"):
        solution = solve(reading.problem, options.engine, progress=observer.step)
        if not solution.plan.has_plan:
            raise NoPlanError(f"no plan was found: {solution.plan.detail}")
    with clock.phase("verify"):
        ensure_verified(reading.problem, solution.plan)
    with clock.phase("explain"):
        left, whys = left_over(solution), reasons(reading.problem, solution.plan.placements)
    with clock.phase("write"), _whole_folder(out, _name(solution)) as (folder, final):
        document = run_document(
            solution,
            left,
            whys,
            language=options.language,
            issues=[issue.to_dict() for issue in reading.issues],
            provenance={**solution.plan.provenance, "run_times": clock.times},
            made_up=_made_up(address),
        )
        files = write_document(document, folder, language=options.language)
        quarantined = write_quarantine(reading, folder / "quarantine")
    for notice in files.notices:
        observer.note(notice)
    moved = {name: final / path.relative_to(folder) for name, path in files.items()}
    if quarantined:
        moved["quarantine"] = final / "quarantine"
    return Week(final, document, reading, solution, moved)


class _Clock:
    """Times phases and tells the observer."""

    def __init__(self, observer: Observer) -> None:
        self.times: dict[str, float] = {}
        self._observer = observer

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        self._observer.phase(name)
        started = time.perf_counter()
        yield
        self.times[name] = round(time.perf_counter() - started, 3)


def _tell_issues(reading: Reading, observer: Observer) -> None:
    aside = sum(count.put_aside for count in reading.counts.values())
    if reading.issues:
        observer.note(
            f"{len(reading.errors)} errors and {len(reading.warnings)} warnings in the tables;"
            f" {aside} rows put aside (`jobmatch check` shows each)"
        )


def _name(solution: Solution) -> str:
    """Name of the run folder: date and what it was made from."""
    return f"{solution.problem.today.isoformat()}-{solution.problem.digest()[:8]}"


def _made_up(address: str | Path) -> bool:
    """Whether the mark lies in the folder of the tables, or beside the workbook or database."""
    path = Path(address)
    if "://" in str(address):
        from sqlalchemy import make_url

        url = make_url(str(address))
        if url.get_backend_name() != "sqlite" or not url.database:
            return False
        path = Path(url.database)
    return ((path if path.is_dir() else path.parent) / MADE_UP_MARK).exists()


@contextmanager
def _whole_folder(out: Path, name: str) -> Iterator[tuple[Path, Path]]:
    """Give a hidden folder to write into; rename it when all is written, remove it on an error.

    A finished run is never overwritten: a second run of the same input gets a number.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".partial", dir=out))
    except OSError as error:
        raise OptionError(f"--out {out}: cannot write there ({error.strerror})") from None
    # mkdtemp makes the folder private; the finished run follows the caller's own mask.
    mask = os.umask(0)
    os.umask(mask)
    hidden.chmod(0o777 & ~mask)
    final = out / name
    number = 1
    while final.exists():
        number += 1
        final = out / f"{name}-{number}"
    try:
        yield hidden, final
        _flush(hidden)
        hidden.rename(final)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        raise OptionError(f"{out}: the run could not be written ({error.strerror})") from error
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise


def _flush(folder: Path) -> None:
    """Make sure the bytes are on the disk before the folder gets its name."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
