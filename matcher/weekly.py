"""The weekly batch: tables in, a verified plan and its reasons out, in a folder that is whole.

:func:`run_week` reads as the recipe. The run folder is written under a hidden name and renamed
when it is complete, so a run that is killed leaves nothing that looks finished.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from matcher.again import Resolver, back_ups, ways_out
from matcher.decisions import (
    CarriedOver,
    answers_seen,
    arrivals_seen,
    asked_together,
    carry_over,
    people_document,
    stays_seen,
)
from matcher.errors import ClashError, LedgerError
from matcher.explain import (
    explained,
    not_known_document,
    not_known_lines,
    overdue_line,
)
from matcher.explain.ahead import AheadChange, ahead_change
from matcher.explain.telling import Telling
from matcher.explain.week_explanation import depth
from matcher.horizon import Priced, accepted_share, freeze, price_ahead, stay_curves
from matcher.ledger import Ledger, Stored
from matcher.plan import Plan
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.queues import BackUps
from matcher.report import need_page, rows_line, run_document, write_document
from matcher.rules import Language
from matcher.run_folder import clean, finished, whole_folder
from matcher.solve import Options, Solution, Standing, solve
from matcher.tables import (
    Issue,
    IssueCode,
    Reading,
    Severity,
    Tables,
    TheirMapping,
    check,
    check_folder,
    issue_counts,
    raise_if_unusable,
    write_quarantine,
)
from matcher.texts import LANGUAGES, Both, Message, joined
from matcher.verify import ensure_back_ups_verified, ensure_verified

MADE_UP_MARK = "MADE_UP.txt"
"""A data folder that holds this file is not about real people, and its report says so."""


class Observer:
    """Hears what a run is doing; does nothing by itself."""

    stop: Event | None = None
    """Set it to end the solve with the best plan so far."""

    def phase(self, name: str) -> None:
        """Note that a phase begins."""

    def step(self, done: int, total: int) -> None:
        """Note how far the phase has come."""

    def stands(self, standing: Standing) -> None:
        """Note the best plan so far, and what no plan can pass."""

    def note(self, text: str) -> None:
        """Say something a person should read."""


@dataclass(frozen=True)
class WeekOptions:
    """How to run a week."""

    language: Language = "en"
    """Language of the report and the tables."""
    engine: Options = field(default_factory=Options)
    """Limits and seed of the engine."""
    explain: bool = False
    """Whether to solve the week again for margins, what would help, and bottlenecks."""


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A finished run."""

    folder: Path
    """The run folder."""
    document: Mapping[str, Any]
    """Everything, as in ``run.json``."""
    reading: Reading
    solution: Solution
    files: Mapping[str, Path]
    """What was written, by name."""
    stored: Stored | None = None
    """The run in the ledger; None where there is none."""


def run_week(
    address: Tables,
    out: Path,
    policy: Policy,
    today: dt.date,
    options: WeekOptions | None = None,
    observer: Observer | None = None,
    ledger: Ledger | None = None,
    mapping: TheirMapping | None = None,
    *,
    made_up: bool | None = None,
) -> FinishedRun:
    """Run one week: read, match, verify, explain, write, and into the ledger.

    Parameters
    ----------
    address
        A folder of CSV or Parquet, a workbook, a database URL, or frames by table name.
    out
        Folder that the run folder is made in.
    policy
        What holds on ``today``.
    today
        Date of the run.
    ledger
        Where runs are stored; held from when the tables are read to the end. None: nowhere.
    mapping
        What their tables and columns are in ours. None: they have our names.
    made_up
        Whether the tables are about nobody. None: where they lie says so.

    Raises
    ------
    InputErrors
        The tables cannot be used; carries every issue.
    ClashError
        Locks or floors contradict each other.
    NoPlanError
        The engine's limit came before any plan.
    OptionError
        ``out`` cannot be written, or what the page needs is not installed.
    LedgerError
        The ledger cannot be used; neither a run in it nor a run folder is left.
    """
    options, observer = options or WeekOptions(), observer or Observer()
    check_folder(out, "--out")
    need_page()
    clock = _Clock(observer)
    with clock.phase("read"):
        reading = check(address, policy, today, mapping=mapping)
        for text in reading_notes(reading):
            observer.note(text)
        raise_if_unusable(reading, options.language)
        if (late := overdue_line(policy)) is not None:
            observer.note(late)
        for line in not_known_lines(not_known_document(reading.problem), options.language):
            observer.note(line)
    with ledger.lock() if ledger is not None else nullcontext():
        _tidy(out, ledger, observer)
        with clock.phase("decided"):
            carried = _carried(reading, ledger, observer)
        carried, priced = _priced(carried, ledger, observer)
        nobody = is_made_up(address) if made_up is None else made_up
        return _run(nobody, reading, carried, priced, out, options, observer, clock, ledger)


def _run(
    made_up: bool,
    reading: Reading,
    carried: CarriedOver,
    priced: Priced | None,
    out: Path,
    options: WeekOptions,
    observer: Observer,
    clock: _Clock,
    ledger: Ledger | None,
) -> FinishedRun:
    """Run on tables that are read: match, verify, explain, write, store."""
    with clock.phase("match"):
        solution = _solved(carried.problem, options, observer)
        solution.plan.need_plan()
    with clock.phase("verify"):
        ensure_verified(carried.problem, solution.plan)
    with clock.phase("explain"):
        plan = explained(solution)
        people = people_document(solution, carried, ledger, options.language)
        backing = _backed(solution, ledger, options, observer)
        change = None if priced is None else ahead_change(solution, options.engine)
        deep = None
        if options.explain and not solution.plan.proven:
            observer.note(Message("note.not_proven"))
        elif options.explain:
            resolver = Resolver(solution, options.engine)
            deep = depth(resolver, progress=observer.step)
    stored = None
    issues = [issue.to_dict(options.language) for issue in (*reading.issues, *carried.issues)]
    mapping = {"mapping": dict(reading.mapping)} if reading.mapping else {}
    with clock.phase("write"), whole_folder(out, _name(solution)) as made:
        plan = dataclasses.replace(
            plan, provenance={**plan.provenance, **mapping, "run_times": dict(clock.times)}
        )
        document = run_document(
            carried.problem,
            plan,
            language=options.language,
            issues=issues,
            people=people,
            made_up=made_up,
            depth=deep,
            ahead=_ahead_document(priced, change),
            back_ups=backing,
            rows={name: (count.kept, count.read) for name, count in reading.counts.items()},
        )
        files = write_document(document, made.hidden, language=options.language)
        quarantined = write_quarantine(reading, made.hidden / "quarantine", options.language)
        if ledger is not None:
            told = {
                "address": reading.address,
                "language": options.language,
                "made_up": document["made_up"],
                "issues": issue_counts(issues),
            }
            stored, made.final = _store(
                ledger, plan, carried, {**told, "back_ups": backing}, made.hidden, made.final
            )
    final = made.final
    if stored is not None:
        _tell_stored(stored, observer)
    for notice in files.notices:
        observer.note(notice)
    moved = {name: final / path.relative_to(made.hidden) for name, path in files.items()}
    if quarantined:
        moved["quarantine"] = final / "quarantine"
    return FinishedRun(final, document, reading, solution, moved, stored)


def _priced(
    carried: CarriedOver, ledger: Ledger | None, observer: Observer
) -> tuple[CarriedOver, Priced | None]:
    """Price what is held in the weeks ahead, where the policy asks for it and enough was seen."""
    problem, horizon = carried.problem, carried.problem.policy.horizon
    if horizon is None or not horizon.on:
        return carried, None
    if ledger is None:
        observer.note(Message("note.ahead_no_ledger"))
        return carried, None
    seen = arrivals_seen(problem, ledger)
    if len(seen.days) < horizon.fewest_seen:
        observer.note(
            Message("note.ahead_too_few", seen=len(seen.days), needed=horizon.fewest_seen)
        )
        return carried, None
    survival = stay_curves(problem.policy, stays_seen(problem, ledger))
    accepted = accepted_share(problem.policy, *answers_seen(problem, ledger))
    priced = price_ahead(problem, seen, survival, accepted=accepted)
    if not priced.prices:
        return carried, priced
    frozen = problem.replace(policy=freeze(problem.policy, priced.prices, survival))
    return dataclasses.replace(carried, problem=frozen), priced


def _backed(
    solution: Solution, ledger: Ledger | None, options: WeekOptions, observer: Observer
) -> BackUps | None:
    """Find and check who steps in where a proposal is declined; None: the run is to end now."""
    if observer.stop is not None and observer.stop.is_set():
        return None
    problem, plan = solution.problem, solution.plan
    found = back_ups(solution, problem.policy.declines.back_ups, options.engine)
    found = asked_together(problem, plan, found, ledger)
    ensure_back_ups_verified(problem, plan, found)
    return found


def _ahead_document(priced: Priced | None, change: AheadChange | None) -> dict[str, Any] | None:
    """Return what was priced and what came of it, plain values; None where it is off."""
    if priced is None:
        return None
    return {**priced.to_dict(), "change": None if change is None else change.to_dict()}


def _solved(problem: Problem, options: WeekOptions, observer: Observer) -> Solution:
    """Solve the week; where what is fixed clashes, say the ways out as well.

    Raises
    ------
    ClashError
        Locks or floors contradict each other or the rows.
    """
    solution = solve(
        problem,
        options.engine,
        progress=observer.step,
        heard=observer.stands,
        cancel=observer.stop,
    )
    if (clash := solution.plan.clash) is not None:
        ways = ways_out(solution, options.engine)
        said = (Telling(problem, language).ways_out(ways, clash) for language in LANGUAGES)
        texts = (dict(zip(LANGUAGES, told, strict=True)) for told in zip(*said, strict=True))
        raise clash.error(*map(Both.of, texts))
    return solution


def with_clashes(reading: Reading) -> Reading:
    """Add to a reading what else stops a run on it: locks and floors that cannot all be honoured.

    Only those with a lock, and the adults of their households, are weighed, and everybody where
    the policy has floors: nothing that is free can make what is fixed impossible.
    """
    problem = reading.problem
    locks, citizens = problem["locks"], problem["citizens"]
    floors = problem.policy.group_floors
    if not reading.usable or (locks.empty and not floors):
        return reading
    if not floors:
        locked = citizens["citizen_id"].isin(locks["citizen_id"])
        homes = citizens.loc[locked, "household_id"].dropna()
        part = citizens[locked | citizens["household_id"].isin(homes)]
        problem = problem.with_tables(citizens=part.reset_index(drop=True))
    try:
        _solved(problem, WeekOptions(), Observer())
    except ClashError as error:
        found = [
            Issue(
                IssueCode.FIXED_CLASH,
                Severity.ERROR,
                "locks" if len(locks) else "policy",
                value=fact,
                advice=Message("advice.take_back"),
            )
            for fact in error.facts
        ]
        why = joined((error.message, joined(error.facts, "; ")))
        return dataclasses.replace(
            reading, issues=(*reading.issues, *found), why_not=(*reading.why_not, why)
        )
    return reading


def _carried(reading: Reading, ledger: Ledger | None, observer: Observer) -> CarriedOver:
    """Lay what was decided before over the tables."""
    if ledger is None:
        if count := len(reading.problem["events"]):
            observer.note(Message("note.events_unused", count=count))
        return CarriedOver(reading.problem)
    carried = carry_over(reading.problem, ledger)
    if carried.issues:
        observer.note(Message("note.disagree", count=len(carried.issues)))
    return carried


def _tidy(out: Path, ledger: Ledger | None, observer: Observer) -> None:
    """Finish and clean away what killed runs have left."""
    if ledger is not None:
        for folder in ledger.settle():
            observer.note(Message("note.named", folder=str(folder)))
    if removed := clean(out, ledger):
        observer.note(Message("note.removed", count=len(removed)))


def _store(
    ledger: Ledger,
    plan: Plan,
    carried: CarriedOver,
    told: Mapping[str, Any],
    hidden: Path,
    final: Path,
) -> tuple[Stored, Path]:
    """Store a run whose files are written; its folder gets its name once that is certain."""
    whole = finished(hidden, ledger)
    try:
        stored = ledger.record_run(
            plan,
            carried.problem,
            **told,
            hidden=whole,
            folder=final,
            keep_input=carried.problem.policy.retention.input_weeks > 0,
            seats_given=carried.seats_given,
            counting=carried.counting,
        )
    except BaseException:
        # If the ledger has it after all, the folder waits for its name; if nobody knows, the next
        # run finds out.
        with suppress(LedgerError):
            if whole.resolve() not in ledger.waiting_folders():
                shutil.rmtree(whole, ignore_errors=True)
        raise
    if stored.folder != final:
        shutil.rmtree(whole)
        return stored, _as_given(stored.folder or final, final)
    named = ledger.settle()
    return stored, _as_given(named[-1], final) if named else final


def _as_given(folder: Path, final: Path) -> Path:
    """Spell a run folder as the caller spells the folder of all runs."""
    spelt = final.with_name(folder.name)
    return spelt if spelt.resolve() == folder.resolve() else folder


def _tell_stored(stored: Stored, observer: Observer) -> None:
    name = stored.run.run_id
    if stored.known:
        observer.note(Message("note.known", run=name))
    elif stored.differs_from is not None:
        observer.note(Message("note.differs", run=name, other=stored.differs_from))


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


MOST_NAMED = 5
"""Columns not read that a run names; `jobmatch check` shows each."""


def reading_notes(reading: Reading) -> list[str]:
    """Say what a person should know of the tables before anything is made of them.

    How much is wrong, which tables were not wholly read, which columns and which policy are not
    read: one misspelt changes the answer and stops nothing.
    """
    notes: list[str] = []
    if reading.issues:
        aside = sum(count.put_aside for count in reading.counts.values())
        notes.append(
            Message(
                "note.issues",
                errors=Message("count.errors", count=len(reading.errors)),
                warnings=Message("count.warnings", count=len(reading.warnings)),
                aside=Message("count.rows", count=aside),
            )
        )
    rows = {name: (one.kept, one.read) for name, one in reading.counts.items()}
    if rows_line(rows):
        notes.append(Both.each(lambda language: rows_line(rows, language)))
    unread = {IssueCode.UNKNOWN_COLUMN, IssueCode.POLICY_NOT_USED, IssueCode.NOT_MAPPED,
              IssueCode.ROWS_LEFT_OUT, IssueCode.NO_ROW_TO_JOIN}  # fmt: skip
    told = [issue for issue in reading.warnings if issue.code in unread]
    notes += [joined((issue.message, issue.advice)) for issue in told[:MOST_NAMED]]
    if len(told) > MOST_NAMED:
        notes.append(Message("note.more_columns", count=len(told) - MOST_NAMED))
    return notes


def _name(solution: Solution) -> str:
    """Name of the run folder: date and what it was made from."""
    return f"{solution.problem.today.isoformat()}-{solution.problem.digest()[:8]}"


def is_made_up(address: Tables) -> bool:
    """Whether the mark lies in the folder of the tables, or beside the workbook or database."""
    if isinstance(address, Mapping):
        return False
    path = Path(address)
    if "://" in str(address):
        from sqlalchemy import make_url

        url = make_url(str(address))
        if url.get_backend_name() != "sqlite" or not url.database:
            return False
        path = Path(url.database)
    return ((path if path.is_dir() else path.parent) / MADE_UP_MARK).exists()
