"""What goes into the ledger and comes out of it, as plain frozen values.

All moments are aware (UTC when they come out), all days are local days of the municipality.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from matcher.plan import Placement, Tier

Verdict = Literal["accept", "reject", "wait"]
VERDICTS: tuple[Verdict, ...] = ("accept", "reject", "wait")
JobState = Literal["running", "done", "failed", "cancelled"]
EventKind = Literal["start", "end", "declined", "filled"]
EVENT_KINDS: tuple[EventKind, ...] = ("start", "end", "declined", "filled")
Outcome = Literal["pending", "upheld", "changed", "withdrawn"]
CameTo = Literal["waits", "counts", "behind", "filled", "lapsed"]
OUTCOMES: tuple[Outcome, ...] = ("pending", "upheld", "changed", "withdrawn")


@dataclass(frozen=True)
class Run:
    """A stored run: an input, options, and what came of them."""

    run_id: str
    """Day and input, e.g. ``2026-11-23-1a2b3c4d``; a number behind where the outcome differs."""
    number: int
    """1 for the first run of the ledger, and so on."""
    day: dt.date
    """Date of the run."""
    recorded_at: dt.datetime
    input_digest: str
    """Digest of the problem that was solved, whatever the ledger added to the tables included."""
    outcome_digest: str
    """Digest of proposals and values."""
    policy_digest: str
    policy: Mapping[str, Any]
    """Name, version, digest and the user's changes."""
    options: Mapping[str, Any]
    """Options of the engine."""
    versions: Mapping[str, str]
    engine: Mapping[str, Any]
    """Method, steps, counts, program digest."""
    address: str
    """Where the tables were, without password."""
    made_up: bool
    termination: str
    proven: bool
    tiers: tuple[Tier, ...]
    times: Mapping[str, Any]
    """Seconds by phase."""
    citizens: int
    """Citizens of the input; stays when somebody is forgotten, like every total."""
    placed: int
    unplaced: int
    causes: Mapping[str, int]
    """Unplaced citizens by cause."""
    issues: Mapping[str, Any]
    """Counts of the issues found in the tables; never a cell."""
    repeats: int
    """Times the same run was made again."""
    forgotten: int
    """Persons forgotten since: their rows bear a token that leads nowhere."""

    def value(self, tier: str) -> int | None:
        """Value of a goal, e.g. ``placements``, ``fit``."""
        return next((one.value for one in self.tiers if one.name == tier), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {**asdict(self), "tiers": [tier.to_dict() for tier in self.tiers]}


@dataclass(frozen=True, kw_only=True)
class Proposal(Placement):
    """A stored proposal: a placement of the plan, with reasons and caseworker."""

    commute: int | None  # type: ignore[assignment]
    """Minutes one way; None once the citizen is forgotten."""
    run_id: str
    workplace_id: str
    reasons: Sequence[Mapping[str, Any]]
    """Component, points, adds, lacks and facts of each; sentences are made from these."""
    trade_off: Mapping[str, Any] | None
    caseworker_id: str | None
    unit: str
    """The caseworker's unit; empty where unknown."""


@dataclass(frozen=True, kw_only=True)
class AskedBeside(Proposal):
    """Somebody a run asked for a seat beside the one who has the proposal, without reasons."""

    proposed: str
    """Citizen who has the proposal, and comes first."""
    rank: int
    """1: comes first of those asked beside."""
    exposure: int
    """Of the whole seat: expected number of people who say yes in vain, millionths."""
    came_to: CameTo | None = None
    """What their yes has come to. ``waits``: somebody before has not answered; ``counts``: all
    before said no, the seat is theirs; ``behind``: somebody before said yes; ``filled``: the seat
    is gone; ``lapsed``: it still waited when the next run was made. None: no yes stands."""


@dataclass(frozen=True)
class StoredUnplaced:
    """A citizen without a proposal."""

    run_id: str
    citizen_id: str
    cause: str


@dataclass(frozen=True)
class Decision:
    """What a caseworker decided about a proposal."""

    run_id: str
    citizen_id: str
    opening_id: str
    verdict: Verdict
    decided_at: dt.datetime
    reason: str | None = None
    """Neutral code of the policy; never free text."""
    unit: str = ""
    """The caseworker's unit (team); never the caseworker."""
    opened_at: dt.datetime | None = None
    """When the caseworker was shown the proposal, where known."""
    seconds_looked: int | None = None
    """Seconds between being shown it and deciding, where known."""
    until: dt.date | None = None
    """Last day it has force. None: until something ends it."""
    latest: bool = True
    """Whether it is the newest about this proposal. Set by the ledger."""
    standing: bool = True
    """Whether it is the newest about this citizen and opening in any run, and no start, end,
    declined offer or filled seat has settled it. Set by the ledger."""
    cost_placements: int | None = None
    """Of a rejection: what it took from the run's first goal. Set by
    :meth:`Ledger.note_costs`; None: not known."""
    cost_fit: int | None = None
    """Of a rejection: what it took from the run's second goal; less than 0 where another
    placement was lost with it, which is the first goal's loss."""
    recorded_at: dt.datetime | None = field(default=None, compare=False)
    """When the ledger was told. Set by the ledger."""


@dataclass(frozen=True)
class Event:
    """Something that happened to a placement or a seat."""

    kind: EventKind
    """``start`` a placement begins; ``end`` it ends; ``declined`` the citizen or employer said no
    to an offer; ``filled`` seats of an opening were filled by others."""
    day: dt.date
    """The day it happened: first day of a start, last day of an end."""
    opening_id: str
    citizen_id: str | None = None
    """Nobody for ``filled``."""
    measure: str | None = None
    """Of a start. None: that of the latest proposal for this citizen and opening."""
    planned_end: dt.date | None = None
    """Of a start: last day as planned."""
    team_id: str | None = None
    """Of a start: class seat; with ``measure`` None taken from the proposal, like the next two."""
    pool_id: str | None = None
    mentor_minutes: int = 0
    run_id: str | None = None
    """Of a start: the run whose proposal it carries out. None: the latest with it, if any."""
    reason: str | None = None
    """Neutral code of the policy."""
    seats: int = 1
    """Of ``filled``: how many."""
    recorded_at: dt.datetime | None = field(default=None, compare=False)
    """When the ledger was told. Set by the ledger."""


@dataclass(frozen=True)
class UnderWay:
    """A placement that has begun."""

    citizen_id: str
    opening_id: str
    measure: str
    start: dt.date
    last_day: dt.date | None
    """Last day, planned or (``ended``) real; None: open."""
    ended: bool
    team_id: str | None
    pool_id: str | None
    mentor_minutes: int
    run_id: str | None
    """Run that proposed it."""


@dataclass(frozen=True)
class Question:
    """Somebody asked why: about which run, what was answered, and what came of it."""

    number: int
    """1 for the first question of the ledger, and so on."""
    run_id: str
    citizen_id: str
    """Whom it is about; a token once the citizen is forgotten or the sheet is kept no longer."""
    asked_on: dt.date
    frozen_at: dt.datetime
    """When the sheet was made; what was decided later is not in it."""
    sheet: str | None
    """The answer, to the byte as it was given; None: kept no longer."""
    outcome: Outcome = "pending"
    """What came of it: what was proposed or decided stands, was changed, or the question was taken
    back; ``pending``: nothing yet."""
    settled_on: dt.date | None = None
    """Day of the outcome."""


@dataclass(frozen=True)
class RefusedRow:
    """A row the ledger did not take."""

    at: int
    """Position in what was handed over, from 0."""
    code: Literal["unknown_run", "unknown_proposal", "no_such_placement", "already_started"]
    run_id: str | None
    citizen_id: str | None
    opening_id: str


@dataclass(frozen=True)
class Recorded:
    """What became of rows handed over."""

    new: int
    """Rows that were stored."""
    known: int
    """Rows that were there already, or changed nothing."""
    refused: tuple[RefusedRow, ...] = ()
    """Rows not taken; the others were."""


@dataclass(frozen=True)
class Stored:
    """What became of a run handed over."""

    run: Run
    known: bool
    """Whether the same input, options and outcome were there already."""
    differs_from: str | None
    """An earlier run of the same input and options with another outcome (a time limit, another
    version); None: there is none."""
    folder: Path | None
    """Where the run folder is: of a run known already, the folder it has had all along."""


@dataclass(frozen=True)
class LogEntry:
    """What was done to the ledger itself."""

    at: dt.datetime
    action: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class SavedScenario:
    """A what-if scenario that somebody keeps by a name."""

    name: str
    """Unique: small letters, digits and underscores, at most 64."""
    title: str
    """What people call it."""
    query: str
    """What it changes, as the address of a page says it."""
    content: str
    """The same as a what-if file."""
    run_id: str
    """Run it was made on, which may be gone."""
    made_by: str
    """Who made it."""
    made_at: dt.datetime


@dataclass(frozen=True)
class Job:
    """Work in a process of its own, under way or over."""

    job_id: str
    kind: str
    """What is done, e.g. ``run``; at most 16 characters."""
    state: JobState
    asked: Mapping[str, Any]
    """What it was started with; never the id of anybody, and no password."""
    asked_by: str
    """Who started it."""
    started_at: dt.datetime
    beat_at: dt.datetime
    """When it was last heard of."""
    ended_at: dt.datetime | None
    machine: str
    """Name of the machine it runs on."""
    process: str
    """Number and beginning of its process there; empty until it has begun."""
    to_end: bool
    """Whether somebody asked it to end."""
    progress: Mapping[str, Any]
    """How far it is, in the words of its kind."""
