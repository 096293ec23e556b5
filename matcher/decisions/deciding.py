"""Decisions of forms into the ledger: each row held against the run it belongs to.

Good rows are taken, the others come back with what is wrong with them, each once and by itself;
handing a form in again changes nothing.

Where rows, forms, or a form and the ledger say different things of one proposal, the one decided
later counts, whatever the order of rows and forms, and it is said. Of rows and forms handed in
together that are of the same moment none is later: they are not taken. What the ledger has gives
way to what is handed in after it with the same moment.

The answers of those asked beside others come in the same way; what a yes of theirs comes to is
worked out once all rows are taken (:mod:`matcher.decisions.beside`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from matcher.clock import local_day
from matcher.cpr import mask
from matcher.decisions.beside import (
    SeatOrders,
    Turned,
    answer_of,
    open_run,
    seats_answered,
    settle_seats,
)
from matcher.decisions.checking import Checker, NotTaken
from matcher.decisions.form import VERDICTS
from matcher.decisions.reading import FormFile, FormRow
from matcher.decisions.taken import BadRow, DatedDecisions, Note, Taken
from matcher.ledger import AskedBeside, Decision, Ledger, Proposal, Recorded
from matcher.policy import Policy

_Pair = tuple[str, str]
"""Citizen and opening."""
FEWEST_SORTED = 2
"""Rows with ids of other rows from which columns were sorted apart; one is a slip of one row."""


def take(
    form: FormFile,
    ledger: Ledger,
    policy: Policy | None = None,
    *,
    now: dt.datetime,
    decided: dt.datetime | None = None,
) -> Taken:
    """Take the decisions of one form: see :func:`take_all`."""
    (taken,) = take_all([form], ledger, policy, now=now, decided=decided)
    return taken


def take_all(
    forms: Sequence[FormFile],
    ledger: Ledger,
    policy: Policy | None = None,
    *,
    now: dt.datetime,
    decided: dt.datetime | None = None,
) -> tuple[Taken, ...]:
    """Take the decisions of forms, together: the order in which they are given does not matter.

    Parameters
    ----------
    forms
        As they came back.
    ledger
        Holds the runs, and gets the decisions.
    policy
        Neutral reasons, and how long each bars. None: of each run, its own.
    now
        The moment, aware.
    decided
        When it was decided, for rows that do not say it themselves. None: when the form was
        saved, as a workbook says itself; of other files, when they were last written.

    Returns
    -------
    tuple of Taken
        What became of each, in the order given.

    Raises
    ------
    LedgerError
        The ledger cannot be read or written; what was stored of other forms stays.
    """
    with ledger.lock():
        checker = Checker(ledger, policy, now, decided)
        check = _Check(forms, checker)
        check.run()
        # Earlier ones first, so that it is the same whichever was handed in first.
        order = sorted(range(len(forms)), key=lambda at: (check.begins(at), forms[at].path.name))
        stored: dict[int, Recorded] = {}
        for at in order:
            good = check.good[at]
            recorded = ledger.record_decisions([one.decision for one in good])
            for refused in recorded.refused:
                check.refuse(at, good[refused.at].row, refused.code)
            stored[at] = recorded
        check.settle()
        return tuple(check.taken(at, stored[at].new, stored[at].known) for at in range(len(forms)))


@dataclass(frozen=True)
class _Said:
    """A row that says something that can be taken."""

    form: int
    """Position of its form."""
    row: FormRow
    proposal: Proposal
    decision: Decision

    @property
    def words(self) -> tuple[str, str | None]:
        return self.decision.verdict, self.decision.reason

    @property
    def order(self) -> tuple[Any, ...]:
        """By moment, then by what it is about: not by the order of files or rows."""
        one = self.decision
        return one.decided_at, one.run_id, one.citizen_id, one.opening_id, one.verdict


class _Check:
    """Holds the rows of forms against the ledger and against each other."""

    def __init__(self, forms: Sequence[FormFile], checker: Checker) -> None:
        self.forms = forms
        self.checker = checker
        self.good: list[list[_Said]] = [[] for _ in forms]
        self._bad: list[list[BadRow]] = [[] for _ in forms]
        self._notes: list[list[Note]] = [[] for _ in forms]
        self._place = [{id(row): at for at, row in enumerate(form.rows)} for form in forms]
        self._stored: dict[_Pair, list[Decision]] = {}
        self._undecided = [0] * len(forms)
        self._standing = [0] * len(forms)
        ledger = checker.ledger
        today = local_day(checker.now)
        self._open = open_run(ledger)
        self._newest = "" if self._open is None else self._open.run_id
        self._seats = SeatOrders(())
        self._asked = () if self._open is None else ledger.asked(self._newest)
        if self._open is not None and self._asked:
            policy = checker.policy_of(self._newest)
            self._seats = seats_answered(ledger, self._open, policy, self._asked)
        self._accepted = {
            decision.citizen_id: decision
            for decision in ledger.decisions(standing=today)
            if decision.verdict == "accept"
        }
        self._under_way = {one.citizen_id: one.opening_id for one in ledger.placements(today)}

    def refuse(self, at: int, row: FormRow, code: str, **facts: str) -> None:
        """Put a row of a form aside."""
        self._bad[at].append(BadRow(row, code, facts, self.checker.shown(row)))

    def begins(self, at: int) -> dt.datetime:
        """When the first decision of a form was made; now, where there is none."""
        return min((one.decision.decided_at for one in self.good[at]), default=self.checker.now)

    def run(self) -> None:
        """Sort all rows into those that hold and the others."""
        said = [one for at in range(len(self.forms)) for one in self._of_form(at)]
        kept = sorted(self._without_contradictions(said), key=lambda one: one.order)
        for one in {self._pair(one): one for one in kept}.values():
            # A seat that is given back among these rows is free for whoever says yes among them.
            begun = self._under_way.get(one.decision.citizen_id) == one.decision.opening_id
            gives = isinstance(one.proposal, AskedBeside) and one.decision.verdict != "accept"
            if gives and not begun:
                self._hear(one)
        for one in kept:
            if self._possible(one):
                self.good[one.form].append(one)
        for at, good in enumerate(self.good):
            # In the order of the file, as it is told.
            self.good[at] = self._with_seconds(
                self.forms[at],
                sorted(good, key=lambda one: self._place[one.form][id(one.row)]),
            )

    def taken(self, at: int, new: int, known: int) -> Taken:
        """Tell what became of a form."""
        form, good = self.forms[at], self.good[at]
        counts: dict[str, int] = dict.fromkeys(VERDICTS, 0)
        for one in good:
            counts[one.decision.verdict] += 1
        place = self._place[at]
        return Taken(
            path=form.path,
            rows=len(form.rows),
            new=new,
            known=known + self._standing[at],
            undecided=self._undecided[at],
            by_verdict=counts,
            bad=tuple(sorted(self._bad[at], key=lambda one: place[id(one.row)])),
            ignored=form.ignored,
            decisions=tuple(one.decision for one in good),
            dated=self._dated(form, good),
            notes=tuple(sorted(self._notes[at], key=lambda one: place[id(one.row)])),
        )

    def _dated(self, form: FormFile, good: Sequence[_Said]) -> tuple[DatedDecisions, ...]:
        """Count the good rows without a moment of their own by where theirs is from."""
        counts = Counter(
            self.checker.moment(form, one.decision.run_id)
            for one in good
            if one.row["decided"] == ""
        )
        return tuple(DatedDecisions(by, at, rows) for (by, at), rows in sorted(counts.items()))

    # -------------------------------------------------------------------- asked beside others

    def settle(self) -> None:
        """Work out what the answers of those asked beside come to, and note it with their rows."""
        if self._open is None or not self._seats.seats:
            return
        policy = self.checker.policy_of(self._newest)
        turned = settle_seats(self.checker.ledger, self._open, policy, self._asked)
        came_to = {one.citizen_id: one.came_to for one in self._asked}
        came_to |= {change.asked.citizen_id: change.came_to for change in turned}
        about = [one for good in self.good for one in good
                 if (one.decision.citizen_id, one.decision.opening_id) in self._seats]  # fmt: skip
        told: set[str] = set()
        for one in about:
            who = one.decision.citizen_id
            if one.decision.verdict == "accept" and came_to.get(who) is not None:
                told.add(who)
                self._tell(one, f"beside_{came_to[who]}", who)
        for change in turned:
            if change.came_to is not None and change.asked.citizen_id not in told:
                self._tell_turned(about, change)

    def _tell_turned(self, about: Sequence[_Said], change: Turned) -> None:
        """Note with the row that turned it what became of the yes of somebody else."""
        seat = self._seats.of(change.asked.citizen_id, change.asked.opening_id)
        rows = [one for one in about if seat is not None and one.decision.citizen_id in seat.order
                and one.decision.opening_id == seat.opening_id]  # fmt: skip
        if rows:
            self._tell(max(rows, key=lambda one: one.order), f"turned_{change.came_to}",
                       str(change.asked.rank))  # fmt: skip

    def _tell(self, one: _Said, code: str, who: str) -> None:
        said = one.decision
        self._notes[one.form].append(
            Note(one.row, code, said.citizen_id, said.verdict, said.decided_at,
                 said.verdict, who)
        )  # fmt: skip

    def _given_behind(self, one: _Said) -> bool:
        """Whether it would take the seat from somebody who comes later and has it already.

        A no does not, but for one that says that the seat is filled: whoever has it fills it.
        """
        holder = self._seats.holder_behind(*self._pair(one))
        policy = self.checker.policy_of(one.decision.run_id)
        if holder is None or answer_of(policy, one.decision) == "no":
            return False
        self.refuse(one.form, one.row, "seat_given", rank=str(holder.rank))
        return True

    def _hear(self, one: _Said) -> None:
        if self._pair(one) in self._seats and self._counts_now(one):
            self._seats.hear(self.checker.policy_of(one.decision.run_id), one.decision)

    @staticmethod
    def _pair(one: _Said) -> _Pair:
        return one.decision.citizen_id, one.decision.opening_id

    def _counts_now(self, one: _Said) -> bool:
        """Whether the ledger has no later decision about the same proposal."""
        stored = self._stored.get(self._pair(one), ())
        return all(old.decided_at <= one.decision.decided_at for old in stored)

    # -------------------------------------------------------------------- rows by themselves

    def _of_form(self, at: int) -> list[_Said]:
        form = self.forms[at]
        found: list[_Said] = []
        mixed: dict[str, list[tuple[FormRow, NotTaken]]] = defaultdict(list)
        swapped: Counter[str] = Counter()
        for row in form.rows:
            silent = row.silent
            self._undecided[at] += silent
            try:
                proposal = self.checker.proposal(row)
                if not silent:
                    said = self.checker.decision(form, row, proposal)
                    found.append(_Said(at, row, proposal, said))
            except NotTaken as error:
                swapped[row.sheet] += error.field in self.checker.shown(row)
                if not silent and error.code == "proposal_changed":
                    mixed[row.sheet].append((row, error))
                elif not silent:
                    self.refuse(at, row, error.code, **error.facts)
        apart = {sheet: str(rows) for sheet, rows in swapped.items() if rows >= FEWEST_SORTED}
        for sheet, rows in mixed.items():
            for row, why in rows:
                if sheet not in apart:
                    self.refuse(at, row, why.code, **why.facts)
                else:
                    self.refuse(at, row, "sorted_apart", count=apart[sheet])
        for one in found:
            if one.row.sheet in apart:
                self.refuse(at, one.row, "sorted_apart", count=apart[one.row.sheet])
        return [one for one in found if one.row.sheet not in apart]

    # -------------------------------------------------------------------- rows together

    def _without_contradictions(self, said: Sequence[_Said]) -> list[_Said]:
        """Count equal rows once; of rows that differ the later counts, and none where none is."""
        groups: dict[_Pair, list[_Said]] = defaultdict(list)
        for one in said:
            groups[one.decision.citizen_id, one.decision.opening_id].append(one)
        self._stored = self._known({one.decision.run_id for one in said})
        kept: list[_Said] = []
        for pair, members in groups.items():
            kept += self._one_pair(self._once(members), self._stored.get(pair, []))
        return kept

    def _known(self, runs: set[str]) -> dict[_Pair, list[Decision]]:
        """Decisions that the ledger has of runs, by citizen and opening."""
        found: dict[_Pair, list[Decision]] = defaultdict(list)
        for run_id in sorted(runs):
            for one in self.checker.ledger.decisions(run_id=run_id, history=True):
                found[one.citizen_id, one.opening_id].append(one)
        return found

    def _once(self, members: Sequence[_Said]) -> list[_Said]:
        """Of rows of one form that say the same, as of the same moment, keep the first."""
        kept: dict[tuple[Any, ...], _Said] = {}
        for one in members:
            key = (one.form, one.decision.run_id, *one.words, one.decision.decided_at)
            if key in kept:
                self._standing[one.form] += 1
            else:
                kept[key] = one
        return list(kept.values())

    def _one_pair(self, members: list[_Said], stored: Sequence[Decision]) -> list[_Said]:
        """Rows about one proposal that can be taken; notes what does not count, and why."""
        good = []
        for one in members:
            moment = one.decision.decided_at
            beside = [
                other
                for other in members
                if other.decision.decided_at == moment and other.words != one.words
            ]
            if beside:
                self._refuse_beside(one, [one, *beside])
            else:
                good.append(one)
        self._note(good, stored)
        return good

    def _refuse_beside(self, one: _Said, group: Sequence[_Said]) -> None:
        own = [other for other in group if other.form == one.form]
        if len(own) == len(group):
            rows = sorted(own, key=lambda other: self._place[one.form][id(other.row)])
            self.refuse(one.form, one.row, "contradicting_rows",
                        rows=", ".join(other.row.name for other in rows))  # fmt: skip
            return
        others = sorted(self._named(other) for other in group if other.form != one.form)
        self.refuse(one.form, one.row, "contradicting_forms", other="; ".join(others),
                    moment=one.decision.decided_at.isoformat())  # fmt: skip

    def _named(self, one: _Said) -> str:
        return f"{mask(self.forms[one.form].path.name)}: {one.row.name}"

    def _note(self, good: Sequence[_Said], stored: Sequence[Decision]) -> None:
        """Say which rows are overtaken by a later one, and which take the place of an earlier."""
        if not good:
            return
        last = max(good, key=lambda one: one.order)
        newest = max(stored, key=lambda one: one.decided_at, default=None)
        known = {(one.decided_at, one.verdict, one.reason) for one in stored}
        counts = last.decision
        if newest is not None and newest.decided_at > counts.decided_at:
            counts = newest
        for one in good:
            mine = one.decision
            if (mine.decided_at, *one.words) in known or one.words == (
                counts.verdict, counts.reason,
            ):  # fmt: skip
                continue
            stands = counts is not last.decision
            self._notes[one.form].append(
                Note(one.row, "older" if stands else "overtaken", mine.citizen_id, mine.verdict,
                     mine.decided_at, counts.verdict, "" if stands else self._named(last))
            )  # fmt: skip
        if (
            newest is not None
            and counts is last.decision
            and (newest.verdict, newest.reason) != last.words
        ):
            self._notes[last.form].append(
                Note(last.row, "changes", counts.citizen_id, newest.verdict, newest.decided_at,
                     counts.verdict)
            )  # fmt: skip

    def _possible(self, one: _Said) -> bool:
        """Whether the decision can still be taken; one that stands already is only counted."""
        if self._counts_now(one) and self._given_behind(one):
            return False
        proposal, decision = one.proposal, one.decision
        who, where = proposal.citizen_id, proposal.opening_id
        standing = self._accepted.get(who)
        here = standing is not None and standing.opening_id == where
        if decision.verdict == "accept" and here:
            self._standing[one.form] += proposal.locked
            return not proposal.locked
        if self._under_way.get(who) == where:
            self.refuse(one.form, one.row, "already_started", value=who)
            return False
        if decision.verdict == "reject":
            if standing is not None and here and standing.decided_at <= decision.decided_at:
                del self._accepted[who]
            return True
        if isinstance(proposal, AskedBeside) and proposal.run_id != self._newest:
            self.refuse(one.form, one.row, "asked_over", run=proposal.run_id, newest=self._newest)
            return False
        if proposal.run_id != self._newest and not self._repeated(proposal):
            self.refuse(one.form, one.row, "superseded", run=proposal.run_id, newest=self._newest)
            return False
        if decision.verdict == "accept":
            other = self._under_way.get(who) or (standing.opening_id if standing else where)
            if other != where:
                self.refuse(one.form, one.row, "accepted_elsewhere", value=who, expected=other)
                return False
            if self._counts_now(one):
                self._accepted[who] = decision
        return True

    def _repeated(self, proposal: Proposal) -> bool:
        """Whether the newest run proposes the same."""
        newest = self.checker.of_run(self._newest) or {}
        wanted = (proposal.citizen_id, proposal.opening_id, proposal.measure)
        return any(
            (one.citizen_id, one.opening_id, one.measure) == wanted
            for one in newest.values()
            if not isinstance(one, AskedBeside)
        )

    @staticmethod
    def _with_seconds(form: FormFile, good: list[_Said]) -> list[_Said]:
        """Without moments of their own, decisions took at most their share of the form's time.

        The time from writing the workbook to saving it, over the rows decided: an upper bound on
        what each got on average, so that only what cannot have been looked at counts as unseen.
        """
        created, saved = form.created, form.saved
        if not created or not saved or saved <= created or not good:
            return good
        share = int((saved - created).total_seconds() // len(good))
        return [
            one if one.row["decided"]
            else replace(one, decision=replace(one.decision, seconds_looked=share))
            for one in good
        ]  # fmt: skip
