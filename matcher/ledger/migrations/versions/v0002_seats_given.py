"""What the tables of a run gave where filled seats were taken off its input."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; of earlier runs it knows nothing."""
    op.create_table(
        "seats_given",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("opening_id", sa.String(length=64), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.run_id"], name=op.f("fk_seats_given_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "opening_id", name=op.f("pk_seats_given")),
    )
