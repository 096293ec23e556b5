"""Who was asked beside others for one seat, and what came of a yes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; who was asked before stands in the run folders alone."""
    op.create_table(
        "asked_beside",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("citizen_id", sa.String(length=64), nullable=False),
        sa.Column("proposed", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("exposure", sa.Integer(), nullable=False),
        sa.Column("opening_id", sa.String(length=64), nullable=False),
        sa.Column("workplace_id", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("team_id", sa.String(length=64), nullable=True),
        sa.Column("pool_id", sa.String(length=64), nullable=True),
        sa.Column("mentor_minutes", sa.Integer(), nullable=False),
        sa.Column("course_ids", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("commute", sa.Integer(), nullable=True),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("cost", sa.JSON(), nullable=False),
        sa.Column("caseworker_id", sa.String(length=64), nullable=True),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("came_to", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.run_id"], name=op.f("fk_asked_beside_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "citizen_id", name=op.f("pk_asked_beside")),
    )
    op.create_index("ix_asked_beside_citizen_id", "asked_beside", ["citizen_id"])
    op.create_index("ix_asked_beside_proposed", "asked_beside", ["proposed"])
