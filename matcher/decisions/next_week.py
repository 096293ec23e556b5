"""What was decided before, laid over this week's tables: locks, placements, forbids, proposals.

Where the tables and the ledger name the same thing, the tables win, and a contradiction becomes an
issue. The ledger adds what the tables are silent about:

=======================================  ====================================================
in the ledger                            in the tables
=======================================  ====================================================
accepted, not begun                      a row of ``locks``
begun, not over                          a row of ``running``: seat, ratio place, class, mentor
rejected, declined; the reason bars      a row of ``forbids`` for the citizen there
rejected or an event: seats are filled   fewer ``seats`` of the opening
waiting or undecided in the last run     a row of ``previous``: changing it has a price
=======================================  ====================================================

An accepted placement that a rule stops now is not thrown over: it holds what it was given (as a
row of ``running``), and an issue asks a person to look. One for which there is no room any more
keeps the price of its change, and an issue says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.clock import local_day
from matcher.decisions.acceptances import lockable, with_room
from matcher.decisions.beside import (
    SeatOrders,
    Turned,
    open_run,
    seats_answered,
    seats_of,
    without_those_gone,
)
from matcher.decisions.events import Fill, Issues, hand_on, last_day, noted, seats_filled
from matcher.ledger import AskedBeside, Event, Ledger, Proposal, UnderWay
from matcher.policy import Policy
from matcher.problem import Problem, as_frame, frame_rows
from matcher.records import TABLES
from matcher.tables import Issue, IssueCode
from matcher.texts import Both, Message, joined

DECLINED = "citizen_declined"
"""Reason of a declined offer that names none, where the policy has it."""
OTHER = "other"


@dataclass(frozen=True, eq=False)
class CarriedOver:
    """A week's input with what was decided before."""

    problem: Problem
    issues: tuple[Issue, ...] = ()
    """What the ledger says against the tables."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Rows added: ``locks``, ``running``, ``held``, ``forbids``, ``previous``; ``seats`` taken."""
    seats_given: Mapping[str, int] = field(default_factory=dict)
    """Seats in the tables by opening, where filled ones were taken off."""
    stopped: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Why a rule stops what was accepted, by citizen and language."""
    counting: tuple[AskedBeside, ...] = ()
    """Those asked beside whose yes waited and counts, as those before cannot come any more."""


def carry_over(problem: Problem, ledger: Ledger) -> CarriedOver:
    """Lay what the ledger holds over a week's tables.

    The tables' events go into the ledger first, and acceptances whose first day has come become
    placements under way there; both are noted once, however often the week is run. Earlier
    proposals are those of the last run before the day of this one, so that running a week again
    gives the same input.

    Parameters
    ----------
    problem
        The tables alone.
    ledger
        Everything decided so far.

    Raises
    ------
    LedgerError
        The ledger cannot be read or written.
    """
    with ledger.lock():
        issues = Issues()
        hand_on(problem, ledger, issues)
        return _Week(problem, ledger, issues).carried()


class _Week:
    """One week's tables while the ledger is laid over them."""

    def __init__(self, problem: Problem, ledger: Ledger, issues: Issues) -> None:
        self.problem = problem
        self.policy: Policy = problem.policy
        self.today = problem.today
        self.ledger = ledger
        self.issues = issues
        self.citizens = set(problem["citizens"]["citizen_id"])
        openings = problem["openings"]
        self.workplace_of = dict(zip(openings["opening_id"], openings["workplace_id"], strict=True))
        self.standing = ledger.standing(self.today)
        self.under_way = ledger.placements(self.today)
        self._answered: dict[str, SeatOrders] = {}
        self.first_day = self.today + dt.timedelta(days=self.policy.start.notice_days)
        self._read_tables()

    def _read_tables(self) -> None:
        """Note what the tables say of their own accord."""
        rows = {name: frame_rows(self.problem[name]) for name in
                ("running", "locks", "forbids", "previous")}  # fmt: skip
        self.running = [
            row for row in rows["running"] if row["end"] is None or row["end"] >= self.first_day
        ]
        self.placed_at: dict[str, set[str]] = {}
        for row in self.running:
            self.placed_at.setdefault(row["citizen_id"], set()).add(row["opening_id"])
        self.locked_at = {row["citizen_id"]: row["opening_id"] for row in rows["locks"]}
        holds = [row for row in rows["forbids"]
                 if row["until"] is None or row["until"] >= self.today]  # fmt: skip
        self.forbidden = {(row["citizen_id"], row["opening_id"]) for row in holds}
        self.forbidden_sites = {
            (row["citizen_id"], row["workplace_id"]) for row in holds if row["workplace_id"]
        }
        self.proposed_before = {row["citizen_id"] for row in rows["previous"]}

    def carried(self) -> CarriedOver:
        """Lay everything over the tables."""
        running = self._begun()
        placed = {row["citizen_id"] for row in running} | set(self.placed_at)
        counting, turned = self._counting(placed)
        accepted = self._accepted(placed, counting)
        forbids, filled = self._barred()
        problem = self._with_closed_openings(running)
        problem = self._with_rows("running", running, problem)
        problem = self._with_rows("forbids", forbids, problem)
        problem = self._with_seats_taken(problem, filled)
        allowed = lockable(problem, accepted)
        held = self._held(allowed.stopped)
        problem = self._with_rows("running", held, problem)
        honoured = with_room(problem, allowed)
        self._tell_without_room(honoured.without_room)
        locks = [
            {"citizen_id": one.citizen_id, "opening_id": one.opening_id, "measure": one.measure}
            for one in honoured.locked
        ]
        self._tell_turned(turned, {(row["citizen_id"], row["opening_id"]) for row in locks})
        problem = self._with_rows("locks", locks, problem)
        settled = placed | {row["citizen_id"] for row in (*locks, *held)}
        previous = self._previous(settled, honoured.without_room, forbids)
        problem = self._with_rows("previous", previous, problem)
        counts = {
            "locks": len(locks),
            "running": len(running),
            "held": len(held),
            "forbids": len(forbids),
            "previous": len(previous),
            "seats": sum(filled.values()),
        }
        seats = dict(zip(self.problem["openings"]["opening_id"],
                         self.problem["openings"]["seats"].tolist(), strict=True))  # fmt: skip
        given = {opening_id: seats[opening_id] for opening_id in filled}
        why = {proposal.citizen_id: told for proposal, told in allowed.stopped}
        now = tuple(one for one in counting if one in accepted)
        return CarriedOver(problem, tuple(self.issues), counts, given, why, now)

    def _with_rows(
        self, name: str, rows: Sequence[Mapping[str, Any]], problem: Problem | None = None
    ) -> Problem:
        """Add rows to a table, in the table's order."""
        problem = problem or self.problem
        if not rows:
            return problem
        table = TABLES[name]
        fields = list(table.record.model_fields)
        defaults = {field: table.record.model_fields[field].get_default() for field in fields}
        more = as_frame(
            table, {field: [row.get(field, defaults[field]) for row in rows] for field in fields}
        )
        frame = pd.concat([problem[name], more], ignore_index=True).astype(more.dtypes.to_dict())
        frame = frame.sort_values(list(table.key), kind="stable", ignore_index=True)
        return problem.with_tables(**{name: frame})

    # -------------------------------------------------------------------- placements

    def _begun(self) -> list[dict[str, Any]]:
        """Placements under way that the tables do not list themselves."""
        rows: list[dict[str, Any]] = []
        unlisted = 0
        for one in self.under_way:
            at = self.placed_at.get(one.citizen_id)
            if at is None:
                rows.append(self._running_row(one))
                unlisted += one.start <= self.today
            elif one.opening_id not in at:
                self.issues.warn(
                    IssueCode.BEGUN_ELSEWHERE, "running", one.citizen_id, one.opening_id,
                    Message("expected.own_row", openings=tuple(sorted(at))),
                    Message("advice.send_an_end"),
                )  # fmt: skip
        if unlisted and len(self.problem["running"]):
            self.issues.warn(
                IssueCode.BEGUN_UNLISTED, "running", "",
                Message("found.placements", count=unlisted),
                Message("expected.row_each"),
                Message("advice.under_way"),
            )  # fmt: skip
        return rows

    def _running_row(self, one: UnderWay | Proposal) -> dict[str, Any]:
        """Row of ``running`` for a placement; links that lead nowhere are emptied."""
        teams = set(self.problem["teams"]["team_id"])
        pools = set(self.problem["mentor_pools"]["pool_id"])
        end = one.last_day if isinstance(one, UnderWay) else last_day(self.problem, one)
        return {
            "citizen_id": one.citizen_id,
            "opening_id": one.opening_id,
            "measure": one.measure,
            "start": one.start,
            "end": end,
            "team_id": one.team_id if one.team_id in teams else None,
            "pool_id": one.pool_id if one.pool_id in pools else None,
            "mentor_hours": one.mentor_minutes / 60 if one.pool_id in pools else 0.0,
        }

    def _with_closed_openings(self, running: Sequence[Mapping[str, Any]]) -> Problem:
        """Keep openings listed, without seats, that were taken down while somebody works there.

        Otherwise their workplace would get its ratio place back.
        """
        lost = {row["opening_id"] for row in running} - set(self.workplace_of)
        wanted = sorted({
            (one.run_id, one.opening_id) for one in self.under_way
            if one.opening_id in lost and one.run_id is not None
        })  # fmt: skip
        parts: list[pd.DataFrame] = []
        for run_id in sorted({run_id for run_id, _ in wanted}):
            frame = self.ledger.input_table(run_id, "openings")
            if frame is None:
                continue  # the input is gone by retention
            names = [where for run, where in wanted if run == run_id]
            parts.append(frame[frame["opening_id"].isin(names)])
        sites = self.problem["workplaces"]["workplace_id"]
        frame = pd.concat([self.problem["openings"], *(part.assign(seats=0) for part in parts)])
        frame = frame.drop_duplicates("opening_id")
        frame = frame[frame["workplace_id"].isin(sites)]
        frame = frame.sort_values("opening_id", kind="stable", ignore_index=True)
        return self.problem.with_tables(openings=frame) if parts else self.problem

    def _counting(self, placed: set[str]) -> tuple[tuple[AskedBeside, ...], tuple[Turned, ...]]:
        """Find those asked beside whose yes counts, for those before cannot come any more.

        Not to be there this week, or to be placed or locked elsewhere, stands in nobody's way. Of
        those who have merely not answered the proposal stays; a yes that waits for them is told.
        With them, whose yes comes to something else by what the tables tell.
        """
        last = open_run(self.ledger, self.today)
        if last is None:
            return (), ()
        asked = self.ledger.asked(last.run_id)
        gone = {
            (who, seat.opening_id)
            for seat in seats_of(asked)
            for who in seat.order
            if who not in self.citizens
            or who in placed
            or self.locked_at.get(who, seat.opening_id) != seat.opening_id
        }
        counts, waits, turned = without_those_gone(self.ledger, last, self.policy, asked, gone)
        for one in waits:
            if one.citizen_id in self.citizens:
                self.issues.warn(
                    IssueCode.YES_WAITED, "locks", one.citizen_id, one.opening_id,
                    Message("expected.answer_before"), Message("advice.yes_lapsed"),
                )  # fmt: skip
        return counts, turned

    def _tell_turned(self, turned: Sequence[Turned], locked: Collection[tuple[str, str]]) -> None:
        """Tell of a yes that has got a seat since, where there is room, or has lost it."""
        for change in turned:
            who, where = change.asked.citizen_id, change.asked.opening_id
            filled = change.came_to == "filled"
            if who in self.citizens and (filled or (who, where) in locked):
                self.issues.warn(
                    IssueCode.YES_FILLED if filled else IssueCode.YES_COUNTS, "locks", who, where,
                    Message("expected.citizen_told"), Message(f"advice.yes_{change.came_to}"),
                )  # fmt: skip

    def _accepted(self, placed: set[str], counting: Sequence[AskedBeside]) -> list[Proposal]:
        """Find accepted proposals that have not begun and that the tables do not gainsay."""
        found: dict[str, Proposal] = {}
        accepted = [one for decision, one in self.standing if decision.verdict == "accept"]
        for proposal in (*accepted, *counting):
            who, where = proposal.citizen_id, proposal.opening_id
            if who in placed:
                self._tell_elsewhere(who, where)
                continue
            if who not in self.citizens or where not in self.workplace_of:
                gone = "citizen" if who not in self.citizens else "opening"
                self._accepted_issue(IssueCode.ACCEPTED_UNKNOWN, proposal,
                                     Message(f"expected.{gone}_there"),
                                     Message("advice.settle"))  # fmt: skip
            elif (other := self.locked_at.get(who)) is not None:
                if other != where:
                    self._accepted_issue(
                        IssueCode.ACCEPTED_ELSEWHERE, proposal,
                        Message("expected.own_lock", opening=other),
                        Message("advice.reject_or_unlock"),
                    )  # fmt: skip
            elif (who, where) in self.forbidden or (
                who,
                self.workplace_of[where],
            ) in self.forbidden_sites:
                self._accepted_issue(
                    IssueCode.ACCEPTED_AND_FORBIDDEN, proposal, Message("expected.one_of_two"),
                    Message("advice.reject_or_allow"),
                )  # fmt: skip
            else:
                found[who] = proposal
        return [found[who] for who in sorted(found)]

    def _tell_elsewhere(self, who: str, where: str) -> None:
        """Tell of an acceptance whose citizen the tables have in another placement."""
        at = self.placed_at.get(who, {where})
        if where not in at:
            self.issues.warn(
                IssueCode.ACCEPTED_ELSEWHERE, "locks", who, where,
                Message("expected.own_placement", openings=tuple(sorted(at))),
                Message("advice.reject_or_end"),
            )  # fmt: skip

    def _accepted_issue(
        self, code: IssueCode, proposal: Proposal, expected: str, advice: str
    ) -> None:
        self.issues.warn(code, "locks", proposal.citizen_id, proposal.opening_id, expected, advice)

    def _held(self, stopped: Sequence[tuple[Proposal, Mapping[str, str]]]) -> list[dict[str, Any]]:
        """Let acceptances that a rule stops now hold what they were given, while it would last."""
        rows: list[dict[str, Any]] = []
        for proposal, why in stopped:
            row = self._running_row(proposal)
            if row["end"] is not None and row["end"] < self.today:
                continue
            rows.append(row)
            self._accepted_issue(
                IssueCode.ACCEPTED_IMPOSSIBLE, proposal, Message("expected.within_rules"),
                joined((Both.of(why), Message("advice.have_a_look"))),
            )  # fmt: skip
        return rows

    def _tell_without_room(self, proposals: Sequence[Proposal]) -> None:
        for proposal in proposals:
            self._accepted_issue(
                IssueCode.ACCEPTED_WITHOUT_ROOM, proposal, Message("expected.room_each"),
                Message("advice.not_kept"),
            )  # fmt: skip

    # -------------------------------------------------------------------- what is barred

    def _barred(self) -> tuple[list[dict[str, Any]], dict[str, int]]:
        """Rows of ``forbids``, and seats taken by opening."""
        reasons = self.policy.forbid_reasons.codes
        rows: dict[tuple[str, str | None, str | None], dict[str, Any]] = {}
        fills: list[Fill] = []
        told: set[tuple[str, str, str]] = set()
        for decision, proposal in self.standing:
            if decision.verdict != "reject":
                continue
            reason = reasons.get(str(decision.reason), reasons[OTHER])
            until = decision.until or self.today
            if reason.bars == "seat" and self._takes_seat(proposal, told):
                day = local_day(decision.decided_at)
                fills.append(Fill(noted(decision), day, proposal.opening_id, 1))
            self._bar(rows, proposal, decision.reason, until, reason.bars == "workplace")
        self._bar_after_events(rows, fills)
        return list(rows.values()), seats_filled(self.problem, self.ledger, fills)

    def _answers(self, run_id: str) -> SeatOrders:
        """Return what those asked for one seat by a run have answered, whether or not it binds."""
        if run_id not in self._answered:
            run = self.ledger.run(run_id)
            self._answered[run_id] = seats_answered(self.ledger, run, self.policy)
        return self._answered[run_id]

    @cached_property
    def _got(self) -> frozenset[tuple[str, str]]:
        """Citizens and openings of those who have got a seat: accepted, or begun."""
        accepted = {(one.citizen_id, one.opening_id) for decision, one in self.standing
                    if decision.verdict == "accept"}  # fmt: skip
        return frozenset(accepted | {(one.citizen_id, one.opening_id) for one in self.under_way})

    def _takes_seat(self, proposal: Proposal, told: set[tuple[str, str, str]]) -> bool:
        """Whether a no because the seat is filled tells of a seat that others have filled.

        Of several who are asked for one seat it is one seat, and none that one of them has got:
        whoever comes later is told that it is filled. ``told`` gets the seats that were counted.
        """
        first = proposal.proposed if isinstance(proposal, AskedBeside) else proposal.citizen_id
        seat = (proposal.run_id, proposal.opening_id, first)
        if seat in told:
            return False
        if isinstance(proposal, AskedBeside):
            answers = self._answers(proposal.run_id)
            order = answers.of(first, proposal.opening_id)
            refused = answers.said.get((first, proposal.opening_id)) in {"no", "filled"}
            people = () if order is None else order.order
            if not refused or any((who, proposal.opening_id) in self._got for who in people):
                return False
        told.add(seat)
        return True

    def _bar(
        self,
        rows: dict[tuple[str, str | None, str | None], dict[str, Any]],
        pair: Proposal | Event,
        reason: str | None,
        until: dt.date,
        whole_site: bool,
    ) -> None:
        """Bar a citizen at an opening or workplace, unless the tables speak of it or lock it."""
        who, where = str(pair.citizen_id), pair.opening_id
        site = self.workplace_of.get(where)
        if isinstance(pair, Proposal):
            site = site or pair.workplace_id
        if who not in self.citizens or not (where in self.workplace_of or (whole_site and site)):
            return
        if self.locked_at.get(who) == where:
            self.issues.warn(
                IssueCode.REJECTED_AND_LOCKED, "forbids", who, where,
                Message("expected.one_of_two"),
                Message("advice.unlock_or_accept"),
            )  # fmt: skip
            return
        at = None if whole_site and site else where
        key = (who, at, site if at is None else None)
        if at is not None and (who, at) in self.forbidden:
            return
        if at is None and (who, site) in self.forbidden_sites:
            return
        if key in rows and rows[key]["until"] >= until:
            return
        rows[key] = {
            "citizen_id": who,
            "opening_id": key[1],
            "workplace_id": key[2],
            "reason": reason or OTHER,
            "until": until,
        }

    def _bar_after_events(
        self,
        rows: dict[tuple[str, str | None, str | None], dict[str, Any]],
        fills: list[Fill],
    ) -> None:
        """Bar what was declined, and count the seats that others filled."""
        reasons = self.policy.forbid_reasons.codes
        longest = max(reason.weeks for reason in reasons.values())
        for event in self.ledger.events(since=self.today - dt.timedelta(weeks=longest)):
            if event.kind == "declined":
                code = event.reason or (DECLINED if DECLINED in reasons else OTHER)
                reason = reasons.get(code, reasons[OTHER])
                until = event.day + dt.timedelta(weeks=reason.weeks)
                if until >= self.today:
                    self._bar(rows, event, code, until, reason.bars == "workplace")
            elif event.kind == "filled":
                weeks = max((reason.weeks for reason in reasons.values()
                             if reason.bars == "seat"), default=0)  # fmt: skip
                until = event.day + dt.timedelta(weeks=weeks)
                if until >= self.today:
                    fills.append(Fill(noted(event), event.day, event.opening_id, event.seats))

    def _with_seats_taken(self, problem: Problem, taken: Mapping[str, int]) -> Problem:
        if not taken:
            return problem
        frame = problem["openings"]
        less = frame["opening_id"].map(taken).fillna(0).to_numpy(np.int64)
        seats = np.maximum(frame["seats"].to_numpy(np.int64) - less, 0)
        return problem.with_tables(openings=frame.assign(seats=seats))

    # -------------------------------------------------------------------- earlier proposals

    def _previous(
        self,
        settled: set[str],
        without_room: Sequence[Proposal],
        forbids: Sequence[Mapping[str, Any]],
    ) -> list[dict[str, Any]]:
        """Proposals of the last run that nothing has settled, and acceptances without room."""
        last = self.ledger.runs(before=self.today, most=1)
        proposals = [*without_room]
        proposals += self.ledger.proposals(last[0].run_id) if last else ()
        barred = {(row["citizen_id"], row["opening_id"]) for row in forbids}
        sites = {(row["citizen_id"], row["workplace_id"]) for row in forbids}
        rows: dict[str, dict[str, Any]] = {}
        for one in proposals:
            who, where = one.citizen_id, one.opening_id
            if (
                who not in self.citizens
                or where not in self.workplace_of
                or who in settled
                or who in self.proposed_before
                or (who, where) in barred
                or (who, self.workplace_of[where]) in sites
            ):
                continue
            row = {"citizen_id": who, "opening_id": where, "measure": one.measure}
            rows.setdefault(who, row)
        return list(rows.values())
