"""What has happened, into the ledger: what the tables tell of, and what begins on the day.

Ends, declined offers and filled seats come in with the table ``events``; an acceptance whose first
day has come becomes a placement under way. Each is noted once, however often a week is run. Of
seats that others filled it is counted how many an opening has less, until the tables show it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from matcher.decisions.beside import open_run, settle_seats
from matcher.ledger import AskedBeside, Decision, Event, Ledger, Proposal
from matcher.problem import Problem, frame_rows
from matcher.records import Citizen, Happened
from matcher.tables import Issue, IssueCode, Severity
from matcher.texts import Message


class Issues(list[Issue]):
    """What the ledger says against the tables."""

    def warn(
        self, code: IssueCode, table: str, key: str, value: str, expected: str, advice: str
    ) -> None:
        """Add an issue about something in the ledger."""
        self.append(
            Issue(code, Severity.WARNING, table, "ledger", key=key, value=value,
                  expected=expected, advice=advice)
        )  # fmt: skip


def hand_on(problem: Problem, ledger: Ledger, issues: Issues) -> None:
    """Note in the ledger what the tables say has happened, and what begins today."""
    told = _events(problem)
    ledger.record_events([event for event in told if event.kind != "end"])
    last = open_run(ledger, problem.today)
    if last is not None:
        settle_seats(ledger, last, problem.policy)
    ledger.record_events(_begun(problem, ledger))
    ends = [event for event in told if event.kind == "end"]
    listed = {(row["citizen_id"], row["opening_id"]) for row in frame_rows(problem["running"])}
    refused = ledger.record_events(ends).refused
    for row in refused:
        if (row.citizen_id, row.opening_id) not in listed:
            issues.warn(
                IssueCode.NOTHING_TO_END, "events", str(row.citizen_id), row.opening_id,
                Message("expected.began_before"),
                Message("advice.check_end"),
            )  # fmt: skip
    ledger.record_events(_ended_in_tables(problem, ledger))


def _begun(problem: Problem, ledger: Ledger) -> list[Event]:
    """Find acceptances whose first day has come.

    Only what the last run kept room for begins, for who was asked beside others as well: room is
    kept for whoever's turn comes. Class and mentor are those of its plan, which may be others than
    when it was accepted.
    """
    due = [
        proposal
        for decision, proposal in ledger.standing(problem.today)
        if decision.verdict == "accept" and proposal.start <= problem.today
    ]
    last = ledger.runs(before=problem.today, most=1) if due else ()
    if not last:
        return []
    planned = {(one.citizen_id, one.opening_id): one.start
               for one in ledger.proposals(last[0].run_id)}  # fmt: skip
    planned |= {(one.citizen_id, one.opening_id): one.start
                for one in ledger.asked(last[0].run_id) if one.came_to == "counts"}  # fmt: skip
    held = ledger.input_table(last[0].run_id, "running")
    rows = [] if held is None else frame_rows(held)
    placed = {(row["citizen_id"], row["opening_id"]): row["start"] for row in rows}
    starts: list[Event] = []
    for one in due:
        pair = (one.citizen_id, one.opening_id)
        first = planned.get(pair, placed.get(pair))
        if first is None:
            continue
        # A first day that had passed at the last run has its plan's in its place.
        day = one.start if one.start > last[0].day else first
        if day > problem.today:
            continue
        begins = replace(one, start=day)
        begun = Event("start", day, one.opening_id, one.citizen_id,
                      planned_end=last_day(problem, begins))  # fmt: skip
        if isinstance(one, AskedBeside) and one.run_id == last[0].run_id:
            # No run has proposed it yet: what it begins with is what was asked.
            begun = replace(begun, measure=one.measure, team_id=one.team_id, pool_id=one.pool_id,
                            mentor_minutes=one.mentor_minutes, run_id=one.run_id)  # fmt: skip
        starts.append(begun)
    return starts


def _events(problem: Problem) -> list[Event]:
    """Events of the tables, as the ledger knows them, in order of day."""
    kinds: dict[str, Any] = {
        Happened.END.value: "end",
        Happened.DECLINED.value: "declined",
        Happened.FILLED.value: "filled",
    }
    return [
        Event(
            kinds[row["event"]],
            row["day"],
            row["opening_id"],
            row["citizen_id"],
            reason=row["reason"],
            seats=row["seats"],
        )
        for row in sorted(frame_rows(problem["events"]), key=lambda row: row["day"])
    ]


def _ended_in_tables(problem: Problem, ledger: Ledger) -> list[Event]:
    """Find placements that the ledger runs and the tables' own rows say are over."""
    last = {
        (row["citizen_id"], row["opening_id"]): row["end"]
        for row in frame_rows(problem["running"])
        if row["end"] is not None and row["end"] < problem.today
    }
    return [
        Event("end", last[key], one.opening_id, one.citizen_id)
        for one in ledger.placements(problem.today)
        if (key := (one.citizen_id, one.opening_id)) in last and last[key] >= one.start
    ]


def last_day(problem: Problem, proposal: Proposal) -> dt.date | None:
    """Last day that a proposal's measure allows its citizen, counted from its start; None: open.

    The policy's longest duration less the weeks already used, as the rule of eligibility has it.
    """
    measure = problem.policy.measures.get(proposal.measure)
    found = problem.records("citizens", [proposal.citizen_id])
    citizen: Citizen | None = found.get(proposal.citizen_id)
    if measure is None or citizen is None:
        return None
    weeks = measure.weeks.get(citizen.category)
    if citizen.integration_act and measure.weeks_integration_act is not None:
        weeks = measure.weeks_integration_act
    if weeks is None:
        return None
    used = getattr(citizen, f"{measure.weeks_used}_weeks_used") if measure.weeks_used else 0.0
    left = max(1, int(weeks - used))
    return proposal.start + dt.timedelta(weeks=left, days=-1)


@dataclass(frozen=True)
class Fill:
    """Seats of an opening that others filled."""

    noted: dt.datetime
    """When the ledger was told: runs recorded before did not know of it."""
    day: dt.date
    opening_id: str
    seats: int


def seats_filled(problem: Problem, ledger: Ledger, fills: Iterable[Fill]) -> dict[str, int]:
    """Count by opening the seats that others have filled and the tables do not show yet.

    They do not while they give as many seats as when the news came.

    Parameters
    ----------
    problem
        The tables alone.
    ledger
        Holds the runs that knew other numbers of seats.
    fills
        Those that count on the day, as far as their reason goes.
    """
    seats_now = dict(zip(problem["openings"]["opening_id"],
                         problem["openings"]["seats"], strict=True))  # fmt: skip
    then = _SeatsThen(ledger)
    counts: Counter[str] = Counter()
    for fill in fills:
        given = seats_now.get(fill.opening_id)
        if given is not None and then.seats(fill) in {None, given}:
            counts[fill.opening_id] += fill.seats
    return dict(sorted(counts.items()))


class _SeatsThen:
    """Seats of openings in the tables as they were when some news came."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seats: dict[str, dict[str, int]] = {}

    def seats(self, fill: Fill) -> int | None:
        """Seats in the tables of the last run up to the news that did not know of it.

        None: there is no such run, or its input is gone.
        """
        last = self._ledger.last_run(fill.day, fill.noted)
        if last is None:
            return None
        if last.run_id not in self._seats:
            self._seats[last.run_id] = self._of_run(last.run_id)
        return self._seats[last.run_id].get(fill.opening_id)

    def _of_run(self, run_id: str) -> dict[str, int]:
        frame = self._ledger.input_table(run_id, "openings")
        if frame is None:
            return {}
        stored = dict(zip(frame["opening_id"], frame["seats"].tolist(), strict=True))
        # The stored input lacks what the run itself had taken off.
        return stored | self._ledger.seats_given(run_id)


def noted(what: Decision | Event) -> dt.datetime:
    """When the ledger was told of something it holds."""
    assert what.recorded_at is not None
    return what.recorded_at
