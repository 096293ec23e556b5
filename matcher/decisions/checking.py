"""One row of a form against the run it belongs to: what it is about, what it says, why not.

A cell that came back may hold anything. Nothing of it is told but what is known already: an id or
a run of the ledger, a word that is a decision, a reason of the policy.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Literal

from matcher.clock import local_day
from matcher.decisions.form import proposal_key
from matcher.decisions.reading import NEEDED, FormFile, FormRow, moment_of
from matcher.decisions.said import reason_meant, verdict_meant, verdicts
from matcher.errors import LedgerError
from matcher.ledger import Decision, Ledger, Proposal
from matcher.policy import Policy
from matcher.tables.inspection import is_error_word
from matcher.tables.names import fold, forbid_reasons
from matcher.tables.raw import NOT_SPLIT

DatedBy = Literal["workbook", "file", "given", "now"]
_IDS = ("citizen_id", "opening_id")
_RUN_ID = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{8}")
"""Shape of a run's name: a date and a digest, which no free text has."""
_MERGED = re.compile(r"merged with ([A-Z]+\d+)")


class NotTaken(Exception):
    """A row that cannot be taken, and why."""

    def __init__(self, code: str, field: str = "", /, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        """Field of the cell at fault, where it is one that the proposal says itself."""
        self.facts = facts


class Checker:
    """Holds rows against the ledger.

    Parameters
    ----------
    ledger
        Holds the runs.
    policy
        Neutral reasons, and how long each bars. None: of each run, its own.
    now
        The moment, aware.
    decided
        When it was decided, for rows that do not say it. None: when the form was saved.
    """

    def __init__(
        self, ledger: Ledger, policy: Policy | None, now: dt.datetime, decided: dt.datetime | None
    ) -> None:
        self.ledger = ledger
        self.now = now
        self._given = policy
        self._decided = decided
        self._policies: dict[str, Policy] = {}
        self._first_days: dict[str, dt.date] = {}
        self._proposed: dict[str, dict[str, Proposal] | None] = {}
        self._ids: dict[str, frozenset[str]] = {}
        self._left: dict[str, frozenset[str]] = {}

    # ------------------------------------------------------------------ what may be told

    def shown(self, row: FormRow) -> dict[str, str]:
        """Cells of a row that may be told or written: those whose content is known already."""
        told: dict[str, str] = {}
        if row.has_cpr:
            return told
        run_id = row["run_id"]
        proposed = self.of_run(run_id) or {}
        if proposed or _RUN_ID.fullmatch(run_id):
            told["run_id"] = run_id
        if row["proposal"].lower() in proposed:
            told["proposal"] = row["proposal"]
        for name in _IDS:
            if row[name] in self._known_ids(run_id):
                told[name] = row[name]
        if fold(row["verdict"]) in verdicts():
            told["verdict"] = row["verdict"]
        if row["reason"] and fold(row["reason"]) in self._reasons(run_id):
            told["reason"] = row["reason"]
        for name in ("opened", "decided"):
            if row[name] and moment_of(row[name]) is not None:
                told[name] = row[name]
        return told

    def cell(self, row: FormRow, field: str) -> str:
        """Name a cell, with its content only where that is known already."""
        content = self.shown(row).get(field, "")
        return row.places[field] + (f" = '{content}'" if content else "")

    def _known_ids(self, run_id: str) -> frozenset[str]:
        if run_id not in self._ids:
            proposed = (self.of_run(run_id) or {}).values()
            ids = [getattr(one, name) for one in proposed for name in _IDS]
            self._ids[run_id] = frozenset(ids) | {
                one_id.lstrip("0") for one_id in ids if one_id.isdecimal()
            }
        return self._ids[run_id]

    def _reasons(self, run_id: str) -> Mapping[str, str]:
        if self._given is None and not self.of_run(run_id):
            return {}
        return forbid_reasons(self.policy_of(run_id))

    # ------------------------------------------------------------------ one row

    def proposal(self, row: FormRow) -> Proposal:
        """Find what the row is about.

        Raises
        ------
        NotTaken
            It is about no proposal, or its cells were mixed up.
        """
        if row.has_cpr:
            raise NotTaken("cpr_number")
        if row.ragged == NOT_SPLIT:
            raise NotTaken("not_split")
        if row.ragged:
            raise NotTaken("ragged_row", cells=str(row.ragged))
        for field, held in row.unread.items():
            raise _without_value(row.places[field], held)
        if row.clash:
            raise NotTaken("two_answers", cell=row.places[row.clash])
        if not any(row[name] for name in NEEDED if name not in ("verdict", "reason")):
            raise NotTaken("no_proposal", cell=row.places["verdict"])
        if not row["run_id"] or not row["proposal"]:
            raise NotTaken("missing_key")
        proposed = self.of_run(row["run_id"])
        if proposed is None:
            raise NotTaken("unknown_run", cell=self.cell(row, "run_id"))
        proposal = proposed.get(row["proposal"].lower())
        if proposal is None:
            raise self._unknown(row, proposed.values())
        for name in _IDS:
            should = getattr(proposal, name)
            if row[name] != should and not _lost_zeros(row[name], should):
                raise NotTaken("proposal_changed", name, cell=self.cell(row, name), expected=should)
        return proposal

    def _unknown(self, row: FormRow, proposed: Iterable[Proposal]) -> NotTaken:
        """Say as nearly as possible why a key leads nowhere."""
        mine = [one for one in proposed if one.citizen_id == row["citizen_id"]]
        if not mine and row["citizen_id"] in self._without(row["run_id"]):
            return NotTaken("not_asked", cell=row.places["citizen_id"], run=row["run_id"])
        if not mine:
            return NotTaken("unknown_citizen", cell=self.cell(row, "citizen_id"), run=row["run_id"])
        if all(one.opening_id != row["opening_id"] for one in mine):
            return NotTaken("unknown_opening", cell=self.cell(row, "opening_id"),
                            expected=mine[0].opening_id)  # fmt: skip
        return NotTaken("wrong_key", cell=self.cell(row, "proposal"))

    def _without(self, run_id: str) -> frozenset[str]:
        """Citizens that a run had no proposal for."""
        if run_id not in self._left:
            self._left[run_id] = frozenset(one.citizen_id for one in self.ledger.unplaced(run_id))
        return self._left[run_id]

    def of_run(self, run_id: str) -> dict[str, Proposal] | None:
        """Proposals of a run by key, and who it asked beside; None: there is no such run."""
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
                    for proposal in (*self.ledger.proposals(run_id), *self.ledger.asked(run_id))
                }
                if known
                else None
            )
        return self._proposed[run_id]

    def decision(self, form: FormFile, row: FormRow, proposal: Proposal) -> Decision:
        """Read what the row says.

        Raises
        ------
        NotTaken
            It says nothing that can be taken.
        """
        if not row["verdict"]:
            raise NotTaken("missing_verdict", cell=row.places["verdict"])
        verdict = verdicts().get(fold(row["verdict"]))
        if verdict is None:
            raise NotTaken("unknown_verdict", cell=row.places["verdict"],
                           **_meant(verdict=verdict_meant(row["verdict"])))  # fmt: skip
        policy = self.policy_of(proposal.run_id)
        known = forbid_reasons(policy)
        reason = known.get(fold(row["reason"])) if row["reason"] else None
        if row["reason"] and reason is None:
            raise NotTaken("unknown_reason", cell=row.places["reason"],
                           **_named(policy, reason_meant(row["reason"], known)))  # fmt: skip
        if verdict == "reject" and reason is None:
            raise NotTaken("missing_reason")
        if verdict == "accept" and reason is not None:
            raise NotTaken("reason_without_rejection", cell=self.cell(row, "reason"))
        opened, decided = self._moments(row, proposal)
        when = decided or self.moment(form, proposal.run_id)[1]
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
            opened_at=opened or form.created,
            seconds_looked=looked,
            until=until,
        )

    def _moments(
        self, row: FormRow, proposal: Proposal
    ) -> tuple[dt.datetime | None, dt.datetime | None]:
        """When the row was opened and decided, where it says so."""
        opened = moment_of(row["opened"]) if row["opened"] else None
        decided = moment_of(row["decided"]) if row["decided"] else None
        for name, moment in (("opened", opened), ("decided", decided)):
            if row[name] and (moment is None or moment > self.now):
                raise NotTaken("wrong_time", cell=self.cell(row, name))
        if opened is not None and decided is not None and opened > decided:
            raise NotTaken("opened_after", value=row["opened"], decided=row["decided"])
        if decided is not None and local_day(decided) < (day := self._first_days[proposal.run_id]):
            raise NotTaken("before_run", value=row["decided"], day=day.isoformat())
        return opened, decided

    def policy_of(self, run_id: str) -> Policy:
        """Return the policy whose reasons a run's form offered."""
        if self._given is not None:
            return self._given
        if run_id not in self._policies:
            self._policies[run_id] = self.ledger.policy(run_id)
        return self._policies[run_id]

    def moment(self, form: FormFile, run_id: str) -> tuple[DatedBy, dt.datetime]:
        """Return what decisions about a run are dated that say no moment, and where it is from."""
        by, at = self._saved(form)
        if local_day(at) < self._first_days[run_id]:
            return "now", self.now  # e.g. unpacked from an archive that keeps no times
        return by, at

    def _saved(self, form: FormFile) -> tuple[DatedBy, dt.datetime]:
        """When the form was saved."""
        if self._decided is not None:
            return "given", self._decided
        if form.saved and form.created and form.saved > form.created:
            return "workbook", min(form.saved, self.now)
        written = dt.datetime.fromtimestamp(form.path.stat().st_mtime, dt.UTC)
        # Files of one copy differ by parts of a second; nobody decided later for that.
        return "file", min(written.replace(microsecond=0), self.now)


def _without_value(cell: str, held: str) -> NotTaken:
    """Say of a cell that it has no value, and what it has instead."""
    if is_error_word(held):
        return NotTaken("error_cell", cell=cell, held=held)
    merged = _MERGED.fullmatch(held)
    if merged:
        return NotTaken("merged_cell", cell=cell, first=merged[1])
    return NotTaken("no_value", cell=cell)


def _meant(**found: str | None) -> dict[str, str]:
    return {f"meant_{name}": value for name, value in found.items() if value}


def _named(policy: Policy, reason: str | None) -> dict[str, str]:
    if reason is None:
        return {}
    return {f"meant_{language}": name for language, name in policy.reason_name(reason).items()}


def _lost_zeros(found: str, should: str) -> bool:
    """Whether an id of digits lost the zeros before it, as Excel takes them off in a CSV.

    The key alone names the proposal; the ids are there to notice cells that were mixed up.
    """
    return should.isdecimal() and found.isdecimal() and found == should.lstrip("0")
