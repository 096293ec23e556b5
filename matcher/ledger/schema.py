"""The ledger's tables, the same on SQLite and PostgreSQL.

No column holds what somebody typed, a name or a CPR number: ids are pseudonymous, reasons are
codes, cells of the input that were wrong are counted, not kept; the sheet that answers a question
is the program's own words about one citizen. All times are UTC.

The stored input lies in ``tables``, one compressed row per different content, so that what does
not change from week to week is kept once; ``input_tables`` says which make up an input.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

HEAD = "0008"
"""Newest migration this version knows."""
VERSION_TABLE = "ledger_version"
"""Where alembic keeps the revision; not its usual name, so that a base may hold others' tables."""


class Utc(sa.TypeDecorator[dt.datetime]):
    """A moment: aware in Python, stored as UTC without a zone, since SQLite drops zones."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """Take an aware moment to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value}: a time without a zone; expected e.g. one of dt.UTC")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """Give it back aware."""
        return None if value is None else value.replace(tzinfo=dt.UTC)


METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)
_ID = sa.String(64)
_DIGEST = sa.String(32)


def _offered() -> tuple[sa.Column[Any], ...]:
    """Columns of what somebody is proposed or asked about: job, supports, first day, fit, cost."""
    return (
        sa.Column("opening_id", _ID, nullable=False),
        sa.Column("workplace_id", _ID, nullable=False),
        sa.Column("measure", _ID, nullable=False),
        sa.Column("team_id", _ID),
        sa.Column("pool_id", _ID),
        sa.Column("mentor_minutes", sa.Integer, nullable=False),
        sa.Column("course_ids", sa.JSON, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("start", sa.Date, nullable=False),
        sa.Column("commute", sa.Integer),
        sa.Column("fit", sa.Integer, nullable=False),
        sa.Column("components", sa.JSON, nullable=False),
        sa.Column("cost", sa.JSON, nullable=False),
    )


def _run(*, primary: bool = False, null: bool = False) -> sa.Column[Any]:
    """Name of a run; what belongs to it goes with it."""
    return sa.Column(
        "run_id",
        _ID,
        sa.ForeignKey("runs.run_id", ondelete="SET NULL" if null else "CASCADE"),
        primary_key=primary,
        nullable=null,
    )


POLICIES = sa.Table(
    "policies",
    METADATA,
    sa.Column("digest", _DIGEST, primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
)
"""Each different policy in full, as of its day: what a run was made by."""

RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("run_id", _ID, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, unique=True),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("recorded_at", Utc, nullable=False),
    sa.Column("input_digest", _DIGEST, nullable=False, index=True),
    sa.Column("outcome_digest", _DIGEST, nullable=False),
    sa.Column("policy_digest", _DIGEST, sa.ForeignKey("policies.digest"), nullable=False),
    sa.Column("policy", sa.JSON, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("versions", sa.JSON, nullable=False),
    sa.Column("engine", sa.JSON, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("made_up", sa.Boolean, nullable=False),
    sa.Column("termination", sa.String(16), nullable=False),
    sa.Column("proven", sa.Boolean, nullable=False),
    sa.Column("tiers", sa.JSON, nullable=False),
    sa.Column("times", sa.JSON, nullable=False),
    sa.Column("citizens", sa.Integer, nullable=False),
    sa.Column("placed", sa.Integer, nullable=False),
    sa.Column("unplaced", sa.Integer, nullable=False),
    sa.Column("causes", sa.JSON, nullable=False),
    sa.Column("issues", sa.JSON, nullable=False),
    sa.Column("repeats", sa.Integer, nullable=False),
    sa.Column("forgotten", sa.Integer, nullable=False),
)
"""A run: an input, options, and what came of them."""

FOLDERS = sa.Table(
    "folders",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _run(),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("hidden", sa.Text),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Index("ix_folders_run_id", "run_id"),
)
"""Run folders, and folders of forms (their ``language`` is ``forms``); ``hidden`` is where a run
folder lies until it has got its name."""

PROPOSALS = sa.Table(
    "proposals",
    METADATA,
    _run(primary=True),
    sa.Column("citizen_id", _ID, primary_key=True),
    *_offered(),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("trade_off", sa.JSON),
    sa.Column("locked", sa.Boolean, nullable=False),
    sa.Column("caseworker_id", _ID),
    sa.Column("unit", sa.String(100), nullable=False),
    sa.Index("ix_proposals_citizen_id", "citizen_id"),
)
"""What a run proposed, with fit and reasons."""

ASKED_BESIDE = sa.Table(
    "asked_beside",
    METADATA,
    _run(primary=True),
    sa.Column("citizen_id", _ID, primary_key=True),
    sa.Column("proposed", _ID, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("exposure", sa.Integer, nullable=False),
    *_offered(),
    sa.Column("caseworker_id", _ID),
    sa.Column("unit", sa.String(100), nullable=False),
    sa.Column("came_to", sa.String(8)),
    sa.Index("ix_asked_beside_citizen_id", "citizen_id"),
    sa.Index("ix_asked_beside_proposed", "proposed"),
)
"""Who a run asked beside the one with the proposal: for which seat, in which order, with what they
would begin, and what a yes came to; see :class:`matcher.ledger.AskedBeside`."""

UNPLACED = sa.Table(
    "unplaced",
    METADATA,
    _run(primary=True),
    sa.Column("citizen_id", _ID, primary_key=True),
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Index("ix_unplaced_citizen_id", "citizen_id"),
)
"""Everybody a run had no proposal for, and the chain's last link."""

RESOURCES = sa.Table(
    "resources",
    METADATA,
    _run(primary=True),
    sa.Column("rule", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("unit", sa.String(16), nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False),
    sa.Column("capacity", sa.BigInteger, nullable=False),
    sa.Column("binding", sa.Boolean, nullable=False),
    sa.Column("price", sa.Float),
    sa.Column("price_placements", sa.Float),
    sa.Column("price_tie_break", sa.Float),
    sa.Column("floor", sa.Boolean, nullable=False, server_default=sa.false()),
)
"""Seats, places, minutes and money of a run; rows that name a household are left out."""

SEATS_GIVEN = sa.Table(
    "seats_given",
    METADATA,
    _run(primary=True),
    sa.Column("opening_id", _ID, primary_key=True),
    sa.Column("seats", sa.Integer, nullable=False),
)
"""Seats in the tables of a run, where its input has fewer because others filled some."""

TABLES = sa.Table(
    "tables",
    METADATA,
    sa.Column("digest", _DIGEST, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
"""Compressed canonical tables, by content."""

INPUTS = sa.Table(
    "inputs",
    METADATA,
    sa.Column("digest", _DIGEST, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("stored_at", Utc, nullable=False),
    sa.Column("dropped_at", Utc),
    sa.Column("forgotten", sa.Integer, nullable=False),
)
"""Inputs by digest of the problem; ``dropped_at`` says since when the tables are gone."""

INPUT_TABLES = sa.Table(
    "input_tables",
    METADATA,
    sa.Column(
        "input_digest",
        _DIGEST,
        sa.ForeignKey("inputs.digest", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("table_digest", _DIGEST, sa.ForeignKey("tables.digest"), nullable=False, index=True),
)
"""Which compressed table is which of an input."""

ARRIVALS = sa.Table(
    "arrivals",
    METADATA,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("cell", sa.String(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
"""How many citizens and openings came in a week, by coarse cell: no id, nothing about few people.
It outlives the tables it was counted from; see :mod:`matcher.ledger.arrivals`."""

DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _run(),
    sa.Column("citizen_id", _ID, nullable=False),
    sa.Column("opening_id", _ID, nullable=False),
    sa.Column("verdict", sa.String(8), nullable=False),
    sa.Column("reason", _ID),
    sa.Column("unit", sa.String(100), nullable=False),
    sa.Column("decided_at", Utc, nullable=False),
    sa.Column("opened_at", Utc),
    sa.Column("seconds_looked", sa.Integer),
    sa.Column("until", sa.Date),
    sa.Column("recorded_at", Utc, nullable=False),
    sa.Column("latest", sa.Boolean, nullable=False),
    sa.Column("standing", sa.Boolean, nullable=False),
    sa.Column("cost_placements", sa.Integer),
    sa.Column("cost_fit", sa.BigInteger),
    sa.Index("ix_decisions_run_id", "run_id"),
    sa.Index("ix_decisions_citizen_id", "citizen_id", "opening_id"),
    sa.Index("ix_decisions_decided_at", "decided_at"),
    sa.Index(
        "ix_decisions_standing",
        "until",
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    ),
)
"""Every decision ever taken, in order; see :meth:`matcher.ledger.Ledger.record_decisions`."""

EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", _DIGEST, nullable=False, unique=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("citizen_id", _ID, index=True),
    sa.Column("opening_id", _ID, nullable=False),
    sa.Column("reason", _ID),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("recorded_at", Utc, nullable=False),
)
"""What happened: starts, ends, declined offers, filled seats."""

PLACEMENTS = sa.Table(
    "placements",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("citizen_id", _ID, nullable=False),
    sa.Column("opening_id", _ID, nullable=False),
    sa.Column("measure", _ID, nullable=False),
    sa.Column("start", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, index=True),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("team_id", _ID),
    sa.Column("pool_id", _ID),
    sa.Column("mentor_minutes", sa.Integer, nullable=False),
    _run(null=True),
    sa.Index("uq_placements_citizen_id", "citizen_id", "opening_id", "start", unique=True),
)
"""Placements that began, as the events have left them; ``last_day`` is planned until ``ended``."""

QUESTIONS = sa.Table(
    "questions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _run(),
    sa.Column("citizen_id", _ID, nullable=False, index=True),
    sa.Column("asked_on", sa.Date, nullable=False, index=True),
    sa.Column("frozen_at", Utc, nullable=False),
    sa.Column("sheet", sa.Text),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("settled_on", sa.Date),
    sa.Index("ix_questions_run_id", "run_id"),
)
"""Why somebody was proposed something, or nothing: who asked is the citizen or who speaks for him;
``sheet`` is the answer as it was given, and goes before the row does."""

LOG = sa.Table(
    "log",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
)
"""What was done to the ledger itself: forgotten, purged, repaired; never the id of anybody."""

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("job_id", _ID, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("slot", _ID, unique=True),
    sa.Column("asked", sa.JSON, nullable=False),
    sa.Column("asked_by", sa.String(200), nullable=False),
    sa.Column("started_at", Utc, nullable=False, index=True),
    sa.Column("beat_at", Utc, nullable=False),
    sa.Column("ended_at", Utc),
    sa.Column("machine", sa.String(200), nullable=False),
    sa.Column("process", sa.String(64), nullable=False),
    sa.Column("to_end", sa.Boolean, nullable=False),
    sa.Column("progress", sa.JSON, nullable=False),
)
"""Work in processes of their own: what was asked, where it runs, how far it is; nobody's id."""

SCENARIOS = sa.Table(
    "scenarios",
    METADATA,
    sa.Column("name", _ID, primary_key=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("run_id", _ID, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
)
"""Scenarios that people keep by a name, as address and as file; they outlive the run they were made
on, and hold nothing about a citizen."""
