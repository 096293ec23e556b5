"""Decisions of a form into the ledger: each row held against the run it belongs to.

Good rows are taken, the others come back with what is wrong with them, each once and by itself;
handing a form in again changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from matcher.clock import local_day
from matcher.decisions.form import VERDICTS, proposal_key
from matcher.decisions.reading import FormFile, FormRow, moment_of
from matcher.errors import LedgerError
from matcher.ledger import Decision, Ledger, Proposal
from matcher.policy import Policy
from matcher.report import LANGUAGES, Words
from matcher.tables.names import fold, forbid_reasons

DatedBy = Literal["workbook", "file", "given", "now"]
LONGEST_SHOWN = 60
"""Characters of a cell that are shown."""


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken."""

    row: FormRow
    code: str
    """What is wrong: key of the texts ``row_problem``."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the sentence names: the value found, what was expected."""

    def sentence(self, words: Words) -> str:
        """Say what is wrong, which value, and what to do."""
        return words(f"row_problem.{self.code}", **self.facts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "row": self.row.number,
            "code": self.code,
            "facts": dict(self.facts),
            "sentence": {language: self.sentence(Words(language)) for language in LANGUAGES},
        }


@dataclass(frozen=True)
class Dated:
    """Decisions that came without a moment of their own, and the moment they were given."""

    by: DatedBy
    """``workbook``: when it was saved, as it says itself; ``file``: when the file was last
    written; ``given``: by whoever handed it in; ``now``: the file's time is before the run."""
    at: dt.datetime
    rows: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"by": self.by, "at": self.at.isoformat(), "rows": self.rows}


@dataclass(frozen=True)
class Taken:
    """What became of a form."""

    path: Path
    new: int
    """Decisions that were stored."""
    known: int
    """Decisions that were there already, or stand as they stood."""
    undecided: int
    """Rows that say nothing."""
    by_verdict: Mapping[str, int]
    """Decisions of the good rows."""
    bad: tuple[BadRow, ...]
    """Rows not taken, in the order of the file."""
    ignored: tuple[str, ...]
    """Columns that are not read."""
    decisions: tuple[Decision, ...]
    """What the good rows say."""
    dated: tuple[Dated, ...] = ()
    """Of the good rows those without a moment of their own."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "file": str(self.path),
            "new": self.new,
            "known": self.known,
            "undecided": self.undecided,
            "by_verdict": dict(self.by_verdict),
            "not_taken": [bad.to_dict() for bad in self.bad],
            "columns_not_read": list(self.ignored),
            "dated": [one.to_dict() for one in self.dated],
        }


def take(
    form: FormFile,
    ledger: Ledger,
    policy: Policy | None = None,
    *,
    now: dt.datetime,
    decided: dt.datetime | None = None,
) -> Taken:
    """Take the decisions of a form.

    Parameters
    ----------
    form
        As it came back.
    ledger
        Holds the runs, and gets the decisions.
    policy
        Neutral reasons, and how long each bars. None: of each run, its own.
    now
        The moment, aware.
    decided
        When it was decided, for rows that do not say it themselves. None: when the form was
        saved, as a workbook says itself; of other files, when they were last written.

    Raises
    ------
    LedgerError
        The ledger cannot be read or written; nothing of the form is stored then.
    """
    with ledger.lock():
        check = _Check(form, ledger, policy, now, decided)
        good = check.good_rows()
        recorded = ledger.record_decisions([decision for _, decision in good])
        for refused in recorded.refused:
            check.refuse(good[refused.at][0], refused.code)
    counts: dict[str, int] = dict.fromkeys(VERDICTS, 0)
    for _, decision in good:
        counts[decision.verdict] += 1
    bad = tuple(sorted(check.bad, key=lambda one: one.row.number))
    return Taken(
        form.path,
        recorded.new,
        recorded.known + check.standing,
        check.undecided,
        counts,
        bad,
        form.ignored,
        tuple(decision for _, decision in good),
        _dated(check, good),
    )


def _dated(check: _Check, good: Sequence[tuple[FormRow, Decision]]) -> tuple[Dated, ...]:
    """Count the good rows without a moment of their own by where theirs is from."""
    counts = Counter(
        (check.moment(decision.run_id), row["decided"] == "") for row, decision in good
    )
    return tuple(
        Dated(by, at, rows) for ((by, at), without), rows in sorted(counts.items()) if without
    )


class _NotTaken(Exception):
    """A row that cannot be taken, and why."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def _lost_zeros(found: str, should: str) -> bool:
    """Whether an id of digits lost the zeros before it, as Excel takes them off in a CSV.

    The key alone names the proposal; the ids are there to notice cells that were mixed up.
    """
    return should.isdecimal() and found.isdecimal() and found == should.lstrip("0")


def _unknown(row: FormRow, proposed: Mapping[str, Proposal]) -> _NotTaken:
    """Say as nearly as possible why a key leads nowhere."""
    mine = [one for one in proposed.values() if one.citizen_id == row["citizen_id"]]
    if not mine:
        return _NotTaken("unknown_citizen", value=row["citizen_id"], run=row["run_id"])
    if all(one.opening_id != row["opening_id"] for one in mine):
        return _NotTaken("unknown_opening", value=row["opening_id"], expected=mine[0].opening_id)
    return _NotTaken("wrong_key", value=row["proposal"])


class _Check:
    """Holds the rows of one form against the ledger."""

    def __init__(
        self,
        form: FormFile,
        ledger: Ledger,
        policy: Policy | None,
        now: dt.datetime,
        decided: dt.datetime | None,
    ) -> None:
        self.form = form
        self.ledger = ledger
        self._given = policy
        self._policies: dict[str, Policy] = {}
        self.now = now
        self._decided = decided
        self._first_days: dict[str, dt.date] = {}
        self.bad: list[BadRow] = []
        self.undecided = 0
        self.standing = 0
        self._verdicts = {
            fold(name): verdict
            for verdict in VERDICTS
            for name in (verdict, *(Words(lang)(f"verdict.{verdict}") for lang in LANGUAGES))
        }
        self._proposed: dict[str, dict[str, Proposal] | None] = {}
        today = local_day(now)
        newest = ledger.runs(most=1)
        self._newest = newest[0].run_id if newest else ""
        self._accepted = {
            decision.citizen_id: decision.opening_id
            for decision in ledger.decisions(standing=today)
            if decision.verdict == "accept"
        }
        self._under_way = {one.citizen_id: one.opening_id for one in ledger.placements(today)}

    def refuse(self, row: FormRow, code: str, **facts: str) -> None:
        """Put a row aside."""
        shown = {name: _shown(text) for name, text in facts.items()}
        self.bad.append(BadRow(row, code, shown))

    def good_rows(self) -> list[tuple[FormRow, Decision]]:
        """Decisions of the rows that hold, each with its row."""
        found: list[tuple[FormRow, Proposal, Decision]] = []
        for row in self.form.rows:
            if not (row["verdict"] or row["reason"] or row.has_cpr or row.ragged):
                self.undecided += 1
                continue
            try:
                proposal = self._proposal(row)
                found.append((row, proposal, self._decision(row, proposal)))
            except _NotTaken as error:
                self.refuse(row, error.code, **error.facts)
        found = self._without_contradictions(found)
        said = [(row, decision) for row, proposal, decision in found
                if self._possible(row, proposal, decision)]  # fmt: skip
        return self._with_seconds(said)

    # -------------------------------------------------------------------- one row

    def _proposal(self, row: FormRow) -> Proposal:
        """Find what the row is about."""
        if row.has_cpr:
            raise _NotTaken("cpr_number")
        if row.ragged:
            raise _NotTaken("ragged_row", cells=str(row.ragged))
        if not row["run_id"] or not row["proposal"]:
            raise _NotTaken("missing_key")
        run_id = row["run_id"]
        proposed = self._of_run(run_id)
        if proposed is None:
            raise _NotTaken("unknown_run", value=run_id)
        proposal = proposed.get(row["proposal"].lower())
        if proposal is None:
            raise _unknown(row, proposed)
        for name in ("citizen_id", "opening_id"):
            should = getattr(proposal, name)
            if row[name] != should and not _lost_zeros(row[name], should):
                raise _NotTaken("proposal_changed", value=row[name], expected=should)
        return proposal

    def _of_run(self, run_id: str) -> dict[str, Proposal] | None:
        if run_id not in self._proposed:
            known = False
            with suppress(LedgerError):
                run = self.ledger.run(run_id)
                known = run.run_id == run_id
                # A run may be made ahead of its day.
                self._first_days[run_id] = min(run.day, local_day(run.recorded_at or self.now))
            self._proposed[run_id] = (
                {
                    proposal_key(run_id, vars(proposal)): proposal
                    for proposal in self.ledger.proposals(run_id)
                }
                if known
                else None
            )
        return self._proposed[run_id]

    def _decision(self, row: FormRow, proposal: Proposal) -> Decision:
        """Read what the row says."""
        if not row["verdict"]:
            raise _NotTaken("missing_verdict", value=row["reason"])
        verdict = self._verdicts.get(fold(row["verdict"]))
        if verdict is None:
            raise _NotTaken("unknown_verdict", value=row["verdict"])
        policy = self._policy_of(proposal.run_id)
        reason = forbid_reasons(policy).get(fold(row["reason"])) if row["reason"] else None
        if row["reason"] and reason is None:
            raise _NotTaken("unknown_reason", value=row["reason"])
        if verdict == "reject" and reason is None:
            raise _NotTaken("missing_reason")
        if verdict == "accept" and reason is not None:
            raise _NotTaken("reason_without_rejection", value=row["reason"])
        opened = moment_of(row["opened"]) if row["opened"] else None
        decided = moment_of(row["decided"]) if row["decided"] else None
        for name, moment in (("opened", opened), ("decided", decided)):
            if row[name] and (moment is None or moment > self.now):
                raise _NotTaken("wrong_time", value=row[name])
        if opened is not None and decided is not None and opened > decided:
            raise _NotTaken("opened_after", value=row["opened"], decided=row["decided"])
        if decided is not None and local_day(decided) < (day := self._first_days[proposal.run_id]):
            raise _NotTaken("before_run", value=row["decided"], day=day.isoformat())
        when = decided or self.moment(proposal.run_id)[1]
        until = None
        if verdict == "reject" and reason is not None:
            weeks = policy.forbid_reasons.codes[reason].weeks
            until = local_day(when) + dt.timedelta(weeks=weeks)
        looked = int((decided - opened).total_seconds()) if opened and decided else None
        return Decision(
            run_id=proposal.run_id,
            citizen_id=proposal.citizen_id,
            opening_id=proposal.opening_id,
            verdict=verdict,
            decided_at=when,
            reason=reason,
            unit=proposal.unit,
            opened_at=opened or self.form.created,
            seconds_looked=looked,
            until=until,
        )

    def _policy_of(self, run_id: str) -> Policy:
        """Return the policy whose reasons a run's form offered."""
        if self._given is not None:
            return self._given
        if run_id not in self._policies:
            self._policies[run_id] = self.ledger.policy(run_id)
        return self._policies[run_id]

    def moment(self, run_id: str) -> tuple[DatedBy, dt.datetime]:
        """Return what decisions about a run are dated that say no moment, and where it is from."""
        by, at = self._saved
        if local_day(at) < self._first_days[run_id]:
            return "now", self.now  # e.g. unpacked from an archive that keeps no times
        return by, at

    @cached_property
    def _saved(self) -> tuple[DatedBy, dt.datetime]:
        """When the form was saved."""
        if self._decided is not None:
            return "given", self._decided
        if self.form.saved and self.form.created and self.form.saved > self.form.created:
            return "workbook", min(self.form.saved, self.now)
        written = dt.datetime.fromtimestamp(self.form.path.stat().st_mtime, dt.UTC)
        return "file", min(written, self.now)

    # -------------------------------------------------------------------- rows together

    def _without_contradictions(
        self, found: Sequence[tuple[FormRow, Proposal, Decision]]
    ) -> list[tuple[FormRow, Proposal, Decision]]:
        """Count equal rows once; refuse rows that say different things of one proposal."""
        groups: dict[tuple[str, str], list[tuple[FormRow, Proposal, Decision]]] = defaultdict(list)
        for one in found:
            groups[one[1].run_id, one[1].citizen_id].append(one)
        kept: list[tuple[FormRow, Proposal, Decision]] = []
        for members in groups.values():
            if len({(one[2].verdict, one[2].reason) for one in members}) > 1:
                numbers = ", ".join(str(one[0].number) for one in members)
                for row, _, _ in members:
                    self.refuse(row, "contradicting_rows", rows=numbers)
                continue
            self.standing += len(members) - 1
            kept.append(members[0])
        return kept

    def _possible(self, row: FormRow, proposal: Proposal, decision: Decision) -> bool:
        """Whether the decision can still be taken; one that stands already is only counted."""
        who, where = proposal.citizen_id, proposal.opening_id
        if decision.verdict == "accept" and self._accepted.get(who) == where:
            self.standing += proposal.locked
            return not proposal.locked
        if self._under_way.get(who) == where:
            self.refuse(row, "already_started", value=who)
            return False
        if decision.verdict == "reject":
            return True
        if proposal.run_id != self._newest and not self._repeated(proposal):
            self.refuse(row, "superseded", run=proposal.run_id, newest=self._newest)
            return False
        if decision.verdict == "accept":
            other = self._under_way.get(who) or self._accepted.get(who, where)
            if other != where:
                self.refuse(row, "accepted_elsewhere", value=who, expected=other)
                return False
            self._accepted[who] = where
        return True

    def _repeated(self, proposal: Proposal) -> bool:
        """Whether the newest run proposes the same."""
        newest = self._of_run(self._newest) or {}
        wanted = (proposal.citizen_id, proposal.opening_id, proposal.measure)
        return any(
            (one.citizen_id, one.opening_id, one.measure) == wanted for one in newest.values()
        )

    def _with_seconds(self, good: list[tuple[FormRow, Decision]]) -> list[tuple[FormRow, Decision]]:
        """Without moments of their own, decisions took at most their share of the form's time.

        The time from writing the workbook to saving it, over the rows decided: an upper bound on
        what each got on average, so that only what cannot have been looked at counts as unseen.
        """
        created, saved = self.form.created, self.form.saved
        if not created or not saved or saved <= created or not good:
            return good
        share = int((saved - created).total_seconds() // len(good))
        return [
            (row, decision if row["decided"] else replace(decision, seconds_looked=share))
            for row, decision in good
        ]


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
